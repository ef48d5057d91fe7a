//! Values of variables: where they come from and what becomes of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use loam_config::{
    InputSources, MemoryFiles, VariableOption, VariableValues, collect_inputs, missing_variable,
    variable_values,
};
use loam_diag::SourceMap;
use loam_value::{Type, Value};

use crate::support::{load_files, report};

struct Given<'a> {
    declared: &'a str,
    files: &'a [(&'a str, &'a str)],
    environment: &'a [(&'a str, &'a str)],
    options: &'a [&'a str],
}

const NOTHING: Given<'static> = Given {
    declared: "",
    files: &[],
    environment: &[],
    options: &[],
};

/// The values, and what is wrong.
fn values(given: &Given<'_>) -> (VariableValues, String) {
    let loaded = load_files(&[("main.tf", given.declared)]);
    let files = MemoryFiles::new(given.files.iter().copied());
    let environment: BTreeMap<String, String> = given
        .environment
        .iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
        .collect();
    let options: Vec<VariableOption> = given
        .options
        .iter()
        .map(|o| match o.strip_prefix('@') {
            Some(path) => VariableOption::File(PathBuf::from(path)),
            None => VariableOption::Assignment((*o).to_owned()),
        })
        .collect();
    let sources: &SourceMap = &loaded.sources;
    let (inputs, mut diags) = collect_inputs(&InputSources {
        files: &files,
        sources,
        dir: Path::new("."),
        environment: &environment,
        options: &options,
    });
    let (values, more) = variable_values(loaded.root(), &inputs, sources);
    diags.append(more);
    for name in &values.missing {
        let variable = loaded.root().variables.get(name);
        diags.push(missing_variable(variable.expect("a declared variable")));
    }
    (values, report(&diags, sources))
}

fn value_of(given: &Given<'_>, name: &str) -> Value {
    let (values, report) = values(given);
    assert_eq!(report, "");
    values.values.get(name).cloned().expect("a value")
}

#[test]
fn later_sources_win() {
    let environment: &[(&str, &str)] = &[("TF_VAR_v", "env"), ("LOAM_VAR_v", "loam env")];
    let files: &[(&str, &str)] = &[
        ("terraform.tfvars", "v = \"tfvars\""),
        ("terraform.tfvars.json", "{\"v\": \"json\"}"),
        ("a.auto.tfvars", "v = \"a\""),
        ("b.auto.tfvars.json", "{\"v\": \"b\"}"),
        ("x.tfvars", "v = \"x\""),
        ("unused.tfvars", "v = \"unused\""),
    ];
    let order = [
        (0, 0, &[][..], "default"),
        (1, 0, &[], "env"),
        (2, 0, &[], "loam env"),
        (2, 1, &[], "tfvars"),
        (2, 2, &[], "json"),
        (2, 3, &[], "a"),
        (2, 4, &[], "b"),
        (2, 6, &["@x.tfvars"], "x"),
        (2, 6, &["@x.tfvars", "v=option"], "option"),
        (2, 6, &["v=option", "@x.tfvars"], "x"),
        (2, 6, &["v=a=b"], "a=b"),
    ];
    for (env, read, options, expected) in order {
        let given = Given {
            declared: "variable \"v\" { default = \"default\" }",
            environment: &environment[..env],
            files: &files[..read],
            options,
        };
        assert_eq!(value_of(&given, "v"), Value::string(expected), "{expected}");
    }
}

#[test]
fn a_text_means_what_the_type_makes_of_it() {
    let cases = [
        ("", "1", Value::string("1")),
        ("type = string", "[1]", Value::string("[1]")),
        ("type = number", "1", Value::int(1)),
        ("type = bool", "true", Value::bool(true)),
        ("type = any", "1", Value::int(1)),
        (
            "type = list(string)",
            "[1, \"b\"]",
            Value::list(Type::String, vec![Value::string("1"), Value::string("b")]),
        ),
        (
            "type = object({ a = number, b = optional(string, \"x\") })",
            "{ a = 1 }",
            Value::object_of([("a", Value::int(1)), ("b", Value::string("x"))]),
        ),
        (
            "type = list(string)",
            "null",
            Value::null(Type::list(Type::String)),
        ),
    ];
    for (ty, text, expected) in cases {
        let given = Given {
            declared: &format!("variable \"v\" {{\n{ty}\n}}"),
            options: &[&format!("v={text}")],
            ..NOTHING
        };
        assert_eq!(value_of(&given, "v"), expected, "{ty} {text}");
    }
}

#[test]
fn null_is_the_default_where_null_is_no_value() {
    let given = Given {
        declared: "variable \"v\" {\n default = 1\n nullable = false\n}",
        files: &[("terraform.tfvars", "v = null")],
        ..NOTHING
    };
    assert_eq!(value_of(&given, "v"), Value::int(1));
    let nullable = Given {
        declared: "variable \"v\" {\n type = number\n default = 1\n}",
        ..given
    };
    assert_eq!(value_of(&nullable, "v"), Value::null(Type::Number));
}

#[test]
fn problems_are_told() {
    let given = Given {
        declared: r#"
variable "needed" {}
variable "number" { type = number }
variable "list" { type = list(string) }
variable "object" { type = object({ a = number }) }
variable "never_null" { nullable = false }
variable "old" {
  default    = 1
  deprecated = "Use number."
}
variable "pin" {
  type      = number
  sensitive = true
}
variable "token" {
  type      = list(string)
  sensitive = true
}
"#,
        files: &[
            (
                "terraform.tfvars",
                "never_null = null\nnmber = 1\nobject = { a = [] }\nold = 2\npin = \"secret-pin\"\n",
            ),
            ("bad.auto.tfvars", "list = var.needed\nblock {}\n"),
            ("worse.auto.tfvars.json", "{\"list\": [}"),
        ],
        environment: &[("TF_VAR_unheard_of", "1"), ("LOAM_VAR_number", "many")],
        options: &[
            "lsit=[]",
            "list=[unquoted]",
            "token=[secret-word",
            "no_value",
            "@missing.tfvars",
        ],
    };
    let (values, report) = values(&given);
    insta::assert_snapshot!(report);
    assert!(!report.contains("secret-"));
    assert_eq!(values.missing, ["needed".into()]);
}
