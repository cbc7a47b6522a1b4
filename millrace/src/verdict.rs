//! Whether a stage has to run, and why: the one answer behind `make` and `make status`.
//!
//! Make compares times; times lie after a clock went back, after a copy or a clone, and on file
//! systems that count whole seconds. So the hashes in the manifests are compared as well, and what
//! disagrees is handed to Make as a list. Times are compared here exactly as Make does.

use std::collections::BTreeMap;
use std::fs::{File, Metadata};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::SystemTime;

use common::manifest::{FileRecord, Manifest};
use common::{Error, Result, Task, hash, text};

use crate::dag::{Dag, Role, Rule};
use crate::state::State;

/// Files at least this large are named before they are hashed, which takes a while.
const SLOW: u64 = 1 << 28;

/// What is to be said of one stage.
pub(crate) struct Verdict {
    /// The stage.
    pub(crate) task: Task,
    /// Why it has to run; empty where it is fresh.
    pub(crate) reasons: Vec<String>,
    /// How far the report has come, and what it asks of the analyst.
    pub(crate) said: Vec<String>,
}

/// The verdict on every stage, in data order.
///
/// # Errors
/// Where a file is there and cannot be read.
pub(crate) fn all(dag: &Dag, state: &State) -> Result<Vec<Verdict>> {
    let mut hashes = BTreeMap::new();
    let mut verdicts: Vec<Verdict> = Vec::new();
    for rule in dag.rules() {
        let mut found = Finding { dag, state, rule: &rule, reasons: Vec::new(), said: Vec::new() };
        found.judge(&mut hashes)?;
        for (before, _) in &rule.inputs {
            let stale = verdicts.iter().any(|v| v.task == *before && !v.reasons.is_empty());
            if stale && found.reasons.is_empty() {
                found.say(format!("{before} before it is stale"));
            }
        }
        let Finding { reasons, said, .. } = found;
        verdicts.push(Verdict { task: rule.task, reasons, said });
    }
    Ok(verdicts)
}

struct Finding<'a> {
    dag: &'a Dag,
    state: &'a State,
    rule: &'a Rule,
    reasons: Vec<String>,
    said: Vec<String>,
}

