//! The names and addresses under which others know this machine.

use std::{fs, net::IpAddr, path::Path};

use if_addrs::Interface;

/// The host's name, its first label, and the names that `/etc/hosts` has for it, which is
/// where its fully qualified one stands; read when it is called. Other sources, such as the
/// network's search domain, are not chosen by the owner and do not count.
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

/// The addresses by which others may reach this machine, the likeliest first: IPv4 before
/// IPv6, a network card before a tunnel, a private network (RFC 1918) before a public one.
/// None where the system does not tell.
pub fn addresses() -> Vec<IpAddr> {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
    addresses_of(&interfaces, Path::new("/sys/class/net"))
}

/// Those of `interfaces`, which `devices` describes as Linux does in `/sys/class/net`.
/// Elsewhere that folder does not exist, and the bridges are listed with the others.
fn addresses_of(interfaces: &[Interface], devices: &Path) -> Vec<IpAddr> {
    let leads_to_others = |interface: &&Interface| {
        interface.is_oper_up()
            && !interface.is_loopback()
            && !interface.is_link_local()
            && !is_inner_bridge(&devices.join(&interface.name))
    };
    let mut others: Vec<_> = interfaces.iter().filter(leads_to_others).collect();
    others.sort_by_cached_key(|interface| {
        let ip = interface.ip();
        let is_private = matches!(ip, IpAddr::V4(ip) if ip.is_private());
        (ip.is_ipv6(), !has_hardware(&devices.join(&interface.name)), !is_private)
    });
    others.into_iter().map(Interface::ip).collect()
}

/// Whether it is a bridge that only containers and virtual machines of this machine are
/// on, such as Docker's. One that a network card is part of leads to others.
fn is_inner_bridge(device: &Path) -> bool {
    device.join("bridge").exists() && !has_hardware(device)
}

/// Whether it is hardware, or made of some, as a bridge, a bond or a VLAN is.
fn has_hardware(device: &Path) -> bool {
    let parts = fs::read_dir(device).into_iter().flatten().flatten();
    device.join("device").exists()
        || parts
            .filter(|part| part.file_name().as_encoded_bytes().starts_with(b"lower_"))
            .any(|lower| has_hardware(&lower.path()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use if_addrs::{IfAddr, IfOperStatus, Ifv4Addr, Ifv6Addr};

    use super::*;

    fn interface(name: &str, ip: &str) -> Interface {
        let addr = match ip.parse().unwrap() {
            IpAddr::V4(ip) => {
                let netmask = [255, 255, 255, 0].into();
                IfAddr::V4(Ifv4Addr { ip, netmask, prefixlen: 24, broadcast: None })
            }
            IpAddr::V6(ip) => {
                let netmask = [0xffff, 0xffff, 0xffff, 0xffff, 0, 0, 0, 0].into();
                IfAddr::V6(Ifv6Addr { ip, netmask, prefixlen: 64, broadcast: None })
            }
        };
        let (name, oper_status) = (name.to_owned(), IfOperStatus::Up);
        Interface { name, addr, index: None, oper_status, is_p2p: false }
    }

    /// A folder like `/sys/class/net`: `eth0` is a card, `veth1` belongs to a container.
    /// Docker's bridge has `veth1` alone, `br0` also a VLAN of `eth0`.
    fn devices() -> tempfile::TempDir {
        let devices = tempfile::tempdir().unwrap();
        for folder in ["eth0/device", "veth1", "eth0.7", "docker0/bridge", "br0/bridge", "tun0"] {
            fs::create_dir_all(devices.path().join(folder)).unwrap();
        }
        for (upper, lower) in
            [("docker0", "veth1"), ("br0", "veth1"), ("br0", "eth0.7"), ("eth0.7", "eth0")]
        {
            let link = devices.path().join(upper).join(format!("lower_{lower}"));
            symlink(devices.path().join(lower), link).unwrap();
        }
        devices
    }

    #[test]
    fn lists_the_addresses_that_others_can_reach() {
        let devices = devices();
        let down =
            Interface { oper_status: IfOperStatus::Unknown, ..interface("eth1", "192.168.2.1") };
        let interfaces = [
            interface("lo", "127.0.0.1"),
            interface("lo", "::1"),
            interface("eth0", "fe80::1"),
            interface("eth0", "2001:db8::7"),
            interface("docker0", "172.17.0.1"),
            interface("docker0", "fd00::1"),
            interface("tun0", "10.8.0.2"),
            interface("eth0", "192.168.1.20"),
            interface("eth0", "169.254.1.1"),
            interface("eth0", "203.0.113.5"),
            interface("br0", "192.168.7.1"),
            down,
        ];
        let listed = |devices: &Path| {
            let addresses = addresses_of(&interfaces, devices);
            addresses.iter().map(IpAddr::to_string).collect::<Vec<_>>()
        };
        let expected = ["192.168.1.20", "192.168.7.1", "203.0.113.5", "10.8.0.2", "2001:db8::7"];
        assert_eq!(listed(devices.path()), expected);
        // A system without such a folder, as macOS, does not tell the bridges apart.
        assert_eq!(listed(Path::new("/no/such/folder")).len(), 7);
    }

    #[test]
    fn a_container_is_reached_by_what_is_no_hardware() {
        let devices = devices();
        let interfaces = [interface("veth1", "172.17.0.2")];
        assert_eq!(addresses_of(&interfaces, devices.path()), [interfaces[0].ip()]);
    }

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
