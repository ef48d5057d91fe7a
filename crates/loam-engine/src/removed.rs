//! Which `removed` block is about an object.

use loam_address::{InstanceAddr, ModuleAddr, ModulePath};
use loam_config::{Config, Removed};

/// The `removed` block that names an instance, with the module that holds it.
pub(crate) fn removed_block<'c>(
    config: &'c Config,
    addr: &InstanceAddr,
) -> Option<(&'c ModulePath, &'c Removed)> {
    config.modules.iter().find_map(|(path, module)| {
        module.removed.iter().find_map(|r| {
            let mut outer = addr.module.steps().to_vec();
            if outer.len() < path.names().len() {
                return None;
            }
            let inner = outer.split_off(path.names().len());
            let same = outer.iter().zip(path.names()).all(|(s, n)| s.name == *n);
            let relative = InstanceAddr {
                module: ModuleAddr::from_steps(inner),
                ..addr.clone()
            };
            (same && r.from.contains(&relative)).then_some((path, r))
        })
    })
}
