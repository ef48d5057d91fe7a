//! What must be remembered of a value besides its content.

use std::ops::{BitOr, BitOrAssign};

/// A set of marks. Marks travel with a value through every operator and function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Marks(u8);

impl Marks {
    /// No marks.
    pub const NONE: Marks = Marks(0);
    /// The value must not be shown.
    pub const SENSITIVE: Marks = Marks(1);
    /// The value must not be stored in a plan or a state.
    pub const EPHEMERAL: Marks = Marks(2);

    /// True if there are none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// True if all of `other` are in `self`.
    pub const fn contains(self, other: Marks) -> bool {
        self.0 & other.0 == other.0
    }

    /// True if the value must not be shown.
    pub const fn is_sensitive(self) -> bool {
        self.contains(Marks::SENSITIVE)
    }

    /// True if the value must not be stored.
    pub const fn is_ephemeral(self) -> bool {
        self.contains(Marks::EPHEMERAL)
    }

    /// `self` without the marks of `other`.
    #[must_use]
    pub const fn without(self, other: Marks) -> Marks {
        Marks(self.0 & !other.0)
    }
}

impl BitOr for Marks {
    type Output = Marks;
    fn bitor(self, other: Marks) -> Marks {
        Marks(self.0 | other.0)
    }
}

impl BitOrAssign for Marks {
    fn bitor_assign(&mut self, other: Marks) {
        self.0 |= other.0;
    }
}
