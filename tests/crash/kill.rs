//! SIGKILL at every call by which a stage changes its project, and at random moments.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::judge::{Judge, State};
use super::project::{self, Finished, conclude, said, succeed};
use super::stages::{Stage, named};
use super::strace;
use super::support::panel::Random;

/// Whether the stage had written these files before.
#[derive(Clone, Copy, Debug)]
enum Run {
    /// Never: its folders are not there either.
    First,
    /// State other input.
    Again,
}

/// Kills `name` at each call once; after each, the state is judged, the next stage is run, then the
/// stage again.
fn kill_at_every_call(name: &str, run: Run) {
    kill_at_every_call_of(Finished::small, name, run);
}

fn kill_at_every_call_of(finished: fn() -> &'static Finished, name: &str, run: Run) {
    if !strace::available() {
        return;
    }
    let (stage, finished) = (named(name), finished());
    let folder = |run| match run {
        Run::First => finished.first(stage),
        Run::Again => finished.before(stage),
    };
    let calls = strace::changes(folder(run).path(), name);
    let (mut mismatches, mut found) = (Vec::new(), [0; 3]);
    for call in &calls {
        let folder = folder(run);
        let judge = Judge::new(finished, stage, folder.path());
        let output = strace::disturb(folder.path(), name, call, "signal=KILL", false);
        assert!(output.status.code().is_none(), "{name} survived {call:?}: {}", said(&output));
        match examine(&judge, folder.path()) {
            Ok(from) => found[from as usize] += 1,
            Err(e) => mismatches.push(format!("killed before {} {}: {e}", call.name, call.arguments)),
        }
    }
    let [old, new, between] = found;
    conclude(
        &format!("{name}, {run:?}, SIGKILL at every call (left {old} old, {new} new, {between} between)"),
        calls.len(),
        &mismatches,
    );
    // A sweep that never met the interesting states has missed the calls that matter.
    assert!(old >= 5 && new >= 1 && between >= 1, "{found:?}");
}

/// The judge's verdict, the next stage's, and a run undisturbed.
fn examine(judge: &Judge, folder: &Path) -> Result<State, String> {
    let from = judge.verdict(folder)?;
    judge.next_stage(folder, from)?;
    judge.rerun(folder)?;
    Ok(from)
}

#[test]
fn ingest_survives_a_kill_at_every_call() {
    kill_at_every_call("ingest", Run::First);
    kill_at_every_call("ingest", Run::Again);
}

#[test]
fn clean_survives_a_kill_at_every_call() {
    kill_at_every_call("clean", Run::First);
    kill_at_every_call("clean", Run::Again);
}

#[test]
fn feature_engineer_survives_a_kill_at_every_call() {
    kill_at_every_call("feature-engineer", Run::First);
    kill_at_every_call("feature-engineer", Run::Again);
}

#[test]
fn train_model_survives_a_kill_at_every_call() {
    kill_at_every_call("train-model", Run::First);
    kill_at_every_call("train-model", Run::Again);
}

#[test]
fn evaluate_survives_a_kill_at_every_call() {
    kill_at_every_call("evaluate", Run::First);
    kill_at_every_call("evaluate", Run::Again);
}

#[test]
fn report_survives_a_kill_at_every_call() {
    kill_at_every_call("report", Run::First);
    kill_at_every_call("report", Run::Again);
}

#[test]
fn a_report_with_words_survives_a_kill_at_every_call() {
    kill_at_every_call_of(Finished::edited, "report", Run::Again);
}

