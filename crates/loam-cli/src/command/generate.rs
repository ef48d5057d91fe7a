//! `loam plan -generate-config-out=FILE`: configuration for imported objects without any.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use loam_address::{InstanceAddr, ResourceAddr};
use loam_config::{Config, DiskFiles, ProviderRef, WithFile};
use loam_diag::{Diagnostic, Diagnostics, SourceMap};
use loam_engine::{Inputs, Wish, look_up, missing_blocks};
use loam_render::generated::{self, Generated, Imported};
use loam_state::{Instance, Store};
use loam_value::Value;

use super::usage;
use crate::progress::Progress;
use crate::session::{Session, given_again, timestamp};
use crate::view::View;

/// What was generated.
pub struct Generation {
    /// Where it was written.
    pub path: PathBuf,
    /// The objects, so that they need not be read again.
    pub found: BTreeMap<InstanceAddr, Instance>,
    /// The block of each.
    pub blocks: BTreeMap<InstanceAddr, Generated>,
    /// The configuration with the blocks.
    pub config: Config,
}

/// Refuses a file that is there already: what is in it may be somebody's work.
pub fn check_target(path: &Path) -> Result<(), Diagnostics> {
    if !path.exists() {
        return Ok(());
    }
    let detail = format!(
        "Loam writes generated configuration only to a new file, and {} exists. Choose another name, or move what is in it to where it belongs and delete it.",
        path.display()
    );
    Err(usage("Target generated file already exists", detail))
}

/// A block to be generated.
struct Missing {
    address: InstanceAddr,
    /// The provider configuration that the `import` block names.
    provider: Option<String>,
}

/// Looks up the objects whose resources have no block and writes one for each. `None` if
/// there are none of these.
pub async fn generate(
    session: &Session,
    (config, variables): (&Config, &BTreeMap<Arc<str>, Value>),
    store: &Store,
    (path, parallelism): (&Path, usize),
    view: &View,
) -> Result<Option<Generation>, Diagnostics> {
    let missing = missing(config, &session.sources)?;
    if missing.is_empty() {
        return Ok(None);
    }
    let given = given_again(variables);
    let name = file_name(path);
    let skeleton = skeleton(&missing);
    let with_skeleton = WithFile {
        files: &DiskFiles,
        name: &name,
        text: &skeleton,
    };
    let incomplete: BTreeSet<ResourceAddr> =
        missing.iter().map(|m| m.address.resource.clone()).collect();
    let (loaded, diagnostics) =
        session.load_incomplete(&with_skeleton, &given, &incomplete, Path::new("."));
    let Some(loaded) = loaded else {
        return Err(diagnostics);
    };
    let surroundings = session.surroundings(&timestamp(), false);
    let progress = Progress::new(view, &session.sources);
    let state = store.snapshot().map_err(|e| e.diagnostic())?;
    let inputs = Inputs {
        config: &loaded,
        root_dir: Path::new("."),
        registry: &session.registry,
        state: Arc::new(state),
        open_intents: store.open_intents().map_err(|e| e.diagnostic())?,
        open_invocations: Vec::new(),
        variables,
        surroundings: &surroundings,
        observer: &progress,
    };
    let wishes: Vec<Wish> = missing
        .iter()
        .map(|m| Wish {
            address: m.address.clone(),
            id: None,
        })
        .collect();
    let (found, diagnostics) = look_up(inputs, &wishes, parallelism).await;
    drop(progress);
    if diagnostics.has_errors() {
        return Err(diagnostics);
    }
    let (text, blocks) = write(session, &missing, &found);
    save(path, &text)?;
    let with_blocks = WithFile {
        files: &DiskFiles,
        name: &name,
        text: &text,
    };
    let (config, diagnostics) = session.load_from(&with_blocks, &config.installed, &given);
    let Some(config) = config else {
        // It stays: with it, the user sees what is missing.
        view.line(note(path));
        return Err(diagnostics);
    };
    Ok(Some(Generation {
        path: path.to_owned(),
        found: found.into_iter().map(|(a, (i, _))| (a, i)).collect(),
        blocks,
        config,
    }))
}

