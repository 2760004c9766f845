//! The context of a template: `request`, `page`, `site` and `data`.
//!
//! Each value is an object that makes its parts when they are asked for, so
//! that a page pays for what it uses.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use minijinja::{
    Error, ErrorKind,
    value::{Enumerator, Object, Value},
};

use crate::http::{form, headers::Headers, request::Request, url_path::UrlPath};

use crate::site::{
    collection::{library::Library, page::PageValue},
    data::{self, store::DataStore},
    files::folder::Folder,
    settings::SettingsAt,
    templates::{limits, recorder},
};

/// The names that every template knows.
pub(crate) const ROOTS: [&str; 4] = ["data", "page", "request", "site"];

/// The root of a template's names.
#[derive(Debug)]
struct Context {
    request: Value,
    /// The file of the page.
    file: Arc<str>,
    library: Arc<Library>,
    settings: Arc<SettingsAt>,
    data_store: Arc<DataStore>,
    folder: Arc<Folder>,
    page: OnceLock<Value>,
    data: OnceLock<Value>,
}

/// How much of a request a page may know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KnownRequest {
    All,
    /// Its path: to read more is an error.
    Path,
    /// Its path, and for the rest that there is nothing: no query, no fields, no host.
    Empty,
}

/// The value `request` for a request whose path is `path` where a file can have such a name,
/// as far as it is `known`.
pub(crate) fn request(request: &Request<'_>, path: Option<&UrlPath>, known: KnownRequest) -> Value {
    let path = path.map_or(request.target.path(), UrlPath::as_str);
    match known {
        KnownRequest::All => Value::from_object(RequestValues::new(request, path)),
        KnownRequest::Path => Value::from_object(StaticRequest { path: path.into() }),
        KnownRequest::Empty => {
            let empty = RequestValues {
                host: "".into(),
                headers: Arc::new(HeaderValues(Vec::new())),
                ..RequestValues::new(request, path)
            };
            Value::from_object(empty)
        }
    }
}

/// Puts together what the page `file` of `folder` sees when it answers `request`.
pub(crate) fn of_page(
    file: &str,
    request: Value,
    settings: &Arc<SettingsAt>,
    library: &Arc<Library>,
    data_store: &Arc<DataStore>,
    folder: &Arc<Folder>,
) -> Value {
    Value::from_object(Context {
        request,
        file: file.into(),
        library: Arc::clone(library),
        settings: Arc::clone(settings),
        data_store: Arc::clone(data_store),
        folder: Arc::clone(folder),
        page: OnceLock::new(),
        data: OnceLock::new(),
    })
}

impl Context {
    fn page(&self) -> &Value {
        let page = || PageValue::new(Arc::clone(&self.file), &self.library);
        self.page.get_or_init(|| Value::from_object(page()))
    }

    fn data(&self) -> &Value {
        self.data.get_or_init(|| data::value(&self.data_store, &self.folder))
    }
}

impl Object for Context {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        // Nothing else in a loop may check the deadline.
        if let Err(error) = limits::check_time_seldom() {
            return Some(Value::from(error));
        }
        match key {
            "request" => {
                recorder::used_request();
                Some(self.request.clone())
            }
            "page" => Some(self.page().clone()),
            "site" => {
                let settings = self.settings.get();
                recorder::note(|looked| settings.add_to(looked));
                Some(settings.settings.values.value())
            }
            "data" => Some(self.data().clone()),
            _ => None,
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Str(&ROOTS)
    }
}

/// What `request` holds.
const REQUEST_KEYS: [&str; 8] =
    ["method", "path", "target", "host", "headers", "query", "query_all", "cookies"];

/// `request` of a page that is made once for all clients.
#[derive(Debug)]
struct StaticRequest {
    path: Value,
}

impl Object for StaticRequest {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        match key {
            "path" => Some(self.path.clone()),
            _ if REQUEST_KEYS.contains(&key) => Some(not_known(&format!("request.{key}")).into()),
            _ => None,
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        // Nothing that comes of it can be an error for sure: text made of a value is none.
        recorder::enumerated_request();
        Enumerator::Str(&REQUEST_KEYS)
    }
}

