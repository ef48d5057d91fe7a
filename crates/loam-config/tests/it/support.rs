//! Loading from memory, and diagnostics as text.

use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use loam_config::{Config, Loader, Manifest, MemoryFiles, Module, load};
use loam_diag::{Diagnostics, Severity, SourceMap};
use loam_provider::Registry;

/// A configuration or what is wrong with it, each problem in a few lines.
pub struct Loaded {
    pub config: Option<Config>,
    pub report: String,
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
    let files = MemoryFiles::new(files.iter().copied());
    let sources = SourceMap::default();
    let registry = super::support::registry();
    let functions = loam_eval::functions::table();
    let loader = Loader {
        files: &files,
        sources: &sources,
        registry: &registry,
        functions: &functions,
        installed,
    };
    let (config, diags) = load(&loader, Path::new("."));
    Loaded {
        config,
        report: report(&diags, &sources),
    }
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

pub fn registry() -> Registry {
    Registry::new()
}
