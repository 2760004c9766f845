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

/// The rules in the order in which they count, each with the name of its place.
#[derive(Debug, Default)]
pub(super) struct SiteRules {
    pub(super) redirects: Vec<(String, RedirectRule)>,
    pub(super) headers: Vec<(String, HeaderRule)>,
    /// The places of the redirects that are written in the file of the site, which come last.
    pub(super) places: Vec<Place>,
    /// What of the files is left out.
    pub(super) warnings: Vec<Diagnostic>,
}

impl SiteRules {
    /// Reads them. Those of the configuration come first.
    pub(super) fn read(config: &Config) -> Self {
        let mut rules = Self {
            redirects: of_list("redirects", &config.redirects),
            headers: of_list("headers", &config.headers),
            ..Self::default()
        };
        let [redirects, headers] = host_files::NAMES;
        for (place, name, rule) in
            read(config.root(), redirects, host_files::redirects, &mut rules.warnings)
        {
            rules.places.push(place);
            rules.redirects.push((name, rule));
        }
        let headers = read(config.root(), headers, host_files::headers, &mut rules.warnings);
        rules.headers.extend(headers.into_iter().map(|(_, name, rule)| (name, rule)));
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
            self.warnings.push(Diagnostic {
                message: format!("{origin} is left out: `{}` takes {}", error.key, error.takes),
                places: vec![self.places.remove(idx - own)],
                notes: Vec::new(),
                help: "take it out, or lead to where no rule begins".to_owned(),
            });
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
    warnings: &mut Vec<Diagnostic>,
) -> Vec<(Place, String, T)> {
    let path = root.join(name);
    let mut text = String::new();
    let read = match File::open(&path) {
        Ok(file) => file.take(MAX_BYTES).read_to_string(&mut text),
        Err(_) if !path.exists() => return Vec::new(),
        Err(error) => Err(error),
    };
    if let Err(error) = read {
        let shown = path.display().to_string();
        warnings.push(Diagnostic {
            message: format!("`{shown}` cannot be read: {error}"),
            places: vec![Place::of_file(&shown)],
            notes: Vec::new(),
            help: "its rules are left out: save it as UTF-8, and let the server read it".to_owned(),
        });
        return Vec::new();
    }
    let file = parse(&text);
    warnings.extend(file.complaints.iter().map(|complaint| warning(&path, &text, complaint)));
    let place = |line: usize| {
        let before: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
        let line = text[before..].lines().next().unwrap_or_default();
        let start = before + line.len() - line.trim_start().len();
        Place::in_text(&path.display().to_string(), &text, start..before + line.trim_end().len(), 0)
    };
    let origin = |line| format!("line {line} of `{name}`");
    file.rules.into_iter().map(|(line, rule)| (place(line), origin(line), rule)).collect()
}

fn warning(path: &Path, text: &str, complaint: &Complaint) -> Diagnostic {
    let Complaint { span, message, help, .. } = complaint.clone();
    let place = Place::in_text(&path.display().to_string(), text, span, 0);
    let message = format!("left out: {message}");
    Diagnostic { message, places: vec![place], notes: Vec::new(), help }
}
