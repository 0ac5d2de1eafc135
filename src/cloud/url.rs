//! Which paths are URLs, and what their parts are.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use crate::{Code, Error, Result};

/// A kind of place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheme {
    /// Amazon S3, and what speaks its language.
    S3,
    /// Google Cloud Storage.
    Gs,
    /// Azure Blob Storage.
    Az,
    /// A web server.
    Https,
    /// A web server on this machine.
    Http,
}

impl Scheme {
    const ALL: [(&'static str, Scheme); 5] =
        [("s3", Scheme::S3), ("gs", Scheme::Gs), ("az", Scheme::Az), ("https", Scheme::Https), ("http", Scheme::Http)];

    /// The word before `://`.
    pub(super) fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, scheme)| *scheme == self).map_or("", |(name, _)| name)
    }

    /// Whether it is a web server, whose paths are percent-encoded and cannot be listed.
    pub(super) fn is_web(self) -> bool {
        matches!(self, Scheme::Https | Scheme::Http)
    }
}

/// A URL in its parts.
#[cfg(feature = "cloud")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) scheme: Scheme,
    /// Bucket or container; of a web server, host and port.
    pub(super) bucket: String,
    /// What comes behind, without the slash between and without one at the end.
    pub(super) key: String,
    /// Whether it ends in a slash, as that of a folder.
    pub(super) is_folder: bool,
}

/// Whether a path is the URL of a place that [`super`] knows. A folder called `s3:` would be reached as `./s3:`.
pub fn is_url(path: &Path) -> bool {
    split(path).is_some()
}

fn split(path: &Path) -> Option<(Scheme, &str)> {
    let (name, rest) = path.to_str()?.split_once(':')?;
    // Joining paths on Windows turns slashes round.
    let rest = rest.strip_prefix("//").or_else(|| rest.strip_prefix("/\\"))?;
    let scheme = Scheme::ALL.iter().find(|(known, _)| name.eq_ignore_ascii_case(known))?;
    Some((scheme.1, rest))
}

/// The parts of a URL that was admitted, or made by joining names to one.
#[cfg(feature = "cloud")]
pub(super) fn parse(url: &Path) -> Result<Place> {
    let Some((scheme, rest)) = split(url) else { return Err(invalid("it is not a URL")) };
    let rest = if cfg!(windows) { rest.replace('\\', "/") } else { rest.to_string() };
    let (bucket, key) = rest.split_once('/').unwrap_or((&rest, ""));
    let is_folder = key.is_empty() || key.ends_with('/');
    Ok(Place { scheme, bucket: bucket.into(), key: key.trim_end_matches('/').into(), is_folder })
}

/// What may be shown of a URL that was typed, and its query.
pub(super) fn admit(typed: &Path) -> Result<(PathBuf, Option<String>)> {
    let Some((scheme, rest)) = split(typed) else { return Err(invalid("it is not a URL").at(typed)) };
    let (authority, path) = rest.split_once('/').map_or((rest, None), |(a, p)| (a, Some(p)));
    // `https://host?query` has no slash before its query.
    let (authority, bare_query) = authority.split_once('?').map_or((authority, None), |(a, q)| (a, Some(q)));
    let (path, query) = match (path, bare_query) {
        (_, Some(query)) => (None, Some(query)),
        (Some(path), None) => path.split_once('?').map_or((Some(path), None), |(p, q)| (Some(p), Some(q))),
        (None, None) => (None, None),
    };
    let query = query.map(|q| q.split('#').next().unwrap_or(q));
    let path = path.map(|p| if scheme.is_web() { p.split('#').next().unwrap_or(p) } else { p });
    let (user, bucket) = authority.rsplit_once('@').map_or((None, authority), |(user, host)| (Some(user), host));
    let shown = match path {
        Some(path) => PathBuf::from(format!("{}://{bucket}/{path}", scheme.name())),
        None => PathBuf::from(format!("{}://{bucket}", scheme.name())),
    };
    let refuse = |what: &str| Err(invalid(what).at(&shown));
    if user.is_some() {
        return refuse("a URL must not have a name or a password in it; credentials are taken from the environment");
    }
    if bucket.is_empty() {
        return refuse(if scheme.is_web() { "the host is missing" } else { "the name of the bucket is missing" });
    }
    let in_bucket = |c: char| c.is_ascii_alphanumeric() || "-._$".contains(c);
    let in_host = |c: char| c.is_ascii_alphanumeric() || "-._:[]".contains(c);
    if !bucket.chars().all(|c| if scheme.is_web() { in_host(c) } else { in_bucket(c) }) {
        return Err(invalid("that is no name of a host or a bucket"));
    }
    if scheme == Scheme::Http && !is_this_machine(bucket) {
        return refuse("http:// is for this machine alone: what comes from elsewhere could be anybody's; use https://");
    }
    if query.is_some() && !scheme.is_web() {
        return refuse("the URL of an object has no query; a key with `?` in it is reached through its folder");
    }
    let parts = path.unwrap_or("").trim_end_matches('/');
    if !parts.is_empty() && parts.split('/').any(|part| part.is_empty() || part == "." || part == "..") {
        return refuse("a part of its path is empty, `.` or `..`");
    }
    Ok((shown, query.filter(|q| !q.is_empty()).map(str::to_string)))
}

