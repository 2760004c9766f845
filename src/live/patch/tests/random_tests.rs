//! Pages put together and changed at random: whatever the change, the operations make
//! the new page of the old one.

use crate::{
    html::random_tests::Random,
    live::patch::{Shown, digest::DigestTree},
};

use super::{Live, diff};

impl Random {
    /// A piece of a page: a tag, its end, or text.
    fn piece(&mut self) -> String {
        let tags = [
            "p", "div", "b", "a", "ul", "li", "table", "tr", "td", "form", "pre", "svg", "g",
            "select", "option", "textarea", "style", "title", "link", "br", "h1", "math", "mi",
            "section", "span", "button", "template", "body", "head", "caption", "video",
        ];
        let name = self.pick(&tags);
        let values = ["", " id=a", " id=b", " class='x y'", " href=/", " @odd=1", " open"];
        match self.below(10) {
            0..4 => format!("<{name}{}>", self.pick(&values)),
            4..7 => format!("</{name}>"),
            7 => format!("<!-- {name} -->"),
            _ => self.pick(&["text ", "\n", "a &amp; b ", "&lt;", "\n  ", "\u{e9}"]).to_owned(),
        }
    }

    /// The same pieces with a few changes.
    fn edited(&mut self, pieces: &[String]) -> Vec<String> {
        let mut pieces = pieces.to_vec();
        for _ in 0..=self.below(4) {
            let at = self.below(pieces.len());
            match self.below(4) {
                0 => pieces.insert(at, self.piece()),
                1 => pieces[at] = self.piece(),
                2 if pieces.len() > 1 => drop(pieces.remove(at)),
                _ => {
                    let end = (at + self.below(8)).min(pieces.len());
                    let moved: Vec<String> = pieces[at..end].to_vec();
                    let to = self.below(pieces.len());
                    pieces.splice(to..to, moved);
                }
            }
        }
        pieces
    }
}

#[test]
fn makes_the_new_page_of_the_old_one() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut patched = 0;
    for _ in 0..2_000 {
        let len = 1 + random.below(60);
        let pieces: Vec<String> = (0..len).map(|_| random.piece()).collect();
        let (old, new) = (pieces.concat(), random.edited(&pieces).concat());
        if let Some(patch) = diff(old.as_bytes(), new.as_bytes()) {
            let mut live = Live::open(&old);
            live.apply(&old, &patch);
            assert_eq!(live, Live::open(&new), "from {old:?}\nto {new:?}\nby {patch:#?}");
            patched += 1;
        }
    }
    assert!(patched > 1_200, "only {patched} pages were patched");
}

#[test]
fn follows_a_page_from_save_to_save() {
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let mut quick = 0;
    for _ in 0..500 {
        let text = |random: &mut Random| {
            let before = random.pick(&["<p>", "<td>", "</b>", "<title>", "<!-- -->", "</ul>"]);
            let begin = random.pick(&["a ", "a ", "a ", "\n a ", "&amp; "]);
            format!("{before}{begin}{}", random.below(1_000))
        };
        let mut pieces: Vec<String> =
            (0..1 + random.below(15)).flat_map(|_| [random.piece(), text(&mut random)]).collect();
        let mut shown = Shown::new(pieces.concat().into_bytes());
        for _ in 0..6 {
            let at = random.below(pieces.len());
            let kept = pieces[at].rfind(' ').map_or("", |end| &pieces[at][..=end]);
            pieces[at] = match random.below(4) {
                0 => random.piece(),
                1 => text(&mut random),
                _ => format!("{kept}{} b", random.below(1_000)),
            };
            let page = pieces.concat();
            let mut live = Live::of(&shown.tree, shown.tree.root());
            let old = String::from_utf8(shown.rendering.clone()).unwrap();
            quick += usize::from(shown.text_patch(page.as_bytes()).is_some());
            shown = Shown::new(old.clone().into_bytes());
            let patch = shown.advance(page.clone().into_bytes());
            assert_eq!(Live::of(&shown.tree, shown.tree.root()), Live::open(&page), "{old} {page}");
            let hash = |tree: &DigestTree| tree.hash(tree.root());
            assert_eq!(hash(&shown.tree), hash(&DigestTree::parse(page.as_bytes())));
            if let Some(patch) = patch {
                live.apply(&old, &patch);
                assert_eq!(live, Live::open(&page), "from {old:?} to {page:?}");
            }
        }
    }
    assert!(quick > 100, "only {quick} patches came without parsing");
}
