//! The `Host` field: `uri-host [ ":" port ]` (RFC 9110, 7.2; RFC 3986, 3.2.2).

use std::net::Ipv6Addr;

use super::grammar::percent_triplets_are_whole;

/// A checked host with its optional port, borrowed from the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Host<'a> {
    authority: &'a str,
    name: &'a str,
}

impl<'a> Host<'a> {
    /// Checks the whole of `authority` against the grammar; `None` where it does
    /// not match, or where the host is empty (RFC 9110, 4.2.1).
    pub fn parse(authority: &'a str) -> Option<Self> {
        let (name, port) = split_port(authority)?;
        (is_uri_host(name) && is_port(port)).then_some(Self { authority, name })
    }

    /// Host and port, as received.
    pub fn as_str(self) -> &'a str {
        self.authority
    }

    /// The host without the port; an IPv6 address keeps its brackets.
    pub fn name(self) -> &'a str {
        self.name
    }

    /// The port, where it is given.
    pub fn port(self) -> Option<u16> {
        self.authority.strip_prefix(self.name)?.strip_prefix(':')?.parse().ok()
    }

    /// The host without the port, and without the dot that a name may end in.
    pub fn name_without_dot(self) -> &'a str {
        self.name.strip_suffix('.').unwrap_or(self.name)
    }

    /// Whether the host is an address, which needs no lookup: `[::1]`, and what is made of
    /// numbers alone, decimal, octal or hexadecimal. A browser takes any host that ends in
    /// a number for an IPv4 address (URL Standard, 3.5), so that no name is like these.
    pub fn is_address(self) -> bool {
        let name = self.name_without_dot();
        name.starts_with('[') || name.split('.').all(is_number)
    }
}

/// A part of an IPv4 address as browsers read them: `10`, `010`, `0x0a`.
fn is_number(part: &str) -> bool {
    match part.strip_prefix("0x").or_else(|| part.strip_prefix("0X")) {
        Some(digits) => digits.bytes().all(|byte| byte.is_ascii_hexdigit()),
        None => !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()),
    }
}

/// Splits off the port; without a colon it is empty, as it may be with one.
fn split_port(authority: &str) -> Option<(&str, &str)> {
    if let Some(end) = authority.strip_prefix('[').and_then(|rest| rest.find(']')) {
        let (name, rest) = authority.split_at(end + 2);
        return match rest.strip_prefix(':') {
            Some(port) => Some((name, port)),
            None => rest.is_empty().then_some((name, "")),
        };
    }
    // Names are short: a plain loop over the bytes ends before an optimized search starts.
    match authority.bytes().position(|byte| byte == b':') {
        Some(colon) => Some((&authority[..colon], &authority[colon + 1..])),
        None => Some((authority, "")),
    }
}

fn is_uri_host(name: &str) -> bool {
    match name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(literal) => literal.parse::<Ipv6Addr>().is_ok() || is_ip_future(literal),
        None => !name.is_empty() && is_reg_name(name),
    }
}

/// `"v" 1*HEXDIG "." 1*( unreserved / sub-delims / ":" )`
fn is_ip_future(literal: &str) -> bool {
    let Some((version, address)) = literal.split_once('.') else {
        return false;
    };
    let version = version.strip_prefix(['v', 'V']).unwrap_or_default();
    !version.is_empty()
        && version.bytes().all(|byte| byte.is_ascii_hexdigit())
        && !address.is_empty()
        && address.bytes().all(|byte| byte == b':' || is_reg_name_byte(byte))
}

/// `*DIGIT`, within 16 bits.
fn is_port(port: &str) -> bool {
    port.bytes().all(|byte| byte.is_ascii_digit())
        && (port.is_empty() || port.parse::<u16>().is_ok())
}

/// `*( unreserved / pct-encoded / sub-delims )`
fn is_reg_name(name: &str) -> bool {
    name.bytes().all(is_reg_name_byte)
        || name.bytes().all(|byte| is_reg_name_byte(byte) || byte == b'%')
            && percent_triplets_are_whole(name)
}

/// `unreserved / sub-delims`
fn is_reg_name_byte(byte: u8) -> bool {
    /// A table lookup takes less time than the comparisons that it is made of.
    static TABLE: [bool; 256] = {
        let mut table = [false; 256];
        let mut byte = 0;
        while byte < 128 {
            table[byte] = matches!(
                byte as u8,
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~'
                    | b'!' | b'$' | b'&' | b'\''..=b',' | b';' | b'='
            );
            byte += 1;
        }
        table
    };
    TABLE[usize::from(byte)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn allows_hosts_of_every_form() {
        for (authority, name) in [
            ("localhost", "localhost"),
            ("localhost:8889", "localhost"),
            ("localhost:", "localhost"),
            ("127.0.0.1:80", "127.0.0.1"),
            ("[::1]", "[::1]"),
            ("[::1]:8889", "[::1]"),
            ("[v1.a:b]", "[v1.a:b]"),
            ("a_b.example", "a_b.example"),
            ("caf%C3%A9.example:1", "caf%C3%A9.example"),
        ] {
            assert_eq!(Host::parse(authority).map(Host::name), Some(name), "{authority}");
        }
    }

    #[test]
    fn forbids_hosts_outside_the_grammar() {
        for authority in [
            "",
            ":80",
            "a b",
            "a/b",
            "a?b",
            "a#b",
            "user@host",
            "host:8o",
            "host:80:80",
            "host:-1",
            "host:65536",
            "host:99999999999999999999",
            "[::1",
            "::1",
            "[::1]x",
            "[::1]80",
            "[]",
            "[:::]",
            "[v.a]",
            "[v1.]",
            "a%2",
            "a%zz",
            "a%",
            "a,b\\",
            "<a>",
            "a\u{e9}",
            "[::1%eth0]",
        ] {
            assert_eq!(Host::parse(authority), None, "{authority}");
        }
    }

    #[test]
    fn knows_addresses() {
        let is_address = |authority| Host::parse(authority).map(Host::is_address);
        for authority in [
            "127.0.0.1:1",
            "192.168.0.1.",
            "[::1]:1",
            "127.1",
            "0x7f.1",
            "0X7F000001:80",
            "0x",
            "2130706433",
            "0177.0.0.01",
        ] {
            assert_eq!(is_address(authority), Some(true), "{authority}");
        }
        for authority in [
            "localhost",
            "127.0.0.1.example",
            "1.example:1",
            "a.1",
            "0x7g.1",
            "x7f.1",
            "1..2",
            ".1",
            ".",
            "1.2.3.4..",
        ] {
            assert_eq!(is_address(authority), Some(false), "{authority}");
        }
    }
}
