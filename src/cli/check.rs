//! The command line of `server check`.

use std::path::PathBuf;

use clap::{ArgAction, Args};

use crate::{check::format::Format, config::Flag};

const EXAMPLES: &str = "\
EXAMPLES
  server check                   Look for broken links in ./pages
  server check --format github   The same in a workflow of GitHub Actions
  server check --format json     The same for another program

EXIT CODES
  0  No errors; there may be warnings and notes
  1  At least one error
  2  The flags or the settings are wrong";

/// Looks through the whole site for what is wrong.
#[derive(Clone, Debug, Default, Args)]
#[command(after_help = EXAMPLES)]
pub struct CheckArgs {
    /// Folder to check [default: pages]
    #[arg(long, value_name = "DIR", help_heading = "Site")]
    pub root: Option<PathBuf>,

    /// Check the files as they are, with no templates, as `server --plain` serves
    /// them
    #[arg(long, help_heading = "Site")]
    pub plain: bool,

    /// Check drafts and pages of the future, too
    #[arg(long, help_heading = "Site")]
    pub drafts: bool,

    /// Read settings here [default: config.toml if it is there]
    #[arg(long, value_name = "FILE", help_heading = "Site")]
    pub config: Option<PathBuf>,

    /// Form of the findings
    #[arg(long, value_name = "text|json|github", default_value = "text", help_heading = "Run")]
    #[arg(value_parser = ["text", "json", "github"], hide_possible_values = true)]
    format: String,

    /// Show this help
    #[arg(long, short, action = ArgAction::Help, help_heading = "Run")]
    help: Option<bool>,
}

impl CheckArgs {
    /// The settings among the flags that were typed, but for `root`.
    pub(super) fn flags(&self) -> Vec<Flag> {
        let drafts = self.drafts.then(|| Flag::new("--drafts", "drafts", true));
        let plain = self.plain.then(|| Flag::new("--plain", "templates.enabled", false));
        drafts.into_iter().chain(plain).collect()
    }

    /// The form that was chosen.
    pub fn format(&self) -> Format {
        match self.format.as_str() {
            "json" => Format::Json,
            "github" => Format::Github,
            _ => Format::Text,
        }
    }
}
