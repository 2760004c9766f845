//! The rules of a site: those of the configuration, and those of the files `_redirects` and
//! `_headers` in its folder.

use std::{fs::File, io::Read, path::Path};

use crate::{
    config::Config,
    diagnostic::{Diagnostic, Place},
    rules::{
        HeaderRule, RedirectRule, RedirectRules,
        host_files::{self, Complaint, HostFile},
    },
};

/// Bytes of such a file that are read: more than any host takes.
const MAX_BYTES: u64 = 1 << 20;

/// The rules in the order in which they count, each with its place.
#[derive(Debug, Default)]
pub(super) struct SiteRules {
    pub(super) redirects: Vec<(String, RedirectRule)>,
    pub(super) headers: Vec<(String, HeaderRule)>,
    /// What of the files is left out.
    pub(super) warnings: Vec<String>,
}

impl SiteRules {
    /// Reads them. Those of the configuration come first.
    pub(super) fn read(config: &Config) -> Self {
        let mut rules = Self {
            redirects: of_list("redirects", &config.redirects),
            headers: of_list("headers", &config.headers),
            warnings: Vec::new(),
        };
        let [redirects, headers] = host_files::NAMES;
        rules.redirects.extend(read(
            config.root(),
            redirects,
            host_files::redirects,
            &mut rules.warnings,
        ));
        rules.headers.extend(read(
            config.root(),
            headers,
            host_files::headers,
            &mut rules.warnings,
        ));
        rules.drop_loops(config.redirects.len());
        rules
    }

    /// The redirects alone.
    pub(super) fn redirects(&self) -> Vec<RedirectRule> {
        self.redirects.iter().map(|(_, rule)| rule.clone()).collect()
    }

    /// The rules for header fields alone.
    pub(super) fn headers(&self) -> Vec<HeaderRule> {
        self.headers.iter().map(|(_, rule)| rule.clone()).collect()
    }

    /// Leaves out redirects of the file that lead around with others; the first `own` ones are
    /// those of the configuration, which are checked.
    fn drop_loops(&mut self, own: usize) {
        while let Err(error) = RedirectRules::new(&self.redirects()) {
            let culprits = error.others.iter().chain([&error.idx]);
            let Some(&idx) = culprits.filter(|idx| **idx >= own).max() else { return };
            let (origin, _) = self.redirects.remove(idx);
            let takes = error.takes;
            self.warnings.push(format!("{origin} is left out: `{}` takes {takes}", error.key));
        }
    }
}

fn of_list<T: Clone>(list: &str, rules: &[T]) -> Vec<(String, T)> {
    let origin = |idx: usize| format!("rule {} of `[[{list}]]`", idx + 1);
    rules.iter().enumerate().map(|(idx, rule)| (origin(idx), rule.clone())).collect()
}

/// The rules of the file `name` in `root`, if there is one.
fn read<T>(
    root: &Path,
    name: &str,
    parse: fn(&str) -> HostFile<T>,
    warnings: &mut Vec<String>,
) -> Vec<(String, T)> {
    let path = root.join(name);
    let mut text = String::new();
    let read = match File::open(&path) {
        Ok(file) => file.take(MAX_BYTES).read_to_string(&mut text),
        Err(_) if !path.exists() => return Vec::new(),
        Err(error) => Err(error),
    };
    if let Err(error) = read {
        warnings.push(format!("`{}` cannot be read: {error}", path.display()));
        return Vec::new();
    }
    let file = parse(&text);
    warnings.extend(file.complaints.iter().map(|complaint| warning(&path, &text, complaint)));
    let origin = |line| format!("line {line} of `{name}`");
    file.rules.into_iter().map(|(line, rule)| (origin(line), rule)).collect()
}

fn warning(path: &Path, text: &str, complaint: &Complaint) -> String {
    let Complaint { span, message, help, .. } = complaint.clone();
    let place = Place::in_text(&path.display().to_string(), text, span, 0);
    Diagnostic { message, places: vec![place], notes: Vec::new(), help }.to_string()
}
