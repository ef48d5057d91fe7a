//! Parts of values as lines of text.

use loam_syntax::quoted;
use similar::TextDiff;

use super::difference::{Form, Part, Sign};
use super::value::{EPHEMERAL, SENSITIVE, UNKNOWN, key};
use crate::Style;

/// How parts are printed.
#[derive(Clone, Copy)]
pub struct Printer {
    pub style: Style,
    /// Signs stand in front of the lines.
    pub signs: bool,
}

/// What the place of a part says about it.
#[derive(Clone, Copy, Default)]
pub struct Place {
    /// That it goes away is told by what is around it.
    pub no_null: bool,
    /// What does not change is shown, too.
    pub all: bool,
}

/// Attributes by which a reader knows an object, and which are always shown.
pub fn is_landmark(name: &str) -> bool {
    matches!(name, "id" | "name" | "tags")
}

impl Printer {
    /// What stands in front of a line that is `level` deep.
    pub fn margin(&self, level: usize, sign: Sign) -> String {
        let pad = "    ".repeat(level);
        if !self.signs {
            return pad;
        }
        let sign = match sign {
            Sign::Add => self.style.green("+"),
            Sign::Remove => self.style.red("-"),
            Sign::Change => self.style.yellow("~"),
            Sign::Keep => " ".into(),
        };
        format!("{pad}  {sign} ")
    }

    /// A line that says something about others.
    pub fn note(&self, level: usize, text: &str) -> String {
        format!(
            "{}{}\n",
            self.margin(level, Sign::Keep),
            self.style.dim(text)
        )
    }

    /// How many parts are not shown.
    pub fn hidden(&self, level: usize, n: usize, what: &str) -> String {
        match n {
            0 => String::new(),
            1 => self.note(level, &format!("# (1 unchanged {what} hidden)")),
            _ => self.note(level, &format!("# ({n} unchanged {what}s hidden)")),
        }
    }

    /// What is to be said before a part: that it begins or ends to be sensitive.
    pub fn warning(&self, level: usize, part: &Part) -> String {
        let Form::Sensitive {
            marking: Some(now),
            same,
        } = &part.form
        else {
            return String::new();
        };
        let pad = format!("{}  ", "    ".repeat(level));
        let head = self.style.yellow("Warning");
        let mut text = match now {
            true => format!(
                "{pad}# {head}: from this change on the value is sensitive and will not be shown.\n"
            ),
            false => format!(
                "{pad}# {head}: from this change on the value is not sensitive and will be shown.\n"
            ),
        };
        if *same {
            text.push_str(&format!("{pad}# The value stays as it is.\n"));
        }
        text
    }

    /// That a part makes a replacement necessary.
    pub fn forces(&self, forces: bool) -> String {
        match forces {
            true => format!(" {}", self.style.red("# forces replacement")),
            false => String::new(),
        }
    }

    fn gone(&self, sign: Sign, place: Place) -> String {
        match sign == Sign::Remove && !place.no_null {
            true => format!(" {} {}", self.arrow(), self.style.dim("null")),
            false => String::new(),
        }
    }

    fn arrow(&self) -> String {
        self.style.yellow("->")
    }

    /// A part in a line of its own. `label` is what it is called, with the `=`.
    pub fn entry(&self, label: &str, part: &Part, level: usize, place: Place, end: &str) -> String {
        format!(
            "{}{}{label}{}{end}\n",
            self.warning(level, part),
            self.margin(level, part.sign),
            self.value(part, level, place)
        )
    }

    /// A part as a text whose first line is behind a label; the others are indented for a
    /// line that is `level` deep.
    pub fn value(&self, part: &Part, level: usize, place: Place) -> String {
        let forces = self.forces(part.forces);
        let to_null = self.gone(part.sign, place);
        let end = format!("{to_null}{forces}");
        match &part.form {
            Form::Sensitive { .. } => format!("{SENSITIVE}{end}"),
            Form::Ephemeral => format!("{EPHEMERAL}{end}"),
            Form::Line(before, after) => match part.sign {
                Sign::Add | Sign::Keep => format!("{after}{forces}"),
                Sign::Remove => format!("{before}{end}"),
                Sign::Change => format!("{before} {} {after}{forces}", self.arrow()),
            },
            Form::Unknown(before) => {
                let before = before.as_ref().map(|b| {
                    let inner = Place {
                        no_null: true,
                        ..place
                    };
                    format!("{} {} ", self.value(b, level, inner), self.arrow())
                });
                format!("{}{UNKNOWN}{forces}", before.unwrap_or_default())
            }
            Form::Other(before, after) => {
                let inner = Place {
                    no_null: true,
                    ..place
                };
                format!(
                    "{} {} {}{forces}",
                    self.value(before, level, inner),
                    self.arrow(),
                    self.value(after, level, inner)
                )
            }
            Form::Text(before, after) => {
                let lines = self.lines(before.as_deref(), after.as_deref(), level + 1);
                let spaces = match lines.1 {
                    true => format!(" {}", self.style.dim("# whitespace changes")),
                    false => String::new(),
                };
                format!(
                    "<<-EOT{spaces}{forces}\n{}{}EOT{to_null}",
                    lines.0,
                    self.margin(level, Sign::Keep)
                )
            }
            Form::Json(inner) => self.json(part, inner, level, place),
            Form::Entries {
                keys_are_values,
                entries,
            } => {
                if entries.is_empty() {
                    return format!("{{}}{end}");
                }
                let inner = self.entries(*keys_are_values, entries, part.sign, level + 1, place);
                let close = self.margin(level, Sign::Keep);
                format!("{{{forces}\n{inner}{close}}}{to_null}")
            }
            Form::Elements { ordered, items } => {
                if items.is_empty() {
                    return format!("[]{end}");
                }
                let inner = self.elements(*ordered, items, level + 1, place);
                let close = self.margin(level, Sign::Keep);
                format!("[{forces}\n{inner}{close}]{to_null}")
            }
        }
    }

