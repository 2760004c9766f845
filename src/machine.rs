//! The names under which others know this machine.

use std::fs;

/// The host's name, its first label, and the names that `/etc/hosts` has for it, which is
/// where its fully qualified one stands; read when it is called. Other sources, such as the
/// network's search domain, are not the owner's word and do not count.
pub fn names() -> Vec<String> {
    let system = rustix::system::uname();
    let name = system.nodename().to_string_lossy();
    // The file is for people to edit: it may be absent, or of any bytes.
    let hosts = fs::read("/etc/hosts").unwrap_or_default();
    names_of(&name, &String::from_utf8_lossy(&hosts))
}

/// The names of the machine that is called `name`, with the text of hosts(5).
fn names_of(name: &str, hosts: &str) -> Vec<String> {
    let name = name.trim_end_matches('.');
    let label = name.split('.').next().unwrap_or_default();
    let mut names = vec![name.to_owned(), label.to_owned()];
    for line in hosts.lines() {
        let line = line.split('#').next().unwrap_or_default();
        let aliases = line.split_whitespace().skip(1);
        // `localhost` is the name of every machine, and its lines may hold anything.
        if name != "localhost" && aliases.clone().any(|alias| alias.eq_ignore_ascii_case(name)) {
            names.extend(aliases.map(|alias| alias.trim_end_matches('.').to_owned()));
        }
    }
    names.sort();
    names.dedup();
    names.retain(|name| !name.is_empty());
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTS: &str = "\
127.0.0.1\tlocalhost # ada
#192.0.2.1 commented.example ada
127.0.1.1  ada.corp.example   ADA
192.0.2.7  bob.corp.example bob
";

    #[test]
    fn a_machine_has_its_name_its_first_label_and_what_its_hosts_file_says() {
        for (name, expected) in [
            ("ada", &["ADA", "ada", "ada.corp.example"][..]),
            ("ada.corp.example", &["ADA", "ada", "ada.corp.example"]),
            ("localhost", &["localhost"]),
            ("eve.local.", &["eve", "eve.local"]),
            ("", &[]),
        ] {
            assert_eq!(names_of(name, HOSTS), expected, "{name}");
        }
    }

    #[test]
    fn this_machine_has_a_name() {
        assert!(!names().is_empty());
    }
}
