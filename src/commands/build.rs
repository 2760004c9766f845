//! `server build`: writes the site as files. Puts the parts together by the settings.

use std::{
    error::Error,
    io::{self, IsTerminal, Write},
    mem,
    sync::{Arc, OnceLock},
    time::{Duration, Instant, SystemTime},
};

use indicatif::{ProgressBar, ProgressStyle};

use super::{error::CommandError, site_rules::SiteRules};
use crate::{
    cli::BuildArgs,
    config::Config,
    diagnostic::Diagnostic,
    http::memory::Memory,
    publish::{
        self, BuildError, BuildOptions, Layout, Summary,
        host::{Host, Rule, Rules},
    },
    signals::Handlers,
    site::{Fallback, Preparation, Site, SiteOptions},
    terminal::visible_lines,
    wording::counted,
};

/// Files that stand in a message by name; of more, their number.
const MAX_SHOWN: usize = 5;

/// Writes the site that `config` describes, and prints what that has come to.
///
/// # Errors
/// Where it cannot be written, or is stopped by a signal; the message says what has become of the
/// output.
pub(super) fn run(
    config: &Config,
    args: &BuildArgs,
    handlers: Handlers,
) -> Result<(), CommandError> {
    let begun = Instant::now();
    let site = Site::open(config.root(), site_options(config)).map_err(Box::<dyn Error>::from)?;
    let signal = signal_to_stop(handlers);
    let is_stopped = || signal.get().is_some();
    let bar = progress_bar(args.quiet);
    let progress = |done: usize, all: usize| {
        bar.set_length(all as u64);
        bar.set_position(done as u64);
    };
    let mut site_rules = SiteRules::read(config);
    let left_out: Vec<String> =
        mem::take(&mut site_rules.warnings).iter().map(Diagnostic::to_string).collect();
    print(&left_out, "warning");
    let built = publish::build(&site, &options(config, args, site_rules), &progress, &is_stopped);
    bar.finish_and_clear();
    let out = args.out.display();
    match built {
        Ok(summary) => {
            print(&summary.warnings, "warning");
            if !args.quiet {
                let secs = begun.elapsed().as_secs_f64();
                let _ = write!(io::stdout(), "{}", visible_lines(&text(&summary, args, secs)));
            }
            Ok(())
        }
        Err(BuildError::Stopped) => {
            Err(CommandError::Stopped(*signal.wait(), format!("`{out}` is as it was")))
        }
        Err(BuildError::Unverified) => {
            let outcome = format!("`{out}` is written, and not all of it was compared");
            Err(CommandError::Stopped(*signal.wait(), outcome))
        }
        Err(BuildError::Unfinished(error)) => {
            Err(CommandError::Failed(format!("{error}: the next build does the rest").into()))
        }
        Err(BuildError::Unequal(problems)) => {
            print(&problems.warnings, "warning");
            print(&problems.errors, "error");
            let differ = match problems.errors.len() {
                1 => "one of its routes differs".to_owned(),
                count => format!("{count} of its routes differ"),
            };
            let error = format!("`{out}` is written, and {differ} from the site");
            Err(CommandError::Failed(error.into()))
        }
        Err(BuildError::Failed(problems)) => {
            print(&problems.warnings, "warning");
            print(&problems.errors, "error");
            let count = problems.errors.len();
            let errors =
                if count == 1 { "one error".to_owned() } else { format!("{count} errors") };
            Err(CommandError::Failed(format!("{errors}; `{out}` is as it was").into()))
        }
    }
}

/// The time that a page has at least: no visitor waits for it, and the first list of many posts
/// reads them all, on a busy machine perhaps.
const MIN_RENDER_TIMEOUT: Duration = Duration::from_secs(60);

/// The time that a page has where all of them are made.
pub(super) fn render_timeout(config: &Config) -> Duration {
    Duration::from_secs(config.templates.render_timeout_secs).max(MIN_RENDER_TIMEOUT)
}

