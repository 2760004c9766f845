//! Preconditions: whether a request is to be answered in full (RFC 9110, 13).

use super::{
    Method,
    date::HttpDate,
    etag::{EntityTag, any_matches},
    headers::Headers,
};

/// What identifies the current state of a representation. One that has neither
/// still exists, so `*` matches it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Validators<'a> {
    /// The value of `ETag`.
    pub etag: Option<&'a EntityTag<'a>>,
    /// The value of `Last-Modified`, as it is sent.
    pub last_modified: Option<HttpDate>,
}

/// What the preconditions of a request come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Answer as without preconditions.
    Proceed,
    /// Answer 304: the client has it already.
    NotModified,
    /// Answer 412.
    PreconditionFailed,
}

/// Evaluates the preconditions in the order of RFC 9110, 13.2.2, but for
/// `If-Range`, which [`if_range`] is for.
///
/// To be asked only where the answer would be a 2xx: a server "MUST ignore all
/// received preconditions if its response to the same request without those
/// conditions [...] would have been a status code other than a 2xx" (13.2.1). So
/// there is a current representation whenever this is asked.
pub fn evaluate(
    method: &Method,
    headers: Headers<'_>,
    validators: &Validators<'_>,
    now: HttpDate,
) -> Outcome {
    // 13.2.1: ignored with a method "that does not involve the selection or
    // modification of a selected representation".
    if [Method::OPTIONS, Method::CONNECT, Method::TRACE].contains(method) {
        return Outcome::Proceed;
    }
    if !allows_by_state(headers, validators, now) {
        return Outcome::PreconditionFailed;
    }
    let is_read = [Method::GET, Method::HEAD].contains(method);
    // 13.2.2, step 3; 13.1.2: weak comparison.
    let has_tag = any_matches(headers, "if-none-match", |tag| {
        validators.etag.is_some_and(|current| tag.matches_weakly(current))
    });
    match has_tag {
        Some(true) if is_read => Outcome::NotModified,
        Some(true) => Outcome::PreconditionFailed,
        // 13.1.3: If-Modified-Since is ignored beside If-None-Match, also where
        // that one does not match.
        Some(false) => Outcome::Proceed,
        // Step 4
        None if is_read && is_unmodified(headers, validators, now) => Outcome::NotModified,
        None => Outcome::Proceed,
    }
}

/// Whether the field `Range` counts, as far as `If-Range` says (RFC 9110, 13.1.5).
/// Without an `If-Range` it does.
///
/// A tag must match strongly. A date must be that of `Last-Modified` exactly, and
/// be a strong validator (8.8.2.2), for which this server asks that its second is
/// over: a client may use a date only if its copy came at least one second after
/// it, and then no later change bears the same date. Anything else, and a second
/// `If-Range` line, makes the condition false, and the whole is sent.
pub fn if_range(headers: Headers<'_>, validators: &Validators<'_>, now: HttpDate) -> bool {
    let mut lines = headers.get_all("if-range");
    let Some(value) = lines.next() else {
        return true;
    };
    if lines.next().is_some() {
        return false;
    }
    if let Some(tag) = EntityTag::parse(value) {
        return validators.etag.is_some_and(|current| tag.matches_strongly(current));
    }
    let date = HttpDate::parse(value, now);
    date.is_some_and(|date| date < now && validators.last_modified == Some(date))
}

/// Steps 1 and 2 of 13.2.2: `If-Match`, and only without it `If-Unmodified-Since`.
fn allows_by_state(headers: Headers<'_>, validators: &Validators<'_>, now: HttpDate) -> bool {
    // 13.1.1: strong comparison.
    let has_tag = any_matches(headers, "if-match", |tag| {
        validators.etag.is_some_and(|current| tag.matches_strongly(current))
    });
    has_tag.unwrap_or_else(|| {
        // 13.1.4: ignored where "the resource does not have a modification date
        // available".
        let dates = (validators.last_modified, only_date(headers, "if-unmodified-since", now));
        !matches!(dates, (Some(last_modified), Some(date)) if last_modified > date)
    })
}

/// Whether `If-Modified-Since` says that the client's copy is still good. A date
/// in the future is ignored, as RFC 2616, 14.25, has it: it cannot be that of a
/// copy from this server, so it tells nothing of the copy.
fn is_unmodified(headers: Headers<'_>, validators: &Validators<'_>, now: HttpDate) -> bool {
    let dates = (validators.last_modified, only_date(headers, "if-modified-since", now));
    matches!(dates, (Some(last_modified), Some(date)) if last_modified <= date && date <= now)
}

