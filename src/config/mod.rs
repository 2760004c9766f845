//! The configuration: one validated [`Config`] out of defaults < file < environment < flags.
//!
//! Knows no command line: flags arrive as [`Flag`]s. Code that needs a part of it takes
//! that part, not the whole.

mod environment;
mod error;
mod fallback;
mod file;
mod followed;
mod lists;
mod refusal;
mod rules;
mod settings;
mod tables;

use std::{
    collections::BTreeMap,
    ffi::OsString,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

pub use self::{
    environment::Flag,
    error::ConfigError,
    tables::{CheckSettings, LiveSettings, TemplateSettings},
};
use self::{fallback::FallbackSetting, rules::whole, settings::Settings};
use crate::{
    access_log::Format,
    http::{
        base_path::BasePath,
        request::{Limits, MAX_HEADER_FIELDS},
        url_path::UrlPath,
    },
    rules::{HeaderRule, RedirectRule},
};

/// The file that is read from the current directory where none is named.
const DEFAULT_FILE: &str = "config.toml";
/// The most workers; more would only share out the same processors.
const MAX_THREADS: i64 = 1024;
/// The most connections; a process seldom may open more files than that.
const MAX_CONNECTIONS: i64 = 1_000_000;
/// A day: longer than any pause that a deadline should allow.
const MAX_SECS: i64 = 86_400;
/// A request's head is held in memory, so it stays far below it.
const MAX_BYTES_OF_HEAD: i64 = 16 << 20;
/// Bodies are read past and never held, so a TiB costs time only.
const MAX_BYTES_OF_BODY: i64 = 1 << 40;
/// More memory than any machine has.
const MAX_BYTES_OF_CACHE: i64 = 1 << 40;
/// Less would refuse pages of ordinary size.
const MIN_RESPONSE_MEMORY: i64 = 1 << 20;
const MAX_FIELDS: i64 = MAX_HEADER_FIELDS as i64;
/// Hours of rendering, which is as good as no limit.
const MAX_FUEL: i64 = 1_000_000_000_000;

/// The editor whose URLs need not be written out.
const VSCODE: &str = "vscode";

/// The port unless one is chosen; the next free one may take its place.
const DEFAULT_PORT: u16 = 8889;

/// Every setting, checked when it is read. `config.example.toml` says what each
/// is for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The folder to serve.
    #[serde(deserialize_with = "rules::folder")]
    root: PathBuf,
    /// The name or address to listen on; `localhost` is both loopback addresses.
    #[serde(deserialize_with = "rules::host")]
    pub host: String,
    /// The port to listen on, where one was chosen.
    #[serde(deserialize_with = "rules::port", skip_serializing_if = "Option::is_none")]
    port: Option<u16>,
    /// Whether to open the browser at the start.
    #[serde(deserialize_with = "rules::truth")]
    pub open: bool,
    /// The path below which the site is served.
    #[serde(deserialize_with = "rules::base_path")]
    base_path: String,
    /// Whether visitors, not authors, see the answers.
    #[serde(deserialize_with = "rules::truth")]
    pub production: bool,
    /// Whether drafts and pages of the future are shown in production, too.
    #[serde(deserialize_with = "rules::truth")]
    pub drafts: bool,
    /// Whether pages that are open follow their files, unless in production.
    #[serde(deserialize_with = "rules::truth")]
    reload: bool,
    /// What opens a file from an error page: a name, a pattern, or nothing.
    #[serde(deserialize_with = "rules::editor")]
    editor: String,
    /// What answers where no file matches; it may depend on `production`.
    #[serde(deserialize_with = "rules::fallback")]
    fallback: FallbackSetting,
    /// The zone of times without an offset, and in which pages show dates.
    #[serde(deserialize_with = "rules::timezone")]
    timezone: String,
    /// Whether scripts of every website may read the answers.
    #[serde(deserialize_with = "rules::truth")]
    pub cors: bool,
    /// Where the site is known in public: a scheme and a host, or nothing.
    #[serde(deserialize_with = "rules::url")]
    url: String,
    /// Names besides the loopback ones that `Host` may have; `*` is any.
    #[serde(deserialize_with = "rules::host_names")]
    pub allowed_hosts: Vec<String>,
    /// Workers; 0 is one for each processor.
    #[serde(deserialize_with = "whole::<_, _, 0, MAX_THREADS>")]
    threads: usize,
    /// Connections at once.
    #[serde(deserialize_with = "whole::<_, _, 1, MAX_CONNECTIONS>")]
    pub max_connections: usize,
    /// Seconds that begun answers have to finish when the server stops; 0 is none.
    #[serde(deserialize_with = "whole::<_, _, 0, MAX_SECS>")]
    pub shutdown_grace_secs: u64,
    /// Seconds from the first byte of a head to its last.
    #[serde(deserialize_with = "whole::<_, _, 1, MAX_SECS>")]
    pub head_timeout_secs: u64,
    /// Seconds that a connection may stay open between requests.
    #[serde(deserialize_with = "whole::<_, _, 1, MAX_SECS>")]
    pub idle_timeout_secs: u64,
    /// Seconds that a body or a response may make no progress.
    #[serde(deserialize_with = "whole::<_, _, 1, MAX_SECS>")]
    pub stall_timeout_secs: u64,
    /// Bytes of a request target.
    #[serde(deserialize_with = "whole::<_, _, 1, MAX_BYTES_OF_HEAD>")]
    pub max_target_bytes: usize,
    /// Bytes of a request head.
    #[serde(deserialize_with = "whole::<_, _, 1, MAX_BYTES_OF_HEAD>")]
    pub max_head_bytes: usize,
    /// Field lines of a request.
    #[serde(deserialize_with = "whole::<_, _, 1, MAX_FIELDS>")]
    pub max_header_fields: usize,
    /// Bytes of a request body.
    #[serde(deserialize_with = "whole::<_, _, 0, MAX_BYTES_OF_BODY>")]
    pub max_body_bytes: u64,
    /// Bytes of finished pages and compressed files that are kept; 0 is none.
    #[serde(deserialize_with = "whole::<_, _, 0, MAX_BYTES_OF_CACHE>")]
    pub cache_max_bytes: u64,
    /// Bytes of memory for the bodies of responses that are being sent.
    #[serde(deserialize_with = "whole::<_, _, MIN_RESPONSE_MEMORY, MAX_BYTES_OF_CACHE>")]
    pub response_memory_bytes: u64,
    /// How an access line is written.
    #[serde(deserialize_with = "rules::log")]
    pub log: Format,
    /// Whether access lines are left out.
    #[serde(deserialize_with = "rules::truth")]
    pub quiet: bool,
    /// Whether each request head is printed as received.
    #[serde(deserialize_with = "rules::truth")]
    pub print_requests: bool,
    /// Globs of the names with `_` that are served all the same.
    #[serde(deserialize_with = "rules::public")]
    pub public: Vec<String>,
    /// What a check of the site leaves out.
    pub check: CheckSettings,
    /// How changes of the files are found.
    pub live: LiveSettings,
    /// How pages are rendered.
    pub templates: TemplateSettings,
    /// What pages see as `site`.
    #[serde(deserialize_with = "rules::site")]
    pub site: toml::Table,
    /// Media types by file extension, which win over the usual ones.
    #[serde(deserialize_with = "rules::types")]
    pub types: BTreeMap<String, String>,
    /// What changes the header fields of responses.
    // Left out where empty, as in a file, where a list of tables has no such form.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<HeaderRule>,
    /// What sends paths elsewhere.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub redirects: Vec<RedirectRule>,
}

