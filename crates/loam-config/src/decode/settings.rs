//! `terraform` and `loam` blocks.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use loam_diag::{Diagnostic, Diagnostics, Span};
use loam_eval::{
    eval_constant, static_key, static_keyword, static_list, static_map, static_traversal,
};
use loam_provider::Registry;
use loam_syntax::ast::{BodySchema, Expr, Step};
use loam_syntax::{Attribute, Block};
use loam_value::Type;

use super::constant::constant;
use super::gather::is_name;
use super::open::{Opened, open, open_attributes, schema};
use super::provider::{built_in, built_in_has_no_version, provider_kind, source_kind};
use crate::version::{Constraints, Version};
use crate::{Backend, ProviderConfigName, RequiredProvider, Settings};

/// The version of the Terraform language that this program speaks: what
/// `required_version` in a `terraform` block is held against. In a `loam` block it is
/// held against the program's own version.
pub const LANGUAGE_VERSION: &str = "1.11.4";

/// The edition of the language.
const EDITION: &str = "TF2021";

static SETTINGS: LazyLock<BodySchema> = LazyLock::new(|| {
    schema(
        &["required_version", "experiments", "language"],
        &[
            ("backend", &["type"]),
            ("cloud", &[]),
            ("required_providers", &[]),
            ("provider_meta", &["provider"]),
        ],
    )
});

/// Takes all settings blocks of a module together.
pub(crate) fn settings(
    blocks: Vec<(Block, bool)>,
    registry: &Registry,
    diags: &mut Diagnostics,
) -> Settings {
    let mut reader = Reader {
        out: Settings::default(),
        registry,
        diags,
        requirements: None,
        versions_of_loam: Vec::new(),
        required: BTreeMap::new(),
        overridden_version: false,
        overridden_backend: false,
    };
    for (block, overrides) in blocks {
        reader.block(&block, overrides);
    }
    reader.check_versions();
    reader.look_up_providers();
    reader.out
}

struct Reader<'a> {
    out: Settings,
    registry: &'a Registry,
    diags: &'a mut Diagnostics,
    requirements: Option<Span>,
    /// The entries of `required_providers`, those of override files instead of others.
    required: BTreeMap<Arc<str>, Attribute>,
    /// Of each entry of `required_version`: it is from a `loam` block.
    versions_of_loam: Vec<bool>,
    overridden_version: bool,
    overridden_backend: bool,
}

