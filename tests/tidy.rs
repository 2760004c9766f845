//! The shape of the code, held: who may import whom, where a crate or a part of
//! the system comes in, and what every file has.
//!
//! A rule that hinders is changed here, in its table, with the reason in
//! docs/decisions.md.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// What each part of `src/` may import of the others, and does.
const LAYERS: &[(&str, &[&str])] = &[
    ("main", &["cli", "commands", "terminal"]),
    (
        "commands",
        &[
            "access_log",
            "banner",
            "app",
            "background",
            "check",
            "cli",
            "config",
            "diagnostic",
            "hosts",
            "http",
            "live",
            "machine",
            "publish",
            "qr_code",
            "rules",
            "server",
            "signals",
            "site",
            "terminal",
            "wording",
        ],
    ),
    (
        "check",
        &["diagnostic", "globs", "html", "http", "parallel", "rules", "site", "urls", "wording"],
    ),
    ("cli", &["check", "config", "globs"]),
    ("cors", &["http"]),
    ("config", &["access_log", "dates", "diagnostic", "hosts", "http", "rules"]),
    ("app", &["cors", "hosts", "http", "live", "refusals", "rules", "server", "site"]),
    ("refusals", &["http", "site"]),
    ("access_log", &["server", "terminal"]),
    ("budget", &[]),
    ("server", &["budget", "http"]),
    ("globs", &[]),
    ("publish", &["diagnostic", "globs", "http", "parallel", "rules", "site", "urls", "wording"]),
    ("rules", &["globs", "http"]),
    ("dates", &["diagnostic"]),
    ("diagnostic", &["terminal"]),
    (
        "site",
        &[
            "background",
            "dates",
            "diagnostic",
            "globs",
            "html",
            "http",
            "markdown",
            "parallel",
            "urls",
            "wording",
        ],
    ),
    ("live", &["budget", "html", "site", "http"]),
    ("banner", &["wording"]),
    ("background", &[]),
    ("hosts", &["http"]),
    ("html", &[]),
    ("http", &["budget"]),
    ("machine", &[]),
    ("parallel", &[]),
    ("markdown", &["html"]),
    ("qr_code", &[]),
    ("signals", &[]),
    ("terminal", &[]),
    ("urls", &["html"]),
    ("wording", &[]),
];