impl Finding<'_> {
    fn say(&mut self, reason: String) {
        if !self.reasons.contains(&reason) {
            self.reasons.push(reason);
        }
    }

    /// Collects the reasons, and adds the checkpoint's hash to `hashes` for the stages after it.
    fn judge(&mut self, hashes: &mut BTreeMap<Task, String>) -> Result<()> {
        let rule = self.rule;
        if !rule.data.exists() && !rule.manifest.exists() {
            self.say("never run, or its output was removed".to_owned());
            return Ok(());
        }
        for path in rule.targets.iter().chain([&rule.data]).filter(|p| !p.exists()) {
            self.say(format!("output missing: {}", self.shown(path)));
        }
        match Manifest::read(&rule.manifest) {
            Ok(Some(manifest)) => self.by_hash(&manifest, hashes)?,
            Ok(None) => {}
            Err(_) => self.say("its manifest is damaged".to_owned()),
        }
        if !hashes.contains_key(&rule.task) && rule.data.exists() {
            hashes.insert(rule.task, hash_of(&rule.data)?);
        }
        self.by_time();
        Ok(())
    }

    fn by_hash(&mut self, manifest: &Manifest, hashes: &mut BTreeMap<Task, String>) -> Result<()> {
        let rule = self.rule;
        let config = self.state.text(&self.dag.config_of(rule.task)).unwrap_or_default();
        if manifest.config_sha256 != hash::hex(config) {
            self.say("configuration changed".to_owned());
        }
        for (before, path) in &rule.inputs {
            // Compared by content alone: how a stage names its input is its own affair.
            if hashes.get(before).is_some_and(|now| manifest.inputs.iter().all(|input| input.sha256 != *now))
            {
                self.say(format!("input changed: {}", self.shown(path)));
            }
        }
        let published = rule.manifest.metadata().map_err(|e| Error::read(&rule.manifest, &e))?;
        if let Some(now) = current(&rule.data, &manifest.output, &published)? {
            if now != manifest.output.sha256 {
                self.changed(&rule.data);
            }
            hashes.insert(rule.task, now);
        }
        if rule.task == Task::Report {
            self.said = said(&manifest.found);
            let forecast = self.dag.data_of(Task::Predict);
            let shown = manifest.inputs.iter().any(|input| self.dag.project.path(&input.name) == forecast);
            if shown && !forecast.exists() {
                self.say(format!("{} was removed", self.shown(&forecast)));
            }
        }
        for companion in &manifest.companions {
            let path = self.dag.project.path(&companion.name);
            match current(&path, companion, &published)? {
                None => self.say(format!("output missing: {}", self.shown(&path))),
                Some(now) if now != companion.sha256 => {
                    self.say(format!("output changed since it was written: {}", self.shown(&path)));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    fn changed(&mut self, path: &Path) {
        let path = self.shown(path);
        // By its content, since an editor may keep the time of a file, and a save may fall into a run.
        self.say(match self.rule.task {
            Task::Report => format!("{path} was edited"),
            _ => format!("output changed since it was written: {path}"),
        });
    }

    /// What Make finds: a needed file that is newer than the oldest target.
    fn by_time(&mut self) {
        let rule = self.rule;
        let Some(oldest) = rule.targets.iter().filter_map(|p| modified(p)).min() else { return };
        for (role, path) in &rule.needs {
            let newer = modified(path).is_some_and(|time| time > oldest);
            if newer || self.state.differs(path) {
                self.newer(*role, path);
            }
        }
    }

    fn newer(&mut self, role: Role, path: &Path) {
        match role {
            // The hash has said whether it changed; if it did not, Make still goes by the time.
            Role::Input | Role::Config | Role::Draft if !self.reasons.is_empty() => {}
            Role::Input => self.say(format!("input written again: {}", self.shown(path))),
            Role::Config => self.say("configuration written again".to_owned()),
            Role::Sources => self.say("the list of sources changed".to_owned()),
            Role::Format => self.say("the format of the tables changed".to_owned()),
            Role::Schema | Role::Lock => self.say(format!("{} changed", self.shown(path))),
            Role::Program => self.say("its program is newer".to_owned()),
            Role::Forecast => self.say("the forecast is newer".to_owned()),
            Role::Draft => self.say(format!("{} is newer than its manifest", self.shown(path))),
        }
    }

    fn shown(&self, path: &Path) -> String {
        text::path(path.strip_prefix(self.dag.project.root()).unwrap_or(path))
    }
}

/// What the manifest of the report says of it.
fn said(found: &serde_json::Value) -> Vec<String> {
    let standing = found.get("standing").and_then(serde_json::Value::as_str).filter(|word| *word != "draft");
    let counts = [
        ("placeholders", "placeholder"),
        ("conflicts", "conflict"),
        ("stale", "stale note"),
        ("damages", "damaged marker"),
        ("unknown_references", "unknown reference"),
    ];
    let count = |(key, noun): (&str, &str)| {
        let n = found.get(key).and_then(serde_json::Value::as_u64).filter(|n| *n > 0)?;
        Some(text::count(n, noun))
    };
    standing.map(text::shown).into_iter().chain(counts.into_iter().filter_map(count)).collect()
}

/// Time of the last change of `path`.
pub(crate) fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|meta| meta.modified()).ok()
}

/// The hash that the file at `path` has now, nothing where there is no file.
///
/// A manifest is renamed last, so a file whose size agrees and whose times are not after the
/// manifest's is the one that was hashed then; every other file is hashed again.
pub(crate) fn current(path: &Path, record: &FileRecord, published: &Metadata) -> Result<Option<String>> {
    let Ok(meta) = path.metadata() else { return Ok(None) };
    let changed = (meta.ctime(), meta.ctime_nsec()).max((meta.mtime(), meta.mtime_nsec()));
    if meta.len() == record.bytes && changed <= (published.ctime(), published.ctime_nsec()) {
        return Ok(Some(record.sha256.clone()));
    }
    hash_of(path).map(Some)
}

/// SHA-256 of the file at `path`, in hex.
pub(crate) fn hash_of(path: &Path) -> Result<String> {
    let unreadable = |e: &std::io::Error| Error::read(path, e);
    let mut file = File::open(path).map_err(|e| unreadable(&e))?;
    let meta = file.metadata().map_err(|e| unreadable(&e))?;
    if !meta.is_file() {
        return Err(Error::checkpoint("is no regular file").at(path));
    }
    if meta.len() >= SLOW {
        log::info!("comparing {} with its manifest", text::path(path));
    }
    hash::of_reader(&mut file).map(|(sha256, _)| sha256).map_err(|e| unreadable(&e))
}
