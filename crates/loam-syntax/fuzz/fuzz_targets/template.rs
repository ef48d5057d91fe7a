//! Templates and expressions: no text panics.
#![no_main]

use libfuzzer_sys::fuzz_target;
use loam_diag::FileId;

fuzz_target!(|text: &str| {
    let _ = loam_syntax::parse_template(FileId(0), text, 0);
    let _ = loam_syntax::parse_expression(FileId(0), text, 0);
});
