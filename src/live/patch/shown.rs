//! A page that is on show, from save to save.

use super::{Op, Patch, digest::DigestTree, path_to};
use crate::live::is_script_url;

/// The rendering that a tab shows, and its tree.
pub struct Shown {
    pub(super) rendering: Vec<u8>,
    pub(super) tree: DigestTree,
}

/// A text between two tags, before a save and after it.
struct Edit<'a> {
    old: &'a str,
    new: &'a str,
}

impl Shown {
    /// Parses `rendering`, which has the element of the live script in it.
    pub fn new(rendering: Vec<u8>) -> Self {
        let tree = DigestTree::parse(&rendering);
        Self { rendering, tree }
    }

    /// Goes on to the next rendering, and gives what makes it of the last one. `None`
    /// where only loading the page again is exact.
    ///
    /// To parse a page of 200 kB takes milliseconds. Where only a text between two
    /// tags has changed, as after most saves, what the parser would do is known.
    pub fn advance(&mut self, rendering: Vec<u8>) -> Option<Patch> {
        let patch = self.text_patch(&rendering);
        let patch = patch.or_else(|| {
            let tree = DigestTree::parse(&rendering);
            let patch = Patch::between(&self.tree, &tree);
            self.tree = tree;
            patch
        });
        self.rendering = rendering;
        patch
    }

    /// The patch, and the tree made new, where all that has changed is one text.
    pub(super) fn text_patch(&mut self, rendering: &[u8]) -> Option<Patch> {
        let old = without_client(str::from_utf8(&self.rendering).ok()?);
        let new = without_client(str::from_utf8(rendering).ok()?);
        let edit = Edit::between(&old, &new)?;
        // The bytes of the edit went into the one node that has such a text, or else
        // it would be found in that comment, attribute or script as well.
        let is_only = old.matches(edit.old).take(2).count() == 1;
        let text = self.tree.find_only_text(edit.old).filter(|_| is_only)?;
        if !self.tree.is_shallow() {
            return None;
        }
        let at = path_to(&self.tree, text);
        let [old, new] = [edit.old, edit.new].map(str::to_owned);
        let ops = vec![Op::Text { at, old, new, count: None }];
        let patch = Patch::of(ops, &self.tree, self.tree.has_scripts());
        self.tree.set_text(text, edit.new);
        Some(patch)
    }
}

impl<'a> Edit<'a> {
    /// The one text that differs, if the parser takes both the same way: neither has
    /// a character that does more than stand for itself, and words begin where they
    /// did, since white space alone can go elsewhere, as in a table.
    fn between(old_page: &'a str, new_page: &'a str) -> Option<Self> {
        let (old, new) = (old_page.as_bytes(), new_page.as_bytes());
        let prefix = old.iter().zip(new).take_while(|(old, new)| old == new).count();
        let rest = old[prefix..].iter().rev().zip(new[prefix..].iter().rev());
        let suffix = rest.take_while(|(old, new)| old == new).count();
        let is_bracket = |byte: &u8| b"<>".contains(byte);
        let start = old[..prefix].iter().rposition(is_bracket)?;
        let tail = &old[old.len() - suffix..];
        let end = suffix - tail.iter().position(is_bracket)?;
        // Brackets are whole characters, so that these are too.
        let old_text = old_page.get(start + 1..old.len() - end)?;
        let new_text = new_page.get(start + 1..new.len() - end)?;
        let is_between_tags = old[start] == b'>' && old[old.len() - end] == b'<';
        let first_word = |text: &str| text.find(|c: char| !c.is_ascii_whitespace());
        let (old_first, new_first) = (first_word(old_text)?, first_word(new_text)?);
        let begin_alike = old_text[..old_first] == new_text[..new_first];
        let is_plain = |text: &str| !text.contains(['<', '>', '&', '\r', '\0']);
        let is_text = is_between_tags && begin_alike && is_plain(old_text) && is_plain(new_text);
        (is_text && old_text != new_text).then_some(Self { old: old_text, new: new_text })
    }
}

/// The page without the element of the live script, which names the version.
fn without_client(page: &str) -> String {
    let begin = "<script src=\"";
    let mut scripts = page.match_indices(begin).map(|(at, _)| page.split_at(at));
    let is_client =
        |script: &str| script[begin.len()..].split('"').next().is_some_and(is_script_url);
    let client = scripts.find(|(_, script)| is_client(script));
    match client.and_then(|(before, client)| Some((before, client.split_once("</script>")?.1))) {
        Some((before, after)) => [before, after].concat(),
        None => page.to_owned(),
    }
}
