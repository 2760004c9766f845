//! Parts of names: the file's own name, its extension, its parameter, a hash.

/// The fewest hex digits that count as the hash of a content.
const MIN_HASH_DIGITS: usize = 8;

/// The parameter in the name of a file: `id` in `products/[id].html`.
pub(crate) fn param_of(name: &str) -> Option<&str> {
    let (param, rest) = file_name(name).strip_prefix('[')?.split_once(']')?;
    let is_part_of_name = |c: char| c.is_alphanumeric() || c == '_';
    let is_name = param.chars().all(is_part_of_name) && !param.starts_with(char::is_numeric);
    (!param.is_empty() && is_name && rest.starts_with('.')).then_some(param)
}

/// What follows the last dot of the file's own name.
pub(super) fn extension(name: &str) -> &str {
    file_name(name).rsplit_once('.').map_or("", |(_, extension)| extension)
}

pub(super) fn file_name(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// Whether a part of a name may be the hash of a content.
pub(super) fn is_hash(part: &str) -> bool {
    part.len() >= MIN_HASH_DIGITS
        && part.bytes().all(|byte| byte.is_ascii_hexdigit())
        && part.bytes().any(|byte| byte.is_ascii_digit())
        && part.bytes().any(|byte| byte.is_ascii_alphabetic())
}
