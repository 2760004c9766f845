//! XML that templates make: the browser reads it without an error, and it is followed where
//! the browser shows it as a document.

use serde_json::json;

use crate::Site;

const FEED: &str = "<?xml version=\"1.0\"?>\n<rss version=\"2.0\"><channel>\
    <title>{{ 'a & b' }}</title></channel></rss>\n";
const XHTML: &str = "<?xml version=\"1.0\"?>\n<!DOCTYPE html>\n\
    <html xmlns=\"http://www.w3.org/1999/xhtml\"><head><title>{{ 'a & b' }}</title></head>\
    <body><p>One &amp; only<br/></p></body></html>\n";
const SVG: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\"><title>{{ 'a & b' }}</title></svg>\n";

/// The ways in which a template becomes XML: its name or a rule's media type, and as what the
/// browser shows it. A feed it shows as text.
const DOCUMENTS: [(&str, &str, &str, &str, &str); 7] = [
    ("feed.xml.jinja", "/feed.xml", FEED, "", "text/xml"),
    ("feed.rss.jinja", "/feed.rss", FEED, "", "text/plain"),
    ("page.xhtml.jinja", "/page.xhtml", XHTML, "", "application/xhtml+xml"),
    ("xml.html", "/xml", FEED, "application/xml", "application/xml"),
    ("rss.html", "/rss", FEED, "application/rss+xml", "text/plain"),
    ("xhtml.html", "/xhtml", XHTML, "application/xhtml+xml", "application/xhtml+xml"),
    ("picture.svg.jinja", "/picture.svg", SVG, "", "image/svg+xml"),
];

/// What the browser shows is in a frame, where a page stands around it.
const SHOWN: &str = "(document.querySelector('iframe')?.contentDocument ?? document)";

#[test]
#[ignore = "needs chromium"]
fn xml_of_templates_is_read_without_an_error() {
    let rules = DOCUMENTS.iter().filter(|document| !document.3.is_empty());
    let rules = rules.map(|(_, target, _, media_type, _)| {
        format!("[[headers]]\npath = \"{target}\"\nset = {{ Content-Type = \"{media_type}\" }}\n")
    });
    let config: String = rules.collect();
    let files: Vec<_> = DOCUMENTS.iter().map(|(name, _, text, ..)| (*name, *text)).collect();
    let site = Site::configured(&config, &files);
    for (name, target, text, _, shown_as) in DOCUMENTS {
        let tab = site.profile.open(&site.url(target));
        tab.wait_for(&format!("{SHOWN}.contentType == '{shown_as}'"));
        let is_read = "new DOMParser().parseFromString(text, 'text/xml').querySelector('title')";
        let answer = "fetch(location).then(answer => answer.text())";
        let title = tab.evaluate(&format!("{answer}.then(text => {is_read}.textContent)"));
        assert_eq!(title, "a & b", "{name}");
        let sent = text.replace("{{ 'a & b' }}", "a &amp; b");
        assert_eq!(tab.evaluate(answer), sent.trim_end_matches('\n').to_owned() + "\n", "{name}");
        assert_eq!(tab.evaluate(&format!("{SHOWN}.querySelector('parsererror')")), json!(null));
        if shown_as == "text/plain" {
            continue;
        }
        tab.wait_for(&format!("{SHOWN}.querySelector('title').textContent == 'a & b'"));
        site.save(name, text.replace("a & b", "c & d"));
        tab.wait_for(&format!("{SHOWN}.querySelector('title').textContent == 'c & d'"));
        assert_eq!(tab.evaluate(&format!("{SHOWN}.querySelector('parsererror')")), json!(null));
    }
}
