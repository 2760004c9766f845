//! The template engine: loads templates from the root, keeps them compiled,
//! and knows when they are no longer what the disk holds.

use std::{
    borrow::Cow,
    io::{self, Read as _, Seek as _},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, TemplateSource, UndefinedBehavior, Value,
    syntax::SyntaxConfig,
};

use super::{
    builtin,
    cache::Inputs,
    code, limits,
    reads::{self, Read, Reads},
    root::{OpenFile, Opening, Root, Unreadable},
};

/// A larger file is no page that somebody wrote. It is served, but not compiled:
/// templates, unlike assets, are held in memory.
const MAX_TEMPLATE_BYTES: u64 = 16 * 1024 * 1024;

/// When an environment has compiled templates of so many bytes it forgets them all,
/// so that a crawl through a huge site does not hold every page in memory.
const MAX_LOADED_BYTES: u64 = 4 * 1024 * 1024;

/// How deep a template may nest its loops, blocks (1 each), macros (4) and
/// includes (10). Each step takes some of the thread's stack, up to 20 kB in an
/// unoptimised build, and the engine's own limit of 500 lets a block that calls
/// itself run through that and end the process.
const MAX_RECURSION: usize = 150;

/// A name that no file has.
const NO_TEMPLATE: &str = "\0";

/// The stack that a thread needs to compile and render any template, in bytes: half
/// as much again as the longest chain of `{% elif %}` was measured to take in an
/// optimised build. It is address space alone until it is used.
pub const RENDER_STACK_BYTES: usize = 64 * 1024 * 1024;

/// Renders templates for any number of threads at once.
///
/// Each render has an environment to itself, taken from a pool that grows to
/// the number of threads. One shared environment would do with less memory, but
/// when two threads reload a template at once it keeps what the first of them
/// read, which may be older than what the second was asked for; and it holds on
/// to every template that was ever replaced, as some render may still use it.
#[derive(Debug)]
pub(super) struct Templates {
    root: Arc<Root>,
    fuel: u64,
    render_timeout: Duration,
    idle: Mutex<Vec<Compiled>>,
}

#[derive(Debug)]
struct Compiled {
    environment: Environment<'static>,
    /// The bytes of templates compiled since it was last cleared.
    loaded_bytes: u64,
}

/// Why a file is not a template, or cannot be used as one.
#[derive(Debug, thiserror::Error)]
pub(super) enum LoadError {
    #[error("`{0}` leads out of the folder of pages")]
    Outside(String),
    #[error("`{0}` is not UTF-8")]
    NotUtf8(String),
    #[error("`{0}` is larger than a template may be (16 MiB)")]
    TooLarge(String),
    #[error("the tags of `{0}` hold more than a template may (32 KiB in one, 256 KiB in all)")]
    TooMuchCode(String),
    #[error(transparent)]
    Unreadable(Unreadable),
}

impl Templates {
    /// `fuel` is the work that one render may do, in the engine's instructions.
    pub(super) fn new(root: Arc<Root>, fuel: u64, render_timeout: Duration) -> Self {
        Self { root, fuel, render_timeout, idle: Mutex::default() }
    }

