//! The sockets to listen on: addresses, and the port.

use std::{
    io::{self, ErrorKind},
    iter,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, ToSocketAddrs},
};

/// How often the system is asked for any port that is free on all addresses.
const TRIES_OF_ANY: usize = 16;

/// How many ports after the first [`Port::From`] tries.
const MORE_PORTS: u16 = 10;

/// Connections that may wait to be accepted; the system may allow fewer.
const BACKLOG: i32 = 4096;

/// Which port to take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Port {
    /// This one; 0 lets the system choose.
    Exactly(u16),
    /// This one or, where it is taken, the first free one of the ten after it.
    From(u16),
}

/// Why there is nothing to listen on.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// `host` is neither an address nor a name that is known here.
    #[error(
        "cannot listen on `{host}`: {source}; `--host` takes `localhost`, an address of this machine, or `0.0.0.0` for all"
    )]
    Host {
        /// As configured.
        host: String,
        /// The error of the look-up.
        source: io::Error,
    },
    /// Another program listens there.
    #[error(
        "port {port} is already in use; choose another with `--port`, or let the system choose with `--port 0`"
    )]
    InUse {
        /// The port, the last one tried.
        port: u16,
    },
    /// The system keeps this port for the privileged.
    #[error("port {port} is for privileged programs only; choose one above 1023 with `--port`")]
    Privileged {
        /// The port.
        port: u16,
    },
    /// Any other error of the system.
    #[error("cannot listen on port {port} of `{host}`: {source}")]
    Io {
        /// As configured.
        host: String,
        /// The port.
        port: u16,
        /// The error of the system.
        source: io::Error,
    },
}

/// Listens on `host`. `localhost` is both loopback addresses, either of which may
/// be missing on this machine; but where a port is taken on one of them it counts
/// as taken, since a browser would find the other server there.
///
/// # Errors
/// A [`BindError`], which names the setting to change.
pub fn bind(host: &str, port: Port) -> Result<Vec<TcpListener>, BindError> {
    let addresses = resolve(host)?;
    let (first, last) = match port {
        Port::Exactly(port) => (port, port),
        Port::From(port) => (port, port.saturating_add(MORE_PORTS)),
    };
    // The port that the system gives for one address may be taken on the next.
    let tries = if port == Port::Exactly(0) { TRIES_OF_ANY } else { 1 };
    for port in (first..=last).flat_map(|port| iter::repeat_n(port, tries)) {
        match bind_all(&addresses, port) {
            Ok(listeners) => return Ok(listeners),
            Err(error) if error.kind() == ErrorKind::AddrInUse => {}
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                return Err(BindError::Privileged { port });
            }
            Err(source) => return Err(BindError::Io { host: host.to_owned(), port, source }),
        }
    }
    Err(BindError::InUse { port: last })
}

/// A listener for the acceptor's poll. Accepted sockets inherit TCP_NODELAY, which
/// spares a system call for each of them.
pub(super) fn non_blocking(listener: TcpListener) -> io::Result<mio::net::TcpListener> {
    listener.set_nonblocking(true)?;
    rustix::net::sockopt::set_tcp_nodelay(&listener, true)?;
    // Once more, since the standard library asks for a backlog of 128 only.
    rustix::net::listen(&listener, BACKLOG)?;
    Ok(mio::net::TcpListener::from_std(listener))
}

fn resolve(host: &str) -> Result<Vec<IpAddr>, BindError> {
    if host == "localhost" {
        return Ok(vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]);
    }
    let found = (host, 0).to_socket_addrs();
    let addresses = found.map_err(|source| BindError::Host { host: host.to_owned(), source })?;
    Ok(addresses.map(|address| address.ip()).collect())
}

/// Binds every address that exists here to one port, all or none.
fn bind_all(addresses: &[IpAddr], port: u16) -> io::Result<Vec<TcpListener>> {
    let mut listeners = Vec::new();
    let mut port = port;
    let mut missing = None;
    for &address in addresses {
        match TcpListener::bind(SocketAddr::new(address, port)) {
            Ok(listener) => {
                // The port that the system chose for the first holds for all.
                port = listener.local_addr()?.port();
                listeners.push(listener);
            }
            Err(error) if is_missing(&error) => missing = Some(error),
            Err(error) => return Err(error),
        }
    }
    match missing {
        Some(error) if listeners.is_empty() => Err(error),
        _ => Ok(listeners),
    }
}

/// Whether this machine lacks the address or its whole family.
fn is_missing(error: &io::Error) -> bool {
    let no_family = rustix::io::Errno::AFNOSUPPORT.raw_os_error();
    error.kind() == ErrorKind::AddrNotAvailable || error.raw_os_error() == Some(no_family)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn port_of(listener: &TcpListener) -> u16 {
        listener.local_addr().unwrap().port()
    }

    #[test]
    fn localhost_is_one_port_on_both_loopback_addresses() {
        let listeners = bind("localhost", Port::Exactly(0)).unwrap();
        assert!(!listeners.is_empty());
        assert!(listeners.iter().all(|listener| port_of(listener) == port_of(&listeners[0])));
        assert!(listeners.iter().all(|l| l.local_addr().unwrap().ip().is_loopback()));
    }

    #[test]
    fn a_taken_port_is_refused_or_passed_over() {
        let taken = bind("127.0.0.1", Port::Exactly(0)).unwrap();
        let port = port_of(&taken[0]);
        let error = bind("localhost", Port::Exactly(port)).unwrap_err();
        assert!(error.to_string().starts_with(&format!("port {port} is already in use")));
        let next = bind("localhost", Port::From(port)).unwrap();
        assert_ne!(port_of(&next[0]), port);
    }

    #[test]
    fn a_host_that_is_not_here_is_refused() {
        let error = bind("192.0.2.1", Port::Exactly(0)).unwrap_err();
        assert!(matches!(error, BindError::Io { .. }), "{error}");
    }
}
