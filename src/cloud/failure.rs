//! What went wrong with a store, in our codes and in words that hold no secret.
//!
//! A store's own words are not passed on: S3 names the access key in a refusal, Azure repeats a signed URL,
//! and a proxy may say anything. What is taken from them is of a form that holds no secret: the number of the
//! status, and the store's name for the failure (`SlowDown`). What a builder says of the environment is passed on
//! without the values of variables that are credentials, and without what a parser says of them, which quotes them.

use object_store::Error as StoreError;
use object_store::client::{HttpError, HttpErrorKind};

use crate::{Code, Error};

/// What was being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doing {
    Reading,
    Writing,
    Listing,
}

/// Longest name of a failure that is passed on, bytes: the longest that S3 has is below 50.
const LONGEST_NAME: usize = 60;

/// Words in the names of variables whose values are secret.
const SECRET_WORDS: [&str; 7] = ["KEY", "SECRET", "TOKEN", "PASSWORD", "SAS", "CREDENTIAL", "SIGNATURE"];

/// Shortest value that is looked for in a text, bytes: below it, `true` and `1` would be.
const SHORTEST_SECRET: usize = 6;

/// The failure of a request.
pub(super) fn failure(doing: Doing, error: &StoreError) -> Error {
    let said = Said::by(error);
    let because = said.in_words();
    let (code, what) = match (error, doing) {
        (StoreError::NotFound { .. }, Doing::Reading) => {
            (Code::InputNotFound, format!("there is no such object{because}"))
        }
        (StoreError::NotFound { .. }, _) => (Code::CloudRefused, format!("there is no such bucket{because}")),
        (StoreError::PermissionDenied { .. } | StoreError::Unauthenticated { .. }, _) => {
            let what = match doing {
                Doing::Reading => "reading",
                Doing::Writing => "writing",
                Doing::Listing => "listing",
            };
            (Code::CloudDenied, format!("the store does not allow {what} it{because}"))
        }
        (StoreError::InvalidPath { .. }, _) => {
            (Code::CloudRefused, "a name in it has an empty part, `.`, `..` or a control character".into())
        }
        _ if said.denies_credentials() => {
            (Code::CloudDenied, format!("the store does not know the credentials{because}"))
        }
        _ => match (said.status, said.transport) {
            (Some(429 | 500..), _) => (Code::CloudUnavailable, format!("the store had no time{because}")),
            (Some(404), _) if doing != Doing::Reading => {
                (Code::CloudRefused, format!("there is no such bucket{because}"))
            }
            (Some(401 | 403), _) => (Code::CloudDenied, format!("the store does not allow it{because}")),
            (Some(_), _) => (Code::CloudRefused, format!("the store refused{because}")),
            (None, Some(kind)) => (Code::CloudUnavailable, transport(kind).into()),
            (None, None) => (Code::CloudRefused, scrubbed(&error.to_string())),
        },
    };
    Error::new(code, what)
}

/// Whether an answer broke in the middle, so that asking once more may help.
pub(super) fn broke(error: &StoreError) -> bool {
    let said = Said::by(error);
    said.status.is_none() && said.transport.is_some_and(|kind| kind != HttpErrorKind::Connect)
}

/// The failure to make a store of what the environment says.
pub(super) fn refused(error: &StoreError) -> Error {
    Error::new(Code::CloudRefused, scrubbed(&unquoted(error)))
}

/// What a builder says, but not why a parser or a decoder below it refused its input: that may be a private key, also
/// one that is in a file.
fn unquoted(error: &StoreError) -> String {
    let chain = std::iter::successors(Some(error as &dyn std::error::Error), |error| error.source());
    // First the crate's error for all, then the builder's own.
    let below = chain.skip(2).last().filter(|cause| !cause.is::<std::io::Error>());
    let text = error.to_string();
    below.map_or(text.clone(), |cause| text.replace(&cause.to_string(), "").trim_end_matches([':', ' ']).to_string())
}

fn transport(kind: HttpErrorKind) -> &'static str {
    match kind {
        HttpErrorKind::Connect => "no connection to the store could be made",
        HttpErrorKind::Timeout => "the store was silent for too long, again and again",
        HttpErrorKind::Interrupted => "the connection to the store broke, again and again",
        _ => "the store's answer could not be read",
    }
}

/// What can be passed on of what a store or a connection said.
#[derive(Debug, Default, PartialEq, Eq)]
struct Said {
    status: Option<u16>,
    name: Option<String>,
    transport: Option<HttpErrorKind>,
}