/// The importers of each dependency: the files and folders that may use it, and do.
const CRATES: &[(&str, &[&str])] = &[
    ("anstream", &["access_log/"]),
    ("anstyle", &["access_log/"]),
    ("brotli", &["site/representation/compress.rs"]),
    // `main` calls the trait's `parse` and nothing else.
    ("clap", &["cli.rs", "cli/", "commands/completions.rs", "main.rs"]),
    ("clap_complete", &["cli/completions.rs", "commands/completions.rs"]),
    ("crossbeam_channel", &["access_log/", "background.rs", "server/"]),
    ("cssparser", &["urls/css.rs"]),
    ("csv", &["site/notation/csv.rs"]),
    ("data_encoding", &["http/etag.rs", "http/websocket.rs"]),
    ("flate2", &["site/representation/compress.rs"]),
    ("foldhash", &["site/cache.rs", "site/collection/", "site/metadata/store.rs"]),
    ("form_urlencoded", &["http/form.rs"]),
    // The configuration refuses the globs that the site could not compile.
    (
        "globset",
        &[
            "check/",
            "globs.rs",
            "publish/output/safety.rs",
            "rules/",
            "site/mod.rs",
            "site/naming.rs",
            "site/naming/public.rs",
        ],
    ),
    ("html5ever", &["html/"]),
    ("html5gum", &["html/tokens.rs"]),
    ("http", &["http/mod.rs"]),
    ("httparse", &["http/"]),
    ("httpdate", &["http/date.rs"]),
    ("if_addrs", &["machine.rs"]),
    ("imagesize", &["site/templates/image_size.rs"]),
    ("indicatif", &["commands/build.rs"]),
    ("jiff", &["access_log/", "dates/"]),
    (
        "memchr",
        &[
            "markdown/autolink.rs",
            "markdown/marks.rs",
            "site/content_type.rs",
            "site/templates/source.rs",
        ],
    ),
    ("mime_guess", &["site/content_type.rs"]),
    ("minijinja", &["site/"]),
    (
        "minijinja_contrib",
        &[
            "site/templates/limits/added.rs",
            "site/templates/limits/methods.rs",
            "site/templates/limits/guards.rs",
        ],
    ),
    ("mio", &["server/"]),
    ("notify", &["live/watch.rs"]),
    ("num_cpus", &["config/mod.rs"]),
    ("open", &["commands/serve.rs"]),
    ("percent_encoding", &["http/url_path.rs", "site/templates/absolute.rs", "urls/mod.rs"]),
    ("pulldown_cmark", &["markdown/"]),
    ("qrcode", &["qr_code.rs"]),
    ("quick_cache", &["site/cache.rs", "site/metadata/store.rs"]),
    (
        "rustix",
        &[
            "access_log/output.rs",
            "background.rs",
            "live/watch.rs",
            "machine.rs",
            "publish/output/",
            "qr_code.rs",
            "server/",
            "signals.rs",
            "site/files/folder.rs",
            "site/files/folder/stamps.rs",
            "site/files/stamp.rs",
            "site/files/system.rs",
        ],
    ),
    ("saphyr", &["site/notation/yaml.rs"]),
    ("saphyr_parser", &["site/notation/yaml.rs"]),
    (
        "serde",
        &[
            "access_log/",
            "check/format.rs",
            "config/",
            "diagnostic/",
            "live/message.rs",
            "live/patch/",
            "publish/hosts/vercel.rs",
            "rules/",
            "site/",
        ],
    ),
    (
        "serde_json",
        &[
            "access_log/format.rs",
            "check/format.rs",
            "live/message.rs",
            "publish/hosts/vercel.rs",
            "site/notation/json.rs",
        ],
    ),
    ("sha1", &["http/websocket.rs"]),
    ("signal_hook", &["signals.rs"]),
    ("slab", &["server/worker.rs"]),
    (
        "thiserror",
        &["check/", "commands/", "config/error.rs", "rules/mod.rs", "server/listener.rs", "site/"],
    ),
    ("toml", &["config/", "site/notation/toml.rs"]),
    ("tungstenite", &["server/websocket.rs"]),
    ("unicode_normalization", &["diagnostic/nearest.rs", "markdown/heading.rs"]),
    ("unicode_width", &["terminal.rs"]),
    ("walkdir", &["publish/output/safety.rs", "site/files/walk.rs"]),
    ("xxhash_rust", &["site/representation/hash.rs", "site/representation/later.rs"]),
    ("zstd", &["site/representation/compress.rs"]),
];

