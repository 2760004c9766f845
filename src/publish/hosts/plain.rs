//! A server of files: its configuration, for a person to copy. Aliases are pages as well, so
//! that old links live on any server.

use super::{
    caddy, nginx, refresh,
    told::{HostFiles, Told},
};
use crate::publish::{host::Host, problems::Problems};

pub(super) fn files(told: &Told<'_>, problems: &mut Problems) -> HostFiles {
    let aliases = told.redirects.iter().filter(|redirect| redirect.is_alias);
    let files = refresh::pages(aliases, Host::Plain, refresh::index_of, problems);
    let instructions = format!(
        "\n# nginx, in `server {{ … }}`\n{}\n# Caddy, in a Caddyfile\n{}",
        nginx::snippet(told),
        caddy::snippet(told)
    );
    HostFiles { files, instructions: Some(instructions) }
}
