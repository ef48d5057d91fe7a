//! The module registry protocol: which versions there are, and where one of them is.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use loam_config::version::{Constraints, Version};
use loam_config::{RegistrySource, RemoteSource};
use reqwest::{StatusCode, Url};
use serde::Deserialize;
use tokio::sync::OnceCell;

use crate::credentials::Credentials;
use crate::http::{Answer, Http, check_secrets, host, is_loopback, loses_encryption};
use crate::package::{joined, lead};
use crate::problem::Problem;

/// The service that a host has to offer.
const SERVICE: &str = "modules.v1";

/// A version that a registry has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Offered {
    pub version: Version,
    /// As the registry writes it.
    pub text: String,
}

/// The base address of a host's service, once that was asked for.
type Service = Arc<OnceCell<Result<Url, Problem>>>;

/// The registries that a configuration names.
pub(crate) struct Registries<'a> {
    http: &'a Http,
    credentials: &'a Credentials,
    /// The base address of each host's service, asked for once.
    services: Mutex<BTreeMap<String, Service>>,
}

#[derive(Deserialize)]
struct VersionList {
    modules: Vec<ModuleVersions>,
}

#[derive(Deserialize)]
struct ModuleVersions {
    versions: Vec<ModuleVersion>,
}

#[derive(Deserialize)]
struct ModuleVersion {
    version: String,
}

#[derive(Deserialize)]
struct Location {
    location: String,
}

