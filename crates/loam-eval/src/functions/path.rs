//! File paths as the file functions understand them: `~`, relative to the base folder,
//! cleaned of `.` and `..` by text alone.

use std::io;
use std::path::{Component, Path, PathBuf};

use loam_value::Value;

use super::argument::shown;
use crate::{CallContext, FunctionError};

/// The file that a path argument means.
pub(super) fn resolve(context: &CallContext, path: &str) -> Result<PathBuf, FunctionError> {
    let expanded = expand(path)?;
    Ok(clean(&context.base_dir.join(expanded)))
}

/// `~` at the beginning replaced by the user's home folder.
pub(super) fn expand(path: &str) -> Result<String, FunctionError> {
    let Some(rest) = path.strip_prefix('~') else {
        return Ok(path.to_owned());
    };
    if !(rest.is_empty() || rest.starts_with(['/', '\\'])) {
        return Err(FunctionError::argument(
            0,
            "cannot expand user-specific home dir",
        ));
    }
    let home = std::env::home_dir().ok_or_else(|| {
        FunctionError::argument(0, "failed to expand ~: the home folder is not known")
    })?;
    let path = home.join(rest.trim_start_matches('/'));
    Ok(clean(&path).to_string_lossy().into_owned())
}

/// The shortest path of the same meaning, worked out without looking at the disk.
pub(super) fn clean(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
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

/// The error for a file that cannot be read; the path is the first argument.
pub(super) fn cannot_read(path: &Path, error: &io::Error, args: &[Value]) -> FunctionError {
    let name = match args.first() {
        Some(arg) => shown(&path.to_string_lossy(), arg),
        None => String::new(),
    };
    FunctionError::argument(
        0,
        match error.kind() {
            io::ErrorKind::NotFound => format!(
                "no file exists at {name}; this function works only with files that are there \
                 before the run: if a resource of this configuration makes the file, use an \
                 attribute of that resource instead"
            ),
            _ => format!("failed to read {name}: {error}"),
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cleaning() {
        for (path, cleaned) in [
            ("a/./b/../c", "a/c"),
            ("../a/../..", "../.."),
            ("/..//a/", "/a"),
            ("", "."),
            ("a/..", "."),
        ] {
            assert_eq!(clean(Path::new(path)), Path::new(cleaned), "{path}");
        }
    }
}
