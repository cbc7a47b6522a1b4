//! The judge of a project after a disturbed run: every file old or new, whole, and no manifest that
//! vouches for other bytes.

use std::path::Path;

use super::project::{self, Files, Finished, is_temporary, read_all, said, temporaries};
use super::stages::{STAGES, Stage, named};

/// Which run the outputs of a stage are from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// All from before.
    Old,
    /// All from the disturbed run.
    New,
    /// The manifest from before, some other file from the disturbed run.
    Between,
}

/// What stood there before `stage` was disturbed, and what stands there after an undisturbed run.
pub(crate) struct Judge {
    pub(crate) stage: &'static Stage,
    before: Files,
    new: &'static Files,
    old: &'static Files,
}

/// Whether it is the state of a report, whole: between two reports it tells of both, and is neither the old nor the new.
pub(crate) fn tells_of_both(name: &str, bytes: &[u8]) -> bool {
    let whole = |state: serde_json::Value| state["format"] == 1 && state["blocks"].is_object();
    name.ends_with(".state.json") && serde_json::from_slice(bytes).is_ok_and(whole)
}

impl Judge {
    /// For a run of `stage` in `folder`, which is about to begin.
    pub(crate) fn new(finished: &'static Finished, stage: &'static Stage, folder: &Path) -> Self {
        Self { stage, before: read_all(folder), new: &finished.new, old: &finished.old }
    }

    /// Which run the outputs are from.
    ///
    /// # Errors
    /// Where a file is neither old nor new, is not the stage's to change, or belongs to nobody.
    pub(crate) fn verdict(&self, folder: &Path) -> Result<State, String> {
        let now = read_all(folder);
        for (name, bytes) in now.iter().filter(|(name, _)| !is_temporary(name)) {
            let old = self.before.get(name) == Some(bytes) || tells_of_both(name, bytes);
            let new = self.stage.writes.contains(&name.as_str()) && self.new[name] == *bytes;
            if !old && !new {
                return Err(format!("{name} is neither the old nor the new file"));
            }
        }
        if let Some(gone) = self.before.keys().find(|name| !now.contains_key(*name)) {
            return Err(format!("{gone} is gone"));
        }
        let is_new = |name: &&str| now.get(*name) == Some(&self.new[*name]);
        let new = self.stage.writes.iter().filter(|name| is_new(name)).count();
        match (is_new(&self.stage.manifest()), new == self.stage.writes.len(), new) {
            (true, true, _) => Ok(State::New),
            (true, false, _) => Err("the manifest vouches for a file that is not there".to_owned()),
            (false, _, 0) => Ok(State::Old),
            (false, _, _) => Ok(State::Between),
        }
    }

    /// As [`Judge::verdict`], and no temporary file may be left.
    pub(crate) fn tidy_verdict(&self, folder: &Path) -> Result<State, String> {
        let left = temporaries(folder);
        if left.is_empty() { self.verdict(folder) } else { Err(format!("left behind: {left:?}")) }
    }

    /// Runs the next stage: it takes a checkpoint that its manifest vouches for and makes of it what
    /// it makes in an undisturbed run, or refuses (13). A checkpoint that the manifest does not
    /// vouch for must be refused; one without any manifest is taken as it is, which is said.
    pub(crate) fn next_stage(&self, folder: &Path, from: State) -> Result<(), String> {
        let Some(next) = self.stage.next.map(named) else { return Ok(()) };
        let output = project::stage(folder, next.name).output().unwrap();
        let checkpoint = std::fs::read(folder.join(self.stage.checkpoint())).ok();
        let is_new = checkpoint.as_ref() == Some(&self.new[self.stage.checkpoint()]);
        let by_hand = checkpoint.is_some() && !folder.join(self.stage.manifest()).exists();
        match output.status.code() {
            Some(13) if from != State::New => Ok(()),
            Some(0) if by_hand && said(&output).contains("no manifest") => Ok(()),
            Some(0) if !by_hand && (from != State::Between || !is_new) => {
                let expected = if is_new { self.new } else { self.old };
                written_as(folder, next, expected)
            }
            code => Err(format!("{from:?}: {} then ended with {code:?}: {}", next.name, said(&output))),
        }
    }