impl Reader<'_> {
    fn block(&mut self, block: &Block, overrides: bool) {
        let mut opened = open(&block.body, &SETTINGS, self.diags);
        let is_loam = &*block.kind.name == "loam";
        self.required_version(&mut opened, is_loam, overrides);
        if let Some(attribute) = opened.take("experiments") {
            self.diags.push(
                Diagnostic::error(
                    "Module uses experimental features",
                    "Loam has no experiments. Remove the argument; what became of the \
                     experiments of other programs is part of the language.",
                )
                .at(attribute.name.span),
            );
        }
        if let Some(attribute) = opened.take("language") {
            let edition = static_keyword(&attribute.expr);
            if edition.is_none_or(|e| &*e.name != EDITION) {
                self.diags.push(
                    Diagnostic::error(
                        "Unsupported language edition",
                        format!("The only edition of the language is {EDITION}."),
                    )
                    .at(attribute.expr.span),
                );
            }
        }
        for nested in &opened.blocks {
            match &*nested.kind.name {
                "backend" | "cloud" => self.backend(nested, overrides),
                "required_providers" => self.required_providers(nested, overrides),
                _ => {}
            }
        }
    }

    fn required_version(&mut self, opened: &mut Opened, is_loam: bool, overrides: bool) {
        let Some((text, at)) = opened.string_at("required_version", self.diags) else {
            return;
        };
        if overrides && !self.overridden_version {
            self.overridden_version = true;
            self.out.required_version.clear();
            self.versions_of_loam.clear();
        }
        self.out.required_version.push((text, at));
        self.versions_of_loam.push(is_loam);
    }

    /// Holds the version constraints that are left after overriding against the versions.
    fn check_versions(&mut self) {
        for ((text, at), is_loam) in self.out.required_version.iter().zip(&self.versions_of_loam) {
            let problem = if *is_loam {
                let version = env!("CARGO_PKG_VERSION");
                check_version(text, *at, version, || {
                    (
                        "Unsupported Loam version",
                        format!("This is Loam {version}."),
                    )
                })
            } else {
                check_version(text, *at, LANGUAGE_VERSION, || {
                    let speaks = format!(
                        "Loam {} speaks the language of Terraform {LANGUAGE_VERSION}.",
                        env!("CARGO_PKG_VERSION")
                    );
                    ("Unsupported Terraform Core version", speaks)
                })
            };
            self.diags.extend(problem);
        }
    }

    fn backend(&mut self, block: &Block, overrides: bool) {
        if overrides && !self.overridden_backend {
            self.overridden_backend = true;
            self.out.backend = None;
        }
        if let Some(first) = &self.out.backend {
            self.diags.push(
                Diagnostic::error(
                    "Duplicate backend configuration",
                    "A module may have only one backend configuration.",
                )
                .at(block.header)
                .label(first.span, "the first is here"),
            );
            return;
        }
        let kind = match block.labels.first() {
            Some(label) => label.name.clone(),
            None => block.kind.name.clone(),
        };
        self.out.backend = Some(Backend {
            kind,
            body: block.body.clone(),
            span: block.header,
        });
    }

    fn required_providers(&mut self, block: &Block, overrides: bool) {
        if !overrides {
            if let Some(first) = self.requirements {
                self.diags.push(
                    Diagnostic::error(
                        "Duplicate required providers configuration",
                        "A module may have only one block of required providers.",
                    )
                    .at(block.header)
                    .label(first, "the first is here"),
                );
                return;
            }
            self.requirements = Some(block.header);
        }
        for entry in open_attributes(&block.body, self.diags) {
            if !is_name(
                "provider local",
                &entry.name.name,
                entry.name.span,
                self.diags,
            ) {
                continue;
            }
            self.required.insert(entry.name.name.clone(), entry);
        }
    }

    /// Looks the entries up that are left after overriding.
    fn look_up_providers(&mut self) {
        for (name, entry) in std::mem::take(&mut self.required) {
            if let Some(required) = self.required_provider(&entry) {
                self.out.required_providers.insert(name, required);
            }
        }
    }

    fn required_provider(&mut self, entry: &Attribute) -> Option<RequiredProvider> {
        let name = &entry.name.name;
        let mut source: Option<(String, Span)> = None;
        let mut version = None;
        let mut aliases = Vec::new();
        if let Ok(items) = static_map(&entry.expr) {
            for (key, value) in items {
                let key = static_key(key);
                match key.as_ref().map(|k| &*k.name) {
                    Some("source") => source = self.string("source", value),
                    Some("version") => version = self.string("version", value),
                    Some("configuration_aliases") => aliases = self.aliases(name, value),
                    _ => {
                        self.diags.push(
                            Diagnostic::error(
                                "Invalid required_providers object",
                                "An entry of required_providers can hold \"source\", \"version\" \
                                 and \"configuration_aliases\" only.",
                            )
                            .at(key.map_or(value.span, |k| k.span)),
                        );
                    }
                }
            }
        } else {
            // The short form: a version constraint alone.
            let text = constant(entry, &Type::String, self.diags)?;
            version = text.as_str().map(|s| (s.to_owned(), entry.expr.span));
        }
        let kind = match &source {
            Some((source, at)) => source_kind(self.registry, source, *at, self.diags)?,
            None => provider_kind(self.registry, name, entry.name.span, self.diags)?,
        };
        if let Some((text, at)) = &version {
            match built_in(self.registry, &kind) {
                true => self.diags.push(built_in_has_no_version(&kind, *at)),
                false => self.check_provider_version(&kind, text, *at),
            }
        }
        Some(RequiredProvider {
            source: source.map(|(s, _)| s),
            version,
            kind,
            configuration_aliases: aliases,
            span: entry.span,
        })
    }

    fn string(&mut self, what: &str, expr: &Expr) -> Option<(String, Span)> {
        let text = match expr.literal_text() {
            Some(text) => Some(text.to_owned()),
            None => eval_constant(expr)
                .ok()
                .and_then(|v| v.as_str().map(str::to_owned)),
        };
        if text.is_none() {
            self.diags.push(
                Diagnostic::error(
                    format!("Invalid {what}"),
                    format!("\"{what}\" has to be a constant string."),
                )
                .at(expr.span),
            );
        }
        text.map(|t| (t, expr.span))
    }

    fn aliases(&mut self, name: &Arc<str>, expr: &Expr) -> Vec<ProviderConfigName> {
        let items = match static_list(expr) {
            Ok(items) => items,
            Err(problem) => {
                self.diags.push(problem);
                return Vec::new();
            }
        };
        let mut out = Vec::new();
        for item in items {
            let reference = item
                .unquoted()
                .ok()
                .and_then(|e| static_traversal(&e).ok())
                .filter(|t| t.root.name == *name);
            match reference.as_ref().map(|t| t.steps.as_slice()) {
                Some([Step::Attribute(alias)]) => out.push(ProviderConfigName {
                    name: name.clone(),
                    alias: Some(alias.name.clone()),
                }),
                _ => self.diags.push(
                    Diagnostic::error(
                        "Invalid configuration_aliases value",
                        format!(
                            "Configuration aliases are names of configurations of this \
                             provider, such as {name}.other."
                        ),
                    )
                    .at(item.span),
                ),
            }
        }
        out
    }

    fn check_provider_version(&mut self, kind: &str, text: &str, at: Span) {
        let constraints = match Constraints::parse(text) {
            Ok(constraints) => constraints,
            Err(problem) => {
                self.diags.push(invalid_constraint(&problem, at));
                return;
            }
        };
        // The built-in provider is part of the language and has no version of its own.
        let Some(provider) = self.registry.get(kind).filter(|_| kind != "terraform") else {
            return;
        };
        let version = provider.version();
        let version_is = Version::parse(version);
        let since = Version::parse(provider.since()).or(version_is.clone());
        let versions = since.zip(version_is);
        if versions.is_some_and(|(first, last)| !constraints.allow_between(&first, &last)) {
            self.diags.push(
                Diagnostic::error(
                    "Unsuitable provider version",
                    format!(
                        "This configuration asks for a version {text} of the provider \
                         \"{kind}\", but the one at hand is {version}."
                    ),
                )
                .at(at),
            );
        }
    }
}

