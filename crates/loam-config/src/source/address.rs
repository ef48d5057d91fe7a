//! Source addresses: where a `module` block says that its module comes from.

use std::fmt;

use super::without_secrets;

/// The registry that addresses without a host mean.
pub const DEFAULT_REGISTRY: &str = "registry.terraform.io";

/// A parsed source address. Its text ([`fmt::Display`]) is the normal form that the
/// manifest holds: shorthands written out, the registry's host always there.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ModuleSource {
    /// A folder, relative to that of the calling module; starts with `./` or `../`.
    Local(String),
    /// A module of a registry.
    Registry(RegistrySource),
    /// Anything else that has to be fetched.
    Remote(RemoteSource),
}

/// `host/namespace/name/system//subdir`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RegistrySource {
    /// The registry's host, with a port if it has one.
    pub host: String,
    /// Who publishes it.
    pub namespace: String,
    /// What it is called.
    pub name: String,
    /// What it is for.
    pub system: String,
    /// The module's folder inside what the registry gives.
    pub subdir: Option<String>,
}

/// A package at an address, and the module's folder in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RemoteSource {
    /// How it is fetched if the scheme of the address does not tell: `git`.
    pub method: Option<String>,
    /// The address, with its query and without the folder.
    pub url: String,
    /// The module's folder inside the package; may hold `*`.
    pub subdir: Option<String>,
}

/// Why a text is not a source address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceError {
    /// Perhaps a local folder was meant: its path has to start with `./`.
    MaybeLocal,
    /// Something else; the end of a sentence.
    Other(String),
}

impl ModuleSource {
    /// Reads an address.
    ///
    /// # Errors
    ///
    /// Why it is none.
    pub fn parse(text: &str) -> Result<ModuleSource, SourceError> {
        if is_local(text) {
            return Ok(ModuleSource::Local(local(text)));
        }
        // What looks like a registry's address but is not quite one is somewhere to fetch
        // from.
        if let Ok(source) = RegistrySource::parse(text) {
            return Ok(ModuleSource::Registry(source));
        }
        RemoteSource::parse(text).map(ModuleSource::Remote)
    }

    /// The address without what opens it: what is stored and shown.
    pub fn without_secrets(&self) -> String {
        without_secrets(&self.to_string())
    }
}

impl fmt::Display for ModuleSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ModuleSource::Local(path) => f.write_str(path),
            ModuleSource::Registry(source) => source.fmt(f),
            ModuleSource::Remote(source) => source.fmt(f),
        }
    }
}

impl RegistrySource {
    /// Reads `[host/]namespace/name/system[//subdir]`.
    ///
    /// # Errors
    ///
    /// The end of a sentence that says why it is not one.
    pub fn parse(text: &str) -> Result<RegistrySource, String> {
        if is_local(text) {
            return Err("it is the path of a local folder".into());
        }
        let (package, subdir) = split_subdir(text);
        let parts: Vec<&str> = package.split('/').collect();
        let (host, [namespace, name, system]) = match parts[..] {
            [a, b, c] => (DEFAULT_REGISTRY.to_owned(), [a, b, c]),
            [host, a, b, c] => (registry_host(host)?, [a, b, c]),
            _ => return Err("it does not have three parts (or four with a host)".into()),
        };
        for (part, what) in [(namespace, "namespace"), (name, "module name")] {
            if !is_registry_name(part) {
                return Err(format!("{part:?} is not a {what}"));
            }
        }
        let system_is_right = (1..=64).contains(&system.len())
            && system
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        if !system_is_right {
            return Err(format!("{system:?} is not the name of a target system"));
        }
        Ok(RegistrySource {
            host,
            namespace: namespace.into(),
            name: name.into(),
            system: system.into(),
            subdir: clean_subdir(subdir)?,
        })
    }

    /// The address without the folder, as people write it: no default host.
    pub fn package(&self) -> String {
        let RegistrySource {
            host,
            namespace,
            name,
            system,
            ..
        } = self;
        match host == DEFAULT_REGISTRY {
            true => format!("{namespace}/{name}/{system}"),
            false => format!("{host}/{namespace}/{name}/{system}"),
        }
    }
}

impl fmt::Display for RegistrySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let RegistrySource {
            host,
            namespace,
            name,
            system,
            subdir,
        } = self;
        write!(f, "{host}/{namespace}/{name}/{system}")?;
        match subdir {
            Some(subdir) => write!(f, "//{subdir}"),
            None => Ok(()),
        }
    }
}

