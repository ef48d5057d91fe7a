//! Which `removed` block is about an object.

use loam_address::{InstanceAddr, ModuleAddr, ModulePath};
use loam_config::{Config, Removed};

/// The `removed` block that names an instance, with the module that holds it: one of those
/// that the instance is in, the outermost first.
pub(crate) fn removed_block<'c>(
    config: &'c Config,
    addr: &InstanceAddr,
) -> Option<(&'c ModulePath, &'c Removed)> {
    let mut within: Vec<ModulePath> =
        std::iter::successors(Some(addr.module.path()), ModulePath::parent).collect();
    within.reverse();
    within.iter().find_map(|path| {
        let (path, module) = config.modules.get_key_value(path)?;
        let inner = || addr.module.steps().iter().skip(path.names().len()).cloned();
        let named = |r: &&Removed| {
            r.from.contains(&InstanceAddr {
                module: ModuleAddr::from_steps(inner().collect()),
                ..addr.clone()
            })
        };
        Some((path, module.removed.iter().find(named)?))
    })
}
