//! Entity tags (RFC 9110, 8.8.3), and the lists of them in `If-Match` and
//! `If-None-Match`.

use std::borrow::Cow;

use data_encoding::HEXLOWER;

use super::{encoding::Coding, headers::Headers};

/// An opaque validator: `"xyzzy"`, or `W/"xyzzy"` where it is weak.
///
/// There is no `==`: two tags are the same strongly or weakly, and which of the
/// two counts, each precondition says.
#[derive(Clone, Debug)]
pub struct EntityTag<'a> {
    is_weak: bool,
    /// What stands between the quotes; not UTF-8 of necessity.
    opaque: Cow<'a, [u8]>,
}

impl EntityTag<'static> {
    /// The strong tag of a representation, from a hash of its bytes or of what decides
    /// them. Each coding makes a tag of its own, because its bytes are others (RFC 9110,
    /// 8.8.3.3).
    pub fn from_hash(hash: u128, coding: Coding) -> Self {
        let token = coding.token().unwrap_or_default();
        let mut opaque = String::with_capacity(2 * size_of_val(&hash) + "-".len() + token.len());
        HEXLOWER.encode_append(&hash.to_be_bytes(), &mut opaque);
        if !token.is_empty() {
            opaque.push('-');
            opaque.push_str(token);
        }
        Self { is_weak: false, opaque: Cow::Owned(opaque.into_bytes()) }
    }
}

impl<'a> EntityTag<'a> {
    /// Reads one tag, which must be the whole of `value`.
    pub fn parse(value: &'a [u8]) -> Option<Self> {
        split_tag(value).filter(|(_, rest)| rest.is_empty()).map(|(tag, _)| tag)
    }

    /// The tag as a field has it.
    pub fn field_value(&self) -> String {
        let begin = if self.is_weak { "W/\"" } else { "\"" };
        let text = str::from_utf8(&self.opaque).map(Cow::Borrowed);
        let text = text.unwrap_or_else(|_| String::from_utf8_lossy(&self.opaque));
        [begin, &text, "\""].concat()
    }

    /// Whether both are strong and their opaque parts equal (RFC 9110, 8.8.3.2).
    pub fn matches_strongly(&self, other: &EntityTag<'_>) -> bool {
        !self.is_weak && !other.is_weak && self.opaque == other.opaque
    }

    /// Whether their opaque parts are equal, weak or not (RFC 9110, 8.8.3.2).
    pub fn matches_weakly(&self, other: &EntityTag<'_>) -> bool {
        self.opaque == other.opaque
    }
}

