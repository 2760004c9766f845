//! The media types of file extensions that the table of `mime_guess`, most of it from before
//! 2018, lacks or has otherwise.

/// What browsers show. A type of its own they would save to disk, registered or not.
pub(crate) const TEXT: &str = "text/plain";

/// Types by extension, each with its source: the registry of media types (IANA), or what
/// defines the format.
const TYPES: [(&str, &str); 55] = [
    ("3mf", "model/3mf"),                             // IANA
    ("amr", "audio/amr"),                             // RFC 4867
    ("arrow", "application/vnd.apache.arrow.file"),   // IANA
    ("cbor", "application/cbor"),                     // RFC 8949
    ("cjs", "text/javascript"),                       // RFC 9239
    ("cur", "image/x-icon"),                          // MIME Sniffing, 6.1
    ("dbf", "application/vnd.dbf"),                   // IANA
    ("dcm", "application/dicom"),                     // RFC 3240
    ("deb", "application/vnd.debian.binary-package"), // IANA
    ("dwg", "image/vnd.dwg"),                         // IANA
    ("dxf", "image/vnd.dxf"),                         // IANA
    ("exr", "image/aces"),                            // IANA
    ("fits", "image/fits"),                           // RFC 4047
    ("har", "application/json"),                      // HTTP Archive 1.2
    ("importmap", "application/importmap+json"),      // HTML, import maps
    ("ipynb", "application/x-ipynb+json"),            // Jupyter's nbformat
    ("jls", "image/jls"),                             // IANA
    ("jph", "image/jph"),                             // IANA
    ("jxr", "image/jxr"),                             // IANA
    ("jxs", "image/jxs"),                             // IANA
    ("ktx2", "image/ktx2"),                           // IANA
    ("lottie", "application/zip+dotlottie"),          // dotLottie 2.0
    ("m2t", "video/mp2t"),                            // RFC 3555
    ("m2ts", "video/mp2t"),                           // RFC 3555
    ("m3u8", "application/vnd.apple.mpegurl"),        // RFC 8216, 4
    ("m4a", "audio/mp4"),                             // RFC 4337
    ("m4b", "audio/mp4"),                             // RFC 4337
    ("m4s", "video/iso.segment"),                     // IANA
    ("map", "application/json"),                      // ECMA-426
    ("mid", "audio/midi"),                            // shared-mime-info
    ("midi", "audio/midi"),                           // shared-mime-info
    ("mka", "audio/matroska"),                        // RFC 9559
    ("mkv", "video/matroska"),                        // RFC 9559
    ("mtl", "model/mtl"),                             // IANA
    ("mvt", "application/vnd.mapbox-vector-tile"),    // IANA
    ("numbers", "application/vnd.apple.numbers"),     // IANA
    ("obj", "model/obj"),                             // IANA
    ("pages", "application/vnd.apple.pages"),         // IANA
    ("psd", "image/vnd.adobe.photoshop"),             // IANA
    ("rpm", "application/x-rpm"),                     // shared-mime-info
    ("sqlite", "application/vnd.sqlite3"),            // IANA
    ("sqlite3", "application/vnd.sqlite3"),           // IANA
    ("step", "model/step"),                           // IANA
    ("stl", "model/stl"),                             // IANA
    ("stp", "model/step"),                            // IANA
    ("topojson", "application/json"),                 // TopoJSON 1.0
    ("ttml", "application/ttml+xml"),                 // IANA
    ("u3d", "model/u3d"),                             // IANA
    ("usda", "model/vnd.usda"),                       // IANA
    ("usdz", "model/vnd.usdz+zip"),                   // IANA
    ("vcf", "text/vcard"),                            // RFC 6350
    ("vsdx", "application/vnd.visio"),                // IANA
    ("woff", "font/woff"),                            // RFC 8081
    ("wrl", "model/vrml"),                            // RFC 2077
    ("zst", "application/zstd"),                      // RFC 8878
];

