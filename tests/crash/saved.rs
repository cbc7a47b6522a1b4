//! An analyst saves the report while it is made: their words are in it, or in `report.saved.md` beside it.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::project::{Finished, command, conclude, succeed, temporaries};
use super::stages::named;
use super::strace;
use super::support::program;

/// What is saved meanwhile.
const LATE: &str = "Saved at the last moment.";
/// What is saved after that.
const LATER: &str = "And once more.";
/// How long the run is held.
const HELD: u64 = 400_000;

fn report(folder: &Path) -> PathBuf {
    folder.join("reports/report.md")
}

/// The moment at which a run is held.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Moment {
    /// The report was read, and is about to be replaced.
    Before,
    /// It was replaced, and nobody has looked yet at what was there.
    After,
    /// What was replaced was found to be what had been read: every sync takes a while.
    Late,
}

/// How the analyst's editor saves.
#[derive(Clone, Copy, Debug)]
enum Save {
    Rename,
    InPlace,
    /// Into the file that it had open since before the run.
    Open,
    /// It removes the file, and writes a new one.
    Anew,
}

/// Starts a run that is held at this moment.
fn start(folder: &Path, moment: Moment) -> Child {
    let inject = match moment {
        Moment::Before => format!("inject=renameat2:delay_enter={HELD}:when=1"),
        Moment::After => format!("inject=renameat2:delay_exit={HELD}:when=1"),
        Moment::Late => "inject=fsync:delay_enter=150000".to_owned(),
    };
    let mut strace = command("strace");
    strace.current_dir(folder).args(["-f", "-o", "/dev/null", "-e", "trace=renameat2,fsync", "-e", &inject]);
    strace.arg(program("report")).stderr(Stdio::null()).spawn().unwrap()
}