    /// Runs the stage undisturbed: the bytes of a run that never was disturbed, nothing left over.
    pub(crate) fn rerun(&self, folder: &Path) -> Result<(), String> {
        let output = project::stage(folder, self.stage.name).output().unwrap();
        if !output.status.success() {
            return Err(format!("the rerun failed: {}", said(&output)));
        }
        let left = temporaries(folder);
        if !left.is_empty() {
            return Err(format!("left behind after the rerun: {left:?}"));
        }
        written_as(folder, self.stage, self.new)
    }
}

/// Whether what `stage` writes is what it is in `expected`.
fn written_as(folder: &Path, stage: &Stage, expected: &Files) -> Result<(), String> {
    let differs = |name: &&&str| std::fs::read(folder.join(name)).ok().as_ref() != Some(&expected[**name]);
    match stage.writes.iter().find(differs) {
        Some(name) => Err(format!("{name} is not what an undisturbed run writes")),
        None => Ok(()),
    }
}

// The judge must see what it is there to see.

#[test]
fn the_judge_rejects_half_a_file() {
    for stage in &STAGES {
        for name in stage.writes {
            let finished = Finished::small();
            let folder = finished.before(stage);
            let judge = Judge::new(finished, stage, folder.path());
            assert_eq!(judge.tidy_verdict(folder.path()), Ok(State::Old));
            let half = &finished.new[*name][..finished.new[*name].len() / 2];
            std::fs::write(folder.path().join(name), half).unwrap();
            assert!(judge.verdict(folder.path()).unwrap_err().contains("neither"));
            std::fs::remove_file(folder.path().join(name)).unwrap();
            assert!(judge.verdict(folder.path()).unwrap_err().contains("is gone"));
        }
    }
}

#[test]
fn the_judge_rejects_a_manifest_that_comes_first() {
    for stage in &STAGES {
        let finished = Finished::small();
        let folder = finished.before(stage);
        let judge = Judge::new(finished, stage, folder.path());
        let put = |name: &str| std::fs::write(folder.path().join(name), &finished.new[name]).unwrap();
        put(stage.manifest());
        assert!(judge.verdict(folder.path()).unwrap_err().contains("vouches"));
        stage.writes.iter().for_each(|name| put(name));
        assert_eq!(judge.verdict(folder.path()), Ok(State::New));
    }
}

#[test]
fn the_judge_rejects_strange_files_and_leftovers() {
    let finished = Finished::small();
    let folder = finished.before(&STAGES[1]);
    let judge = Judge::new(finished, &STAGES[1], folder.path());
    std::fs::write(folder.path().join("data/processed/.clean.csv.tmp-abcdef"), "").unwrap();
    assert_eq!(judge.verdict(folder.path()), Ok(State::Old));
    assert!(judge.tidy_verdict(folder.path()).unwrap_err().contains("left behind"));
    // A file of another stage is not this one's to change, not even to its new form.
    let other = "data/processed/features.csv";
    std::fs::write(folder.path().join(other), &finished.new[other]).unwrap();
    assert!(judge.verdict(folder.path()).unwrap_err().contains("neither"));
}

#[test]
fn the_judge_rejects_a_next_stage_that_takes_anything() {
    let finished = Finished::small();
    let stage = named("clean");
    let folder = finished.before(stage);
    let judge = Judge::new(finished, stage, folder.path());
    std::fs::write(folder.path().join(stage.checkpoint()), &finished.new[stage.checkpoint()]).unwrap();
    assert_eq!(judge.next_stage(folder.path(), State::Between), Ok(()));
    // With a manifest edited so that it vouches, the next stage succeeds, and must not have.
    for name in stage.writes {
        std::fs::write(folder.path().join(name), &finished.new[*name]).unwrap();
    }
    assert!(judge.next_stage(folder.path(), State::Between).unwrap_err().contains("Some(0)"));
    // Old outputs do not pass for those of a rerun.
    assert!(written_as(folder.path(), named("train-model"), &finished.new).is_err());
}
