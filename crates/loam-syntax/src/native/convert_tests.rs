//! Both ways of parsing an expression give the same tree.
#![allow(clippy::panic)]

use loam_diag::FileId;
use proptest::prelude::*;

use super::super::lexer::{Kind, Start, lex};
use super::super::parser::{Origin, Parser};

/// Parses the same argument both ways. Says whether `hcl-edit` was used.
fn compare(text: &str) -> bool {
    let source = format!("a = {text}\n");
    let lexed = lex(&source, Start::Main);
    let parser = || {
        let mut p = Parser::new(&source, &lexed.tokens, FileId(0), Origin::Offset(0));
        p.read();
        p.read();
        p
    };
    let mut first = parser();
    let Some(converted) = first.by_hcl_edit() else {
        return false;
    };
    let mut second = parser();
    match second.expression() {
        Ok(own) => assert_eq!(converted, own, "{text}"),
        Err(_) => panic!(
            "{text} is accepted as {converted:#?}, but {:#?}",
            second.diags
        ),
    }
    assert_eq!(first.mark(), second.mark(), "{text}");
    assert!(
        matches!(second.peek().kind, Kind::Newline | Kind::CBrace),
        "{text}"
    );
    true
}

#[test]
fn usual_expressions_take_this_way() {
    for text in [
        "1",
        "-1.5e3",
        "true",
        "null",
        "\"\"",
        "\"a\\n${b}$${c}\"",
        "\"${a}\"",
        "[1, 2,\n 3,]",
        "{ a = 1, b : 2\n (c) = 3 # x\n \"d\" = 4\n true = 5 }",
        "a.b[0].c[*].d.e[f]",
        "a.*.b.c[0]",
        "a + b * c - -d / e",
        "!a && b || c == d ? e : f",
        "(a\n +\n b)",
        "f(a, [b], {c = d}...)",
        "core::f(1)",
        "a[\"x\"].y",
        "-a.b",
        "-1 + 2",
        "a.b == \"x\" ? c : d ? e : f",
        "é.ü-1",
    ] {
        assert!(compare(text), "{text}");
    }
}

#[test]
fn constructs_that_differ_do_not() {
    for text in [
        "<<E\nx\nE",
        "\"${~ a }\"",
        "\"%{ if a }b%{ endif }\"",
        "[for a in b: a iffy]",
        "a.0",
        "1.2.3",
        "{a=1,a=2}",
    ] {
        assert!(!compare(text), "{text}");
    }
}

/// Texts of expressions, right except for the mistakes that are put in.
struct Writer {
    state: u64,
    out: Vec<String>,
}

