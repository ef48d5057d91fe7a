//! What the `moved` blocks of a module say of each other and of what is declared.

use std::collections::BTreeSet;
use std::sync::Arc;

use loam_address::{InstanceKey, ModuleAddr, ModuleStep, ResourceAddr, Target};
use loam_diag::{Diagnostic, Diagnostics};
use loam_graph::Graph;
use rustc_hash::FxHashMap;

use super::names::{Declared, Repeated};
use super::refactor::{shown, still_there};
use crate::Moved;

/// Checks the `moved` blocks of a module.
pub(crate) fn check(moved: &[Moved], declared: &Declared, diags: &mut Diagnostics) {
    let ends = Ends::of(moved);
    for (i, statement) in moved.iter().enumerate() {
        if leaves_what_is_declared(statement, declared) {
            let detail = format!(
                "This block says that {} has moved, but it is still declared. Change its name, or \
                 remove the block.",
                shown(&statement.from)
            );
            diags.push(Diagnostic::error("Moved object still exists", detail).at(statement.span));
        }
        for other in ends.earlier(i).iter().filter_map(|o| moved.get(*o)) {
            diags.extend(ambiguous(other, statement));
        }
    }
    for cycle in ends.order().cycles() {
        let in_cycle = cycle.0.iter().filter_map(|id| moved.get(id.index()));
        let in_source: BTreeSet<_> = in_cycle.map(|m| (m.span, shown_move(m))).collect();
        let Some((first, _)) = in_source.first() else {
            continue;
        };
        let list: Vec<&str> = in_source.iter().map(|(_, text)| text.as_str()).collect();
        let detail = format!(
            "Which of these moves is first cannot be told, so there is no address that their \
             objects end up at:\n{}\nA chain of moves ends at an address that no other block \
             moves away from. What is in a module that moves can move within it, under the name \
             that the module has had or under the one that it gets.",
            list.join("\n")
        );
        diags.push(Diagnostic::error("Cyclic dependency in move statements", detail).at(*first));
    }
}

/// Of two blocks with an end in common: what is wrong if they do not say the same.
fn ambiguous(earlier: &Moved, later: &Moved) -> Option<Diagnostic> {
    let (one, other) = (Between::of(later)?, Between::of(earlier)?);
    let detail = match (one.from == other.from, one.to == other.to) {
        (true, false) => format!(
            "{} is said to have moved to {} and to {}. It can move to one address only.",
            shown(&later.from),
            shown(&earlier.to),
            shown(&later.to)
        ),
        (false, true) => format!(
            "{} and {} are both said to have moved to {}. An address can hold one object only.",
            shown(&earlier.from),
            shown(&later.from),
            shown(&later.to)
        ),
        _ => return None,
    };
    let problem = Diagnostic::error("Ambiguous move statements", detail);
    Some(
        problem
            .at(later.span)
            .label(earlier.span, "the other is here"),
    )
}

fn shown_move(moved: &Moved) -> String {
    format!("  {} → {}", shown(&moved.from), shown(&moved.to))
}

/// Whether a block is still declared that the statement moves away as a whole.
fn leaves_what_is_declared(statement: &Moved, declared: &Declared) -> bool {
    let single = match &statement.from {
        Target::Resource(r) => declared
            .resources
            .get(&r.resource)
            .is_some_and(|d| d.repeated == Repeated::No),
        Target::Module(m) => match m.steps() {
            [s] => declared
                .calls
                .get(&s.name)
                .is_some_and(|c| c.repeated == Repeated::No),
            _ => false,
        },
        Target::Instance(_) => false,
    };
    let has_key = |m: &ModuleAddr| m.steps().iter().any(|s| s.key != InstanceKey::None);
    let whole = match &statement.to {
        Target::Resource(_) => true,
        Target::Module(m) => !has_key(m),
        Target::Instance(_) => false,
    };
    let from_whole = match &statement.from {
        Target::Module(m) => !has_key(m),
        _ => true,
    };
    from_whole && still_there(&statement.from, declared) && (whole || single)
}