    /// Renders the file `name`, and says what it read, whether it came to an end
    /// or not. Of the names that are `known` it takes the stamps from there.
    pub(super) fn render(
        &self,
        name: &str,
        context: Value,
        known: Option<Arc<Inputs>>,
    ) -> (Result<String, Error>, Reads) {
        let taken = self.idle().pop();
        let mut compiled = taken.unwrap_or_else(|| self.compile_nothing());
        let render = || compiled.environment.get_template(name)?.render(context);
        let (rendered, reads) =
            reads::record(known, || limits::within(self.render_timeout, render));
        compiled.forget_replaced(&reads);
        self.idle().push(compiled);
        (rendered, reads)
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Compiled>> {
        // Nothing is done under this lock that could leave the list half changed.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn compile_nothing(&self) -> Compiled {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        // A file without a tag in it is served byte for byte.
        let syntax = SyntaxConfig::builder().keep_trailing_newline(true).build();
        environment.set_syntax(syntax.unwrap_or_default());
        // Whatever is included ends up in an HTML page, whatever its name ends in.
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        environment.set_formatter(|out, state, value| {
            limits::check_output(state, value)?;
            builtin::format_html(out, state, value)
        });
        limits::register(&mut environment);
        // Errors then carry the source that the report shows. Costs nothing else.
        environment.set_debug(true);
        environment.set_recursion_limit(MAX_RECURSION);
        environment.set_fuel(Some(self.fuel));
        // The engine keeps templates that were loaded, and asks the loader for others
        // alone: past the deadline it asks for one that there is not.
        environment.set_path_join_callback(|name, parent| {
            if limits::is_late() { Cow::Borrowed(NO_TEMPLATE) } else { join(name, parent) }
        });
        let root = Arc::clone(&self.root);
        environment.set_loader(move |name| {
            limits::check_load(name)?;
            load(&root, name)
        });
        Compiled { environment, loaded_bytes: 0 }
    }
}

impl Compiled {
    /// Lets go of the templates that newer ones have replaced.
    fn forget_replaced(&mut self, reads: &Reads) {
        self.loaded_bytes += reads.loaded_bytes;
        if self.loaded_bytes > MAX_LOADED_BYTES {
            self.environment.clear_templates();
            self.loaded_bytes = 0;
        } else if reads.loads > 0 {
            // The environment frees replaced templates on any change through a
            // unique borrow, which proves that no render uses them; to remove a
            // name that no template has is the least of changes.
            self.environment.remove_template("");
        }
    }
}

/// Resolves a name that the template `parent` uses: from the root, or from the
/// parent's folder where it starts with `./` or `../`. A `..` that would lead
/// out of the root stays in the name, for the root to refuse.
fn join<'a>(name: &'a str, parent: &str) -> Cow<'a, str> {
    let is_relative = name.starts_with("./") || name.starts_with("../");
    if !is_relative && !name.starts_with('/') {
        return Cow::Borrowed(name);
    }
    let folder = parent.rsplit_once('/').map_or("", |(folder, _)| folder);
    let base = if is_relative { folder } else { "" };
    let mut segments: Vec<&str> = Vec::new();
    for segment in base.split('/').chain(name.split('/')) {
        match segment {
            "" | "." => {}
            ".." if segments.last().is_some_and(|last| *last != "..") => drop(segments.pop()),
            _ => segments.push(segment),
        }
    }
    Cow::Owned(segments.join("/"))
}

fn load(root: &Arc<Root>, name: &str) -> Result<Option<TemplateSource>, Error> {
    let loaded = match root.open_file(name) {
        Ok(Opening::File(file)) => read(root, file).map(Some),
        Ok(Opening::Outside) => Err(LoadError::Outside(name.to_owned())),
        Ok(Opening::Absent) => {
            reads::missed(name);
            Ok(None)
        }
        Err(unreadable) => Err(LoadError::Unreadable(unreadable)),
    };
    Ok(loaded.inspect_err(|_| reads::unusable(name))?)
}

fn read(root: &Arc<Root>, open: OpenFile) -> Result<TemplateSource, LoadError> {
    let now = SystemTime::now();
    let source = read_text(&open)?;
    if !code::is_within_limits(&source) {
        return Err(LoadError::TooMuchCode(open.name));
    }
    let file = Read::at(now, open.name.into(), open.stamp);
    reads::loaded(&file);
    let root = Arc::clone(root);
    Ok(TemplateSource::new(source).with_uptodate_check(move || {
        if reads::has_used(&file.name) {
            return true;
        }
        let now = reads::known_stamp(&file.name).unwrap_or_else(|| root.stamp(&file.name));
        let is_up_to_date = file.is_settled && now == Some(file.stamp);
        if is_up_to_date {
            reads::used(&file);
        }
        is_up_to_date
    }))
}

/// The text of a page that holds no tag, which is as it would be rendered. `None` for
/// any other, and `file` is then at its start again.
pub(super) fn text_without_tags(file: &OpenFile) -> Option<(String, Read)> {
    let name = file.name.as_str().into();
    let read = Read::at(SystemTime::now(), name, file.stamp);
    let is_free_of_tags = |text: &String| !["{{", "{%", "{#"].iter().any(|tag| text.contains(tag));
    let text = read_text(file).ok().filter(is_free_of_tags);
    if text.is_none() {
        (&file.file).rewind().ok()?;
    }
    text.map(|text| (text, read))
}

fn read_text(open: &OpenFile) -> Result<String, LoadError> {
    let len = open.stamp.size();
    if len > MAX_TEMPLATE_BYTES {
        return Err(LoadError::TooLarge(open.name.clone()));
    }
    // With room for the read that finds the end.
    let mut text = String::with_capacity(usize::try_from(len).map_or(0, |len| len + 1));
    match (&open.file).take(MAX_TEMPLATE_BYTES).read_to_string(&mut text) {
        Ok(_) => Ok(without_byte_order_mark(text)),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            Err(LoadError::NotUtf8(open.name.clone()))
        }
        Err(source) => Err(LoadError::Unreadable(Unreadable { name: open.name.clone(), source })),
    }
}

/// Some editors begin a file with a mark that, once included, would stand in the
/// middle of a page.
fn without_byte_order_mark(text: String) -> String {
    match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    }
}

impl From<LoadError> for Error {
    fn from(error: LoadError) -> Self {
        Self::new(ErrorKind::InvalidOperation, error.to_string()).with_source(error)
    }
}
