//! SIGKILL at every call of an `ingest` that downloads: the snapshot and `sources.lock` as well.

use std::path::Path;

use super::project::{self, Files, conclude, read_all, said, temporaries};
use super::strace;
use super::support::http::{Answer, Server};
use super::support::write;

const OLD: &str = "city,price\na,1.5\nb,2.5\n";
const NEW: &str = "city,price\na,1.5\nb,2.5\nc,3.5\n";
const LOCK: &str = "sources.lock";

/// A project that has downloaded the old data, and the same after it has downloaded the new data.
fn finished() -> (Files, Files) {
    let server = Server::start(vec![Answer::ok(OLD), Answer::ok(NEW)]);
    let config = "[project]\ntarget = \"price\"\n[ingest]\nretries = 0\nsources = [\"URL\"]\n";
    let folder = tempfile::tempdir().unwrap();
    write(folder.path().join("pipeline.toml"), config.replace("URL", &server.url("/a.csv")));
    let run = |arguments: &[&str]| {
        let output = project::stage(folder.path(), "ingest").args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
        read_all(folder.path())
    };
    (run(&[]), run(&["--refresh"]))
}

/// Every file is old or new, and what `ingest` makes of them now is all old or all new.
fn examine(folder: &Path, old: &Files, new: &Files) -> Result<(), String> {
    let now = read_all(folder);
    for (name, bytes) in now.iter().filter(|(name, _)| !name.contains(".tmp-")) {
        // While the snapshot is replaced, the lock knows nothing of it.
        let between = name == LOCK && bytes == b"{}\n";
        if Some(bytes) != old.get(name) && Some(bytes) != new.get(name) && !between {
            return Err(format!("{name} is neither old nor new: {}", String::from_utf8_lossy(bytes)));
        }
    }
    for (arguments, expected) in [(&[][..], vec![old, new]), (&["--refresh"], vec![new])] {
        let output = project::stage(folder, "ingest").args(arguments).output().unwrap();
        if !output.status.success() {
            return Err(format!("ingest {arguments:?} failed: {}", said(&output)));
        }
        let mut now = read_all(folder);
        // A download that was killed is tidied by the next one.
        now.retain(|name, _| !name.contains(".tmp-"));
        if !expected.contains(&&now) {
            return Err(format!("ingest {arguments:?} leaves {:?}", now.keys()));
        }
    }
    let left = temporaries(folder);
    if left.is_empty() { Ok(()) } else { Err(format!("left behind: {left:?}")) }
}

#[test]
fn a_download_survives_a_kill_at_every_call() {
    if !strace::available() {
        return;
    }
    let (old, new) = finished();
    let (mut cases, mut mismatches) = (0, Vec::new());
    for first in [true, false] {
        let project = || {
            let folder = tempfile::tempdir().unwrap();
            let kept = old.iter().filter(|(name, _)| !first || *name == "pipeline.toml");
            kept.for_each(|(name, bytes)| write(folder.path().join(name), bytes));
            folder
        };
        let stage = "ingest --refresh";
        for call in strace::changes(project().path(), stage) {
            let folder = project();
            let output = strace::disturb(folder.path(), stage, &call, "signal=KILL", false);
            assert!(output.status.code().is_none(), "survived {call:?}: {}", said(&output));
            cases += 1;
            if let Err(e) = examine(folder.path(), &old, &new) {
                mismatches.push(format!("killed before {} {}: {e}", call.name, call.arguments));
            }
        }
    }
    conclude("ingest of a remote source, SIGKILL at every call", cases, &mismatches);
}

#[test]
fn a_lock_that_does_not_fit_its_snapshot_is_seen() {
    let (old, new) = finished();
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in &old {
        let bytes = if name.starts_with("data/snapshots/") { &new[name] } else { bytes };
        write(folder.path().join(name), bytes);
    }
    assert!(examine(folder.path(), &old, &new).unwrap_err().contains("sha256"));
}