/// One end of a move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct End<'m> {
    /// The module that it is in.
    within: &'m [ModuleStep],
    block: Block<'m>,
    /// One instance; without, all of them.
    key: Option<&'m InstanceKey>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Block<'m> {
    Call(&'m Arc<str>),
    Resource(&'m ResourceAddr),
}

impl<'m> End<'m> {
    /// The end that an address is: of the move of one instance, or of that of all.
    fn of(target: &'m Target, one: bool) -> Option<End<'m>> {
        let (within, block, key) = match target {
            Target::Module(m) => {
                let (last, within) = m.steps().split_last()?;
                (within, Block::Call(&last.name), &last.key)
            }
            Target::Resource(r) => {
                let block = Block::Resource(&r.resource);
                (r.module.steps(), block, &InstanceKey::None)
            }
            Target::Instance(i) => (i.module.steps(), Block::Resource(&i.resource), &i.key),
        };
        Some(End {
            within,
            block,
            key: one.then_some(key),
        })
    }

    fn whole(self) -> End<'m> {
        End { key: None, ..self }
    }

    /// All that it is a part of: the block that it is an instance of, and the modules that
    /// it is in.
    fn around(self) -> impl Iterator<Item = End<'m>> {
        let modules = self.within.iter().enumerate().filter_map(move |(i, step)| {
            let module = End {
                within: self.within.get(..i)?,
                block: Block::Call(&step.name),
                key: Some(&step.key),
            };
            Some([module, module.whole()])
        });
        let block = self.key.map(|_| self.whole());
        block.into_iter().chain(modules.flatten())
    }
}

/// Where a statement starts and where it ends.
#[derive(Clone, Copy)]
struct Between<'m> {
    from: End<'m>,
    to: End<'m>,
}

impl<'m> Between<'m> {
    /// `None`: one of the ends is the root module, which is refused elsewhere.
    fn of(statement: &'m Moved) -> Option<Between<'m>> {
        let one = statement.is_about_one();
        Some(Between {
            from: End::of(&statement.from, one)?,
            to: End::of(&statement.to, one)?,
        })
    }
}

/// The ends of the `moved` blocks of a module, and which blocks have them.
struct Ends<'m> {
    all: Vec<Option<Between<'m>>>,
    from: FxHashMap<End<'m>, Vec<usize>>,
    to: FxHashMap<End<'m>, Vec<usize>>,
    /// Moves to single instances, by the block that these are of.
    to_one_of: FxHashMap<End<'m>, Vec<usize>>,
}

impl<'m> Ends<'m> {
    fn of(moved: &'m [Moved]) -> Ends<'m> {
        let mut ends = Ends {
            all: moved.iter().map(Between::of).collect(),
            from: FxHashMap::default(),
            to: FxHashMap::default(),
            to_one_of: FxHashMap::default(),
        };
        for (i, between) in ends.all.iter().enumerate() {
            let Some(Between { from, to }) = *between else {
                continue;
            };
            ends.from.entry(from).or_default().push(i);
            ends.to.entry(to).or_default().push(i);
            if to.key.is_some() {
                ends.to_one_of.entry(to.whole()).or_default().push(i);
            }
        }
        ends
    }

    /// The statements before one that have an end in common with it, in source order.
    fn earlier(&self, statement: usize) -> BTreeSet<usize> {
        let between = self.all.get(statement).copied().flatten();
        let with_it = between.into_iter().flat_map(|b| {
            let from = self.from.get(&b.from).into_iter().flatten();
            from.chain(self.to.get(&b.to).into_iter().flatten())
        });
        with_it.copied().filter(|i| *i < statement).collect()
    }

    /// Which statement has to be carried out before which: what moves to an address before
    /// what moves on from there, and what moves within a block before the block moves away,
    /// and after it has moved there. As Terraform orders them.
    fn order(&self) -> Graph<usize> {
        let mut graph = Graph::new();
        let nodes: Vec<_> = (0..self.all.len()).map(|i| graph.add(i)).collect();
        let mut need = |waits: usize, needed: usize| {
            if let (Some(waits), Some(needed)) = (nodes.get(waits), nodes.get(needed))
                && waits != needed
            {
                graph.need(*waits, *needed);
            }
        };
        let at = |ends: &FxHashMap<End<'m>, Vec<usize>>, end: &End<'m>| {
            ends.get(end).cloned().unwrap_or_default()
        };
        for (i, between) in self.all.iter().enumerate() {
            let Some(Between { from, to }) = *between else {
                continue;
            };
            let mut before = at(&self.to, &from);
            match from.key {
                Some(_) => before.extend(at(&self.to, &from.whole())),
                None => before.extend(at(&self.to_one_of, &from)),
            }
            for needed in before {
                need(i, needed);
            }
            for outer in from.around().chain(to.around()) {
                for waits in at(&self.from, &outer) {
                    need(waits, i);
                }
                for needed in at(&self.to, &outer) {
                    need(i, needed);
                }
            }
        }
        graph
    }
}