impl<'a> Registries<'a> {
    /// None asked yet.
    pub fn new(http: &'a Http, credentials: &'a Credentials) -> Registries<'a> {
        Registries {
            http,
            credentials,
            services: Mutex::default(),
        }
    }

    /// The versions of a module, oldest first. What is not a version is passed over.
    pub async fn versions(&self, module: &RegistrySource) -> Result<Vec<Offered>, Problem> {
        let answer = self.ask(module, "versions").await?;
        let list: VersionList = json(&answer)?;
        let mut versions: Vec<Offered> = list
            .modules
            .into_iter()
            .flat_map(|m| m.versions)
            .filter_map(|v| {
                let version = Version::parse(&v.version)?;
                Some(Offered {
                    version,
                    text: v.version,
                })
            })
            .collect();
        versions.sort_by(|a, b| a.version.cmp(&b.version));
        Ok(versions)
    }

    /// Where a version of a module is.
    pub async fn location(
        &self,
        module: &RegistrySource,
        version: &Offered,
    ) -> Result<RemoteSource, Problem> {
        let answer = self
            .ask(module, &format!("{}/download", version.text))
            .await?;
        let header = answer.headers.get("X-Terraform-Get");
        let address = match header.and_then(|h| h.to_str().ok()) {
            Some(address) if !address.is_empty() => address.to_owned(),
            _ if answer.status == StatusCode::NO_CONTENT => String::new(),
            _ => json::<Location>(&answer)?.location,
        };
        if address.is_empty() {
            return Err(Problem::registry(format!(
                "{} does not say where version {} is",
                module.host, version.text
            )));
        }
        let mut source = lead(&answer.url, &address)?;
        source.subdir = joined(source.subdir, module.subdir.clone());
        Ok(source)
    }

    async fn ask(&self, module: &RegistrySource, what: &str) -> Result<Answer, Problem> {
        let service = self.service(&module.host).await?;
        let RegistrySource {
            namespace,
            name,
            system,
            ..
        } = module;
        let path = format!("{namespace}/{name}/{system}/{what}");
        let url = service
            .join(&path)
            .map_err(|e| Problem::registry(format!("{path:?} cannot be asked for: {e}")))?;
        let token = self.credentials.token(&module.host);
        let answer = self.http.ask(&url, token).await.map_err(of_registry)?;
        let shown = host(&url);
        match answer.status {
            status if status.is_success() => Ok(answer),
            StatusCode::NOT_FOUND => Err(Problem {
                summary: "Module not found",
                ..Problem::registry(match what {
                    "versions" => format!("the module registry at {shown} does not have it"),
                    _ => format!("the module registry at {shown} has no download for it"),
                })
            }),
            status @ (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => {
                Err(not_allowed(&module.host, status, token.is_some()))
            }
            status => Err(Problem::registry(format!("{shown} answers {status}"))),
        }
    }

    /// The base address of a host's registry.
    async fn service(&self, host: &str) -> Result<Url, Problem> {
        let cell = {
            let mut services = self.services.lock().unwrap_or_else(|e| e.into_inner());
            services.entry(host.to_owned()).or_default().clone()
        };
        cell.get_or_init(|| self.discover(host)).await.clone()
    }

    async fn discover(&self, host: &str) -> Result<Url, Problem> {
        let url = |scheme: &str| {
            Url::parse(&format!("{scheme}://{host}/.well-known/terraform.json"))
                .map_err(|_| Problem::registry(format!("{host:?} is not a host")))
        };
        let encrypted = url("https")?;
        if let Some(configured) = self.credentials.service(host, SERVICE) {
            return base(&encrypted, configured);
        }
        let answer = if is_loopback(&encrypted) {
            // A registry on this machine may do without encryption.
            match self.document(host, &url("http")?).await {
                Ok(answer) => answer,
                Err(plain) => self.document(host, &encrypted).await.map_err(|_| plain)?,
            }
        } else {
            self.document(host, &encrypted).await?
        };
        let services: BTreeMap<String, serde_json::Value> = json(&answer)?;
        match services.get(SERVICE) {
            Some(serde_json::Value::String(address)) => base(&answer.url, address),
            _ => Err(Problem::registry(format!(
                "the host {host} does not offer a module registry"
            ))),
        }
    }

    async fn document(&self, host: &str, url: &Url) -> Result<Answer, Problem> {
        let token = self.credentials.token(host);
        let answer = self.http.ask(url, token).await.map_err(of_registry)?;
        match answer.status {
            status if status.is_success() => Ok(answer),
            StatusCode::NOT_FOUND => Err(Problem::registry(format!(
                "the host {host} does not offer a module registry"
            ))),
            status @ (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => {
                Err(not_allowed(host, status, token.is_some()))
            }
            status => Err(Problem::registry(format!(
                "{host} answers {status} when asked what it offers"
            ))),
        }
    }
}

/// The newest version that the constraints allow. A pre-release only if they name it.
///
/// # Errors
///
/// There is none.
pub(crate) fn choose<'v>(
    versions: &'v [Offered],
    constraints: Option<&(Constraints, String)>,
) -> Result<&'v Offered, Problem> {
    let allowed = |o: &&Offered| match constraints {
        Some((c, _)) => c.allow(&o.version) && (!o.version.is_prerelease() || c.names(&o.version)),
        None => !o.version.is_prerelease(),
    };
    if let Some(newest) = versions.iter().rev().find(allowed) {
        return Ok(newest);
    }
    let newest = versions.iter().rev().find(|o| !o.version.is_prerelease());
    let newest = newest.or(versions.last());
    Err(match (newest, constraints) {
        (Some(newest), Some((_, text))) => Problem {
            summary: "Unresolvable module version constraint",
            ..Problem::registry(format!(
                "the registry has no version that the constraint {text:?} allows; the newest \
                 one is {}",
                newest.text
            ))
        },
        (Some(newest), None) => Problem {
            summary: "Module has no versions",
            ..Problem::registry(format!(
                "the registry has pre-releases only; the newest one is {}",
                newest.text
            ))
        }
        .hint("A pre-release is used if \"version\" names it exactly."),
        (None, _) => Problem {
            summary: "Module has no versions",
            ..Problem::registry("the registry has no version of it")
        },
    })
}

