//! Random Markdown with a hostile value in it: the value never becomes a tag or a script.

use super::*;

/// A layout without anything of its own.
const BARE: (&str, &str) = ("_layout.html", "{% block content %}{% endblock %}");

/// Numbers without a pattern, the same in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    fn of<'a>(&mut self, parts: &[&'a str]) -> &'a str {
        parts[self.below(parts.len())]
    }
}

#[test]
fn no_value_becomes_a_tag_in_random_templates() {
    const PARTS: [&str; 40] = [
        "{{ v }}",
        "{{ v }}",
        "{{ v }}",
        "*",
        "**",
        "_",
        "`",
        "```\n",
        "~~~\n",
        "[",
        "](",
        ")",
        "![",
        "<",
        ">",
        "\n",
        "\n\n",
        "- ",
        "1. ",
        "> ",
        "# ",
        "| ",
        "|\n|-|\n",
        "    ",
        "\\",
        "&",
        "<b ",
        "<a href=\"",
        "\">",
        "<div>",
        "{% if true %}",
        "{% endif %}",
        "{% for i in [1, 2] %}\n",
        "\n{% endfor %}",
        "{{ v | e }}",
        "<{{ v }}>",
        "[t]({{ v }})",
        "{# c #}",
        "x",
        "{#id}\n",
    ];
    const VALUES: [&str; 8] = [
        "<zz>",
        "\"><zz>",
        "*x* <zz a='b'>",
        "[x](javascript:zz)",
        "javascript:zz",
        "\n\n<zz>\n\n    <zz>",
        "`<zz>`",
        "> <zz>\u{fdd6}<zz>",
    ];
    let mut random = Random(1);
    let pages = Pages::new(&[BARE]);
    let mut made = 0;
    for _ in 0..1500 {
        let value = random.of(&VALUES);
        let text: String = (0..1 + random.below(14)).map(|_| random.of(&PARTS)).collect();
        let quoted = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        pages.write("a.md", format!("{{% set v = \"{quoted}\" %}}{text}"));
        let answer = pages.get("/a");
        if answer.status() != 200 {
            continue;
        }
        made += 1;
        let body = answer.body.to_ascii_lowercase();
        assert!(!body.contains("<zz"), "{text}\n{value}\n{body}");
        assert!(!body.contains("href=\"javascript"), "{text}\n{value}\n{body}");
        assert!(!body.contains(crate::markdown::marks::is_mark), "{text}\n{body}");
    }
    assert!(made > 500, "{made}");
}
