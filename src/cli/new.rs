//! The command line of `server new`.

use std::path::PathBuf;

use clap::{ArgAction, Args};

const EXAMPLES: &str = "\
EXAMPLES
  server new my-site             A page, a second one, and what they share
  server new my-site --blog      The same with posts, a feed and a sitemap
  server new .                   In this folder, which is empty
  cd my-site && server --open    Serve it with its settings

EXIT CODES
  0  The folder has a site in it
  1  It could not be written, or holds something already
  2  The flags are wrong";

/// Writes a small site to begin from.
#[derive(Clone, Debug, Default, Args)]
#[command(after_help = EXAMPLES)]
pub struct NewArgs {
    /// Folder for the site; it is made, or is empty
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,

    /// With posts in Markdown, tags, a feed and a sitemap
    #[arg(long)]
    pub blog: bool,

    /// Show this help
    #[arg(long, short, action = ArgAction::Help)]
    help: Option<bool>,
}
