//! What all commands share: the working directory, providers, configuration, state.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use loam_address::ResourceAddr;
use loam_config::environment::{is_off, setting};
use loam_config::{
    Config, DiskFiles, InputContent, InputOrigin, InputSources, Inputs, Loader, Manifest,
    MemoryFiles, VariableOption, VariableValues, collect_inputs, load_incomplete, load_with,
    missing_variable, variable_values, written_values,
};
use loam_diag::{Diagnostic, Diagnostics, SourceMap};
use loam_engine::Surroundings;
use loam_eval::{CallContext, FunctionTable};
use loam_modules::read_manifest;
use loam_provider::Registry;
use loam_sandbox::{Sandbox, SandboxConfig};
use loam_state::{OpenOptions, Operation, Store, WorkspaceDir};
use loam_value::Value;

use crate::args::{StateArgs, VariableArgs};
use crate::registry::registry;

/// One run of the program.
pub struct Session {
    /// Source texts, for diagnostics.
    pub sources: SourceMap,
    /// The provider types at hand.
    pub registry: Registry,
    /// The functions that expressions may call.
    pub functions: FunctionTable,
    /// The chosen workspace.
    pub workspace: String,
    /// The environment variables.
    pub environment: BTreeMap<String, String>,
    /// The variables' values that the command line gives.
    pub given: VariableArgs,
    /// The embedded clouds, as long as they are needed.
    pub sandbox: Option<Sandbox>,
}

impl Session {
    /// Sets everything up that needs neither configuration nor state.
    pub async fn new(sandbox: bool, given: VariableArgs) -> Result<Session, Diagnostics> {
        let environment: BTreeMap<String, String> = std::env::vars().collect();
        let on = |name: &str| {
            environment
                .get(name)
                .is_some_and(|v| !matches!(v.as_str(), "" | "0" | "false"))
        };
        let sandbox = if sandbox || on("LOAM_SANDBOX") {
            Some(embedded(&environment).await?)
        } else {
            None
        };
        let sources = SourceMap::default();
        let registry = registry(&sources, sandbox.as_ref())?;
        let wish = setting(|n| environment.get(n).cloned(), "WORKSPACE");
        let workspace = match wish {
            Some(w) => w.value,
            None => workspaces().current().map_err(|e| e.diagnostic())?,
        };
        let functions = loam_eval::functions::table();
        Ok(Session {
            sources,
            registry,
            functions,
            workspace,
            environment,
            given,
            sandbox,
        })
    }

    /// Loads the configuration of the working directory.
    pub fn load_given(&self, variables: &VariableArgs) -> (Option<Config>, Diagnostics) {
        let manifest = match read_manifest(&modules_dir()) {
            Ok(m) => m,
            Err(d) => return (None, d.into()),
        };
        // What is wrong with them is told when the variables get their values.
        let (inputs, _) = self.inputs(variables);
        self.load_from(&DiskFiles, &manifest, &inputs)
    }

    /// The same for a working directory that may have no configuration.
    pub fn load_or_empty(&self, variables: &VariableArgs) -> (Option<Config>, Diagnostics) {
        let (config, diagnostics) = self.load_given(variables);
        let none_there = config.is_none()
            && diagnostics
                .iter()
                .all(|d| d.summary == "No configuration files");
        if !none_there {
            return (config, diagnostics);
        }
        let files = MemoryFiles::new([("empty.tf", "")]);
        self.load_from(&files, &Manifest::new(), &Inputs::new())
    }

    /// Loads a configuration from wherever its files are.
    pub fn load_from(
        &self,
        files: &dyn loam_config::FileSource,
        manifest: &Manifest,
        inputs: &Inputs,
    ) -> (Option<Config>, Diagnostics) {
        self.with_problems(load_with(
            &self.loader(files, manifest),
            Path::new("."),
            inputs,
        ))
    }

    /// Loads a configuration in which the blocks of some resources may lack what is
    /// required.
    pub fn load_incomplete(
        &self,
        files: &dyn loam_config::FileSource,
        inputs: &Inputs,
        incomplete: &BTreeSet<ResourceAddr>,
        dir: &Path,
    ) -> (Option<Config>, Diagnostics) {
        let manifest = match read_manifest(&modules_dir()) {
            Ok(m) => m,
            Err(d) => return (None, d.into()),
        };
        let loader = self.loader(files, &manifest);
        self.with_problems(load_incomplete(&loader, dir, inputs, incomplete))
    }

