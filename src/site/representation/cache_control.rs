//! Cache-Control: how long an answer may be kept (RFC 9111, 5.2.2).

const ASK_EACH_TIME: &str = "no-cache";
const ASK_EACH_TIME_ALONE: &str = "private, no-cache";
const AN_HOUR: &str = "public, max-age=3600";
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// The fewest hex digits that count as the hash of a content.
const MIN_HASH_DIGITS: usize = 8;

/// The value for a page, which may have been made for its request alone.
pub(crate) fn of_page(uses_request: bool, is_production: bool) -> &'static str {
    if is_production && uses_request { ASK_EACH_TIME_ALONE } else { ASK_EACH_TIME }
}

/// The value for the asset `name`. During editing, everything is requested
/// each time, which costs a 304.
pub(crate) fn of_asset(name: &str, is_production: bool) -> &'static str {
    match () {
        () if !is_production => ASK_EACH_TIME,
        () if has_content_hash(name) => FOR_EVER,
        () => AN_HOUR,
    }
}

/// Whether the name changes with the content, as in `app.3f9a2c1b.js` or
/// `app-3f9a2c1b.min.js`. A part of digits alone may be a date, and one of letters
/// alone a word.
fn has_content_hash(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    let mut parts = file.split(['.', '-', '_']);
    // What comes first is the name proper, and what comes last the extension.
    let is_first_or_last = (parts.next(), parts.next_back());
    is_first_or_last.1.is_some() && parts.any(is_hash)
}

fn is_hash(part: &str) -> bool {
    part.len() >= MIN_HASH_DIGITS
        && part.bytes().all(|byte| byte.is_ascii_hexdigit())
        && part.bytes().any(|byte| byte.is_ascii_digit())
        && part.bytes().any(|byte| byte.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn development_asks_each_time() {
        assert_eq!(of_asset("app.3f9a2c1b.js", false), "no-cache");
        assert_eq!(of_page(true, false), "no-cache");
    }

    #[test]
    fn production_tells_pages_assets_and_hashed_names_apart() {
        assert_eq!(of_page(false, true), "no-cache");
        assert_eq!(of_page(true, true), "private, no-cache");
        assert_eq!(of_asset("style.css", true), "public, max-age=3600");
        assert_eq!(of_asset("a/app.3f9a2c1b.js", true), "public, max-age=31536000, immutable");
    }

    #[test]
    fn only_a_hash_in_the_name_is_for_ever() {
        for name in ["app.3f9a2c1b.js", "app-3F9A2C1B44.min.js", "x/a.0123456789abcdef.css"] {
            assert!(has_content_hash(name), "{name}");
        }
        for name in [
            "app.js",
            "report.20240101.pdf",
            "a.deadbeef.js",
            "3f9a2c1b.js",
            "app.3f9a2c.js",
            "app.3f9a2c1g.js",
            "3f9a2c1b/app.js",
            "app.3f9a2c1b",
            "",
        ] {
            assert!(!has_content_hash(name), "{name}");
        }
    }
}
