//! The many ways to write a path of this API, made one.

use axum::http::Uri;

/// The login, after it was made canonical.
pub const LOGIN: &str = "/auth/login";
/// The refresh of a login's token.
pub const REFRESH: &str = "/auth/refresh";

/// Rewrites a path below `/api` to its one form: without family and slash at the end, in the plural.
pub fn canonicalize(uri: &mut Uri) {
    let path = canonical(uri.path());
    let whole = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path,
    };
    if let Ok(new) = whole.parse() {
        *uri = new;
    }
}

fn canonical(path: &str) -> String {
    let path = if path.len() > 1 {
        path.trim_end_matches('/')
    } else {
        path
    };
    match path {
        "/user/login" => return LOGIN.to_owned(),
        // The vendor's page mentions a refresh without its path: the likely ones answer.
        "/user/refresh" | "/user/login/refresh" | "/user/token/refresh" | "/user/refresh-token" => {
            return REFRESH.to_owned();
        }
        _ => {}
    }
    // The legacy API shares nothing with the others, whatever its paths look like.
    if path == "/service" {
        return "/legacy".to_owned();
    }
    if let Some(rest) = path.strip_prefix("/service/") {
        return format!("/legacy/{rest}");
    }
    let below = ["/v2", "/user"]
        .iter()
        .find_map(|family| {
            path.strip_prefix(family)
                .filter(|rest| rest.starts_with('/'))
        })
        .unwrap_or(path);
    let (first, rest) = below
        .trim_start_matches('/')
        .split_once('/')
        .unwrap_or((below.trim_start_matches('/'), ""));
    let first = match first {
        "persistent-storage" => "persistent-storages",
        "object-storage" => "object-storages",
        "backup" => "backups",
        "load-balancer" => "load-balancers",
        other => other,
    };
    if rest.is_empty() {
        format!("/{first}")
    } else {
        format!("/{first}/{rest}")
    }
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn families_plurals_and_slashes() {
        for (written, meant) in [
            ("/v2/devices", "/devices"),
            ("/devices/", "/devices"),
            ("/user/networks/1", "/networks/1"),
            (
                "/user/persistent-storage/1/extend",
                "/persistent-storages/1/extend",
            ),
            ("/v2/object-storages/users", "/object-storages/users"),
            ("/user/login", "/auth/login"),
            ("/service/tenant", "/legacy/tenant"),
            ("/service/networks/1/update", "/legacy/networks/1/update"),
            ("/user/activity", "/activity"),
            ("/v2", "/v2"),
        ] {
            assert_eq!(canonical(written), meant, "{written}");
        }
    }
}
