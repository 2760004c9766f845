//! The interface of a connection to its socket.

use std::{
    fs::File,
    io::{self, Read, Write},
    net::Shutdown,
    os::unix::fs::FileExt,
};

use mio::net::TcpStream;
#[cfg(target_os = "linux")]
use rustix::{
    io::Errno,
    net::{SendFlags, sockopt},
};

/// Bytes that the system is asked to send of a file at once.
#[cfg(target_os = "linux")]
const SENT_AT_ONCE: usize = 256 * 1024;
/// What the system may hold of a large answer to a client on this machine, as far as it lets a
/// program say so, and as much again for its own use.
#[cfg(target_os = "linux")]
const LOCAL_BUFFER_BYTES: usize = 256 * 1024;
/// Bytes of a file that pass through this process at once.
const COPIED_AT_ONCE: usize = 256 * 1024;

/// A non-blocking stream.
pub(super) trait Stream: Read + Write {
    /// Ends the sending half.
    fn shut_down_write(&self) -> io::Result<()>;

    /// Writes bytes that the end of the stream follows at once, which may then go
    /// out together with them.
    fn write_last(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write(bytes)
    }

    /// Bounds what the system holds of a large answer that shares the machine with others.
    fn bound_buffer(&self) {}

    /// Sends some of the `len` bytes of `file` from `offset` on, and returns how many;
    /// none where the file has become shorter.
    fn send_file(&mut self, file: &File, offset: u64, len: u64) -> io::Result<usize> {
        read_and_write(self, file, offset, len)
    }
}

impl Stream for TcpStream {
    fn shut_down_write(&self) -> io::Result<()> {
        self.shutdown(Shutdown::Write)
    }

    /// One packet less a connection, and the client is woken once, not twice.
    #[cfg(target_os = "linux")]
    fn write_last(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(rustix::net::send(self, bytes, SendFlags::MORE | SendFlags::NOSIGNAL)?)
    }

    /// Without a network, little is gained by a buffer of megabytes, as it grows by itself: with
    /// several of them the clients find the bytes in memory and no longer in the processor's cache.
    #[cfg(target_os = "linux")]
    fn bound_buffer(&self) {
        if self.peer_addr().is_ok_and(|peer| peer.ip().to_canonical().is_loopback()) {
            // Where this fails, it grows.
            let _: Result<(), Errno> =
                sockopt::set_socket_send_buffer_size(self, LOCAL_BUFFER_BYTES);
        }
    }

    /// The bytes do not pass through this process.
    #[cfg(target_os = "linux")]
    fn send_file(&mut self, file: &File, offset: u64, len: u64) -> io::Result<usize> {
        let chunk = at_most(SENT_AT_ONCE, len);
        match rustix::fs::sendfile(&*self, file, Some(&mut { offset }), chunk) {
            // Not every file system has it.
            Err(Errno::INVAL | Errno::NOSYS) => read_and_write(self, file, offset, len),
            sent => Ok(sent?),
        }
    }
}

fn read_and_write(
    stream: &mut (impl Write + ?Sized),
    file: &File,
    offset: u64,
    len: u64,
) -> io::Result<usize> {
    let mut chunk = vec![0; at_most(COPIED_AT_ONCE, len)];
    let read = file.read_at(&mut chunk, offset)?;
    stream.write(&chunk[..read])
}

fn at_most(max: usize, len: u64) -> usize {
    usize::try_from(len).map_or(max, |len| len.min(max))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::net::{Ipv4Addr, TcpListener};

    use super::*;

    #[test]
    fn what_waits_for_a_client_on_this_machine_is_bounded() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let before = sockopt::socket_send_buffer_size(&stream).unwrap();
        stream.bound_buffer();
        let after = sockopt::socket_send_buffer_size(&stream).unwrap();
        assert!(after != before && after <= 2 * LOCAL_BUFFER_BYTES, "{before} {after}");
    }
}
