//! What the browser's console says of a part of a page that is missing.

use crate::Site;

/// Pages that use a file by its URL in each way, none of which is there.
const USES: [(&str, &str); 29] = [
    ("style", "<link rel=stylesheet href=URL>"),
    ("style imported", "<style>@import 'URL';</style>"),
    ("style preloaded", "<link rel=preload as=style href=URL>"),
    ("style as a module", "<script type=module>import s from 'URL' with { type: 'css' }</script>"),
    ("script", "<script src=URL></script>"),
    ("module", "<script type=module src=URL></script>"),
    ("module imported", "<script type=module>import 'URL'</script>"),
    ("module preloaded", "<link rel=modulepreload href=URL>"),
    ("json", "<script type=module>import j from 'URL' with { type: 'json' }</script>"),
    (
        "font",
        "<style>@font-face { font-family: a; src: url(URL) } p { font-family: a }</style><p>x",
    ),
    ("font preloaded", "<link rel=preload as=font crossorigin href=URL>"),
    ("image", "<img src=URL>"),
    ("image of a style", "<body style='background: url(URL)'>x"),
    ("icon", "<link rel=icon href=URL>"),
    ("image of SVG", "<svg><image href=URL /></svg>"),
    ("use of SVG", "<svg><use href='URL#a'/></svg>"),
    ("input", "<input type=image src=URL>"),
    ("audio", "<audio src=URL preload=auto></audio>"),
    ("video", "<video src=URL preload=auto></video>"),
    ("poster", "<video poster=URL></video>"),
    (
        "track",
        "<video><track default src=URL></video><script>
        document.querySelector('track').track.mode = 'showing'</script>",
    ),
    ("manifest", "<link rel=manifest href=URL>"),
    ("iframe", "<iframe src=URL></iframe>"),
    ("embed", "<embed src=URL>"),
    ("fetch", "<script>fetch('URL')</script>"),
    ("XHR", "<script>x = new XMLHttpRequest(); x.open('GET', 'URL'); x.send()</script>"),
    ("events", "<script>new EventSource('URL')</script>"),
    ("fetch preloaded", "<link rel=preload as=fetch crossorigin href=URL>"),
    ("prefetch", "<link rel=prefetch href=URL>"),
];

/// Chromium says of these that they could not be loaded, and of none a status.
const USES_WITHOUT_STATUS: [(&str, &str); 3] = [
    ("service worker", "<script>navigator.serviceWorker.register('URL')</script>"),
    ("worklet", "<script>CSS.paintWorklet.addModule('URL')</script>"),
    (
        "shared worker",
        "<script>new SharedWorker('URL').onerror = () => console.log('404')</script>",
    ),
];

/// The site whose page is `page-N` for the Nth use, and where `fallback` does not echo.
fn site(uses: &[(&str, &str)]) -> Site {
    let pages = uses.iter().enumerate().map(|(n, (_, html))| {
        let html = html.replace("URL", &format!("/missing-{n}"));
        // Without an icon of its own the browser asks for one that is missing, too.
        let icon = if html.contains("rel=icon") { "" } else { "<link rel=icon href=data:,>" };
        (format!("page-{n}.html"), format!("<!doctype html>{icon}{html}"))
    });
    let pages: Vec<(String, String)> = pages.collect();
    let files: Vec<_> = pages.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    Site::with(&["--fallback", "not-found"], &files)
}

#[test]
#[ignore = "needs chromium"]
fn a_missing_part_of_a_page_shows_its_status() {
    let site = site(&USES);
    for (n, (name, _)) in USES.iter().enumerate() {
        eprintln!("{name}");
        let tab = site.profile.open(&site.url(&format!("/page-{n}")));
        if *name == "manifest" {
            // In a private window nothing else asks for it, and the browser only once the page
            // is in its place.
            tab.wait_for("document.readyState == 'complete'");
            tab.call("Page.getAppManifest", &serde_json::json!({}));
        }
        tab.wait_for_console(|line| line.contains("status of 404"));
    }
}

#[test]
#[ignore = "needs chromium"]
fn a_missing_worker_is_reported_as_missing() {
    let site = site(&USES_WITHOUT_STATUS);
    for (n, (name, _)) in USES_WITHOUT_STATUS.iter().enumerate() {
        eprintln!("{name}");
        let tab = site.profile.open(&site.url(&format!("/page-{n}")));
        tab.wait_for_console(|line| line.contains("404") || line.contains("Failed to load"));
    }
}
