//! `server check`: looks through the whole site for what is wrong.

use std::{
    error::Error,
    io::{self, Write},
    time::SystemTime,
};

use super::{error::CommandError, site_rules::SiteRules};
use crate::{
    check::{
        self, CheckOptions, Checked, Severity,
        format::{self, Format},
    },
    cli::CheckArgs,
    config::Config,
    diagnostic::Place,
    http::base_path::BasePath,
    rules::RedirectRule,
    site::{Fallback, Preparation, Site, SiteOptions},
};

/// As visitors get it, with errors for their author.
fn site_options(config: &Config) -> SiteOptions {
    SiteOptions {
        production: false,
        drafts: config.drafts,
        fallback: match config.fallback_page() {
            Some(page) => Fallback::Page(page),
            None => Fallback::NotFound,
        },
        render_timeout: super::build::render_timeout(config),
        // Each page is made once.
        cache_max_bytes: 0,
        // The places of URLs are those of the source.
        base_path: BasePath::default(),
        snippet: None,
        ..super::serve::site_options(config, Preparation::default(), None)
    }
}

/// Checks the site that `config` describes, and prints what is found.
///
/// # Errors
/// Where the folder cannot be read, and where there is an error among what is found.
pub(super) fn run(config: &Config, args: &CheckArgs) -> Result<(), CommandError> {
    let site = Site::open(config.root(), site_options(config)).map_err(Box::<dyn Error>::from)?;
    let rules = SiteRules::read(config);
    let mut places = Config::places_of_redirects(args.config.as_deref(), config.redirects.len());
    places.extend(rules.places);
    let redirects: Vec<(RedirectRule, Place)> =
        rules.redirects.into_iter().map(|(_, rule)| rule).zip(places).collect();
    let options = CheckOptions {
        redirects: &redirects,
        left_out: &rules.warnings,
        ignore: &config.check.ignore,
        url: config.url(),
        threads: config.threads(),
        now: SystemTime::now(),
    };
    let checked = check::check(&site, options).map_err(Box::<dyn Error>::from)?;
    print(&checked, args.format(), &config.root().to_string_lossy());
    match checked.count(Severity::Error) {
        0 => Ok(()),
        _ => Err(CommandError::Printed),
    }
}

/// Prints the findings, and a line that sums them up, which is for people in each form. A closed
/// output has no reader left.
fn print(checked: &Checked, format: Format, root: &str) {
    let findings = format::write(checked, format, root);
    let summary = format::summary(checked);
    let mut stdout = io::stdout().lock();
    let _ = stdout.write_all(findings.as_bytes());
    let _ = match format {
        Format::Text => stdout.write_all(summary.as_bytes()),
        // What programs read holds no more than the findings.
        Format::Json | Format::Github => io::stderr().write_all(summary.as_bytes()),
    };
}
