//! The command line: the commands and flags of `server`, and their help.

mod build;
mod check;
mod completions;
mod new;

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use clap::{ArgAction, Parser, Subcommand};

use crate::config::{Config, ConfigError, Flag};

pub use self::{build::BuildArgs, check::CheckArgs, completions::CompletionsArgs, new::NewArgs};

const EXAMPLES: &str = "\
EXAMPLES
  server --root site --open           Serve ./site and show it
  server --host 0.0.0.0 --port 8080   Let everyone on the network see it
  PAGEPOOL_ROOT=site server           Each setting can be a variable too";

/// Serves a folder of HTML files, as pages and as templates.
#[derive(Clone, Debug, Default, Parser)]
#[command(
    name = "server",
    display_name = "pagepool",
    version,
    after_help = EXAMPLES,
    args_conflicts_with_subcommands = true,
    max_term_width = 100,
    disable_help_flag = true,
    disable_version_flag = true
)]
pub struct Cli {
    /// Another command than to serve.
    #[command(subcommand)]
    pub command: Option<Subcommands>,

    /// Folder to serve [default: pages]
    #[arg(long, value_name = "DIR", help_heading = "Pages")]
    pub root: Option<PathBuf>,

    /// Serve files as they are, without templates
    #[arg(long, help_heading = "Pages")]
    pub plain: bool,

    /// For no file: echo, not-found, /PAGE [default: echo]
    #[arg(long, value_name = "ANSWER", help_heading = "Pages")]
    #[arg(value_parser = parse_fallback)]
    pub fallback: Option<String>,

    /// For the public: no details, no echo page
    #[arg(long, help_heading = "Pages")]
    pub production: bool,

    /// Show drafts and pages of the future, too
    #[arg(long, help_heading = "Pages")]
    pub drafts: bool,

    /// Do not update open pages when files change
    #[arg(long, help_heading = "Pages")]
    pub no_reload: bool,

    /// Open the site in the browser
    #[arg(long, help_heading = "Pages")]
    pub open: bool,

    /// Name or address to listen on [default: localhost]
    #[arg(long, value_name = "HOST", help_heading = "Network")]
    pub host: Option<String>,

    /// Port; 0 is any free one [default: 8889]
    #[arg(long, value_name = "PORT", help_heading = "Network")]
    pub port: Option<u16>,

    /// Answer to this host name too; * is any; repeatable
    #[arg(long = "allowed-host", value_name = "NAME", help_heading = "Network")]
    pub allowed_hosts: Vec<String>,

    /// Let scripts of every website read the site
    #[arg(long, help_heading = "Network")]
    pub cors: bool,

    /// Worker threads [default: one for each processor]
    #[arg(long, value_name = "N", help_heading = "Network")]
    pub threads: Option<u32>,

    /// Connections at once [default: 10240]
    #[arg(long, value_name = "N", help_heading = "Network")]
    pub max_connections: Option<u32>,

    /// Form of the access lines [default: text]
    #[arg(long, value_name = "text|combined|json", help_heading = "Terminal")]
    #[arg(value_parser = ["text", "combined", "json"], hide_possible_values = true)]
    pub log: Option<String>,

    /// No access lines; errors are still printed
    #[arg(long, help_heading = "Terminal")]
    pub quiet: bool,

    /// Print each request head as it was received
    #[arg(long, help_heading = "Terminal")]
    pub print_requests: bool,

    /// Read settings here [default: config.toml if it is there]
    #[arg(long, value_name = "FILE", help_heading = "Configuration")]
    pub config: Option<PathBuf>,

    /// Check the settings and start nothing
    #[arg(long, help_heading = "Configuration")]
    pub check_config: bool,

    /// Show this help
    #[arg(long, short, action = ArgAction::Help, help_heading = "Configuration")]
    help: (),

    /// Show the version
    #[arg(long, short = 'V', action = ArgAction::Version, help_heading = "Configuration")]
    version: (),
}

/// The commands that have a name, each with its flags.
#[derive(Clone, Debug, Subcommand)]
pub enum Subcommands {
    /// Write the site as files, for a host that serves files
    Build(BuildArgs),
    /// Look for broken links and other mistakes in the whole site
    Check(CheckArgs),
    /// Write a small site to begin from
    New(NewArgs),
    /// Print a script that completes the command line in a shell
    Completions(CompletionsArgs),
}

