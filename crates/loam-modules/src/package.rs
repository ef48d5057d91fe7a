//! Fetching what is at an address.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use loam_config::{RemoteSource, without_secrets};
use reqwest::Url;

use crate::archive::{Format, unpack};
use crate::checksum::Checksum;
use crate::folder::check_links;
use crate::git::GitSource;
use crate::http::{Http, check_secrets, host, loses_encryption};
use crate::problem::Problem;
use crate::redirect::meta_address;

/// How many addresses may lead on to others.
const MOST_HOPS: usize = 5;

/// Something that was fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Package {
    /// The folder that it is in.
    pub dir: PathBuf,
    /// The folder inside of it that the last of several addresses named.
    pub subdir: Option<String>,
    /// It is where the user has it, and used there.
    pub in_place: bool,
}

/// Fetches packages into a folder of their own each.
pub(crate) struct Fetcher {
    pub http: Http,
    environment: Arc<BTreeMap<String, String>>,
    scratch: PathBuf,
    next: AtomicUsize,
}

/// Who says that a package is at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    /// The configuration.
    User,
    /// A registry or a page; it has no say over files of this machine.
    Network,
}

/// What an address leads to.
enum Step {
    Done(Package),
    On(RemoteSource),
}

impl Fetcher {
    /// Into the folder `scratch`.
    pub fn new(
        environment: &BTreeMap<String, String>,
        scratch: PathBuf,
    ) -> Result<Fetcher, Problem> {
        Ok(Fetcher {
            http: Http::new(environment)?,
            environment: Arc::new(environment.clone()),
            scratch,
            next: AtomicUsize::new(0),
        })
    }

    /// Fetches a package. The folder that `source` names in it is left to the caller.
    pub async fn fetch(
        &self,
        source: &RemoteSource,
        word: Word,
        received: &(dyn Fn(u64, Option<u64>) + Sync),
    ) -> Result<Package, Problem> {
        let mut source = RemoteSource {
            subdir: None,
            ..source.clone()
        };
        let mut word = word;
        for _ in 0..=MOST_HOPS {
            match self.step(&source, word, received).await? {
                Step::Done(package) => {
                    if !package.in_place {
                        check_links(&package.dir)?;
                    }
                    return Ok(package);
                }
                Step::On(next) => source = next,
            }
            word = Word::Network;
        }
        Err(Problem::fetching(format!(
            "the address leads on to another one more than {MOST_HOPS} times"
        )))
    }

    async fn step(
        &self,
        source: &RemoteSource,
        word: Word,
        received: &(dyn Fn(u64, Option<u64>) + Sync),
    ) -> Result<Step, Problem> {
        let scheme = source.url.split_once("://").map_or("", |(s, _)| s);
        let scheme = scheme.to_ascii_lowercase();
        if scheme == "file" && word == Word::Network {
            return Err(Problem::fetching(
                "the address leads on to a file of this machine, which only the configuration \
                 itself may name",
            ));
        }
        match (source.method.as_deref(), &*scheme) {
            (Some("git"), _) => self.git(source).await.map(Step::Done),
            (None | Some("http" | "https"), "http" | "https") => {
                self.http(source, word, received).await
            }
            (None | Some("file"), "file") => self.file(source).await.map(Step::Done),
            (None, "ssh" | "git") => Err(Problem::fetching(format!(
                "nothing is fetched over {scheme} alone"
            ))
            .hint("For a git repository put git:: in front of the address.")),
            (method, scheme) => Err(Problem::fetching(format!(
                "modules are not fetched by {:?}",
                method.unwrap_or(scheme)
            ))
            .hint(
                "Sources are local folders, git repositories (git::), archives over http or \
                 https, and module registries.",
            )),
        }
    }

    fn place(&self, subdir: &Option<String>) -> Package {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        Package {
            dir: self.scratch.join(format!("package-{number}")),
            subdir: subdir.clone(),
            in_place: false,
        }
    }

    async fn git(&self, source: &RemoteSource) -> Result<Package, Problem> {
        let git = GitSource::parse(&source.url)?;
        check_secrets(git.url(), false)?;
        let package = self.place(&source.subdir);
        let into = package.dir.clone();
        let environment = self.environment.clone();
        blocking(move || git.fetch(&into, &environment)).await?;
        Ok(package)
    }