/// The same for the parts of the system that carry the design: `http` reads no
/// clock and opens no file, `site` makes no thread, only `server` has sockets.
const SYSTEM: &[(&str, &[&str])] = &[
    // The shell's own name of the working folder, for a root that is relative to it.
    // And where the program itself lies, whose hash is part of what a build is made of.
    ("std::env", &["main.rs", "site/files/root.rs", "site/states.rs"]),
    // In `http` and `server` it is the type of a body that the site has opened.
    (
        "std::fs",
        &[
            "commands/new.rs",
            "commands/site_rules.rs",
            "config/file.rs",
            "http/body.rs",
            "live/git_lock.rs",
            "machine.rs",
            "publish/output/",
            "server/stream.rs",
            "signals.rs",
            "site/",
        ],
    ),
    ("std::net::TcpListener", &["server/"]),
    ("std::net::TcpStream", &[]),
    ("std::net::UdpSocket", &[]),
    ("std::os::unix::net", &[]),
    ("std::process", &["main.rs", "signals.rs"]),
    (
        "std::thread",
        &[
            "access_log/",
            "background.rs",
            "live/mod.rs",
            "live/watch.rs",
            "commands/serve.rs",
            "parallel.rs",
            "server/",
            "signals.rs",
        ],
    ),
    // A render's deadline is compared while it runs.
    ("Instant::now", &["commands/build.rs", "live/", "server/", "site/templates/limits/"]),
    // Whether a stamp is settled is asked when the file is read, not when the turn began.
    (
        "SystemTime::now",
        &[
            "access_log/",
            "commands/build.rs",
            "commands/check.rs",
            "live/",
            "server/",
            "site/asset.rs",
            "site/collection/library.rs",
            "site/data/store.rs",
            "site/files/by_folder.rs",
            "site/files/dependencies.rs",
            "site/files/stat_cache.rs",
            "site/templates/source.rs",
            "site/metadata/store.rs",
            "site/settings.rs",
            "site/states.rs",
            "site/templates/assets.rs",
            "site/templates/loader.rs",
        ],
    ),
];

/// The beginnings of a noun clause, which hides what a module is.
const NOUN_CLAUSES: &[&str] = &["What", "Whether", "Which", "Why", "Where", "When", "How", "Who"];

/// Lines of a file, its tests not counted.
const MAX_LINES: usize = 350;

/// A file of `src/`.
struct Source {
    /// Its path from `src/`.
    name: String,
    text: String,
}

impl Source {
    /// The module of the crate's root that it belongs to.
    fn layer(&self) -> &str {
        self.name.split(['/', '.']).next().unwrap_or_default()
    }

    /// The text without what is compiled for tests only.
    fn product(&self) -> &str {
        if self.name.ends_with("tests.rs") {
            return "";
        }
        self.text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default()
    }
}

fn sources() -> Vec<Source> {
    let mut sources = Vec::new();
    collect_sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "", &mut sources);
    assert!(sources.len() > 40, "the files of src/ were not found");
    sources
}

fn collect_sources(folder: &Path, prefix: &str, sources: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name of UTF-8");
        let name = format!("{prefix}{name}");
        if path.is_dir() {
            collect_sources(&path, &format!("{name}/"), sources);
        } else if name.ends_with(".rs") {
            sources.push(Source { name, text: read(&path) });
        }
    }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn document(name: &str) -> String {
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join(name))
}

/// The paths that a source names, `use` lists expanded: `std::fs::File`. One that
/// begins with a name which a `use` brought in stands for that, and is left out.
fn paths(text: &str) -> BTreeSet<String> {
    let is_code = |line: &&str| !line.trim_start().starts_with("//");
    let code: String = text.lines().filter(is_code).flat_map(|line| [line, "\n"]).collect();
    let mut imported = BTreeSet::new();
    let mut inline = BTreeSet::new();
    for statement in code.split_inclusive(';') {
        match statement.rsplit_once("use ").filter(|(before, _)| is_before_use(before)) {
            Some((before, tree)) => {
                inline.extend(inline_paths(before));
                expand("", tree.trim_end_matches(';'), &mut imported);
            }
            None => inline.extend(inline_paths(statement)),
        }
    }
    let bound: BTreeSet<&str> =
        imported.iter().filter_map(|path| path.rsplit("::").next()).collect();
    let is_foreign = |path: &String| {
        let head = path.split("::").next().unwrap_or_default();
        !bound.contains(head) || head.starts_with(char::is_uppercase)
    };
    let inline: Vec<String> = inline.into_iter().filter(is_foreign).collect();
    imported.into_iter().chain(inline).collect()
}

/// Whether a `use` after `text` begins a statement, and is not a word of a string.
fn is_before_use(text: &str) -> bool {
    let line = text.rsplit('\n').next().unwrap_or_default().trim();
    line.is_empty() || line == "pub" || (line.starts_with("pub(") && line.ends_with(')'))
}

