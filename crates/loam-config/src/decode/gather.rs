//! The blocks of a folder by type: repeated names refused, overrides put to what they
//! change.

use std::sync::{Arc, LazyLock};

use loam_address::is_identifier;
use loam_diag::{Diagnostic, Diagnostics, Span};
use loam_syntax::ast::BodySchema;
use loam_syntax::{Attribute, Block, Body};
use rustc_hash::FxHashMap;

use super::open::{Layered, open, open_attributes, schema};

static FILE: LazyLock<BodySchema> = LazyLock::new(|| {
    schema(
        &[],
        &[
            ("terraform", &[]),
            ("loam", &[]),
            ("required_providers", &[]),
            ("provider", &["name"]),
            ("variable", &["name"]),
            ("locals", &[]),
            ("output", &["name"]),
            ("module", &["name"]),
            ("resource", &["type", "name"]),
            ("data", &["type", "name"]),
            ("ephemeral", &["type", "name"]),
            ("moved", &[]),
            ("removed", &[]),
            ("import", &[]),
            ("check", &["name"]),
            ("action", &["type", "name"]),
        ],
    )
});

/// A parsed file.
#[derive(Debug)]
pub(crate) struct ParsedFile {
    pub body: Body,
    /// Its blocks change those of other files.
    pub overrides: bool,
}

/// The blocks of a folder.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gathered {
    /// `terraform` and `loam` blocks; those of override files last.
    pub settings: Vec<(Block, bool)>,
    pub providers: Vec<Layered>,
    pub variables: Vec<Layered>,
    pub locals: Vec<Attribute>,
    pub outputs: Vec<Layered>,
    pub calls: Vec<Layered>,
    /// `resource` and `data` blocks.
    pub resources: Vec<Layered>,
    pub moved: Vec<Block>,
    pub removed: Vec<Block>,
    pub imports: Vec<Block>,
    pub checks: Vec<Block>,
    pub actions: Vec<Layered>,
}

/// Where a block with a name was declared first.
type Seen = FxHashMap<Vec<Arc<str>>, (usize, Span)>;

/// Sorts the blocks of a folder's files.
pub(crate) fn gather(files: Vec<ParsedFile>, diags: &mut Diagnostics) -> Gathered {
    let mut out = Gathered::default();
    let mut seen: FxHashMap<&'static str, Seen> = FxHashMap::default();
    for file in files {
        let content = open(&file.body, &FILE, diags);
        for block in content.blocks {
            if file.overrides {
                out.lay_over(block, &mut seen, diags);
            } else {
                out.add(block, &mut seen, diags);
            }
        }
    }
    out
}

impl Gathered {
    fn add(
        &mut self,
        block: Block,
        seen: &mut FxHashMap<&'static str, Seen>,
        diags: &mut Diagnostics,
    ) {
        if !labels_are_names(&block, diags) {
            return;
        }
        match &*block.kind.name {
            "terraform" | "loam" => self.settings.push((block, false)),
            "locals" => {
                let entries = open_attributes(&block.body, diags);
                let seen = seen.entry("local").or_default();
                for entry in entries {
                    if !is_name("local value", &entry.name.name, entry.name.span, diags) {
                        continue;
                    }
                    let key = vec![entry.name.name.clone()];
                    if let Some((_, first)) = seen.get(&key) {
                        diags.push(duplicate(
                            "Duplicate local value definition".into(),
                            format!("The local value \"{}\"", entry.name.name),
                            entry.name.span,
                            *first,
                        ));
                        continue;
                    }
                    seen.insert(key, (self.locals.len(), entry.name.span));
                    self.locals.push(entry);
                }
            }
            "provider" => {
                // Configurations of one provider differ in their alias, which only
                // decoding tells.
                self.providers.push(Layered {
                    block,
                    overrides: Vec::new(),
                });
            }
            "moved" => self.moved.push(block),
            "removed" => self.removed.push(block),
            "import" => self.imports.push(block),
            "check" => {
                let seen = seen.entry("check").or_default();
                if is_new(&block, self.checks.len(), seen, diags) {
                    self.checks.push(block);
                }
            }
            "ephemeral" => diags.push(
                Diagnostic::error(
                    "Unsupported block type",
                    "Ephemeral resources are not supported: none of the providers at hand has \
                     any.",
                )
                .at(block.header),
            ),
            "required_providers" => diags.push(
                Diagnostic::error(
                    "Unsupported block type",
                    "A \"required_providers\" block belongs into a \"terraform\" block.",
                )
                .at(block.header),
            ),
            _ => {
                let Some((name, list)) = self.named(&block.kind.name) else {
                    return;
                };
                let seen = seen.entry(name).or_default();
                if is_new(&block, list.len(), seen, diags) {
                    list.push(Layered {
                        block,
                        overrides: Vec::new(),
                    });
                }
            }
        }
    }

    /// The blocks of a type that are told apart by their labels.
    fn named(&mut self, kind: &str) -> Option<(&'static str, &mut Vec<Layered>)> {
        Some(match kind {
            "variable" => ("variable", &mut self.variables),
            "output" => ("output", &mut self.outputs),
            "module" => ("module", &mut self.calls),
            "resource" => ("resource", &mut self.resources),
            "data" => ("data", &mut self.resources),
            "action" => ("action", &mut self.actions),
            _ => return None,
        })
    }