/// Which changes of a page are made in place; for all others it is loaded again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Patch {
    /// Those that show what a fresh load shows, as far as scripts allow that.
    Auto,
    /// All that can be, whatever scripts have done.
    Always,
    /// None.
    Never,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            root: "pages".into(),
            host: "localhost".into(),
            port: None,
            base_path: "/".into(),
            open: false,
            production: false,
            drafts: false,
            reload: true,
            editor: String::new(),
            fallback: FallbackSetting::Auto,
            timezone: "UTC".into(),
            cors: false,
            url: String::new(),
            allowed_hosts: Vec::new(),
            threads: 0,
            max_connections: 10_240,
            shutdown_grace_secs: 5,
            head_timeout_secs: 10,
            idle_timeout_secs: 30,
            stall_timeout_secs: 30,
            max_target_bytes: 8 << 10,
            max_head_bytes: 16 << 10,
            max_header_fields: 100,
            max_body_bytes: 1 << 20,
            cache_max_bytes: 64 << 20,
            response_memory_bytes: 256 << 20,
            log: Format::Text,
            quiet: false,
            print_requests: false,
            public: Vec::new(),
            check: CheckSettings::default(),
            live: LiveSettings::default(),
            templates: TemplateSettings::default(),
            site: [("title".to_owned(), "A test page".into())].into_iter().collect(),
            types: BTreeMap::new(),
            headers: Vec::new(),
            redirects: Vec::new(),
        }
    }
}

