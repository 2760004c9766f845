//! Live editing in a real browser: what a person sees who saves a file. Built sites in it, too.

#[path = "../common"]
mod common {
    pub(crate) mod browser;
    pub(crate) mod chromium;
    pub(crate) mod firefox;
    #[allow(dead_code, reason = "the tests of the command line use the rest of it")]
    pub(crate) mod program;
    pub(crate) mod replies;
}
mod authored;
mod base_path;
mod built;
mod builtins;
mod console;
mod editing;
mod errors;
mod fallback_page;
mod files;
mod folder;
mod kept;
mod lists;
mod many;
mod pages;
mod plain;
mod random;
mod refused;
mod scripted;
mod table;
mod xml;

use std::{
    fs,
    sync::mpsc::{RecvTimeoutError, channel},
    time::Duration,
};

use common::{
    chromium::{Profile, Tab},
    program::{Folder, Program},
};

/// A folder of pages, the server that serves it, and a browser.
struct Site {
    server: Program,
    folder: Folder,
    profile: Profile,
}

impl Site {
    /// A site of these files, by their paths from the root.
    fn new(files: &[(&str, &str)]) -> Self {
        Self::with(&[], files)
    }

    /// The same with flags for the server.
    fn with(flags: &[&str], files: &[(&str, &str)]) -> Self {
        Self::start(flags, "", files)
    }

    /// The same with a configuration.
    fn configured(config: &str, files: &[(&str, &str)]) -> Self {
        Self::start(&[], config, files)
    }

    fn start(flags: &[&str], config: &str, files: &[(&str, &str)]) -> Self {
        let folder = Folder::in_memory();
        folder.write("config.toml", config);
        fs::create_dir(folder.path("pages")).expect("the folder is empty");
        for (name, text) in files {
            folder.write(&format!("pages/{name}"), text);
        }
        Self { server: folder.serve(flags), folder, profile: Profile::new() }
    }

    fn url(&self, target: &str) -> String {
        format!("http://localhost:{}{target}", self.server.port)
    }

    /// Opens a page, and waits until it is whole and connected.
    fn open(&self, target: &str) -> Tab {
        let tab = self.profile.open(&self.url(target));
        tab.wait_for(READY);
        tab
    }

    /// The path of a file from the root.
    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path("pages").join(name)
    }

    /// Saves a file as most editors do: the file itself is written anew.
    fn save(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.path(name), text).expect("the file is written");
    }

    /// Saves a file as careful editors do: a new one takes its place.
    fn replace(&self, name: &str, text: &str) {
        let new = self.path(&format!("{name}.new"));
        fs::write(&new, text).expect("the new file is written");
        fs::rename(new, self.path(name)).expect("it takes the place");
    }

    /// Saves a file in the one way or the other.
    fn save_in_turn(&self, count: u64, name: &str, text: &str) {
        if count.is_multiple_of(2) {
            self.save(name, text);
        } else {
            self.replace(name, text);
        }
    }

    /// Saves a file as Vim may do: the old one makes way, and goes in the end.
    fn save_beside_backup(&self, name: &str, text: &str) {
        let backup = self.path(&format!("{name}~"));
        fs::rename(self.path(name), &backup).expect("the old one makes way");
        fs::write(self.path(name), text).expect("the new file is written");
        fs::remove_file(backup).expect("the old one goes");
    }

    /// Stops the server; `serve_again` starts another one in its place.
    fn stop(self) -> Stopped {
        let Self { server, folder, profile } = self;
        Stopped { port: server.port, folder, profile }
    }
}

/// A site whose server has gone, while its tabs are still there.
struct Stopped {
    port: u16,
    folder: Folder,
    profile: Profile,
}

impl Stopped {
    fn save(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.folder.path("pages").join(name), text).expect("the file is written");
    }

    fn serve_again(self) -> Site {
        let Self { port, folder, profile } = self;
        let port = port.to_string();
        let command = folder.command(common::program::SERVER, &["--port", &port]);
        Site { server: Program::serve(&folder, command), folder, profile }
    }
}

/// Holds where a page is whole and has its connection.
const READY: &str = "document.readyState == 'complete' && pagepool.connected";

/// Holds where a page shows `text`.
fn shows(text: &str) -> String {
    format!("document.body.innerText.includes({})", serde_json::json!(text))
}

/// The pace of the person or the program that saves, which is part of the case: what the
/// second save meets depends on how far the first one has come. No event is waited for, and
/// no assertion depends on how long this takes.
fn apart(milliseconds: u64) {
    let (_sender, receiver) = channel::<()>();
    let ended = receiver.recv_timeout(Duration::from_millis(milliseconds));
    assert_eq!(ended, Err(RecvTimeoutError::Timeout));
}

/// Asserts that since `record_messages`, a tab has got messages of these types.
fn assert_told(tab: &Tab, types: &[&str]) {
    let messages = tab.messages();
    let told: Vec<_> = messages.iter().filter_map(|message| message["type"].as_str()).collect();
    assert_eq!(told, types, "{messages:#?}");
}

/// Asserts that a tab has made `patches` changes in place and loaded nothing again.
fn assert_patched(tab: &Tab, patches: u64) {
    let found = tab.evaluate("[pagepool.patches, pagepool.swaps, Number(sessionStorage.loads)]");
    assert_eq!(found, serde_json::json!([patches, 0, 1]), "patches, swaps, loads");
}
