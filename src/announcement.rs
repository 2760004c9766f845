//! What is said at the start: where the site is, and how to stop.

use std::{
    fmt::Write as _,
    net::{IpAddr, SocketAddr},
    path::Path,
};

/// The facts of a server that has started.
#[derive(Debug)]
pub struct Announcement<'a> {
    /// The addresses that it listens on, at least one.
    pub addresses: &'a [SocketAddr],
    /// Whether they are those of `localhost`.
    pub is_localhost: bool,
    /// The folder, as given.
    pub root: &'a Path,
    /// The number of pages in it.
    pub pages: usize,
    /// The number of workers.
    pub threads: usize,
    /// An address of this machine that others on the network can reach.
    pub network_address: Option<IpAddr>,
}

impl Announcement<'_> {
    /// The URL of the site on this machine.
    pub fn url(&self) -> String {
        match self.addresses.first() {
            Some(address) => url(self.is_localhost, *address),
            None => String::new(),
        }
    }

    /// The lines after the first.
    pub fn text(&self) -> String {
        let plural = |n: usize| if n == 1 { "" } else { "s" };
        let mut text = format!("  Site     {}\n", self.url());
        if let (true, Some(address)) = (self.is_open(), self.addresses.first()) {
            let network =
                self.network_address.map(|ip| url(false, SocketAddr::new(ip, address.port())));
            let network = network.unwrap_or_else(|| "every address of this machine".to_owned());
            // A String takes whatever is written.
            let _ = writeln!(
                text,
                "  Network  {network}  (open to everyone who can reach this machine)"
            );
        }
        let _ = writeln!(
            text,
            "  Folder   {} ({} page{})",
            self.root.display(),
            self.pages,
            plural(self.pages)
        );
        let _ = writeln!(text, "  Workers  {} thread{}", self.threads, plural(self.threads));
        text.push_str("  Stop     Ctrl-C\n");
        text
    }

    fn is_open(&self) -> bool {
        self.addresses.iter().any(|address| !address.ip().is_loopback())
    }
}

/// The URL of the site; a wildcard address is reached as `localhost`.
pub fn url(is_localhost: bool, address: SocketAddr) -> String {
    if is_localhost || address.ip().is_unspecified() {
        format!("http://localhost:{}", address.port())
    } else {
        format!("http://{address}")
    }
}

/// An address by which others on the network may reach this machine.
pub fn network_address() -> Option<IpAddr> {
    let interfaces = if_addrs::get_if_addrs().ok()?;
    let addresses = interfaces.iter().map(if_addrs::Interface::ip);
    addresses.filter(|ip| ip.is_ipv4() && !ip.is_loopback()).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn announce(addresses: &[&str], is_localhost: bool, pages: usize) -> String {
        let addresses: Vec<SocketAddr> = addresses.iter().map(|a| a.parse().unwrap()).collect();
        let network_address = Some("192.168.1.20".parse().unwrap());
        let root = Path::new("pages");
        let announcement = Announcement {
            addresses: &addresses,
            is_localhost,
            root,
            pages,
            threads: 2,
            network_address,
        };
        announcement.text()
    }

    #[test]
    fn tells_where_the_site_is() {
        assert_eq!(
            announce(&["127.0.0.1:8889", "[::1]:8889"], true, 1),
            "  Site     http://localhost:8889\n  Folder   pages (1 page)\n  Workers  2 threads\n  Stop     Ctrl-C\n"
        );
    }

    #[test]
    fn says_so_where_it_is_open_to_the_network() {
        assert_eq!(
            announce(&["0.0.0.0:80"], false, 12),
            "  Site     http://localhost:80\n\
             \x20 Network  http://192.168.1.20:80  (open to everyone who can reach this machine)\n\
             \x20 Folder   pages (12 pages)\n  Workers  2 threads\n  Stop     Ctrl-C\n"
        );
        assert!(
            announce(&["192.168.1.20:80"], false, 0).contains("Site     http://192.168.1.20:80\n")
        );
    }
}