/// Writes out `tree`, such as `a::{b, c::{self, d as e}}`, each path behind `prefix`.
fn expand(prefix: &str, tree: &str, paths: &mut BTreeSet<String>) {
    let tree = tree.trim().trim_start_matches("::");
    let Some((path, list)) = tree.split_once('{') else {
        let name = tree.split(" as ").next().unwrap_or_default();
        let whole = format!("{prefix}{name}");
        paths.insert(whole.trim_end_matches("::self").to_owned());
        return;
    };
    let list = list.trim_end().strip_suffix('}').expect("braces come in pairs");
    let prefix = format!("{prefix}{path}");
    let mut depth = 0;
    let items = list.split(|c: char| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        c == ',' && depth == 0
    });
    items.filter(|item| !item.trim().is_empty()).for_each(|item| expand(&prefix, item, paths));
}

fn inline_paths(code: &str) -> impl Iterator<Item = String> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let words = code.split(move |c| !is_part(c)).filter(|word| word.contains("::"));
    words.map(|word| word.trim_matches(':').to_owned())
}

fn begins_with(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// Checks who imports what: a file's own name, or its folder where that is in the table.
fn assert_importers(table: &[(&str, &[&str])]) {
    let sources = sources();
    for (what, importers) in table {
        let uses =
            |source: &&Source| paths(source.product()).iter().any(|path| begins_with(path, what));
        let used: BTreeSet<&str> = sources
            .iter()
            .filter(uses)
            .map(|source| {
                let mut importers = importers.iter().copied();
                importers.find(|importer| source.name.starts_with(importer)).unwrap_or(&source.name)
            })
            .collect();
        assert_eq!(used, importers.iter().copied().collect(), "where `{what}` is used, and may be");
    }
}

#[test]
fn reads_the_paths_of_a_source() {
    let text = "//! Not std::a.\nuse std::{fs::{self, File}, io as x};\npub use ::http::Method;\n\
                use crate::{\n    a::B,\n    c,\n};\n/// Nor std::b.\n\
                fn f() { fs::read(\"use y\"); toml::from_str(c::d()); Instant::now(); }";
    let expected = [
        "Instant::now",
        "crate::a::B",
        "crate::c",
        "http::Method",
        "std::fs",
        "std::fs::File",
        "std::io",
        "toml::from_str",
    ];
    assert_eq!(paths(text), expected.map(str::to_owned).into());
}

#[test]
fn parts_import_only_those_below_them() {
    let mut imports: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for source in sources().iter().filter(|source| source.name != "lib.rs") {
        let found = imports.entry(source.layer().to_owned()).or_default();
        for path in paths(source.product()) {
            if let Some(("crate" | "pagepool", rest)) = path.split_once("::") {
                found.extend(rest.split("::").next().map(str::to_owned));
            }
            assert!(!path.starts_with("super::super"), "{}: name it from `crate`", source.name);
        }
        found.remove(source.layer());
    }
    let table = LAYERS
        .iter()
        .map(|(layer, below)| (layer.to_string(), below.iter().map(ToString::to_string).collect()));
    assert_eq!(imports, table.collect(), "what is imported, and what may be");
}

#[test]
fn crates_are_imported_where_they_may_be() {
    assert_importers(CRATES);
}

#[test]
fn the_system_is_used_where_it_may_be() {
    assert_importers(SYSTEM);
}

#[test]
fn every_dependency_is_in_the_table() {
    let manifest: toml::Table = document("Cargo.toml").parse().unwrap();
    let dependencies = manifest["dependencies"].as_table().unwrap();
    let dependencies: BTreeSet<String> =
        dependencies.keys().map(|name| name.replace('-', "_")).collect();
    assert_eq!(dependencies, CRATES.iter().map(|(name, _)| (*name).to_owned()).collect());
}

#[test]
fn every_file_says_what_it_is() {
    for source in sources() {
        let doc = source.text.strip_prefix("//! ");
        let doc = doc.unwrap_or_else(|| panic!("{} has no `//!` at its top", source.name));
        let first = doc.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
        assert!(!NOUN_CLAUSES.contains(&first), "{}: begin with what it is", source.name);
    }
}

/// The module that a file is: `site/files/mod.rs` is `site::files`.
fn module_of(name: &str) -> Vec<&str> {
    let path = name.trim_end_matches(".rs");
    let path = path.strip_suffix("/mod").unwrap_or(path);
    path.split('/').collect()
}

/// Folders whose `mod.rs` defines what its own files share, such as options and traits, and
/// uses these files: it is one thing with each of them.
const FOLDERS_OF_ONE_THING: &[&str] =
    &["access_log", "config", "live", "rules", "server", "site/templates/limits"];

/// What a file imports, and where its names come from.
struct Imports {
    /// All paths that it names.
    paths: BTreeSet<String>,
    /// Those of them that it only passes on, with `pub use`, and does not use itself.
    passed_on: BTreeSet<String>,
}

impl Imports {
    fn of(text: &str) -> Self {
        let mut passed_on = BTreeSet::new();
        let mut own = String::new();
        for statement in text.split_inclusive(';') {
            match statement.rsplit_once("pub use ").filter(|(before, _)| is_before_use(before)) {
                Some((before, tree)) => {
                    own.push_str(before);
                    expand("", tree.trim_end_matches(';'), &mut passed_on);
                }
                None => own.push_str(statement),
            }
        }
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        let words: BTreeSet<&str> = own.split(|c| !is_part(c)).collect();
        passed_on.retain(|path| !words.contains(last_of(path)));
        Self { paths: paths(text), passed_on }
    }

    /// What the name `name` stands for in this file, if it was brought in.
    fn find(&self, name: &str) -> Option<&str> {
        self.paths
            .iter()
            .map(String::as_str)
            .find(|path| path.contains("::") && last_of(path) == name)
    }
}

fn last_of(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or(path)
}

/// The file in which that is defined which `path` names in the file `module`, a name that
/// is passed on traced to where it comes from.
fn defined_in<'a>(
    path: &str,
    module: &[&'a str],
    files: &BTreeMap<Vec<&'a str>, Imports>,
) -> Option<Vec<&'a str>> {
    let child = |found: &[&'a str], part: &str| {
        files.keys().find(|known| known.split_last() == Some((&part, found))).cloned()
    };
    let mut parts = path.split("::");
    let mut found: Vec<&str> = match parts.next()? {
        "crate" => Vec::new(),
        "self" => module.to_vec(),
        "super" => module.split_last()?.1.to_vec(),
        head => child(module, head)?,
    };
    for part in parts {
        match (part, child(&found, part)) {
            ("super", _) => drop(found.pop()),
            (_, Some(inner)) => found = inner,
            (_, None) => {
                let source = files.get(&found).and_then(|imports| imports.find(part));
                let source = source.and_then(|source| defined_in(source, &found, files));
                return source.or(Some(found));
            }
        }
    }
    (!found.is_empty()).then_some(found)
}

