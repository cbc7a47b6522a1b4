//! Objects of S3-compatible stores, for the stage `ingest`, which runs this program for `s3://` sources.
//!
//! ```text
//! ingest-s3 get SILENCE DEADLINE BUCKET KEY       a line of JSON (`bytes`, `etag`, `last_modified`), then the object
//! ingest-s3 list SILENCE DEADLINE BUCKET FOLDER   the keys in a folder, each a line of JSON; the folder may be empty
//! ingest-s3 walk SILENCE DEADLINE BUCKET FOLDER   the keys in a folder and all below it
//! ```
//!
//! All on standard output, within `DEADLINE` seconds; `SILENCE` is the longest wait for a connection, for an
//! answer, and for the next bytes of an object or the next page of a list. Endpoint and credentials are those of the usual `AWS_`
//! variables. A failure is one line on standard error that holds no secret; the exit code is 20 for what
//! may be better later, 21 for what is refused for good, 2 for a wrong call.

mod failure;

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use failure::Failure;
use futures_util::TryStreamExt as _;
use object_store::aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey};
use object_store::path::Path;
use object_store::{ClientConfigKey, ObjectMeta, ObjectStore as _, ObjectStoreExt as _, RetryConfig};

fn main() -> ExitCode {
    let args: Option<Vec<String>> = std::env::args_os().skip(1).map(|a| a.into_string().ok()).collect();
    // The client panics at some values of its variables, and would show them.
    std::panic::set_hook(Box::new(|_| ()));
    let ended = std::panic::catch_unwind(|| run(&args.unwrap_or_default()));
    let broken =
        |_| Err(Failure::Never("the client gave up; an AWS_ variable may hold no valid value".to_owned()));
    match ended.unwrap_or_else(broken) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // Where standard error is gone, the exit code still tells.
            let _ = writeln!(std::io::stderr(), "{failure}");
            ExitCode::from(failure.exit_code())
        }
    }
}

fn run(args: &[String]) -> Result<(), Failure> {
    let [verb, silence, deadline, bucket, key] = args else { return Err(Failure::usage()) };
    let (silence, deadline) = (seconds(silence)?, seconds(deadline)?);
    // Left uninstalled, the client would not know which cryptography to take.
    let _ = rustls::crypto::ring::default_provider().install_default();
    // The client's time-out is for one answer as a whole: a page of a list, or a large object.
    let answer = if verb == "get" { silence.saturating_add(deadline) } else { silence };
    let store = store(bucket, silence, answer)?;
    let path = Path::parse(key)
        .map_err(|_| Failure::Never("a key with an empty part, `.` or `..` is not read".to_owned()))?;
    let work = async {
        match verb.as_str() {
            "get" => get(&store, &path, silence).await,
            "list" => store
                .list_with_delimiter(Some(&path))
                .await
                .map_err(|e| Failure::of(&e))
                .and_then(|found| found.objects.iter().try_for_each(told)),
            "walk" => {
                let found = store.list(Some(&path)).map_err(|e| Failure::of(&e));
                found.try_for_each(|one| std::future::ready(told(&one))).await
            }
            _ => Err(Failure::usage()),
        }
    };
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| Failure::io(&e))?;
    runtime
        .block_on(async { tokio::time::timeout(deadline, work).await })
        .unwrap_or_else(|_| Err(Failure::Later("not whole after `deadline_seconds`".to_owned())))
}

fn seconds(text: &str) -> Result<Duration, Failure> {
    let seconds = text.parse().ok().and_then(|s| Duration::try_from_secs_f64(s).ok());
    seconds.ok_or_else(Failure::usage)
}

/// The store that the environment describes. It never tries again: that is for the stage to decide.
fn store(bucket: &str, connection: Duration, answer: Duration) -> Result<AmazonS3, Failure> {
    failure::check_environment()?;
    let once = RetryConfig { max_retries: 0, ..RetryConfig::default() };
    let milliseconds = |time: Duration| format!("{} ms", time.as_millis().max(1));
    let store = AmazonS3Builder::from_env()
        .with_bucket_name(bucket)
        .with_retry(once)
        .with_config(AmazonS3ConfigKey::Client(ClientConfigKey::ConnectTimeout), milliseconds(connection))
        .with_config(AmazonS3ConfigKey::Client(ClientConfigKey::Timeout), milliseconds(answer));
    // What it says of a variable may show its value.
    store.build().map_err(|_| Failure::Never("an AWS_ variable holds no valid value".to_owned()))
}

async fn get(store: &AmazonS3, path: &Path, silence: Duration) -> Result<(), Failure> {
    let found = within(silence, store.get(path)).await?;
    let meta = &found.meta;
    let head = serde_json::json!({
        "bytes": meta.size, "etag": meta.e_tag, "last_modified": meta.last_modified.to_rfc3339(),
    });
    say(format!("{head}\n").as_bytes())?;
    let mut body = found.into_stream();
    while let Some(block) = within(silence, body.try_next()).await? {
        say(&block)?;
        // The stage measures how fast they come.
        std::io::stdout().flush().map_err(|e| Failure::io(&e))?;
    }
    Ok(())
}

async fn within<T>(
    silence: Duration,
    work: impl Future<Output = object_store::Result<T>>,
) -> Result<T, Failure> {
    let done = tokio::time::timeout(silence, work).await.map_err(|_| Failure::silent())?;
    done.map_err(|e| Failure::of(&e))
}

fn told(object: &ObjectMeta) -> Result<(), Failure> {
    say(format!("{}\n", serde_json::json!(object.location.as_ref())).as_bytes())
}

fn say(bytes: &[u8]) -> Result<(), Failure> {
    std::io::stdout().write_all(bytes).map_err(|e| Failure::io(&e))
}