/// The blocks that `import` blocks lack. `sources` has the texts of the configuration.
fn missing(config: &Config, sources: &SourceMap) -> Result<Vec<Missing>, Diagnostics> {
    // As it is written: with the key of an instance, if it has one.
    let named = |p: &ProviderRef| match (&p.key, p.span) {
        (Some(_), Some(span)) => sources.text(span).trim_matches('"').to_owned(),
        _ => p.config.to_string(),
    };
    let mut problems = Diagnostics::new();
    let mut out: Vec<Missing> = Vec::new();
    for (import, address) in missing_blocks(config) {
        match address {
            Ok(address) if out.iter().any(|m| m.address == address) => {
                let detail = format!("Another import block imports to {address}, too.");
                problems.push(
                    Diagnostic::error("Duplicate import configuration", detail).at(import.span),
                );
            }
            Ok(address) => out.push(Missing {
                address,
                provider: import.provider.as_ref().map(named),
            }),
            Err(d) => problems.push(d),
        }
    }
    if problems.has_errors() {
        Err(problems)
    } else {
        Ok(out)
    }
}

/// The name under which the blocks are part of the root module.
fn file_name(path: &Path) -> String {
    let here = path
        .parent()
        .is_none_or(|p| p == Path::new("") || p == Path::new("."));
    let name = path.file_name().and_then(|n| n.to_str());
    match name {
        Some(name) if here && (name.ends_with(".tf") || name.ends_with(".hcl")) => name.to_owned(),
        _ => {
            let free = |n: &u32| !Path::new(&format!("generated-{n}.tf")).exists();
            let n = (1..).find(free).unwrap_or(0);
            format!("generated-{n}.tf")
        }
    }
}

fn skeleton(missing: &[Missing]) -> String {
    let block = |m: &Missing| {
        let provider = m
            .provider
            .as_ref()
            .map(|p| format!("  provider = {p}\n"))
            .unwrap_or_default();
        let r = &m.address.resource;
        format!("resource \"{}\" \"{}\" {{\n{provider}}}\n", r.kind, r.name)
    };
    missing.iter().map(block).collect()
}

fn write(
    session: &Session,
    missing: &[Missing],
    found: &BTreeMap<InstanceAddr, (Instance, String)>,
) -> (String, BTreeMap<InstanceAddr, Generated>) {
    let mut blocks = BTreeMap::new();
    // Long, and of every kind of character that rules for passwords ask for.
    let mut secret = || format!("Loam-{}", uuid::Uuid::new_v4());
    for m in missing {
        let Some((instance, id)) = found.get(&m.address) else {
            continue;
        };
        let schema = session
            .registry
            .iter()
            .find_map(|(_, p)| p.schema().resources.get(&m.address.resource.kind));
        let Some(schema) = schema else { continue };
        let object = Imported {
            address: &m.address,
            id,
            provider: m.provider.clone(),
            schema: &schema.block,
            value: &instance.value,
        };
        blocks.insert(m.address.clone(), generated::block(&object, &mut secret));
    }
    let in_order = missing.iter().filter_map(|m| {
        let id = found.get(&m.address).map(|(_, id)| id.as_str())?;
        Some((id, blocks.get(&m.address)?))
    });
    (generated::file(in_order), blocks)
}

fn save(path: &Path, text: &str) -> Result<(), Diagnostic> {
    let failed = |e: std::io::Error| {
        Diagnostic::error(
            "Failed to create target generated file",
            format!("{} cannot be written: {e}.", path.display()),
        )
    };
    let mut file = std::fs::File::create_new(path).map_err(failed)?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(failed)
}

/// Tells where the configuration is.
pub fn note(path: &Path) -> String {
    format!(
        "\nLoam has generated configuration and written it to {}. Please review the configuration and edit it as necessary before adding it to version control.",
        path.display()
    )
}

/// The arguments that the user has to look at.
pub fn warning(blocks: &BTreeMap<InstanceAddr, Generated>) -> Option<Diagnostic> {
    let named: Vec<String> = blocks
        .iter()
        .filter(|(_, b)| !b.stand_ins.is_empty())
        .map(|(a, b)| format!("  {a}: {}", b.stand_ins.join(", ")))
        .collect();
    if named.is_empty() {
        return None;
    }
    let detail = format!(
        "The values of these arguments are not in the generated configuration, because the provider does not tell them or they are secrets:\n\n{}\n\nWhat is there stands in for them, and ignore_changes keeps it from changing anything. Before an object is ever created anew from it, they have to be set.",
        named.join("\n")
    );
    Some(Diagnostic::warning(
        "Generated values to be replaced",
        detail,
    ))
}
