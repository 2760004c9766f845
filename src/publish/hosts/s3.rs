//! The website of an S3 bucket, alone or behind CloudFront.
//!
//! Sources: docs.aws.amazon.com/AmazonS3/latest/userguide (IndexDocumentSupport,
//! CustomErrorDocSupport, how-to-page-redirect).

use super::{
    refresh,
    told::{HostFiles, Told},
};
use crate::{
    publish::{host::Host, problems::Problems},
    wording::quoted,
};

pub(super) fn files(told: &Told<'_>, problems: &mut Problems) -> HostFiles {
    let files = refresh::pages(&told.redirects, told, Host::S3, refresh::index_of, problems);
    told.warn_of_headers(Host::S3, problems);
    told.warn_of_fallback(Host::S3, problems);
    let out = quoted(&told.out.display().to_string());
    let instructions = Some(format!(
        "upload:  aws s3 sync {out} s3://BUCKET --delete --exclude .pagepool-build\n\
         website: index document index.html, error document 404.html\n"
    ));
    HostFiles { files, instructions }
}