    async fn http(
        &self,
        source: &RemoteSource,
        word: Word,
        received: &(dyn Fn(u64, Option<u64>) + Sync),
    ) -> Result<Step, Problem> {
        let (mut url, arguments) = arguments(&source.url)?;
        let Some(format) = arguments.format(url.path())? else {
            if arguments.checksum.is_some() {
                return Err(Problem::fetching(
                    "a checksum can be given for an archive only, and the address is not known \
                     to be one",
                )
                .hint(format!(
                    "Add archive=FORMAT to the query, with one of {}.",
                    Format::names()
                )));
            }
            url.query_pairs_mut().append_pair("terraform-get", "1");
            let mut next = self.led_on(&url).await?;
            next.subdir = joined(next.subdir, source.subdir.clone());
            return Ok(Step::On(next));
        };
        let package = self.place(&source.subdir);
        let file = package.dir.with_extension("archive");
        let checksum = self.checksum(&url, arguments.checksum, word).await?;
        let checksum = checksum.as_ref();
        self.http.download(&url, &file, checksum, received).await?;
        unpack_file(file, format, package.dir.clone()).await?;
        Ok(Step::Done(package))
    }

    /// What the archive at an address has to be, if that is said.
    async fn checksum(
        &self,
        archive: &Url,
        expected: Option<Expected>,
        word: Word,
    ) -> Result<Option<Checksum>, Problem> {
        let list = match expected {
            None => return Ok(None),
            Some(Expected::Sum(checksum)) => return Ok(Some(checksum)),
            Some(Expected::In(list)) => list,
        };
        let text = match list.to_file_path() {
            Ok(path) if list.scheme() == "file" && word == Word::User => {
                fs::read(&path).map_err(|e| {
                    Problem::fetching(format!("{} cannot be read: {e}", path.display()))
                })?
            }
            _ if list.scheme() == "file" => {
                return Err(Problem::fetching(
                    "the checksum is to be in a file of this machine, which only the \
                     configuration itself may name",
                ));
            }
            _ if loses_encryption(archive, &list) => {
                return Err(Problem::fetching(
                    "the checksum is fetched over http, which is not encrypted",
                ));
            }
            _ => self.http.page(&list).await?.body,
        };
        let name = archive.path().rsplit('/').next().unwrap_or_default();
        Checksum::listed(&String::from_utf8_lossy(&text), name).map(Some)
    }

    /// Where a page says that the module is.
    async fn led_on(&self, url: &Url) -> Result<RemoteSource, Problem> {
        let page = self.http.page(url).await?;
        let header = page.headers.get("X-Terraform-Get");
        let address = match header.and_then(|h| h.to_str().ok()) {
            Some(address) => Some(address.to_owned()),
            None => meta_address(&String::from_utf8_lossy(&page.body)),
        };
        let Some(address) = address else {
            return Err(Problem::fetching(format!(
                "{} does not say where the module is: its answer has neither a header \
                 X-Terraform-Get nor a meta tag of that kind",
                host(url)
            ))
            .hint(format!(
                "If the address is that of an archive, add archive=FORMAT to its query, with \
                 one of {}.",
                Format::names()
            )));
        };
        lead(&page.url, &address)
    }

    async fn file(&self, source: &RemoteSource) -> Result<Package, Problem> {
        let (url, mut arguments) = arguments(&source.url)?;
        let path = url
            .to_file_path()
            .map_err(|()| Problem::fetching("the address is not that of a file"))?;
        let found = fs::metadata(&path)
            .map_err(|e| Problem::fetching(format!("{} cannot be read: {e}", path.display())))?;
        if found.is_dir() {
            return Ok(Package {
                dir: path,
                subdir: source.subdir.clone(),
                in_place: true,
            });
        }
        let Some(format) = arguments.format(url.path())? else {
            return Err(Problem::fetching(format!(
                "{} is neither a folder nor an archive",
                path.display()
            )));
        };
        let checksum = self.checksum(&url, arguments.checksum.take(), Word::User);
        if let Some(checksum) = checksum.await? {
            let mut hasher = checksum.hasher();
            let content = fs::read(&path).map_err(|e| {
                Problem::fetching(format!("{} cannot be read: {e}", path.display()))
            })?;
            hasher.update(&content);
            checksum.check(hasher)?;
        }
        let package = self.place(&source.subdir);
        unpack_file(path, format, package.dir.clone()).await?;
        Ok(package)
    }
}

