//! `server check`: looks through the whole site for what is wrong.

use std::{
    error::Error,
    io::{self, Write},
};

use super::site_rules::SiteRules;
use crate::{
    check::{self, CheckOptions, Severity, format},
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
pub(super) fn run(config: &Config, args: &CheckArgs) -> Result<(), Box<dyn Error>> {
    let site = Site::open(config.root(), site_options(config))?;
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
    };
    let checked = check::check(&site, options)?;
    let text = format::write(&checked, args.format(), &config.root().to_string_lossy());
    io::stdout().write_all(text.as_bytes())?;
    let errors = checked.findings.iter().filter(|found| found.severity == Severity::Error).count();
    match errors {
        0 => Ok(()),
        1 => Err("the site has 1 error".into()),
        errors => Err(format!("the site has {errors} errors").into()),
    }
}
