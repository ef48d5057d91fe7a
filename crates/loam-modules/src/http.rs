//! Requests for archives, pages and registries' answers.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::net::IpAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use loam_config::environment::setting;
use loam_config::without_secrets;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::redirect::{Attempt, Policy};
use reqwest::{Response, StatusCode, Url};

use crate::checksum::Checksum;
use crate::credentials::Token;
use crate::netrc::Netrc;
use crate::problem::{Problem, causes};

/// The largest archive that is downloaded.
const MOST_BYTES: u64 = 1 << 30;
/// The largest page or answer that is read.
const MOST_TEXT: usize = 16 << 20;
/// How long a connection may be silent.
const SILENCE: Duration = Duration::from_secs(60);
const MOST_REDIRECTS: usize = 10;

/// Sends requests.
pub(crate) struct Http {
    client: reqwest::Client,
    netrc: Netrc,
    /// How long a registry may take to answer.
    patience: Duration,
    /// How often a registry is asked again that could not answer.
    retries: u32,
}

/// An answer, read whole.
pub(crate) struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    /// Where it came from in the end.
    pub url: Url,
    pub body: Vec<u8>,
}

impl Http {
    /// Set up as the environment asks: `TF_REGISTRY_CLIENT_TIMEOUT` (seconds) and
    /// `TF_REGISTRY_DISCOVERY_RETRY`, or the same with `LOAM_`.
    pub fn new(environment: &BTreeMap<String, String>) -> Result<Http, Problem> {
        // The only provider of cryptography; that it is installed already is no error.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .user_agent(concat!("loam/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(Duration::from_secs(15))
            .read_timeout(SILENCE)
            .redirect(Policy::custom(follow))
            .build()
            .map_err(|e| Problem::fetching(format!("HTTPS cannot be set up: {}", causes(&e))))?;
        let number = |name: &str| {
            setting(|n| environment.get(n).cloned(), name)
                .and_then(|s| s.value.trim().parse::<u32>().ok())
        };
        let patience = number("REGISTRY_CLIENT_TIMEOUT").filter(|n| *n > 0);
        Ok(Http {
            client,
            netrc: Netrc::load(environment),
            patience: Duration::from_secs(patience.unwrap_or(10).into()),
            retries: number("REGISTRY_DISCOVERY_RETRY").unwrap_or(1),
        })
    }

    /// Asks a registry; again if it cannot be reached or fails.
    pub async fn ask(&self, url: &Url, token: Option<&Token>) -> Result<Answer, Problem> {
        check_secrets(url, token.is_some())?;
        let mut attempt = 0;
        loop {
            let mut request = self.client.get(url.clone()).timeout(self.patience);
            if let Some(token) = token {
                let value = format!("Bearer {}", token.reveal());
                let mut value = HeaderValue::from_str(&value).map_err(|_| {
                    Problem::registry("the token for it holds a character that HTTP does not allow")
                })?;
                value.set_sensitive(true);
                request = request.header(AUTHORIZATION, value);
            }
            let answer = match send(request, url).await {
                Ok(response) => read(response).await,
                Err(problem) => Err(problem),
            };
            let again = match &answer {
                Ok(answer) => {
                    answer.status.is_server_error()
                        || answer.status == StatusCode::TOO_MANY_REQUESTS
                }
                Err(_) => true,
            };
            if !again || attempt >= self.retries {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(300 << attempt.min(4))).await;
            attempt += 1;
        }
    }

    /// A request with the name and password that the user has for the host; not if the
    /// address has some, or if they would not be encrypted.
    fn request(&self, url: &Url) -> reqwest::RequestBuilder {
        let request = self.client.get(url.clone());
        let own = !url.username().is_empty() || url.password().is_some();
        let login = url.host_str().and_then(|host| self.netrc.login(host));
        match login {
            Some(login) if !own && check_secrets(url, true).is_ok() => {
                request.basic_auth(&login.name, Some(login.reveal()))
            }
            _ => request,
        }
    }

    /// Gets a page that says where a module is.
    pub async fn page(&self, url: &Url) -> Result<Answer, Problem> {
        check_secrets(url, false)?;
        let request = self.request(url);
        let response = send(request, url).await?;
        if !response.status().is_success() {
            return Err(refused(url, response.status()));
        }
        read(response).await
    }

    /// Downloads a file. `received` is told how much there is of it, and how much there
    /// will be if that is known.
    pub async fn download(
        &self,
        url: &Url,
        to: &Path,
        checksum: Option<&Checksum>,
        received: &(dyn Fn(u64, Option<u64>) + Sync),
    ) -> Result<(), Problem> {
        check_secrets(url, false)?;
        let request = self.request(url);
        let mut response = send(request, url).await?;
        if !response.status().is_success() {
            return Err(refused(url, response.status()));
        }
        let unwritable =
            |e: std::io::Error| Problem::fetching(format!("the download cannot be kept: {e}"));
        let whole = response.content_length();
        let mut file = File::create(to).map_err(unwritable)?;
        let mut hasher = checksum.map(Checksum::hasher);
        let mut size = 0;
        while let Some(piece) = response.chunk().await.map_err(|e| unanswered(url, &e))? {
            size += piece.len() as u64;
            if size > MOST_BYTES {
                return Err(Problem::fetching(format!(
                    "the archive is larger than {} MiB",
                    MOST_BYTES >> 20
                )));
            }
            if let Some(hasher) = &mut hasher {
                hasher.update(&piece);
            }
            file.write_all(&piece).map_err(unwritable)?;
            received(size, whole);
        }
        file.flush().map_err(unwritable)?;
        match (checksum, hasher) {
            (Some(checksum), Some(hasher)) => checksum.check(hasher),
            _ => Ok(()),
        }
    }
}

