//! URLs among other things in the value of an attribute.

use std::ops::Range;

/// The URLs of `srcset` (HTML, 4.8.4.2.1), as bytes of the value.
pub(super) fn in_srcset(value: &str) -> Vec<Range<usize>> {
    let mut urls = Vec::new();
    let mut at = 0;
    loop {
        at += run(&value[at..], |c| is_space(c) || c == ',');
        let len = run(&value[at..], |c| !is_space(c));
        if len == 0 {
            return urls;
        }
        let url = value[at..at + len].trim_end_matches(',');
        urls.push(at..at + url.len());
        at += len;
        // A comma at the end of the URL ends the candidate, without descriptors.
        if url.len() == len {
            at += descriptors_len(&value[at..]);
        }
    }
}

/// The URLs of a list between spaces, as in `ping`.
pub(super) fn in_words(value: &str) -> Vec<Range<usize>> {
    let mut urls = Vec::new();
    let mut at = 0;
    loop {
        at += run(&value[at..], is_space);
        let len = run(&value[at..], |c| !is_space(c));
        if len == 0 {
            return urls;
        }
        urls.push(at..at + len);
        at += len;
    }
}

/// The URL of `<meta http-equiv=refresh>` (HTML, 4.2.5.3), where it has one.
pub(super) fn in_refresh(value: &str) -> Option<Range<usize>> {
    let time = run(value, is_space);
    let time = time + run(&value[time..], |c| c.is_ascii_digit() || c == '.');
    let mut at = time + run(&value[time..], is_space);
    if value[at..].starts_with([';', ',']) {
        at += 1;
    } else if at == time {
        return None;
    }
    at += run(&value[at..], is_space);
    let word = value.get(at..at + 3).is_some_and(|word| word.eq_ignore_ascii_case("url"));
    if word {
        let equals = at + 3 + run(&value[at + 3..], is_space);
        if value[equals..].starts_with('=') {
            at = equals + 1;
            at += run(&value[at..], is_space);
        }
    }
    let quote = value[at..].chars().next().filter(|c| matches!(c, '"' | '\''));
    at += quote.map_or(0, char::len_utf8);
    let len = run(&value[at..], |c| Some(c) != quote);
    let url = value[at..at + len].trim_end_matches(is_space);
    (!url.is_empty()).then(|| at..at + url.len())
}

/// The whole value without the spaces around it.
pub(super) fn alone(value: &str) -> Range<usize> {
    let start = run(value, is_space);
    start..start + value[start..].trim_end_matches(is_space).len()
}

/// The bytes of what follows a URL in `srcset`, up to a comma that is in no parentheses.
fn descriptors_len(value: &str) -> usize {
    let mut is_inside = false;
    value
        .find(|c| {
            is_inside = c == '(' || is_inside && c != ')';
            c == ',' && !is_inside
        })
        .unwrap_or(value.len())
}

/// The bytes at the beginning whose characters are all such.
fn run(text: &str, is_part: impl Fn(char) -> bool) -> usize {
    text.find(|c| !is_part(c)).unwrap_or(text.len())
}

/// ASCII whitespace (Infra, 4.6).
fn is_space(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\x0c' | '\r' | ' ')
}
