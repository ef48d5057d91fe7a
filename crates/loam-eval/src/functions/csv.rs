//! Comma-separated values by RFC 4180, strictly: quotes only around a whole field.

/// The records of a text, all with the same number of fields. Empty lines do not count.
pub(super) fn records(text: &str) -> Result<Vec<Vec<String>>, String> {
    let mut records: Vec<Vec<String>> = Vec::new();
    let mut lines = Lines {
        rest: text,
        number: 0,
    };
    while let Some(line) = lines.next() {
        if line.is_empty() || line == "\n" {
            continue;
        }
        let first_line = lines.number;
        let record = record(line, &mut lines)?;
        if records.first().is_some_and(|r| r.len() != record.len()) {
            return Err(format!(
                "record on line {first_line}: wrong number of fields"
            ));
        }
        records.push(record);
    }
    Ok(records)
}

struct Lines<'a> {
    rest: &'a str,
    number: usize,
}

impl Lines<'_> {
    /// The next line with its line break, which is `\n` however it was written.
    fn next(&mut self) -> Option<String> {
        if self.rest.is_empty() {
            return None;
        }
        self.number += 1;
        let end = self.rest.find('\n').map_or(self.rest.len(), |at| at + 1);
        let (line, rest) = self.rest.split_at(end);
        self.rest = rest;
        Some(match line.strip_suffix("\r\n") {
            Some(content) => format!("{content}\n"),
            // A carriage return at the very end is half a line break.
            None if rest.is_empty() => line.strip_suffix('\r').unwrap_or(line).to_owned(),
            None => line.to_owned(),
        })
    }
}

fn record(mut line: String, lines: &mut Lines<'_>) -> Result<Vec<String>, String> {
    let mut fields = Vec::new();
    loop {
        let Some(quoted) = line.strip_prefix('"') else {
            let content = line.strip_suffix('\n').unwrap_or(&line);
            let (field, rest) = match content.split_once(',') {
                Some((field, _)) => (field, line.get(field.len() + 1..)),
                None => (content, None),
            };
            if field.contains('"') {
                return Err(format!(
                    "line {}: bare \" in non-quoted field",
                    lines.number
                ));
            }
            fields.push(field.to_owned());
            match rest {
                Some(rest) => line = rest.to_owned(),
                None => return Ok(fields),
            }
            continue;
        };
        let mut rest = quoted.to_owned();
        let mut field = String::new();
        loop {
            let Some((before, after)) = rest.split_once('"') else {
                field.push_str(&rest);
                rest = lines.next().ok_or_else(|| wrong_quote(lines.number))?;
                continue;
            };
            field.push_str(before);
            if let Some(more) = after.strip_prefix('"') {
                field.push('"');
                rest = more.to_owned();
                continue;
            }
            fields.push(field);
            if after.is_empty() || after == "\n" {
                return Ok(fields);
            }
            line = after
                .strip_prefix(',')
                .ok_or_else(|| wrong_quote(lines.number))?
                .to_owned();
            break;
        }
    }
}

fn wrong_quote(line: usize) -> String {
    format!("line {line}: extraneous or missing \" in quoted-field")
}

#[cfg(test)]
mod tests {
    use super::records;

    #[test]
    fn fields() {
        let text = "a,\"b \"\"x\"\"\",c\r\n\r\n1,\"two\nlines\",\n";
        assert_eq!(
            records(text),
            Ok(vec![
                vec!["a".into(), "b \"x\"".into(), "c".into()],
                vec!["1".into(), "two\nlines".into(), String::new()],
            ])
        );
        assert_eq!(records(""), Ok(vec![]));
        assert_eq!(records(","), Ok(vec![vec![String::new(), String::new()]]));
        for text in ["a,b\n1", "a\"b", "\"a\"b", "\"a", "\"a\nb"] {
            assert!(records(text).is_err(), "{text:?}");
        }
    }
}
