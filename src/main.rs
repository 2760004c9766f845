//! The program `server`: runs the command that was typed.

use std::{
    env,
    io::{self, Write},
    process::ExitCode,
};

use clap::Parser;
use pagepool::{
    cli::Cli,
    commands::{self, CommandError},
    terminal::visible_lines,
};

fn main() -> ExitCode {
    match commands::run(&Cli::parse(), env::vars_os()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            if !matches!(error, CommandError::Printed) {
                // It may quote names of files and of hosts.
                let text = error.to_string();
                let _ = writeln!(io::stderr(), "error: {}", visible_lines(&text));
            }
            ExitCode::from(error.exit_code())
        }
    }
}
