//! Environment variables with two names: Terraform's, which people have in their scripts,
//! and Loam's own, which goes before it.

/// What the names begin with, the one that counts first.
pub const PREFIXES: [&str; 2] = ["LOAM_", "TF_"];

/// A variable that is set, and by which of its names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// `LOAM_DATA_DIR` or `TF_DATA_DIR`.
    pub name: String,
    /// What it says; not empty.
    pub value: String,
}

/// The value of `LOAM_name`, else of `TF_name`. What is empty is not set.
///
/// ```
/// use loam_config::environment::setting;
///
/// let said = |name: &str| (name == "TF_DATA_DIR").then(|| "data".to_owned());
/// assert_eq!(setting(said, "DATA_DIR").map(|s| s.value).as_deref(), Some("data"));
/// ```
pub fn setting(variable: impl Fn(&str) -> Option<String>, name: &str) -> Option<Setting> {
    PREFIXES.iter().find_map(|prefix| {
        let name = format!("{prefix}{name}");
        let value = variable(&name).filter(|v| !v.trim().is_empty())?;
        Some(Setting { name, value })
    })
}

/// Whether a variable switches something off: `0` or `false`.
pub fn is_off(variable: impl Fn(&str) -> Option<String>, name: &str) -> bool {
    setting(variable, name).is_some_and(|s| matches!(s.value.as_str(), "0" | "false"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of<'a>(all: &'a [(&str, &str)]) -> impl Fn(&str) -> Option<String> + 'a {
        |name| {
            let found = all.iter().find(|(n, _)| *n == name);
            found.map(|(_, v)| (*v).to_owned())
        }
    }

    #[test]
    fn loams_own_name_counts_unless_it_is_empty() {
        let both = [("TF_INPUT", "0"), ("LOAM_INPUT", "1")];
        let found = setting(of(&both), "INPUT").map(|s| s.name);
        assert_eq!(found.as_deref(), Some("LOAM_INPUT"));
        assert!(!is_off(of(&both), "INPUT"));
        let empty = [("TF_INPUT", "0"), ("LOAM_INPUT", "")];
        assert!(is_off(of(&empty), "INPUT"));
        assert_eq!(setting(of(&[]), "INPUT"), None);
    }
}
