//! The template engine: keeps templates compiled, renders them, and lets go of those that
//! are no longer what the disk holds.

use std::{
    borrow::Cow,
    collections::HashSet,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use minijinja::{AutoEscape, Environment, Error, UndefinedBehavior, Value, syntax::SyntaxConfig};

use crate::site::{
    builtin, content_type,
    files::{dependencies::Dependencies, folder::Folder},
    markdown::{links::Links, page as markdown_page, values},
    naming::{self, Naming},
    templates::{
        layout, limits, loader, names,
        part::{Part, render_block, render_text},
        recorder::{self, Moment, Recording},
    },
};

/// When an environment has compiled templates of this size besides those of the last
/// page, it forgets them all, so that a crawl through a huge site does not hold every page
/// in memory.
const MAX_LOADED_BYTES: u64 = 4 * 1024 * 1024;

/// The last page's own stay up to this size. Otherwise a large one would be compiled for
/// each request, which is half the work of making it.
const MAX_PAGE_BYTES: u64 = 16 * 1024 * 1024;

/// How deep a template may nest its loops, blocks (1 each), macros (4) and
/// includes (10). Each step takes some of the thread's stack, up to 20 kB in an
/// unoptimised build, and the engine's own limit of 500 lets a block that calls
/// itself run through that and end the process.
const MAX_RECURSION: usize = 150;

/// Pages of HTML of which it is remembered that they use Markdown. Another is rendered twice
/// once.
const MAX_REMEMBERED: usize = 4096;

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
pub(crate) struct Templates {
    fuel: u64,
    render_timeout: Duration,
    links: Links,
    functions: Functions,
    /// Those for pages of HTML.
    idle: Mutex<Vec<Compiled>>,
    /// Those in which sources and values come with marks, by which Markdown is told.
    idle_with_marks: Mutex<Vec<Compiled>>,
    /// The pages of HTML that use files of Markdown.
    with_markdown: Mutex<HashSet<String>>,
}

/// Adds functions to the language that know more of the site than this module.
struct Functions(Box<dyn Fn(&mut Environment<'static>) + Send + Sync>);

impl fmt::Debug for Functions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Functions")
    }
}

#[derive(Debug)]
struct Compiled {
    environment: Environment<'static>,
    /// The bytes of templates compiled since it was last cleared.
    loaded_bytes: u64,
}

impl Templates {
    /// `fuel` is the work that one render may do, in the engine's instructions; `links` rewrites
    /// the addresses in Markdown; `functions` adds functions to the language.
    pub(crate) fn new(
        fuel: u64,
        render_timeout: Duration,
        links: Links,
        functions: impl Fn(&mut Environment<'static>) + Send + Sync + 'static,
    ) -> Self {
        Self {
            fuel,
            render_timeout,
            links,
            functions: Functions(Box::new(functions)),
            idle: Mutex::default(),
            idle_with_marks: Mutex::default(),
            with_markdown: Mutex::default(),
        }
    }

    /// Renders the file `name` of `folder` at a `moment`, in the layout that it names, and
    /// returns what it has read, whether it came to an end or not. Of the names that are `known`
    /// it takes the stamps from there.
    pub(crate) fn render(
        &self,
        folder: &Arc<Folder>,
        name: &str,
        context: Value,
        moment: Moment,
        known: Option<Arc<Dependencies>>,
    ) -> (Result<String, Error>, Recording) {
        #[cfg(test)]
        recorder::RENDERS.set(recorder::RENDERS.get() + 1);
        let render = |is_marked: bool, context: Value, moment, known| {
            self.run_in(is_marked, folder, moment, known, |environment| {
                recorder::set_context(&context);
                match is_marked {
                    true => markdown_page::render(environment, name, context, &self.links),
                    false => layout::render(environment, name, context),
                }
            })
        };
        let is_marked = self.needs_marks(name);
        let (mut rendered, mut reads) =
            render(is_marked, context.clone(), moment.clone(), known.clone());
        if reads.meets_markdown && !is_marked {
            self.remember_markdown(name);
            (rendered, reads) = render(true, context, moment, known);
        }
        if let Ok(html) = &mut rendered {
            html.push_str(reads.line_end);
        }
        (rendered, reads)
    }

    /// Does `work` with an environment to itself, in the bounds of a render, and returns what
    /// it has read.
    pub(crate) fn run<T>(
        &self,
        folder: &Arc<Folder>,
        moment: Moment,
        known: Option<Arc<Dependencies>>,
        work: impl FnOnce(&Environment<'static>) -> Result<T, Error>,
    ) -> (Result<T, Error>, Recording) {
        self.run_in(false, folder, moment, known, work)
    }

    /// The same in an environment in which sources and values come with marks, or in one in
    /// which they do not.
    fn run_in<T>(
        &self,
        is_marked: bool,
        folder: &Arc<Folder>,
        moment: Moment,
        known: Option<Arc<Dependencies>>,
        work: impl FnOnce(&Environment<'static>) -> Result<T, Error>,
    ) -> (Result<T, Error>, Recording) {
        let mut compiled = self.take(is_marked);
        limits::set_part_fuel(self.fuel);
        let work = || recorder::with_marks(is_marked, || work(&compiled.environment));
        let work = || work().inspect_err(|_| recorder::failed(limits::is_late()));
        let work = || limits::within(self.render_timeout, work);
        let (done, reads) = recorder::record(folder, known, moment, work);
        compiled.forget_replaced(&reads);
        self.put_back(is_marked, compiled);
        (done, reads)
    }

    /// Renders the file `name` within the render that goes on in this thread: in its record,
    /// its time, and the fuel that is left for all such. Of a page with a layout it is the
    /// first of these `blocks` that it has.
    pub(crate) fn render_part(
        &self,
        name: &str,
        context: Value,
        blocks: &[&str],
    ) -> Result<Part, Error> {
        let is_marked = self.needs_marks(name);
        let rendered = self.render_part_in(is_marked, name, context.clone(), blocks);
        if is_marked || !recorder::take_met_markdown() {
            return rendered;
        }
        self.remember_markdown(name);
        self.render_part_in(true, name, context, blocks)
    }

    fn render_part_in(
        &self,
        is_marked: bool,
        name: &str,
        context: Value,
        blocks: &[&str],
    ) -> Result<Part, Error> {
        let mut compiled = self.take(is_marked);
        let loaded_before = recorder::loaded_bytes();
        let fuel = limits::part_fuel();
        compiled.environment.set_fuel(Some(fuel));
        let render = || match Naming::is_markdown(name) {
            true => render_text(&compiled.environment, name, &context, &self.links),
            false => render_block(&compiled.environment, name, context, blocks),
        };
        let mut rendered = recorder::with_marks(is_marked, render);
        if is_marked {
            rendered = rendered.map(|(part, used)| (part.without_marks(&self.links), used));
        }
        // The parts in it have taken theirs already. Where it fails there is none left.
        let used = rendered.as_ref().map_or(fuel, |(_, used)| *used);
        limits::set_part_fuel(limits::part_fuel().saturating_sub(used));
        let rendered = rendered.map(|(part, _)| part);
        compiled.environment.set_fuel(Some(self.fuel));
        compiled.forget_surplus(recorder::loaded_bytes() - loaded_before);
        self.put_back(is_marked, compiled);
        rendered
    }

    /// Whether sources and values need marks: there is Markdown among them, as far as known.
    fn needs_marks(&self, name: &str) -> bool {
        Naming::is_markdown(name) || locked(&self.with_markdown).contains(name)
    }

    fn remember_markdown(&self, name: &str) {
        let mut with_markdown = locked(&self.with_markdown);
        if with_markdown.len() >= MAX_REMEMBERED {
            with_markdown.clear();
        }
        with_markdown.insert(name.to_owned());
    }

    fn idle(&self, is_marked: bool) -> MutexGuard<'_, Vec<Compiled>> {
        locked(if is_marked { &self.idle_with_marks } else { &self.idle })
    }

    fn take(&self, is_marked: bool) -> Compiled {
        let idle = self.idle(is_marked).pop();
        idle.unwrap_or_else(|| self.compile_nothing(is_marked))
    }

    fn put_back(&self, is_marked: bool, compiled: Compiled) {
        self.idle(is_marked).push(compiled);
    }

    fn compile_nothing(&self, is_marked: bool) -> Compiled {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        // The loader takes the last line end off, whichever it is.
        let syntax = SyntaxConfig::builder().keep_trailing_newline(true).build();
        environment.set_syntax(syntax.unwrap_or_default());
        environment.set_auto_escape_callback(escaping);
        environment.set_formatter(|out, state, value| {
            limits::check_output(state, value)?;
            builtin::format_html(out, state, value)
        });
        if is_marked {
            values::mark(&mut environment);
            environment.set_formatter(|out, state, value| {
                limits::check_output(state, value)?;
                values::format(out, state, value)
            });
        }
        limits::register(&mut environment);
        (self.functions.0)(&mut environment);
        // Errors then carry the source that the report shows. Costs nothing else.
        environment.set_debug(true);
        environment.set_recursion_limit(MAX_RECURSION);
        environment.set_fuel(Some(self.fuel));
        // The engine keeps templates that were loaded, and asks the loader for others
        // alone: past the deadline it asks for one that there is not.
        environment.set_path_join_callback(|name, parent| {
            if limits::is_late() { Cow::Borrowed(NO_TEMPLATE) } else { names::join(name, parent) }
        });
        environment.set_loader(move |name| {
            limits::check_load(name)?;
            loader::load(name, is_marked)
        });
        Compiled { environment, loaded_bytes: 0 }
    }
}

fn locked<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing is done under these locks that could leave something half changed.
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Compiled {
    /// Lets go of the templates that newer ones have replaced.
    fn forget_replaced(&mut self, reads: &Recording) {
        self.loaded_bytes += reads.loaded_bytes;
        if self.loaded_bytes > MAX_LOADED_BYTES + reads.bytes().min(MAX_PAGE_BYTES) {
            self.environment.clear_templates();
            self.loaded_bytes = 0;
        } else if reads.loads > 0 {
            self.free_replaced();
        }
    }

    /// The same after a part of a page, for which templates of this size were compiled.
    fn forget_surplus(&mut self, loaded_bytes: u64) {
        self.loaded_bytes += loaded_bytes;
        if self.loaded_bytes > MAX_LOADED_BYTES {
            self.environment.clear_templates();
            self.loaded_bytes = 0;
        } else if loaded_bytes > 0 {
            self.free_replaced();
        }
    }

    /// The environment frees replaced templates on any change through a unique borrow, which
    /// proves that no render uses them; to remove a name that no template has is the least
    /// of changes.
    fn free_replaced(&mut self) {
        self.environment.remove_template("");
    }
}

/// How values are escaped in the template `name`. Every included file ends up in an HTML page,
/// with any extension; only a template of text says what it makes.
fn escaping(name: &str) -> AutoEscape {
    let text = naming::text_of(name).and_then(|text| text.rsplit_once('.'));
    match text {
        Some((_, extension)) if !content_type::is_escaped(extension) => AutoEscape::None,
        _ => AutoEscape::Html,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_large_page_is_compiled_once() {
        let folder = tempfile::tempdir().unwrap();
        let large = "x".repeat(usize::try_from(MAX_LOADED_BYTES).unwrap() + 1);
        fs::write(folder.path().join("_large.html"), large).unwrap();
        fs::write(folder.path().join("page.html"), "{% include '_large.html' %}").unwrap();
        let folder = Arc::new(Folder::open(folder.path(), 0).unwrap());
        let links = Links::new(Arc::default(), false);
        let templates = Templates::new(1_000_000, Duration::from_mins(1), links, |_| {});

        let loads = || {
            let moment = Moment::default();
            let (html, reads) =
                templates.render(&folder, "page.html", Value::UNDEFINED, moment, None);
            assert!(html.is_ok());
            reads.loads
        };
        assert_eq!(loads(), 2);
        // From when both files have settled.
        assert!(std::iter::repeat_with(loads).take(500).any(|loads| loads == 0));
    }
}
