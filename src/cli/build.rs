//! The command line of `server build`: its flags and their help.

use std::path::PathBuf;

use clap::{ArgAction, Args};

use crate::{config::Flag, globs};

const EXAMPLES: &str = "\
EXAMPLES
  server build                          Write ./pages as files into ./dist
  server build --for netlify --verify   As Netlify wants it, and compared with
                                        what the server answers
  server build --for github --base-path /repo/ --out ../pages-branch
                                        The page of a project on GitHub, into
                                        the worktree of another branch

EXIT CODES
  0  The output is what the server answers, or the warnings say where it is not
  1  Something could not be written: the output is as it was, unless the message
     says that the next build goes on; or --verify has found differences
  2  The flags or the settings are wrong
  130 or 143  Stopped by Ctrl-C or by SIGTERM; the output is as it was, or, where
     --verify was comparing it, the new one";

/// The hosts that `--for` knows.
const HOSTS: [&str; 7] = ["plain", "cloudflare", "netlify", "github", "gitlab", "vercel", "s3"];

/// Writes the site as files, for a host that serves files.
#[derive(Clone, Debug, Default, Args)]
#[command(after_help = EXAMPLES)]
pub struct BuildArgs {
    /// Folder to write as files [default: pages]
    #[arg(long, value_name = "DIR", help_heading = "Site")]
    pub root: Option<PathBuf>,

    /// Write drafts and pages of the future, too
    #[arg(long, help_heading = "Site")]
    pub drafts: bool,

    /// Read settings here [default: config.toml if it is there]
    #[arg(long, value_name = "FILE", help_heading = "Site")]
    pub config: Option<PathBuf>,

    /// Folder to write to
    #[arg(long, value_name = "DIR", default_value = "dist", help_heading = "Output")]
    pub out: PathBuf,

    /// Host that gets the files: cloudflare, netlify, github, gitlab, vercel, s3,
    /// or plain, which prints a configuration for nginx and Caddy
    #[arg(long = "for", value_name = "HOST", help_heading = "Output")]
    #[arg(value_parser = HOSTS, hide_possible_values = true)]
    pub host: Option<String>,

    /// Path of the host below which the site is served, such as /repo/
    #[arg(long, value_name = "PATH", help_heading = "Output")]
    pub base_path: Option<String>,

    /// `/about` as about.html or as about/index.html [default: as the host wants]
    #[arg(long, value_name = "files|folders", help_heading = "Output")]
    #[arg(value_parser = ["files", "folders"], hide_possible_values = true)]
    pub layout: Option<String>,

    /// Write compressed forms beside text
    #[arg(long, help_heading = "Output")]
    pub compress: bool,

    /// Let files of the output be that match this and no build has made;
    /// repeatable
    #[arg(long, value_name = "GLOB", value_parser = glob, help_heading = "Output")]
    pub keep: Vec<String>,

    /// Compare the output with what the server answers
    #[arg(long, help_heading = "Run")]
    pub verify: bool,

    /// No progress, no summary and no instructions for the host; warnings and
    /// errors are still printed
    #[arg(long, help_heading = "Run")]
    pub quiet: bool,

    /// Show this help
    #[arg(long, short, action = ArgAction::Help, help_heading = "Run")]
    help: Option<bool>,
}

/// Accepts a glob that can be read.
fn glob(text: &str) -> Result<String, String> {
    match globs::compile(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => Err(error.kind().to_string()),
    }
}

impl BuildArgs {
    /// The settings among the flags that were typed, but for `root`.
    pub(super) fn flags(&self) -> Vec<Flag> {
        let base_path = self.base_path.as_deref();
        let base_path = base_path.map(|path| Flag::new("--base-path", "base_path", path));
        let drafts = self.drafts.then(|| Flag::new("--drafts", "drafts", true));
        base_path.into_iter().chain(drafts).collect()
    }
}