    fn lay_over(
        &mut self,
        block: Block,
        seen: &mut FxHashMap<&'static str, Seen>,
        diags: &mut Diagnostics,
    ) {
        let kind = block.kind.name.clone();
        match &*kind {
            "terraform" | "loam" => self.settings.push((block, true)),
            "locals" => {
                for entry in open_attributes(&block.body, diags) {
                    let key = vec![entry.name.name.clone()];
                    let at = seen.get("local").and_then(|s| s.get(&key)).map(|(i, _)| *i);
                    match at.and_then(|i| self.locals.get_mut(i)) {
                        Some(base) => *base = entry,
                        None => diags.push(missing_base(
                            "Missing base local value definition to override",
                            &format!("local value named \"{}\"", entry.name.name),
                            entry.name.span,
                        )),
                    }
                }
            }
            "provider" => self.lay_over_provider(block, diags),
            // What is gone is nobody's: there is nothing to be laid over.
            "removed" => self.removed.push(block),
            "moved" | "import" | "check" | "ephemeral" | "required_providers" => diags.push(
                Diagnostic::error(
                    format!("Cannot override '{kind}' blocks"),
                    format!(
                        "Blocks of type \"{kind}\" can be written in ordinary files only, \
                             not in override files."
                    ),
                )
                .at(block.header),
            ),
            _ => {
                let key: Vec<Arc<str>> = block.labels.iter().map(|l| l.name.clone()).collect();
                let Some((name, list)) = self.named(&kind) else {
                    return;
                };
                let at = seen.get(name).and_then(|s| s.get(&key)).map(|(i, _)| *i);
                match at.and_then(|i| list.get_mut(i)) {
                    Some(base) => base.overrides.push(block),
                    None => {
                        let labels: Vec<String> = key.iter().map(|l| format!("\"{l}\"")).collect();
                        diags.push(missing_base(
                            match name {
                                "variable" => "Missing base variable declaration to override",
                                "output" => "Missing base output definition to override",
                                "module" => "Missing module call to override",
                                "data" => "Missing data resource to override",
                                "action" => "Missing action to override",
                                _ => "Missing resource to override",
                            },
                            &format!("{kind} block {}", labels.join(" ")),
                            block.header,
                        ));
                    }
                }
            }
        }
    }

    fn lay_over_provider(&mut self, block: Block, diags: &mut Diagnostics) {
        let identity = |b: &Block| (b.labels.first().map(|l| l.name.clone()), alias(&b.body));
        let wanted = identity(&block);
        let base = self
            .providers
            .iter_mut()
            .find(|p| identity(&p.block) == wanted);
        match base {
            Some(base) => base.overrides.push(block),
            None if wanted.1.is_none() => self.providers.push(Layered {
                block,
                overrides: Vec::new(),
            }),
            None => diags.push(missing_base(
                "Missing base provider configuration for override",
                "provider configuration with this alias",
                block.header,
            )),
        }
    }
}

/// The alias of a provider block; none if there is none or it is not a plain string.
fn alias(body: &Body) -> Option<Arc<str>> {
    let schema = schema(&["alias"], &[]);
    let content = open(body, &schema, &mut Diagnostics::new());
    let attribute = content.get("alias")?;
    loam_eval::static_keyword(&attribute.expr).map(|i| i.name)
}

fn is_new(block: &Block, index: usize, seen: &mut Seen, diags: &mut Diagnostics) -> bool {
    let key: Vec<Arc<str>> = block.labels.iter().map(|l| l.name.clone()).collect();
    if let Some((_, first)) = seen.get(&key) {
        let kind = &*block.kind.name;
        let name = key.last().map_or("", |n| n);
        let ty = key.first().map_or("", |n| n);
        let summary = match kind {
            "variable" => "Duplicate variable declaration".to_owned(),
            "output" => "Duplicate output definition".to_owned(),
            "module" => "Duplicate module call".to_owned(),
            _ => format!("Duplicate {kind} \"{ty}\" configuration"),
        };
        let what = match kind {
            "resource" | "action" => format!("The {kind} {ty}.{name}"),
            "data" => format!("The data resource {ty}.{name}"),
            _ => format!("The {kind} \"{name}\""),
        };
        diags.push(duplicate(summary, what, block.header, *first));
        return false;
    }
    seen.insert(key, (index, block.header));
    true
}

fn duplicate(summary: String, what: String, at: Span, first: Span) -> Diagnostic {
    Diagnostic::error(
        summary,
        format!("{what} is declared already. Names have to be unique within a module."),
    )
    .at(at)
    .label(first, "the first is here")
}

fn missing_base(summary: &str, what: &str, at: Span) -> Diagnostic {
    Diagnostic::error(
        summary,
        format!(
            "There is no {what} that this could override. An override file can only change \
             what other files declare."
        ),
    )
    .at(at)
}

fn labels_are_names(block: &Block, diags: &mut Diagnostics) -> bool {
    let kind = &*block.kind.name;
    let what = |i: usize| match (kind, i) {
        ("resource", 0) => "resource type",
        ("resource", _) => "resource",
        ("data", 0) => "data source",
        ("data", _) => "data resource",
        ("module", _) => "module instance",
        ("action", 0) => "action type",
        ("provider", _) => "provider",
        ("variable", _) => "variable",
        ("output", _) => "output",
        ("check", _) => "check",
        _ => "action",
    };
    let mut good = true;
    for (i, label) in block.labels.iter().enumerate() {
        good &= is_name(what(i), &label.name, label.span, diags);
    }
    good
}

/// Reports a text that is not a name.
pub(crate) fn is_name(what: &str, text: &str, at: Span, diags: &mut Diagnostics) -> bool {
    if is_identifier(text) {
        return true;
    }
    diags.push(
        Diagnostic::error(
            format!("Invalid {what} name"),
            format!(
                "\"{text}\" is not a name: a name starts with a letter or underscore and goes \
                 on with letters, digits, underscores and dashes."
            ),
        )
        .at(at),
    );
    false
}
