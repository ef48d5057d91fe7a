//! Native syntax: no text panics; the layout of a valid file is stable and keeps the tree.
#![no_main]

use libfuzzer_sys::fuzz_target;
use loam_diag::FileId;

fuzz_target!(|text: &str| {
    let file = FileId(0);
    let (body, diags) = loam_syntax::parse_native(file, text);
    let _ = body.content(&Default::default());
    let formatted = loam_syntax::format(file, text);
    assert_eq!(formatted.is_err(), diags.has_errors());
    if let Ok(once) = formatted {
        let again = loam_syntax::format(file, &once).expect("a formatted file is valid");
        assert_eq!(again, once, "formatting is idempotent");
    }
});
