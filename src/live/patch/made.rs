//! Attributes that act only when their element is made: one that is set later leaves the
//! page other than a fresh load.

use crate::html::node::Element;

/// Elements, the attribute, and where the HTML standard says so: a
/// section, or else an anchor of html.spec.whatwg.org.
type Row = (&'static str, &'static str, &'static str);

/// The element is made anew.
const MADE_ANEW: &[Row] = &[
    // "When a media element is created, if the element has a muted attribute specified"
    ("audio", "muted", "attr-media-muted"),
    ("video", "muted", "attr-media-muted"),
    // It counts at the moment when there is enough data.
    ("audio", "autoplay", "attr-media-autoplay"),
    ("video", "autoplay", "attr-media-autoplay"),
    // It counts when the file is fetched.
    ("audio", "crossorigin", "attr-media-crossorigin"),
    ("video", "crossorigin", "attr-media-crossorigin"),
    // "These flags only take effect when the content navigable … is navigated"
    ("iframe", "sandbox", "attr-iframe-sandbox"),
    // The permissions policy of a document is made with it.
    ("iframe", "allow", "attr-iframe-allow"),
    ("iframe", "allowfullscreen", "attr-iframe-allowfullscreen"),
    ("iframe", "referrerpolicy", "attr-iframe-referrerpolicy"),
    ("iframe", "credentialless", "Anonymous iframe, 3"),
    ("iframe", "csp", "CSP Embedded Enforcement, 3.1"),
    // A document that is loaded already may have read its name.
    ("iframe", "name", "attr-iframe-name"),
    ("frame", "name", "frames-and-framesets"),
    ("object", "name", "attr-object-name"),
    // What is there is kept by "the embed element setup steps" unless it is another file.
    ("embed", "type", "attr-embed-type"),
    ("iframe", "scrolling", "the-page"),
    ("iframe", "marginwidth", "the-page"),
    ("iframe", "marginheight", "the-page"),
    // The value goes from one mode to another, and what was typed with it.
    ("input", "type", "input-type-change"),
    // The value that was forced into the limits does not come back out.
    ("input[type=range]", "min", "range-state-(type=range)"),
    ("input[type=range]", "max", "range-state-(type=range)"),
    ("input[type=range]", "step", "range-state-(type=range)"),
    // Which options are selected is reset when they come in, and not now.
    ("select", "multiple", "attr-select-multiple"),
    ("select", "size", "attr-select-size"),
    // "update a style block" runs when the element comes in or its children change.
    ("style", "type", "attr-style-type"),
    // The title of a sheet, by which alternatives are chosen, is set when it is made.
    ("style", "title", "attr-style-title"),
    ("link", "title", "attr-link-title"),
    // They count when the file is fetched.
    ("link", "integrity", "attr-link-integrity"),
    ("link", "referrerpolicy", "attr-link-referrerpolicy"),
    // It counts when the element comes in; its value is hidden from then on.
    ("style", "nonce", "attr-nonce"),
    ("link", "nonce", "attr-nonce"),
];

/// The same, where the attribute goes: what it has brought in stays.
const MADE_ANEW_WITHOUT: &[Row] = &[
    // "Removing the src attribute does not do this"
    ("audio", "src", "attr-media-src"),
    ("video", "src", "attr-media-src"),
    ("iframe", "src", "attr-iframe-src"),
    ("iframe", "srcdoc", "attr-iframe-srcdoc"),
    ("frame", "src", "frames-and-framesets"),
    ("embed", "src", "attr-embed-src"),
    ("object", "data", "attr-object-data"),
];

/// The page is loaded again: a new element would not act either, or lack what scripts did.
const LOADED_ANEW: &[Row] = &[
    // "When … set, changed, … or removed", the bitmap is cleared.
    ("canvas", "width", "attr-canvas-width"),
    ("canvas", "height", "attr-canvas-height"),
    // It acts once in a page.
    ("*", "autofocus", "attr-fe-autofocus"),
];

/// Elements that take note of their children when they are made and not later: the resource
/// selection algorithm of media, and the fallback of objects (HTML, 4.8.11.5 and 4.8.7).
pub(super) const MADE_WHOLE: [&str; 3] = ["audio", "object", "video"];

/// Which option a list shows unless one is chosen was decided when the options came in (HTML,
/// 4.10.7, "selectedness setting algorithm"): where some come or go, the page is loaded again.
pub(super) const LISTS_OF_OPTIONS: [&str; 2] = ["select", "optgroup"];

/// Whether the element `new` cannot be made of `old` by setting attributes.
pub(super) fn is_made_anew(old: &Element, new: &Element) -> bool {
    let goes = |(_, name, _): &Row| old.attribute(name).is_some() && new.attribute(name).is_none();
    MADE_ANEW.iter().any(|row| differs(row, old, new))
        || MADE_ANEW_WITHOUT.iter().any(|row| is_of(row, old) && goes(row))
}

/// Whether only loading the page again makes `new` of `old`.
pub(super) fn loads_anew(old: &Element, new: &Element) -> bool {
    LOADED_ANEW.iter().any(|row| differs(row, old, new))
}

fn differs(row: &Row, old: &Element, new: &Element) -> bool {
    is_of(row, old) && old.attribute(row.1) != new.attribute(row.1)
}

fn is_of((name, ..): &Row, element: &Element) -> bool {
    let is_range = |kind: &str| kind.eq_ignore_ascii_case("range");
    match *name {
        "*" => true,
        "input[type=range]" => element.attribute("type").is_some_and(is_range),
        name => *element.name.local == *name,
    }
}
