//! What a source text may ask for at most.

/// How deep blocks, brackets, templates and operators may be nested in one another, and
/// so how high a syntax tree gets at most. Configurations that people write stay below
/// 30; the limit keeps every recursive walk over a tree within a thread's stack.
pub const MAX_DEPTH: usize = 256;

/// The longest source text, in bytes: what a [`loam_diag::Span`] can address.
pub const MAX_TEXT: usize = u32::MAX as usize - 1;

/// After this many syntax errors the rest of a file is not looked at. Errors that follow
/// from one another would bury the first, and each costs a look at the text around it.
pub const MAX_ERRORS: usize = 100;
