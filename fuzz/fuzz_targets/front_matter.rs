//! Whatever a page begins with, its front matter is read or reported without a panic; the
//! places of keys and values lie between characters of the block; and the block is a
//! comment to the template engine, which leaves every line and what follows in place.

#![no_main]

use libfuzzer_sys::fuzz_target;
use minijinja::{Environment, syntax::SyntaxConfig};
use pagepool::site::fuzzing::{Block, read_front_matter};

fn line_ends(text: &str) -> Vec<usize> {
    text.match_indices(['\r', '\n']).map(|(at, _)| at).collect()
}

fn check(text: &str, block: &Block) {
    let Block { rest, masked, unmasked, spans } = block;
    assert!(text.ends_with(rest));
    assert_eq!(masked.len(), text.len());
    assert!(masked.ends_with(rest));
    assert_eq!(line_ends(masked), line_ends(text));
    assert_eq!(unmasked.replace("#}", "# "), text.replace("#}", "# "));
    for span in spans {
        assert!(text.get(span.clone()).is_some(), "{span:?}");
        assert!(span.end + rest.len() <= text.len(), "{span:?}");
    }
    if !rest.contains('{') {
        let mut environment = Environment::new();
        let syntax = SyntaxConfig::builder().keep_trailing_newline(true).build();
        environment.set_syntax(syntax.expect("the usual syntax"));
        let rendered = environment.render_str(masked, ());
        assert_eq!(rendered.expect("a comment, and text"), *rest);
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((first, rest)) = data.split_first() else { return };
    let Ok(rest) = str::from_utf8(rest) else { return };
    let text = match first % 4 {
        0 => format!("---\n{rest}\n---\n"),
        1 => format!("---\r\n{rest}\r\n---\r\n<p>"),
        2 => format!("+++\n{rest}\n+++\n"),
        _ => rest.to_owned(),
    };
    match read_front_matter(&text) {
        Ok(Some(block)) => check(&text, &block),
        Ok(None) => {}
        Err(report) => assert!(report.contains("help: ")),
    }
});
