//! The `Host` names that are answered.
//!
//! A website can point a name of its own at this machine (DNS rebinding). For the browser of
//! anyone who may connect, its page is then of the same origin as the server, and may read
//! the answers. So the server answers only names that cannot point elsewhere, and those that
//! were allowed.

use std::net::IpAddr;

use crate::http::host::Host;

/// The rule for all listeners.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hosts {
    /// Any host.
    Any,
    /// `localhost`, names below it, addresses, and these names.
    Only(Vec<HostPattern>),
}

/// One name, or all names below one; letter case and a dot at the end do not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostPattern {
    /// `*`: any host.
    Any,
    /// `dev.example`: this name.
    Name(String),
    /// `*.dev.example`: each name that ends so, and not `dev.example`.
    Below(String),
    /// `.dev.example`: both.
    NameAndBelow(String),
}

impl Hosts {
    /// The rule while a site is written, the same for all listeners: also the names of this
    /// machine, `own`, and `*.local` (RFC 6762, 3), which are asked of the local network.
    pub fn development(own: &[String], allowed: &[String]) -> Self {
        let local = HostPattern::Below("local".to_owned());
        Self::only(own, allowed, Some(local))
    }

    /// The rule for the public. A server that others can connect to answers any host unless
    /// some are allowed: what it serves is for all, and which names lead to it is known to
    /// its owner alone.
    pub fn production(addresses: &[IpAddr], own: &[String], allowed: &[String]) -> Self {
        let is_local = addresses.iter().all(IpAddr::is_loopback);
        if !is_local && allowed.is_empty() { Self::Any } else { Self::only(own, allowed, None) }
    }

    fn only(own: &[String], allowed: &[String], local: Option<HostPattern>) -> Self {
        let own = own.iter().map(|name| HostPattern::Name(name.clone()));
        let allowed = allowed.iter().filter_map(|pattern| HostPattern::parse(pattern));
        let patterns: Vec<_> = own.chain(allowed).chain(local).collect();
        if patterns.contains(&HostPattern::Any) { Self::Any } else { Self::Only(patterns) }
    }

    /// Whether a request for `host` is answered.
    pub fn allow(&self, host: Host<'_>) -> bool {
        let Self::Only(patterns) = self else { return true };
        let name = host.name_without_dot();
        // RFC 6761, 6.3: these never leave the machine.
        is_or_is_below(name, "localhost")
            || host.is_address()
            || patterns.iter().any(|pattern| pattern.is_match(name))
    }
}

impl HostPattern {
    /// Reads a pattern. `None` where it has a port, or is no host name.
    pub fn parse(pattern: &str) -> Option<Self> {
        if pattern == "*" {
            return Some(Self::Any);
        }
        if let Some(name) = pattern.strip_prefix("*.") {
            return name_of(name).map(Self::Below);
        }
        match pattern.strip_prefix('.') {
            Some(name) => name_of(name).map(Self::NameAndBelow),
            None => name_of(pattern).map(Self::Name),
        }
    }

    fn is_match(&self, name: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Name(own) => own.eq_ignore_ascii_case(name),
            Self::Below(parent) => is_below(name, parent),
            Self::NameAndBelow(parent) => is_or_is_below(name, parent),
        }
    }
}

fn name_of(text: &str) -> Option<String> {
    let host = Host::parse(text).filter(|host| host.name() == text)?;
    let name = host.name_without_dot();
    let is_name = !name.is_empty() && !name.starts_with('.') && !name.contains('*');
    is_name.then(|| name.to_owned())
}

fn is_or_is_below(name: &str, parent: &str) -> bool {
    name.eq_ignore_ascii_case(parent) || is_below(name, parent)
}

