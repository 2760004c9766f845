//! `server completions`: prints a script for a shell.

use std::io::{self, Write};

use clap::CommandFactory;

use crate::cli::{Cli, CompletionsArgs};

/// Prints the script.
pub(super) fn run(args: &CompletionsArgs) {
    // The generator takes an output that never fails, so it writes to memory first.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "server", &mut script);
    // A closed output has no reader left.
    let _ = io::stdout().write_all(&script);
}
