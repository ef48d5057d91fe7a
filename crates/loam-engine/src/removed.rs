//! Which `removed` block is about an object.

use loam_address::{InstanceAddr, ModulePath};
use loam_config::{Config, Removed};

/// The `removed` block that names an instance, with the module that holds it: one of those
/// that the instance is in, the outermost first.
pub(crate) fn removed_block<'c>(
    config: &'c Config,
    addr: &InstanceAddr,
) -> Option<(&'c ModulePath, &'c Removed)> {
    let full = addr.module.path();
    let mut within: Vec<ModulePath> =
        std::iter::successors(Some(full.clone()), ModulePath::parent).collect();
    within.reverse();
    within.iter().find_map(|path| {
        let (path, module) = config.modules.get_key_value(path)?;
        // Nearly all modules have none, and every object of a plan is asked about.
        if module.removed.is_empty() {
            return None;
        }
        let below = full.names().iter().skip(path.names().len()).cloned();
        let below = below.fold(ModulePath::root(), |p, name| p.child(name));
        Some((path, module.removed.find(below, &addr.resource)?))
    })
}