/// Kills of make: 20, or what `MILLRACE_KILLS` says; of each stage alone, half as many.
pub(crate) fn kills() -> usize {
    std::env::var("MILLRACE_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(20)
}

/// Random moments of a run, uniform over the time it takes.
pub(crate) struct Moments {
    /// In microseconds.
    longest: u64,
    random: Random,
    hits: usize,
    late: usize,
}

impl Moments {
    pub(crate) fn new(longest: Duration, seed: u64) -> Self {
        let longest = u64::try_from(longest.as_micros()).unwrap();
        Self { longest, random: Random(seed), hits: 0, late: 0 }
    }

    /// The wait before the next hit.
    pub(crate) fn next(&mut self) -> Duration {
        Duration::from_micros(self.random.below(self.longest))
    }

    /// Counts a run that was hit; where it had ended before, later runs are hit a little earlier.
    pub(crate) fn count(&mut self, hit: bool) {
        if hit {
            self.hits += 1;
        } else {
            self.late += 1;
            self.longest -= self.longest / 10;
        }
    }

    /// Whether so many runs were hit.
    pub(crate) fn are(&self, wanted: usize) -> bool {
        assert!(self.late <= 20 + 3 * wanted, "{} of {wanted} hit, {} came too late", self.hits, self.late);
        self.hits >= wanted
    }
}

/// Kills `name` at moments uniform over its run on 100,000 rows.
fn kill_at_random_moments(name: &str) {
    let (stage, finished) = (named(name), Finished::large());
    let folder = finished.before(stage);
    let begun = Instant::now();
    succeed(folder.path(), name);
    let mut moments = Moments::new(begun.elapsed(), 7);
    let mut mismatches = Vec::new();
    let kills = kills().div_ceil(2);
    while !moments.are(kills) {
        let folder = finished.before(stage);
        let judge = Judge::new(finished, stage, folder.path());
        let mut child = project::stage(folder.path(), name).stderr(Stdio::null()).spawn().unwrap();
        let wait = moments.next();
        std::thread::sleep(wait);
        child.kill().unwrap();
        moments.count(child.wait().unwrap().code().is_none());
        if let Err(e) = judge.verdict(folder.path()).and_then(|_| judge.rerun(folder.path())) {
            mismatches.push(format!("killed after {wait:?}: {e}"));
        }
    }
    conclude(&format!("{name}, SIGKILL at random moments"), kills, &mismatches);
}

#[test]
fn stages_survive_kills_at_random_moments() {
    for stage in &super::stages::STAGES {
        kill_at_random_moments(stage.name);
    }
}

/// What a power loss may take: a file must be on disk before it gets its name, and its name before
/// the next file gets one. The order of the calls shows it.
#[test]
fn every_file_is_synced_before_its_rename_and_its_folder_after() {
    if !strace::available() {
        return;
    }
    let mut renames = 0;
    for stage in &super::stages::STAGES {
        let folder = Finished::small().first(stage);
        let calls: Vec<_> = strace::run(folder.path(), stage.name, &[]).calls;
        let calls: Vec<_> = calls.into_iter().filter(strace::Call::succeeded).collect();
        let unsafe_calls = power_loss(&calls, stage);
        assert!(unsafe_calls.is_empty(), "{}: {unsafe_calls:?}", stage.name);
        renames += calls.iter().filter(|call| call.is_rename() && !call.file().contains(".aside-")).count();
        // The check sees a sync that is not there.
        let synced: Vec<&str> = calls.iter().filter(|c| c.name == "fsync").map(strace::Call::file).collect();
        for path in synced {
            let without = calls.iter().filter(|c| c.name != "fsync" || c.file() != path).cloned();
            let lost = power_loss(&without.collect::<Vec<_>>(), stage);
            assert!(!lost.is_empty(), "{}: needless sync of {path}", stage.name);
        }
    }
    // The state of the report is written twice: before the report, and after it.
    assert_eq!(renames, 1 + super::stages::STAGES.iter().map(|stage| stage.writes.len()).sum::<usize>());
    project::say(&format!("power loss: {renames} renames and every new folder synced, before and after"));
}

/// Calls whose effect could be lost while a later one's is kept.
fn power_loss(calls: &[strace::Call], stage: &Stage) -> Vec<String> {
    let is_sync = |call: &strace::Call, path: &str| {
        call.name == "fsync"
            && ["/", "<"].iter().any(|before| call.arguments.ends_with(&format!("{before}{path}>")))
    };
    let mut lost = Vec::new();
    for (at, call) in calls.iter().enumerate() {
        let quoted: Vec<&str> = call.arguments.split('"').skip(1).step_by(2).collect();
        let (before, after) = calls.split_at(at);
        let until_next = || after.iter().skip(1).take_while(|c| !c.is_rename());
        match (call.name.as_str(), quoted.as_slice()) {
            (name, [temporary, target]) if name.starts_with("rename") => {
                // A file that waits to replace another has no name yet that anybody reads.
                if target.contains(".aside-") {
                    continue;
                }
                let temporary = temporary.rsplit('/').next().unwrap_or_default();
                let temporary = temporary.replace(".aside-", ".tmp-");
                let folder = Path::new(target).parent().unwrap().to_str().unwrap();
                let written = before
                    .iter()
                    .rposition(|c| c.name == "write" && c.arguments.contains(&format!("{temporary}>")));
                let synced = before.iter().rposition(|c| is_sync(c, &temporary));
                if synced.is_none() || synced < written || !until_next().any(|c| is_sync(c, folder)) {
                    lost.push(format!("{}: {target}", stage.name));
                }
            }
            ("mkdir", [made]) if !made.starts_with('/') => {
                let parent = Path::new(made).parent().and_then(Path::to_str).filter(|p| !p.is_empty());
                let parent = parent.unwrap_or(strace::FOLDER);
                if !after.iter().take_while(|c| !c.is_rename()).any(|c| is_sync(c, parent)) {
                    lost.push(format!("{}: folder {made}", stage.name));
                }
            }
            _ => {}
        }
    }
    lost
}
