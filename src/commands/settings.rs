//! The settings that pages see, loaded anew when the configuration file changes: under the
//! same environment and flags, as those cannot change.

use std::{
    ffi::OsString,
    sync::atomic::{AtomicBool, Ordering},
};

use crate::{
    cli::Cli,
    config::Config,
    site::{Reloaded, Settings, SiteSettings, SiteValues},
};

/// What lies over the configuration file.
#[derive(Debug)]
pub(super) struct Layers {
    pub(super) cli: Cli,
    pub(super) environment: Vec<(OsString, OsString)>,
}

/// The settings of `config`, which follow its file; `print` gets what there is to say of a
/// change.
pub(super) fn followed(
    config: &Config,
    layers: Layers,
    print: impl Fn(String) + Send + Sync + 'static,
) -> Settings {
    let path = layers.cli.config_file().to_owned();
    let (started_with, was_there) = (config.clone(), AtomicBool::new(path.exists()));
    let load = move || reload(&started_with, &layers, &was_there);
    Settings::of_file(&path, of(config), load, print)
}

/// The settings of `config`, as they are.
pub(super) fn of(config: &Config) -> SiteSettings {
    SiteSettings {
        values: SiteValues::new(&config.site),
        timezone: config.timezone(),
        url: config.url().map(str::to_owned),
    }
}

fn reload(started_with: &Config, layers: &Layers, was_there: &AtomicBool) -> Reloaded {
    let path = layers.cli.config_file();
    let shown = path.display();
    if path.exists() {
        was_there.store(true, Ordering::Relaxed);
    } else if was_there.load(Ordering::Relaxed) {
        let message = format!("warning: `{shown}` is gone; pages keep the settings that it had");
        return Reloaded { settings: None, message: Some(message) };
    }
    match layers.cli.load(layers.environment.clone()) {
        Ok(config) => {
            let keys = started_with.changed_keys(&config);
            let verb = if keys.len() == 1 { "has" } else { "have" };
            let keys = format!("`{}`", keys.join("`, `"));
            let message = format!("restart needed: {keys} {verb} changed in `{shown}`");
            let message = (keys != "``").then_some(message);
            Reloaded { settings: Some(of(&config)), message }
        }
        Err(error) => {
            let message =
                format!("error: {error}\nuntil that is mended, pages keep the settings they have");
            Reloaded { settings: None, message: Some(message) }
        }
    }
}
