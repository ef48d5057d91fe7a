//! Which files of a folder are configuration.

use std::io;
use std::path::{Component, Path, PathBuf};

use super::FileSource;

/// The configuration files of a folder by name, in the order in which they are read.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Discovered {
    /// Files whose blocks are taken together.
    pub primary: Vec<String>,
    /// Files whose blocks change blocks of the primary files, in order.
    pub overrides: Vec<String>,
}

/// Picks the configuration files out of the names of all files of a folder.
pub(crate) fn discover(mut names: Vec<String>) -> Discovered {
    names.sort();
    let mut found = Discovered::default();
    for name in names {
        let Some(stem) = stem(&name) else { continue };
        if stem == "override" || stem.ends_with("_override") {
            found.overrides.push(name);
        } else {
            found.primary.push(name);
        }
    }
    found
}

/// True if a folder has configuration files.
///
/// # Errors
///
/// The folder cannot be read, or there is none.
pub fn has_configuration(files: &dyn FileSource, dir: &Path) -> io::Result<bool> {
    Ok(discover(files.list(dir)?) != Discovered::default())
}

/// True for a file in JSON syntax.
pub(crate) fn is_json(name: &str) -> bool {
    name.ends_with(".json")
}

/// The name without its ending, if it is that of a configuration file. A test file, a
/// Packer template, a lock file or Terragrunt's file is not one although its ending is
/// that of one; nor are hidden files and backups of editors.
fn stem(name: &str) -> Option<&str> {
    let hidden = name.starts_with('.');
    let backup = name.ends_with('~') || (name.starts_with('#') && name.ends_with('#'));
    if hidden || backup || name == "terragrunt.hcl" {
        return None;
    }
    let foreign = [".tftest.hcl", ".tftest.json", ".pkr.hcl", ".pkr.json"];
    if foreign.iter().any(|ending| name.ends_with(ending)) {
        return None;
    }
    let endings = [".tf.json", ".tf", ".hcl"];
    endings.iter().find_map(|ending| name.strip_suffix(ending))
}

/// `base` and then `relative`, with `.` and, where possible, `..` worked out; the folder
/// itself is `.`.
pub(crate) fn join(base: &Path, relative: &str) -> PathBuf {
    let mut out = PathBuf::new();
    for part in base.join(relative).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => match out.components().next_back() {
                Some(Component::Normal(_)) => {
                    out.pop();
                }
                Some(Component::RootDir | Component::Prefix(_)) => {}
                _ => out.push(".."),
            },
            other => out.push(other),
        }
    }
    if out.as_os_str().is_empty() {
        out.push(".");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configuration_files_are_told_from_others() {
        let names = [
            "main.tf",
            "a.hcl",
            "b.tf.json",
            "b.hcl.json",
            ".hidden.tf",
            ".terraform.lock.hcl",
            "x.tftest.hcl",
            "x.pkr.hcl",
            "terragrunt.hcl",
            "main.tf~",
            "#main.tf#",
            "override.tf",
            "net_override.hcl",
            "net_override.tf.json",
            "override.hcl",
            "README.md",
            "terraform.tfvars",
        ];
        let found = discover(names.iter().map(|n| (*n).to_owned()).collect());
        assert_eq!(found.primary, ["a.hcl", "b.tf.json", "main.tf"]);
        assert_eq!(
            found.overrides,
            [
                "net_override.hcl",
                "net_override.tf.json",
                "override.hcl",
                "override.tf"
            ]
        );
    }

    #[test]
    fn paths_are_joined_without_detours() {
        for (base, relative, whole) in [
            (".", "./mod", "mod"),
            ("mod", "../other/./x", "other/x"),
            (".", "../up", "../up"),
            ("../a", "../../b", "../../b"),
            ("/r", "../../b", "/b"),
            ("mod", "..", "."),
            ("", ".", "."),
        ] {
            assert_eq!(
                join(Path::new(base), relative),
                Path::new(whole),
                "{base} {relative}"
            );
        }
    }
}
