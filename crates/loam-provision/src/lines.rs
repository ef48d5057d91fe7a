//! From pieces of output to lines.

/// Collects pieces of output and hands out lines as they are complete.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    open: Vec<u8>,
}

impl Lines {
    /// Takes a piece; `emit` gets every line that it completes, without its end.
    pub fn push(&mut self, piece: &[u8], emit: &mut dyn FnMut(&str)) {
        for byte in piece {
            if *byte == b'\n' {
                self.end(emit);
            } else {
                self.open.push(*byte);
            }
        }
    }

    /// Hands out what has been put out of a line so far: nothing has come after it for a
    /// while, as of a program that shows how far it is with dots.
    pub fn flush(&mut self, emit: &mut dyn FnMut(&str)) {
        if !self.open.is_empty() {
            self.end(emit);
        }
    }

    fn end(&mut self, emit: &mut dyn FnMut(&str)) {
        while self.open.last() == Some(&b'\r') {
            self.open.pop();
        }
        emit(&String::from_utf8_lossy(&self.open));
        self.open.clear();
    }
}

/// How much of a command's output an error repeats.
const KEPT: usize = 8 * 1024;

/// The end of what a command has put out, for the error if it fails.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    kept: Vec<u8>,
    cut: bool,
}

impl Tail {
    /// Takes a piece.
    pub fn push(&mut self, piece: &[u8]) {
        self.kept.extend_from_slice(piece);
        if let Some(surplus) = self.kept.len().checked_sub(KEPT).filter(|n| *n > 0) {
            self.kept.drain(..surplus);
            self.cut = true;
        }
    }

    /// All that is kept.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.kept).into_owned()
    }

    /// As the end of a sentence about the command.
    pub fn sentence(&self) -> String {
        let text = String::from_utf8_lossy(&self.kept);
        let text = text.trim_end();
        match (text.is_empty(), self.cut) {
            (true, _) => "It has put out nothing.".to_owned(),
            (false, true) => format!("The end of its output:\n{text}"),
            (false, false) => format!("Its output:\n{text}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_out_when_they_are_complete() {
        let mut lines = Lines::default();
        let mut got = Vec::new();
        let mut emit = |l: &str| got.push(l.to_owned());
        lines.push(b"on", &mut emit);
        lines.push(b"e\r\n\ntwo\nthr", &mut emit);
        lines.flush(&mut emit);
        lines.flush(&mut emit);
        lines.push(b"\xff\n", &mut emit);
        assert_eq!(got, ["one", "", "two", "thr", "\u{fffd}"]);
    }

    #[test]
    fn an_error_repeats_the_end_of_the_output() {
        let mut tail = Tail::default();
        assert_eq!(tail.sentence(), "It has put out nothing.");
        tail.push(b"short\n");
        assert_eq!(tail.sentence(), "Its output:\nshort");
        tail.push(&[b'x'; KEPT]);
        let cut = tail.sentence();
        assert!(cut.starts_with("The end of its output:\nxxx"));
        assert_eq!(cut.trim_start_matches(|c| c != '\n').trim().len(), KEPT);
    }
}
