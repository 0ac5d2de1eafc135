//! The one client of the process for all stores.
//!
//! It belongs to the process as the environment does, which its credentials are from, and as connections do that
//! are kept open between requests; so it is made when it is first needed, and not handed through.
//!
//! The crate for stores is asynchronous. One thread of a small runtime moves the bytes; whoever wants them waits
//! on his own thread, as for a disk, or says beforehand what he will want ([`fetch`]).
//!
//! Requests are tried again, with growing pauses, when a store has no time (5xx, 429) or a connection breaks;
//! one that breaks in the middle of an object goes on from there. All of it together has one deadline.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use futures_util::TryStreamExt;
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};
use object_store::http::HttpBuilder;
use object_store::path::Path as Key;
use object_store::{
    Attribute, Attributes, BackoffConfig, ClientConfigKey, ClientOptions, ObjectMeta, ObjectStore, ObjectStoreExt,
    PutMode, PutOptions, RetryConfig,
};
use sha2::{Digest, Sha256};
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

use super::failure::{Doing, broke, failure, refused};
use super::url::{Place, Scheme, parse};
use super::{DEADLINE, Found, Object};
use crate::output::IfExists;
use crate::{Code, Error, Result};

/// How often a request is tried again. With pauses from [`FIRST_PAUSE`] on, each twice the last, this outlasts the
/// half minute for which a store slows a client down.
const RETRIES: usize = 8;

/// The first pause before a request is tried again: long enough for a connection to be made anew.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// The longest such pause, so that a store that is back is noticed.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// How long a connection may take to be made: a few times the slowest that one crosses the world in.
const CONNECT: Duration = Duration::from_secs(5);

/// A request is given up, and tried again, when nothing was heard for this share of the deadline (but not before
/// [`LEAST_SILENCE`], nor after [`MOST_SILENCE`]), so that several tries have room.
const SILENCE_SHARE: u32 = 8;

/// A store under load may take a second to begin an answer.
const LEAST_SILENCE: Duration = Duration::from_secs(1);

/// Nobody is silent for longer and then goes on.
const MOST_SILENCE: Duration = Duration::from_secs(20);

/// How often it is looked whether an object is still wanted: a user who stops a run sees no delay.
const LOOK_UP: Duration = Duration::from_millis(50);

/// How often a listing that broke, or a whole object whose server gives no `ETag`, is asked for: without one nobody
/// knows that the rest would be of the same content.
const WHOLE_TRIES: u32 = 3;

/// Bytes that are kept for an object before the first has come, at most: what a store says of its size is not
/// believed beyond that.
const FIRST_BYTES: u64 = 16 << 20;

static SETTINGS: Mutex<Settings> = Mutex::new(Settings { deadline: DEADLINE, queries: BTreeMap::new() });

struct Settings {
    deadline: Duration,
    /// What belongs behind a URL when it is asked for, and is shown to nobody.
    queries: BTreeMap<PathBuf, String>,
}

pub(super) fn settle(deadline: Duration) {
    locked(&SETTINGS).deadline = deadline;
}

