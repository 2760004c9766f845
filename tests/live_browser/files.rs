//! The files that a page uses: stylesheets, images, fonts, scripts.

use serde_json::json;

use crate::{READY, Site, assert_told, common::chromium::Tab};

/// Notes the colour of the text in every frame from now on.
const WATCH_COLOUR: &str = "colours = new Set(), (function look() {
    colours.add(getComputedStyle(document.querySelector('p')).color);
    requestAnimationFrame(look);
})()";

const RED: &str = "rgb(255, 0, 0)";
const BLUE: &str = "rgb(0, 0, 255)";

fn has_colour(colour: &str) -> String {
    format!("getComputedStyle(document.querySelector('p')).color == '{colour}'")
}

/// A red page, open with its colours noted, and a stylesheet beside it that is blue.
fn red_beside_blue() -> (Site, Tab) {
    let site = Site::new(&[
        ("index.html", STYLED),
        ("style.css", "p { color: red }"),
        ("other.css", "p { color: blue }"),
    ]);
    let tab = site.open("/");
    tab.evaluate(WATCH_COLOUR);
    tab.wait_for(&format!("colours.has('{RED}')"));
    (site, tab)
}

/// Waits until blue has been seen, and the sheet that it came after has left.
fn wait_for_blue_alone(tab: &Tab) {
    tab.wait_for(&format!("colours.has('{BLUE}')"));
    tab.wait_for("document.querySelectorAll('link[rel=stylesheet]').length == 1");
}

const STYLED: &str = "<!doctype html><link rel=stylesheet href=/style.css id=sheet><p>Text";

#[test]
#[ignore = "needs chromium"]
fn a_stylesheet_is_swapped_without_an_unstyled_frame() {
    let site = Site::new(&[("index.html", STYLED), ("style.css", "p { color: red }")]);
    let tab = site.open("/");
    tab.evaluate(WATCH_COLOUR);
    tab.wait_for(&format!("colours.has('{RED}')"));
    site.save("style.css", "p { color: blue }");
    tab.wait_for(&format!("colours.has('{BLUE}')"));
    site.replace("style.css", "p { color: red }");
    tab.wait_for(&has_colour(RED));
    // The old ones have left.
    tab.wait_for("document.querySelectorAll('link[rel=stylesheet]').length == 1");
    assert_eq!(tab.evaluate("sheet.rel"), "stylesheet");
    assert_eq!(tab.evaluate("[...colours]"), json!([RED, BLUE]));
    assert_eq!(tab.loads(), 1);
}

#[test]
#[ignore = "needs chromium"]
fn a_stylesheet_saved_without_a_difference_is_left_alone() {
    let site = Site::new(&[("index.html", STYLED), ("style.css", "p { color: red }")]);
    let tab = site.open("/");
    tab.record_messages();
    site.save("style.css", "p { color: blue }");
    tab.wait_for(&has_colour(BLUE));
    site.save("style.css", "p { color: blue }");
    site.replace("style.css", "p { color: blue }");
    site.save("index.html", STYLED.replace("Text", "Text 2"));
    tab.wait_for(&crate::shows("Text 2"));
    site.save("style.css", "p { color: red }");
    tab.wait_for(&has_colour(RED));
    assert_told(&tab, &["style", "patch", "style"]);
}

#[test]
#[ignore = "needs chromium"]
fn a_file_under_a_query_is_asked_for_once() {
    let page = STYLED.replace(".css", ".css?v=1") + "<img src=/image.svg?a&b>";
    let site = Site::new(&[
        ("index.html", &page),
        ("style.css", "p { color: red }"),
        ("image.svg", &image(10)),
    ]);
    let tab = site.open("/");
    site.save("style.css", "p { color: blue }");
    tab.wait_for(&has_colour(BLUE));
    site.save("image.svg", image(20));
    tab.wait_for("document.images[0].naturalWidth == 20");
    let names = "performance.getEntriesByType('resource').map(({ name }) => name.split('/')[3])";
    assert_eq!(
        tab.evaluate(&format!("[...new Set({names})].filter(name => /css|svg/.test(name))")),
        json!([
            "style.css?v=1",
            "image.svg?a&b",
            "style.css?pagepool=1&v=1",
            "image.svg?pagepool=2&a&b",
        ])
    );
}

