//! Attributes that act only when an element is made.

use super::{assert_patches, diff, in_short};

#[test]
fn makes_an_element_anew_whose_attribute_acts_only_then() {
    for (old, new) in [
        ("<video src=a></video>", "<video muted src=a></video>"),
        ("<audio muted></audio>", "<audio></audio>"),
        ("<video></video>", "<video autoplay></video>"),
        ("<audio src=a></audio>", "<audio></audio>"),
        ("<video><track src=a></video>", "<video><track default src=a></video>"),
        ("<iframe src=a></iframe>", "<iframe sandbox src=a></iframe>"),
        ("<iframe sandbox=allow-forms></iframe>", "<iframe sandbox=allow-scripts></iframe>"),
        ("<iframe allow=fullscreen></iframe>", "<iframe></iframe>"),
        ("<iframe name=a></iframe>", "<iframe name=b></iframe>"),
        ("<iframe srcdoc=a></iframe>", "<iframe></iframe>"),
        ("<embed type=text/plain src=a>", "<embed src=a>"),
        ("<object data=a></object>", "<object></object>"),
        ("<input value=5>", "<input type=range value=5>"),
        ("<select multiple><option>a</select>", "<select><option>a</select>"),
        ("<iframe scrolling=no></iframe>", "<iframe></iframe>"),
        ("<input type=range max=3 value=5>", "<input type=range max=9 value=5>"),
        ("<p><style type=text/plain>a</style>", "<p><style>a</style>"),
    ] {
        let patch = diff(old.as_bytes(), new.as_bytes());
        let ops = in_short(&patch.unwrap_or_else(|| panic!("no patch from {old} to {new}")));
        assert!(ops.len() == 1 && ops[0].contains("remove 1 <"), "from {old} to {new}: {ops:?}");
    }
}

#[test]
fn loads_the_page_again_where_a_new_element_would_not_act() {
    for (old, new) in [
        ("<canvas width=1></canvas>", "<canvas width=2></canvas>"),
        ("<canvas></canvas>", "<canvas height=2></canvas>"),
        ("<input>", "<input autofocus>"),
        ("<p>a", "<p>a<button autofocus>b</button>"),
        ("<meta charset=utf-8>", "<meta charset=latin1>"),
        ("<meta name=referrer content=origin>", ""),
        ("<select><option>a</select>", "<select><option>b<option>a</select>"),
        ("<select><optgroup></select>", "<select><optgroup><option>a</select>"),
    ] {
        assert_eq!(diff(old.as_bytes(), new.as_bytes()), None, "from {old} to {new}");
        assert_eq!(diff(new.as_bytes(), old.as_bytes()), None, "from {new} to {old}");
    }
}

#[test]
fn sets_what_acts_at_any_time() {
    assert_patches(&[
        (
            "<video src=a>",
            "<video src=b loop>",
            &["/html/body/video src a b", "/html/body/video loop -"],
        ),
        (
            "<iframe srcdoc=a></iframe>",
            "<iframe srcdoc=b></iframe>",
            &["/html/body/iframe srcdoc a b"],
        ),
        (
            "<input value=a>",
            "<input value=b checked>",
            &["/html/body/input value a b", "/html/body/input checked -"],
        ),
        ("<input type=number max=3>", "<input type=number max=9>", &["/html/body/input max 3 9"]),
        ("<p width=1>", "<p width=2>", &["/html/body/p width 1 2"]),
    ]);
}
