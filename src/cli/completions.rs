//! The command line of `server completions`.

use clap::{ArgAction, Args};
use clap_complete::Shell;

const EXAMPLES: &str = "\
EXAMPLES
  server completions bash > ~/.local/share/bash-completion/completions/server
  server completions zsh > _server         In a folder of $fpath
  server completions fish > ~/.config/fish/completions/server.fish

EXIT CODES
  0  The script is printed
  2  The shell is not known";

/// Prints a script that completes the command line in a shell.
#[derive(Clone, Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct CompletionsArgs {
    /// bash, zsh, fish, elvish or powershell
    #[arg(value_name = "SHELL", hide_possible_values = true)]
    pub shell: Shell,

    /// Show this help
    #[arg(long, short, action = ArgAction::Help)]
    help: Option<bool>,
}
