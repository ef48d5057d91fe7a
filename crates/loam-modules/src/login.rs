//! Tokens for private registries, kept for the user in `~/.loam.d/credentials.tfrc.json`, in
//! the form that Terraform keeps its own.

use std::collections::BTreeMap;
use std::io::{Error, ErrorKind, Result, Write};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value as Json, json};

use crate::credentials::{normal_host, stored_file};

/// Whether a text can be the name of a registry's host: `registry.example.com`, with a port
/// or without.
pub fn is_host(text: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | ':');
    !text.is_empty() && text.chars().all(fits) && text.starts_with(char::is_alphanumeric)
}

/// Keeps a token for a host, in place of one that is kept. Returns the file.
///
/// # Errors
///
/// There is no home folder, or the file cannot be read, understood or written; nothing has
/// changed then.
pub fn log_in(environment: &BTreeMap<String, String>, host: &str, token: &str) -> Result<PathBuf> {
    let path = file(environment)?;
    let mut kept = read(&path)?;
    let entry = json!({ "token": token });
    hosts(&mut kept, &path)?.insert(normal_host(host), entry);
    write(&path, &kept)?;
    Ok(path)
}

/// Forgets the token for a host. Returns the file, and whether it had one.
///
/// # Errors
///
/// As [`log_in`].
pub fn log_out(environment: &BTreeMap<String, String>, host: &str) -> Result<(PathBuf, bool)> {
    let path = file(environment)?;
    let mut kept = read(&path)?;
    let there = hosts(&mut kept, &path)?
        .remove(&normal_host(host))
        .is_some();
    if there {
        write(&path, &kept)?;
    }
    Ok((path, there))
}

fn file(environment: &BTreeMap<String, String>) -> Result<PathBuf> {
    let none = || {
        Error::new(
            ErrorKind::NotFound,
            "there is no home folder (HOME is not set)",
        )
    };
    stored_file(environment).ok_or_else(none)
}

fn read(path: &Path) -> Result<Map<String, Json>> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Map::new()),
        Err(e) => return Err(e),
    };
    // What is wrong with it is not quoted: it holds secrets.
    match serde_json::from_str(&text) {
        Ok(Json::Object(kept)) => Ok(kept),
        _ => Err(not_understood(path)),
    }
}

fn not_understood(path: &Path) -> Error {
    let text = format!("{} is not a file of credentials", path.display());
    Error::new(ErrorKind::InvalidData, text)
}

fn hosts<'k>(kept: &'k mut Map<String, Json>, path: &Path) -> Result<&'k mut Map<String, Json>> {
    let entry = kept.entry("credentials").or_insert_with(|| json!({}));
    entry.as_object_mut().ok_or_else(|| not_understood(path))
}

/// Writes the whole file beside the old one and puts it in its place, for nobody else to
/// read.
fn write(path: &Path, kept: &Map<String, Json>) -> Result<()> {
    let dir = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(dir)?;
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    serde_json::to_writer_pretty(&mut file, kept)?;
    file.write_all(b"\n")?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use loam_diag::SourceMap;

    use super::*;
    use crate::Credentials;

    #[test]
    fn what_is_kept_is_found_and_forgotten() {
        let home = tempfile::tempdir().expect("a folder");
        let path = home.path().to_str().expect("a path");
        let environment = BTreeMap::from([("HOME".to_owned(), path.to_owned())]);
        let known = |host: &str| {
            let (credentials, warnings) = Credentials::load(&environment, &SourceMap::default());
            assert!(warnings.is_empty());
            credentials.token(host).map(|t| t.reveal().to_owned())
        };
        let file = log_in(&environment, "Registry.Example.com", "one").expect("kept");
        log_in(&environment, "127.0.0.1:8080", "two").expect("kept");
        assert_eq!(known("registry.example.com").as_deref(), Some("one"));
        assert_eq!(known("127.0.0.1:8080").as_deref(), Some("two"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = file.metadata().expect("a file").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        assert!(
            log_out(&environment, "registry.example.com")
                .expect("forgotten")
                .1
        );
        assert!(
            !log_out(&environment, "registry.example.com")
                .expect("nothing")
                .1
        );
        assert_eq!(known("registry.example.com"), None);
        assert_eq!(known("127.0.0.1:8080").as_deref(), Some("two"));
    }

    #[test]
    fn a_file_of_something_else_stays_as_it_is() {
        let home = tempfile::tempdir().expect("a folder");
        let path = home.path().to_str().expect("a path");
        let environment = BTreeMap::from([("HOME".to_owned(), path.to_owned())]);
        let file = stored_file(&environment).expect("a path");
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("made");
        std::fs::write(&file, "not json: se-cret").expect("written");
        let e = log_in(&environment, "a.example", "t").expect_err("not understood");
        assert!(!e.to_string().contains("se-cret"));
        let text = std::fs::read_to_string(&file).expect("there");
        assert_eq!(text, "not json: se-cret");
    }

    #[test]
    fn hosts() {
        for (text, fits) in [
            ("registry.example.com", true),
            ("127.0.0.1:8080", true),
            ("https://registry.example.com", false),
            ("-x", false),
            ("", false),
        ] {
            assert_eq!(is_host(text), fits, "{text}");
        }
    }
}
