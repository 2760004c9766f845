//! The program `server`: reads the settings and runs a command.

use std::{
    error::Error,
    io::{self, Write},
    process::ExitCode,
};

use clap::Parser;
use pagepool::{cli::Cli, commands::serve, signals::Handlers, terminal::visible_lines};

fn main() -> ExitCode {
    let cli = Cli::parse();
    // Before any file is opened, which can take long.
    let handlers = match Handlers::install() {
        Ok(handlers) => handlers,
        Err(error) => return fail(1, &error),
    };
    let config = match cli.load(std::env::vars_os()) {
        Ok(config) => config,
        Err(error) => return fail(2, &error),
    };
    if cli.check_config {
        // A closed output has no reader to tell.
        let _ = writeln!(io::stdout(), "the configuration is valid");
        return ExitCode::SUCCESS;
    }
    match serve::run(&config, handlers) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(1, &*error),
    }
}

fn fail(code: u8, error: &dyn Error) -> ExitCode {
    // It may quote names of files and of hosts.
    let text = error.to_string();
    let _ = writeln!(io::stderr(), "error: {}", visible_lines(&text));
    ExitCode::from(code)
}
