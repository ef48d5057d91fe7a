//! What a plan is asked for.

use std::collections::BTreeMap;

use loam_address::{ActionInstanceAddr, InstanceAddr, Target};
use loam_provider::ReadDepth;
use loam_state::Instance;

use crate::plan::Mode;

/// What kind of plan to make.
#[derive(Clone, Debug)]
pub struct Options {
    /// Normal, destroy, or refresh only.
    pub mode: Mode,
    /// Read live objects before planning.
    pub refresh: bool,
    /// How thoroughly.
    pub depth: ReadDepth,
    /// Only these and what they need.
    pub targets: Vec<Target>,
    /// Not these nor what needs them.
    pub excludes: Vec<Target>,
    /// Replace these even without a change.
    pub replace: Vec<InstanceAddr>,
    /// The actions to run, in the mode that does nothing else.
    pub invoke: Vec<ActionInstanceAddr>,
    /// Objects to import, from the command line: address and id.
    pub imports: Vec<(InstanceAddr, String)>,
    /// Only look up what is to be imported: nothing else is read or planned.
    pub only_imports: bool,
    /// Objects to import that were looked up before, so that they are not read again.
    pub found: BTreeMap<InstanceAddr, Instance>,
    /// Operations in flight at most.
    pub parallelism: usize,
}

impl Options {
    /// Whether parts of the configuration are not looked at.
    pub(super) fn is_partial(&self) -> bool {
        self.mode != Mode::Normal || !self.targets.is_empty() || !self.excludes.is_empty()
    }
}

impl Default for Options {
    fn default() -> Options {
        Options {
            mode: Mode::Normal,
            refresh: true,
            depth: ReadDepth::Sparing,
            targets: Vec::new(),
            excludes: Vec::new(),
            replace: Vec::new(),
            invoke: Vec::new(),
            imports: Vec::new(),
            only_imports: false,
            found: BTreeMap::new(),
            parallelism: 10,
        }
    }
}
