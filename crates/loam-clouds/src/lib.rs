//! Descriptions of the clouds that Loam knows, embedded in the binary.
//!
//! Goes out: texts by provider name, for `loam-rest` to read. Nothing else is here, and
//! nothing elsewhere knows these clouds.

/// Every description: the provider's name and the text.
pub fn all() -> Vec<(&'static str, &'static str)> {
    vec![
        ("cyberpanel", include_str!("cyberpanel.hcl")),
        ("serverspace", include_str!("serverspace.hcl")),
        ("vpsorg", include_str!("vpsorg.hcl")),
        ("xelon", include_str!("xelon.hcl")),
        ("xessone", include_str!("xessone.hcl")),
    ]
}
