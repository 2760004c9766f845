//! The template engine: loads templates from the root, keeps them compiled,
//! and knows when they are no longer what the disk holds.

use std::{
    borrow::Cow,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, TemplateSource, UndefinedBehavior, Value,
    syntax::SyntaxConfig,
};

use crate::site::{
    builtin,
    files::{
        dependencies::{Dependencies, Read},
        folder::{Folder, OpenFile, Opening},
    },
    templates::{
        code, layout, limits, names,
        recorder::{self, Moment, Recording},
        source::{LoadError, read_template, without_last_line_end},
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
    functions: Functions,
    idle: Mutex<Vec<Compiled>>,
}

/// Adds functions to the language that know more of the site than this module.
struct Functions(Box<dyn Fn(&mut Environment<'static>) + Send + Sync>);

impl fmt::Debug for Functions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Functions")
    }
}

/// What a page renders to within another.
#[derive(Debug)]
pub(crate) enum Part {
    /// A block of it that fills one of its layout.
    Block(String),
    /// All of it.
    Page(String),
}

#[derive(Debug)]
struct Compiled {
    environment: Environment<'static>,
    /// The bytes of templates compiled since it was last cleared.
    loaded_bytes: u64,
}

impl Templates {
    /// `fuel` is the work that one render may do, in the engine's instructions; `functions`
    /// adds functions to the language.
    pub(crate) fn new(
        fuel: u64,
        render_timeout: Duration,
        functions: impl Fn(&mut Environment<'static>) + Send + Sync + 'static,
    ) -> Self {
        let functions = Functions(Box::new(functions));
        Self { fuel, render_timeout, functions, idle: Mutex::default() }
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
        let (mut rendered, reads) = self.run(folder, moment, known, |environment| {
            recorder::set_context(&context);
            layout::render(environment, name, context)
        });
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
        let taken = self.idle().pop();
        let mut compiled = taken.unwrap_or_else(|| self.compile_nothing());
        limits::set_part_fuel(self.fuel);
        let work = || work(&compiled.environment);
        let work = || work().inspect_err(|_| recorder::failed(limits::is_late()));
        let work = || limits::within(self.render_timeout, work);
        let (done, reads) = recorder::record(folder, known, moment, work);
        compiled.forget_replaced(&reads);
        self.idle().push(compiled);
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
        let taken = self.idle().pop();
        let mut compiled = taken.unwrap_or_else(|| self.compile_nothing());
        let loaded_before = recorder::loaded_bytes();
        let fuel = limits::part_fuel();
        compiled.environment.set_fuel(Some(fuel));
        let rendered = render_block(&compiled.environment, name, context, blocks);
        // The parts in it have taken theirs already. Where it fails there is none left.
        let used = rendered.as_ref().map_or(fuel, |(_, used)| *used);
        limits::set_part_fuel(limits::part_fuel().saturating_sub(used));
        let rendered = rendered.map(|(part, _)| part);
        compiled.environment.set_fuel(Some(self.fuel));
        compiled.forget_surplus(recorder::loaded_bytes() - loaded_before);
        self.idle().push(compiled);
        rendered
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Compiled>> {
        // Nothing is done under this lock that could leave the list half changed.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn compile_nothing(&self) -> Compiled {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        // The loader takes the last line end off, whichever it is.
        let syntax = SyntaxConfig::builder().keep_trailing_newline(true).build();
        environment.set_syntax(syntax.unwrap_or_default());
        // Every included file ends up in an HTML page, with any extension.
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        environment.set_formatter(|out, state, value| {
            limits::check_output(state, value)?;
            builtin::format_html(out, state, value)
        });
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
        environment.set_loader(|name| {
            limits::check_load(name)?;
            load(name)
        });
        Compiled { environment, loaded_bytes: 0 }
    }
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

/// Renders a page, and of one that extends a layout the first of `blocks` that it has;
/// and returns the fuel that it took.
fn render_block(
    environment: &Environment<'_>,
    name: &str,
    context: Value,
    blocks: &[&str],
) -> Result<(Part, u64), Error> {
    let template = environment.get_template(name)?;
    let extends = code::extends(template.source());
    let mut captured = template.render_captured(context)?;
    let block = blocks.iter().filter(|_| extends).find_map(|block| {
        let rendered = captured.with_state_mut(|state| state.render_block(block));
        let is_unknown = |error: &Error| error.kind() == ErrorKind::UnknownBlock;
        match rendered {
            Err(error) if is_unknown(&error) => None,
            rendered => Some(rendered),
        }
    });
    let used = captured.state().fuel_levels().map_or(0, |(used, _)| used);
    let part = match block {
        Some(block) => Part::Block(block?),
        None => Part::Page(captured.into_output()),
    };
    Ok((part, used))
}

/// Loads a template from the folder of the render that asks for it.
fn load(name: &str) -> Result<Option<TemplateSource>, Error> {
    let Some(folder) = recorder::folder() else { return Ok(None) };
    let error = match folder.open_file(name) {
        Ok(Opening::File(open)) => {
            let file = Read::at(SystemTime::now(), open.name.as_str().into(), open.stamp);
            let refused = |_: &LoadError| recorder::note(|looked| looked.add_refused(&file));
            return Ok(Some(read(&open, &file).inspect_err(refused)?));
        }
        Ok(Opening::Absent) => {
            recorder::note(|looked| looked.add_missed(name, &folder));
            return Ok(None);
        }
        Ok(Opening::Outside) => LoadError::Outside(name.to_owned()),
        Err(unreadable) => LoadError::Unreadable(unreadable),
    };
    recorder::note(|looked| looked.add_name(name, &folder));
    Err(error.into())
}

fn read(open: &OpenFile, file: &Read) -> Result<TemplateSource, LoadError> {
    let source = read_template(open)?;
    if let Some(tag) = code::beyond_limits(&source) {
        return Err(LoadError::of_code(&open.name, &source, &tag));
    }
    let (source, line_end) = without_last_line_end(source);
    recorder::used(file, line_end);
    recorder::loaded(file);
    let file = file.clone();
    Ok(TemplateSource::new(source).with_uptodate_check(move || {
        // With another state of the file the page would be made of both.
        if let Some(used) = recorder::used_stamp(&file.name) {
            return used == file.stamp;
        }
        let is_up_to_date = file.is_settled && recorder::stamp(&file.name) == Some(file.stamp);
        if is_up_to_date {
            recorder::used(&file, line_end);
        }
        is_up_to_date
    }))
}

impl From<LoadError> for Error {
    fn from(error: LoadError) -> Self {
        Self::new(ErrorKind::InvalidOperation, error.to_string()).with_source(error)
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
        let templates = Templates::new(1_000_000, Duration::from_mins(1), |_| {});
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
