//! The commands of the program, one file each, and which of them runs.

mod build;
mod check;
mod check_config;
mod completions;
mod error;
mod new;
mod serve;
mod settings;

use std::{error::Error, ffi::OsString};

use self::settings::Layers;
use crate::{
    cli::{Cli, Command},
    signals::Handlers,
};

pub use self::error::CommandError;

/// Runs the command that `cli` names, with the settings of all layers.
///
/// # Errors
/// See [`CommandError`].
pub fn run(
    cli: &Cli,
    environment: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<(), CommandError> {
    // Before any file is opened, which can take long.
    let handlers = Handlers::install().map_err(Box::<dyn Error>::from)?;
    match cli.chosen_command() {
        Command::New(args) => {
            return new::run(args).map_err(|error| CommandError::Failed(error.into()));
        }
        Command::Completions(args) => return Ok(completions::run(args)),
        _ => {}
    }
    let environment: Vec<_> = environment.into_iter().collect();
    let config = cli.load(environment.iter().cloned())?;
    match cli.chosen_command() {
        Command::Serve => {
            serve::run(&config, Layers { cli: cli.clone(), environment }, handlers)?;
        }
        Command::CheckConfig => check_config::run(),
        Command::Build(args) => build::run(&config, args, handlers)?,
        Command::Check(args) => check::run(&config, args)?,
        Command::New(_) | Command::Completions(_) => {}
    }
    Ok(())
}
