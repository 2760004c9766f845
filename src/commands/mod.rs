//! The commands of the program, one file each, and which of them runs.

mod build;
mod check_config;
mod serve;

use std::{error::Error, ffi::OsString};

use crate::{
    cli::{Cli, Command},
    config::ConfigError,
    signals::Handlers,
};

/// Why a command has failed.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The settings are not valid.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The folder, the address or the system does not allow it.
    #[error(transparent)]
    Failed(#[from] Box<dyn Error>),
}

impl CommandError {
    /// The exit code of the program: 2 for wrong settings, as for wrong flags.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Config(_) => 2,
            Self::Failed(_) => 1,
        }
    }
}

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
    let config = cli.load(environment)?;
    match cli.chosen_command() {
        Command::Serve => serve::run(&config, handlers)?,
        Command::CheckConfig => check_config::run(),
        Command::Build(args) => build::run(&config, args)?,
    }
    Ok(())
}
