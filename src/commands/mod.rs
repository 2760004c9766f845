//! The commands of the program, one file each, and which of them runs.

mod build;
mod check;
mod check_config;
mod completions;
mod error;
mod new;
mod serve;
mod settings;
mod site_rules;

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
    let environment: Vec<_> = environment.into_iter().collect();
    let load = || cli.load(environment.iter().cloned());
    match cli.chosen_command() {
        Command::Serve => {
            let layers = Layers { cli: cli.clone(), environment: environment.clone() };
            serve::run(&load()?, layers, handlers)?;
        }
        Command::CheckConfig => {
            load()?;
            check_config::run();
        }
        Command::Build(args) => build::run(&load()?, args, handlers)?,
        Command::Check(args) => check::run(&load()?, args)?,
        Command::New(args) => new::run(args).map_err(Box::<dyn Error>::from)?,
        Command::Completions(args) => completions::run(args),
    }
    Ok(())
}