/// Whether the field `name` names a tag for which `is_match` holds: `None` where
/// there is no such field, and `*` matches any representation.
///
/// Several lines read as one list (RFC 9110, 5.3). A list that does not follow the
/// grammar to its end matches nothing, so that no answer rests on half of it: then
/// `If-Match` fails, and `If-None-Match` holds and the whole page is sent.
pub(super) fn any_matches(
    headers: Headers<'_>,
    name: &str,
    is_match: impl Fn(&EntityTag<'_>) -> bool,
) -> Option<bool> {
    let mut lines = headers.get_all(name).peekable();
    if *lines.peek()? == b"*" {
        // `"*" / #entity-tag`: the asterisk stands alone.
        return Some(lines.count() == 1);
    }
    let mut is_found = false;
    for line in lines {
        match any_in_line(line, &is_match) {
            Some(is_found_here) => is_found |= is_found_here,
            None => return Some(false),
        }
    }
    Some(is_found)
}

/// The same for one line; `None` where it breaks the grammar. A comma between
/// quotes is part of the tag, and empty members are skipped (RFC 9110, 5.6.1.2).
fn any_in_line(line: &[u8], is_match: impl Fn(&EntityTag<'_>) -> bool) -> Option<bool> {
    let mut is_found = false;
    let mut rest = skip(line, b" \t,");
    while !rest.is_empty() {
        let (tag, after) = split_tag(rest)?;
        is_found |= is_match(&tag);
        let after = skip(after, b" \t");
        if !matches!(after, [] | [b',', ..]) {
            return None;
        }
        rest = skip(after, b" \t,");
    }
    Some(is_found)
}

/// `[ %s"W/" ] DQUOTE *etagc DQUOTE` from the front of `value`, and what follows.
fn split_tag(value: &[u8]) -> Option<(EntityTag<'_>, &[u8])> {
    let (is_weak, quoted) = match value.strip_prefix(b"W/") {
        Some(quoted) => (true, quoted),
        None => (false, value),
    };
    let inner = quoted.strip_prefix(b"\"")?;
    let len = inner.iter().take_while(|&&byte| is_etag_byte(byte)).count();
    let (opaque, rest) = inner.split_at(len);
    let rest = rest.strip_prefix(b"\"")?;
    Some((EntityTag { is_weak, opaque: Cow::Borrowed(opaque) }, rest))
}

/// `etagc = %x21 / %x23-7E / obs-text`: no space, no quote, and a backslash
/// escapes nothing.
fn is_etag_byte(byte: u8) -> bool {
    matches!(byte, b'!' | b'#'..=b'~' | 0x80..)
}

fn skip<'a>(value: &'a [u8], bytes: &[u8]) -> &'a [u8] {
    let len = value.iter().take_while(|byte| bytes.contains(byte)).count();
    value.split_at(len).1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(value: &str) -> EntityTag<'_> {
        EntityTag::parse(value.as_bytes()).unwrap()
    }

    /// Whether a list over these lines has the tag `"a"`, weakly.
    fn has_a(lines: &[&str]) -> Option<bool> {
        let fields: Vec<_> = lines
            .iter()
            .map(|value| httparse::Header { name: "If-None-Match", value: value.as_bytes() })
            .collect();
        let a = tag("\"a\"");
        any_matches(Headers::new(&fields), "if-none-match", |tag| tag.matches_weakly(&a))
    }

    #[test]
    fn compares_as_the_table_of_the_rfc() {
        // RFC 9110, 8.8.3.2
        for (left, right, is_strong, is_weak) in [
            ("W/\"1\"", "W/\"1\"", false, true),
            ("W/\"1\"", "W/\"2\"", false, false),
            ("W/\"1\"", "\"1\"", false, true),
            ("\"1\"", "\"1\"", true, true),
            ("\"1\"", "\"2\"", false, false),
            ("\"a\"", "\"A\"", false, false),
            ("\"\"", "\"\"", true, true),
        ] {
            assert_eq!(tag(left).matches_strongly(&tag(right)), is_strong, "{left} {right}");
            assert_eq!(tag(right).matches_strongly(&tag(left)), is_strong, "{right} {left}");
            assert_eq!(tag(left).matches_weakly(&tag(right)), is_weak, "{left} {right}");
            assert_eq!(tag(right).matches_weakly(&tag(left)), is_weak, "{right} {left}");
        }
    }

    #[test]
    fn writes_a_tag_as_it_was_read() {
        for value in ["\"xyzzy\"", "W/\"xyzzy\"", "\"\"", "\"a,b\"", "\"\\\"", "\"!#~\u{e9}\""] {
            assert_eq!(tag(value).field_value(), value);
        }
    }

    #[test]
    fn refuses_what_is_no_tag() {
        for value in [
            "",
            "a",
            "*",
            "\"",
            "\"a",
            "a\"",
            "'a'",
            "\"a\"b",
            "\"a\"\"",
            "\"a\" ",
            " \"a\"",
            "\"a b\"",
            "\"a\tb\"",
            "\"a\u{7f}\"",
            "w/\"a\"",
            "W\"a\"",
            "W/ \"a\"",
            "W/a",
            "W/W/\"a\"",
            "\"a\", \"b\"",
        ] {
            assert!(EntityTag::parse(value.as_bytes()).is_none(), "{value}");
        }
    }

    #[test]
    fn each_coding_has_a_tag_of_its_own() {
        assert_eq!(
            EntityTag::from_hash(0xbeef, Coding::Identity).field_value(),
            format!("\"{:028}beef\"", 0)
        );
        assert_eq!(
            EntityTag::from_hash(0xbeef, Coding::Brotli).field_value(),
            format!("\"{:028}beef-br\"", 0)
        );
        let longest = EntityTag::from_hash(u128::MAX, Coding::Zstd).field_value();
        assert!(EntityTag::parse(longest.as_bytes()).unwrap().matches_strongly(&tag(&longest)));
    }

    #[test]
    fn finds_a_tag_in_a_list_over_several_lines() {
        for lines in [
            &["\"a\""][..],
            &["W/\"a\""],
            &["\"b\", \"a\""],
            &["\"a\", \"b\""],
            &["\"b\",\"a\""],
            &["\"b\"\t ,\t \"a\" ,"],
            &[", ,\"a\",,"],
            &["\"b\"", "\"a\""],
            &["\"a\"", "\"b\""],
            &["\"b\"", "", ",", "W/\"a\""],
            &["\"b,c\", \"a\""],
            &["*"],
        ] {
            assert_eq!(has_a(lines), Some(true), "{lines:?}");
        }
    }

    #[test]
    fn finds_no_tag_where_there_is_none() {
        assert_eq!(has_a(&[]), None);
        for lines in [
            &[""][..],
            &[","],
            &["\"b\""],
            &["\"A\""],
            &["\"a,a\""],
            &["\",a,\""],
            &["\"b\", \"c\""],
            &["\"*\""],
        ] {
            assert_eq!(has_a(lines), Some(false), "{lines:?}");
        }
    }

    #[test]
    fn a_list_that_breaks_the_grammar_matches_nothing() {
        for lines in [
            &["a"][..],
            &["\"a"],
            &["\"a\" \"a\""],
            &["\"a\"\"a\""],
            &["\"a\", b"],
            &["\"a\", \"b c\""],
            &["\"a\"; \"b\""],
            &["\"a\"", "b"],
            &["b", "\"a\""],
            &["\"a\", *"],
            &["*, \"a\""],
            &["*", "\"a\""],
            &["\"a\"", "*"],
            &["*", "*"],
            &["**"],
            &["\"a", "\""],
        ] {
            assert_eq!(has_a(lines), Some(false), "{lines:?}");
        }
    }

    /// Cuts at each comma outside quotes first, and reads the members after.
    fn has_a_slowly(line: &str) -> bool {
        let mut is_quoted = false;
        let mut members = vec![String::new()];
        for c in line.chars() {
            is_quoted ^= c == '"';
            match members.last_mut() {
                Some(member) if c != ',' || is_quoted => member.push(c),
                _ => members.push(String::new()),
            }
        }
        let members = members.iter().map(|member| member.trim()).filter(|m| !m.is_empty());
        let tags: Option<Vec<_>> =
            members.map(|member| EntityTag::parse(member.as_bytes())).collect();
        tags.is_some_and(|tags| tags.iter().any(|found| found.matches_weakly(&tag("\"a\""))))
            || line == "*"
    }

    #[test]
    fn reads_every_short_list_as_a_slow_reader_does() {
        let alphabet = ["\"", "a", ",", " ", "W/", "*"];
        let mut lines = vec![String::new()];
        for _ in 0..6 {
            for line in &lines {
                assert_eq!(has_a(&[line]), Some(has_a_slowly(line)), "{line}");
            }
            lines = lines.iter().flat_map(|line| alphabet.map(|c| format!("{line}{c}"))).collect();
        }
    }
}
