//! Finds the elements that run scripts, whose effects on a page are not known.

use crate::html::node::{Attribute, Element};

/// The media types of classic scripts (MIME Sniffing, "JavaScript MIME type").
const SCRIPT_TYPES: [&str; 16] = [
    "application/ecmascript",
    "application/javascript",
    "application/x-ecmascript",
    "application/x-javascript",
    "text/ecmascript",
    "text/javascript",
    "text/javascript1.0",
    "text/javascript1.1",
    "text/javascript1.2",
    "text/javascript1.3",
    "text/javascript1.4",
    "text/javascript1.5",
    "text/jscript",
    "text/livescript",
    "text/x-ecmascript",
    "text/x-javascript",
];

/// Attributes into which scripts copy texts, for people to read or for styles to show. The
/// live script has the same list.
pub(super) const TEXT_ATTRIBUTES: [&str; 10] = [
    "alt",
    "aria-label",
    "content",
    "data-content",
    "data-label",
    "data-text",
    "data-title",
    "label",
    "placeholder",
    "title",
];

/// Whether it is a script that runs, or has a handler or a link that is one.
pub(super) fn runs_scripts(element: &Element) -> bool {
    let is_script = &*element.name.local == "script" && !is_data_block(element);
    is_script || handlers(element).next().is_some()
}

/// Its attributes that are code: handlers of events, and URLs of scripts.
pub(super) fn handlers(element: &Element) -> impl Iterator<Item = &str> {
    let is_code = |(name, attribute): &(&String, &Attribute)| {
        (name.len() > 2 && name.starts_with("on")) || is_script_url(&attribute.value)
    };
    element.attributes.iter().filter(is_code).map(|(_, attribute)| &*attribute.value)
}

/// Whether `code` has `name` in it, not as a part of a longer one.
pub(super) fn has_name(code: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    code.match_indices(name).any(|(at, name)| {
        let (before, after) = (&code[..at], &code[at + name.len()..]);
        !before.ends_with(is_part) && !after.starts_with(is_part)
    })
}

/// Whether the browser only keeps its text (HTML, 4.12.1.1, "prepare the script element",
/// steps 8 to 12).
fn is_data_block(script: &Element) -> bool {
    let kind = match (script.attribute("type"), script.attribute("language")) {
        (Some(""), _) | (None, None | Some("")) => return false,
        (Some(kind), _) => kind.trim_ascii().to_ascii_lowercase(),
        (None, Some(language)) => format!("text/{}", language.to_ascii_lowercase()),
    };
    kind != "module" && !SCRIPT_TYPES.contains(&&*kind)
}

/// Whether the value is a URL of a script. Browsers leave out control characters and spaces
/// before it, and tabs and line ends within (URL, 4.4).
fn is_script_url(value: &str) -> bool {
    let value = value.trim_start_matches(|c: char| c <= ' ');
    let mut chars = value.chars().filter(|c| !matches!(c, '\t' | '\n' | '\r'));
    "javascript:".chars().all(|c| chars.next().is_some_and(|found| found.eq_ignore_ascii_case(&c)))
}

#[cfg(test)]
mod tests {
    use super::TEXT_ATTRIBUTES;
    use crate::live::{SCRIPT, patch::digest::DigestTree};

    #[test]
    fn the_live_script_knows_the_attributes_that_hold_texts() {
        let list = format!("= \"{}\";", TEXT_ATTRIBUTES.join(" "));
        assert!(SCRIPT.contains(&list), "{list}");
    }

    #[test]
    fn knows_pages_whose_scripts_run() {
        for (page, expected) in [
            ("<p>a", false),
            ("<script></script>", true),
            ("<script src=/a.js></script>", true),
            ("<script type=''></script>", true),
            ("<script type=module></script>", true),
            ("<script type=' Text/JavaScript '></script>", true),
            ("<script language=JavaScript></script>", true),
            ("<script nomodule></script>", true),
            ("<svg><script>a</script></svg>", true),
            ("<script type=application/json></script>", false),
            ("<script type=application/ld+json></script>", false),
            ("<script type=importmap></script>", false),
            ("<script type=speculationrules></script>", false),
            ("<script type=text/plain></script>", false),
            ("<script type='text/javascript; charset=utf-8'></script>", false),
            ("<script language=vbscript></script>", false),
            ("<script src=/_pagepool/live.js?1 data-version=1></script><p>a", false),
            ("<p onclick='a()'>a", true),
            ("<body onload=a()>a", true),
            ("<svg><animate onbegin=a() /></svg>", true),
            ("<p on>a", false),
            ("<p data-on=a>a", false),
            ("<a href=javascript:a()>a</a>", true),
            ("<form action=' \u{1}JAVA\nscript:a()'></form>", true),
            ("<svg><a xlink:href='javascript:a()'/></svg>", true),
            ("<a href=/javascript:a>a</a>", false),
            ("<div><template shadowrootmode=open><script>a</script></template></div>", true),
            ("<noscript><script>a</script></noscript>", false),
            ("<textarea><script>a</script></textarea>", false),
            ("<!-- <script>a</script> -->", false),
        ] {
            assert_eq!(DigestTree::parse(page.as_bytes()).has_scripts(), expected, "{page}");
        }
    }
}
