//! The folder that holds the installed modules.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use loam_config::{DiskFiles, Manifest, has_configuration};
use loam_diag::Diagnostic;

use crate::archive::make_link;
use crate::problem::Problem;

/// Where unfinished installations are; no module's name begins with a dot.
const SCRATCH: &str = ".installing";
const LOCK: &str = ".lock";
const MANIFEST: &str = "modules.json";

/// The folder, held for this process alone.
pub(crate) struct ModulesFolder {
    path: PathBuf,
    /// Locked as long as it is open.
    _lock: File,
}

/// Reads the manifest of a folder of installed modules; an empty one if there is none.
///
/// # Errors
///
/// The manifest is there but cannot be read.
pub fn read_manifest(dir: &Path) -> Result<Manifest, Diagnostic> {
    let path = dir.join(MANIFEST);
    let damaged = |why: String| {
        Diagnostic::error(
            "Damaged module manifest",
            format!(
                "{} cannot be read: {why}. Run \"loam init\" to install the modules again.",
                path.display()
            ),
        )
    };
    match fs::read_to_string(&path) {
        Ok(text) => Manifest::parse(&text).map_err(|e| damaged(e.to_string())),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Manifest::new()),
        Err(e) => Err(damaged(e.to_string())),
    }
}

impl ModulesFolder {
    /// Makes the folder if need be, and waits until no other process uses it. `waiting` is
    /// called if that takes time.
    pub fn open(path: &Path, waiting: impl FnOnce()) -> io::Result<ModulesFolder> {
        fs::create_dir_all(path)?;
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path.join(LOCK))?;
        if lock.try_lock().is_err() {
            waiting();
            lock.lock()?;
        }
        let folder = ModulesFolder {
            path: path.to_owned(),
            _lock: lock,
        };
        // What a run left behind that was killed.
        remove(&folder.scratch())?;
        fs::create_dir(folder.scratch())?;
        Ok(folder)
    }

    /// A folder for what is not finished; gone when this is dropped.
    pub fn scratch(&self) -> PathBuf {
        self.path.join(SCRATCH)
    }

    /// Writes the manifest, whole or not at all.
    pub fn write_manifest(&self, manifest: &Manifest) -> io::Result<()> {
        let new = self.scratch().join(MANIFEST);
        fs::write(&new, manifest.to_json() + "\n")?;
        fs::rename(new, self.path.join(MANIFEST))
    }

    /// Puts a copy of a package in the place of a call. What was there before stays until
    /// the copy is complete.
    pub fn place(&self, package: &Path, key: &str) -> io::Result<PathBuf> {
        let place = self.path.join(key);
        let new = self.scratch().join(format!("{key}.new"));
        let old = self.scratch().join(format!("{key}.old"));
        copy(package, &new)?;
        match fs::rename(&place, &old) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
        if let Err(e) = fs::rename(&new, &place) {
            let _ = fs::rename(&old, &place);
            return Err(e);
        }
        remove(&old)?;
        Ok(place)
    }

    /// Removes the folder of a call that there is no more.
    pub fn remove(&self, key: &str) -> io::Result<()> {
        remove(&self.path.join(key))
    }
}

impl Drop for ModulesFolder {
    fn drop(&mut self) {
        // What stays is removed by the next run.
        let _ = remove(&self.scratch());
    }
}

fn remove(dir: &Path) -> io::Result<()> {
    match fs::remove_dir_all(dir) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}

/// Copies a folder without repositories' administration and without links that lead
/// nowhere.
pub(crate) fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_name() == ".git" {
            continue;
        }
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type()?;
        if kind.is_dir() {
            copy(&source, &target)?;
        } else if kind.is_symlink() {
            if source.exists() {
                make_link(&fs::read_link(&source)?, &target)?;
            }
        } else if kind.is_file() {
            fs::copy(&source, &target)?;
        }
    }
    Ok(())
}

