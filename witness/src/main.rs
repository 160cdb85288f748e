//! The witness's command.

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = selge_witness::cli::Cli::parse();
    selge_node::run::main(cli.run())
}
