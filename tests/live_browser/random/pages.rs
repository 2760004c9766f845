//! Pages put together at random, and edits to them.

/// Numbers that the seed decides (SplitMix64).
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn pick<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }
}

/// A page as its author sees it.
#[derive(Default)]
pub(super) struct Page {
    head: Vec<Block>,
    body: Vec<Block>,
    has_scripts: bool,
}

/// A building block: text with others in it.
#[derive(Clone, Default)]
struct Block {
    open: String,
    blocks: Vec<Block>,
    close: &'static str,
}

const WORDS: &[&str] = &[
    "one",
    "two",
    "three",
    "&amp;",
    "&lt;b&gt;",
    "a  b",
    "Größe",
    "\n",
    "&nbsp;",
    "x",
    "日本",
    "",
    "word\nline",
    "&copy",
    "</i>",
    "<br>",
    "<!-- c -->",
    "<b>bold</b>",
    "<i><b>mixed</i></b>",
];

/// Templates of blocks: `%` stands for a word, `@` for attributes, `|` for blocks.
const BLOCKS: &[&str] = &[
    "<p@>%</p>",
    "<p@>%",
    "<p@>% <a href=/%>%</a> %</p>",
    "%",
    "<h2@>%</h2>",
    "<hr@>",
    "<div@>|</div>",
    "<section@>|</section>",
    "<article@>|",
    "<blockquote@>|%</blockquote>",
    "<ul@><li>%</li><li>%</li></ul>",
    "<ul@><li>%<li>%<ul><li>%</ul></ul>",
    "<ol@><li>|</li><li>%</ol>",
    "<table@><tr><td>%</td><td>%</td></tr></table>",
    "<table@><thead><tr><th>%</thead><tbody><tr><td>|</td></tr></tbody></table>",
    "<table@>%<tr><td>%</table>",
    "<dl@><dt>%<dd>%</dl>",
    "<pre@>\n%\n\n%</pre>",
    "<details@><summary>%</summary>|</details>",
    "<form@>|<input name=a value='%'><textarea name=b>%</textarea></form>",
    "<select@><option>%</option><option selected>%</option></select>",
    "<label@>%<input type=checkbox checked></label>",
    "<input type=radio name=r@>",
    "<button class=b@>%</button>",
    "<template@><p>%</p></template>",
    "<svg viewBox='0 0 9 9'@><g><circle r=2 /></g><foreignObject><p>%</p></foreignObject></svg>",
    "<math@><mi>%</mi></math>",
    "<img alt='%'@>",
    "<!-- % -->",
    "<b@>%<p>%</b>%</p>",
    "<style>p { order: 1 }</style>",
    "<x-plain@>|</x-plain>",
    "<noscript@><p>%</p></noscript>",
    "<video muted@></video>",
    "<dialog@>|</dialog>",
    "<figure@><img alt=''><figcaption>%</figcaption></figure>",
    "<a href='/%'@>|</a>",
    "<ruby>%<rt>%</ruby>",
    "<iframe srcdoc='<p>%'@></iframe>",
    "<script type=text/plain>%</script>",
];

/// Scripts that a page finds what they did by. None reads a text that is in sight at load.
const SCRIPTS: &[&str] = &[
    "<script>document.querySelectorAll('.b').forEach(b => b.addEventListener('click', () => b.title += '!'))</script>",
    "<script>document.querySelectorAll('ul').forEach(list => list.append(...[...list.children].reverse()))</script>",
    "<div id=app></div><script>app.innerHTML = '<p>made</p>'</script>",
    "<script>document.querySelectorAll('p').forEach((p, at) => p.classList.add('n' + at))</script>",
    "<script>document.querySelectorAll('[data-n]').forEach(node => node.title = node.dataset.n)</script>",
    "<x-made n=1></x-made><script>customElements.get('x-made') || customElements.define('x-made',
     class extends HTMLElement { connectedCallback() { this.textContent = this.getAttribute('n') } })</script>",
    "<output id=count></output><script>count.value = document.querySelectorAll('body *').length</script>",
    "<script>document.querySelectorAll('table').forEach(table => {
     const box = document.createElement('div'); table.replaceWith(box); box.append(table) })</script>",
    "<script>document.querySelectorAll('template').forEach(template =>
     template.after(document.importNode(template.content, true)))</script>",
    "<script>document.querySelector('hr')?.remove()</script>",
    "<script>document.body.prepend(document.createElement('aside'))</script>",
    "<script>document.documentElement.dataset.n = 1</script>",
    "<button class=b onclick=\"this.dataset.n = 1\">b</button>",
    "<img alt='' onerror=\"this.alt = 'none'\" src=data:,>",
    "<script>document.querySelectorAll('h2').forEach((h, at) => h.id = 'h' + at)</script>",
    "<script type=module>document.querySelectorAll('button').forEach(b => b.onclick = () => b.dataset.n = 2)</script>",
];

const HEADS: &[&str] = &[
    "<title>%</title>",
    "<meta name=description content='%'>",
    "<style>p { color: red }</style>",
    "<link rel=icon href=data:,>",
    "<meta charset=utf-8>",
    "<base target='%'>",
];

const ATTRIBUTES: &[&str] = &[
    "",
    "",
    "",
    " class=a",
    " class='a b'",
    " class='b  c'",
    " id=i",
    " style='color: red'",
    " style='order: 2'",
    " title='%'",
    " data-n=1",
    " data-n=2",
    " hidden",
    " lang=de",
    " open",
    " dir=ltr",
    " tabindex=0",
    " aria-label='%'",
];