fn is_this_machine(authority: &str) -> bool {
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or(""),
        None => authority.split(':').next().unwrap_or(""),
    };
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn invalid(what: &str) -> Error {
    Error::new(Code::OptionInvalid, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admitted(typed: &str) -> (String, Option<String>) {
        let (url, query) = admit(Path::new(typed)).unwrap_or_else(|e| panic!("{typed}: {e}"));
        (url.to_string_lossy().into_owned(), query)
    }

    #[test]
    fn urls_are_told_from_paths() {
        for url in ["s3://b", "gs://b/k", "az://c/b", "https://h/p", "HTTP://localhost/", "s3://"] {
            assert!(is_url(Path::new(url)), "{url}");
        }
        for path in ["s3:/b", "./s3://b", "a/s3://b", "s3", "ftp://h/p", "C://x", "", "-"] {
            assert!(!is_url(Path::new(path)), "{path}");
        }
    }

    #[cfg(feature = "cloud")]
    #[test]
    fn parts_are_found() {
        let place = parse(&Path::new("s3://bucket/in").join("x/a b#1.png")).unwrap();
        assert_eq!((place.scheme, &*place.bucket, &*place.key), (Scheme::S3, "bucket", "in/x/a b#1.png"));
        assert!(!place.is_folder);
        assert!(parse(Path::new("s3://bucket")).unwrap().is_folder);
        assert!(parse(Path::new("s3://bucket/in/")).unwrap().is_folder);
    }

    #[test]
    fn a_query_is_taken_off() {
        let (url, query) = admitted("https://h:8443/a/b.png?X-Sig=secret#part");
        assert_eq!((&*url, query.as_deref()), ("https://h:8443/a/b.png", Some("X-Sig=secret")));
        assert_eq!(admitted("https://h?q").0, "https://h");
        assert_eq!(admitted("https://h/a.png#part"), ("https://h/a.png".into(), None));
        // In a key it is a character as any other.
        assert_eq!(admitted("s3://b/a#1.png").0, "s3://b/a#1.png");
    }

    #[test]
    fn what_cannot_be_a_place_is_refused_without_its_secrets() {
        for bad in [
            "s3://",
            "s3:///key",
            "https:///a.png",
            "s3://KEY:secret@bucket/a.png",
            "https://me:secret@host/a.png",
            "s3://bucket/a.png?sig=secret",
            "s3://KEY:secret/a.png",
            "http://example.org/a.png",
            "http://127.0.0.1.example.org/a.png",
            "s3://bucket/a/../b.png",
            "s3://bucket/a//b.png",
        ] {
            let e = admit(Path::new(bad)).unwrap_err();
            assert_eq!(e.code(), Code::OptionInvalid, "{bad}");
            assert!(!e.to_string().contains("secret"), "{e}");
        }
        for good in ["http://localhost:8000/a.png", "http://127.0.0.2/a.png", "http://[::1]:80/a.png", "az://$web/a"] {
            admitted(good);
        }
    }
}
