//! The way to files: from a disk, or from memory.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// Gives the texts of a configuration. All reading of files goes through it.
pub trait FileSource: Send + Sync {
    /// The names of the files directly in a folder (not of folders), in any order. An
    /// error of the kind `NotFound` if there is no such folder.
    fn list(&self, dir: &Path) -> io::Result<Vec<String>>;

    /// The text of a file. An error of the kind `NotFound` if there is none, of the kind
    /// `InvalidData` if it is not UTF-8.
    fn read(&self, path: &Path) -> io::Result<Arc<str>>;
}

/// Files of the file system; relative paths start at the working directory.
#[derive(Clone, Copy, Debug, Default)]
pub struct DiskFiles;

impl FileSource for DiskFiles {
    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(dir)? {
            let entry = entry?;
            // A link counts as what it leads to.
            let is_file = entry.path().metadata().is_ok_and(|m| m.is_file());
            if let (true, Some(name)) = (is_file, entry.file_name().to_str()) {
                names.push(name.to_owned());
            }
        }
        Ok(names)
    }

    fn read(&self, path: &Path) -> io::Result<Arc<str>> {
        std::fs::read_to_string(path).map(Arc::from)
    }
}

/// Files in memory, by path: what a plan file holds, and tests.
#[derive(Clone, Debug, Default)]
pub struct MemoryFiles(BTreeMap<String, Arc<str>>);

impl MemoryFiles {
    /// Files by path, with `/` between the parts; a path without one lies in the folder `.`.
    pub fn new<K: Into<String>, V: Into<Arc<str>>>(
        files: impl IntoIterator<Item = (K, V)>,
    ) -> MemoryFiles {
        MemoryFiles(
            files
                .into_iter()
                .map(|(k, v)| (k.into(), v.into()))
                .collect(),
        )
    }
}

/// Other files and one more in the root module's folder, which need not be on the disk.
#[derive(Clone, Copy)]
pub struct WithFile<'a> {
    /// Where the other files are.
    pub files: &'a dyn FileSource,
    /// The further file's name.
    pub name: &'a str,
    /// Its text.
    pub text: &'a str,
}

impl FileSource for WithFile<'_> {
    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        let mut names = match self.files.list(dir) {
            Err(e) if key(dir) != "." => return Err(e),
            names => names.unwrap_or_default(),
        };
        if key(dir) == "." && !names.iter().any(|n| n == self.name) {
            names.push(self.name.to_owned());
        }
        Ok(names)
    }

    fn read(&self, path: &Path) -> io::Result<Arc<str>> {
        if key(path) == self.name {
            return Ok(self.text.into());
        }
        self.files.read(path)
    }
}

/// The path as the keys are written.
fn key(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

impl FileSource for MemoryFiles {
    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        let dir = key(dir);
        let in_dir = |path: &str| -> Option<String> {
            let (folder, name) = path.rsplit_once('/').unwrap_or((".", path));
            (folder == dir).then(|| name.to_owned())
        };
        let names: Vec<String> = self.0.keys().filter_map(|p| in_dir(p)).collect();
        if names.is_empty() && dir != "." {
            return Err(io::ErrorKind::NotFound.into());
        }
        Ok(names)
    }

    fn read(&self, path: &Path) -> io::Result<Arc<str>> {
        self.0
            .get(&key(path))
            .cloned()
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}