/// The address that another one, which is at `base`, leads on to.
///
/// # Errors
///
/// It is none, or gives up encryption.
pub(crate) fn lead(base: &Url, address: &str) -> Result<RemoteSource, Problem> {
    let address = address.trim();
    let wrong = |why: &str| {
        Problem::fetching(format!(
            "{} leads on to {:?}, which {why}",
            host(base),
            without_secrets(address)
        ))
    };
    let relative = ["/", "./", "../"].iter().any(|p| address.starts_with(p));
    let whole = match relative {
        true => base
            .join(address)
            .map_err(|_| wrong("is not an address"))?
            .to_string(),
        false => address.to_owned(),
    };
    let next = RemoteSource::parse(&whole).map_err(|_| wrong("is not an address"))?;
    let to = Url::parse(&next.url).map_err(|_| wrong("is not an address"))?;
    if loses_encryption(base, &to) {
        return Err(wrong("is not encrypted"));
    }
    Ok(next)
}

/// The folder in a folder.
pub(crate) fn joined(outer: Option<String>, inner: Option<String>) -> Option<String> {
    match (outer, inner) {
        (Some(outer), Some(inner)) => Some(format!("{outer}/{inner}")),
        (outer, inner) => outer.or(inner),
    }
}

/// What an address says to the one who fetches rather than to the server.
#[derive(Default)]
struct Arguments {
    archive: Option<String>,
    checksum: Option<Expected>,
}

/// What an archive has to be.
enum Expected {
    Sum(Checksum),
    /// A list has it.
    In(Url),
}

impl Arguments {
    /// The format of the archive that a path is, if it is one.
    fn format(&self, path: &str) -> Result<Option<Format>, Problem> {
        match self.archive.as_deref() {
            Some("false" | "0") => Ok(None),
            Some(name) => match Format::named(name) {
                Some(format) => Ok(Some(format)),
                None => Err(Problem::fetching(format!(
                    "archives of the format {name:?} cannot be unpacked"
                ))
                .hint(format!("Use one of {}.", Format::names()))),
            },
            None => Ok(Format::of_path(path)),
        }
    }
}

/// Takes the arguments out of an address.
fn arguments(address: &str) -> Result<(Url, Arguments), Problem> {
    let mut url = Url::parse(address)
        .map_err(|e| Problem::fetching(format!("the address is not a URL: {e}")))?;
    let mut arguments = Arguments::default();
    let mut rest = Vec::new();
    let mut taken = false;
    for (name, value) in url.query_pairs() {
        match &*name {
            "archive" => arguments.archive = Some(value.into_owned()),
            "checksum" => arguments.checksum = Some(expected(&value)?),
            // What to call the file, which nobody gets to see.
            "filename" => {}
            _ => {
                rest.push((name.into_owned(), value.into_owned()));
                continue;
            }
        }
        taken = true;
    }
    // Left as it was written if nothing is taken out: it may be signed.
    if taken {
        match rest.is_empty() {
            true => url.set_query(None),
            false => {
                url.query_pairs_mut().clear().extend_pairs(&rest);
            }
        }
    }
    Ok((url, arguments))
}

/// Reads `kind:digits`, or `file:` and the address of a list of checksums.
fn expected(text: &str) -> Result<Expected, Problem> {
    let Some(list) = text.strip_prefix("file:") else {
        return Checksum::parse(text).map(Expected::Sum);
    };
    match Url::parse(list) {
        Ok(url) if matches!(url.scheme(), "http" | "https" | "file") => Ok(Expected::In(url)),
        _ => Err(Problem::fetching(format!(
            "the checksum is to be in {list:?}, which is not a URL with http, https or file"
        ))),
    }
}

async fn unpack_file(file: PathBuf, format: Format, into: PathBuf) -> Result<(), Problem> {
    blocking(move || {
        let unreadable = |e: std::io::Error| {
            Problem::fetching(format!("what was downloaded cannot be unpacked: {e}"))
        };
        fs::create_dir(&into).map_err(unreadable)?;
        unpack(File::open(&file).map_err(unreadable)?, format, &into)
    })
    .await
}

/// Runs what takes long off the thread that serves connections.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(_) => Err(Problem::fetching("the work was broken off")),
    }
}