#[test]
fn names_that_are_passed_on_lead_to_where_they_are_defined() {
    let files = [
        ("a", "pub use b::{X, Y};\nuse crate::c::Z;\nfn f(_: Y) {}"),
        ("a/b", "use super::Z;\npub struct X;\npub struct Y;"),
        ("c", "use crate::a::{X, f};\npub struct Z;"),
    ];
    let files: BTreeMap<Vec<&str>, Imports> =
        files.map(|(name, text)| (module_of(name), Imports::of(text))).into();
    for (path, module, expected) in [
        ("crate::a::X", "c", Some("a/b")),
        ("crate::a::f", "c", Some("a")),
        ("super::Z", "a/b", Some("c")),
        ("b::X", "a", Some("a/b")),
        ("crate::a::b::X::new", "c", Some("a/b")),
        ("std::fs", "a", None),
    ] {
        let found = defined_in(path, &module_of(module), &files).map(|found| found.join("/"));
        assert_eq!(found.as_deref(), expected, "{path} in {module}");
    }
    assert_eq!(files[&["a"][..]].passed_on, ["b::X".to_owned()].into());
}

#[test]
fn files_import_each_other_in_no_circle() {
    let sources = sources();
    let files: BTreeMap<Vec<&str>, Imports> = sources
        .iter()
        .map(|source| (module_of(&source.name), Imports::of(source.product())))
        .collect();
    let mut reached: BTreeMap<Vec<&str>, BTreeSet<Vec<&str>>> = BTreeMap::new();
    for (module, imports) in &files {
        let used = imports.paths.difference(&imports.passed_on);
        let others = used.filter_map(|path| defined_in(path, module, &files));
        let is_own_folder = |other: &Vec<&str>| {
            module.starts_with(other) && FOLDERS_OF_ONE_THING.contains(&&*other.join("/"))
        };
        let others = others.filter(|other| other != module && !is_own_folder(other));
        reached.insert(module.clone(), others.collect());
    }
    // Whatever a module that is reached reaches, until nothing is new.
    loop {
        let before = reached.clone();
        for others in reached.values_mut() {
            let further: Vec<_> =
                others.iter().filter_map(|other| before.get(other)).flatten().cloned().collect();
            others.extend(further);
        }
        if reached == before {
            break;
        }
    }
    let in_circle: Vec<String> = reached
        .iter()
        .filter(|(module, others)| others.contains(*module))
        .map(|(module, _)| module.join("::"))
        .collect();
    assert!(in_circle.is_empty(), "files that import each other: {in_circle:?}");
}

