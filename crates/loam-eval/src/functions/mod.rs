//! The function library.

use crate::FunctionTable;

/// All functions of the language.
pub fn table() -> FunctionTable {
    FunctionTable::new()
}
