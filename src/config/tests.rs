//! The layers and their order, and what the whole configuration says.

mod environment_tests;
mod file_tests;
mod lists_tests;
mod rules_tests;
mod settings_tests;

use std::fs;

use super::*;

/// What a file and an environment make.
fn load(file: &str, environment: &[(&str, &str)]) -> Result<Config, String> {
    load_bytes(file.as_bytes(), environment, Vec::new())
}

fn load_bytes(
    file: &[u8],
    environment: &[(&str, &str)],
    flags: Vec<Flag>,
) -> Result<Config, String> {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join(DEFAULT_FILE), file).unwrap();
    let environment = environment.iter().map(|&(name, value)| (name.into(), value.into()));
    let loaded = Config::load_in(directory.path(), None, environment, flags);
    // The directory has another name each time.
    let prefix = format!("{}/", directory.path().display());
    loaded.map_err(|error| error.to_string().replace(&prefix, ""))
}

fn site(entries: &[(&str, toml::Value)]) -> toml::Table {
    entries.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect()
}

#[test]
fn the_example_holds_every_key_with_its_default() {
    let example = include_str!("../../config.example.toml");
    assert_eq!(load(example, &[]), Ok(Config::default()));
    let keys: toml::Table = toml::from_str(example).unwrap();
    assert_eq!(keys, toml::Table::try_from(Config::default()).unwrap());
    // A copy of the example chooses no port.
    assert!(example.contains(&format!("\n#port = {DEFAULT_PORT}\n")));
}

#[test]
fn the_example_holds_valid_rules_behind_its_number_signs() {
    let example = include_str!("../../config.example.toml");
    let is_example = |line: &str| line.starts_with('#') && !line.starts_with("# ") && line != "#";
    let lines = example.lines();
    let uncommented: Vec<_> =
        lines.map(|line| if is_example(line) { &line[1..] } else { line }).collect();
    let config = load(&uncommented.join("\n"), &[]).unwrap();
    assert_eq!((config.types.len(), config.headers.len(), config.redirects.len()), (1, 2, 2));
    assert_eq!(config.redirects[0].status, 301);
}

#[test]
fn pages_follow_their_files_unless_told_otherwise_or_in_production() {
    assert!(Config::default().reloads());
    for file in ["reload = false", "production = true", "production = true\nreload = true"] {
        assert!(!load(file, &[]).unwrap().reloads(), "{file}");
    }
}

#[test]
fn no_file_is_the_defaults() {
    let directory = tempfile::tempdir().unwrap();
    let loaded = Config::load_in(directory.path(), None, [], Vec::new());
    assert_eq!(loaded.unwrap(), Config::default());
}

#[test]
fn a_named_file_is_read_in_place_of_the_default_one() {
    let directory = tempfile::tempdir().unwrap();
    let named = directory.path().join("named.toml");
    fs::write(&named, "port = 1").unwrap();
    fs::write(directory.path().join(DEFAULT_FILE), "port = 2\nquiet = true").unwrap();
    let loaded = Config::load_in(directory.path(), Some(&named), [], Vec::new());
    assert_eq!(loaded.unwrap(), Config { port: Some(1), ..Config::default() });
}

#[test]
fn flags_win_over_the_environment_over_the_file_over_the_defaults() {
    let file = "port = 1\nhost = 'a'\nthreads = 1\nallowed_hosts = ['a']";
    let environment = [("PAGEPOOL_PORT", "2"), ("PAGEPOOL_HOST", "b")];
    let flags = vec![
        Flag::new("--port", "port", 3),
        Flag::new("--allowed-host", "allowed_hosts", vec!["b"]),
    ];
    let expected = Config {
        port: Some(3),
        host: "b".to_owned(),
        threads: 1,
        allowed_hosts: vec!["a".to_owned(), "b".to_owned()],
        ..Config::default()
    };
    assert_eq!(load_bytes(file.as_bytes(), &environment, flags), Ok(expected));
}

#[test]
fn the_default_port_is_a_choice_too_where_it_is_named() {
    let chosen = |file: &str, environment: &[(&str, &str)], flags| {
        let config = load_bytes(file.as_bytes(), environment, flags).unwrap();
        assert_eq!(config.port(), DEFAULT_PORT);
        config.is_port_chosen()
    };
    assert!(!chosen("", &[], Vec::new()));
    assert!(chosen("port = 8889", &[], Vec::new()));
    assert!(chosen("", &[("PAGEPOOL_PORT", "8889")], Vec::new()));
    assert!(chosen("", &[], vec![Flag::new("--port", "port", 8889)]));
}

#[test]
fn the_automatic_fallback_depends_on_production() {
    for (fallback, production, expected) in [
        (FallbackSetting::Auto, false, true),
        (FallbackSetting::Auto, true, false),
        (FallbackSetting::Echo, true, true),
        (FallbackSetting::NotFound, false, false),
        (FallbackSetting::Page("/index.html".into()), false, false),
    ] {
        let config = Config { fallback, production, ..Config::default() };
        assert_eq!(config.echoes(), expected);
    }
}

#[test]
fn threads_are_as_many_as_asked_for_or_as_processors() {
    assert_eq!(Config { threads: 3, ..Config::default() }.threads(), 3);
    assert_eq!(Config::default().threads(), num_cpus::get());
}