/// The date of the field `name`. One that is "not a valid HTTP-date", or that "has
/// more than one member", MUST be ignored (RFC 9110, 13.1.3 and 13.1.4).
fn only_date(headers: Headers<'_>, name: &str, now: HttpDate) -> Option<HttpDate> {
    let mut lines = headers.get_all(name);
    let date = HttpDate::parse(lines.next()?, now);
    date.filter(|_| lines.next().is_none())
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;
    use Outcome::{NotModified, PreconditionFailed, Proceed};

    const BEFORE: &str = "Sun, 06 Nov 1994 08:49:36 GMT";
    const MODIFIED: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
    const AFTER: &str = "Sun, 06 Nov 1994 08:49:38 GMT";
    const NOW: &str = "Sun, 06 Nov 1994 08:59:37 GMT";
    const FUTURE: &str = "Sun, 06 Nov 1994 08:59:38 GMT";

    fn date(text: &str) -> HttpDate {
        HttpDate::parse(text.as_bytes(), HttpDate::at(UNIX_EPOCH)).unwrap()
    }

    fn fields<'a>(lines: &[(&'a str, &'a str)]) -> Vec<httparse::Header<'a>> {
        let field = |&(name, value): &(&'a str, &'a str)| httparse::Header {
            name,
            value: value.as_bytes(),
        };
        lines.iter().map(field).collect()
    }

    /// The outcome for a representation with the tag `"a"`, last modified at `MODIFIED`.
    fn outcome(method: &Method, lines: &[(&str, &str)]) -> Outcome {
        let etag = EntityTag::parse(b"\"a\"");
        let validators = Validators { etag: etag.as_ref(), last_modified: Some(date(MODIFIED)) };
        evaluate(method, Headers::new(&fields(lines)), &validators, date(NOW))
    }

    fn assert_outcomes(name: &str, cases: &[(&str, Outcome)]) {
        for &(value, expected) in cases {
            for method in [Method::GET, Method::HEAD] {
                assert_eq!(outcome(&method, &[(name, value)]), expected, "{name}: {value}");
            }
        }
    }

    #[test]
    fn if_match_compares_strongly() {
        assert_outcomes(
            "If-Match",
            &[
                ("\"a\"", Proceed),
                ("\"xyzzy\", \"a\", \"c3piozzzz\"", Proceed),
                ("*", Proceed),
                ("W/\"a\"", PreconditionFailed),
                ("\"b\"", PreconditionFailed),
                ("", PreconditionFailed),
                ("a", PreconditionFailed),
                ("\"a\", a", PreconditionFailed),
            ],
        );
        assert_eq!(outcome(&Method::GET, &[("If-Match", "\"b\""), ("if-match", "\"a\"")]), Proceed);
    }

    #[test]
    fn if_none_match_compares_weakly() {
        assert_outcomes(
            "If-None-Match",
            &[
                ("\"a\"", NotModified),
                ("W/\"a\"", NotModified),
                ("\"xyzzy\", \"a\"", NotModified),
                ("W/\"xyzzy\", W/\"a\"", NotModified),
                ("*", NotModified),
                ("\"b\"", Proceed),
                ("", Proceed),
                ("a", Proceed),
                ("\"a\", a", Proceed),
            ],
        );
        let lines = [("If-None-Match", "\"b\""), ("If-None-Match", "\"a\"")];
        assert_eq!(outcome(&Method::GET, &lines), NotModified);
    }

    #[test]
    fn if_modified_since_counts_whole_seconds() {
        assert_outcomes(
            "If-Modified-Since",
            &[
                (BEFORE, Proceed),
                (MODIFIED, NotModified),
                ("Sunday, 06-Nov-94 08:49:37 GMT", NotModified),
                ("Sun Nov  6 08:49:37 1994", NotModified),
                (AFTER, NotModified),
                (NOW, NotModified),
                (FUTURE, Proceed),
                ("Fri, 31 Dec 9999 23:59:59 GMT", Proceed),
                ("Thu, 01 Jan 1970 00:00:00 GMT", Proceed),
            ],
        );
    }

    #[test]
    fn if_unmodified_since_counts_whole_seconds() {
        assert_outcomes(
            "If-Unmodified-Since",
            &[
                (BEFORE, PreconditionFailed),
                ("Wed, 31 Dec 1969 23:59:59 GMT", PreconditionFailed),
                (MODIFIED, Proceed),
                (AFTER, Proceed),
                (FUTURE, Proceed),
            ],
        );
    }

    #[test]
    fn ignores_dates_that_are_none_or_not_alone() {
        for name in ["If-Modified-Since", "If-Unmodified-Since"] {
            // Each would be decisive if it were read.
            let good = if name == "If-Modified-Since" { MODIFIED } else { BEFORE };
            for value in ["", "0", "yesterday", "Sun, 06 Nov 1994", "\"a\"", &good[5..]] {
                assert_outcomes(name, &[(value, Proceed)]);
            }
            assert_outcomes(name, &[(&format!("{good}, {good}"), Proceed)]);
            assert_eq!(outcome(&Method::GET, &[(name, good), (name, good)]), Proceed);
            assert_ne!(outcome(&Method::GET, &[(name, good)]), Proceed);
        }
    }

    #[test]
    fn evaluates_in_the_order_of_the_rfc() {
        for (lines, expected) in [
            // If-Match speaks for If-Unmodified-Since, either way.
            (&[("If-Match", "\"a\""), ("If-Unmodified-Since", BEFORE)][..], Proceed),
            (&[("If-Match", "\"b\""), ("If-Unmodified-Since", AFTER)], PreconditionFailed),
            (&[("If-Unmodified-Since", BEFORE), ("If-Match", "*")], Proceed),
            // If-None-Match speaks for If-Modified-Since, either way.
            (&[("If-None-Match", "\"b\""), ("If-Modified-Since", AFTER)], Proceed),
            (&[("If-None-Match", "\"a\""), ("If-Modified-Since", BEFORE)], NotModified),
            (&[("If-Modified-Since", AFTER), ("If-None-Match", "bad")], Proceed),
            // The first two come before the last two.
            (&[("If-None-Match", "\"a\""), ("If-Match", "\"b\"")], PreconditionFailed),
            (&[("If-None-Match", "\"a\""), ("If-Match", "\"a\"")], NotModified),
            (&[("If-None-Match", "*"), ("If-Unmodified-Since", BEFORE)], PreconditionFailed),
            (&[("If-Modified-Since", AFTER), ("If-Unmodified-Since", BEFORE)], PreconditionFailed),
            (&[("If-Modified-Since", AFTER), ("If-Unmodified-Since", AFTER)], NotModified),
            (&[("If-Modified-Since", AFTER), ("If-Match", "\"a\"")], NotModified),
            (&[], Proceed),
        ] {
            assert_eq!(outcome(&Method::GET, lines), expected, "{lines:?}");
        }
    }

    #[test]
    fn other_methods_fail_where_a_read_is_spared() {
        for (method, by_tag) in [
            (Method::GET, NotModified),
            (Method::HEAD, NotModified),
            (Method::PUT, PreconditionFailed),
            (Method::OPTIONS, Proceed),
            (Method::TRACE, Proceed),
            (Method::CONNECT, Proceed),
        ] {
            assert_eq!(outcome(&method, &[("If-None-Match", "*")]), by_tag, "{method}");
        }
        assert_eq!(outcome(&Method::PUT, &[("If-Modified-Since", AFTER)]), Proceed);
        assert_eq!(outcome(&Method::OPTIONS, &[("If-Match", "\"b\"")]), Proceed);
        assert_eq!(outcome(&Method::PUT, &[("If-Unmodified-Since", BEFORE)]), PreconditionFailed);
    }

    #[test]
    fn without_validators_only_the_asterisk_matches() {
        for (name, value, expected) in [
            ("If-Match", "*", Proceed),
            ("If-Match", "\"a\"", PreconditionFailed),
            ("If-None-Match", "*", NotModified),
            ("If-None-Match", "\"a\"", Proceed),
            ("If-Modified-Since", NOW, Proceed),
            ("If-Unmodified-Since", BEFORE, Proceed),
        ] {
            let fields = fields(&[(name, value)]);
            let headers = Headers::new(&fields);
            let found = evaluate(&Method::GET, headers, &Validators::default(), date(NOW));
            assert_eq!(found, expected, "{name}: {value}");
        }
    }

    /// Whether the range counts, for a representation as in [`outcome`].
    fn range_counts(lines: &[&str], now: &str) -> bool {
        let etag = EntityTag::parse(b"\"a\"");
        let validators = Validators { etag: etag.as_ref(), last_modified: Some(date(MODIFIED)) };
        let lines: Vec<_> = lines.iter().map(|&value| ("If-Range", value)).collect();
        if_range(Headers::new(&fields(&lines)), &validators, date(now))
    }

    #[test]
    fn if_range_wants_a_strong_tag_or_the_exact_date() {
        for value in ["\"a\"", MODIFIED, "Sunday, 06-Nov-94 08:49:37 GMT"] {
            assert!(range_counts(&[value], NOW), "{value}");
        }
        for value in
            ["W/\"a\"", "\"b\"", "a", "*", "", "\"a\", \"a\"", BEFORE, AFTER, NOW, FUTURE, "1994"]
        {
            assert!(!range_counts(&[value], NOW), "{value}");
        }
        assert!(range_counts(&[], NOW));
        assert!(!range_counts(&["\"a\"", "\"a\""], NOW));
    }

    #[test]
    fn if_range_takes_no_date_of_a_second_that_goes_on() {
        assert!(!range_counts(&[MODIFIED], MODIFIED));
        assert!(range_counts(&[MODIFIED], AFTER));
        assert!(range_counts(&["\"a\""], MODIFIED));
    }

    #[test]
    fn if_range_without_validators_is_false() {
        for value in ["\"a\"", MODIFIED, "*"] {
            let fields = fields(&[("If-Range", value)]);
            assert!(!if_range(Headers::new(&fields), &Validators::default(), date(NOW)), "{value}");
        }
    }
}
