//! Git's lock, held during a checkout, which changes files one by one.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// The longest that a checkout is waited for. Some commands hold the lock while an editor is
/// open, and one that has crashed leaves it for ever.
const MAX_WAIT: Duration = Duration::from_secs(1);

/// The lock that Git holds while it changes files (gitrepository-layout).
#[derive(Debug)]
pub(super) struct GitLock {
    /// `None` where the folder is in no repository.
    lock: Option<PathBuf>,
    /// When it was first seen, if it is still there.
    since: Option<Instant>,
}

impl GitLock {
    /// The lock of the repository that holds `folder`.
    pub(super) fn of(folder: &Path) -> Self {
        let lock = folder.ancestors().find_map(git_folder).map(|git| git.join("index.lock"));
        Self { lock, since: None }
    }

    /// Whether a checkout is under way, so that changed files may be half of it.
    pub(super) fn is_under_way(&mut self, now: Instant) -> bool {
        if !self.lock.as_ref().is_some_and(|lock| lock.exists()) {
            self.since = None;
            return false;
        }
        now.duration_since(*self.since.get_or_insert(now)) < MAX_WAIT
    }
}

/// The folder `.git` of a repository, or the one that the file `.git` of a linked worktree
/// names.
fn git_folder(repository: &Path) -> Option<PathBuf> {
    let git = repository.join(".git");
    if git.is_dir() {
        return Some(git);
    }
    let text = fs::read_to_string(git).ok()?;
    Some(repository.join(text.strip_prefix("gitdir: ")?.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_waited_for_and_not_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::create_dir_all(path("main/.git/worktrees/side")).unwrap();
        fs::create_dir_all(path("main/pages")).unwrap();
        fs::create_dir_all(path("side/pages")).unwrap();
        fs::write(path("side/.git"), "gitdir: ../main/.git/worktrees/side\n").unwrap();
        for (pages, lock) in [
            ("main/pages", "main/.git/index.lock"),
            ("side/pages", "main/.git/worktrees/side/index.lock"),
        ] {
            let mut git_lock = GitLock::of(&path(pages));
            let begun = Instant::now();
            assert!(!git_lock.is_under_way(begun), "{pages}");
            fs::write(path(lock), "").unwrap();
            assert!(git_lock.is_under_way(begun), "{pages}");
            assert!(!git_lock.is_under_way(begun + MAX_WAIT), "{pages}");
            fs::remove_file(path(lock)).unwrap();
            assert!(!git_lock.is_under_way(begun), "{pages}");
        }
    }
}
