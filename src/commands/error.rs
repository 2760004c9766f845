//! Reasons for which a command ends in failure, and the exit code of each.

use std::error::Error;

use crate::config::ConfigError;

/// Why a command has failed.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The settings are not valid.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The folder, the address or the system does not allow it.
    #[error(transparent)]
    Failed(#[from] Box<dyn Error>),
    /// What the command looked for is there, and it has printed that.
    #[error("what is wrong is printed above")]
    Printed,
    /// The signal of this number has asked for its end, with what has become of the work.
    #[error("stopped; {1}")]
    Stopped(i32, String),
}

impl CommandError {
    /// The exit code of the program: 2 for wrong settings, as for wrong flags.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Config(_) => 2,
            Self::Failed(_) | Self::Printed => 1,
            // As a shell has it for a program that the signal has ended.
            Self::Stopped(signal, _) => u8::try_from(128 + signal).unwrap_or(1),
        }
    }
}