impl Page {
    pub(super) fn random(random: &mut Random, has_scripts: bool) -> Self {
        let head = (0..random.below(4)).map(|_| head(random)).collect();
        let mut page = Self { head, body: Vec::new(), has_scripts };
        for _ in 0..2 + random.below(6) {
            page.body.push(page.block(random, 0));
        }
        if has_scripts {
            for _ in 0..1 + random.below(3) {
                page.body.push(Block::text(random.pick(SCRIPTS)));
            }
        }
        page
    }

    pub(super) fn text(&self) -> String {
        let mut text = String::from("<!doctype html>\n");
        self.head.iter().chain(&self.body).for_each(|block| block.write(&mut text));
        text
    }

    fn block(&self, random: &mut Random, depth: usize) -> Block {
        if self.has_scripts && depth == 0 && random.below(6) == 0 {
            return Block::text(random.pick(SCRIPTS));
        }
        let template = random.pick(BLOCKS);
        let Some((open, close)) = template.split_once('|') else {
            return Block::text(&filled(random, template));
        };
        let count = if depth > 2 { 0 } else { random.below(4) };
        let blocks = (0..count).map(|_| self.block(random, depth + 1)).collect();
        // What stands behind the blocks stays as it is.
        Block { open: filled(random, open), blocks, close: close.trim_start_matches('%') }
    }

    /// Makes one change, as a person might.
    pub(super) fn edit(&mut self, random: &mut Random) {
        if random.below(12) == 0 {
            let at = random.below(self.head.len() + 1);
            match random.below(2) {
                0 if at < self.head.len() => drop(self.head.remove(at)),
                _ => self.head.insert(at, head(random)),
            }
            return;
        }
        let new = self.block(random, 0);
        let list = some_list(&mut self.body, random);
        if list.is_empty() {
            return list.push(new);
        }
        let at = random.below(list.len());
        match random.below(8) {
            0 => list.insert(at, new),
            1 => list.push(new),
            2 => list[at] = new,
            3 => drop(list.remove(at)),
            4 => {
                let to = random.below(list.len());
                list.swap(at, to);
            }
            5 => list.insert(at, list[at].clone()),
            _ => list[at].edit(random),
        }
    }
}

/// The blocks of the page, or those within one of them.
fn some_list<'a>(blocks: &'a mut Vec<Block>, random: &mut Random) -> &'a mut Vec<Block> {
    let nested = |block: &Block| !block.close.is_empty() || !block.blocks.is_empty();
    let places: Vec<_> = (0..blocks.len()).filter(|&at| nested(&blocks[at])).collect();
    if places.is_empty() || random.below(2) == 0 {
        return blocks;
    }
    let at = places[random.below(places.len())];
    some_list(&mut blocks[at].blocks, random)
}

fn head(random: &mut Random) -> Block {
    let template = random.pick(HEADS);
    Block::text(&filled(random, template))
}

/// The template with its words and attributes.
fn filled(random: &mut Random, template: &str) -> String {
    let mut text = template.to_owned();
    while let Some(at) = text.find('@') {
        text.replace_range(at..=at, random.pick(ATTRIBUTES));
    }
    while let Some(at) = text.find('%') {
        let is_quoted = text[..at].matches('\'').count() % 2 == 1;
        let is_bare = text[..at].ends_with('/') && !is_quoted;
        let words = if is_quoted || is_bare { &WORDS[..3] } else { WORDS };
        text.replace_range(at..=at, random.pick(words));
    }
    text
}

impl Block {
    fn text(text: &str) -> Self {
        Self { open: text.to_owned(), ..Self::default() }
    }

    fn write(&self, text: &mut String) {
        text.push_str(&self.open);
        self.blocks.iter().for_each(|block| block.write(text));
        text.push_str(self.close);
        text.push('\n');
    }

    /// Changes a word, an attribute, a tag, or any character.
    fn edit(&mut self, random: &mut Random) {
        let pairs = [
            ("one", "two"),
            ("two", "three"),
            ("three", "one"),
            ("red", "blue"),
            ("class=a", "class=c"),
            ("'a b'", "'b a'"),
            ("data-n=1", "data-n=3"),
            ("<p", "<h3"),
            ("<div", "<main"),
            ("<ul", "<ol"),
            ("'!'", "'?'"),
            ("made", "changed"),
            (" hidden", ""),
            (" open", ""),
            ("checked", ""),
            ("<td", "<td colspan=2"),
            ("n=1", "n=2"),
            ("order: 2", "order: 3"),
            ("id=i", "id=j"),
            (" selected", ""),
            ("muted", ""),
        ];
        let fitting: Vec<_> = pairs.iter().filter(|(old, _)| self.open.contains(old)).collect();
        if !fitting.is_empty() && random.below(5) > 0 {
            let (old, new) = fitting[random.below(fitting.len())];
            self.open = self.open.replacen(old, new, 1);
        } else if !self.open.contains("<script") {
            // Such as a bracket that is missing for the moment.
            let at = random.below(self.open.chars().count().max(1));
            let (at, c) = self.open.char_indices().nth(at).unwrap_or((0, ' '));
            if self.open.is_empty() || random.below(2) == 0 {
                self.open.insert(at, ['x', ' ', '<', '>', '"', '&'][random.below(6)]);
            } else {
                self.open.replace_range(at..at + c.len_utf8(), "");
            }
        }
    }
}