pub(super) fn admit(url: &Path, query: Option<String>) -> Result<()> {
    let Some(query) = query else { return Ok(()) };
    let mut settings = locked(&SETTINGS);
    let first = settings.queries.entry(url.to_path_buf()).or_insert_with(|| query.clone());
    if *first == query {
        return Ok(());
    }
    let what = "it is given twice, with different queries, and a drawing is named after its path alone";
    Err(Error::new(Code::OutputCollision, what).at(url))
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Plain data that is changed in single steps: a panic elsewhere cannot leave it half changed.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Client {
    runtime: Runtime,
    deadline: Duration,
    stores: Mutex<HashMap<String, Arc<dyn ObjectStore>>>,
    known: Mutex<Known>,
}

/// What listings and answers have told.
#[derive(Default)]
struct Known {
    objects: HashMap<PathBuf, Object>,
    /// Folders of which everything is known: what is not among the objects does not exist.
    folders: Vec<PathBuf>,
}

/// A place with its store.
struct Target {
    store: Arc<dyn ObjectStore>,
    key: Key,
    place: Place,
}

fn client() -> Result<&'static Client> {
    static CLIENT: OnceLock<std::result::Result<Client, String>> = OnceLock::new();
    let made = CLIENT.get_or_init(|| {
        // Fails only when there is one already, which will do.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        let runtime = builder.worker_threads(1).thread_name("cloud").enable_all().build().map_err(|e| e.to_string())?;
        let deadline = locked(&SETTINGS).deadline;
        Ok(Client { runtime, deadline, stores: Mutex::default(), known: Mutex::default() })
    });
    made.as_ref().map_err(|e| Error::new(Code::CloudUnavailable, format!("no thread for the network: {e}")))
}

pub(super) fn read(url: &Path, limit: u64) -> Result<Vec<u8>> {
    let client = client()?;
    client.runtime.block_on(client.get(url.to_path_buf(), client.target(url)?, limit))
}

pub(super) fn fetch(url: &Path, limit: u64) -> Result<Fetch> {
    let client = client()?;
    let work = client.get(url.to_path_buf(), client.target(url)?, limit);
    Ok(Fetch { work: Some(client.runtime.spawn(work)), url: url.to_path_buf() })
}

/// An object that is being read. One that is dropped is read no further.
#[derive(Debug)]
pub(crate) struct Fetch {
    work: Option<JoinHandle<Result<Vec<u8>>>>,
    url: PathBuf,
}

impl Fetch {
    /// Waits for all of it, or until nobody wants it any more.
    pub(crate) fn wait(mut self, unwanted: &dyn Fn() -> bool) -> Result<Vec<u8>> {
        let broken = || Error::new(Code::InternalPanic, "the thread for the network broke down");
        let Some(work) = &mut self.work else { return Err(broken().at(&self.url)) };
        let read = client()?.runtime.block_on(async {
            loop {
                match tokio::time::timeout(LOOK_UP, &mut *work).await {
                    Ok(read) => return read.unwrap_or_else(|_| Err(broken())),
                    Err(_) if unwanted() => return Err(Error::new(Code::RunInterrupted, "it was not waited for")),
                    Err(_) => {}
                }
            }
        });
        read.map_err(|e| e.at(&self.url))
    }
}

impl Drop for Fetch {
    fn drop(&mut self) {
        if let Some(work) = &self.work {
            work.abort();
        }
    }
}

pub(super) fn listed(url: &Path) -> Option<Object> {
    locked(&client().ok()?.known).objects.get(url).copied()
}

pub(super) fn look(url: &Path) -> Result<Option<Object>> {
    let client = client()?;
    {
        let known = locked(&client.known);
        if let Some(object) = known.objects.get(url) {
            return Ok(Some(*object));
        }
        if known.folders.iter().any(|folder| url.starts_with(folder)) {
            return Ok(None);
        }
    }
    let target = client.target(url)?;
    match client.in_time(target.store.head(&target.key)) {
        Ok(meta) => Ok(Some(client.note(url, &meta))),
        Err(Trouble::Store(object_store::Error::NotFound { .. })) => Ok(None),
        Err(e) => Err(e.explained(Doing::Reading, client.deadline)),
    }
}

pub(super) fn find(url: &Path, recursive: bool) -> Result<Found> {
    let place = parse(url)?;
    if place.scheme.is_web() {
        return Ok(Found::Object);
    }
    if !place.is_folder && look(url)?.is_some() {
        return Ok(Found::Object);
    }
    let client = client()?;
    let below = client.list(url, recursive)?;
    // Nothing is there: as an object it is missed by name.
    Ok(if below.is_empty() && !place.is_folder { Found::Object } else { Found::Folder(below) })
}

