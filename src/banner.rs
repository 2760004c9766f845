//! The banner at the start: the addresses of the site, and how to stop.

use std::{
    net::{IpAddr, SocketAddr},
    path::Path,
};

use crate::wording::counted;

/// The facts of a server that has started.
#[derive(Debug)]
pub struct Banner<'a> {
    /// The addresses that it listens on, at least one.
    pub addresses: &'a [SocketAddr],
    /// What follows the address in the URL of the site: nothing, or `/docs/`.
    pub path: String,
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
    /// The addresses by which others may reach this machine, the likeliest first.
    pub machine_addresses: &'a [IpAddr],
}

impl Banner<'_> {
    /// The URL of the site on this machine.
    pub fn url(&self) -> String {
        match self.addresses.first() {
            Some(address) => url(self.is_localhost, *address) + &self.path,
            None => String::new(),
        }
    }

    /// The text of the banner, line by line.
    pub fn text(&self) -> String {
        let port = self.addresses.first().map_or(self.wanted_port, SocketAddr::port);
        let mut lines = Vec::new();
        if self.wanted_port != port && self.wanted_port != 0 {
            lines.push(format!("Port {} is in use; taking the next free one", self.wanted_port));
        }
        lines.push(format!("Server started on port {port}"));
        lines.push(format!("  Site     {}", self.url()));
        lines.extend(self.network_lines());
        let (root, pages) = (self.root.display(), counted(self.pages, "page"));
        let more = if self.has_more_pages { " and more" } else { "" };
        lines.push(format!("  Folder   {root} ({pages}{more})"));
        lines.push(format!("  Workers  {}", counted(self.threads, "thread")));
        lines.push("  Stop     Ctrl-C\n".to_owned());
        lines.join("\n")
    }

    /// The URL at which others most likely reach the site.
    pub fn network_url(&self) -> Option<String> {
        self.open_addresses().flat_map(|address| self.urls_at(address)).next()
    }

    /// The addresses that it listens on for others.
    fn open_addresses(&self) -> impl Iterator<Item = &SocketAddr> {
        self.addresses.iter().filter(|address| !address.ip().is_loopback())
    }

    /// Where others reach the site; no line where only this machine does.
    fn network_lines(&self) -> Vec<String> {
        let mut urls: Vec<String> =
            self.open_addresses().flat_map(|address| self.urls_at(address)).collect();
        if urls.is_empty() && self.open_addresses().next().is_some() {
            urls.push("every address of this machine".to_owned());
        }
        let line = |(n, url): (usize, String)| match n {
            0 => format!("  Network  {url}  (open to everyone who can reach this machine)"),
            _ => format!("           {url}"),
        };
        urls.into_iter().enumerate().map(line).collect()
    }

    /// The URLs that lead to one address it listens on. The wildcard of IPv6 is that of
    /// IPv4 too, as the system has it by default.
    fn urls_at(&self, listener: &SocketAddr) -> Vec<String> {
        let is_served = |ip: &&IpAddr| listener.is_ipv6() || ip.is_ipv4();
        let url = |ip: &IpAddr| url(false, SocketAddr::new(*ip, listener.port())) + &self.path;
        match listener.ip() {
            ip if ip.is_unspecified() => {
                self.machine_addresses.iter().filter(is_served).map(url).collect()
            }
            ip => vec![url(&ip)],
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The text of a server on a machine with the addresses `machine`.
    fn text(listeners: &[&str], is_localhost: bool, pages: usize, machine: &[&str]) -> String {
        let addresses: Vec<SocketAddr> = listeners.iter().map(|a| a.parse().unwrap()).collect();
        let machine_addresses: Vec<IpAddr> = machine.iter().map(|ip| ip.parse().unwrap()).collect();
        let banner = Banner {
            addresses: &addresses,
            path: String::new(),
            wanted_port: 8889,
            is_localhost,
            root: Path::new("pages"),
            pages,
            has_more_pages: pages > 4000,
            threads: 2,
            machine_addresses: &machine_addresses,
        };
        banner.text()
    }

    fn announce(listeners: &[&str], is_localhost: bool, pages: usize) -> String {
        text(listeners, is_localhost, pages, &["192.168.1.20", "10.8.0.2", "2001:db8::7"])
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
             \x20          http://10.8.0.2:80\n\
             \x20 Folder   pages (12 pages)\n  Workers  2 threads\n  Stop     Ctrl-C\n"
        );
        assert!(
            announce(&["192.168.1.20:80"], false, 0).contains("Site     http://192.168.1.20:80\n")
        );
        assert!(announce(&["127.0.0.1:80"], true, 4321).contains("(4321 pages and more)\n"));
    }

    #[test]
    fn names_each_address_that_leads_to_a_listener() {
        let all = ["http://192.168.1.20:80", "http://10.8.0.2:80", "http://[2001:db8::7]:80"];
        for (listeners, urls) in [
            (&["0.0.0.0:80"][..], &all[..2]),
            (&["[::]:80"], &all),
            (&["10.8.0.2:80"], &all[1..2]),
            (&["127.0.0.1:80", "[2001:db8::7]:80"], &all[2..]),
            (&["127.0.0.1:80", "[::1]:80"], &[]),
        ] {
            let text = announce(listeners, false, 1);
            let network = text.split_once("  Network  ").map_or("", |(_, rest)| rest);
            let (network, _) = network.split_once("  Folder").unwrap_or_default();
            let note = "  (open to everyone who can reach this machine)";
            let found: Vec<_> = network.lines().map(|l| l.trim().trim_end_matches(note)).collect();
            assert_eq!(found, urls, "{listeners:?}");
        }
    }

    #[test]
    fn says_so_where_the_addresses_are_not_known() {
        let text = text(&["0.0.0.0:80"], false, 1, &[]);
        assert!(text.contains("  Network  every address of this machine  (open"), "{text}");
    }
}
