//! A copy of a module as the beginning of a configuration (`init -from-module`).

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use loam_config::{ModuleSource, RegistrySource, RemoteSource, SourceError, without_secrets};
use loam_diag::Diagnostic;

use crate::credentials::Credentials;
use crate::event::{Event, Observer};
use crate::folder::{ModulesFolder, copy, module_dir};
use crate::package::{Fetcher, Word, joined};
use crate::problem::Problem;
use crate::registry::{Registries, choose};

/// What copying a module needs.
#[derive(Clone, Copy)]
pub struct FromModule<'a> {
    /// The module's address, as a `source` would have it.
    pub source: &'a str,
    /// The folder that gets the files.
    pub root: &'a Path,
    /// The folder for installed modules, for what is not finished.
    pub dir: &'a Path,
    /// What opens registries.
    pub credentials: &'a Credentials,
    /// The environment variables.
    pub environment: &'a BTreeMap<String, String>,
    /// Is told what happens.
    pub observer: &'a dyn Observer,
}

/// Fetches a module, of a registry the newest version, and copies its files.
///
/// # Errors
///
/// It cannot be fetched, or a file would be overwritten. Nothing is copied then.
pub async fn copy_module(request: &FromModule<'_>) -> Result<(), Diagnostic> {
    let shown = without_secrets(request.source);
    let subject = format!("The module {shown:?} cannot be copied");
    request
        .carry_out()
        .await
        .map_err(|problem| problem.diagnostic(&subject))
}

impl FromModule<'_> {
    async fn carry_out(&self) -> Result<(), Problem> {
        let unusable = |e: std::io::Error| {
            Problem::fetching(format!(
                "the folder {} cannot be used: {e}",
                self.dir.display()
            ))
        };
        let folder = ModulesFolder::open(self.dir, || self.observer.event(Event::Waiting))
            .map_err(unusable)?;
        let fetcher = Fetcher::new(self.environment, folder.scratch())?;
        let module = self.fetch(&fetcher).await?;
        let new = folder.scratch().join("root.new");
        let uncopied = |e: std::io::Error| Problem::fetching(format!("copying it failed: {e}"));
        copy(&module, &new).map_err(uncopied)?;
        let names: Vec<_> = fs::read_dir(&new)
            .map_err(uncopied)?
            .map(|entry| entry.map(|e| e.file_name()))
            .collect::<Result<_, _>>()
            .map_err(uncopied)?;
        if let Some(there) = names.iter().find(|n| self.root.join(n).exists()) {
            return Err(Problem::fetching(format!(
                "it has {:?}, which is here already",
                there.to_string_lossy()
            ))
            .hint("Run the command in an empty directory."));
        }
        for name in names {
            fs::rename(new.join(&name), self.root.join(&name)).map_err(uncopied)?;
        }
        Ok(())
    }

    /// The folder of the module's files.
    async fn fetch(&self, fetcher: &Fetcher) -> Result<PathBuf, Problem> {
        let source = ModuleSource::parse(self.source).map_err(|e| match e {
            SourceError::MaybeLocal => Problem::fetching("it is not an address")
                .hint("A local folder starts with ./ or ../."),
            SourceError::Other(why) => Problem::fetching(why),
        })?;
        let (remote, word) = match source {
            ModuleSource::Local(path) => {
                let dir = self.root.join(path);
                module_dir(&dir, None)?;
                return Ok(dir);
            }
            ModuleSource::Remote(remote) => (remote, Word::User),
            ModuleSource::Registry(module) => (self.newest(fetcher, &module).await?, Word::Network),
        };
        let received = |_: u64, _: Option<u64>| {};
        let package = fetcher.fetch(&remote, word, &received).await?;
        let subdir = joined(package.subdir.clone(), remote.subdir);
        Ok(package
            .dir
            .join(module_dir(&package.dir, subdir.as_deref())?))
    }

    async fn newest(
        &self,
        fetcher: &Fetcher,
        module: &RegistrySource,
    ) -> Result<RemoteSource, Problem> {
        let registries = Registries::new(&fetcher.http, self.credentials);
        let versions = registries.versions(module).await?;
        let version = choose(&versions, None)?;
        registries.location(module, version).await
    }
}
