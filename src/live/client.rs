//! The live half of a page: the script that runs in the browser, as it is sent.

use std::sync::LazyLock;

/// With its comments, and laid out to be read.
const SOURCE: &str = include_str!("client.js");
/// Beside these, white space means nothing in the script, but for its texts, in
/// which it may go as well.
const PUNCTUATION: &str = "{}()[];,=<>?:&|+!";

/// What is short to read is not short to send: nobody there assigns to a constant.
static SCRIPT: LazyLock<String> = LazyLock::new(|| without_layout(SOURCE).replace("const", "let"));

/// The script as it is sent: without comments and layout, under 8 kB.
pub fn script() -> &'static str {
    &SCRIPT
}

/// Leaves out lines of comment, white space beside punctuation, and the `;` at the end
/// of a block. It knows no more of the language: the script ends each statement with
/// `;` or a block, and has no loop without a body.
fn without_layout(source: &str) -> String {
    let code = source.lines().filter(|line| !line.trim_start().starts_with("//"));
    let mut script = String::with_capacity(source.len());
    let mut has_gap = false;
    for c in code.flat_map(|line| line.chars().chain(['\n'])) {
        if c.is_ascii_whitespace() {
            has_gap = true;
            continue;
        }
        let is_needed = !is_punctuation(c) && !script.ends_with(is_punctuation);
        if has_gap && is_needed && !script.is_empty() {
            script.push(' ');
        }
        if c == '}' && script.ends_with(';') {
            script.pop();
        }
        script.push(c);
        has_gap = false;
    }
    script
}

fn is_punctuation(c: char) -> bool {
    PUNCTUATION.contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sends_a_script_of_less_than_8_kb() {
        assert!(script().len() < 8_000, "it has {} bytes", script().len());
        assert!(!script().contains("//"), "no comments");
    }

    #[test]
    fn leaves_out_what_is_for_readers() {
        let source = "// why\nconst a = (b, c) => {\n  // so\n  return b in c ?? [1, 2];\n};\n";
        assert_eq!(without_layout(source), "const a=(b,c)=>{return b in c??[1,2]};");
    }
}
