//! Bare addresses in text as links, by the rules of GitHub (GFM, 6.9): `https://…`, `www.…`
//! and `name@example.com`.

use std::ops::Range;

use memchr::memchr3_iter;

use crate::markdown::marks;

/// A longer address is none, so that the search stays short.
const MAX_ADDRESS_CHARS: usize = 2048;

/// An address in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Autolink {
    /// Where it stands, in bytes.
    pub(super) range: Range<usize>,
    /// What goes before it to make it an address.
    pub(super) prefix: &'static str,
}

/// The addresses in `text`, in order.
pub(super) fn find(text: &str) -> Vec<Autolink> {
    let mut found: Vec<Autolink> = Vec::new();
    let mut searched = 0;
    for at in memchr3_iter(b':', b'@', b'.', text.as_bytes()) {
        if at < searched {
            continue;
        }
        if let Some(link) = web(text, at).or_else(|| mail(text, at))
            && link.range.start >= searched
        {
            searched = link.range.end;
            found.push(link);
        }
    }
    found
}

/// One that has its `://`, or the point of its `www.`, at the byte `at`.
fn web(text: &str, at: usize) -> Option<Autolink> {
    let rest = &text[at..];
    let www = at.checked_sub(3).filter(|start| {
        let is_www = |before: &str| before.eq_ignore_ascii_case("www");
        rest.starts_with('.') && text.get(*start..at).is_some_and(is_www)
    });
    let (start, domain, prefix) = if rest.starts_with("://") {
        let scheme = ["http", "https"].into_iter().find(|scheme| {
            let start = at.checked_sub(scheme.len());
            let found = start.and_then(|start| text.get(start..at));
            let is_it = found.is_some_and(|found| found.eq_ignore_ascii_case(scheme));
            is_it && start.is_some_and(|start| is_boundary(text, start))
        })?;
        (at - scheme.len(), at + 3, "")
    } else {
        let start = www.filter(|start| is_boundary(text, *start))?;
        (start, start, "http://")
    };
    let ends = |c: char| c.is_whitespace() || c == '<';
    let longest = text[domain..].char_indices().take(MAX_ADDRESS_CHARS + 1);
    let (count, end) = longest
        .take_while(|(_, c)| !ends(*c))
        .fold((0, domain), |(count, _), (at, c)| (count + 1, domain + at + c.len_utf8()));
    let is_of_domain = |c: char| {
        c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | marks::PIECE | marks::PIECE_END)
    };
    let host = &text[domain..end];
    let host = host[..host.find(|c| !is_of_domain(c)).unwrap_or(host.len())].trim_end_matches('.');
    let mut labels = host.rsplit('.');
    let is_domain = labels.next().is_some_and(|label| !label.is_empty() && !label.contains('_'))
        && labels.next().is_some_and(|label| !label.is_empty() && !label.contains('_'));
    let end = start + without_trailing(&text[start..end]).len();
    (is_domain && count <= MAX_ADDRESS_CHARS).then_some(Autolink { range: start..end, prefix })
}

/// One whose `@` is at the byte `at`.
fn mail(text: &str, at: usize) -> Option<Autolink> {
    if !text[at..].starts_with('@') {
        return None;
    }
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+');
    let start = text[..at].trim_end_matches(is_of_name).len();
    let is_of_domain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let rest = &text[at + 1..];
    let domain = &rest[..rest.find(|c| !is_of_domain(c)).unwrap_or(rest.len())];
    let domain = domain.trim_end_matches('.');
    let before = text[..start].chars().next_back();
    let is_whole = start < at
        && before.is_none_or(|before| before != '@' && !before.is_alphanumeric())
        && domain.split('.').count() > 1
        && domain.split('.').all(|label| !label.is_empty())
        && !domain.ends_with(['-', '_'])
        && !rest[domain.len()..].starts_with('@');
    is_whole.then(|| Autolink { range: start..at + 1 + domain.len(), prefix: "mailto:" })
}

/// Whether an address may begin at the byte `at`.
fn is_boundary(text: &str, at: usize) -> bool {
    text[..at].chars().next_back().is_none_or(|before| {
        before.is_whitespace() || matches!(before, '*' | '_' | '~' | '(' | '[' | '"' | '\'')
    })
}

/// The address without what belongs to the sentence around it.
fn without_trailing(address: &str) -> &str {
    let (mut open, mut close) = (address.matches('(').count(), address.matches(')').count());
    let mut rest = address;
    loop {
        let shorter = match rest.chars().next_back() {
            Some(')') if close > open => {
                close -= 1;
                &rest[..rest.len() - 1]
            }
            Some('?' | '!' | '.' | ',' | ':' | '*' | '_' | '~' | '"' | '\'' | ']') => {
                &rest[..rest.len() - 1]
            }
            Some('(') => {
                open -= 1;
                &rest[..rest.len() - 1]
            }
            Some(';') => {
                let entity =
                    rest[..rest.len() - 1].trim_end_matches(|c: char| c.is_ascii_alphanumeric());
                match entity.strip_suffix('&') {
                    Some(before) => before,
                    None => &rest[..rest.len() - 1],
                }
            }
            _ => return rest,
        };
        rest = shorter;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_bare_addresses() {
        for (text, expected) in [
            ("no address: at all", &[] as &[&str]),
            ("see https://example.com/a?b=c.", &["https://example.com/a?b=c"]),
            ("(http://a.example/b_(c))", &["http://a.example/b_(c)"]),
            ("http://a.example/b), c", &["http://a.example/b"]),
            ("www.example.com and WWW.b.example/x", &["www.example.com", "WWW.b.example/x"]),
            ("mail a.b+c@d-e.example!", &["a.b+c@d-e.example"]),
            ("a@b, a@b.c@d.e, @a.b, a@.b", &[]),
            ("a@b.c- and a@b.c_", &[]),
            ("https://a.example/b&amp; c", &["https://a.example/b"]),
            ("https://a.example/b;", &["https://a.example/b"]),
            ("xhttps://a.example ftp://a.example https:// https://localhost", &[]),
            ("https://a_b.c/ https://x.a_b.c/ https://a.b<c", &["https://a.b"]),
            ("https://münchen.example/ü", &["https://münchen.example/ü"]),
            ("HTTPS://a.example", &["HTTPS://a.example"]),
            ("ä@b.example äb@c.example www.", &[]),
        ] {
            let found = find(text);
            let found: Vec<&str> = found.iter().map(|link| &text[link.range.clone()]).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
