//! What the browser's console says of a part of a page that is missing.

use crate::Site;

/// Pages that use a file of the name X in each way, which is there in none.
const USES: [(&str, &str); 29] = [
    ("style", "<link rel=stylesheet href=X>"),
    ("style imported", "<style>@import 'X';</style>"),
    ("style preloaded", "<link rel=preload as=style href=X>"),
    ("style as a module", "<script type=module>import s from 'X' with { type: 'css' }</script>"),
    ("script", "<script src=X></script>"),
    ("module", "<script type=module src=X></script>"),
    ("module imported", "<script type=module>import 'X'</script>"),
    ("module preloaded", "<link rel=modulepreload href=X>"),
    ("json", "<script type=module>import j from 'X' with { type: 'json' }</script>"),
    ("font", "<style>@font-face { font-family: a; src: url(X) } p { font-family: a }</style><p>x"),
    ("font preloaded", "<link rel=preload as=font crossorigin href=X>"),
    ("image", "<img src=X>"),
    ("image of a style", "<body style='background: url(X)'>x"),
    ("icon", "<link rel=icon href=X>"),
    ("image of SVG", "<svg><image href=X /></svg>"),
    ("use of SVG", "<svg><use href='X#a'/></svg>"),
    ("input", "<input type=image src=X>"),
    ("audio", "<audio src=X preload=auto></audio>"),
    ("video", "<video src=X preload=auto></video>"),
    ("poster", "<video poster=X></video>"),
    (
        "track",
        "<video><track default src=X></video><script>
        document.querySelector('track').track.mode = 'showing'</script>",
    ),
    ("manifest", "<link rel=manifest href=X>"),
    ("iframe", "<iframe src=X></iframe>"),
    ("embed", "<embed src=X>"),
    ("fetch", "<script>fetch('X')</script>"),
    ("XHR", "<script>x = new XMLHttpRequest(); x.open('GET', 'X'); x.send()</script>"),
    ("events", "<script>new EventSource('X')</script>"),
    ("fetch preloaded", "<link rel=preload as=fetch crossorigin href=X>"),
    ("prefetch", "<link rel=prefetch href=X>"),
];

/// Chromium says of these that they could not be loaded, and of none a status.
const USES_WITHOUT_STATUS: [(&str, &str); 3] = [
    ("service worker", "<script>navigator.serviceWorker.register('X')</script>"),
    ("worklet", "<script>CSS.paintWorklet.addModule('X')</script>"),
    ("shared worker", "<script>new SharedWorker('X').onerror = () => console.log('404')</script>"),
];

/// The site whose page is `page-N` for the Nth use, and where `fallback` does not echo.
fn site(uses: &[(&str, &str)]) -> Site {
    let pages = uses.iter().enumerate().map(|(n, (_, html))| {
        let html = html.replace('X', &format!("/missing-{n}"));
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
            // In a private window nothing else asks for it.
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