/// What the program does.
#[derive(Clone, Copy, Debug)]
pub enum Command<'a> {
    /// Serves the folder.
    Serve,
    /// Checks the settings and starts nothing.
    CheckConfig,
    /// Writes the site as files.
    Build(&'a BuildArgs),
    /// Looks for mistakes in the site.
    Check(&'a CheckArgs),
    /// Writes a small site.
    New(&'a NewArgs),
    /// Prints a script for a shell.
    Completions(&'a CompletionsArgs),
}

impl Cli {
    /// The command that was typed; without one, the folder is served.
    pub fn chosen_command(&self) -> Command<'_> {
        match &self.command {
            Some(Subcommands::Build(args)) => Command::Build(args),
            Some(Subcommands::Check(args)) => Command::Check(args),
            Some(Subcommands::New(args)) => Command::New(args),
            Some(Subcommands::Completions(args)) => Command::Completions(args),
            None if self.check_config => Command::CheckConfig,
            None => Command::Serve,
        }
    }

    /// The configuration that these flags make together with the file and the
    /// `PAGEPOOL_` variables of `environment`.
    ///
    /// # Errors
    /// See [`Config::load`].
    pub fn load(
        &self,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Config, ConfigError> {
        let (root, file, flags) = match &self.command {
            Some(Subcommands::Build(args)) => (&args.root, &args.config, args.flags()),
            Some(Subcommands::Check(args)) => (&args.root, &args.config, args.flags()),
            Some(Subcommands::New(_) | Subcommands::Completions(_)) => (&None, &None, Vec::new()),
            None => (&self.root, &self.config, self.flags()),
        };
        let config = Config::load(file.as_deref(), environment, flags)?;
        // A path need not be UTF-8, which the other layers are.
        Ok(match root {
            Some(root) => config.with_root(root),
            None => config,
        })
    }

    /// The configuration file, which may be missing where none is named.
    pub fn config_file(&self) -> &Path {
        Config::file(match &self.command {
            Some(Subcommands::Build(args)) => args.config.as_deref(),
            Some(Subcommands::Check(args)) => args.config.as_deref(),
            Some(Subcommands::New(_) | Subcommands::Completions(_)) => None,
            None => self.config.as_deref(),
        })
    }

    /// The settings among the flags of serving that were typed, but for `root`.
    fn flags(&self) -> Vec<Flag> {
        let text = |name, key, value: &Option<String>| {
            value.as_deref().map(|value| Flag::new(name, key, value))
        };
        let number = |name, key, value: Option<u32>| value.map(|value| Flag::new(name, key, value));
        let truth = |name, key, is_typed: bool| is_typed.then(|| Flag::new(name, key, true));
        let flags = [
            self.plain.then(|| Flag::new("--plain", "templates.enabled", false)),
            text("--fallback", "fallback", &self.fallback),
            truth("--production", "production", self.production),
            truth("--drafts", "drafts", self.drafts),
            truth("--cors", "cors", self.cors),
            text("--host", "host", &self.host),
            number("--port", "port", self.port.map(u32::from)),
            number("--threads", "threads", self.threads),
            number("--max-connections", "max_connections", self.max_connections),
            self.no_reload.then(|| Flag::new("--no-reload", "reload", false)),
            truth("--open", "open", self.open),
            text("--log", "log", &self.log),
            truth("--quiet", "quiet", self.quiet),
            truth("--print-requests", "print_requests", self.print_requests),
        ];
        let names = self.allowed_hosts.iter().map(String::as_str);
        let allowed = names.map(|name| Flag::new("--allowed-host", "allowed_hosts", vec![name]));
        flags.into_iter().flatten().chain(allowed).collect()
    }
}

/// A fallback that can be typed: the automatic one is that without the flag.
fn parse_fallback(text: &str) -> Result<String, &'static str> {
    let is_one = matches!(text, "echo" | "not-found") || text.starts_with('/');
    is_one
        .then(|| text.to_owned())
        .ok_or("it takes `echo`, `not-found`, or the path of a page, such as `/index.html`")
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn parse(args: &[&str]) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(["server"].iter().chain(args))
    }

    fn load(args: &[&str]) -> Result<Config, ConfigError> {
        load_over("", args)
    }

    /// What the flags make of a file that holds `text`.
    fn load_over(text: &str, args: &[&str]) -> Result<Config, ConfigError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let cli = Cli { config: Some(file.path().to_owned()), ..parse(args).unwrap() };
        cli.load([])
    }

    #[test]
    fn nothing_typed_changes_nothing() {
        assert_eq!(load(&[]).unwrap(), Config::default());
    }

    #[test]
    fn each_flag_sets_its_key() {
        for (args, key) in [
            (&["--root", "site"][..], "root = 'site'"),
            (&["--plain"], "templates.enabled = false"),
            (&["--fallback", "echo"], "fallback = 'echo'"),
            (&["--fallback", "not-found"], "fallback = 'not-found'"),
            (&["--fallback", "/a/index.html"], "fallback = '/a/index.html'"),
            (&["--production"], "production = true"),
            (&["--drafts"], "drafts = true"),
            (&["--no-reload"], "reload = false"),
            (&["--open"], "open = true"),
            (&["--cors"], "cors = true"),
            (&["--host", "::1"], "host = '::1'"),
            (&["--port", "0"], "port = 0"),
            (&["--port", "8889"], "port = 8889"),
            (
                &["--allowed-host", "a.example", "--allowed-host", "*"],
                "allowed_hosts = ['a.example', '*']",
            ),
            (&["--threads", "3"], "threads = 3"),
            (&["--max-connections", "7"], "max_connections = 7"),
            (&["--log", "json"], "log = 'json'"),
            (&["--quiet"], "quiet = true"),
            (&["--print-requests"], "print_requests = true"),
        ] {
            let expected = load_over(key, &[]).unwrap();
            assert_ne!(expected, Config::default(), "{key}");
            assert_eq!(load(args).unwrap(), expected, "{args:?}");
        }
    }

    #[test]
    fn a_build_and_a_check_take_drafts() {
        for (args, drafts) in [
            (&["build", "--drafts"][..], true),
            (&["build"], false),
            (&["check", "--drafts"], true),
            (&["check"], false),
        ] {
            assert_eq!(parse(args).unwrap().load([]).unwrap().drafts, drafts, "{args:?}");
        }
    }

    #[test]
    fn a_check_may_be_of_plain_files() {
        for (args, enabled) in [(&["check", "--plain"][..], false), (&["check"], true)] {
            assert_eq!(parse(args).unwrap().load([]).unwrap().templates.enabled, enabled);
        }
    }

    #[test]
    fn a_flag_passes_the_checks_of_its_key() {
        for (args, expected) in [
            (
                ["--threads", "5000"],
                "\
invalid value for `--threads`
 --> the command line
  |
  | --threads 5000
  |           ^^^^
  |
help: `--threads` takes a whole number from 0 to 1024",
            ),
            (
                ["--allowed-host", "a:80"],
                "\
invalid value for `--allowed-host`
 --> the command line
  |
  | --allowed-host a:80
  |                ^^^^
  |
help: `--allowed-host` takes host names without a port, such as [\"dev.example\"]",
            ),
        ] {
            assert_eq!(load(&args).unwrap_err().to_string(), expected);
        }
    }

    #[test]
    fn forbids_what_no_flag_takes() {
        for args in [
            &["--prot", "80"][..],
            &["--root", ""],
            &["--port"],
            &["--port", "65536"],
            &["--port", "80", "--port", "81"],
            &["--root", ""],
            &["--fallback", "auto"],
            &["--fallback", "index.html"],
            &["--log", "xml"],
            &["--threads", "-1"],
            &["pages"],
        ] {
            assert_eq!(parse(args).unwrap_err().exit_code(), 2, "{args:?}");
        }
    }

    #[test]
    fn help_fits_a_screen_and_tells_the_defaults() {
        let help = Cli::command().term_width(80).render_help().to_string();
        assert!(help.lines().count() <= 50, "{help}");
        assert!(help.lines().all(|line| line.len() <= 80), "{help}");

        let config = Config::default();
        for (flag, default) in [
            ("--root", config.root().display().to_string()),
            ("--port", config.port().to_string()),
            ("--host", config.host),
            ("--max-connections", config.max_connections.to_string()),
            ("--fallback", "echo".to_owned()),
            ("--log", "text".to_owned()),
        ] {
            let line = help.lines().find(|line| line.trim_start().starts_with(flag)).unwrap();
            assert!(line.ends_with(&format!("[default: {default}]")), "{line}");
        }
    }

    #[test]
    fn a_command_has_flags_of_its_own() {
        let cli = parse(&["build", "--root", "site", "--base-path", "/repo/"]).unwrap();
        assert!(matches!(cli.chosen_command(), Command::Build(args) if args.host.is_none()));
        let cli = Cli { command: cli.command, ..parse(&[]).unwrap() };
        let config = cli.load([]).unwrap();
        assert_eq!(
            (config.root(), config.base_path().with("/")),
            ("site".as_ref(), "/repo/".into())
        );
        for args in [
            &["build", "--port", "80"][..],
            &["--root", "site", "build"],
            &["build", "--for", "nowhere"],
            &["biuld"],
        ] {
            assert_eq!(parse(args).unwrap_err().exit_code(), 2, "{args:?}");
        }
    }

    #[test]
    fn the_help_of_each_command_shows_examples_and_fits_a_screen() {
        let mut program = Cli::command();
        program.build();
        for command in program.get_subcommands().filter(|command| command.get_name() != "help") {
            let help = command.clone().term_width(80).render_help().to_string();
            let examples = help.lines().filter(|line| line.starts_with("  server ")).count();
            assert!(examples >= 3, "{help}");
            assert!(help.lines().count() <= 48, "{help}");
            assert!(help.lines().all(|line| line.len() <= 80), "{help}");
        }
    }

    #[test]
    fn says_its_version() {
        let version = parse(&["--version"]).unwrap_err();
        assert_eq!(version.exit_code(), 0);
        assert_eq!(version.to_string(), concat!("pagepool ", env!("CARGO_PKG_VERSION"), "\n"));
    }
}
