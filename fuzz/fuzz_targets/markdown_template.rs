//! Whatever a page of Markdown with a template is, and whatever a visitor sends, the page is
//! made, or reported, without a panic; no value becomes a tag or a script; and no mark of ours
//! is left in what is sent.

#![no_main]

use std::{fs, path::PathBuf, sync::LazyLock, thread, time::SystemTime};

use libfuzzer_sys::fuzz_target;
use pagepool::{
    http::request_head::RequestHead,
    markdown::marks::is_mark,
    site::{RENDER_STACK_BYTES, Site, SiteOptions},
};

const FUEL: u64 = 100_000;

/// Parts of Markdown and of templates. A byte beyond them stands for itself.
const PARTS: [&str; 58] = [
    "{{ v }}",
    "{{ v }}",
    "{{ v | e }}",
    "{{ v | upper }}",
    "{{ v[1:] }}",
    "{{ [v, v] | join(v) }}",
    "{{ v | markdown }}",
    "{{ v | code(\"js\") }}",
    "<{{ v }}>",
    "[t]({{ v }})",
    "[{{ v }}](/a)",
    "![{{ v }}]({{ v }})",
    "[{{ v }}]",
    "[{{ v }}]: {{ v }}\n",
    "[^{{ v }}]",
    "[^{{ v }}]: {{ v }}\n",
    "{% if v %}",
    "{% endif %}",
    "{% for x in [v, v] %}\n",
    "{% endfor %}",
    "{% set v = v ~ v %}",
    "{% include '_p.html' %}",
    "{% include '_m.md' %}",
    "{% raw %}",
    "{% endraw %}",
    "{# c #}",
    "{{ page.toc }}",
    "{{- v -}}",
    "{%- if v -%}",
    "{% macro m() %}{{ v }}{% endmacro %}{{ m() }}",
    "*",
    "**",
    "_",
    "~~",
    "`",
    "``",
    "```\n",
    "```{{ v }}\n",
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
    "- [ ] ",
    "> ",
    "> [!NOTE]\n",
    "# ",
    "| a | b |\n|-|-|\n",
    "|",
    "    ",
    "\\",
    "<a href=\"",
];

/// What would show as an element, an attribute or a script, were it let.
const VALUES: [&str; 12] = [
    "<zz>",
    "\"><zz>",
    "'><zz>",
    "*x* <zz a='b'>",
    "[x](javascript:zz)",
    "javascript:zz",
    " java\tscript:zz",
    "\n\n<zz>\n\n    <zz>",
    "`<zz>`",
    "> <zz>\u{fdd6}<zz>",
    "]: javascript:zz",
    "-->&lt;zz&gt;<zz>",
];

static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = std::env::temp_dir().join(format!("pagepool-fuzz-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder to write pages in");
    for (name, text) in [
        ("_layout.html", "{% block content %}{% endblock %}"),
        ("_p.html", "<p>\n\n  {{ v }}</p>\n"),
        ("_m.md", "*{{ v }}*\n\n- {{ v }}\n"),
    ] {
        fs::write(folder.join(name), text).expect("a page to write");
    }
    folder
});

/// A page, and the value that it shows.
fn read(data: &[u8]) -> Option<(String, &'static str)> {
    let (first, rest) = data.split_first()?;
    let value = VALUES[usize::from(*first) % VALUES.len()];
    let mut text = "{% set v = request.query.v %}".to_owned();
    for byte in rest {
        match PARTS.get(usize::from(*byte).wrapping_sub(128)) {
            Some(part) => text.push_str(part),
            None => text.push(char::from(*byte)),
        }
    }
    Some((text, value))
}

fn respond(site: &Site, head: &RequestHead) -> Option<String> {
    let response = head
        .with_request(|request| site.respond(request, SystemTime::now()).at_once())
        .expect("a query without a space");
    let is_page = response.status.as_u16() == 200;
    let bytes = response.body.read().expect("a page in memory");
    is_page.then(|| String::from_utf8(bytes).expect("a page of text"))
}

fuzz_target!(|data: &[u8]| {
    let Some((text, value)) = read(data) else { return };
    // What an author writes as HTML is HTML.
    if text.contains("zz") || text.to_ascii_lowercase().contains("javascript") {
        return;
    }
    fs::write(FOLDER.join("a.md"), &text).expect("a page to write");
    let options = SiteOptions { production: true, fuel: FUEL, ..SiteOptions::default() };
    let site = Site::open(&FOLDER, options).expect("a folder of pages");
    let query: String = value.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let head = RequestHead::get(&format!("/a?v={query}"), "h");
    // The sanitizer's frames are wider than those that this stack is meant for.
    let stack = thread::Builder::new().stack_size(4 * RENDER_STACK_BYTES);
    let page = thread::scope(|scope| {
        let thread = stack.spawn_scoped(scope, || respond(&site, &head)).expect("a thread");
        thread.join().expect("a page without a panic")
    });
    let Some(page) = page else { return };
    let lower = page.to_ascii_lowercase();
    assert!(!lower.contains("<zz"), "{text}\n{value}\n{page}");
    for attribute in ["href=\"", "src=\""] {
        for target in lower.split(attribute).skip(1) {
            let target: String = target.chars().filter(|c| !c.is_ascii_control()).collect();
            assert!(!target.trim_start().starts_with("javascript"), "{text}\n{value}\n{page}");
        }
    }
    assert!(!page.contains(is_mark), "{text}\n{value}\n{page}");
});
