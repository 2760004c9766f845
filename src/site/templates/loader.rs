//! The loader: the sources of templates, as the engine asks for them.

use std::time::SystemTime;

use minijinja::{Error, ErrorKind, TemplateSource};

use crate::site::{
    files::{
        dependencies::Read,
        folder::{OpenFile, Opening},
    },
    markdown::source::{mark_html, mark_markdown},
    naming::Naming,
    templates::{
        code,
        load_error::LoadError,
        recorder,
        source::{read_template, without_last_line_end},
    },
};

/// Loads a template from the folder of the render that asks for it.
pub(super) fn load(name: &str, is_marked: bool) -> Result<Option<TemplateSource>, Error> {
    let Some(folder) = recorder::folder() else { return Ok(None) };
    let error = match folder.open_file(name) {
        Ok(Opening::File(open)) => {
            let file = Read::at(SystemTime::now(), open.name.as_str().into(), open.stamp);
            let refused = |_: &LoadError| recorder::note(|looked| looked.add_refused(&file));
            return Ok(Some(read(&open, &file, is_marked).inspect_err(refused)?));
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

fn read(open: &OpenFile, file: &Read, is_marked: bool) -> Result<TemplateSource, LoadError> {
    let source = read_template(open)?;
    let (source, line_end) = match Naming::is_markdown(&open.name) {
        // It is a text by itself wherever it stands, and its HTML ends its lines.
        true => (source, ""),
        false => without_last_line_end(source),
    };
    let source = match (is_marked, Naming::is_markdown(&open.name)) {
        (false, false) => source,
        (true, false) => mark_html(&source),
        (true, true) => mark_markdown(&open.name, &source),
        (false, true) => {
            recorder::met_markdown();
            return Err(LoadError::Markdown(open.name.clone()));
        }
    };
    if let Some(tag) = code::beyond_limits(&source) {
        return Err(LoadError::of_code(&open.name, &source, &tag));
    }
    if let Some(error) = LoadError::of_autoescape(&open.name, &source) {
        return Err(error);
    }
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
