//! Sending the requests of examples, and holding answers against them.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::Method;
use regex::Regex;
use serde_json::{Map, Value, json};

use crate::harness::Bench;

/// What a service makes up has one of these shapes; the first of them name something.
const SHAPES: [&str; 16] = [
    r"^[0-9a-f]{12}$",
    r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
    r"^6000C29[0-9a-f](-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
    r"^(vps|eml|rec)-[0-9a-z]{6}$",
    r"^4sn\d+n$",
    r"^l\d+[a-z]\d+$",
    r"^(l\d*t|dns|vmw|k8s_[fm])\d+$",
    r"^zone\d+\.\d+\.\d+$",
    r"^\d{1,3}(\.\d{1,3}){3}$",
    r"^\d+$",
    r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$",
    r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$",
    r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$",
    r"^[0-9a-f]{2}(:[0-9a-f]{2}){5}$",
    r"^[0-9a-f:]*::[0-9a-f:]+$",
    r"^https?://\S+$",
];

/// How many of the shapes are names.
const NAMES: usize = 10;

/// A request of a file, and what its answer has to be.
#[derive(Debug, Default)]
struct Step {
    name: String,
    method: String,
    path: String,
    body: String,
    status: u16,
    answer: String,
}

/// A run through a file.
pub struct Replay<'b> {
    bench: &'b Bench,
    base: String,
    headers: Vec<(String, String)>,
    shapes: Vec<Regex>,
    loose: BTreeSet<String>,
    /// What examples call by which name, and what it really is.
    real: BTreeMap<String, String>,
    /// The names of the examples that were replayed.
    pub examples: Vec<String>,
}

impl<'b> Replay<'b> {
    /// In headers `SECRET` stands for the key.
    pub fn new(bench: &'b Bench, base: String, secret: String, headers: &[(&str, &str)]) -> Self {
        let header =
            |(name, value): &(&str, &str)| ((*name).to_owned(), value.replace("SECRET", &secret));
        Replay {
            bench,
            base,
            headers: headers.iter().map(header).collect(),
            shapes: SHAPES
                .iter()
                .map(|s| Regex::new(s).expect("a pattern"))
                .collect(),
            loose: BTreeSet::new(),
            real: BTreeMap::new(),
            examples: Vec::new(),
        }
    }

    /// Replays a whole file.
    pub async fn run(&mut self, text: &str) {
        let mut step = Step::default();
        for line in text.lines().chain(["#"]) {
            if let Some(keys) = line.strip_prefix("loose: ") {
                self.loose.extend(keys.split(' ').map(str::to_owned));
            } else if line.starts_with('#') || line.starts_with('~') {
                let done = std::mem::take(&mut step);
                if !done.method.is_empty() {
                    self.send(&done).await;
                }
                if let Some(seconds) = line.strip_prefix("~ ") {
                    self.bench.advance(seconds.parse().expect("seconds")).await;
                }
                if let Some(name) = line.strip_prefix("## ") {
                    self.examples.push(name.to_owned());
                }
                step.name = line.trim_start_matches('#').trim().to_owned();
            } else if let Some(status) = line.strip_prefix("> ") {
                step.status = status.parse().expect("a status");
            } else if step.status != 0 {
                step.answer += line;
            } else if !step.method.is_empty() {
                step.body += line;
            } else if let Some((method, path)) = line.split_once(' ') {
                (step.method, step.path) = (method.to_owned(), path.to_owned());
            }
        }
    }