impl RemoteSource {
    /// Reads an address that says how to fetch: a URL, maybe with `git::` in front, or
    /// one of the shorthands.
    ///
    /// # Errors
    ///
    /// Why it is none.
    pub fn parse(text: &str) -> Result<RemoteSource, SourceError> {
        let (package, subdir) = split_subdir(text);
        let (method, rest) = forced_method(&package);
        let (method, url, inner) = match method {
            _ if has_scheme(rest) => (method.map(str::to_owned), rest.to_owned(), None),
            None | Some("git") => match shorthand(rest)? {
                Some((url, inner)) => (Some("git".to_owned()), url, inner),
                None if rest.starts_with('/') => {
                    (method.map(str::to_owned), format!("file://{rest}"), None)
                }
                None => return Err(SourceError::MaybeLocal),
            },
            Some(_) => return Err(SourceError::MaybeLocal),
        };
        let joined = match (inner, subdir) {
            (Some(inner), Some(subdir)) => Some(format!("{inner}/{subdir}")),
            (inner, subdir) => inner.or(subdir),
        };
        Ok(RemoteSource {
            method,
            url,
            subdir: clean_subdir(joined).map_err(SourceError::Other)?,
        })
    }

    /// The address without the folder.
    pub fn package(&self) -> String {
        match &self.method {
            Some(method) => format!("{method}::{}", self.url),
            None => self.url.clone(),
        }
    }
}

impl fmt::Display for RemoteSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let package = self.package();
        let Some(subdir) = &self.subdir else {
            return f.write_str(&package);
        };
        match package.split_once('?') {
            Some((address, query)) => write!(f, "{address}//{subdir}?{query}"),
            None => write!(f, "{package}//{subdir}"),
        }
    }
}

/// A path to a folder, rather than something that has to be fetched.
fn is_local(source: &str) -> bool {
    ["./", "../", ".\\", "..\\"]
        .iter()
        .any(|p| source.starts_with(p))
        || source == "."
        || source == ".."
}

/// A local path in its shortest form.
fn local(text: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    let text = text.replace('\\', "/");
    for part in text.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|p| *p != "..") => {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    let path = parts.join("/");
    match parts.first() {
        Some(&"..") if parts.len() == 1 => "../".to_owned(),
        Some(&"..") => path,
        _ => format!("./{path}"),
    }
}

/// Splits `//subdir` off; a query that follows it belongs to the package.
fn split_subdir(text: &str) -> (String, Option<String>) {
    let stop = text.find('?').unwrap_or(text.len());
    let address = text.get(..stop).unwrap_or(text);
    let query = text.get(stop..).unwrap_or("");
    // The two slashes behind a scheme are not it.
    let start = address.find("://").map_or(0, |i| i + 3);
    match address.get(start..).and_then(|a| a.find("//")) {
        Some(i) => {
            let package = address.get(..start + i).unwrap_or("");
            let subdir = address.get(start + i + 2..).unwrap_or("");
            (format!("{package}{query}"), Some(subdir.to_owned()))
        }
        None => (text.to_owned(), None),
    }
}

/// A folder in its shortest form, if it is inside the package.
fn clean_subdir(subdir: Option<String>) -> Result<Option<String>, String> {
    let Some(subdir) = subdir else {
        return Ok(None);
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in subdir.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => {
                if parts.pop().is_none() {
                    return Err(format!(
                        "the subdirectory {subdir:?} leads out of the module package"
                    ));
                }
            }
            other => parts.push(other),
        }
    }
    Ok((!parts.is_empty()).then(|| parts.join("/")))
}

/// `git::address` → `git` and the address.
fn forced_method(text: &str) -> (Option<&str>, &str) {
    match text.split_once("::") {
        Some((method, rest))
            if !method.is_empty() && method.bytes().all(|b| b.is_ascii_alphanumeric()) =>
        {
            (Some(method), rest)
        }
        _ => (None, text),
    }
}

fn has_scheme(text: &str) -> bool {
    text.split_once("://").is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
    })
}

/// What a shorthand for a git repository stands for: the URL, and a folder in it.
fn shorthand(text: &str) -> Result<Option<(String, Option<String>)>, SourceError> {
    let (address, query) = match text.split_once('?') {
        Some((address, query)) => (address, format!("?{query}")),
        None => (text, String::new()),
    };
    for host in ["github.com", "bitbucket.org"] {
        let Some(path) = address.strip_prefix(host).and_then(|p| p.strip_prefix('/')) else {
            continue;
        };
        let mut parts = path.splitn(3, '/');
        let (Some(owner), Some(name)) = (parts.next(), parts.next()) else {
            return Err(SourceError::Other(format!(
                "an address at {host} has the form {host}/OWNER/REPOSITORY"
            )));
        };
        let name = name.strip_suffix(".git").unwrap_or(name);
        let url = format!("https://{host}/{owner}/{name}.git{query}");
        return Ok(Some((url, parts.next().map(str::to_owned))));
    }
    // user@host:path, as ssh and git write it.
    let scp = address.split_once('@').and_then(|(user, rest)| {
        let (host, path) = rest.split_once(':')?;
        let plain = |s: &str| !s.is_empty() && !s.contains(['/', ':', '@']);
        (plain(user) && plain(host) && !path.is_empty()).then_some((user, host, path))
    });
    Ok(scp.map(|(user, host, path)| {
        let path = path.trim_start_matches('/');
        (format!("ssh://{user}@{host}/{path}{query}"), None)
    }))
}

