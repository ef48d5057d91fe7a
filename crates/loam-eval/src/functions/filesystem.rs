//! Functions of files and paths. What they read is part of the configuration: nothing is
//! written, and nothing is remembered between calls.

use std::fs;
use std::io::{self, Read};
use std::path::{MAIN_SEPARATOR, Path};

use loam_value::{Type, Value};

use super::argument::{MAX_STRING, shown, str, value};
use super::signature::{function, returns_bool, returns_string, string};
use super::{base64, glob, path};
use crate::{CallContext, Function, FunctionError};

type Result<T = Value> = std::result::Result<T, FunctionError>;

const PATH: &str = "The path of the file.";

pub(super) fn all() -> Vec<Function> {
    vec![
        function(
            "abspath",
            "`abspath` gives the absolute form of a path.",
            vec![string("path", "Any path.")],
            returns_string,
            abspath,
        ),
        function(
            "basename",
            "`basename` gives the last part of a path.",
            vec![string("path", "Any path.")],
            returns_string,
            |_, a| Ok(Value::string(basename(str(a, 0)?))),
        ),
        function(
            "dirname",
            "`dirname` gives a path without its last part.",
            vec![string("path", "Any path.")],
            returns_string,
            |_, a| Ok(Value::string(dirname(str(a, 0)?))),
        ),
        function(
            "file",
            "`file` gives the content of a file, which has to be valid UTF-8.",
            vec![string("path", PATH).marked()],
            returns_string,
            |context, args| Ok(Value::string(read_text(context, args)?).with_marks(value(args, 0)?.marks())),
        ),
        function(
            "filebase64",
            "`filebase64` gives the content of a file in Base64.",
            vec![string("path", PATH).marked()],
            returns_string,
            |context, args| {
                let bytes = read(context, args)?;
                Ok(Value::string(base64::encode(&bytes)).with_marks(value(args, 0)?.marks()))
            },
        ),
        function(
            "fileexists",
            "`fileexists` tells whether there is a file at a path.",
            vec![string("path", PATH).marked()],
            returns_bool,
            fileexists,
        ),
        function(
            "fileset",
            "`fileset` gives the names of the files in a folder that match a pattern.",
            vec![
                string("path", "The folder.").marked(),
                string(
                    "pattern",
                    "Names with `*`, `?`, `[a-z]` and `{a,b}`; `**` stands for any number of folders.",
                )
                .marked(),
            ],
            |_| Ok(Type::set(Type::String)),
            fileset,
        ),
        function(
            "pathexpand",
            "`pathexpand` replaces a `~` at the beginning of a path by the user's home folder.",
            vec![string("path", "Any path.")],
            returns_string,
            |_, a| path::expand(str(a, 0)?).map(Value::string),
        ),
    ]
}

fn abspath(context: &CallContext, args: &[Value]) -> Result {
    let base = std::path::absolute(&context.base_dir)
        .map_err(|e| FunctionError::call(format!("the working folder is not known: {e}")))?;
    let absolute = path::clean(&base.join(str(args, 0)?));
    Ok(Value::string(slashes(&absolute)))
}

fn slashes(path: &Path) -> String {
    path.to_string_lossy().replace(MAIN_SEPARATOR, "/")
}

fn basename(path: &str) -> &str {
    if path.is_empty() {
        return ".";
    }
    let trimmed = path.trim_end_matches('/');
    if trimmed.is_empty() {
        return "/";
    }
    trimmed.rsplit('/').next().unwrap_or(trimmed)
}

fn dirname(path: &str) -> String {
    let folder = match path.rfind('/') {
        Some(at) => path.get(..=at).unwrap_or_default(),
        None => "",
    };
    slashes(&path::clean(Path::new(folder)))
}

fn read(context: &CallContext, args: &[Value]) -> Result<Vec<u8>> {
    let path = path::resolve(context, str(args, 0)?)?;
    let failed = |e: io::Error| path::cannot_read(&path, &e, args);
    let mut bytes = Vec::new();
    fs::File::open(&path)
        .map_err(failed)?
        .take(MAX_STRING as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    super::argument::check_length(Some(bytes.len()))?;
    Ok(bytes)
}

/// The content of the file that the first argument names, as text.
pub(super) fn read_text(context: &CallContext, args: &[Value]) -> Result<String> {
    String::from_utf8(read(context, args)?).map_err(|_| {
        let name =
            value(args, 0).map_or(String::new(), |v| shown(v.as_str().unwrap_or_default(), v));
        FunctionError::argument(
            0,
            format!(
                "contents of {name} are not valid UTF-8; use filebase64 for its content in \
                 Base64, or one of the hash functions such as filesha256"
            ),
        )
    })
}

fn fileexists(context: &CallContext, args: &[Value]) -> Result {
    let arg = value(args, 0)?;
    let path = path::resolve(context, str(args, 0)?)?;
    let name = || shown(&path.to_string_lossy(), arg);
    let exists = match fs::metadata(&path) {
        Ok(meta) if meta.is_file() => true,
        Ok(meta) => {
            let what = if meta.is_dir() {
                "a directory, not a file"
            } else {
                "not a regular file"
            };
            return Err(FunctionError::argument(0, format!("{} is {what}", name())));
        }
        Err(e) if e.kind() == io::ErrorKind::NotFound => false,
        Err(_) => {
            return Err(FunctionError::argument(
                0,
                format!("failed to look at {}", name()),
            ));
        }
    };
    Ok(Value::bool(exists).with_marks(arg.marks()))
}

fn fileset(context: &CallContext, args: &[Value]) -> Result {
    let marks = value(args, 0)?.marks() | value(args, 1)?.marks();
    let folder = path::clean(&context.base_dir.join(str(args, 0)?));
    let pattern = str(args, 1)?;
    let found = glob::files(&folder, pattern).map_err(|e| {
        FunctionError::argument(
            1,
            match value(args, 1) {
                Ok(v) => format!("failed to glob pattern {}: {e}", shown(pattern, v)),
                Err(_) => e,
            },
        )
    })?;
    let names = found.into_iter().map(Value::string).collect();
    Ok(Value::set(Type::String, names).with_marks(marks))
}
