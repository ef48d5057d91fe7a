//! Tokens for registries, and where their services are if the CLI configuration says so.
//!
//! From the environment (`LOAM_TOKEN_host`, `TF_TOKEN_host`), from the CLI configuration
//! file (`LOAM_CLI_CONFIG_FILE`, `TF_CLI_CONFIG_FILE`, else `~/.loamrc` and
//! `~/.terraformrc`), from the files that logging in writes
//! (`~/.loam.d/credentials.tfrc.json`, `~/.terraform.d/credentials.tfrc.json`); the first
//! of them that knows a host counts.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use loam_config::environment::{PREFIXES, setting};
use loam_diag::{Diagnostic, Diagnostics, SourceMap};
use loam_eval::eval_constant;
use loam_syntax::ast::{AttributeSchema, BlockSchema, BodySchema};
use loam_syntax::{Block, parse_json, parse_native};
use reqwest::Url;

/// Where Loam keeps what is the user's and not a project's.
const OWN_DIR: &str = ".loam.d";
/// Its file of tokens.
const STORED: &str = "credentials.tfrc.json";

/// A secret that opens a registry.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Token(String);

impl Token {
    /// The secret, for the one header that it belongs into.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

/// What is known of registries' hosts before asking them.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    tokens: BTreeMap<String, Token>,
    services: BTreeMap<String, BTreeMap<String, String>>,
}

impl Credentials {
    /// Collects them from the environment variables and the files that they lead to.
    /// Files that cannot be read are warned of.
    pub fn load(
        environment: &BTreeMap<String, String>,
        sources: &SourceMap,
    ) -> (Credentials, Diagnostics) {
        let mut out = Credentials::default();
        let mut warnings = Diagnostics::new();
        for prefix in PREFIXES {
            for (name, token) in environment {
                let rest = name.strip_prefix(prefix);
                let host = rest.and_then(|n| n.strip_prefix("TOKEN_"));
                if let Some(host) = host.filter(|_| !token.is_empty()) {
                    out.add_token(&host_of_variable(host), token);
                }
            }
        }
        let (files, chosen) = files(environment);
        for path in files {
            match std::fs::read_to_string(&path) {
                Ok(text) => out.add_file(&path, &text, sources, &mut warnings),
                Err(e) if chosen.as_ref() == Some(&path) => warnings.push(Diagnostic::warning(
                    "Unable to open CLI configuration file",
                    format!("{} cannot be read: {e}.", path.display()),
                )),
                Err(_) => {}
            }
        }
        (out, warnings)
    }

    /// The token for a host.
    pub(crate) fn token(&self, host: &str) -> Option<&Token> {
        self.tokens.get(&normal_host(host))
    }

    /// Whether there is a token for a host.
    pub fn knows(&self, host: &str) -> bool {
        self.token(host).is_some()
    }

    /// Where a host's service is, if that is configured rather than asked.
    pub(crate) fn service(&self, host: &str, service: &str) -> Option<&str> {
        let services = self.services.get(&normal_host(host))?;
        services.get(service).map(String::as_str)
    }

    fn add_token(&mut self, host: &str, token: &str) {
        let token = Token(token.to_owned());
        self.tokens.entry(normal_host(host)).or_insert(token);
    }

    fn add_file(
        &mut self,
        path: &Path,
        text: &str,
        sources: &SourceMap,
        warnings: &mut Diagnostics,
    ) {
        let shown = path.to_string_lossy().into_owned();
        // The text may hold tokens: it is not kept where a diagnostic could show it.
        let id = sources.add(shown.clone(), "");
        let (body, problems) = match shown.ends_with(".json") {
            true => parse_json(id, text),
            false => parse_native(id, text),
        };
        if problems.has_errors() {
            warnings.push(Diagnostic::warning(
                "CLI configuration not understood",
                format!(
                    "{shown} is not in the syntax of configurations; what it says of \
                     registries may be missed."
                ),
            ));
        }
        let schema = |attributes: &[&str], blocks: &[(&str, &str)]| BodySchema {
            attributes: attributes
                .iter()
                .map(|name| AttributeSchema {
                    name: (*name).into(),
                    required: false,
                })
                .collect(),
            blocks: blocks
                .iter()
                .map(|(kind, label)| BlockSchema {
                    kind: (*kind).into(),
                    labels: vec![(*label).into()],
                })
                .collect(),
        };
        let top = schema(&[], &[("credentials", "host"), ("host", "host")]);
        for block in body.partial_content(&top).0.blocks {
            let Some(host) = block.labels.first().map(|l| l.name.clone()) else {
                continue;
            };
            let wanted = match &*block.kind.name {
                "credentials" => "token",
                _ => "services",
            };
            let Some(value) = constant(&block, &schema(&[wanted], &[]), wanted) else {
                continue;
            };
            if wanted == "token" {
                if let Some(token) = value.as_str() {
                    self.add_token(&host, token);
                }
                continue;
            }
            let known = self.services.entry(normal_host(&host)).or_default();
            for (service, url) in value.entries().into_iter().flatten() {
                if let Some(url) = url.as_str() {
                    known
                        .entry(service.to_string())
                        .or_insert_with(|| url.to_owned());
                }
            }
        }
    }
}

/// The value of a block's attribute, if it has it and it is a constant.
fn constant(block: &Block, schema: &BodySchema, name: &str) -> Option<loam_value::Value> {
    let content = block.body.partial_content(schema).0;
    let attribute = content.attributes.iter().find(|a| *a.name.name == *name)?;
    eval_constant(&attribute.expr).ok()
}

