//! One dash or two.

/// Long options with one dash become options with two: `-auto-approve`, `-var=x=y`.
/// What follows `--` and the values of options stay as they are. `-version` and `-v` in
/// place of a command are the command `version`.
pub fn normalise(args: impl IntoIterator<Item = std::ffi::OsString>) -> Vec<std::ffi::OsString> {
    let mut out: Vec<std::ffi::OsString> = Vec::new();
    let mut literal = false;
    let mut command = false;
    for (i, arg) in args.into_iter().enumerate() {
        let text = arg.to_str().map(str::to_owned);
        match text {
            Some(t) if i > 0 && !literal => {
                if t == "--" {
                    literal = true;
                }
                if !command && matches!(t.as_str(), "-version" | "--version" | "-v") {
                    out.push("version".into());
                    command = true;
                    continue;
                }
                command |= !t.starts_with('-');
                let mut chars = t.chars();
                let long = chars.next() == Some('-')
                    && chars.next().is_some_and(|c| c.is_ascii_alphabetic())
                    && chars
                        .next()
                        .is_some_and(|c| c.is_ascii_alphabetic() || c == '-');
                out.push(if long { format!("-{t}").into() } else { arg });
            }
            _ => out.push(arg),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_dash_or_two() {
        let args = [
            "loam",
            "plan",
            "-out=a.plan",
            "--var",
            "x=1",
            "-h",
            "-",
            "-5",
            "--",
            "-var",
        ];
        let got = normalise(args.map(Into::into));
        let got: Vec<_> = got.iter().filter_map(|a| a.to_str()).collect();
        assert_eq!(
            got,
            [
                "loam",
                "plan",
                "--out=a.plan",
                "--var",
                "x=1",
                "-h",
                "-",
                "-5",
                "--",
                "-var"
            ]
        );
    }
}
