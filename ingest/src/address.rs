//! An http, https or s3 address, of which messages and files show only what is no secret.

use std::fmt;

use common::{Class, Error, Result, hash};

use crate::s3;

/// An http, https or s3 address.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Address {
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
        if scheme == "s3" {
            let name = s3::name(text)?;
            let stem = slug(&name.replace('*', "all"), "");
            let stem = format!("{stem}-{}", &hash::hex(name.as_bytes())[..12]);
            return Ok(Self { request: name.clone(), name, stem });
        }
        if scheme != "http" && scheme != "https" {
            return refused(format!(
                "sources of the kind `{scheme}://` are not read; http, https and s3 are"
            ));
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
        Ok(Self { request, name: format!("{scheme}://{host}{path}{hidden}"), stem })
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

    /// Whether it asks for encryption.
    pub(crate) fn is_secure(&self) -> bool {
        self.request.starts_with("https:")
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
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
    fn a_path_is_no_address() {
        assert_eq!(Address::scheme("data/raw/a.csv"), None);
        assert_eq!(Address::scheme("data/http://a.csv"), None);
        assert_eq!(Address::scheme("S3://bucket/a.csv").as_deref(), Some("s3"));
    }
}
