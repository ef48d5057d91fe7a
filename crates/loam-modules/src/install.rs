//! Installing: calls found, versions chosen, packages fetched and put in their places, and
//! the same again for the calls in them.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use futures::StreamExt;
use loam_config::{
    FoundCall, FoundCalls, Inputs, InstalledModule, Loader, Manifest, ModuleSource, RegistrySource,
    RemoteSource, find_calls,
};
use loam_diag::{Diagnostic, Diagnostics};

use crate::credentials::Credentials;
use crate::event::{Event, Observer};
use crate::folder::{ModulesFolder, module_dir, read_manifest};
use crate::package::{Fetcher, Package, Word};
use crate::problem::Problem;
use crate::registry::{Offered, Registries, choose};

/// How many packages are fetched at the same time.
const AT_ONCE: usize = 8;

/// What installing needs.
#[derive(Clone, Copy)]
pub struct Install<'a> {
    /// The way to the configuration; its `installed` is not looked at.
    pub loader: Loader<'a>,
    /// The root module's folder.
    pub root: &'a Path,
    /// The values given for the root module's variables.
    pub inputs: &'a Inputs,
    /// The folder for installed modules.
    pub dir: &'a Path,
    /// Fetch everything again, the newest versions that are allowed.
    pub upgrade: bool,
    /// What opens registries.
    pub credentials: &'a Credentials,
    /// The environment variables.
    pub environment: &'a BTreeMap<String, String>,
    /// Is told what happens.
    pub observer: &'a dyn Observer,
}

/// What installing led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installed {
    /// Where every module is.
    pub manifest: Manifest,
    /// The configuration calls modules.
    pub any: bool,
}

/// Installs every module that a configuration calls, and those that they call. Modules
/// that are there already are left alone unless `upgrade` is set; if all are, nothing is
/// asked of the network and nothing is written.
///
/// # Errors
///
/// Everything that could not be installed, at the call's `source`. What could be is
/// installed, and what was there before for the other calls is still there. If the
/// configuration itself is broken, nothing is changed.
pub async fn install(request: &Install<'_>) -> Result<Installed, Diagnostics> {
    // A damaged manifest is made anew.
    let old = read_manifest(request.dir).unwrap_or_default();
    let start = match request.upgrade {
        true => Manifest::new(),
        false => old.clone(),
    };
    let found = request.find(&start);
    if found.diagnostics.has_errors() {
        return Err(found.diagnostics);
    }
    let any = !found.calls.is_empty();
    let manifest = entries(&found, &start);
    let complete = found.calls.iter().all(|c| c.dir.is_some());
    if complete && manifest == old && !request.upgrade {
        return Ok(Installed { manifest, any });
    }
    let unusable = |e: std::io::Error| {
        Diagnostics::from(Diagnostic::error(
            "Modules cannot be installed",
            format!("The folder {} cannot be used: {e}.", request.dir.display()),
        ))
    };
    let folder = ModulesFolder::open(request.dir, || request.observer.event(Event::Waiting))
        .map_err(unusable)?;
    let fetcher = Fetcher::new(request.environment, folder.scratch())
        .map_err(|p| Diagnostics::from(p.diagnostic("No module can be fetched")))?;
    let disk = read_manifest(request.dir).unwrap_or_default();
    let mut run = Run {
        request,
        registries: Registries::new(&fetcher.http, request.credentials),
        fetcher: &fetcher,
        folder: &folder,
        current: match request.upgrade {
            true => Manifest::new(),
            false => disk.clone(),
        },
        disk: disk.clone(),
        failed: BTreeSet::new(),
        problems: Diagnostics::new(),
        offers: BTreeMap::new(),
        packages: BTreeMap::new(),
    };
    let found = run.all().await;
    let mut problems = run.problems;
    problems.append(found.diagnostics.clone());
    if problems.has_errors() {
        problems.sort();
        folder.write_manifest(&run.disk).map_err(unusable)?;
        return Err(problems);
    }
    let manifest = entries(&found, &run.current);
    folder.write_manifest(&manifest).map_err(unusable)?;
    for (key, module) in &disk.modules {
        let own = request.dir.join(key);
        if !manifest.modules.contains_key(key) && module.dir.starts_with(&own) && is_key(key) {
            folder.remove(key).map_err(unusable)?;
        }
    }
    Ok(Installed { manifest, any })
}