    /// What reads configurations, wherever their files are.
    pub fn loader<'a>(
        &'a self,
        files: &'a dyn loam_config::FileSource,
        installed: &'a Manifest,
    ) -> Loader<'a> {
        Loader {
            files,
            sources: &self.sources,
            registry: &self.registry,
            functions: &self.functions,
            installed,
        }
    }

    /// Adds what was wrong with the descriptions of providers that the configuration uses.
    fn with_problems(
        &self,
        (config, mut diagnostics): (Option<Config>, Diagnostics),
    ) -> (Option<Config>, Diagnostics) {
        diagnostics.append(self.registry.take_problems());
        (config, diagnostics)
    }

    /// The values given for root variables, wherever they come from.
    pub fn inputs(&self, args: &VariableArgs) -> (Inputs, Diagnostics) {
        collect_inputs(&InputSources {
            files: &DiskFiles,
            sources: &self.sources,
            dir: Path::new("."),
            environment: &self.environment,
            options: &options_in_order(args),
        })
    }

    /// The values that the command line gives for root variables, and no others.
    pub fn command_line(&self, args: &VariableArgs) -> (Inputs, Diagnostics) {
        collect_inputs(&InputSources {
            files: &OnlyNamed,
            sources: &self.sources,
            dir: Path::new("."),
            environment: &BTreeMap::new(),
            options: &options_in_order(args),
        })
    }

    /// The values of the root variables; missing ones are asked for if that is possible.
    pub fn variables(
        &self,
        config: &Config,
        args: &VariableArgs,
    ) -> (BTreeMap<Arc<str>, Value>, Diagnostics) {
        let Some(root) = config.root() else {
            return Default::default();
        };
        let (mut inputs, mut diagnostics) = self.inputs(args);
        let (mut values, problems) = variable_values(root, &inputs, &self.sources);
        if !values.missing.is_empty()
            && !problems.has_errors()
            && self.may_ask(args)
            && crate::view::is_interactive()
        {
            ask(root, &values, &mut inputs);
            let (now, problems) = variable_values(root, &inputs, &self.sources);
            values = now;
            diagnostics.append(problems);
        } else {
            diagnostics.append(problems);
        }
        // A file that could not be read may have had them.
        let unread = diagnostics.has_errors();
        for name in values.missing.iter().filter(|_| !unread) {
            if let Some(v) = root.variables.get(name) {
                diagnostics.push(missing_variable(v));
            }
        }
        (values.values, diagnostics)
    }

    /// The given values of root variables as they were given, before any conversion.
    pub fn written_variables(
        &self,
        config: &Config,
        args: &VariableArgs,
    ) -> BTreeMap<Arc<str>, Value> {
        // What is wrong with them has been told.
        let (inputs, _) = self.inputs(args);
        let root = config.root();
        root.map(|root| written_values(root, &inputs))
            .unwrap_or_default()
    }

    /// Whether questions are wanted: not with `-input=false` or `TF_INPUT=0`.
    pub fn may_ask(&self, args: &VariableArgs) -> bool {
        args.input && !is_off(|n| self.environment.get(n).cloned(), "INPUT")
    }

    /// The state file: that of the option, else the one that the configuration names for
    /// the default workspace, else the workspace's own.
    pub fn state_path(&self, args: &StateArgs) -> Result<PathBuf, Diagnostics> {
        if let Some(path) = &args.state {
            return Ok(path.clone());
        }
        let named = crate::backend::state_file(self)?;
        if let (Some(path), "default") = (named, &*self.workspace) {
            return Ok(path);
        }
        let path = workspaces().path(&self.workspace);
        Ok(path.map_err(|e| e.diagnostic())?)
    }

    /// Opens the state.
    pub fn store(&self, args: &StateArgs, options: OpenOptions) -> Result<Store, Diagnostics> {
        let store = Store::open(self.state_path(args)?, options);
        Ok(store.map_err(|e| e.diagnostic())?)
    }

    /// What expressions can ask about the run.
    pub fn surroundings(&self, timestamp: &str, applying: bool) -> Surroundings {
        let cwd = std::env::current_dir().unwrap_or_default();
        Surroundings {
            context: CallContext {
                base_dir: PathBuf::from("."),
                plan_timestamp: Some(timestamp.to_owned()),
                impure_known: applying,
            },
            workspace: self.workspace.as_str().into(),
            cwd: cwd.to_string_lossy().replace('\\', "/").into(),
            applying,
        }
    }

    /// This run, as locks and the history name it.
    pub fn operation(&self, command: &str) -> Operation {
        let who = ["LOAM_USER", "USER", "LOGNAME", "USERNAME"]
            .iter()
            .find_map(|n| self.environment.get(*n));
        Operation::new(command, who.cloned().unwrap_or_else(|| "unknown".into()))
    }
}

