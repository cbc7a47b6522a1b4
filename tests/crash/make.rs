//! SIGKILL of `make` with its process group, at random moments of a run over 100,000 rows.

use std::fs::{File, TryLockError};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use common::hash;
use rustix::process::{Pid, Signal, kill_process_group};

use super::judge::tells_of_both;
use super::kill::{Moments, kills};
use super::project::{Files, Finished, command, conclude, read_all, temporaries};
use super::stages::STAGES;
use super::support::panel::Panel;
use super::support::{json, program};

/// Longest time that a run may take before it counts as wedged.
const LONGEST: Duration = Duration::from_mins(2);

fn makefile() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../Makefile").canonicalize().unwrap()
}

/// `make report` in a process group of its own.
fn start(project: &Path, jobs: &str) -> Child {
    let programs = program("x").parent().unwrap().display().to_string();
    let mut make = command("make");
    make.arg("-f").arg(makefile()).args([jobs, "report"]).arg(format!("PROJECT={}", project.display()));
    make.arg(format!("BIN={programs}")).process_group(0).stdout(Stdio::null()).stderr(Stdio::null());
    make.spawn().unwrap()
}

/// Waits for the end of a make, but not for ever.
fn finish(mut make: Child) -> ExitStatus {
    let begun = Instant::now();
    loop {
        if let Some(status) = make.try_wait().unwrap() {
            return status;
        }
        if begun.elapsed() > LONGEST {
            kill_process_group(Pid::from_child(&make), Signal::KILL).unwrap();
            panic!("make is wedged");
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Waits until the last process that a killed make left has let go of the project.
fn wait_for_all(project: &Path) {
    let folder = File::open(project).unwrap();
    let begun = Instant::now();
    while matches!(folder.try_lock(), Err(TryLockError::WouldBlock)) {
        assert!(begun.elapsed() < LONGEST, "somebody still holds the project");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Every file is the old or the new one, whole; a manifest vouches for the file that is there, or
/// for the one that was.
fn verdict(project: &Path, old: &Files, new: &Files) -> Result<(), String> {
    for stage in &STAGES {
        let mut files = Vec::new();
        for name in stage.writes {
            let bytes = std::fs::read(project.join(name)).map_err(|_| format!("{name} is gone"))?;
            if bytes != old[*name] && bytes != new[*name] && !tells_of_both(name, &bytes) {
                return Err(format!("{name} is neither the old nor the new file"));
            }
            files.push(bytes == new[*name]);
        }
        let manifest = json(project.join(stage.manifest()));
        let sha256 = hash::hex(&std::fs::read(project.join(stage.checkpoint())).unwrap());
        let manifest_is_new = files.pop() == Some(true);
        if manifest_is_new && (files.contains(&false) || manifest["output"]["sha256"] != sha256) {
            return Err(format!("{} vouches for another file", stage.manifest()));
        }
    }
    Ok(())
}

/// A finished run holds the bytes of an undisturbed one and nothing more.
fn compare(project: &Path, expected: &Files) -> Result<(), String> {
    let left = temporaries(project);
    if !left.is_empty() {
        return Err(format!("left behind: {left:?}"));
    }
    let now = read_all(project);
    match expected.keys().chain(now.keys()).find(|name| now.get(*name) != expected.get(*name)) {
        Some(name) => Err(format!("{name} is not what an undisturbed run writes")),
        None => Ok(()),
    }
}

#[test]
fn make_survives_kills_of_its_group_at_random_moments() {
    let finished = Finished::large();
    let project = tempfile::tempdir().unwrap();
    let folder = project.path();
    Panel::large(1).write(folder);
    assert!(finish(start(folder, "-j2")).success());
    compare(folder, &finished.old).unwrap();
    // How long a run over new data takes, undisturbed; the same as that of the stages run by hand.
    Panel::large(2).write(folder);
    let begun = Instant::now();
    assert!(finish(start(folder, "-j2")).success());
    let mut moments = Moments::new(begun.elapsed(), 11);
    compare(folder, &finished.new).unwrap();

    let (mut old, mut new, mut seed) = (&finished.new, &finished.old, 1);
    let (mut jobs, mut mismatches) = (["-j1", "-j2"].iter().cycle(), Vec::new());
    while !moments.are(kills()) {
        Panel::large(seed).write(folder);
        let jobs = jobs.next().unwrap();
        let mut make = start(folder, jobs);
        let wait = moments.next();
        std::thread::sleep(wait);
        kill_process_group(Pid::from_child(&make), Signal::KILL).unwrap();
        moments.count(make.wait().unwrap().code().is_none());
        wait_for_all(folder);
        let judged = verdict(folder, old, new);
        assert!(finish(start(folder, jobs)).success(), "after a kill at {wait:?} the next make failed");
        if let Err(e) = judged.and_then(|()| compare(folder, new)) {
            mismatches.push(format!("killed after {wait:?}: {e}"));
        }
        (old, new, seed) = (new, old, 3 - seed);
    }
    conclude("make, SIGKILL at random moments", kills(), &mismatches);
}

#[test]
fn the_verdict_on_make_sees_half_a_file_and_a_false_manifest() {
    let finished = Finished::small();
    for stage in &STAGES {
        let project = finished.before(stage);
        let put = |name: &str, bytes: &[u8]| std::fs::write(project.path().join(name), bytes).unwrap();
        let judged = || verdict(project.path(), &finished.old, &finished.new);
        judged().unwrap();
        assert!(compare(project.path(), &finished.new).is_err());
        put(stage.manifest(), &finished.new[stage.manifest()]);
        assert!(judged().unwrap_err().contains("vouches"));
        put(stage.checkpoint(), &finished.new[stage.checkpoint()][1..]);
        assert!(judged().unwrap_err().contains("neither"));
        std::fs::remove_file(project.path().join(stage.checkpoint())).unwrap();
        assert!(judged().unwrap_err().contains("gone"));
    }
}
