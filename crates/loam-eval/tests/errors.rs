//! What a person reads who made a mistake in an expression.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::fmt::Write;

use support::{render, try_eval};

macro_rules! shown {
    ($text:expr) => {
        insta::with_settings!({ omit_expression => true }, {
            insta::assert_snapshot!($text);
        })
    };
}

/// Each expression with its errors.
fn told(expressions: &[&str]) -> String {
    let mut out = String::new();
    for text in expressions {
        let problem = match try_eval(text) {
            Err(problem) => problem,
            Ok(value) => panic!("{text} is accepted: {value:?}"),
        };
        let _ = writeln!(out, "── {}\n{problem}", text.lines().next().unwrap_or(""));
    }
    out
}

#[test]
fn references() {
    shown!(told(&[
        "var.sise",
        "vr.size",
        "var",
        "var.sise + var.nmae + vps.wep[0].id",
        "vps.web[2].id",
        "vps.web[var.size].id",
        "vps.db[\"c\"].id",
        "vps.web[0].ip",
        "vps.web.id",
    ]));
}

#[test]
fn attributes_and_indices() {
    shown!(told(&[
        "var.server.hostnmae",
        "var.server.memory",
        "var.servers.hostname",
        "var.servers[*].hostnmae",
        "var.tags.evn",
        "var.tags[\"evn\"]",
        "var.name.length",
        "var.nothing.x",
        "var.nothing[0]",
        "null.x",
        "var.ports[2]",
        "var.ports[-1]",
        "var.ports[0.5]",
        "var.ports[\"first\"]",
        "var.none[0]",
        "var.names[0]",
        "var.name[0]",
        "var.server[0]",
        "var.server[var.nothing]",
        "var.mixed[7]",
        "var.later_object.name",
        "var.ports.first",
        "var.password.x",
    ]));
}

#[test]
fn operators() {
    shown!(told(&[
        "var.name + 1",
        "1 + var.ports",
        "\"a\" + \"b\"",
        "var.size + var.nothing",
        "-var.name",
        "!var.size",
        "var.size && var.enabled",
        "var.size > var.name",
        "0 / 0",
        "1 + 2 + var.name + 4",
        "var.later + var.ports",
        "var.password * 2",
        "var.long + 1",
    ]));
}

#[test]
fn conditionals() {
    shown!(told(&[
        "var.size ? 1 : 2",
        "var.nothing ? 1 : 2",
        "var.enabled ? 1 : [1]",
        "var.enabled ? var.server : { hostname = \"x\", cores = [] }",
        "var.enabled ? [1, [2]] : [1, 2, 3]",
        "var.enabled ? true : 1",
        "var.enabled ? var.servers : [\"a\"]",
        "var.later_bool ? 1 : [1]",
    ]));
}

#[test]
fn templates() {
    shown!(told(&[
        "\"web-${var.nothing}\"",
        "\"web-${var.ports}\"",
        "\"web-${var.server}-${var.missing}\"",
        "\"%{ for x in var.size }${x}%{ endfor }\"",
        "\"%{ if var.name }x%{ endif }\"",
        "\"%{ for s in var.servers }${s.hostnmae} %{ endfor }\"",
    ]));
}

#[test]
fn loops() {
    shown!(told(&[
        "[for x in var.size : x]",
        "[for x in var.nothing : x]",
        "[for s in var.servers : s.hostnmae]",
        "[for p in var.ports : p if p]",
        "[for p in var.ports : p if null]",
        "{for s in var.servers : s.cores => s.hostname}",
        "{for p in [null] : p => 1}",
        "{for p in [var.ports] : p => 1}",
        "[for x in [1, 2, 3, 4, 5, 6] : x + \"a\"]",
        "[for s in var.servers : cores]",
    ]));
}

#[test]
fn objects_and_several_errors() {
    shown!(told(&[
        "{ (null) = 1 }",
        "{ (var.ports) = 1 }",
        "{ var.name = 1 }",
        "{ a = var.sise, b = 1 + [], c = [var.server.x, var.ports[9]] }",
        "{ a = 1 + [], b = [var.server.x, var.ports[9]] }",
        "var.nothing[*] == var.none.x",
    ]));
}

#[test]
fn function_calls() {
    shown!(told(&[
        "uper(var.name)",
        "core::uper(var.name)",
        "upper()",
        "upper(var.name, 1)",
        "join(\",\")",
        "join(var.ports, \",\")",
        "upper(var.ports)",
        "upper(var.nothing)",
        "max(var.ports)",
        "max(var.names...)",
        "max(var.size...)",
        "max(var.nothing...)",
        "length(var.size)",
        "tonumber(var.name)",
        "tonumber(var.password)",
        "element(var.none, 0)",
        "cidrhost(var.name, 1)",
        "cidrhost(var.password, 1)",
        "substr(var.name, var.half, 1)",
        "regex(\"[\", var.name)",
        "base64decode(\"%\")",
        "timeadd(\"today\", \"1h\")",
        "replace(var.name, upper(1 + []), var.sise)",
        "zipmap([\"a\"], [1, 2])",
        "setproduct(var.size)",
        "convert(var.name, nmber)",
        "convert(var.name, number)",
        "upper(lower(vr.name), trim())",
        "try(var.server.x, 1 + [], nosuch(1))",
        "try()",
        "try(var.none...)",
        "can(var.ports...)",
        "can()",
        "templatestring(\"a\", {})",
        "templatestring(var.name, { \"a b\" = 1 })",
        "jsondecode(\"{\")",
        "yamldecode(\"a: [\")",
        "format(\"%d\", var.name)",
        "range(0, 1000000000000)",
        "one(var.ports)",
        "file(\"nosuch.txt\")",
    ]));
}

fn constraints_told(texts: &[&str]) -> String {
    let mut out = String::new();
    for text in texts {
        let sources = loam_diag::SourceMap::default();
        let file = sources.add("main.hcl", *text);
        let expr = loam_syntax::parse_expression(file, text, 0).unwrap();
        match loam_eval::type_constraint(&expr) {
            Err(d) => {
                let _ = writeln!(out, "── {text}\n{}", render(&sources, &d));
            }
            Ok((ty, _)) => panic!("{text} is accepted: {ty}"),
        }
    }
    out
}

#[test]
fn type_constraints() {
    shown!(constraints_told(&[
        "strng",
        "list(list)",
        "lst(string)",
        "map()",
        "map(string, number)",
        "string(1)",
        "any(1)",
        "object([])",
        "object({ \"a b\" = string, c = nmber })",
        "tuple(string)",
        "optional(string)",
        "object({ a = optional() })",
        "object({ a = optional(number, \"x\", 1) })",
        "object({ a = optional(number, \"x\") })",
        "object({ a = optional(string, var.x) })",
        "[string]",
        "\"numer\"",
        "list(string)[0]",
    ]));
}
