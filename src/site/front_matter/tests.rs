//! Texts with front matter, without, and with some that cannot be read.

use super::*;

fn keys(text: &str) -> Vec<(String, String)> {
    let front_matter = FrontMatter::of("a.html", text).unwrap().unwrap();
    let pair = |field: &Field| (field.key.clone(), field.node.value.to_string());
    front_matter.fields.iter().map(pair).collect()
}

/// The rest of the text as the engine renders it, of the masked source.
fn rendered(text: &str) -> String {
    let masked = FrontMatter::of("a.html", text).unwrap().unwrap().mask(text);
    assert_eq!(masked.len(), text.len());
    let line_ends =
        |text: &str| text.match_indices(['\r', '\n']).map(|(at, _)| at).collect::<Vec<_>>();
    assert_eq!(line_ends(&masked), line_ends(text));
    let mut environment = minijinja::Environment::new();
    let syntax = minijinja::syntax::SyntaxConfig::builder().keep_trailing_newline(true).build();
    environment.set_syntax(syntax.unwrap());
    environment.render_str(&masked, ()).unwrap()
}

#[test]
fn keys_are_in_the_order_of_the_file() {
    for (text, expected) in [
        ("---\nb: 1\na: x\n---\nrest", &[("b", "1"), ("a", "x")] as &[_]),
        ("---\r\nb: 1\r\na: x\r\n---\r\nrest", &[("b", "1"), ("a", "x")]),
        ("+++\nb = 1\na = 'x'\n+++\nrest", &[("b", "1"), ("a", "x")]),
        ("+++\nt = '''\n+++\n'''\n+++\n", &[("t", "+++\n")]),
        ("---\nt: a --- b\nu: |\n  ---\n---\n---\n", &[("t", "a --- b"), ("u", "---\n")]),
        ("--- \nt: a\n---\t\n", &[("t", "a")]),
        ("---\nt: a\n---", &[("t", "a")]),
        ("---\n\n# note\nt: a\n\n---", &[("t", "a")]),
        ("---\n---\n", &[]),
        ("---\n# note\n---\n", &[]),
        ("+++\n+++", &[]),
    ] {
        let keys = keys(text);
        let keys: Vec<_> = keys.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(keys, expected, "{text}");
    }
}

#[test]
fn a_file_may_have_none() {
    let large = format!("---\n{}", "text\n".repeat(MAX_BYTES));
    for text in [
        "",
        "---",
        "---\n",
        "+++",
        "\n---\na: b\n---\n",
        " ---\na: b\n---\n",
        "----\na: b\n----\n",
        "---x\na: b\n---\n",
        "---\n\nA text below a rule.\n\n- a\n",
        "---\nhttps://example.org is a link\n",
        "---\n# A heading\ntext\n",
        "<!doctype html>\n---\na: b\n---\n",
        large.as_str(),
    ] {
        let front_matter = FrontMatter::of("a.html", text).unwrap();
        assert!(front_matter.is_none(), "{text:.40}");
    }
}

#[test]
fn what_cannot_be_read_is_a_report() {
    let long = format!("---\na: |\n{}---\n", "  text\n".repeat(MAX_BYTES / 7));
    for (text, expected) in [
        (
            "---\ntitle: x\n<p>",
            "a line `---` opens front matter, and none closes it\n --> a.html:1:1\n  |\n1 | ---\n  \
             | ^^^\n2 | title: x\n3 | <p>\n  |\nhelp: write a line that is exactly `---` after \
             the last key",
        ),
        (
            "---\ntitle: x\n----\n<p>",
            "help: line 3 closes it when it is exactly `---` and not `----`",
        ),
        (
            "---\ntitle: x\n ---\n<p>",
            "help: line 3 closes it when it is exactly `---` and not ` ---`",
        ),
        ("+++\ntitle = 1\n---\n<p>", "help: write a line that is exactly `+++` after the last key"),
        ("---\ntitle: x\n\tb: c\n---\n", "no tabs as indentation\n --> a.html:3:1\n"),
        ("---\r\ntitle: é\r\na: @x\r\n---\r\n", " --> a.html:3:4\n"),
        ("---\na: 1\na: 2\n---\n", "--> a.html:3:1\n"),
        ("+++\na = 1\na = 2\n+++\n", "--> a.html:3:1\n"),
        ("+++\na = 1\nb = x\n+++\ntext\n+++\n", "--> a.html:3:5\n"),
        (
            "---\nSome text.\n---\nMore.",
            "no keys follow the line `---` that opens front matter\n --> a.html:2:1\n",
        ),
        (
            "---\n- a\n---\n",
            "no keys follow the line `---` that opens front matter\n --> a.html:2:1\n",
        ),
        ("---\n\nSome: [x\n\n---\nMore.", " --> a.html:"),
        ("---\ntitle:x\n---\n", "no keys follow"),
        (long.as_str(), "none closes it"),
    ] {
        let report = FrontMatter::of("a.html", text).expect_err(text).to_string();
        assert!(report.contains(expected), "{text:.40}: {report}");
    }
}

#[test]
fn the_block_becomes_a_comment_in_place() {
    for (text, expected) in [
        ("---\na: b\n---\n<p>\n", "<p>\n"),
        ("---\r\na: b\r\n---\r\n\r\n<p>\r\n", "<p>\r\n"),
        ("+++\n+++\n{{ 1 + 1 }}", "2"),
        ("---\n---", ""),
        ("---\na: '#}{{ x }} -#} {#'\n---  \n{# b #}<p>", "<p>"),
        ("---\n# ü#}\n#}\na: '{% x'\n---\n<p>---\n", "<p>---\n"),
        ("---\n#\n---\n}<p>", "}<p>"),
    ] {
        assert_eq!(rendered(text), expected, "{text}");
        let front_matter = FrontMatter::of("a.html", text).unwrap().unwrap();
        if !front_matter.rest(text).contains('{') {
            assert_eq!(front_matter.rest(text), expected, "{text}");
        }
    }
}

#[test]
fn a_masked_source_is_shown_as_it_is_in_the_file() {
    for text in ["---\na: -b\n---\n<p>---", "+++\na = 1\n+++\r\n{# x -#}", "<p>", "{#- a -#}"] {
        let masked = match FrontMatter::of("a.html", text).unwrap() {
            Some(front_matter) => front_matter.mask(text),
            None => text.to_owned(),
        };
        assert_eq!(unmask(&masked), text);
    }
}