fn wait(what: &str, mut reached: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !reached() {
        assert!(begun.elapsed() < Duration::from_secs(30), "never: {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Waits for the moment; `before` is the report as it was.
fn reach(folder: &Path, moment: Moment, before: Option<&str>) {
    match moment {
        Moment::Before => {
            wait("a file set aside", || temporaries(folder).iter().any(|n| n.contains(".aside-")));
        }
        Moment::After | Moment::Late => {
            wait("another report", || {
                fs::read_to_string(report(folder)).ok().is_some_and(|now| Some(&*now) != before)
            });
        }
    }
    std::thread::sleep(Duration::from_millis(40));
}

fn save(folder: &Path, how: Save, open: &mut File, text: &str) {
    let path = report(folder);
    match how {
        Save::Rename => {
            fs::write(folder.join("reports/mine"), text).unwrap();
            fs::rename(folder.join("reports/mine"), path).unwrap();
        }
        Save::InPlace => fs::write(path, text).unwrap(),
        Save::Open => {
            open.set_len(0).unwrap();
            open.write_all(text.as_bytes()).unwrap();
        }
        Save::Anew => {
            fs::remove_file(&path).unwrap();
            std::thread::sleep(Duration::from_millis(2));
            fs::write(path, text).unwrap();
        }
    }
}

/// All that an analyst can find their words in.
fn all_reports(folder: &Path) -> String {
    let entries = fs::read_dir(folder.join("reports")).unwrap().map(|entry| entry.unwrap().path());
    let mut texts = entries.filter(|path| path.extension().is_some_and(|e| e == "md"));
    texts.try_fold(String::new(), |all, path| Some(all + &fs::read_to_string(path).ok()?)).unwrap()
}

/// Ends the run, perhaps by a kill, and runs it again: the words are there, and nothing is left over.
fn judge(folder: &Path, mut run: Child, kill: bool, words: &[&str]) -> Result<(), String> {
    if kill {
        let children = fs::read_to_string(format!("/proc/{0}/task/{0}/children", run.id())).unwrap();
        let pid = children.split_whitespace().next().and_then(|pid| pid.parse().ok()).and_then(Pid::from_raw);
        // Where it had ended, there is none.
        let _ = pid.map(|pid| kill_process(pid, Signal::KILL));
    }
    let ended = run.wait().unwrap();
    if !kill && !ended.success() {
        return Err(format!("{ended}"));
    }
    for again in [false, true] {
        if kill || again {
            succeed(folder, "report");
        }
        let all = all_reports(folder);
        if let Some(lost) = words.iter().find(|words| !all.contains(*words)) {
            return Err(format!("lost ({again}): {lost}"));
        }
        let left = temporaries(folder);
        if !left.is_empty() {
            return Err(format!("left behind: {left:?}"));
        }
    }
    Ok(())
}

#[test]
fn what_is_saved_while_the_report_is_made_is_never_lost() {
    if !strace::available() {
        return;
    }
    let (mut cases, mut mismatches) = (0, Vec::new());
    for moment in [Moment::Before, Moment::After, Moment::Late] {
        for how in [Save::Rename, Save::InPlace, Save::Open, Save::Anew] {
            for kill in [false, true] {
                let folder = Finished::edited().before(named("report"));
                let folder = folder.path();
                let before = fs::read_to_string(report(folder)).unwrap();
                let mut open = File::options().write(true).open(report(folder)).unwrap();
                let run = start(folder, moment);
                reach(folder, moment, Some(&before));
                save(folder, how, &mut open, &before.replace("Spring was dear.", LATE));
                if let Err(e) = judge(folder, run, kill, &[LATE, super::project::WORDS[2]]) {
                    mismatches.push(format!("{moment:?}, {how:?}, killed: {kill}: {e}"));
                }
                cases += 1;
            }
        }
    }
    conclude("saved while the report is made", cases, &mismatches);
}

/// The first is seen, and while it gets its name back comes the second.
#[test]
fn what_is_saved_twice_while_the_report_is_made_is_never_lost() {
    if !strace::available() {
        return;
    }
    let mut mismatches = Vec::new();
    for kill in [false, true] {
        let folder = Finished::edited().before(named("report"));
        let folder = folder.path();
        let before = fs::read_to_string(report(folder)).unwrap();
        let mut open = File::options().write(true).open(report(folder)).unwrap();
        let mut strace = command("strace");
        // The first two exchanges are held: the one that takes the report, and the one that gives it back.
        let inject = format!("inject=renameat2:delay_enter={HELD}:when=1..2");
        strace.current_dir(folder).args(["-f", "-o", "/dev/null", "-e", "trace=renameat2", "-e", &inject]);
        let run = strace.arg(program("report")).stderr(Stdio::null()).spawn().unwrap();
        reach(folder, Moment::Before, None);
        let late = before.replace("Spring was dear.", LATE);
        save(folder, Save::Rename, &mut open, &late);
        reach(folder, Moment::After, Some(&late));
        save(folder, Save::Rename, &mut open, &late.replace(LATE, LATER));
        if let Err(e) = judge(folder, run, kill, &[LATER, super::project::WORDS[2]]) {
            mismatches.push(format!("killed: {kill}: {e}"));
        }
    }
    conclude("saved twice while the report is made", 2, &mismatches);
}

#[test]
fn a_report_that_comes_or_goes_while_it_is_made_is_respected() {
    if !strace::available() {
        return;
    }
    let mut mismatches = Vec::new();
    for kill in [false, true] {
        // Written for the first time by its author.
        let folder = Finished::edited().first(named("report"));
        let run = start(folder.path(), Moment::Before);
        reach(folder.path(), Moment::Before, None);
        fs::write(report(folder.path()), LATE).unwrap();
        mismatches.extend(judge(folder.path(), run, kill, &[LATE, "## The answer"]).err());
        if fs::read_to_string(report(folder.path())).unwrap() != LATE {
            mismatches.push("a report of one's own was changed".to_owned());
        }
        // Removed: a new draft.
        let folder = Finished::edited().before(named("report"));
        let run = start(folder.path(), Moment::Before);
        reach(folder.path(), Moment::Before, None);
        fs::remove_file(report(folder.path())).unwrap();
        mismatches.extend(judge(folder.path(), run, kill, &["## The answer"]).err());
    }
    conclude("a report that comes or goes", 4, &mismatches);
}