    async fn send(&mut self, step: &Step) {
        let at = format!("{}: {} {}", step.name, step.method, step.path);
        let method: Method = step.method.parse().expect("a method");
        let body = match step.body.is_empty() {
            true => Value::Null,
            false => self.really(&parsed(&step.body, &at), ""),
        };
        let path = self.path(&step.path);
        let url = match path.strip_prefix('/') {
            Some(own) => format!("{}/{own}", self.bench.sandbox.url()),
            None => format!("{}/{path}", self.base.trim_end_matches('/')),
        };
        let known = !step.name.ends_with("without a key");
        let headers: Vec<(&str, &str)> = self
            .headers
            .iter()
            .filter(|_| known)
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        let mut reply = self.bench.send(method.clone(), &url, &headers, &body).await;
        // Messages to users are on their way for a moment.
        for _ in 0..100 {
            if !(step.path.ends_with("/webhooks") && reply.text.contains("[]")) {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            reply = self.bench.send(method.clone(), &url, &headers, &body).await;
        }
        assert_eq!(reply.status, step.status, "{at}: {body} {}", reply.text);
        if step.answer.is_empty() {
            return;
        }
        let said = reply.text.clone();
        let example = parsed(&step.answer, &at);
        self.same(
            &example,
            &reply.json(),
            "",
            &format!("{at}\nexample: {example}\nanswer: {said}"),
        );
    }

    /// A path with the real ids for those of the examples.
    fn path(&self, path: &str) -> String {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let parts: Vec<&str> = path.split('/').map(|part| self.name(part)).collect();
        let pairs: Vec<String> = query
            .split('&')
            .map(|pair| match pair.split_once('=') {
                Some((name, value)) if names(name) => format!("{name}={}", self.name(value)),
                _ => pair.to_owned(),
            })
            .collect();
        match query {
            "" => parts.join("/"),
            _ => format!("{}?{}", parts.join("/"), pairs.join("&")),
        }
    }

    fn name<'a>(&'a self, example: &'a str) -> &'a str {
        self.real.get(example).map_or(example, String::as_str)
    }

    /// A body with the real ids for those of the examples.
    fn really(&self, example: &Value, key: &str) -> Value {
        match example {
            Value::String(text) => json!(self.name(text)),
            Value::Number(number) if names(key) => {
                let real = self.real.get(&number.to_string());
                real.and_then(|r| r.parse::<i64>().ok())
                    .map_or_else(|| example.clone(), |n| json!(n))
            }
            Value::Array(list) => list.iter().map(|item| self.really(item, key)).collect(),
            Value::Object(map) => {
                let pairs = map.iter().map(|(k, v)| (k.clone(), self.really(v, k)));
                Value::Object(pairs.collect::<Map<_, _>>())
            }
            other => other.clone(),
        }
    }

    /// Whether an item of a list, which may be in any order, is the example's: the words in
    /// it are the same.
    fn is_like(&self, example: &Value, item: &Value) -> bool {
        let words = example
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(name, value)| {
                let word = value
                    .as_str()
                    .filter(|w| !self.shapes.iter().any(|s| s.is_match(w)));
                *name != "…" && word.is_some() && !self.loose.contains(*name)
            });
        words
            .into_iter()
            .all(|(name, value)| item.get(name) == Some(value))
    }

    fn same(&mut self, example: &Value, answer: &Value, key: &str, at: &str) {
        match (example, answer) {
            (Value::Array(_), Value::Array(_)) if self.loose.contains(key) => {}
            (Value::Object(example), Value::Object(answer)) => {
                let open = example.contains_key("…");
                for (name, value) in example.iter().filter(|(name, _)| *name != "…") {
                    // Some names are ids themselves.
                    let name = self.name(name).to_owned();
                    let there = answer
                        .get(&name)
                        .unwrap_or_else(|| panic!("no `{name}` in {at}"));
                    self.same(value, there, &name, at);
                }
                for name in answer.keys().filter(|_| !open) {
                    assert!(example.contains_key(name), "`{name}` is no key of {at}");
                }
            }
            (Value::Array(example), Value::Array(answer)) => {
                let open = example.last() == Some(&json!("…"));
                let shown = example.len() - usize::from(open);
                assert!(
                    answer.len() == shown || open && answer.len() > shown,
                    "{} items of `{key}` in {at}",
                    answer.len()
                );
                for (place, example) in example.iter().enumerate().take(shown) {
                    let there = match open {
                        true => answer.iter().find(|a| self.is_like(example, a)),
                        false => None,
                    };
                    let there = there.or(answer.get(place)).unwrap_or(&Value::Null);
                    self.same(example, there, key, at);
                }
            }
            (Value::String(example), Value::String(answer)) => {
                if example == "…" || self.loose.contains(key) || self.path(example) == *answer {
                    return;
                }
                let shape = |text: &str| self.shapes.iter().position(|s| s.is_match(text));
                assert!(
                    !self.real.contains_key(example)
                        && shape(example).is_some()
                        && shape(example) == shape(answer),
                    "`{key}` is {answer:?} and not {example:?} in {at}"
                );
                if shape(example).is_some_and(|shape| shape < NAMES) {
                    self.real.insert(example.clone(), answer.clone());
                }
            }
            (Value::Number(example), Value::Number(answer)) => {
                let same = example.as_f64() == answer.as_f64();
                if self.loose.contains(key) || same && !names(key) {
                    return;
                }
                let name = example.to_string();
                let known = self.real.get(&name).cloned();
                assert!(
                    names(key) && known.is_none_or(|known| known == answer.to_string()),
                    "`{key}` is {answer} and not {example} in {at}"
                );
                self.real.insert(name, answer.to_string());
            }
            // A message to a user is kept as it was sent.
            (Value::Object(_), Value::String(text)) => {
                self.same(example, &parsed(text, at), key, at);
            }
            (example, answer) => assert_eq!(example, answer, "`{key}` in {at}"),
        }
    }
}

/// Whether a key's number names something.
fn names(key: &str) -> bool {
    key == "id"
        || key == "vmid"
        || key.ends_with("_id")
        || key.ends_with("_ids")
        || key.ends_with("Id")
}

fn parsed(text: &str, at: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{at}: {error}: {text}"))
}
