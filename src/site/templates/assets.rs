//! Files that templates show by name: the filters `versioned` and `inline`, and `image(…)`.

use std::{
    collections::HashMap,
    io::{Read as _, Seek as _},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use minijinja::{
    Environment, Error, State, Value, filters,
    value::{Kwargs, ValueKind},
};

use crate::{
    diagnostic::nearest::{did_you_mean, nearest},
    site::{
        files::{
            dependencies::Read,
            folder::{Folder, OpenFile, Opening, Unreadable},
            stamp::FileStamp,
            walk,
        },
        markdown::values,
        naming::{FileKind, Naming, Privacy},
        representation::hash::{hash_of_parts, version},
        templates::{
            explained,
            image_size::{self, ImageSize},
            limits,
            load_error::LoadError,
            names, recorder,
            source::without_last_line_end,
        },
    },
};

/// The largest file that goes into a page, in bytes.
const MAX_INLINE_BYTES: u64 = 1024 * 1024;
/// How much of an image is read to find its size, in bytes.
const MAX_IMAGE_HEAD_BYTES: u64 = 1024 * 1024;
/// Read at a time between two looks at the clock.
const CHUNK_BYTES: usize = 256 * 1024;
/// Files for which it is remembered what was read of them.
const MAX_REMEMBERED: usize = 4096;
/// Bytes that are counted as one unit of fuel.
const BYTES_PER_FUEL: u64 = 64;

const NAMES_HELP: &str = "a name is written from the folder of pages, as in `images/cat.jpg`, or \
                          with `./` from the file that names it";

/// What is known of the files that templates name, each in one state.
#[derive(Debug)]
pub(crate) struct Assets {
    naming: Arc<Naming>,
    known: Mutex<HashMap<String, Known>>,
}

#[derive(Clone, Copy, Debug)]
struct Known {
    stamp: FileStamp,
    version: Option<u128>,
    size: Option<Option<ImageSize>>,
}

/// Lets templates call them.
pub(crate) fn register(environment: &mut Environment<'_>, assets: &Arc<Assets>) {
    let own = Arc::clone(assets);
    environment.add_filter("versioned", move |state: &State<'_, '_>, name: &Value| {
        own.versioned(state, name)
    });
    let own = Arc::clone(assets);
    environment
        .add_filter("inline", move |state: &State<'_, '_>, name: &Value| own.inline(state, name));
    let own = Arc::clone(assets);
    environment.add_function(
        "image",
        move |state: &State<'_, '_>, name: &Value, attributes: Kwargs| {
            own.image(state, name, &attributes)
        },
    );
}

impl Assets {
    /// Of files that are named by these rules.
    pub(crate) fn new(naming: &Arc<Naming>) -> Self {
        Self { naming: Arc::clone(naming), known: Mutex::default() }
    }

    /// `versioned`: the URL of a file, with a hash of its content.
    fn versioned(&self, state: &State<'_, '_>, name: &Value) -> Result<String, Error> {
        let file = self.open(state, name)?;
        let url = self.url(&file.name)?;
        let hash = match self.known(&file).version {
            Some(hash) => hash,
            None => {
                let hash = hash_of(&file)?;
                self.remember(&file, |known| known.version = Some(hash));
                hash
            }
        };
        Ok(format!("{url}?v={}", version(hash)))
    }

    /// `inline`: the text of a file as part of the page, without its last line end, as that of
    /// a file that is included.
    fn inline(&self, state: &State<'_, '_>, name: &Value) -> Result<Value, Error> {
        let file = self.open(state, name)?;
        if self.naming.kind(&file.name) != FileKind::Asset {
            return Err(explained::error_here(
                format!("`{}` is a template, and no file to be put in as it is", file.name),
                format!("write `{{% include \"{}\" %}}`", file.name),
            ));
        }
        let mut bytes = Vec::new();
        (&file.file)
            .take(MAX_INLINE_BYTES + 1)
            .read_to_end(&mut bytes)
            .map_err(|source| unreadable(&file, source))?;
        if bytes.len() as u64 > MAX_INLINE_BYTES {
            return Err(explained::error_here(
                format!("`{}` is larger than what goes into a page (1 MiB)", file.name),
                "link to it instead, with `versioned`",
            ));
        }
        state.consume_fuel(bytes.len() as u64 / BYTES_PER_FUEL)?;
        let text = String::from_utf8(bytes).map_err(|_| {
            explained::error_here(
                format!("`{}` is no text in UTF-8, and cannot be part of a page", file.name),
                "only text goes into a page, such as SVG or CSS; for a photo there is `image(…)`",
            )
        })?;
        let (text, _) = without_last_line_end(text.trim_start_matches('\u{feff}').to_owned());
        Ok(values::html(state, text))
    }

    /// `image(name, alt="…", …)`: an `<img>` with the size of the file.
    fn image(
        &self,
        state: &State<'_, '_>,
        name: &Value,
        attributes: &Kwargs,
    ) -> Result<Value, Error> {
        let file = self.open(state, name)?;
        let url = self.url(&file.name)?;
        if !attributes.has("alt") {
            return Err(explained::error_here(
                format!("the image `{}` has no text for those who cannot see it", file.name),
                "add `alt=\"…\"` with what it shows, or `alt=\"\"` where it only decorates",
            ));
        }
        let mut html = format!("<img {}", limits::attribute("src", &url.into())?);
        for (name, pixels) in sizes_left(self.size(&file)?, attributes)? {
            html += &format!(" {name}=\"{pixels}\"");
        }
        for name in attributes.args() {
            html += &attribute(state, name, &attributes.get::<Value>(name)?)?;
        }
        state.consume_fuel(html.len() as u64 / BYTES_PER_FUEL)?;
        Ok(values::html(state, html + ">"))
    }

    fn size(&self, file: &OpenFile) -> Result<Option<ImageSize>, Error> {
        if let Some(size) = self.known(file).size {
            return Ok(size);
        }
        let mut head = Vec::new();
        (&file.file)
            .take(MAX_IMAGE_HEAD_BYTES)
            .read_to_end(&mut head)
            .map_err(|source| unreadable(file, source))?;
        let size = image_size::read(&head).ok_or_else(|| {
            explained::error_here(
                format!("`{}` is no image whose size can be read", file.name),
                "it can of JPEG, PNG, GIF, WebP, AVIF, SVG and others; else write `<img>` by hand",
            )
        })?;
        self.remember(file, |known| known.size = Some(size));
        Ok(size)
    }

    /// The URL of a file that requests get.
    fn url(&self, name: &str) -> Result<String, Error> {
        if self.naming.kind(name) != FileKind::Asset {
            return Err(explained::error_here(
                format!("`{name}` is a page, and no file that is served as it is"),
                "link to a page by its path, as in `/about`",
            ));
        }
        let path = self.naming.path_of(name).filter(|_| !self.naming.is_private(name));
        path.map(|path| path.encoded()).ok_or_else(|| {
            let part = self.naming.private_part(name);
            explained::error_here(
                format!("browsers do not get `{name}`: `{part}` begins with `_`"),
                "rename it, or put its text into the page with `inline`",
            )
        })
    }

    /// Opens the file that the template means, on which the page then depends.
    fn open(&self, state: &State<'_, '_>, name: &Value) -> Result<OpenFile, Error> {
        let given = filters::string(state, name)?;
        let given = given.as_str().unwrap_or_default();
        let name = names::join(given, state.name());
        limits::check_load(&name)?;
        let Some(folder) = recorder::folder() else { return Err(missing(&name, NAMES_HELP)) };
        let error = match folder.open_file(&name) {
            Ok(Opening::Outside) => LoadError::Outside(name.to_string()).into(),
            _ if self.naming.privacy(&name) == Privacy::Hidden => {
                return Err(missing(&name, "files that begin with a dot are never shown"));
            }
            Ok(Opening::File(file)) => {
                note(&file);
                return Ok(file);
            }
            Ok(Opening::Absent) => {
                recorder::note(|looked| looked.add_missed(&name, &folder));
                return Err(missing(&name, &self.near(&folder, given, &name, state.name())));
            }
            Err(unreadable) => LoadError::Unreadable(unreadable).into(),
        };
        recorder::note(|looked| looked.add_name(&name, &folder));
        Err(error)
    }

    /// The help that offers another name.
    fn near(&self, folder: &Folder, given: &str, name: &str, template: &str) -> String {
        let beside = format!("./{given}");
        let is_file = |name: &str| folder.stamp(name).is_some_and(|stamp| stamp.is_file());
        if !given.starts_with(['.', '/']) && is_file(&names::join(&beside, template)) {
            return did_you_mean(beside);
        }
        let found = walk::walk(folder, |entry| entry.is_usable(&self.naming));
        let assets = || {
            let names = found.files.iter().map(String::as_str);
            names.filter(|name| self.naming.kind(name) == FileKind::Asset)
        };
        let own_name = |name: &str| name.rsplit('/').next().map(str::to_owned);
        let same = || assets().find(|other| own_name(other) == own_name(name));
        match nearest(name, assets()).or_else(same) {
            Some(near) => did_you_mean(near),
            None => NAMES_HELP.to_owned(),
        }
    }

    fn known(&self, file: &OpenFile) -> Known {
        let known = self.all().get(&file.name).copied();
        let nothing = Known { stamp: file.stamp, version: None, size: None };
        known.filter(|known| known.stamp == file.stamp).unwrap_or(nothing)
    }

    /// Keeps what was read, unless the file might change without another stamp.
    fn remember(&self, file: &OpenFile, change: impl FnOnce(&mut Known)) {
        if !file.stamp.is_settled_at(SystemTime::now()) {
            return;
        }
        let mut known = self.known(file);
        change(&mut known);
        let mut all = self.all();
        if all.len() >= MAX_REMEMBERED {
            all.clear();
        }
        all.insert(file.name.clone(), known);
    }

    fn all(&self) -> MutexGuard<'_, HashMap<String, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Notes that the page depends on this state of the file.
fn note(file: &OpenFile) {
    if recorder::used_stamp(&file.name) != Some(file.stamp) {
        let read = Read::at(SystemTime::now(), file.name.as_str().into(), file.stamp);
        recorder::note(|looked| looked.add_file(&read));
    }
}

fn missing(name: &str, help: &str) -> Error {
    explained::error_here(format!("there is no file `{name}`"), help)
}

fn unreadable(file: &OpenFile, source: std::io::Error) -> Error {
    LoadError::Unreadable(Unreadable { name: file.name.clone(), source }).into()
}

fn hash_of(file: &OpenFile) -> Result<u128, Error> {
    let mut opened = &file.file;
    opened.rewind().map_err(|source| unreadable(file, source))?;
    hash_of_parts(CHUNK_BYTES, |buffer| {
        limits::check_time()?;
        opened.read(buffer).map_err(|source| unreadable(file, source))
    })
}

/// The width and height that a template leaves out, as far as they are known: one that it
/// gives sets the other.
fn sizes_left(
    size: Option<ImageSize>,
    attributes: &Kwargs,
) -> Result<Vec<(&'static str, u64)>, Error> {
    let given = |name: &str| -> Result<Option<Value>, Error> {
        let value = attributes.has(name).then(|| attributes.peek::<Value>(name)).transpose()?;
        Ok(value.filter(|value| !value.is_none()))
    };
    let (width, height) = (given("width")?, given("height")?);
    let Some(size) = size.filter(|size| size.width > 0 && size.height > 0) else {
        return Ok(Vec::new());
    };
    let scaled = |value: &Value, of: u64, other: u64| {
        let value = value.as_str().map_or_else(|| value.as_i64(), |text| text.parse().ok())?;
        Some(u64::try_from(value).ok()?.checked_mul(other)?.checked_add(of / 2)? / of)
    };
    let (width, height) = match (width, height) {
        (None, None) => (Some(size.width), Some(size.height)),
        (Some(width), None) => (None, scaled(&width, size.width, size.height)),
        (None, Some(height)) => (scaled(&height, size.height, size.width), None),
        (Some(_), Some(_)) => (None, None),
    };
    let sizes = [("width", width), ("height", height)];
    Ok(sizes.into_iter().filter_map(|(name, pixels)| Some((name, pixels?))).collect())
}

/// ` name="value"`, for `_` in the name a `-`; nothing for what is not set.
fn attribute(state: &State<'_, '_>, name: &str, value: &Value) -> Result<String, Error> {
    if name == "src" {
        return Err(explained::error_here(
            "`src` of an image is the name of its file",
            "leave `src` out, or write `<img>` by hand",
        ));
    }
    let name = name.replace('_', "-");
    match value.kind() {
        ValueKind::None => Ok(String::new()),
        ValueKind::Bool if value.is_true() => Ok(format!(" {name}")),
        ValueKind::Bool => Ok(String::new()),
        ValueKind::Seq | ValueKind::Map | ValueKind::Iterable => Err(explained::error_here(
            format!("the attribute `{name}` takes text or a number, and not a {}", value.kind()),
            "join the items of a list first: `| join(\" \")`",
        )),
        _ => Ok(format!(" {}", limits::attribute(&name, &filters::string(state, value)?)?)),
    }
}
