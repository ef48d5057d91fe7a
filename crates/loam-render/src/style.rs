//! Colours and weights of terminal text.

use anstyle::{AnsiColor, Effects};

/// How text may be dressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Whether the output shows colours.
    pub colour: bool,
}

impl Style {
    /// Without colours.
    pub const PLAIN: Style = Style { colour: false };

    fn dress(&self, text: &str, style: anstyle::Style) -> String {
        if self.colour && !text.is_empty() {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }

    fn coloured(&self, text: &str, colour: AnsiColor) -> String {
        self.dress(text, anstyle::Style::new().fg_color(Some(colour.into())))
    }

    /// Errors and destruction.
    pub fn red(&self, text: &str) -> String {
        self.coloured(text, AnsiColor::Red)
    }

    /// Warnings and changes.
    pub fn yellow(&self, text: &str) -> String {
        self.coloured(text, AnsiColor::Yellow)
    }

    /// Success and creation.
    pub fn green(&self, text: &str) -> String {
        self.coloured(text, AnsiColor::Green)
    }

    /// Reading.
    pub fn cyan(&self, text: &str) -> String {
        self.coloured(text, AnsiColor::Cyan)
    }

    /// What matters less.
    pub fn dim(&self, text: &str) -> String {
        self.dress(text, anstyle::Style::new().effects(Effects::DIMMED))
    }

    /// What matters most.
    pub fn bold(&self, text: &str) -> String {
        self.dress(text, anstyle::Style::new().effects(Effects::BOLD))
    }

    /// The place of an error.
    pub fn underline(&self, text: &str) -> String {
        self.bold(text)
    }
}
