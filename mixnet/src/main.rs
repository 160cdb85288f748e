//! `mixnet`: a mix server's commands.

use clap::Parser;

fn main() -> std::process::ExitCode {
    selge_node::run::main(selge_mixnet::cli::run(selge_mixnet::cli::Cli::parse()))
}
