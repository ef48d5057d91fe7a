//! The nearest name to a misspelt one.

/// The candidate that `name` was most likely meant to be: the one with the smallest
/// edit distance (adjacent letters swapped count as one edit), if that is at most a
/// third of the name's length (at least one); ties go to the candidate that comes first.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (name.chars().count() / 3).max(1);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let distance = strsim::osa_distance(name, candidate);
        if distance <= limit && best.is_none_or(|(d, _)| distance < d) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, c)| c)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn finds_typos_and_leaves_strangers_alone() {
        assert_eq!(
            nearest("hostnmae", ["hostname", "plan_id"]),
            Some("hostname")
        );
        assert_eq!(nearest("plan", ["plan_id", "location"]), None);
        assert_eq!(nearest("xy", ["hostname"]), None);
    }
}