/// Extensions of text that is shown: sources (by GitHub Linguist's list of languages),
/// configuration, logs. Registered, and yet saved by browsers, are those of RFC 7763 (`md`),
/// RFC 9512 (`yaml`) and, at IANA, `toml`, `wgsl`, `spdx`, `ged`, `dtd`, `manifest` and `dart`.
const TEXTS: &str = "adoc asciidoc asm astro awk bash bat bib bzl cfg clj cljs cmake cmd coffee \
                     comp conf cs cts d dart diff dtd edn ejs el elm env erb erl ex exs fish frag \
                     fs fsx ged geom glsl go gql gradle graphql groovy haml hbs hcl hlsl hrl hs \
                     ini ino java jinja jinja2 jl json5 jsonc jsonl kt kts less liquid lock log \
                     lua manifest markdown md mdx metal mk ml mli mustache ndjson nfo nim nix njk \
                     pas patch php pl pm properties proto ps1 pug py pyi r rb rkt rs rst sass \
                     scala scss sh spdx sql srt styl svelte swift tcl tex tf thrift toml tsx twig \
                     vert vim vue wgsl yaml yml zig zsh";

/// Text as well; or, where a file holds what no text does, of the type beside it.
const TEXTS_OR_BINARY: [(&str, &str); 4] = [
    ("dot", "application/msword"), // Graphviz, or a template of Word (IANA)
    ("key", "application/vnd.apple.keynote"), // A key in PEM, or slides (IANA)
    ("mts", "video/mp2t"),         // TypeScript, or a video (RFC 3555)
    ("ts", "video/mp2t"),          // the same
];

/// Names without an extension that people and tools give to text, by convention.
const NAMES: &str = "AUTHORS CHANGELOG CHANGES CNAME CODEOWNERS CONTRIBUTORS COPYING copyright \
                     Dockerfile Gemfile HISTORY INSTALL Jenkinsfile LICENCE LICENSE Makefile NEWS \
                     NOTICE Procfile Rakefile README TODO VERSION Vagrantfile";

/// The type of files with this extension, in lower case.
pub(crate) fn of_extension(extension: &str) -> Option<&'static str> {
    if let Ok(idx) = TYPES.binary_search_by_key(&extension, |(known, _)| known) {
        return TYPES.get(idx).map(|(_, essence)| *essence);
    }
    let is_text = binary_of_text(extension).is_some() || holds(TEXTS, extension);
    is_text.then_some(TEXT)
}

/// The type that a file with the extension of a text has if it holds none.
pub(crate) fn binary_of_text(extension: &str) -> Option<&'static str> {
    let found = TEXTS_OR_BINARY.iter().find(|(known, _)| *known == extension);
    found.map(|(_, binary)| *binary)
}

/// Whether a file that is called so, without an extension, is text.
pub(crate) fn is_name_of_text(name: &str) -> bool {
    holds(NAMES, name)
}

/// Whether no byte of the start of a file is one that text does not hold (MIME Sniffing, 3).
pub(crate) fn is_text(start: &[u8]) -> bool {
    let is_binary = |byte: &u8| matches!(byte, 0..=0x08 | 0x0b | 0x0e..=0x1a | 0x1c..=0x1f);
    let has_wide_mark = start.starts_with(b"\xff\xfe") || start.starts_with(b"\xfe\xff");
    has_wide_mark || !start.iter().any(is_binary)
}

fn holds(words: &str, wanted: &str) -> bool {
    words.split_whitespace().any(|word| word == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_says_nothing_twice() {
        assert!(TYPES.is_sorted_by(|a, b| a.0 < b.0));
        let words: Vec<&str> = TEXTS.split_whitespace().collect();
        assert!(words.is_sorted_by(|a, b| a < b));
        for word in words {
            assert!(TYPES.iter().all(|(known, _)| *known != word), "{word}");
        }
        for (extension, essence) in TYPES {
            let usual = mime_guess::from_ext(extension).first_raw();
            assert_ne!(usual, Some(essence), "{extension} needs no entry");
        }
    }
}