fn is_below(name: &str, parent: &str) -> bool {
    let before = name.len().checked_sub(parent.len()).and_then(|len| name.split_at_checked(len));
    before.is_some_and(|(before, end)| {
        before.len() > 1 && before.ends_with('.') && end.eq_ignore_ascii_case(parent)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    fn addresses(addresses: &[&str]) -> Vec<IpAddr> {
        addresses.iter().map(|address| address.parse().unwrap()).collect()
    }

    fn assert_allows(hosts: &Hosts, names: &[&str]) {
        for name in names {
            assert!(hosts.allow(Host::parse(name).unwrap()), "{name} by {hosts:?}");
        }
    }

    fn assert_forbids(hosts: &Hosts, names: &[&str]) {
        for name in names {
            assert!(!hosts.allow(Host::parse(name).unwrap()), "{name} by {hosts:?}");
        }
    }

    /// Names that mean this machine to any browser.
    const LOCAL: &[&str] = &[
        "localhost",
        "LOCALHOST:80",
        "localhost.",
        "a.localhost:1",
        "127.0.0.1",
        "127.1:80",
        "0x7f.1",
        "2130706433",
        "[::1]:8889",
        "[fe80::1]",
        "192.168.1.2",
        "192.168.1.2.",
    ];

    const FOREIGN: &[&str] = &[
        "example.com",
        "localhost.example.com",
        "notlocalhost",
        ".localhost",
        "my.test.example",
        "127.0.0.1.example",
        "127.0.0.1.nip.io",
        "0x7f.example",
        "local",
        "xn--lcalhost-54a",
        "localhos%74",
        "web",
        "a,b",
    ];

    #[test]
    fn development_answers_names_that_cannot_lead_elsewhere() {
        let hosts = Hosts::development(&texts(&["Ada-laptop", "ada-laptop.lan"]), &[]);
        assert_allows(&hosts, LOCAL);
        assert_allows(&hosts, &["ada-laptop", "ADA-LAPTOP.:80", "ada-laptop.lan", "printer.local"]);
        assert_forbids(&hosts, FOREIGN);
        assert_forbids(&hosts, &["ada-laptop.example", "a.ada-laptop", "ada-laptop.lan.example"]);
    }

    #[test]
    fn production_on_loopback_answers_local_and_allowed_names() {
        for ips in [&["127.0.0.1"][..], &["127.0.0.1", "::1"]] {
            let hosts = Hosts::production(&addresses(ips), &[], &texts(&["My.test"]));
            assert_allows(&hosts, LOCAL);
            assert_allows(&hosts, &["my.test:80", "MY.TEST."]);
            assert_forbids(&hosts, FOREIGN);
            assert_forbids(&hosts, &["printer.local"]);
        }
    }

    #[test]
    fn production_on_the_network_answers_all_until_names_are_allowed() {
        for ips in [&["0.0.0.0"][..], &["::"], &["127.0.0.1", "192.168.1.2"]] {
            let ips = addresses(ips);
            assert_eq!(Hosts::production(&ips, &texts(&["h"]), &[]), Hosts::Any);
            let hosts = Hosts::production(&ips, &texts(&["h"]), &texts(&["my.test"]));
            assert_allows(&hosts, LOCAL);
            assert_allows(&hosts, &["my.test", "h"]);
            assert_forbids(&hosts, FOREIGN);
        }
    }

    #[test]
    fn a_star_allows_all_hosts() {
        let star = texts(&["a.test", "*"]);
        assert_eq!(Hosts::development(&[], &star), Hosts::Any);
        assert_eq!(Hosts::production(&addresses(&["::1"]), &[], &star), Hosts::Any);
        assert_allows(&Hosts::Any, FOREIGN);
    }

    #[test]
    fn a_dot_or_a_star_in_front_allows_the_names_below() {
        for (pattern, allowed, forbidden) in [
            ("my.test", &["my.test", "MY.test."][..], &["a.my.test", "notmy.test"][..]),
            ("my.test.", &["my.test"], &["a.my.test"]),
            (".my.test", &["my.test", "a.my.test", "A.b.MY.test."], &["notmy.test", ".my.test"]),
            ("*.my.test", &["a.my.test", "a.b.my.test"], &["my.test", "notmy.test", "my.test.a"]),
        ] {
            let hosts = Hosts::development(&[], &texts(&[pattern]));
            assert_allows(&hosts, allowed);
            assert_forbids(&hosts, forbidden);
        }
    }

    #[test]
    fn forbids_patterns_that_are_no_names() {
        for pattern in
            ["", ".", "*.", "..a", "*.*", "a*.test", "a:80", "*.a:80", "a/b", "caf\u{e9}"]
        {
            assert_eq!(HostPattern::parse(pattern), None, "{pattern}");
        }
    }
}
