//! An http, https or s3 address, of which messages and files show only what is no secret.

use std::fmt;

use common::{Class, Error, Result, hash};

use crate::s3;

/// The schemes that are read; `fetch` says by whom.
const SCHEMES: [&str; 3] = ["http", "https", "s3"];

/// An http, https or s3 address.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Address {
    scheme: String,
    /// User, password, host and port; empty for an object.
    authority: String,
    /// Path and query; empty for an object.
    tail: String,
    request: String,
    name: String,
    stem: String,
}

impl Address {
    /// The scheme of a text that begins like an address: `https` of `https://host/path`.
    pub(crate) fn scheme(text: &str) -> Option<String> {
        let (scheme, _) = text.split_once("://")?;
        let plain = scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
        (plain && scheme.starts_with(|c: char| c.is_ascii_alphabetic())).then(|| scheme.to_ascii_lowercase())
    }

    /// Reads an address.
    ///
    /// # Errors
    /// [`Class::Refused`], showing nothing of the text but its scheme and host.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let refused = |message: String| Err(Error::new(Class::Refused, message));
        let scheme = Self::scheme(text).unwrap_or_default();
        if !SCHEMES.contains(&scheme.as_str()) {
            return refused(format!(
                "sources of the kind `{scheme}://` are not read; {} are",
                SCHEMES.join(", ")
            ));
        }
        if scheme == "s3" {
            return s3::name(text).map(Self::of_object);
        }
        let rest = text.split_once("://").map_or("", |(_, rest)| rest);
        // What stands after # never goes to a server.
        let rest = rest.split('#').next().unwrap_or_default();
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, tail) = rest.split_at(end);
        let host = authority.rsplit('@').next().unwrap_or_default().to_ascii_lowercase();
        let (path, query) = tail.split_once('?').map_or((tail, None), |(path, query)| (path, Some(query)));
        let path = if path.is_empty() { "/" } else { path };
        let request = format!("{scheme}://{rest}");
        if host.is_empty() || host.starts_with(':') || request.parse::<ureq::http::Uri>().is_err() {
            return refused(format!(
                "an address of the kind `{scheme}://` that names no host or holds characters no address has"
            ));
        }
        let identity =
            format!("{scheme}://{host}{path}{}", query.map(|q| format!("?{q}")).unwrap_or_default());
        let short = hash::hex(identity.as_bytes())[..12].to_owned();
        // Two addresses that differ in their query only keep different names.
        let hidden = query.map(|_| format!("?…#{short}")).unwrap_or_default();
        let stem = format!("{}-{short}", slug(path, &host));
        let name = format!("{scheme}://{host}{path}{hidden}");
        Ok(Self { authority: authority.to_owned(), tail: tail.to_owned(), scheme, request, name, stem })
    }

    /// The address of an object, or of a pattern of objects, which holds no secret.
    fn of_object(name: String) -> Self {
        let stem = slug(&name.replace('*', "all"), "");
        let stem = format!("{stem}-{}", &hash::hex(name.as_bytes())[..12]);
        let (authority, tail) = (String::new(), String::new());
        Self { scheme: "s3".to_owned(), authority, tail, request: name.clone(), name, stem }
    }

    /// Where a redirect to `location` leads (RFC 3986, 5.2). User and password stay with their host.
    ///
    /// # Errors
    /// Why it is not followed, without anything of the location but its scheme.
    pub(crate) fn redirected(&self, location: &str) -> std::result::Result<Self, String> {
        let location = encoded(location.split('#').next().unwrap_or_default());
        let other = || "redirects to what is no http or https address".to_owned();
        let (scheme, rest) = match location.split_once(':') {
            Some((scheme, rest)) if !scheme.contains(['/', '?']) => (scheme.to_ascii_lowercase(), rest),
            _ => (self.scheme.clone(), location.as_str()),
        };
        if scheme != "http" && scheme != "https" {
            return Err(other());
        }
        if self.scheme == "https" && scheme != "https" {
            return Err("redirects from https to an address without encryption".to_owned());
        }
        let target = if let Some(rest) = rest.strip_prefix("//") {
            let host = rest.split(['/', '?']).next().unwrap_or_default();
            let own = self.authority.rsplit('@').next().unwrap_or_default();
            let same = scheme == self.scheme && host.eq_ignore_ascii_case(own);
            let rest = if same { rest.replacen(host, &self.authority, 1) } else { rest.to_owned() };
            format!("{scheme}://{rest}")
        } else if rest.len() != location.len() {
            // `https:path` names no host.
            return Err(other());
        } else {
            let path = self.tail.split('?').next().unwrap_or_default();
            let tail = match rest.chars().next() {
                Some('/') => rest.to_owned(),
                Some('?') | None => format!("{path}{rest}"),
                Some(_) => format!("{}/{rest}", path.rsplit_once('/').map_or("", |(folder, _)| folder)),
            };
            format!("{scheme}://{}{}", self.authority, without_dots(&tail))
        };
        Self::parse(&target).map_err(|_| other())
    }

    /// What goes before `://`, in small letters.
    pub(crate) fn scheme_name(&self) -> &str {
        &self.scheme
    }

    /// The address as it is asked of the server, secrets included: never show it.
    pub(crate) fn request(&self) -> &str {
        &self.request
    }

    /// The address without user, password and query.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// A file name without ending that no other address has.
    pub(crate) fn stem(&self) -> &str {
        &self.stem
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// Servers send characters that no address has; browsers write them as `%XX`.
fn encoded(location: &str) -> String {
    let plain =
        |b: u8| b.is_ascii_graphic() && !matches!(b, b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{'..=b'}');
    let letter = |b: u8| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") };
    location.trim().bytes().map(letter).collect()
}

/// A path and query whose path has no `.` and `..`.
fn without_dots(tail: &str) -> String {
    let (path, query) = tail.split_once('?').map_or((tail, None), |(path, query)| (path, Some(query)));
    let mut parts: Vec<&str> = Vec::new();
    let last = path.rsplit('/').next().unwrap_or_default();
    for part in path.split('/').skip(1) {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    if matches!(last, "." | "..") {
        parts.push("");
    }
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    format!("/{}{query}", parts.join("/"))
}

/// The last part of the path without its ending, or the host, in letters that any file system has.
fn slug(path: &str, host: &str) -> String {
    let last = path.rsplit('/').find(|part| !part.is_empty()).unwrap_or(host);
    let stem = last.strip_suffix(".csv").unwrap_or(last);
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let slug: String = stem.chars().map(plain).take(40).collect();
    slug.trim_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_user_nor_query_is_shown() {
        let address = Address::parse("https://me:s3cret@Data.Example:8443/a/Sales 2.csv?token=s3cret#x");
        assert!(address.is_err(), "a blank is no character of an address");
        let address =
            Address::parse("https://me:s3cret@Data.Example:8443/a/Sales_2.csv?token=s3cret#x").unwrap();
        assert!(address.name().starts_with("https://data.example:8443/a/Sales_2.csv?…#"), "{address:?}");
        assert!(address.stem().starts_with("sales-2-"), "{}", address.stem());
        assert!(!format!("{address:?}{}", address.stem()).contains("s3cret"));
        assert_eq!(address.request(), "https://me:s3cret@Data.Example:8443/a/Sales_2.csv?token=s3cret");
        let error = Address::parse("https://me:s3cret@/x").unwrap_err().to_string();
        assert!(!error.contains("s3cret"), "{error}");
    }

    #[test]
    fn addresses_that_differ_only_in_the_query_have_different_names() {
        let [a, b] = ["?id=1", "?id=2"].map(|q| Address::parse(&format!("http://h/x{q}")).unwrap());
        assert_ne!(a.name(), b.name());
        assert_ne!(a.stem(), b.stem());
    }

    #[test]
    fn redirects_are_resolved_and_keep_user_and_password_with_their_host() {
        let base = Address::parse("http://me:pw@h:81/a/b/c.csv?x=1").unwrap();
        // The examples of RFC 3986, 5.4, as far as they are addresses of this kind.
        for (location, expected) in [
            ("g", "http://me:pw@h:81/a/b/g"),
            ("./g", "http://me:pw@h:81/a/b/g"),
            ("g/", "http://me:pw@h:81/a/b/g/"),
            ("/g", "http://me:pw@h:81/g"),
            ("//g", "http://g"),
            ("?y", "http://me:pw@h:81/a/b/c.csv?y"),
            ("g?y#s", "http://me:pw@h:81/a/b/g?y"),
            ("", "http://me:pw@h:81/a/b/c.csv"),
            (".", "http://me:pw@h:81/a/b/"),
            ("..", "http://me:pw@h:81/a/"),
            ("../g", "http://me:pw@h:81/a/g"),
            ("../../../g", "http://me:pw@h:81/g"),
            ("g?y/../x", "http://me:pw@h:81/a/b/g?y/../x"),
            ("HTTP://H:81/z", "http://me:pw@h:81/z"),
            ("http://h:82/z", "http://h:82/z"),
            ("https://h:81/z", "https://h:81/z"),
            ("/a b/\u{e9}", "http://me:pw@h:81/a%20b/%C3%A9"),
        ] {
            assert_eq!(base.redirected(location).unwrap().request(), expected, "{location}");
        }
        for location in ["ftp://h/x", "file:///etc/passwd", "data:,x", "javascript:x", "http:g", "http://"] {
            assert!(base.redirected(location).is_err(), "{location}");
        }
        let secure = Address::parse("https://h/a").unwrap();
        assert!(secure.redirected("http://h/a").unwrap_err().contains("without encryption"));
        assert_eq!(secure.redirected("//g/b").unwrap().request(), "https://g/b");
    }

    #[test]
    fn a_path_is_no_address() {
        assert_eq!(Address::scheme("data/raw/a.csv"), None);
        assert_eq!(Address::scheme("data/http://a.csv"), None);
        assert_eq!(Address::scheme("S3://bucket/a.csv").as_deref(), Some("s3"));
    }
}