pub(super) fn learn(url: &Path) -> Result<()> {
    if parse(url)?.scheme.is_web() {
        return Ok(());
    }
    client()?.list(url, true).map(drop)
}

pub(super) fn write(url: &Path, bytes: &[u8], if_exists: IfExists) -> Result<bool> {
    let client = client()?;
    let target = client.target(url)?;
    let mut mode = if if_exists == IfExists::Overwrite { PutMode::Overwrite } else { PutMode::Create };
    loop {
        let mut attributes = Attributes::new();
        attributes.insert(Attribute::ContentType, "image/svg+xml".into());
        let options = PutOptions { mode: mode.clone(), attributes, ..PutOptions::default() };
        match client.in_time(target.store.put_opts(&target.key, bytes.to_vec().into(), options)) {
            Ok(put) => {
                client.note_put(url, bytes.len() as u64, put.e_tag.as_deref());
                return Ok(true);
            }
            // The next best: asked first, and hoped that nobody comes between.
            Err(Trouble::Store(object_store::Error::NotImplemented { .. })) if mode != PutMode::Overwrite => {
                if look(url)?.is_some() {
                    return Ok(false);
                }
                mode = PutMode::Overwrite;
            }
            Err(Trouble::Store(object_store::Error::AlreadyExists { .. })) if mode != PutMode::Overwrite => {
                locked(&client.known).objects.remove(url);
                // A try whose answer was lost may have made it; what has our bytes is as good as made by us.
                return Ok(read(url, bytes.len() as u64).is_ok_and(|there| there == bytes));
            }
            Err(e) => return Err(e.explained(Doing::Writing, client.deadline)),
        }
    }
}

/// Why there was no answer, or not the right one.
enum Trouble {
    Store(object_store::Error),
    Late,
}

impl Trouble {
    fn explained(self, doing: Doing, deadline: Duration) -> Error {
        match self {
            Trouble::Store(e) => failure(doing, &e),
            Trouble::Late => Error::new(
                Code::CloudUnavailable,
                format!("not done after {} s, tries and pauses included (--network-timeout)", deadline.as_secs_f64()),
            ),
        }
    }
}

impl Client {
    /// Waits for `work`, until the deadline.
    fn in_time<T>(&self, work: impl Future<Output = object_store::Result<T>>) -> std::result::Result<T, Trouble> {
        self.runtime.block_on(async {
            match tokio::time::timeout(self.deadline, work).await {
                Ok(done) => done.map_err(Trouble::Store),
                Err(_) => Err(Trouble::Late),
            }
        })
    }

    /// The bytes of an object, as a task of its own.
    async fn get(&'static self, url: PathBuf, target: Target, limit: u64) -> Result<Vec<u8>> {
        let work = async {
            let mut tries = 1;
            loop {
                match once(&target, limit).await? {
                    Some((bytes, meta)) => {
                        self.note(&url, &meta);
                        return Ok(bytes);
                    }
                    // The server lost the connection in the middle, and cannot be asked for the rest.
                    None if tries < WHOLE_TRIES => {
                        tokio::time::sleep(FIRST_PAUSE * 2u32.pow(tries)).await;
                        tries += 1;
                    }
                    None => {
                        let what = format!("the connection broke in the middle of the object, {WHOLE_TRIES} times");
                        return Err(Error::new(Code::CloudUnavailable, what));
                    }
                }
            }
        };
        match tokio::time::timeout(self.deadline, work).await {
            Ok(done) => done,
            Err(_) => Err(Trouble::Late.explained(Doing::Reading, self.deadline)),
        }
    }