/// The user's own folder.
fn home(environment: &BTreeMap<String, String>) -> Option<PathBuf> {
    let set = |name: &str| environment.get(name).filter(|v| !v.is_empty());
    set("HOME")
        .or_else(|| set("USERPROFILE"))
        .map(PathBuf::from)
}

/// The file that [`crate::log_in`] writes: `~/.loam.d/credentials.tfrc.json`.
pub(crate) fn stored_file(environment: &BTreeMap<String, String>) -> Option<PathBuf> {
    home(environment).map(|home| home.join(OWN_DIR).join(STORED))
}

/// The files to read, most important first, and the one that the user chose.
fn files(environment: &BTreeMap<String, String>) -> (Vec<PathBuf>, Option<PathBuf>) {
    let home = home(environment);
    let chosen = setting(|n| environment.get(n).cloned(), "CLI_CONFIG_FILE");
    let chosen = chosen.map(|s| PathBuf::from(s.value));
    let mut files = Vec::new();
    match (&chosen, &home) {
        (Some(path), _) => files.push(path.clone()),
        (None, Some(home)) => {
            files.push(home.join(".loamrc"));
            files.push(home.join(".terraformrc"));
        }
        (None, None) => {}
    }
    if let Some(home) = home {
        for dir in [OWN_DIR, ".terraform.d"] {
            files.push(home.join(dir).join(STORED));
        }
    }
    (files, chosen)
}

/// The host that a variable's name means: a dot cannot be in one, so that `_` stands for
/// it, and `__` for a dash.
fn host_of_variable(name: &str) -> String {
    name.replace("__", "-").replace('_', ".")
}

/// One spelling for each host: lower case, letters beyond ASCII encoded as DNS has them.
pub(crate) fn normal_host(host: &str) -> String {
    let lower = host.to_lowercase();
    match Url::parse(&format!("https://{lower}/")) {
        Ok(url) => match (url.host_str(), url.port()) {
            (Some(name), Some(port)) => format!("{name}:{port}"),
            (Some(name), None) => name.to_owned(),
            (None, _) => lower,
        },
        Err(_) => lower,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(environment: &[(&str, &str)]) -> (Credentials, Diagnostics) {
        let environment = environment
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
            .collect();
        Credentials::load(&environment, &SourceMap::default())
    }

    fn token<'a>(credentials: &'a Credentials, host: &str) -> Option<&'a str> {
        credentials.token(host).map(Token::reveal)
    }

    #[test]
    fn variables_name_hosts_with_underscores() {
        let (credentials, warnings) = load(&[
            ("TF_TOKEN_registry_example_com", "one"),
            ("TF_TOKEN_my__own_example_com", "two"),
            ("TF_TOKEN_both_example", "terraform's"),
            ("LOAM_TOKEN_both_example", "loam's"),
            ("TF_TOKEN_127.0.0.1:8080", "three"),
            ("TF_TOKEN_bücher_example", "four"),
            ("TF_TOKEN_empty_example", ""),
        ]);
        assert!(warnings.is_empty());
        for (host, expected) in [
            ("registry.example.com", Some("one")),
            ("Registry.Example.com", Some("one")),
            ("my-own.example.com", Some("two")),
            ("both.example", Some("loam's")),
            ("127.0.0.1:8080", Some("three")),
            ("127.0.0.1", None),
            ("xn--bcher-kva.example", Some("four")),
            ("empty.example", None),
            ("other.example", None),
        ] {
            assert_eq!(token(&credentials, host), expected, "{host}");
        }
        assert!(!format!("{credentials:?}").contains("three"));
    }

    #[test]
    fn files_are_read_in_order() {
        let home = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| {
            let path = home.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("made");
            std::fs::write(path, text).expect("written");
        };
        write(
            ".terraformrc",
            "plugin_cache_dir = \"x\"\ncredentials \"a.example\" {\n  token = \"rc\"\n}\nhost \"b.example\" {\n  services = { \"modules.v1\" = \"https://c.example/m/\" }\n}\n",
        );
        write(
            ".terraform.d/credentials.tfrc.json",
            "{\"credentials\": {\"a.example\": {\"token\": \"login\"}, \"d.example\": {\"token\": \"login\"}}}",
        );
        let path = home.path().to_str().expect("a path");
        let (credentials, warnings) = load(&[("HOME", path)]);
        assert!(warnings.is_empty(), "{warnings:?}");
        assert_eq!(token(&credentials, "a.example"), Some("rc"));
        assert_eq!(token(&credentials, "d.example"), Some("login"));
        assert_eq!(
            credentials.service("b.example", "modules.v1"),
            Some("https://c.example/m/")
        );
        write("own.tfrc", "credentials \"a.example\" { token = \"own\" }");
        let own = home.path().join("own.tfrc");
        let own = own.to_str().expect("a path");
        let (credentials, _) = load(&[("HOME", path), ("TF_CLI_CONFIG_FILE", own)]);
        assert_eq!(token(&credentials, "a.example"), Some("own"));
    }

    #[test]
    fn files_that_cannot_be_read_are_warned_of() {
        let home = tempfile::tempdir().expect("a folder");
        let broken = home.path().join("broken.tfrc");
        std::fs::write(&broken, "credentials \"a\" { token = \"se-cret\"").expect("written");
        for path in [broken, home.path().join("none.tfrc")] {
            let path = path.to_str().expect("a path");
            let (_, warnings) = load(&[("TF_CLI_CONFIG_FILE", path)]);
            assert_eq!(warnings.iter().count(), 1, "{path}");
            assert!(!format!("{warnings:?}").contains("se-cret"));
        }
    }
}
