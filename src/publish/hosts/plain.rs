//! A server of files: no files of its own, but its configuration, for a person to copy.

use std::collections::BTreeMap;

use super::{
    caddy, nginx,
    told::{HostFiles, Told},
};

pub(super) fn files(told: &Told<'_>) -> HostFiles {
    let instructions = format!(
        "\n# nginx, in `server {{ … }}`\n{}\n# Caddy, in a Caddyfile\n{}",
        nginx::snippet(told),
        caddy::snippet(told)
    );
    HostFiles { files: BTreeMap::new(), instructions: Some(instructions) }
}