#[test]
fn the_map_of_the_code_is_complete() {
    let architecture = document("ARCHITECTURE.md");
    let code = architecture.split('`').skip(1).step_by(2);
    let mapped: BTreeSet<&str> = code.filter(|name| name.ends_with(".rs")).collect();
    let sources = sources();
    for source in sources.iter().filter(|source| !source.name.ends_with("tests.rs")) {
        assert!(mapped.contains(&*source.name), "ARCHITECTURE.md does not name `{}`", source.name);
    }
    let exists = |name: &str| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        root.join("src").join(name).is_file() || root.join(name).is_file()
    };
    for name in mapped {
        assert!(exists(name), "ARCHITECTURE.md names `{name}`, which is not there");
    }
}

#[test]
fn files_and_documents_stay_short() {
    for source in sources() {
        let lines = source.product().lines().count();
        assert!(lines <= MAX_LINES, "{} has {lines} lines, more than {MAX_LINES}", source.name);
    }
    // The table of ARCHITECTURE.md grows with the files.
    for (name, max) in [("README.md", 200), ("ARCHITECTURE.md", 120)] {
        let text = document(name);
        let is_map = |line: &&str| name == "ARCHITECTURE.md" && line.starts_with("| ");
        let lines = text.lines().filter(|line| !is_map(line)).count();
        assert!(lines < max, "{name} has {lines} lines, not less than {max}");
    }
}

#[test]
fn no_lint_is_switched_off_without_a_reason() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut sources = sources();
    collect_sources(&tests, "tests/", &mut sources);
    for source in sources {
        // In two pieces, since this file is looked through as well.
        for attribute in [concat!("[", "allow("), concat!("[", "expect(")] {
            for list in source.text.split(attribute).skip(1) {
                let list = list.split(")]").next().unwrap_or_default();
                assert!(list.contains("reason = "), "{}: `{list}` has no reason", source.name);
            }
        }
    }
}

#[test]
fn tests_wait_for_events_and_never_for_a_time() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut sources = sources();
    collect_sources(&tests, "tests/", &mut sources);
    for source in sources {
        let sleeps = source.text.contains(concat!("sle", "ep("));
        assert!(!sleeps, "{} sleeps", source.name);
    }
}