impl Writer {
    fn pick(&mut self, n: u64) -> u64 {
        // Xorshift; good enough to reach every branch.
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state >> 20) % n
    }

    fn one(&mut self, words: &[&str]) {
        let i = self.pick(words.len() as u64) as usize;
        self.out.push(words[i].to_owned());
    }

    fn put(&mut self, word: &str) {
        self.out.push(word.to_owned());
    }

    fn list(&mut self, depth: u64, separators: &[&str]) {
        for _ in 0..self.pick(4) {
            self.expr(depth);
            self.one(separators);
        }
        if self.pick(2) == 0 {
            self.expr(depth);
        }
    }

    fn expr(&mut self, depth: u64) {
        if depth == 0 {
            self.one(&[
                "a",
                "b1",
                "_x",
                "a-b",
                "é",
                "true",
                "null",
                "1",
                "0",
                "1.5",
                "2e3",
                "007",
                "1e",
                "\"s\"",
                "\"\"",
                "\"\\n\"",
                "\"\\u00e9\"",
                "\"\\x\"",
                "\"$${a}\"",
                "\"%%{a}\"",
                "\"$\"",
                "\"%$\"",
                "\"$$${a}\"",
                "\"\\\"\"",
            ]);
            return;
        }
        let depth = depth - 1;
        match self.pick(12) {
            0 => {
                self.put("(");
                self.expr(depth);
                self.put(")");
            }
            1 => {
                self.put("[");
                self.list(depth, &[","]);
                self.put("]");
            }
            2 => {
                self.put("{");
                for _ in 0..self.pick(4) {
                    match self.pick(3) {
                        0 => self.one(&["k", "true", "\"k\"", "(k)", "k.l", "1"]),
                        1 => self.one(&["m", "n", "o", "null"]),
                        _ => self.expr(depth),
                    }
                    self.one(&["=", ":", "="]);
                    self.expr(depth);
                    self.one(&[",", "\n", "\n\n", "# c\n", "// c\n"]);
                }
                self.put("}");
            }
            3 | 4 => {
                self.expr(depth);
                for _ in 0..=self.pick(3) {
                    match self.pick(7) {
                        0 => self.one(&[".*", ".*", "[\n*]", "[ * ]"]),
                        1 => self.put("[*]"),
                        2 => {
                            self.put("[");
                            self.expr(depth);
                            self.put("]");
                        }
                        _ => self.one(&[".a", ".b", ".é", ". c", "[0]"]),
                    }
                }
            }
            5 => {
                self.one(&["f", "core::f", "a::b::c", "f ", "a :: b"]);
                self.put("(");
                self.list(depth, &[","]);
                self.one(&["", "", "..."]);
                self.put(")");
            }
            6 => {
                self.expr(depth);
                self.put("?");
                self.expr(depth);
                self.put(":");
                self.expr(depth);
            }
            7 | 8 => {
                for _ in 0..=self.pick(3) {
                    self.expr(depth);
                    self.one(&[
                        "+", "-", "*", "/", "%", "&&", "||", "==", "!=", "<", "<=", ">", ">=",
                    ]);
                }
                self.expr(depth);
            }
            9 => {
                self.one(&["-", "!", "- ", "!!"]);
                self.expr(depth);
            }
            10 => {
                self.put("\"");
                for _ in 0..self.pick(4) {
                    self.one(&["x", " ", "$", "%%{", "$${", "\\t", ""]);
                    self.put("${");
                    self.expr(depth);
                    self.put("}");
                }
                self.put("\"");
            }
            _ => self.expr(0),
        }
    }

    fn mistakes(&mut self) {
        for _ in 0..self.pick(3) {
            if self.out.is_empty() {
                return;
            }
            let at = self.pick(self.out.len() as u64) as usize;
            match self.pick(4) {
                0 => {
                    self.out.remove(at);
                }
                1 => {
                    let word = self.out[at].clone();
                    self.out.insert(at, word);
                }
                _ => {
                    let words = [
                        "\n", "# c\n", "/* c */", "/*\n*/", " ", ",", ".", "..", "...", "=", "=>",
                        "if", "in", "&", "|", "~", "'", "!", "{", "}", "(", ")", "[", "]", "*",
                        "\"", "${", "x", "\r\n", "::", ":", "?", "-", "+",
                    ];
                    let i = self.pick(words.len() as u64) as usize;
                    self.out.insert(at, words[i].to_owned());
                }
            }
        }
    }

    fn text(mut self) -> String {
        let depth = 1 + self.pick(4);
        self.expr(depth);
        self.mistakes();
        let spaces = self.pick(3);
        let words = std::mem::take(&mut self.out);
        let mut text = String::new();
        for word in words {
            text.push_str(&word);
            if spaces == 1 || (spaces == 2 && self.pick(4) == 0) {
                text.push(' ');
            }
        }
        text.trim().to_owned()
    }
}

proptest! {
    #[test]
    fn both_ways_agree(seed in 1u64..) {
        compare(&Writer { state: seed, out: Vec::new() }.text());
    }
}

/// The property above says nothing if this way is hardly ever taken.
#[test]
fn many_of_the_texts_take_this_way() {
    let taken = (1..=500u64)
        .filter(|n| {
            compare(
                &Writer {
                    state: n.wrapping_mul(0x9e37_79b9_7f4a_7c15),
                    out: Vec::new(),
                }
                .text(),
            )
        })
        .count();
    assert!(taken > 100, "{taken} of 500");
}
