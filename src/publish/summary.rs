//! The outcome of a build.

use super::{output::Changes, problems::Problems};

/// What a build has come to.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Pages that were written, changed or not.
    pub pages: usize,
    /// Those of them that were not made again: an earlier build has made the same.
    pub reused: usize,
    /// All files of the output, those of the host as well.
    pub files: usize,
    /// Their size.
    pub bytes: u64,
    /// What of the output is another now.
    pub changes: Changes,
    /// What no host could answer, with the reason: not in the output.
    pub left_out: Vec<String>,
    /// The next page that becomes public by its date, and when.
    pub next_due: Option<String>,
    /// What is not as its author may think.
    pub warnings: Vec<String>,
    /// What to do at the host, for a person to read.
    pub instructions: Option<String>,
}

/// Why a build has failed.
#[derive(Debug)]
pub enum BuildError {
    /// All that stands in the way. The output is as it was.
    Failed(Problems),
    /// It was stopped. The output is as it was.
    Stopped,
    /// It was begun to change the output: the next build does the rest.
    Unfinished(String),
    /// It was written, and stopped before all of it was compared.
    Unverified,
    /// It was written, and compared: it answers otherwise than the site.
    Unequal(Problems),
}

impl BuildError {
    /// The same with what the build has to say besides, which may be the reason.
    pub(super) fn with_warnings(self, warnings: &[String]) -> Self {
        match self {
            Self::Unequal(problems) => {
                Self::Unequal(Problems { warnings: warnings.to_vec(), ..problems })
            }
            other => other,
        }
    }
}