impl Said {
    fn by(error: &StoreError) -> Self {
        let mut said = Self::default();
        let mut link: Option<&(dyn std::error::Error + 'static)> = Some(error);
        while let Some(error) = link {
            if let Some(http) = error.downcast_ref::<HttpError>() {
                said.transport = Some(http.kind());
            }
            said.read(&error.to_string());
            link = error.source();
        }
        said
    }

    /// Takes status and name from a text. The crate's type for them cannot be named from here.
    fn read(&mut self, text: &str) {
        let behind = |mark: &str| text.find(mark).map(|at| &text[at + mark.len()..]);
        if let Some(rest) = behind("non-2xx status code: ") {
            self.status = rest.get(..3).and_then(|digits| digits.parse().ok()).or(self.status);
        }
        let is_name = |name: &&str| {
            !name.is_empty() && name.len() <= LONGEST_NAME && name.bytes().all(|b| b.is_ascii_alphabetic())
        };
        if let Some(name) = behind("<Code>").and_then(|rest| rest.split('<').next()).filter(is_name) {
            self.name = Some(name.into());
        }
    }

    fn in_words(&self) -> String {
        match (self.status, &self.name) {
            (Some(status), Some(name)) => format!(" ({status} {name})"),
            (Some(status), None) => format!(" ({status})"),
            (None, Some(name)) => format!(" ({name})"),
            (None, None) => String::new(),
        }
    }

    /// Whether it is a refusal of who asks that comes with another status.
    fn denies_credentials(&self) -> bool {
        let names =
            ["ExpiredToken", "InvalidToken", "TokenRefreshRequired", "InvalidAccessKeyId", "AuthenticationFailed"];
        self.name.as_deref().is_some_and(|name| names.contains(&name))
    }
}

/// `text` without queries and what stands before an `@` in URLs, and without what the environment keeps secret.
fn scrubbed(text: &str) -> String {
    let secrets = std::env::vars_os().filter_map(|(name, value)| {
        let name = name.to_string_lossy().to_ascii_uppercase();
        let secret = SECRET_WORDS.iter().any(|word| name.contains(word));
        secret.then(|| value.to_string_lossy().into_owned())
    });
    scrubbed_of(text, secrets)
}

fn scrubbed_of(text: &str, secrets: impl Iterator<Item = String>) -> String {
    let mut text = text.to_string();
    for secret in secrets.filter(|s| s.len() >= SHORTEST_SECRET) {
        text = text.replace(&secret, "***");
    }
    let word = |word: &str| {
        let Some((scheme, rest)) = word.split_once("://") else { return word.to_string() };
        let (rest, query) = rest.split_once('?').map_or((rest, ""), |(rest, _)| (rest, "?***"));
        let (host, path) = rest.split_once('/').map_or((rest, String::new()), |(h, p)| (h, format!("/{p}")));
        let host = host.rsplit_once('@').map_or(host.to_string(), |(_, host)| format!("***@{host}"));
        format!("{scheme}://{host}{path}{query}")
    };
    text.split_whitespace().map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_stores_words_only_status_and_name_are_passed_on() {
        let text = "Error performing GET http://h/b/k?X-Amz-Signature=secret in 1s - Server returned non-2xx status \
                    code: 403 Forbidden: <?xml?><Error><Code>InvalidAccessKeyId</Code><AWSAccessKeyId>AKIAsecret</AWSAccessKeyId></Error>";
        let error = StoreError::PermissionDenied { path: "k".into(), source: text.into() };
        let e = failure(Doing::Reading, &error);
        assert_eq!(e.code(), Code::CloudDenied);
        assert_eq!(e.message(), "the store does not allow reading it (403 InvalidAccessKeyId)");
    }

    #[test]
    fn a_name_that_may_be_anything_is_left_out() {
        let mut said = Said::default();
        said.read("Server returned non-2xx status code: 503 Slow: <Code>Key AKIA12</Code>");
        assert_eq!((said.status, said.name), (Some(503), None));
    }

    #[test]
    fn failures_have_the_code_of_their_kind() {
        let generic = |text: &str| StoreError::Generic { store: "S3", source: text.into() };
        let code = |doing, text: &str| failure(doing, &generic(text)).code();
        assert_eq!(code(Doing::Reading, "returned non-2xx status code: 503 Busy"), Code::CloudUnavailable);
        assert_eq!(code(Doing::Listing, "returned non-2xx status code: 404 Not Found"), Code::CloudRefused);
        assert_eq!(
            code(Doing::Writing, "returned non-2xx status code: 400 : <Code>ExpiredToken</Code>"),
            Code::CloudDenied
        );
        assert_eq!(code(Doing::Writing, "returned non-2xx status code: 400 Bad Request"), Code::CloudRefused);
        let missing = StoreError::NotFound { path: "k".into(), source: "".into() };
        assert_eq!(failure(Doing::Reading, &missing).code(), Code::InputNotFound);
        assert_eq!(failure(Doing::Writing, &missing).code(), Code::CloudRefused);
    }

    #[test]
    fn a_key_that_cannot_be_read_is_not_quoted() {
        let google = |key: &str| {
            let builder = object_store::gcp::GoogleCloudStorageBuilder::new().with_bucket_name("b");
            refused(&builder.with_service_account_key(key).build().unwrap_err()).message().to_string()
        };
        let key =
            r#"{"private_key": "hush", "private_key_id": "hush", "client_email": "hush", "disable_oauth": "hush"}"#;
        for key in [r#""hush""#, key, r#"{"private_key": "hush"}"#, &key.replace(r#", "disable_oauth": "hush""#, "")] {
            let told = google(key);
            assert!(!told.contains("hush"), "{told}");
        }
        assert!(google("7").ends_with("Unable to decode service account file"), "{}", google("7"));
        let azure = object_store::azure::MicrosoftAzureBuilder::new().with_container_name("c");
        let told = refused(&azure.clone().with_account("a").with_access_key("hush!").build().unwrap_err());
        assert!(told.message().ends_with("Invalid Access Key"), "{told}");
        // What names the setting that is missing stays.
        let told = refused(&azure.build().unwrap_err());
        assert!(told.message().ends_with("Account must be specified"), "{told}");
        let path = object_store::gcp::GoogleCloudStorageBuilder::new().with_service_account_path("none.json");
        let told = refused(&path.with_bucket_name("b").build().unwrap_err());
        assert!(told.message().contains("none.json") && told.message().contains("No such file"), "{told}");
    }

    #[test]
    fn what_is_said_of_the_environment_has_no_secret() {
        let text = "cannot use https://me:pass@host/path?sig=abc with key hush-hush-42";
        let clean = scrubbed_of(text, ["hush-hush-42".to_string(), "1".to_string()].into_iter());
        assert_eq!(clean, "cannot use https://***@host/path?*** with key ***");
    }
}