    fn json(&self, part: &Part, inner: &Part, level: usize, place: Place) -> String {
        let spaces = part.sign == Sign::Change && inner.sign == Sign::Keep;
        let within = Place {
            all: place.all || spaces,
            no_null: true,
        };
        let text = self.value(inner, level + 1, within);
        let note = match spaces {
            true => format!(" {}", self.style.dim("# whitespace changes")),
            false => String::new(),
        };
        let forces = self.forces(part.forces);
        let to_null = self.gone(part.sign, place);
        if !text.contains('\n') {
            return format!("jsonencode({text}){note}{to_null}{forces}");
        }
        let sign = match part.sign {
            Sign::Change if !spaces => Sign::Change,
            _ => Sign::Keep,
        };
        format!(
            "jsonencode({note}{forces}\n{}{text}\n{}){to_null}",
            self.margin(level + 1, sign),
            self.margin(level, Sign::Keep)
        )
    }

    fn entries(
        &self,
        keys_are_values: bool,
        entries: &[(std::sync::Arc<str>, Part)],
        outer: Sign,
        level: usize,
        place: Place,
    ) -> String {
        let label = |n: &str| if keys_are_values { quoted(n) } else { key(n) };
        let width = entries.iter().map(|(n, _)| label(n).chars().count());
        let width = width.max().unwrap_or(0);
        let inner = Place {
            no_null: !keys_are_values || outer == Sign::Remove,
            all: place.all,
        };
        let mut out = String::new();
        let mut hidden = 0;
        for (name, part) in entries {
            let landmark = !keys_are_values && is_landmark(name);
            if part.sign == Sign::Keep && !place.all && !landmark {
                hidden += 1;
                continue;
            }
            let object = matches!(
                part.form,
                Form::Entries {
                    keys_are_values: false,
                    ..
                }
            );
            let comma = if keys_are_values && object { "," } else { "" };
            let inner = Place {
                all: place.all || landmark,
                ..inner
            };
            let label = format!("{:<width$} = ", label(name));
            out.push_str(&self.entry(&label, part, level, inner, comma));
        }
        let what = if keys_are_values {
            "element"
        } else {
            "attribute"
        };
        out.push_str(&self.hidden(level, hidden, what));
        out
    }

    /// Of elements in order that do not change, those next to a change are shown.
    fn elements(&self, ordered: bool, items: &[Part], level: usize, place: Place) -> String {
        let place = Place {
            no_null: true,
            ..place
        };
        let whole = Place { all: true, ..place };
        let mut out = String::new();
        let mut kept: Vec<&Part> = Vec::new();
        let mut after_change = false;
        for item in items {
            if item.sign == Sign::Keep && !after_change && !place.all {
                kept.push(item);
                continue;
            }
            if ordered {
                if let Some(last) = kept.pop() {
                    out.push_str(&self.hidden(level, kept.len(), "element"));
                    out.push_str(&self.entry("", last, level, whole, ","));
                }
                kept.clear();
                after_change = item.sign != Sign::Keep;
            }
            let place = match item.sign {
                Sign::Keep => whole,
                _ => place,
            };
            out.push_str(&self.entry("", item, level, place, ","));
        }
        out.push_str(&self.hidden(level, kept.len(), "element"));
        out
    }

    /// Text as its lines, and whether only space around it differs.
    fn lines(&self, before: Option<&str>, after: Option<&str>, level: usize) -> (String, bool) {
        let line = |sign: Sign, text: &str| format!("{}{text}\n", self.margin(level, sign));
        let whole = |s: &str| -> String {
            let lines = content(s).split('\n');
            lines.map(|l| line(Sign::Keep, l)).collect()
        };
        let (Some(before), Some(after)) = (before, after) else {
            return (whole(before.or(after).unwrap_or_default()), false);
        };
        let (b, a) = (content(before), content(after));
        if b == a {
            return (whole(a), before != after);
        }
        let (b, a): (Vec<&str>, Vec<&str>) = (b.split('\n').collect(), a.split('\n').collect());
        let diff = TextDiff::from_slices(&b, &a);
        let mut out = String::new();
        for change in diff.iter_all_changes() {
            let sign = match change.tag() {
                similar::ChangeTag::Delete => Sign::Remove,
                similar::ChangeTag::Insert => Sign::Add,
                similar::ChangeTag::Equal => Sign::Keep,
            };
            out.push_str(&line(sign, change.value()));
        }
        (out, false)
    }
}

/// Text without the line ends that it closes with.
fn content(text: &str) -> &str {
    text.trim_end_matches('\n')
}