/// Checks that no symbolic link in a package leads out of it: what lies there is not the
/// module's to read.
///
/// # Errors
///
/// The first link that does, and trouble with reading.
pub(crate) fn check_links(package: &Path) -> Result<(), Problem> {
    let unreadable =
        |e: io::Error| Problem::fetching(format!("what was fetched cannot be read: {e}"));
    let root = fs::canonicalize(package).map_err(unreadable)?;
    let mut folders = vec![package.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let kind = entry.file_type().map_err(unreadable)?;
            if kind.is_dir() {
                folders.push(entry.path());
            }
            if !kind.is_symlink() {
                continue;
            }
            let to = fs::read_link(entry.path()).map_err(unreadable)?;
            // One that leads nowhere is not installed.
            let inside = match fs::canonicalize(entry.path()) {
                Ok(end) => end.starts_with(&root) && to.is_relative(),
                Err(_) => true,
            };
            if !inside {
                let path = entry.path();
                let shown = path.strip_prefix(package).unwrap_or(&path);
                return Err(Problem::fetching(format!(
                    "the package holds a symbolic link that leads out of it ({} → {})",
                    shown.display(),
                    to.display()
                )));
            }
        }
    }
    Ok(())
}

/// The folder of a module in its package, relative to it; `*` and `?` in the parts of
/// `subdir` stand for the one folder that they fit.
///
/// # Errors
///
/// There is none, or several, or there is no configuration in it.
pub(crate) fn module_dir(package: &Path, subdir: Option<&str>) -> Result<PathBuf, Problem> {
    let mut dir = PathBuf::new();
    let subdir = subdir.unwrap_or_default();
    for part in subdir.split('/').filter(|p| !p.is_empty()) {
        if !part.contains(['*', '?']) {
            dir.push(part);
            continue;
        }
        let mut fitting: Vec<_> = fs::read_dir(package.join(&dir))
            .into_iter()
            .flatten()
            .filter_map(Result::ok)
            .filter(|e| e.path().is_dir())
            .filter(|e| e.file_name().to_str().is_some_and(|n| fits(part, n)))
            .map(|e| e.file_name())
            .collect();
        match (fitting.pop(), fitting.is_empty()) {
            (Some(name), true) => dir.push(name),
            (Some(_), false) => {
                return Err(Problem::fetching(format!(
                    "{subdir:?} fits several folders of the package"
                )));
            }
            (None, _) => return Err(no_folder(subdir)),
        }
    }
    match has_configuration(&DiskFiles, &package.join(&dir)) {
        Ok(true) => Ok(dir),
        Ok(false) => Err(Problem::fetching(match subdir {
            "" => "the package holds no configuration files in its top folder".to_owned(),
            _ => format!("the package's folder {subdir:?} holds no configuration files"),
        })
        .hint("A module in a subfolder is meant with //FOLDER behind the address.")),
        Err(_) => Err(no_folder(subdir)),
    }
}

fn no_folder(subdir: &str) -> Problem {
    Problem::fetching(format!("the package has no folder {subdir:?}"))
}

/// Whether a pattern of `*` (anything) and `?` (one character) fits a whole name.
fn fits(pattern: &str, name: &str) -> bool {
    // What can be left of the pattern after each character of the name; a `*` stays.
    let pattern: Vec<char> = pattern.chars().collect();
    let with_stars_skipped = |from: Vec<bool>| {
        let mut reached = from;
        for (i, c) in pattern.iter().enumerate() {
            if *c == '*'
                && reached.get(i) == Some(&true)
                && let Some(next) = reached.get_mut(i + 1)
            {
                *next = true;
            }
        }
        reached
    };
    let mut start = vec![false; pattern.len() + 1];
    if let Some(first) = start.first_mut() {
        *first = true;
    }
    let mut reached = with_stars_skipped(start);
    for n in name.chars() {
        let mut next = vec![false; pattern.len() + 1];
        for (i, p) in pattern.iter().enumerate() {
            if reached.get(i) != Some(&true) {
                continue;
            }
            let to = match p {
                '*' => i,
                _ if *p == '?' || *p == n => i + 1,
                _ => continue,
            };
            if let Some(to) = next.get_mut(to) {
                *to = true;
            }
        }
        reached = with_stars_skipped(next);
    }
    reached.last() == Some(&true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_whole_names() {
        for (pattern, name, fitting) in [
            ("*", "anything", true),
            ("repo-*", "repo-1a2b", true),
            ("repo-*", "other-1a2b", false),
            ("*-?", "repo-1", true),
            ("*-?", "repo-12", false),
            ("*a*b*", "xxaxxbxx", true),
            ("*a*b*", "xxbxxaxx", false),
            ("über-?", "über-ä", true),
        ] {
            assert_eq!(fits(pattern, name), fitting, "{pattern} {name}");
        }
    }
}
