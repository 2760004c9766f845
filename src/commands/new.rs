//! `server new`: writes a small site to begin from, out of the program itself.

use std::{
    fs,
    io::{self, Write},
    path::Path,
};

use crate::{cli::NewArgs, wording::quoted};

/// A file of a new site: its path below the folder, and its text.
type File = (&'static str, &'static str);

/// The files of every site.
const SHARED: [File; 3] = [
    ("pages/404.html", include_str!("new/plain/404.html")),
    ("pages/favicon.svg", include_str!("new/plain/favicon.svg")),
    ("pages/style.css", include_str!("new/plain/style.css")),
];

/// The files of a site without posts.
const PLAIN: [File; 4] = [
    ("config.toml", include_str!("new/plain/config.toml")),
    ("pages/_layout.html", include_str!("new/plain/_layout.html")),
    ("pages/about.html", include_str!("new/plain/about.html")),
    ("pages/index.html", include_str!("new/plain/index.html")),
];

/// The files of a site with posts.
const BLOG: [File; 14] = [
    ("config.toml", include_str!("new/blog/config.toml")),
    ("pages/_layout.html", include_str!("new/blog/_layout.html")),
    ("pages/_post_item.html", include_str!("new/blog/_post_item.html")),
    ("pages/about.md", include_str!("new/blog/about.md")),
    ("pages/feed.xml.jinja", include_str!("new/blog/feed.xml.jinja")),
    ("pages/index.html", include_str!("new/blog/index.html")),
    ("pages/posts/_layout.html", include_str!("new/blog/posts/_layout.html")),
    ("pages/posts/index.html", include_str!("new/blog/posts/index.html")),
    ("pages/posts/hello.md", include_str!("new/blog/posts/hello.md")),
    ("pages/posts/writing.md", include_str!("new/blog/posts/writing.md")),
    ("pages/robots.txt.jinja", include_str!("new/blog/robots.txt.jinja")),
    ("pages/sitemap.xml.jinja", include_str!("new/blog/sitemap.xml.jinja")),
    ("pages/tags/[name].html", include_str!("new/blog/tags/[name].html")),
    ("pages/tags/index.html", include_str!("new/blog/tags/index.html")),
];

/// Why no site was written.
#[derive(Debug, thiserror::Error)]
pub(super) enum NewError {
    #[error(
        "`{folder}` holds `{entry}` already: name a folder that is not there yet, or an empty one"
    )]
    NotEmpty { folder: String, entry: String },
    #[error("`{folder}` is no folder: name one that is not there yet, or an empty one")]
    NoFolder { folder: String },
    #[error("`{path}` cannot be written: {source}")]
    Unwritable { path: String, source: io::Error },
}

/// Writes the site.
///
/// # Errors
/// Where the folder holds anything, or cannot be written. Nothing that was there is changed.
pub(super) fn run(args: &NewArgs) -> Result<(), NewError> {
    let folder = &args.folder;
    let unwritable = |path: &Path| {
        let path = path.display().to_string();
        move |source| NewError::Unwritable { path, source }
    };
    // A link that leads nowhere, too.
    if folder.symlink_metadata().is_ok() && !folder.is_dir() {
        return Err(NewError::NoFolder { folder: folder.display().to_string() });
    }
    fs::create_dir_all(folder).map_err(unwritable(folder))?;
    if let Some(entry) = fs::read_dir(folder).map_err(unwritable(folder))?.next() {
        let entry = entry.map_err(unwritable(folder))?.file_name();
        let (folder, entry) = (folder.display().to_string(), entry.display().to_string());
        return Err(NewError::NotEmpty { folder, entry });
    }
    let own: &[File] = if args.blog { &BLOG } else { &PLAIN };
    for (name, text) in SHARED.iter().chain(own) {
        let path = folder.join(name);
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent).map_err(unwritable(parent))?;
        fs::write(&path, text).map_err(unwritable(&path))?;
    }
    // A closed output has no reader left.
    let _ = writeln!(
        io::stdout(),
        "A site is in `{0}`. Serve it, and edit the files in `{0}/pages`:\n\n  cd {1}\n  server --open",
        folder.display(),
        quoted(&folder.display().to_string())
    );
    Ok(())
}