/// The manifest of the calls that were found.
fn entries(found: &FoundCalls, known: &Manifest) -> Manifest {
    let entry = |call: &FoundCall| {
        let key = call.key();
        let module = match &call.source {
            ModuleSource::Local(_) => local(call)?,
            _ => known.modules.get(&key)?.clone(),
        };
        Some((key, module))
    };
    Manifest {
        modules: found.calls.iter().filter_map(entry).collect(),
    }
}

fn local(call: &FoundCall) -> Option<InstalledModule> {
    Some(InstalledModule {
        source: call.source.to_string(),
        version: None,
        dir: call.dir.clone()?,
    })
}

/// The key of a call, and nothing that a damaged manifest could lead astray with.
fn is_key(key: &str) -> bool {
    key.split('.')
        .all(|name| !name.is_empty() && !name.contains(['/', '\\', ':']))
}

impl Install<'_> {
    fn find(&self, installed: &Manifest) -> FoundCalls {
        let loader = Loader {
            installed,
            ..self.loader
        };
        find_calls(&loader, self.root, self.inputs)
    }
}

/// One call that needs a package.
struct Wanted<'c> {
    call: &'c FoundCall,
    source: RemoteSource,
    /// The chosen version, of a module from a registry.
    version: Option<String>,
}

impl Wanted<'_> {
    /// The address that the user wrote, without its folder and its secrets.
    fn shown(&self) -> String {
        match &self.call.source {
            ModuleSource::Registry(module) => format!(
                "{}/{}/{}/{}",
                module.host, module.namespace, module.name, module.system
            ),
            _ => loam_config::without_secrets(&self.source.package()),
        }
    }
}

struct Run<'r> {
    request: &'r Install<'r>,
    registries: Registries<'r>,
    fetcher: &'r Fetcher,
    folder: &'r ModulesFolder,
    /// What was installed or is good as it is.
    current: Manifest,
    /// What the folder holds.
    disk: Manifest,
    /// The calls that were given up.
    failed: BTreeSet<String>,
    problems: Diagnostics,
    /// The versions of each module that was asked for.
    offers: BTreeMap<RegistrySource, Result<Vec<Offered>, Problem>>,
    packages: BTreeMap<String, Result<Package, Problem>>,
}