#[test]
#[ignore = "needs chromium"]
fn an_imported_stylesheet_is_swapped() {
    let site = Site::new(&[
        ("index.html", STYLED),
        ("style.css", "@import 'parts/deep.css';"),
        ("parts/deep.css", "@import url(deeper.css); b { color: red }"),
        ("parts/deeper.css", "p { color: red }"),
    ]);
    let tab = site.open("/");
    tab.evaluate(WATCH_COLOUR);
    tab.wait_for(&format!("colours.has('{RED}')"));
    site.save("parts/deeper.css", "p { color: blue }");
    tab.wait_for(&format!("colours.has('{BLUE}')"));
    site.replace("parts/deep.css", "p { color: red }");
    tab.wait_for(&has_colour(RED));
    assert_eq!(tab.evaluate("[...colours]"), json!([RED, BLUE]));
    assert_eq!(tab.loads(), 1);
}

#[test]
#[ignore = "needs chromium"]
fn a_page_that_names_another_stylesheet_shows_no_unstyled_frame() {
    let (site, tab) = red_beside_blue();
    site.save("index.html", STYLED.replace("style.css", "other.css").replace("Text", "Text 2"));
    wait_for_blue_alone(&tab);
    assert_eq!(tab.evaluate("[...colours]"), json!([RED, BLUE]));
    // It is followed as the first one was.
    site.save("other.css", "p { color: red }");
    tab.wait_for(&has_colour(RED));
    assert_eq!(tab.loads(), 1);
}

#[test]
#[ignore = "needs chromium"]
fn a_link_that_changes_in_two_attributes_shows_no_unstyled_frame() {
    let (site, tab) = red_beside_blue();
    site.save("index.html", STYLED.replace("/style.css", "/other.css media=screen"));
    wait_for_blue_alone(&tab);
    assert_eq!(tab.evaluate("[...colours, sheet.media]"), json!([RED, BLUE, "screen"]));
    assert_eq!(tab.loads(), 1);
}

#[test]
#[ignore = "needs chromium"]
fn a_stylesheet_that_a_page_had_to_do_without_appears() {
    let site = Site::new(&[("index.html", STYLED)]);
    let tab = site.open("/");
    site.save("style.css", "p { color: blue }");
    tab.wait_for(&has_colour(BLUE));
}

/// An image of this width.
fn image(width: u32) -> String {
    format!("<svg xmlns='http://www.w3.org/2000/svg' width='{width}' height='10'/>")
}

#[test]
#[ignore = "needs chromium"]
fn an_image_is_swapped_wherever_it_stands() {
    let page = "<!doctype html><style>i { content: url(/set.svg) }</style>
        <img id=plain src=/image.svg?size=1><img id=set srcset='/set.svg 1x'>
        <picture><source srcset=/image.svg><img id=sourced></picture><i id=styled></i>";
    let site =
        Site::new(&[("index.html", page), ("image.svg", &image(10)), ("set.svg", &image(11))]);
    let tab = site.open("/");
    tab.evaluate("kept = plain");
    let widths = "[plain.naturalWidth, sourced.naturalWidth, set.naturalWidth,
        styled.getBoundingClientRect().width].join()";
    tab.wait_for(&format!("{widths} == '10,10,11,11'"));
    site.save("image.svg", image(20));
    tab.wait_for(&format!("{widths} == '20,20,11,11'"));
    site.replace("set.svg", &image(21));
    tab.wait_for(&format!("{widths} == '20,20,21,21'"));
    assert_eq!(tab.evaluate("kept === plain"), true);
    assert_eq!(tab.loads(), 1);
}

