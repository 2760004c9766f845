//! Hashes of contents, of which entity tags and versions are made.

use xxhash_rust::xxh3::xxh3_128;

/// Tells contents apart. Two that differ never have the same hash by chance, though a
/// pair that does can be searched for.
pub(crate) fn hash(bytes: &[u8]) -> u128 {
    xxh3_128(bytes)
}