    /// All objects below `url`, known from now on; an empty name, as tools make for a folder, is none.
    fn list(&self, url: &Path, recursive: bool) -> Result<Vec<PathBuf>> {
        let target = self.target(url)?;
        let prefix = (!target.place.key.is_empty()).then_some(&target.key);
        let mut tries = 1;
        let metas = loop {
            match self.list_once(&target, prefix, recursive) {
                Ok(metas) => break metas,
                // The crate takes up a broken object, but not a broken listing.
                Err(Trouble::Store(e)) if tries < WHOLE_TRIES && broke(&e) => {
                    std::thread::sleep(FIRST_PAUSE * 2u32.pow(tries));
                    tries += 1;
                }
                Err(e) => return Err(e.explained(Doing::Listing, self.deadline)),
            }
        };
        let root = PathBuf::from(format!("{}://{}", target.place.scheme.name(), target.place.bucket));
        let mut urls = Vec::with_capacity(metas.len());
        for meta in &metas {
            let name = meta.location.as_ref();
            // `folder/` as an object.
            if name.is_empty() || meta.size == 0 && name == target.place.key {
                continue;
            }
            let object = root.join(name);
            self.note(&object, meta);
            urls.push(object);
        }
        if recursive {
            let folder = if target.place.key.is_empty() { root } else { root.join(&target.place.key) };
            locked(&self.known).folders.push(folder);
        }
        Ok(urls)
    }

    fn list_once(
        &self,
        target: &Target,
        prefix: Option<&Key>,
        recursive: bool,
    ) -> std::result::Result<Vec<ObjectMeta>, Trouble> {
        if !recursive {
            return self.in_time(target.store.list_with_delimiter(prefix)).map(|listing| listing.objects);
        }
        let mut all = Vec::new();
        let mut pages = target.store.list(prefix);
        // Each page has the deadline for itself: a listing may have thousands of them.
        while let Some(meta) = self.in_time(pages.try_next())? {
            all.push(meta);
        }
        Ok(all)
    }

    fn note(&self, url: &Path, meta: &ObjectMeta) -> Object {
        let object = Object { bytes: meta.size, tag: meta.e_tag.as_deref().map(tag_of) };
        locked(&self.known).objects.insert(url.to_path_buf(), object);
        object
    }

    fn note_put(&self, url: &Path, bytes: u64, etag: Option<&str>) {
        let object = Object { bytes, tag: etag.map(tag_of) };
        locked(&self.known).objects.insert(url.to_path_buf(), object);
    }

    fn target(&self, url: &Path) -> Result<Target> {
        let place = parse(url)?;
        let key = if place.scheme.is_web() { Key::from_url_path(&place.key) } else { Key::parse(&place.key) };
        let key = key.map_err(|_| Error::new(Code::OptionInvalid, "a part of its path is empty, `.` or `..`"))?;
        let query = locked(&SETTINGS).queries.get(url).cloned();
        let name = match &query {
            Some(query) => format!("{}://{}?{query}", place.scheme.name(), place.bucket),
            None => format!("{}://{}", place.scheme.name(), place.bucket),
        };
        let mut stores = locked(&self.stores);
        if let Some(store) = stores.get(&name) {
            return Ok(Target { store: Arc::clone(store), key, place });
        }
        let store = self.store(&place, &name).map_err(|e| refused(&e))?;
        stores.insert(name, Arc::clone(&store));
        Ok(Target { store, key, place })
    }

