//! `loam fmt`.

use std::io::Read;
use std::path::{Path, PathBuf};

use loam_diag::SourceMap;
use loam_syntax::format;
use similar::TextDiff;

use super::Code;
use crate::args::FmtArgs;
use crate::view::{View, print, print_error};

/// The result of a file that has to be changed and is only checked.
const DIFFERS: Code = 3;

/// Runs the command.
pub fn run(args: &FmtArgs, view: &View) -> Code {
    let mut work = Work {
        args,
        view,
        differs: false,
        failed: false,
    };
    let here = [PathBuf::from(".")];
    let paths = if args.paths.is_empty() {
        &here[..]
    } else {
        &args.paths
    };
    for path in paths {
        if path.as_os_str() == "-" {
            work.standard_input();
        } else if path.is_dir() {
            work.directory(path);
        } else if path.exists() {
            if formattable(path) {
                work.file(path);
            } else {
                work.fail(
                    path,
                    "only .tf, .hcl, .tfvars and .tftest.hcl files can be formatted",
                );
            }
        } else {
            work.fail(path, "there is no such file or directory");
        }
    }
    match (work.failed, work.differs && args.check) {
        (true, _) => 2,
        (_, true) => DIFFERS,
        _ => 0,
    }
}

struct Work<'a> {
    args: &'a FmtArgs,
    view: &'a View,
    differs: bool,
    failed: bool,
}

fn formattable(path: &Path) -> bool {
    let name = path
        .file_name()
        .and_then(|n| n.to_str())
        .unwrap_or_default();
    let hidden = name.starts_with('.')
        || name.ends_with('~')
        || name.starts_with('#') && name.ends_with('#');
    !hidden && [".tf", ".hcl", ".tfvars"].iter().any(|e| name.ends_with(e))
}

impl Work<'_> {
    fn fail(&mut self, path: &Path, why: &str) {
        self.failed = true;
        print_error(&format!("Error: {}: {why}\n", path.display()));
    }

    fn standard_input(&mut self) {
        let mut text = String::new();
        if let Err(e) = std::io::stdin().read_to_string(&mut text) {
            self.fail(Path::new("<stdin>"), &e.to_string());
            return;
        }
        if let Some(new) = self.formatted("<stdin>", &text) {
            self.differs |= new != text;
            if self.args.diff {
                self.diff("<stdin>", &text, &new);
            } else if !self.args.check {
                print(&new);
            }
        }
    }

    fn directory(&mut self, path: &Path) {
        let entries = match std::fs::read_dir(path) {
            Ok(e) => e,
            Err(e) => return self.fail(path, &e.to_string()),
        };
        let mut inner: Vec<PathBuf> = entries.flatten().map(|e| e.path()).collect();
        inner.sort();
        for p in inner {
            // `./main.tf` is shown as `main.tf`.
            let p = p.strip_prefix(".").map(Path::to_path_buf).unwrap_or(p);
            let hidden = p
                .file_name()
                .and_then(|n| n.to_str())
                .is_some_and(|n| n.starts_with('.'));
            if p.is_dir() {
                if self.args.recursive && !hidden {
                    self.directory(&p);
                }
            } else if formattable(&p) {
                self.file(&p);
            }
        }
    }

    fn formatted(&mut self, name: &str, text: &str) -> Option<String> {
        let sources = SourceMap::default();
        let file = sources.add(name, text);
        match format(file, text) {
            Ok(new) => Some(new),
            Err(diagnostics) => {
                self.failed = true;
                self.view.diagnostics(&diagnostics, &sources);
                None
            }
        }
    }

    fn file(&mut self, path: &Path) {
        let text = match std::fs::read_to_string(path) {
            Ok(t) => t,
            Err(e) => return self.fail(path, &e.to_string()),
        };
        let name = path.to_string_lossy().into_owned();
        let Some(new) = self.formatted(&name, &text) else {
            return;
        };
        let asked = [
            self.args.list,
            self.args.write,
            self.args.diff,
            self.args.check,
        ];
        if asked == [false; 4] {
            // Nothing else is left to do with it.
            return print(&new);
        }
        if new == text {
            return;
        }
        self.differs = true;
        if self.args.list {
            self.view.line(&name);
        }
        if self.args.diff {
            self.diff(&name, &text, &new);
        }
        if self.args.write
            && !self.args.check
            && let Err(e) = std::fs::write(path, new)
        {
            self.fail(path, &e.to_string());
        }
    }

    fn diff(&self, name: &str, old: &str, new: &str) {
        let diff = TextDiff::from_lines(old, new);
        let text = diff
            .unified_diff()
            .header(&format!("old/{name}"), &format!("new/{name}"))
            .to_string();
        self.view.text(text);
    }
}