fn is_registry_name(text: &str) -> bool {
    let edge = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    bytes.len() <= 64
        && edge(bytes.first())
        && edge(bytes.last())
        && bytes
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(b))
}

fn registry_host(text: &str) -> Result<String, String> {
    let host = text.to_lowercase();
    let (name, port) = match host.split_once(':') {
        Some((name, port)) => (name, Some(port)),
        None => (&*host, None),
    };
    if ["github.com", "bitbucket.org", "gitlab.com"].contains(&name) {
        return Err(format!(
            "{name} is reserved for fetching from repositories and cannot be a registry"
        ));
    }
    let label = |l: &str| {
        let hyphen = l.starts_with('-') || l.ends_with('-');
        !l.is_empty() && !hyphen && l.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    let port_is_right = port.is_none_or(|p| p.parse::<u16>().is_ok_and(|p| p != 0));
    // A name without a dot is one only on this machine.
    let known = name.contains('.') || name == "localhost";
    if !known || !port_is_right || !name.split('.').all(label) {
        return Err(format!("{text:?} is not the host of a registry"));
    }
    Ok(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_a_normal_form() {
        for (text, normal) in [
            ("./modules/web", "./modules/web"),
            (".//a/../b/", "./b"),
            ("../", "../"),
            ("../../x", "../../x"),
            (".\\win\\path", "./win/path"),
            ("acme/net/test", "registry.terraform.io/acme/net/test"),
            (
                "acme/net/test//modules/a",
                "registry.terraform.io/acme/net/test//modules/a",
            ),
            (
                "Registry.example.com/acme/net/test",
                "registry.example.com/acme/net/test",
            ),
            ("127.0.0.1:8080/a/b/c", "127.0.0.1:8080/a/b/c"),
            ("localhost:8080/a/b/c", "localhost:8080/a/b/c"),
            (
                "github.com/org/repo",
                "git::https://github.com/org/repo.git",
            ),
            (
                "github.com/org/repo.git?ref=v1",
                "git::https://github.com/org/repo.git?ref=v1",
            ),
            (
                "github.com/org/repo/sub/dir?ref=v1",
                "git::https://github.com/org/repo.git//sub/dir?ref=v1",
            ),
            (
                "github.com/org/repo//sub?ref=v1",
                "git::https://github.com/org/repo.git//sub?ref=v1",
            ),
            (
                "bitbucket.org/org/repo",
                "git::https://bitbucket.org/org/repo.git",
            ),
            (
                "git@github.com:org/repo.git",
                "git::ssh://git@github.com/org/repo.git",
            ),
            (
                "git::git@host.example:org/repo.git//sub?ref=x",
                "git::ssh://git@host.example/org/repo.git//sub?ref=x",
            ),
            (
                "git::https://host.example/r.git//a/./b?ref=v1",
                "git::https://host.example/r.git//a/b?ref=v1",
            ),
            (
                "git::ssh://git@host.example:2222/r.git",
                "git::ssh://git@host.example:2222/r.git",
            ),
            ("git::file:///srv/r.git", "git::file:///srv/r.git"),
            ("git::/srv/r.git", "git::file:///srv/r.git"),
            ("/srv/modules/x", "file:///srv/modules/x"),
            (
                "https://host.example/a.zip//sub?checksum=md5:x",
                "https://host.example/a.zip//sub?checksum=md5:x",
            ),
            (
                "https://host.example/a?to=https://x//y",
                "https://host.example/a?to=https://x//y",
            ),
        ] {
            let source = ModuleSource::parse(text).expect(text);
            assert_eq!(source.to_string(), normal, "{text}");
            let again = ModuleSource::parse(normal).expect(normal);
            assert_eq!(again, source, "{normal} read again");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in ["modules/web", "web", "", "gitlab.com/org/repo", "hg::x"] {
            let error = ModuleSource::parse(text).expect_err(text);
            assert_eq!(error, SourceError::MaybeLocal, "{text}");
        }
        for (text, why) in [
            ("github.com/org", "github.com/OWNER/REPOSITORY"),
            ("git::https://h/r//../x", "leads out of the module package"),
        ] {
            match ModuleSource::parse(text) {
                Err(SourceError::Other(error)) => assert!(error.contains(why), "{error}"),
                other => panic!("{text}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_version_needs_a_registry_address() {
        for (text, why) in [
            ("./x", "local folder"),
            ("github.com/a/b/c", "reserved"),
            ("a/b", "three parts"),
            ("a/b/C", "target system"),
            ("a!/b/c", "namespace"),
            ("host/a/b/c", "not the host of a registry"),
            ("h.example:0/a/b/c", "not the host of a registry"),
            ("a/b/c//../d", "leads out"),
        ] {
            let error = RegistrySource::parse(text).expect_err(text);
            assert!(error.contains(why), "{text}: {error}");
        }
    }
}