impl Run<'_> {
    /// Installs round by round, each one level deeper, until nothing is missing that could
    /// be had. Gives what was found last.
    async fn all(&mut self) -> FoundCalls {
        loop {
            let found = self.request.find(&self.current);
            for call in &found.calls {
                self.note_local(call);
            }
            let missing: Vec<&FoundCall> = found
                .calls
                .iter()
                .filter(|c| c.dir.is_none() && !matches!(c.source, ModuleSource::Local(_)))
                .filter(|c| !self.failed.contains(&c.key()))
                .collect();
            if missing.is_empty() {
                return found;
            }
            let wanted = self.resolve(&missing).await;
            self.fetch(wanted).await;
        }
    }

    fn note_local(&mut self, call: &FoundCall) {
        let (ModuleSource::Local(_), Some(module)) = (&call.source, local(call)) else {
            return;
        };
        let key = call.key();
        if self.current.modules.get(&key) != Some(&module) {
            self.told(&key, &module.dir);
            self.disk.modules.insert(key.clone(), module.clone());
            self.current.modules.insert(key, module);
        }
    }

    fn told(&self, key: &str, dir: &Path) {
        self.request.observer.event(Event::Installed {
            key: key.to_owned(),
            dir: dir.to_owned(),
        });
    }

    /// Works out where the modules are.
    async fn resolve<'c>(&mut self, missing: &[&'c FoundCall]) -> Vec<Wanted<'c>> {
        self.ask_versions(missing).await;
        let mut wanted = Vec::new();
        let mut chosen: Vec<(&'c FoundCall, RegistrySource, Offered)> = Vec::new();
        for call in missing.iter().copied() {
            match &call.source {
                ModuleSource::Local(_) => {}
                ModuleSource::Remote(source) => wanted.push(Wanted {
                    call,
                    source: source.clone(),
                    version: None,
                }),
                ModuleSource::Registry(module) => {
                    let offers = self.offers.get(&whole(module));
                    let choice = match offers {
                        Some(Ok(versions)) => choose(versions, call.version.as_ref()).cloned(),
                        Some(Err(problem)) => Err(problem.clone()),
                        None => continue,
                    };
                    match choice {
                        Ok(version) => chosen.push((call, module.clone(), version)),
                        Err(problem) => self.give_up(&[call], &problem),
                    }
                }
            }
        }
        let mut unique: Vec<(RegistrySource, Offered)> = Vec::new();
        for (_, module, version) in &chosen {
            let one = (whole(module), version.clone());
            if !unique.contains(&one) {
                unique.push(one);
            }
        }
        let registries = &self.registries;
        let locations: Vec<_> = futures::stream::iter(unique)
            .map(|(module, version)| async move {
                let location = registries.location(&module, &version).await;
                ((module, version), location)
            })
            .buffered(AT_ONCE)
            .collect()
            .await;
        for (call, module, version) in chosen {
            let key = (whole(&module), version);
            let Some((_, location)) = locations.iter().find(|(k, _)| *k == key) else {
                continue;
            };
            match location {
                Ok(source) => wanted.push(Wanted {
                    call,
                    source: RemoteSource {
                        subdir: crate::package::joined(source.subdir.clone(), module.subdir),
                        ..source.clone()
                    },
                    version: Some(key.1.version.to_string()),
                }),
                Err(problem) => self.give_up(&[call], problem),
            }
        }
        wanted.sort_by_key(|w| w.call.key());
        wanted
    }

    /// Asks registries for the versions of the modules that were not asked for yet.
    async fn ask_versions(&mut self, missing: &[&FoundCall]) {
        let modules: BTreeSet<RegistrySource> = missing
            .iter()
            .filter_map(|c| match &c.source {
                ModuleSource::Registry(module) => Some(whole(module)),
                _ => None,
            })
            .filter(|m| !self.offers.contains_key(m))
            .collect();
        let registries = &self.registries;
        let offers: Vec<_> = futures::stream::iter(modules)
            .map(|module| async move {
                let versions = registries.versions(&module).await;
                (module, versions)
            })
            .buffered(AT_ONCE)
            .collect()
            .await;
        self.offers.extend(offers);
    }

    /// Fetches packages, each once, and puts them in their places.
    async fn fetch(&mut self, wanted: Vec<Wanted<'_>>) {
        let mut groups: Vec<(String, Vec<Wanted<'_>>)> = Vec::new();
        for one in wanted {
            let package = one.source.package();
            match groups.iter_mut().find(|(p, _)| *p == package) {
                Some((_, group)) => group.push(one),
                None => groups.push((package, vec![one])),
            }
        }
        let known = RefCell::new(std::mem::take(&mut self.packages));
        let (fetcher, observer) = (self.fetcher, self.request.observer);
        let known_ref = &known;
        let mut fetched = futures::stream::iter(groups)
            .map(|(package, group)| {
                let before = known_ref.borrow().get(&package).cloned();
                // Told here, where the order does not depend on how fast others are.
                if let (None, Some(first)) = (&before, group.first()) {
                    announce(first, observer);
                }
                async move {
                    let result = match (before, group.first()) {
                        (Some(result), _) => result,
                        (None, Some(first)) => download(fetcher, first, observer).await,
                        (None, None) => return (package, group, None),
                    };
                    (package, group, Some(result))
                }
            })
            .buffered(AT_ONCE);
        while let Some((package, group, result)) = fetched.next().await {
            let Some(result) = result else { continue };
            match &result {
                Ok(package) => {
                    for one in &group {
                        if let Err(problem) = self.put(one, package) {
                            self.give_up(&[one.call], &problem);
                        }
                    }
                }
                Err(problem) => {
                    let calls: Vec<&FoundCall> = group.iter().map(|w| w.call).collect();
                    self.give_up(&calls, problem);
                }
            }
            known.borrow_mut().insert(package, result);
        }
        drop(fetched);
        self.packages = known.into_inner();
    }

    /// Puts a package in the place of a call.
    fn put(&mut self, wanted: &Wanted<'_>, package: &Package) -> Result<(), Problem> {
        let key = wanted.call.key();
        let subdir = crate::package::joined(package.subdir.clone(), wanted.source.subdir.clone());
        let inside = module_dir(&package.dir, subdir.as_deref())?;
        let unwritable = |e: std::io::Error| {
            Problem::fetching(format!("it cannot be written to its place: {e}"))
        };
        let place = if package.in_place {
            package.dir.clone()
        } else {
            // Until the new one is there with its entry, there is none.
            let old = self.disk.modules.remove(&key);
            if old.is_some() {
                self.folder.write_manifest(&self.disk).map_err(unwritable)?;
            }
            match self.folder.place(&package.dir, &key) {
                Ok(place) => place,
                Err(e) => {
                    self.disk.modules.extend(old.map(|m| (key.clone(), m)));
                    return Err(unwritable(e));
                }
            }
        };
        let dir = match inside.as_os_str().is_empty() {
            true => place,
            false => place.join(inside),
        };
        self.told(&key, &dir);
        let module = InstalledModule {
            source: wanted.call.source.without_secrets(),
            version: wanted.version.clone(),
            dir,
        };
        self.disk.modules.insert(key.clone(), module.clone());
        self.current.modules.insert(key, module);
        Ok(())
    }

    /// Says once what went wrong, at all calls that it concerns.
    fn give_up(&mut self, calls: &[&FoundCall], problem: &Problem) {
        let Some((first, others)) = calls.split_first() else {
            return;
        };
        let subject = match &first.source {
            ModuleSource::Registry(module) => format!(
                "The module {:?} ({}) cannot be installed",
                first.key(),
                module.package()
            ),
            source => format!(
                "The module {:?} cannot be fetched from {:?}",
                first.key(),
                source.without_secrets()
            ),
        };
        let mut diagnostic = problem.diagnostic(&subject);
        if let Some(at) = first.place {
            diagnostic = diagnostic.at(at);
        }
        for at in others.iter().filter_map(|c| c.place) {
            diagnostic = diagnostic.label(at, "it is called here, too");
        }
        self.problems.push(diagnostic);
        self.failed.extend(calls.iter().map(|c| c.key()));
    }
}

/// A module of a registry, without the folder that a call wants of it.
fn whole(module: &RegistrySource) -> RegistrySource {
    RegistrySource {
        subdir: None,
        ..module.clone()
    }
}

fn announce(wanted: &Wanted<'_>, observer: &dyn Observer) {
    observer.event(Event::Downloading {
        key: wanted.call.key(),
        source: wanted.shown(),
        version: wanted.version.clone(),
    });
}

async fn download(
    fetcher: &Fetcher,
    wanted: &Wanted<'_>,
    observer: &dyn Observer,
) -> Result<Package, Problem> {
    let key = wanted.call.key();
    let word = match wanted.call.source {
        ModuleSource::Registry(_) => Word::Network,
        _ => Word::User,
    };
    let received = |bytes: u64, whole: Option<u64>| {
        observer.event(Event::Received {
            key: key.clone(),
            bytes,
            whole,
        });
    };
    let result = fetcher.fetch(&wanted.source, word, &received).await;
    observer.event(Event::Ended { key: key.clone() });
    result
}