/// As in production, with nothing that depends on the client.
fn site_options(config: &Config) -> SiteOptions {
    SiteOptions {
        is_static: true,
        render_timeout: render_timeout(config),
        // A page takes the same at random each time.
        seed: Some(0),
        production: true,
        drafts: config.drafts,
        fallback: Fallback::NotFound,
        // Each page is made once.
        cache_max_bytes: 0,
        snippet: None,
        editor: None,
        background: None,
        ..super::serve::site_options(config, Preparation::new(Memory::unbounded(), |_, _| {}), None)
    }
}

fn options(config: &Config, args: &BuildArgs, site_rules: SiteRules) -> BuildOptions {
    BuildOptions {
        out: args.out.clone(),
        host: args.host.as_deref().and_then(Host::named).unwrap_or(Host::Plain),
        layout: args.layout.as_deref().map(|layout| match layout {
            "folders" => Layout::Folders,
            _ => Layout::Files,
        }),
        keep: args.keep.clone(),
        rules: rules(config, site_rules),
        is_compressed: args.compress,
        verifies: args.verify,
        threads: config.threads(),
        now: SystemTime::now(),
    }
}

/// The rules of the site, for the host.
fn rules(config: &Config, rules: SiteRules) -> Rules {
    fn named<T>(rules: Vec<(String, T)>) -> Vec<Rule<T>> {
        rules.into_iter().map(|(origin, rule)| Rule { rule, origin }).collect()
    }
    Rules {
        redirects: named(rules.redirects),
        headers: named(rules.headers),
        types: config.types.clone(),
        base_path: config.base_path(),
        fallback: config.fallback_page(),
    }
}

/// Gets the number of the first signal that asks for an end. The next one ends the process.
fn signal_to_stop(handlers: Handlers) -> Arc<OnceLock<i32>> {
    let signal = Arc::new(OnceLock::new());
    let set = Arc::clone(&signal);
    // Only the first one comes here.
    let stop = move |number| set.set(number).unwrap_or_default();
    handlers.serve(stop, |line| drop(writeln!(io::stderr(), "{line}")));
    signal
}

/// On a terminal alone.
fn progress_bar(is_quiet: bool) -> ProgressBar {
    if is_quiet || !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {eta}");
    ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn print(texts: &[String], severity: &str) {
    let mut stderr = io::stderr().lock();
    for text in texts {
        let _ = writeln!(stderr, "{severity}: {}", visible_lines(text));
    }
}

/// The lines at the end.
fn text(summary: &Summary, args: &BuildArgs, secs: f64) -> String {
    let Summary { pages, reused, files, bytes, changes, left_out, .. } = summary;
    let (out, written, deleted) = (args.out.display(), changes.written, changes.deleted);
    let size = indicatif::HumanBytes(*bytes);
    let reused = if *reused > 0 { format!(" ({reused} reused)") } else { String::new() };
    let mut text = format!(
        "{}{reused}, {}, {size} in {secs:.1} s: `{out}` ({written} written, {deleted} deleted)\n",
        counted(*pages, "page"),
        counted(*files, "file")
    );
    if !left_out.is_empty() {
        let shown: Vec<&str> = left_out.iter().take(MAX_SHOWN).map(String::as_str).collect();
        let more = match left_out.len().saturating_sub(MAX_SHOWN) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        text.push_str(&format!("left out: {}{more}\n", shown.join(", ")));
    }
    if let Some(next_due) = &summary.next_due {
        text.push_str(&format!("next: {next_due}; build again then\n"));
    }
    // Where no host is named, nobody has asked for them.
    if let Some(instructions) = summary.instructions.as_ref().filter(|_| args.host.is_some()) {
        text.push_str(instructions);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_a_build_has_a_minute_or_what_the_configuration_allows() {
        for (secs, expected) in [(1, 60), (5, 60), (90, 90)] {
            let mut config = Config::default();
            config.templates.render_timeout_secs = secs;
            assert_eq!(site_options(&config).render_timeout, Duration::from_secs(expected));
        }
    }
}
