//! Loading from memory, and diagnostics as text.

use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use loam_config::{
    Config, FoundBackend, Inputs, Loader, Manifest, MemoryFiles, Module, find_backend,
};
use loam_diag::{Diagnostics, Severity, SourceMap};
use loam_provider::{
    ActionSchema, Attribute, Block, NestedBlock, Nesting, Provider, ProviderSchema, ProviderType,
    ProvisionObserver, ProvisionRequest, Provisioner, Registry, Schema,
};
use loam_value::{Type, Value};

/// A configuration or what is wrong with it, each problem in a few lines.
pub struct Loaded {
    pub config: Option<Config>,
    pub report: String,
    pub sources: SourceMap,
}

impl Loaded {
    /// The root module of a configuration without problems.
    pub fn root(&self) -> &Arc<Module> {
        let config = self.config.as_ref();
        config
            .and_then(Config::root)
            .unwrap_or_else(|| panic!("{}", self.report))
    }
}

/// Loads files given by name.
pub fn load_files(files: &[(&str, &str)]) -> Loaded {
    load_with(files, &Manifest::new())
}

/// Loads files, with installed modules.
pub fn load_with(files: &[(&str, &str)], installed: &Manifest) -> Loaded {
    load_given(files, installed, &Inputs::new())
}

/// Loads files, with installed modules and values for variables.
pub fn load_given(files: &[(&str, &str)], installed: &Manifest, inputs: &Inputs) -> Loaded {
    let files = MemoryFiles::new(files.iter().copied());
    let sources = SourceMap::default();
    let registry = registry();
    let functions = loam_eval::functions::table();
    let loader = Loader {
        files: &files,
        sources: &sources,
        registry: &registry,
        functions: &functions,
        installed,
    };
    let (config, diags) = loam_config::load_with(&loader, Path::new("."), inputs);
    Loaded {
        config,
        report: report(&diags, &sources),
        sources,
    }
}

/// The backend that files given by name have.
pub fn find_backend_in(files: &[(&str, &str)], inputs: &Inputs) -> Option<FoundBackend> {
    let files = MemoryFiles::new(files.iter().copied());
    let loader = Loader {
        files: &files,
        sources: &SourceMap::default(),
        registry: &registry(),
        functions: &loam_eval::functions::table(),
        installed: &Manifest::new(),
    };
    find_backend(&loader, Path::new("."), inputs)
}

/// The problems of a single file `main.tf`.
pub fn problems(text: &str) -> String {
    load_files(&[("main.tf", text)]).report
}

/// Diagnostics as text: severity, summary, place, source, detail and hints.
pub fn report(diags: &Diagnostics, sources: &SourceMap) -> String {
    let mut out = String::new();
    for d in diags.iter() {
        let severity = match d.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let _ = writeln!(out, "{severity}: {}", d.summary);
        if let Some(at) = d.subject {
            let line = sources.text(at);
            let line = line.lines().next().unwrap_or("");
            let _ = writeln!(out, "  at {} `{line}`", sources.place(at));
        }
        for label in &d.labels {
            let _ = writeln!(out, "  {} {}", sources.place(label.span), label.text);
        }
        let _ = writeln!(out, "  {}", d.detail);
        for hint in &d.hints {
            let _ = writeln!(out, "  help: {hint}");
        }
    }
    out
}

/// The built-in provider, one named `test`, and a provisioner.
pub fn registry() -> Registry {
    let mut registry = Registry::new();
    registry.add(Arc::new(TestProvider::new()));
    registry.add_provisioner(Arc::new(TestProvisioner(block(
        [("command", Attribute::required(Type::String))],
        [],
    ))));
    registry
}

struct TestProvisioner(Block);

#[async_trait::async_trait]
impl Provisioner for TestProvisioner {
    fn name(&self) -> &str {
        "local-exec"
    }

    fn schema(&self) -> &Block {
        &self.0
    }

    fn validate(&self, _config: &Value) -> Diagnostics {
        Diagnostics::new()
    }

    async fn run(
        &self,
        _request: ProvisionRequest<'_>,
        _observer: &dyn ProvisionObserver,
    ) -> Diagnostics {
        Diagnostics::new()
    }
}

struct TestProvider {
    schema: ProviderSchema,
}

impl TestProvider {
    fn new() -> TestProvider {
        let disk = block(
            [
                ("size", Attribute::required(Type::Number)),
                ("kind", Attribute::optional(Type::String)),
            ],
            [],
        );
        let rule = block([("port", Attribute::required(Type::Number))], []);
        let server = block(
            [
                ("id", Attribute::computed(Type::String)),
                ("name", Attribute::required(Type::String)),
                ("size", Attribute::optional(Type::Number)),
                ("tags", Attribute::optional(Type::map(Type::String))),
                (
                    "old",
                    Attribute {
                        deprecated: Some("Use \"size\" instead.".into()),
                        ..Attribute::optional(Type::String)
                    },
                ),
                (
                    "password",
                    Attribute {
                        write_only: true,
                        ..Attribute::optional(Type::String)
                    },
                ),
                ("count", Attribute::optional(Type::Number)),
            ],
            [
                ("disk", nested(Nesting::List, &disk, 0, 2)),
                ("network", nested(Nesting::Single, &disk, 0, 0)),
                ("defaults", nested(Nesting::Group, &disk, 0, 0)),
                ("rule", nested(Nesting::Set, &rule, 0, 0)),
                ("label", nested(Nesting::Map, &rule, 0, 0)),
            ],
        );
        let image = block([("name", Attribute::required(Type::String))], []);
        let reboot = block([("server", Attribute::required(Type::String))], []);
        let schema = |block| Arc::new(Schema { version: 0, block });
        TestProvider {
            schema: ProviderSchema {
                provider: block([("token", Attribute::optional(Type::String))], []),
                resources: [("test_server".into(), schema(server))].into(),
                data_sources: [("test_image".into(), schema(image))].into(),
                actions: [(
                    "test_reboot".into(),
                    Arc::new(ActionSchema {
                        block: reboot,
                        confirm: None,
                    }),
                )]
                .into(),
            },
        }
    }
}

fn block<const A: usize, const B: usize>(
    attributes: [(&str, Attribute); A],
    blocks: [(&str, NestedBlock); B],
) -> Block {
    Block {
        attributes: attributes.map(|(n, a)| (n.into(), a)).into(),
        blocks: blocks.map(|(n, b)| (n.into(), b)).into(),
        ..Block::default()
    }
}

fn nested(nesting: Nesting, block: &Block, min_items: usize, max_items: usize) -> NestedBlock {
    NestedBlock {
        nesting,
        block: block.clone(),
        min_items,
        max_items,
    }
}

impl ProviderType for TestProvider {
    fn name(&self) -> &str {
        "test"
    }

    fn source(&self) -> &str {
        "registry.terraform.io/acme/test"
    }

    fn version(&self) -> &str {
        "1.4.0"
    }

    fn schema(&self) -> &ProviderSchema {
        &self.schema
    }

    fn configure(&self, _config: &Value) -> Result<Arc<dyn Provider>, Diagnostics> {
        Err(loam_diag::Diagnostic::error("Not a real provider", "").into())
    }
}
