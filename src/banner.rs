//! What is said at the start: where the site is, and how to stop.

use std::{
    net::{IpAddr, SocketAddr},
    path::Path,
};

/// The facts of a server that has started.
#[derive(Debug)]
pub struct Banner<'a> {
    /// The addresses that it listens on, at least one.
    pub addresses: &'a [SocketAddr],
    /// The port that was asked for; 0 for any.
    pub wanted_port: u16,
    /// Whether they are those of `localhost`.
    pub is_localhost: bool,
    /// The folder, as given.
    pub root: &'a Path,
    /// The number of pages in it, as far as they were counted.
    pub pages: usize,
    /// Whether there may be more.
    pub has_more_pages: bool,
    /// The number of workers.
    pub threads: usize,
    /// An address of this machine that others on the network can reach.
    pub network_address: Option<IpAddr>,
}

impl Banner<'_> {
    /// The URL of the site on this machine.
    pub fn url(&self) -> String {
        match self.addresses.first() {
            Some(address) => url(self.is_localhost, *address),
            None => String::new(),
        }
    }

    /// What is said, line by line.
    pub fn text(&self) -> String {
        let port = self.addresses.first().map_or(self.wanted_port, SocketAddr::port);
        let mut lines = Vec::new();
        if self.wanted_port != port && self.wanted_port != 0 {
            lines.push(format!("Port {} is in use; taking the next free one", self.wanted_port));
        }
        lines.push(format!("Server started on port {port}"));
        lines.push(format!("  Site     {}", self.url()));
        if self.is_open() {
            lines.push(format!(
                "  Network  {}  (open to everyone who can reach this machine)",
                self.network_url(port)
            ));
        }
        let plural = |n: usize| if n == 1 { "" } else { "s" };
        let (root, pages, threads) = (self.root.display(), self.pages, self.threads);
        let more = if self.has_more_pages { " and more" } else { "" };
        lines.push(format!("  Folder   {root} ({pages} page{}{more})", plural(pages)));
        lines.push(format!("  Workers  {threads} thread{}", plural(threads)));
        lines.push("  Stop     Ctrl-C\n".to_owned());
        lines.join("\n")
    }

    fn network_url(&self, port: u16) -> String {
        match self.network_address {
            Some(ip) => url(false, SocketAddr::new(ip, port)),
            None => "every address of this machine".to_owned(),
        }
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
        let announcement = Banner {
            addresses: &addresses,
            wanted_port: 8889,
            is_localhost,
            root,
            pages,
            has_more_pages: pages > 4000,
            threads: 2,
            network_address,
        };
        announcement.text()
    }

    #[test]
    fn tells_where_the_site_is() {
        assert_eq!(
            announce(&["127.0.0.1:8889", "[::1]:8889"], true, 1),
            "Server started on port 8889\n  Site     http://localhost:8889\n  Folder   pages (1 page)\n  Workers  2 threads\n  Stop     Ctrl-C\n"
        );
    }

    #[test]
    fn says_so_where_it_is_open_to_the_network() {
        assert_eq!(
            announce(&["0.0.0.0:80"], false, 12),
            "Port 8889 is in use; taking the next free one\nServer started on port 80\n\
             \x20 Site     http://localhost:80\n\
             \x20 Network  http://192.168.1.20:80  (open to everyone who can reach this machine)\n\
             \x20 Folder   pages (12 pages)\n  Workers  2 threads\n  Stop     Ctrl-C\n"
        );
        assert!(
            announce(&["192.168.1.20:80"], false, 0).contains("Site     http://192.168.1.20:80\n")
        );
        assert!(announce(&["127.0.0.1:80"], true, 4321).contains("(4321 pages and more)\n"));
    }
}
