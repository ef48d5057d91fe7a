//! Descriptions of the clouds that Loam knows, embedded in the binary.
//!
//! Goes out: texts by provider name, for `loam-rest` to read. A description is one file or
//! a folder of files. Nothing else is here, and nothing elsewhere knows these clouds: the
//! build finds the folders beside this file.

/// A cloud's description.
#[derive(Clone, Copy, Debug)]
pub struct Description {
    /// The provider's name.
    pub name: &'static str,
    /// Its files, each with its path in this crate's sources and its text.
    pub files: &'static [(&'static str, &'static str)],
}

/// Every description.
pub const fn all() -> &'static [Description] {
    ALL
}

const ALL: &[Description] = include!(concat!(env!("OUT_DIR"), "/descriptions.rs"));

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    fn files_in(folder: &Path, found: &mut BTreeSet<PathBuf>) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                files_in(&path, found);
            } else if path.extension().is_some_and(|e| e == "hcl") {
                found.insert(path);
            }
        }
    }

    #[test]
    fn every_file_is_embedded() {
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut found = BTreeSet::new();
        files_in(&sources, &mut found);
        let embedded = super::all().iter().flat_map(|d| d.files);
        let embedded: BTreeSet<PathBuf> = embedded.map(|(f, _)| sources.join(f)).collect();
        assert_eq!(embedded, found);
    }
}