/// The files of this machine, of which none is found that is not asked for by name.
struct OnlyNamed;

impl loam_config::FileSource for OnlyNamed {
    fn read(&self, path: &Path) -> std::io::Result<Arc<str>> {
        DiskFiles.read(path)
    }

    fn list(&self, _: &Path) -> std::io::Result<Vec<String>> {
        Ok(Vec::new())
    }
}

/// Where modules are installed.
pub fn modules_dir() -> PathBuf {
    data_dir().join("modules")
}

/// The folder for what can be made again: `.loam`, or what the environment says. Terraform's
/// own folder is not shared: with `TF_DATA_DIR` it is a folder in that.
pub fn data_dir() -> PathBuf {
    match setting(of_process, "DATA_DIR") {
        Some(s) if s.name.starts_with("TF_") => Path::new(&s.value).join("loam"),
        Some(s) => PathBuf::from(s.value),
        None => PathBuf::from(".loam"),
    }
}

/// The workspaces of the working directory.
pub fn workspaces() -> WorkspaceDir {
    WorkspaceDir::new(".").with_choice_in(data_dir())
}

/// True if a program runs this one, which does not want to be told what to do next.
pub fn in_automation() -> bool {
    setting(of_process, "IN_AUTOMATION").is_some()
}

/// A variable of the environment that the program was started in.
pub fn of_process(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Variables' values as inputs, for loading what a plan was made from.
pub fn given_again(values: &BTreeMap<Arc<str>, Value>) -> Inputs {
    let input = |value: &Value| loam_config::Input {
        content: InputContent::Value(value.clone()),
        origin: InputOrigin::Option,
    };
    values.iter().map(|(n, v)| (n.clone(), input(v))).collect()
}

/// Now, as plans write it.
pub fn timestamp() -> String {
    let now = jiff::Timestamp::now();
    now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn options_in_order(args: &VariableArgs) -> Vec<VariableOption> {
    args.ordered
        .iter()
        .map(|(is_file, text)| {
            if *is_file {
                VariableOption::File(PathBuf::from(text))
            } else {
                VariableOption::Assignment(text.clone())
            }
        })
        .collect()
}

fn ask(root: &loam_config::Module, values: &VariableValues, inputs: &mut Inputs) {
    for name in &values.missing {
        let Some(variable) = root.variables.get(name) else {
            continue;
        };
        let secret = variable.sensitive || variable.ephemeral;
        if let Some(answer) =
            crate::view::prompt_variable(name, variable.description.as_deref(), secret)
        {
            let input = loam_config::Input {
                content: InputContent::Text(answer),
                origin: InputOrigin::Prompt,
            };
            inputs.insert(name.clone(), input);
        }
    }
}

/// Starts the emulated clouds inside this process.
async fn embedded(environment: &BTreeMap<String, String>) -> Result<Sandbox, Diagnostic> {
    let failed = |what: String| Diagnostic::error("The sandbox could not be started", what);
    let dir = data_dir();
    std::fs::create_dir_all(&dir).map_err(|e| {
        failed(format!(
            "The directory {} cannot be made: {e}.",
            dir.display()
        ))
    })?;
    let number = |name: &str, or: f64| {
        environment
            .get(name)
            .and_then(|v| v.parse().ok())
            .unwrap_or(or)
    };
    let limits_off = environment
        .get("LOAM_SANDBOX_RATE_LIMITS")
        .is_some_and(|v| v == "off");
    let config = SandboxConfig {
        database: Some(dir.join("sandbox.db")),
        speed: number("LOAM_SANDBOX_SPEED", 60.0),
        rate_limits: if limits_off {
            loam_sandbox::RateLimits::Off
        } else {
            loam_sandbox::RateLimits::On
        },
        ..SandboxConfig::default()
    };
    loam_sandbox::start(config)
        .await
        .map_err(|e| failed(with_causes(&e)))
}

/// An error and what caused it, as one sentence.
pub fn with_causes(e: &dyn std::error::Error) -> String {
    let mut text = e.to_string();
    let mut at = e.source();
    while let Some(cause) = at {
        text.push_str(&format!(": {cause}"));
        at = cause.source();
    }
    text.push('.');
    text
}
