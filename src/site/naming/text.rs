//! Names of templates of text: `feed.xml.jinja` makes `/feed.xml`.

/// What follows the name of a text in that of its template.
const EXTENSION: &str = ".jinja";

/// The name of the text that the template `name` makes. `None` for other files: one whose
/// own name has no extension before `.jinja`, or that of a page.
pub(crate) fn text_of(name: &str) -> Option<&str> {
    let text = name.strip_suffix(EXTENSION)?;
    (has_extension(text) && !text.ends_with(".html")).then_some(text)
}

/// The template that would make the text `name`, where there can be one.
pub(super) fn template_of(name: &str) -> Option<String> {
    let template = format!("{name}{EXTENSION}");
    text_of(&template).is_some().then_some(template)
}

/// Whether the file may be a template for its name alone: a public one, or one that others
/// use.
pub(super) fn has_template_extension(name: &str) -> bool {
    name.ends_with(EXTENSION)
}

fn has_extension(name: &str) -> bool {
    let own_name = name.rsplit('/').next().unwrap_or(name);
    let parts = own_name.rsplit_once('.');
    parts.is_some_and(|(stem, extension)| !stem.is_empty() && !extension.is_empty())
}
