//! The website of an S3 bucket, alone or behind CloudFront.
//!
//! Sources: docs.aws.amazon.com/AmazonS3/latest/userguide (IndexDocumentSupport,
//! CustomErrorDocSupport, how-to-page-redirect).

use super::{
    refresh,
    told::{HostFiles, Told, listed},
};
use crate::{
    publish::{answers::Content, host::Host, problems::Problems, routes::NOT_FOUND},
    wording::quoted,
};

pub(super) fn files(told: &Told<'_>, problems: &mut Problems) -> HostFiles {
    let files = refresh::pages(&told.redirects, Host::S3, refresh::index_of, problems);
    told.warn_of_headers(Host::S3, problems);
    told.warn_of_fallback(Host::S3, problems);
    warn_of_files(told, problems);
    let out = quoted(&told.out.display().to_string());
    let instructions = Some(format!(
        "upload:  aws s3 sync {out} s3://BUCKET --delete --exclude '.pagepool-*'\n\
         website: index document index.html, error document 404.html\n"
    ));
    HostFiles { files, instructions }
}

/// `about.html` does not answer `/about`.
fn warn_of_files(told: &Told<'_>, problems: &mut Problems) {
    let is_found = |content: &&Content| {
        content.file == NOT_FOUND || content.file.rsplit('/').next() == Some("index.html")
    };
    let files = told.contents.iter().filter(|content| content.is_page && !is_found(content));
    if let Some(list) = listed(files.map(|content| content.path.as_str())) {
        problems.warn(format!(
            "{} finds pages as `index.html` of a folder alone, and answers {list} with a 404: \
             leave `--layout files` out",
            Host::S3.shown()
        ));
    }
}
