//! Pages that say where a module really is.

/// The address in `<meta name="terraform-get" content="…">`, if a page has one.
pub(crate) fn meta_address(page: &str) -> Option<String> {
    // The head is enough: what a page's text says is not the page's own word.
    let lower = page.to_ascii_lowercase();
    let end = lower
        .find("</head")
        .or_else(|| lower.find("<body"))
        .unwrap_or(page.len());
    let mut rest = page.get(..end)?;
    while let Some(start) = rest.to_ascii_lowercase().find("<meta") {
        let tag = rest.get(start + 5..)?;
        let end = tag.find('>')?;
        let attributes = attributes(tag.get(..end)?);
        let get = |name: &str| attributes.iter().find(|(n, _)| n == name).map(|(_, v)| v);
        if get("name").is_some_and(|n| n == "terraform-get") {
            return get("content").cloned();
        }
        rest = tag.get(end..)?;
    }
    None
}

/// The attributes of a tag; values with quotes or without.
fn attributes(tag: &str) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let mut rest = tag;
    while let Some((name, after)) = rest.split_once('=') {
        let name = name
            .split_whitespace()
            .last()
            .unwrap_or_default()
            .to_ascii_lowercase();
        let after = after.trim_start();
        let quote = after.chars().next().filter(|c| *c == '"' || *c == '\'');
        let (value, next) = match quote {
            Some(quote) => {
                let inner = after.get(1..).unwrap_or_default();
                inner.split_once(quote).unwrap_or((inner, ""))
            }
            None => {
                let end = after.find(char::is_whitespace).unwrap_or(after.len());
                after.split_at(end)
            }
        };
        let value = value
            .replace("&quot;", "\"")
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&");
        out.push((name, value));
        rest = next;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_found_in_the_head() {
        for (page, address) in [
            (
                "<html><head><meta charset=utf-8><meta name=\"terraform-get\" content=\"git::https://h/r?ref=1&amp;depth=1\"/></head></html>",
                Some("git::https://h/r?ref=1&depth=1"),
            ),
            (
                "<META NAME='terraform-get' CONTENT='./x.zip'>",
                Some("./x.zip"),
            ),
            (
                "<meta content=https://h/x.zip name=terraform-get >",
                Some("https://h/x.zip"),
            ),
            (
                "<head></head><body><meta name=\"terraform-get\" content=\"no\"></body>",
                None,
            ),
            ("<meta name=\"go-import\" content=\"no\">", None),
            ("<meta name=\"terraform-get\"", None),
            ("", None),
        ] {
            assert_eq!(meta_address(page).as_deref(), address, "{page}");
        }
    }
}
