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

/// The day before the own name of a page, and what follows it: `2026-11-27` and `hello` of
/// `2026-11-27-hello`. What would be a name with a meaning of its own has none.
pub(crate) fn split_day(own_name: &str) -> Option<(&str, &str)> {
    const DAY_BYTES: usize = "2026-11-27".len();
    let is_of_day = |(at, byte): (usize, u8)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    };
    let (day, rest) = own_name.split_at_checked(DAY_BYTES)?;
    let rest = rest.strip_prefix('-').filter(|_| day.bytes().enumerate().all(is_of_day))?;
    may_follow_day(rest).then_some((day, rest))
}

/// Whether `own_name` has no meaning that it would lose, or give away, behind a day.
pub(super) fn may_follow_day(own_name: &str) -> bool {
    !own_name.starts_with(['_', '.', '[']) && !matches!(own_name, "" | "index" | "404")
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
