//! Hashes of contents, of which entity tags and versions are made.

use xxhash_rust::xxh3::{Xxh3, xxh3_128};

/// Tells contents apart. Two that differ never have the same hash by chance, though a
/// pair that does can be searched for.
pub fn hash(bytes: &[u8]) -> u128 {
    xxh3_128(bytes)
}

/// The same of what `read` gives, up to `len` bytes at a time, until that is nothing.
///
/// # Errors
/// Those of `read`.
pub fn hash_of_parts<E>(
    len: usize,
    mut read: impl FnMut(&mut [u8]) -> Result<usize, E>,
) -> Result<u128, E> {
    let mut hasher = Xxh3::new();
    let mut buffer = vec![0; len];
    loop {
        match read(&mut buffer)? {
            0 => return Ok(hasher.digest128()),
            read => hasher.update(&buffer[..read]),
        }
    }
}

/// A hash of several things in their order.
#[derive(Default)]
pub struct Hasher(Xxh3);

impl Hasher {
    /// Adds a thing, whose end counts as well.
    pub fn add(&mut self, bytes: &[u8]) {
        self.0.update(&(bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }

    /// Adds what has this hash.
    pub fn add_hash(&mut self, hash: u128) {
        self.add(&hash.to_le_bytes());
    }

    /// The hash of all of them.
    pub fn finish(&self) -> u128 {
        self.0.digest128()
    }
}

/// A hash as the value of `v` in a URL.
pub(crate) fn version(hash: u128) -> String {
    format!("{:016x}", hash >> 64)
}
