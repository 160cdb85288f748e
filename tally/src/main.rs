//! `tally`: the election commission's and the trustees' commands.

use clap::Parser;

fn main() -> std::process::ExitCode {
    selge_node::run::main(selge_tally::cli::run(selge_tally::cli::Cli::parse()))
}
