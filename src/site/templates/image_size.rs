//! Sizes of images, as browsers show them.

use imagesize::blob_size;

/// The end of the longest start tag of an SVG that is looked at, in bytes.
const MAX_TAG_BYTES: usize = 64 * 1024;

/// Width and height in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ImageSize {
    pub(crate) width: u64,
    pub(crate) height: u64,
}

/// Reads the size in the first bytes of a file. `None` where that is no image; an SVG may
/// have no size of its own.
pub(crate) fn read(head: &[u8]) -> Option<Option<ImageSize>> {
    if let Some(tag) = svg_tag(head) {
        return Some(of_svg(&tag));
    }
    let size = blob_size(head).ok()?;
    let (width, height) = (size.width as u64, size.height as u64);
    Some(Some(match is_turned(head) {
        true => ImageSize { width: height, height: width },
        false => ImageSize { width, height },
    }))
}

/// The start tag of an SVG.
fn svg_tag(head: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(head.get(..head.len().min(MAX_TAG_BYTES))?);
    let text = head.trim_start_matches('\u{feff}').trim_start();
    let at = text.find("<svg").filter(|_| text.starts_with('<'))?;
    let tag = text.get(at + 4..)?;
    Some(tag.split('>').next()?.to_owned())
}

/// The size by `width` and `height`, of which one is enough with a `viewBox`, else that
/// of the `viewBox` (SVG 2, 7.2 and 8.12).
fn of_svg(tag: &str) -> Option<ImageSize> {
    let pixels = |name| {
        let value = svg_attribute(tag, name)?;
        value.trim().trim_end_matches("px").parse::<f64>().ok().filter(|value| *value > 0.0)
    };
    let view_box = svg_attribute(tag, "viewBox").and_then(|value| {
        let parts = value.split([' ', ',', '\t', '\n', '\r']).filter(|part| !part.is_empty());
        let parts = parts.map(|part| part.parse().ok()).collect::<Option<Vec<f64>>>()?;
        match parts.as_slice() {
            [_, _, width, height] if *width > 0.0 && *height > 0.0 => Some((*width, *height)),
            _ => None,
        }
    });
    let (width, height) = match (pixels("width"), pixels("height"), view_box) {
        (Some(width), Some(height), _) => (width, height),
        (Some(width), None, Some(view)) => (width, width * view.1 / view.0),
        (None, Some(height), Some(view)) => (height * view.0 / view.1, height),
        (None, None, Some(view)) => view,
        _ => return None,
    };
    let whole = |value: f64| format!("{:.0}", value.round().max(1.0)).parse().ok();
    Some(ImageSize { width: whole(width)?, height: whole(height)? })
}

fn svg_attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let values = tag.match_indices(name).filter_map(|(at, _)| {
        let is_start = tag.get(..at)?.ends_with(char::is_whitespace);
        let value = tag.get(at + name.len()..)?.trim_start().strip_prefix('=')?.trim_start();
        let quote = value.chars().next().filter(|c| is_start && matches!(c, '"' | '\''))?;
        value.get(1..)?.split(quote).next()
    });
    { values }.next()
}

/// Whether a JPEG is shown turned by a quarter (Exif 2.32, 4.6.4, tag 0x0112).
fn is_turned(head: &[u8]) -> bool {
    orientation(head).is_some_and(|orientation| (5..=8).contains(&orientation))
}

fn orientation(head: &[u8]) -> Option<u16> {
    let mut rest = head.strip_prefix(&[0xff, 0xd8])?;
    let exif = loop {
        let [0xff, marker, high, low] = *rest.first_chunk::<4>()? else { return None };
        let len = usize::from(u16::from_be_bytes([high, low]));
        let segment = rest.get(4..2 + len)?;
        // The image itself begins.
        if marker == 0xda {
            return None;
        }
        match segment.strip_prefix(b"Exif\0\0") {
            Some(exif) if marker == 0xe1 => break exif,
            _ => rest = rest.get(2 + len..)?,
        }
    };
    let is_little = exif.starts_with(b"II");
    let short = |at: usize| {
        let bytes = *exif.get(at..)?.first_chunk::<2>()?;
        Some(if is_little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    };
    let offset = *exif.get(4..)?.first_chunk::<4>()?;
    let offset = if is_little { u32::from_le_bytes(offset) } else { u32::from_be_bytes(offset) };
    let start = usize::try_from(offset).ok()?;
    let entries = (0..usize::from(short(start)?)).map(|entry| start + 2 + 12 * entry);
    let mut found = entries.filter(|at| short(*at) == Some(0x0112));
    short(found.next()? + 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_svg_has_the_size_that_it_says() {
        for (svg, expected) in [
            (r#"<svg width="24" height="12px"/>"#, Some((24, 12))),
            (r#"<?xml version="1.0"?><!-- a --><svg viewBox="0 0 30 20">"#, Some((30, 20))),
            (r#"<svg stroke-width="9" width='60' viewBox="0,0,30,20">"#, Some((60, 40))),
            (r#"<svg width="100%" height="100%" viewBox="0 0 3 4">"#, Some((3, 4))),
            ("<svg height='5'>", None),
            ("<svg viewBox='0 0 0 4'>", None),
        ] {
            let expected = expected.map(|(width, height)| ImageSize { width, height });
            assert_eq!(read(svg.as_bytes()), Some(expected), "{svg}");
        }
        for other in ["", "text <svg width='1' height='1'>", "<html>", "\u{0}\u{1}"] {
            assert_eq!(read(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn a_turned_photo_has_the_size_in_which_it_is_shown() {
        for (orientation, expected) in [(1, (300, 200)), (3, (300, 200)), (6, (200, 300))] {
            let mut jpeg = vec![0xff, 0xd8, 0xff, 0xe1, 0, 34];
            jpeg.extend(b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0");
            jpeg.extend([orientation, 0, 0, 0, 0, 0, 0]);
            jpeg.extend([0xff, 0xc0, 0, 11, 8, 0, 200, 1, 44, 1, 1, 0x11, 0, 0xff, 0xd9]);
            let (width, height) = expected;
            assert_eq!(read(&jpeg), Some(Some(ImageSize { width, height })), "{orientation}");
        }
    }
}