/// The base address of a service, as `document` or the configuration of the host names it.
fn base(document: &Url, address: &str) -> Result<Url, Problem> {
    let wrong = |why: String| {
        Problem::registry(format!(
            "the host {} names {address:?} as its module registry, which {why}",
            host(document)
        ))
    };
    // What is asked for lies below it.
    let folder = match address.ends_with('/') {
        true => address.to_owned(),
        false => format!("{address}/"),
    };
    let url = document
        .join(&folder)
        .map_err(|e| wrong(format!("is not an address: {e}")))?;
    if !matches!(url.scheme(), "http" | "https") || loses_encryption(document, &url) {
        return Err(wrong("is not an address with https".into()));
    }
    check_secrets(&url, true)?;
    Ok(url)
}

fn json<T: for<'d> Deserialize<'d>>(answer: &Answer) -> Result<T, Problem> {
    serde_json::from_slice(&answer.body).map_err(|e| {
        // The answer itself is not shown: it may be anything.
        Problem::registry(format!(
            "the answer of {} is not what a module registry says: {e}",
            host(&answer.url)
        ))
    })
}

fn of_registry(problem: Problem) -> Problem {
    Problem {
        summary: "Error accessing remote module registry",
        ..problem
    }
}

fn not_allowed(host: &str, status: StatusCode, with_token: bool) -> Problem {
    let variable = host.replace('-', "__").replace('.', "_");
    let problem = Problem::registry(match with_token {
        true => format!("{host} answers {status}: it does not accept the token for it"),
        false => format!("{host} answers {status}: it wants a token, and none is given for it"),
    });
    problem.hint(format!(
        "Tokens come from the environment (TF_TOKEN_{variable}) or from a block \
         credentials {host:?} in the CLI configuration file."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered(texts: &[&str]) -> Vec<Offered> {
        texts
            .iter()
            .map(|text| Offered {
                version: Version::parse(text).expect("a version"),
                text: (*text).into(),
            })
            .collect()
    }

    #[test]
    fn the_newest_version_that_is_allowed_is_chosen() {
        let versions = offered(&[
            "0.9.0",
            "1.0.0",
            "1.2.0",
            "2.0.0-beta1",
            "2.0.0",
            "2.1.0-rc1",
        ]);
        for (constraints, chosen) in [
            (None, Some("2.0.0")),
            (Some("~> 1.0"), Some("1.2.0")),
            (Some(">= 1.0, != 2.0.0"), Some("1.2.0")),
            (Some("2.0.0-beta1"), Some("2.0.0-beta1")),
            (Some(">= 2.0.0-beta1"), Some("2.0.0")),
            (Some("> 2.1.0-beta1"), None),
            (Some(">= 3"), None),
        ] {
            let parsed =
                constraints.map(|c| (Constraints::parse(c).expect("constraints"), c.to_owned()));
            let found = choose(&versions, parsed.as_ref());
            assert_eq!(
                found.as_ref().ok().map(|o| &*o.text),
                chosen,
                "{constraints:?}"
            );
        }
        let error = choose(&offered(&["1.0.0-rc1"]), None).expect_err("none");
        assert!(error.why.contains("pre-releases only"), "{error:?}");
        let error = choose(&[], None).expect_err("none");
        assert_eq!(error.summary, "Module has no versions");
    }

    #[test]
    fn a_service_is_encrypted_as_its_host_is() {
        let document = Url::parse("https://r.example/.well-known/terraform.json").expect("a URL");
        for (address, url) in [
            ("/v1/modules/", Some("https://r.example/v1/modules/")),
            ("/v1/modules", Some("https://r.example/v1/modules/")),
            ("https://other.example/m/", Some("https://other.example/m/")),
            ("http://r.example/m/", None),
            ("file:///etc/", None),
        ] {
            let found = base(&document, address).ok();
            assert_eq!(found.as_ref().map(Url::as_str), url, "{address}");
        }
    }
}