impl Config {
    /// Reads `config_file`, or `./config.toml` where there is one, and lays the
    /// `PAGEPOOL_` variables of `environment` and then `flags` over it.
    ///
    /// # Errors
    /// The first key that is unknown or whose value is not allowed, with the
    /// place where it stands; or that the file cannot be read.
    pub fn load(
        config_file: Option<&Path>,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
        flags: Vec<Flag>,
    ) -> Result<Self, ConfigError> {
        Self::load_in(Path::new(""), config_file, environment, flags)
    }

    fn load_in(
        directory: &Path,
        config_file: Option<&Path>,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
        flags: Vec<Flag>,
    ) -> Result<Self, ConfigError> {
        let mut settings = Settings::default();
        match config_file {
            Some(path) => file::apply(&mut settings, path)?,
            None => file::apply_if_present(&mut settings, &directory.join(DEFAULT_FILE))?,
        }
        environment::apply_variables(&mut settings, environment)?;
        environment::apply_flags(&mut settings, flags)?;
        let config = settings.into_config();
        lists::check_own_urls(&config)?;
        Ok(config)
    }

    /// The same with another folder. Its rule forbids an empty path and NUL, which no flag
    /// can hold.
    pub fn with_root(self, root: &Path) -> Self {
        Self { root: root.to_owned(), ..self }
    }

    /// The folder to serve.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Whether `host` is both loopback addresses, and not one name or address.
    pub fn is_localhost(&self) -> bool {
        self.host == "localhost"
    }

    /// The port to listen on, or the first to try where none was chosen; 0 lets the
    /// system choose.
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(DEFAULT_PORT)
    }

    /// Whether a file, a variable or a flag names the port, even if it is the default one:
    /// then no other port may take its place.
    pub fn is_port_chosen(&self) -> bool {
        self.port.is_some()
    }

    /// The path below which the site is served.
    pub fn base_path(&self) -> BasePath {
        BasePath::parse(&self.base_path).unwrap_or_default()
    }

    /// Whether the path-echo page answers where no file matches, in place of status 404.
    pub fn echoes(&self) -> bool {
        self.fallback.echoes(self.production)
    }

    /// The path of the page that answers where no file matches, if it is one of the site.
    pub fn fallback_page(&self) -> Option<UrlPath> {
        self.fallback.page()
    }

    /// Whether pages that are open follow their files: never in production.
    pub fn reloads(&self) -> bool {
        self.reload && !self.production
    }

    /// The pattern of the URLs that open a file in an editor.
    pub fn editor(&self) -> Option<&str> {
        match self.editor.as_str() {
            "" => None,
            VSCODE => Some("vscode://file{file}:{line}:{column}"),
            pattern => Some(pattern),
        }
    }

    /// The number of workers: at least one.
    pub fn threads(&self) -> usize {
        match self.threads {
            0 => num_cpus::get().max(1),
            threads => threads,
        }
    }

    /// The most that one request may hold.
    pub fn limits(&self) -> Limits {
        Limits {
            max_target_bytes: self.max_target_bytes,
            max_head_bytes: self.max_head_bytes,
            max_header_fields: self.max_header_fields,
            max_body_bytes: self.max_body_bytes,
        }
    }
}

#[cfg(test)]
mod tests;