#[test]
#[ignore = "needs chromium"]
fn a_font_is_swapped() {
    let page = "<!doctype html><style>@font-face { font-family: Made; src: url(/made.ttf) }
        span { font: 100px Made }</style><span>m</span>";
    let site = Site::new(&[("index.html", page)]);
    site.save("made.ttf", font(500));
    let tab = site.open("/");
    let width = "document.querySelector('span').getBoundingClientRect().width";
    tab.wait_for(&format!("{width} == 50"));
    // In no frame does another font stand in.
    tab.evaluate(&format!(
        "widths = new Set(), (function look() {{
            widths.add({width});
            requestAnimationFrame(look);
        }})()"
    ));
    site.save("made.ttf", font(900));
    tab.wait_for("widths.has(90)");
    assert_eq!(tab.evaluate("[...widths]"), json!([50, 90]));
    assert_eq!(tab.loads(), 1);
}

#[test]
#[ignore = "needs chromium"]
fn what_a_script_has_fetched_loads_the_page_again() {
    let page = "<!doctype html><p>data</p><script>fetch('/data.json').then(answer =>
        answer.json()).then(data => { document.querySelector('p').textContent = data })</script>";
    let site = Site::new(&[("index.html", page), ("data.json", "\"one\"")]);
    let tab = site.open("/");
    tab.wait_for(&crate::shows("one"));
    site.save("data.json", "\"two\"");
    tab.wait_for(&format!("{} && {READY}", crate::shows("two")));
    assert_eq!(tab.loads(), 2);
}

/// A font (TrueType) whose one letter, `m`, has this width in thousandths of its size.
fn font(advance: u16) -> Vec<u8> {
    let words = |list: &[u16]| list.iter().flat_map(|word| word.to_be_bytes()).collect();
    let (m, ascent, descent) = (u16::from(b'm'), 800, 200_u16.wrapping_neg());
    let head = [
        1, 0, 1, 0, 0, 0, 0x5F0F, 0x3CF5, 0, 1000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 2, 0,
        0,
    ];
    let hhea = [1, 0, ascent, descent, 0, advance, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1];
    let maxp = [1, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0];
    // One subtable, of format 4: a range of the one letter, and the end.
    let cmap = [
        0,
        1,
        3,
        1,
        0,
        12,
        4,
        32,
        0,
        4,
        4,
        1,
        0,
        m,
        0xFFFF,
        0,
        m,
        0xFFFF,
        1_u16.wrapping_sub(m),
        1,
        0,
        0,
    ];
    let mut os2 = [0; 39];
    (os2[2], os2[3]) = (400, 5);
    (os2[32], os2[33], os2[34], os2[35]) = (m, m, ascent, descent);
    (os2[37], os2[38]) = (800, 200);
    let mut post = [0; 16];
    post[0] = 3;
    let tables: [(&[u8; 4], Vec<u8>); 10] = [
        (b"OS/2", words(&os2)),
        (b"cmap", words(&cmap)),
        (b"glyf", words(&[0, 0])),
        (b"head", words(&head)),
        (b"hhea", words(&hhea)),
        (b"hmtx", words(&[advance, 0, 0])),
        (b"loca", words(&[0, 0, 0])),
        (b"maxp", words(&maxp)),
        (b"name", words(&[0, 0, 6])),
        (b"post", words(&post)),
    ];
    let mut font: Vec<u8> = words(&[1, 0, 10, 128, 3, 32]);
    let mut data: Vec<u8> = Vec::new();
    for (tag, table) in tables {
        font.extend(tag);
        // Browsers do not look at the checksum.
        font.extend(
            [0, 12 + 10 * 16 + data.len() as u32, table.len() as u32]
                .map(u32::to_be_bytes)
                .concat(),
        );
        data.extend(table);
        data.resize(data.len().next_multiple_of(4), 0);
    }
    font.extend(data);
    font
}