/// Sends a request for an address, which the debug log is told of.
async fn send(request: reqwest::RequestBuilder, url: &Url) -> Result<Response, Problem> {
    let sent = Instant::now();
    let answer = request.send().await;
    let outcome = match &answer {
        Ok(response) => response.status().as_u16().to_string(),
        Err(_) => "no answer".to_owned(),
    };
    log::debug!(
        "GET {}: {outcome} in {} ms",
        shown(url),
        sent.elapsed().as_millis()
    );
    answer.map_err(|e| unanswered(url, &e))
}

async fn read(mut response: Response) -> Result<Answer, Problem> {
    let (status, headers) = (response.status(), response.headers().clone());
    let url = response.url().clone();
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(|e| unanswered(&url, &e))? {
        if body.len() + piece.len() > MOST_TEXT {
            return Err(Problem::fetching(format!(
                "the answer of {} is too long",
                host(&url)
            )));
        }
        body.extend_from_slice(&piece);
    }
    Ok(Answer {
        status,
        headers,
        url,
        body,
    })
}

/// Whether to go where an answer points to: not away from encryption, not in circles.
fn follow(attempt: Attempt<'_>) -> reqwest::redirect::Action {
    let from = attempt.previous().last();
    if attempt.previous().len() > MOST_REDIRECTS {
        return attempt.error("there are too many redirects");
    }
    if from.is_some_and(|from| loses_encryption(from, attempt.url())) {
        return attempt.error("it redirects from https to http, which is not encrypted");
    }
    attempt.follow()
}

/// From an encrypted address to one that is not.
pub(crate) fn loses_encryption(from: &Url, to: &Url) -> bool {
    from.scheme() == "https" && to.scheme() == "http" && !is_loopback(to)
}

/// True for an address of this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_matches(['[', ']']);
    host == "localhost"
        || host.ends_with(".localhost")
        || bare.parse::<IpAddr>().is_ok_and(|a| a.is_loopback())
}

/// Secrets are sent encrypted or not at all.
pub(crate) fn check_secrets(url: &Url, token: bool) -> Result<(), Problem> {
    let secret = token || !url.username().is_empty() || url.password().is_some();
    if secret && url.scheme() == "http" && !is_loopback(url) {
        return Err(Problem::fetching(format!(
            "credentials are not sent to {} over http, which is not encrypted",
            host(url)
        ))
        .hint("Use an address that starts with https://."));
    }
    Ok(())
}

/// The host with its port, for messages.
pub(crate) fn host(url: &Url) -> String {
    match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (Some(host), None) => host.to_owned(),
        (None, _) => "the server".to_owned(),
    }
}

fn unanswered(url: &Url, error: &reqwest::Error) -> Problem {
    let why = match error.is_timeout() {
        true => "it did not answer in time".to_owned(),
        // The address may hold secrets, and is named anyway.
        false => beneath(error),
    };
    Problem::fetching(format!("{} cannot be asked: {why}", shown(url)))
}

fn beneath(error: &reqwest::Error) -> String {
    let mut text = String::new();
    let mut next = std::error::Error::source(error);
    while let Some(e) = next {
        let part = e.to_string();
        if !text.contains(&part) {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&part);
        }
        next = e.source();
    }
    match text.is_empty() {
        true => "the connection failed".to_owned(),
        false => text,
    }
}

fn refused(url: &Url, status: StatusCode) -> Problem {
    let problem = Problem::fetching(format!("{} answers {status}", shown(url)));
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            problem.hint("The server wants to know who asks.")
        }
        StatusCode::NOT_FOUND => problem.hint("Check the address in \"source\"."),
        _ => problem,
    }
}

/// The address without secrets and without its query, which may be one.
fn shown(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    without_secrets(url.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).expect("a URL")
    }

    #[test]
    fn secrets_go_over_encrypted_connections_only() {
        for (address, token, right) in [
            ("https://h.example/x", true, true),
            ("http://h.example/x", false, true),
            ("http://h.example/x", true, false),
            ("http://u:p@h.example/x", false, false),
            ("http://u@h.example/x", false, false),
            ("http://u:p@127.0.0.1:80/x", true, true),
            ("http://[::1]:80/x", true, true),
            ("http://localhost:80/x", true, true),
            ("http://localhost.example/x", true, false),
            ("http://127.0.0.1.example/x", true, false),
        ] {
            assert_eq!(
                check_secrets(&url(address), token).is_ok(),
                right,
                "{address}"
            );
        }
    }

    #[test]
    fn encryption_is_not_given_up() {
        let secure = url("https://a.example/");
        assert!(loses_encryption(&secure, &url("http://a.example/")));
        assert!(!loses_encryption(&secure, &url("http://127.0.0.1/")));
        assert!(!loses_encryption(
            &url("http://a.example/"),
            &url("http://b.example/")
        ));
    }
}