fn check_version(
    text: &str,
    at: Span,
    version: &str,
    words: impl Fn() -> (&'static str, String),
) -> Option<Diagnostic> {
    let constraints = match Constraints::parse(text) {
        Ok(constraints) => constraints,
        Err(problem) => return Some(invalid_constraint(&problem, at)),
    };
    if Version::parse(version).is_some_and(|v| constraints.allow(&v)) {
        return None;
    }
    let (summary, what) = words();
    Some(
        Diagnostic::error(
            summary,
            format!(
                "This configuration asks for a version {text}. {what} Choose another version or \
                 change the constraint; changing it may uncover incompatibilities."
            ),
        )
        .at(at),
    )
}

pub(crate) fn invalid_constraint(problem: &str, at: Span) -> Diagnostic {
    Diagnostic::error(
        "Invalid version constraint",
        format!("{problem}. Constraints look like \">= 1.2, < 2.0\" or \"~> 1.4\"."),
    )
    .at(at)
}

/// The provider types that the local names of a module mean.
#[derive(Debug, Default)]
pub(crate) struct LocalNames {
    required: BTreeMap<Arc<str>, Arc<str>>,
    /// Names whose absence has been reported.
    reported: std::collections::BTreeSet<Arc<str>>,
}

impl LocalNames {
    pub fn new(settings: &Settings) -> LocalNames {
        LocalNames {
            required: settings
                .required_providers
                .iter()
                .map(|(n, r)| (n.clone(), r.kind.clone()))
                .collect(),
            reported: Default::default(),
        }
    }

    /// The provider type that a local name means. That there is none is reported once.
    pub fn kind(
        &mut self,
        registry: &Registry,
        name: &str,
        at: Span,
        diags: &mut Diagnostics,
    ) -> Option<Arc<str>> {
        if let Some(kind) = self.required.get(name) {
            return Some(kind.clone());
        }
        if registry.get(name).is_some() {
            return Some(name.into());
        }
        if self.reported.insert(name.into()) {
            provider_kind(registry, name, at, diags);
        }
        None
    }
}