/// The error of what reads `name`, which no page that is made for all clients can.
pub(crate) fn not_known(name: &str) -> Error {
    Error::new(ErrorKind::InvalidOperation, format!("`{name}` is not known in a build"))
}

/// `request`: what the client sent, in a copy that outlives the connection's buffer.
#[derive(Debug)]
struct RequestValues {
    method: Value,
    path: Value,
    target: Value,
    /// Empty where an HTTP/1.0 client named none.
    host: Value,
    headers: Arc<HeaderValues>,
    raw_query: String,
    query: OnceLock<Value>,
    query_all: OnceLock<Value>,
    cookies: OnceLock<Value>,
}

impl RequestValues {
    fn new(request: &Request<'_>, path: &str) -> Self {
        Self {
            method: request.method.as_str().into(),
            path: path.into(),
            target: request.target.raw().into(),
            host: request.host.map_or("", |host| host.as_str()).into(),
            headers: Arc::new(HeaderValues::new(request.headers)),
            raw_query: request.target.query().unwrap_or_default().to_owned(),
            query: OnceLock::new(),
            query_all: OnceLock::new(),
            cookies: OnceLock::new(),
        }
    }
}

impl Object for RequestValues {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        Some(match key {
            "method" => self.method.clone(),
            "path" => self.path.clone(),
            "target" => self.target.clone(),
            "host" => self.host.clone(),
            "headers" => Value::from_dyn_object(Arc::clone(&self.headers)),
            "query" => {
                self.query.get_or_init(|| first_of_each(form::pairs(&self.raw_query))).clone()
            }
            "query_all" => {
                self.query_all.get_or_init(|| all_of_each(form::pairs(&self.raw_query))).clone()
            }
            "cookies" => self.cookies.get_or_init(|| first_of_each(self.headers.cookies())).clone(),
            _ => return None,
        })
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Str(&REQUEST_KEYS)
    }
}

/// `request.headers`: the fields under their lower-case names, found in
/// any letter case.
#[derive(Debug)]
struct HeaderValues(Vec<(String, String)>);

impl HeaderValues {
    fn new(headers: Headers<'_>) -> Self {
        let text = |value| String::from_utf8_lossy(value).into_owned();
        Self(headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), text(value))).collect())
    }

    /// The value of a field; several lines make one list (RFC 9110, 5.3).
    fn get(&self, name: &str) -> Option<String> {
        let named = self.0.iter().filter(|(field, _)| field.eq_ignore_ascii_case(name));
        let values: Vec<&str> = named.map(|(_, value)| value.as_str()).collect();
        (!values.is_empty()).then(|| values.join(", "))
    }

    /// The pairs of all `Cookie` fields (RFC 6265, 4.2.1); a value stays as it was sent.
    fn cookies(&self) -> impl Iterator<Item = (String, String)> {
        let fields = self.0.iter().filter(|(name, _)| name == "cookie");
        fields.flat_map(|(_, value)| value.split(';')).filter_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            Some((name.trim().to_owned(), value.trim().to_owned()))
        })
    }
}

impl Object for HeaderValues {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.get(key).map(Value::from)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let mut names: Vec<Value> = Vec::with_capacity(self.0.len());
        for (name, _) in &self.0 {
            let name = Value::from(name.as_str());
            if !names.contains(&name) {
                names.push(name);
            }
        }
        Enumerator::Values(names)
    }
}

/// A map to the first value of each name, as a browser's `URLSearchParams.get` has it.
fn first_of_each(pairs: impl Iterator<Item = (String, String)>) -> Value {
    // Of two pairs with one name the map keeps the later, hence from the end.
    let pairs: Vec<_> = pairs.collect();
    Value::from_pairs(pairs.into_iter().rev())
}

/// A map to the list of all values of each name.
fn all_of_each(pairs: impl Iterator<Item = (String, String)>) -> Value {
    let mut lists: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in pairs {
        lists.entry(name).or_default().push(value);
    }
    Value::from_pairs(lists)
}
