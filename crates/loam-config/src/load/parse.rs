//! Parsing the files of a folder.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use loam_diag::{Diagnostics, FileId};
use loam_syntax::{Body, parse_json, parse_native};

use crate::decode::ParsedFile;

/// A file that was read.
pub(super) struct Text {
    pub id: FileId,
    pub text: Arc<str>,
    /// It is in JSON syntax.
    pub json: bool,
    /// It is an override file.
    pub overrides: bool,
}

impl Text {
    fn parse(&self) -> (ParsedFile, Diagnostics) {
        let (body, diags): (Body, Diagnostics) = if self.json {
            parse_json(self.id, &self.text)
        } else {
            parse_native(self.id, &self.text)
        };
        let file = ParsedFile {
            body,
            overrides: self.overrides,
        };
        (file, diags)
    }
}

/// Parses files, on all processors if that pays. The results are in the files' order.
pub(super) fn parse_all(texts: Vec<Text>) -> Vec<(ParsedFile, Diagnostics)> {
    const SMALL: usize = 64 * 1024;
    let total: usize = texts.iter().map(|t| t.text.len()).sum();
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    if total < SMALL || workers < 2 || texts.len() < 2 {
        return texts.iter().map(Text::parse).collect();
    }
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let i = next.fetch_add(1, Ordering::Relaxed);
            match texts.get(i) {
                Some(text) => done.push((i, text.parse())),
                None => return done,
            }
        }
    };
    let mut parsed: Vec<(usize, _)> = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        handles
            .into_iter()
            .flat_map(|h| match h.join() {
                Ok(done) => done,
                Err(panic) => std::panic::resume_unwind(panic),
            })
            .collect()
    });
    parsed.sort_by_key(|(i, _)| *i);
    parsed.into_iter().map(|(_, p)| p).collect()
}
