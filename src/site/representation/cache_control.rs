//! Cache-Control: how long an answer may be kept (RFC 9111, 5.2.2).

const ASK_EACH_TIME: &str = "no-cache";
const ASK_EACH_TIME_ALONE: &str = "private, no-cache";
const AN_HOUR: &str = "public, max-age=3600";
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// The value for a page, which may have been made for its request alone.
pub(crate) fn of_page(uses_request: bool, is_production: bool) -> &'static str {
    if is_production && uses_request { ASK_EACH_TIME_ALONE } else { ASK_EACH_TIME }
}

/// The value for an asset, whose name may change with its content. During editing,
/// everything is requested each time, which costs a 304.
pub(crate) fn of_asset(has_hash: bool, is_production: bool) -> &'static str {
    match () {
        () if !is_production => ASK_EACH_TIME,
        () if has_hash => FOR_EVER,
        () => AN_HOUR,
    }
}

/// The value for an asset in production whose URL names a version of it.
pub(crate) fn of_version(fits: bool) -> &'static str {
    if fits { FOR_EVER } else { ASK_EACH_TIME }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn development_asks_each_time() {
        assert_eq!(of_asset(true, false), "no-cache");
        assert_eq!(of_page(true, false), "no-cache");
    }

    #[test]
    fn production_tells_pages_assets_and_hashed_names_apart() {
        assert_eq!(of_page(false, true), "no-cache");
        assert_eq!(of_page(true, true), "private, no-cache");
        assert_eq!(of_asset(false, true), "public, max-age=3600");
        assert_eq!(of_asset(true, true), "public, max-age=31536000, immutable");
    }
}
