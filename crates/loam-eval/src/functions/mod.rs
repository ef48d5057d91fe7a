//! The function library: every function of the language, one file for each family.
//!
//! Functions are declarations (name, parameters, result type) with a pure body; what a
//! body may know besides its arguments is in [`CallContext`](crate::CallContext). This
//! module does not know expressions: `try`, `can` and `convert` look at theirs unevaluated
//! and are declared here only to be found and described.

mod argument;
mod assume;
mod base64;
mod case;
mod charset;
mod cidr;
mod class;
mod codepage;
mod collection;
mod conversion;
mod crypto;
mod csv;
mod data;
mod datetime;
mod double;
mod encoding;
mod filesystem;
mod format;
mod glob;
mod grapheme;
mod network;
mod numeric;
mod path;
mod pattern;
mod regex;
mod rsa;
mod selection;
mod sensitive;
mod sequence;
mod set;
mod signature;
mod string;
mod syntax;
mod template;
mod timestamp;
mod transcode;

use crate::{Function, FunctionTable};

/// All functions of the language but those of providers.
pub fn all() -> Vec<Function> {
    [
        assume::all(),
        collection::all(),
        conversion::all(),
        crypto::all(),
        data::all(),
        datetime::all(),
        encoding::all(),
        filesystem::all(),
        format::all(),
        network::all(),
        numeric::all(),
        regex::all(),
        selection::all(),
        sensitive::all(),
        sequence::all(),
        set::all(),
        string::all(),
        template::all(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// All functions of the language by name, and those of the built-in provider.
pub fn table() -> FunctionTable {
    let mut table = FunctionTable::new();
    for function in all() {
        table.insert(function);
    }
    for function in syntax::all() {
        table.insert_for_provider("terraform", function);
    }
    table
}
