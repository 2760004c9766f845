//! The query of a form (`application/x-www-form-urlencoded`).

/// The pairs of a query, in order, decoded (WHATWG URL, 5.1): `&` between pairs,
/// `+` for a space. What is not UTF-8 once decoded becomes the replacement character.
pub fn pairs(query: &str) -> impl Iterator<Item = (String, String)> {
    form_urlencoded::parse(query.as_bytes()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_a_form_sends() {
        for (query, expected) in [
            ("", vec![]),
            ("a=1&b=2", vec![("a", "1"), ("b", "2")]),
            ("&a&&=b&", vec![("a", ""), ("", "b")]),
            ("q=a+b%2Bc%26d&q=x=y", vec![("q", "a b+c&d"), ("q", "x=y")]),
            ("caf%C3%A9=%ff%", vec![("café", "\u{fffd}%")]),
        ] {
            let pairs: Vec<(String, String)> = pairs(query).collect();
            let pairs: Vec<(&str, &str)> = pairs.iter().map(|(a, b)| (&**a, &**b)).collect();
            assert_eq!(pairs, expected, "{query}");
        }
    }
}
