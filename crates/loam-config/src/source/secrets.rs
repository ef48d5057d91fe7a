//! Addresses without what opens them.

/// A text that is or holds a URL, without passwords and tokens in it.
pub fn without_secrets(text: &str) -> String {
    let (address, query) = match text.split_once('?') {
        Some((address, query)) => (address, Some(query)),
        None => (text, None),
    };
    let mut out = match address.split_once("://") {
        Some((scheme, rest)) => {
            let end = rest.find('/').unwrap_or(rest.len());
            let (authority, path) = rest.split_at(end);
            match authority.rsplit_once('@') {
                // The user of ssh is part of every address.
                Some((user, _)) if scheme.ends_with("ssh") && !user.contains(':') => {
                    address.to_owned()
                }
                Some((_, host)) => format!("{scheme}://(secret)@{host}{path}"),
                None => address.to_owned(),
            }
        }
        None => address.to_owned(),
    };
    if let Some(query) = query {
        let shown: Vec<String> = query.split('&').map(without_secret).collect();
        out.push('?');
        out.push_str(&shown.join("&"));
    }
    out
}

/// An argument of a query, its value hidden if its name is that of a secret.
fn without_secret(argument: &str) -> String {
    const SECRETS: [&str; 7] = [
        "token",
        "password",
        "secret",
        "signature",
        "credential",
        "sshkey",
        "access_key",
    ];
    let Some((name, _)) = argument.split_once('=') else {
        return argument.to_owned();
    };
    let lower = name.to_ascii_lowercase();
    match SECRETS.iter().any(|s| lower.contains(s)) || matches!(&*lower, "sig" | "key" | "apikey") {
        true => format!("{name}=(secret)"),
        false => argument.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_shown() {
        for (text, shown) in [
            (
                "git::https://user:pw@h/r.git//sub?ref=v1",
                "git::https://(secret)@h/r.git//sub?ref=v1",
            ),
            ("https://tok@h/x.zip", "https://(secret)@h/x.zip"),
            ("git::ssh://git@h/r.git", "git::ssh://git@h/r.git"),
            ("git::ssh://git:pw@h/r", "git::ssh://(secret)@h/r"),
            (
                "https://h/x.zip?private_token=abc&X-Amz-Signature=d&sig=e&a=b",
                "https://h/x.zip?private_token=(secret)&X-Amz-Signature=(secret)&sig=(secret)&a=b",
            ),
            ("./a@b", "./a@b"),
        ] {
            assert_eq!(without_secrets(text), shown);
        }
    }
}
