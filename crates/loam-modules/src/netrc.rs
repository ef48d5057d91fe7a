//! Names and passwords for hosts, from the file that curl and git have for them, too.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

/// What a `.netrc` file says.
#[derive(Default)]
pub(crate) struct Netrc {
    machines: Vec<(Option<String>, Login)>,
}

/// A name and its password.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Login {
    pub name: String,
    password: String,
}

impl Login {
    /// The password, for the header that it goes into.
    pub fn reveal(&self) -> &str {
        &self.password
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Login(…)")
    }
}

impl Netrc {
    /// Reads the file that `NETRC` names, or `.netrc` (`_netrc` on Windows) in the user's
    /// home. One that cannot be read says nothing.
    pub fn load(environment: &BTreeMap<String, String>) -> Netrc {
        let said = |name: &str| environment.get(name).filter(|v| !v.is_empty());
        let name = if cfg!(windows) { "_netrc" } else { ".netrc" };
        let home = || said("HOME").or_else(|| said("USERPROFILE"));
        let path = said("NETRC")
            .map(PathBuf::from)
            .or_else(|| Some(Path::new(home()?).join(name)));
        let text = path.and_then(|p| std::fs::read_to_string(p).ok());
        text.map(|t| Netrc::parse(&t)).unwrap_or_default()
    }

    fn parse(text: &str) -> Netrc {
        let mut machines: Vec<(Option<String>, Login)> = Vec::new();
        let mut macro_body = false;
        for line in text.lines() {
            if macro_body {
                macro_body = !line.trim().is_empty();
                continue;
            }
            let mut words = line.split_whitespace();
            while let Some(word) = words.next() {
                let mut value = || words.next().unwrap_or_default().to_owned();
                match word {
                    "machine" => machines.push((Some(value()), Login::default())),
                    "default" => machines.push((None, Login::default())),
                    "login" => {
                        let name = value();
                        if let Some((_, login)) = machines.last_mut() {
                            login.name = name;
                        }
                    }
                    "password" => {
                        let password = value();
                        if let Some((_, login)) = machines.last_mut() {
                            login.password = password;
                        }
                    }
                    "account" => drop(value()),
                    "macdef" => {
                        macro_body = true;
                        break;
                    }
                    comment if comment.starts_with('#') => break,
                    _ => {}
                }
            }
        }
        Netrc { machines }
    }

    /// The login for a host: the first entry that names it, or the default.
    pub fn login(&self, host: &str) -> Option<&Login> {
        let fits = |m: &&(Option<String>, Login)| m.0.as_deref().is_none_or(|name| name == host);
        let found = self.machines.iter().find(fits);
        found.map(|(_, login)| login).filter(|l| !l.name.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_found_by_host() {
        let text = "# mine\nmachine a.example login ada password p1\nmachine b.example\n  login bob\n  password p#2\n  account x\nmacdef init\n  machine c.example login no password no\n\nmachine d.example password only\ndefault login any password p3\nmachine e.example login late password late\n";
        let netrc = Netrc::parse(text);
        let found = |host: &str| netrc.login(host).map(|l| (l.name.as_str(), l.reveal()));
        assert_eq!(found("a.example"), Some(("ada", "p1")));
        assert_eq!(found("b.example"), Some(("bob", "p#2")));
        assert_eq!(found("c.example"), Some(("any", "p3")));
        assert_eq!(found("d.example"), None);
        assert_eq!(found("e.example"), Some(("any", "p3")));
        assert_eq!(format!("{:?}", netrc.login("a.example")), "Some(Login(…))");
        assert!(Netrc::parse("login x\nmachine").login("x").is_none());
    }
}
