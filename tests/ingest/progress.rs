//! A bar for people who wait, and nothing of it where nobody looks.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::support::{program, write};
use super::{GUARD, log, setup};

/// A project of many sources, which takes some moments.
fn many() -> TempDir {
    let folder = setup("sources = [\"raw/*.csv\"]", &[]);
    for n in 0..6000 {
        write(folder.path().join(format!("raw/{n:04}.csv")), format!("x,y\n{n},2\n"));
    }
    folder
}

/// Runs `command`, whose process writes its id to `pid`, and holds it up for more than the second after
/// which work counts as long.
fn held_up(folder: &TempDir, mut command: Command) -> Output {
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let began = Instant::now();
    let log_file = folder.path().join("logs/ingest.log");
    while !std::fs::read_to_string(&log_file).is_ok_and(|log| log.contains("read 1 row from ")) {
        assert!(began.elapsed() < GUARD, "it never reads");
        std::thread::sleep(Duration::from_millis(1));
    }
    let pid = std::fs::read_to_string(folder.path().join("pid")).unwrap();
    // `script` stops with what it runs, and has to be told to go on too.
    let (pid, outer) = (pid.trim(), child.id().to_string());
    let signal = |words: &[&str]| Command::new("kill").args(words).status().unwrap().success();
    assert!(signal(&["-STOP", pid]), "it ended too soon");
    std::thread::sleep(Duration::from_millis(1300));
    assert!(signal(&["-CONT", pid, &outer]));
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let log = log(folder);
    let seconds = log.rsplit_once("done in ").unwrap().1.trim_end().trim_end_matches(" s");
    assert!(seconds.parse::<f64>().unwrap() > 1.0, "{seconds} s");
    output
}

/// A shell's words that run `ingest` and leave its id behind.
fn script(folder: &Path, flags: &str) -> String {
    let quoted = |path: &Path| format!("'{}'", path.display());
    let (pid, program) = (quoted(&folder.join("pid")), quoted(&program("ingest")));
    format!("echo $$ > {pid}; exec {program} --project {} {flags}", quoted(folder))
}

/// What a terminal shows of a run; nothing where there is no `script` to make one.
fn on_a_terminal(flags: &str) -> Option<String> {
    let works = Command::new("script").args(["-qec", "true", "/dev/null"]).stdin(Stdio::null()).output();
    if !works.is_ok_and(|output| output.status.success()) {
        println!("skipped: no `script` that makes a terminal");
        return None;
    }
    let folder = many();
    let mut command = Command::new("script");
    command.args(["-qec", &script(folder.path(), flags), "/dev/null"]).env("TERM", "xterm");
    Some(String::from_utf8(held_up(&folder, command).stdout).unwrap())
}

#[test]
fn where_standard_error_is_no_terminal_it_holds_lines_only() {
    let folder = many();
    let mut command = Command::new("sh");
    command.args(["-c", &script(folder.path(), "")]);
    let output = held_up(&folder, command);
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{text:?}");
    // Start, one for each source, wrote, done.
    assert_eq!(text.lines().count(), 6003);
    assert!(text.lines().all(|line| line.starts_with("INFO ingest: ")));
    assert!(output.stdout.is_empty());
}

#[test]
fn on_a_terminal_long_work_shows_a_bar_that_goes_away() {
    let Some(text) = on_a_terminal("") else { return };
    let last = text.rfind("\u{1b}[2K").expect("a line that is drawn again");
    assert!(text.contains(" rows") && text.contains("B/s"), "{text:?}");
    assert!(!text[last..].contains("B/s"), "{text:?}");
}

#[test]
fn a_quiet_run_shows_no_bar() {
    let Some(text) = on_a_terminal("-q") else { return };
    assert_eq!(text, "");
}
