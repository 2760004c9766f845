//! Whatever the target, its path stays under the root, and survives being encoded
//! and read again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use pagepool::http::{Method, target::Target, url_path::UrlPath};

fn check(path: &UrlPath) {
    let relative = path.relative();
    assert!(!relative.contains(['\0', '\\']), "{relative:?}");
    let mut segments = relative.split('/');
    assert!(relative.is_empty() || segments.all(|name| !matches!(name, "" | "." | "..")));

    let encoded = path.encoded();
    assert!(encoded.starts_with('/') && !encoded.starts_with("//"), "{encoded}");
    assert!(encoded.bytes().all(|byte| byte.is_ascii_graphic()), "{encoded}");
    assert_eq!(UrlPath::parse(&encoded).as_ref(), Some(path), "{encoded}");
    let target = Target::parse(&encoded, &Method::GET).expect("a link is a target");
    assert_eq!(target.path(), encoded);
    assert_eq!(target.query(), None);
}

fuzz_target!(|data: &[u8]| {
    let Ok(text) = str::from_utf8(data) else { return };
    UrlPath::parse(text).iter().for_each(check);
    if !text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#') {
        return;
    }
    for method in [Method::GET, Method::OPTIONS, Method::CONNECT] {
        if let Ok(target) = Target::parse(text, &method) {
            assert_eq!(target.raw(), text);
            UrlPath::parse(target.path()).iter().for_each(check);
        }
    }
});