    /// The store of a place, with what the environment says of it.
    fn store(&self, place: &Place, base: &str) -> object_store::Result<Arc<dyn ObjectStore>> {
        let silence = (self.deadline / SILENCE_SHARE).clamp(LEAST_SILENCE, MOST_SILENCE);
        let ms = |time: Duration| format!("{}ms", time.as_millis());
        // Key by key, so that what the environment says of the rest of the connection (a proxy, certificates) holds.
        let connection = [
            (ClientConfigKey::ConnectTimeout, ms(CONNECT)),
            (ClientConfigKey::ReadTimeout, ms(silence)),
            (ClientConfigKey::Timeout, ms(self.deadline)),
            (ClientConfigKey::UserAgent, concat!("svg-ai/", env!("CARGO_PKG_VERSION")).into()),
        ];
        let retry = RetryConfig {
            backoff: BackoffConfig { init_backoff: FIRST_PAUSE, max_backoff: LONGEST_PAUSE, base: 2.0 },
            max_retries: RETRIES,
            retry_timeout: self.deadline,
        };
        Ok(match place.scheme {
            Scheme::S3 => {
                let builder = AmazonS3Builder::from_env().with_bucket_name(&place.bucket).with_retry(retry);
                let set = |b: AmazonS3Builder, (key, value)| b.with_config(AmazonS3ConfigKey::Client(key), value);
                Arc::new(connection.into_iter().fold(builder, set).build()?)
            }
            Scheme::Gs => {
                let builder = GoogleCloudStorageBuilder::from_env().with_bucket_name(&place.bucket).with_retry(retry);
                let set =
                    |b: GoogleCloudStorageBuilder, (key, value)| b.with_config(GoogleConfigKey::Client(key), value);
                Arc::new(connection.into_iter().fold(builder, set).build()?)
            }
            Scheme::Az => {
                let builder = MicrosoftAzureBuilder::from_env().with_container_name(&place.bucket).with_retry(retry);
                let set = |b: MicrosoftAzureBuilder, (key, value)| b.with_config(AzureConfigKey::Client(key), value);
                Arc::new(connection.into_iter().fold(builder, set).build()?)
            }
            Scheme::Https | Scheme::Http => {
                let set = |o: ClientOptions, (key, value)| o.with_config(key, value);
                let options = connection.into_iter().fold(ClientOptions::new(), set);
                let options = options.with_allow_http(place.scheme == Scheme::Http);
                Arc::new(HttpBuilder::new().with_url(base).with_client_options(options).with_retry(retry).build()?)
            }
        })
    }
}

/// One try to read an object; `None`: the connection broke in the middle.
async fn once(target: &Target, limit: u64) -> Result<Option<(Vec<u8>, ObjectMeta)>> {
    let answer = target.store.get(&target.key).await.map_err(|e| failure(Doing::Reading, &e))?;
    let meta = answer.meta.clone();
    if meta.size > limit {
        return Err(too_large(Some(meta.size), limit));
    }
    let mut bytes = Vec::with_capacity(meta.size.min(FIRST_BYTES) as usize);
    let mut parts = answer.into_stream();
    loop {
        match parts.try_next().await {
            Ok(Some(part)) if (bytes.len() + part.len()) as u64 > limit => return Err(too_large(None, limit)),
            Ok(Some(part)) => bytes.extend_from_slice(&part),
            Ok(None) => break,
            Err(_) if meta.e_tag.is_none() => return Ok(None),
            Err(e) => return Err(failure(Doing::Reading, &e)),
        }
    }
    Ok((bytes.len() as u64 == meta.size).then_some((bytes, meta)))
}

/// The refusal of an object of more than `limit` bytes; `bytes` is its size, where known.
fn too_large(bytes: Option<u64>, limit: u64) -> Error {
    let has = bytes.map_or("more bytes than that".into(), |n| format!("{n} bytes"));
    Error::new(Code::InputTooLarge, format!("the object has {has}, over the limit of {limit} (--max-file-size)"))
}

/// The tag of an object from its `ETag`: in some stores it is in quotes in one place and not in another.
fn tag_of(etag: &str) -> i64 {
    let bare = etag.trim_start_matches("W/").trim_matches('"');
    let head = Sha256::digest(bare.as_bytes()).iter().take(8).fold(0u64, |sum, byte| (sum << 8) | u64::from(*byte));
    // The sign is of no account, and without it a line of the journal is the same on every system.
    (head >> 1) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_the_same_however_the_store_spells_it() {
        assert_eq!(tag_of("\"abc\""), tag_of("abc"));
        assert_eq!(tag_of("W/\"abc\""), tag_of("abc"));
        assert_ne!(tag_of("abd"), tag_of("abc"));
        assert!(tag_of("abc") >= 0);
    }
}
