//! Indentation, spaces within lines, and columns.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use super::Piece;
use super::spacing::space_between;
use crate::native::lexer::Kind;

/// A line in cells, each a range of tokens. A heredoc belongs to the line on which it
/// starts.
struct Line {
    /// Everything up to one of the others.
    lead: Range<usize>,
    /// From the `=` of an assignment whose value ends on this line; else empty.
    assign: Range<usize>,
    /// A comment after something else; else empty.
    comment: Range<usize>,
}

/// Sets the spaces before every token.
pub(super) fn lay_out(pieces: &mut [Piece<'_>]) {
    let lines = lines(pieces);
    indent(pieces, &lines);
    for line in &lines {
        space_cell(pieces, &line.lead);
        if let Some(equals) = pieces
            .get_mut(line.assign.clone())
            .and_then(|c| c.first_mut())
        {
            equals.spaces = 1;
        }
        space_cell(pieces, &line.assign);
    }
    columns(pieces, &lines, |l| &l.assign, |p, l| width(p, &l.lead));
    columns(
        pieces,
        &lines,
        |l| &l.comment,
        |p, l| width(p, &l.lead) + width(p, &l.assign),
    );
}

fn cell<'p, 'a>(pieces: &'p [Piece<'a>], range: &Range<usize>) -> &'p [Piece<'a>] {
    pieces.get(range.clone()).unwrap_or(&[])
}

fn brackets(pieces: &[Piece<'_>]) -> isize {
    pieces.iter().map(Piece::brackets).sum()
}

fn lines(pieces: &[Piece<'_>]) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut start = 0;
    for (i, piece) in pieces.iter().enumerate() {
        if piece.kind == Kind::Eof {
            lines.push(line(pieces, start..i));
            return lines;
        }
        if piece.ends_line() {
            lines.push(line(pieces, start..i + 1));
            start = i + 1;
        }
    }
    if start < pieces.len() {
        lines.push(line(pieces, start..pieces.len()));
    }
    lines
}

fn line(pieces: &[Piece<'_>], all: Range<usize>) -> Line {
    let mut lead = all.clone();
    let mut comment = all.end..all.end;
    if all.len() > 1 && cell(pieces, &all).last().is_some_and(Piece::is_comment) {
        lead.end -= 1;
        comment.start -= 1;
    }
    let equals = cell(pieces, &lead)
        .iter()
        .skip(1)
        .position(|p| p.kind == Kind::Equal);
    let mut assign = lead.end..lead.end;
    if let Some(n) = equals {
        let value = lead.start + 1 + n..lead.end;
        // If more is opened than closed the value goes on in the next lines.
        if brackets(cell(pieces, &value)) == 0 {
            lead.end = value.start;
            assign = value;
        }
    }
    Line {
        lead,
        assign,
        comment,
    }
}

/// Indents each line by the lines before it that opened more brackets than they closed.
fn indent(pieces: &mut [Piece<'_>], lines: &[Line]) {
    // For each level, how many brackets its line opened.
    let mut levels: Vec<isize> = Vec::new();
    for line in lines {
        let Some(first) = cell(pieces, &line.lead).first() else {
            continue;
        };
        let mut spaces = 0;
        if first.kind != Kind::Newline {
            let lead = cell(pieces, &line.lead);
            let heredoc = lead.iter().position(|p| p.kind == Kind::OHeredoc);
            let counted = heredoc.map_or(lead, |n| lead.get(..=n).unwrap_or(lead));
            let net = brackets(counted) + brackets(cell(pieces, &line.assign));
            if net < 0 {
                close(&mut levels, -net);
            }
            spaces = 2 * levels.len();
            if net > 0 {
                levels.push(net);
            }
        }
        if let Some(first) = pieces.get_mut(line.lead.start) {
            first.spaces = spaces;
        }
    }
}

fn close(levels: &mut Vec<isize>, mut closed: isize) {
    while closed > 0 {
        let Some(open) = levels.last_mut() else {
            return;
        };
        if closed < *open {
            *open -= closed;
            return;
        }
        closed -= *open;
        levels.pop();
    }
}

fn space_cell(pieces: &mut [Piece<'_>], range: &Range<usize>) {
    let Some(cell) = pieces.get_mut(range.clone()) else {
        return;
    };
    for i in 1..cell.len() {
        let (done, rest) = cell.split_at_mut(i);
        let (Some(this), Some(after)) = (done.last(), rest.first_mut()) else {
            continue;
        };
        let before = done.len().checked_sub(2).and_then(|i| done.get(i));
        after.spaces = space_between(before, this, after).into();
    }
}

/// How many columns a cell takes, with the spaces in and before it.
fn width(pieces: &[Piece<'_>], range: &Range<usize>) -> usize {
    cell(pieces, range)
        .iter()
        .map(|p| {
            let text = match p.text.is_ascii() {
                // `\r\n` is one cluster; a cell that ends so is never followed by another.
                true => p.text.len(),
                false => p.text.graphemes(true).count(),
            };
            p.spaces + text
        })
        .sum()
}

/// Moves a cell of consecutive lines that all have it to one column.
fn columns(
    pieces: &mut [Piece<'_>],
    lines: &[Line],
    of: impl Fn(&Line) -> &Range<usize>,
    before: impl Fn(&[Piece<'_>], &Line) -> usize,
) {
    for chain in lines.chunk_by(|a, b| !of(a).is_empty() && !of(b).is_empty()) {
        let widths: Vec<usize> = chain.iter().map(|l| before(pieces, l)).collect();
        let widest = widths.iter().copied().max().unwrap_or(0);
        for (line, width) in chain.iter().zip(widths) {
            let range = of(line);
            if !range.is_empty()
                && let Some(first) = pieces.get_mut(range.start)
            {
                first.spaces = widest - width + 1;
            }
        }
    }
}
