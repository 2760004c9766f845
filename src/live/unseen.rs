//! Finds uses of a file that the live script does not see.

use crate::{
    html::tokens::{StartTag, TokenKind, Tokens},
    site::SubresourceKind,
};

/// Whether `page` may use a file of this kind where the live script finds no trace of it.
///
/// What a script has made of an image or a font, such as a drawing or a measure, is no part
/// of the page. A sheet that a script has fetched is in the page's timeline. And a shadow
/// root that the file declares as closed is hidden from all scripts.
pub(super) fn may_be_unseen(kind: SubresourceKind, page: &[u8]) -> bool {
    let is_for_scripts = matches!(kind, SubresourceKind::Image | SubresourceKind::Font);
    Tokens::new(page).any(|token| match token.kind {
        TokenKind::StartTag(tag) => {
            declares_closed_root(&tag) || (is_for_scripts && runs_scripts(&tag))
        }
        _ => false,
    })
}

fn declares_closed_root(tag: &StartTag) -> bool {
    let mode = tag.attribute("shadowrootmode");
    tag.name == "template" && mode.is_some_and(|mode| mode.eq_ignore_ascii_case("closed"))
}

fn runs_scripts(tag: &StartTag) -> bool {
    let has_handler = tag.attributes.iter().any(|attribute| attribute.name.starts_with("on"));
    (tag.name == "script" && !is_data(tag)) || has_handler
}

/// Whether the browser only keeps the text of a script element (HTML, 4.12.1).
fn is_data(script: &StartTag) -> bool {
    let kind = script.attribute("type").unwrap_or_default().trim_ascii().to_ascii_lowercase();
    let names = ["javascript", "ecmascript", "jscript", "livescript"];
    !kind.is_empty() && kind != "module" && !names.iter().any(|name| kind.contains(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_may_use_images_and_closed_roots_anything() {
        use SubresourceKind::{Font, Image, Style};
        for (page, for_style, for_image) in [
            ("<p>a", false, false),
            ("<!-- <script></script> --><textarea><script></script></textarea>", false, false),
            ("<script type=application/ld+json>{}</script>", false, false),
            ("<script type=importmap>{}</script>", false, false),
            ("<script>a</script>", false, true),
            ("<script type=module src=a.js></script>", false, true),
            ("<script type='text/javascript'></script>", false, true),
            ("<img onload=a() src=a.png>", false, true),
            ("<template shadowrootmode=open></template>", false, false),
            ("<template shadowrootmode=CLOSED></template>", true, true),
        ] {
            assert_eq!(may_be_unseen(Style, page.as_bytes()), for_style, "{page}");
            assert_eq!(may_be_unseen(Image, page.as_bytes()), for_image, "{page}");
            assert_eq!(may_be_unseen(Font, page.as_bytes()), for_image, "{page}");
        }
    }
}
