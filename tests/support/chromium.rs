//! Pages opened in a headless Chromium: `CHROMIUM` names it, or it is looked for in `PATH`. An empty `CHROMIUM` says
//! that there is none to be had.
#![allow(clippy::allow_attributes, dead_code, reason = "each test file uses its own part of this")]

use std::fs::File;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::support::{read, skip};

/// Longest wait for one page.
const LIMIT: Duration = Duration::from_mins(2);
/// What Chromium and its kin are called.
const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// What came of opening a page.
pub(crate) struct Opened {
    /// The document after its scripts ran, as text.
    pub(crate) dom: String,
    /// Lines that the page or the browser wrote to its console.
    pub(crate) console: Vec<String>,
}

/// The browser; none, after saying why, where it does not start.
pub(crate) fn chromium() -> Option<&'static Path> {
    static PROGRAM: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    match PROGRAM.get_or_init(find) {
        Ok(path) => Some(path),
        Err(why) => {
            if std::env::var_os("CHROMIUM").is_some_and(|name| name.is_empty()) {
                // Said on purpose, so that `MILLRACE_NO_SKIP` does not fail. Not `eprintln`, which is captured.
                let said = "skipped: no Chromium is to be had, so pages are not opened in a browser\n";
                std::io::Write::write_all(&mut std::io::stderr(), said.as_bytes()).unwrap();
                return None;
            }
            skip(&format!("no Chromium, so pages are not opened in a browser: {why}"));
            None
        }
    }
}

fn find() -> Result<PathBuf, String> {
    if let Some(named) = std::env::var_os("CHROMIUM") {
        return starts(Path::new(&named));
    }
    let all: Vec<_> = NAMES.iter().map(|name| starts(Path::new(name))).collect();
    let why: Vec<String> = all.iter().filter_map(|found| found.clone().err()).collect();
    all.into_iter().find_map(Result::ok).ok_or_else(|| why.join("; "))
}

fn starts(program: &Path) -> Result<PathBuf, String> {
    let output = Command::new(program).arg("--version").stdin(Stdio::null()).output();
    match output.map_err(|e| format!("{}: {e}", program.display()))? {
        output if output.status.success() => Ok(program.to_path_buf()),
        output => Err(format!("{}: {}", program.display(), String::from_utf8_lossy(&output.stderr))),
    }
}

/// Opens the page in `file`, with nothing of the machine's own settings and no network.
pub(crate) fn open(program: &Path, file: &Path) -> Opened {
    let home = tempfile::tempdir().unwrap();
    let (out, err) = (home.path().join("out"), home.path().join("err"));
    let mut command = Command::new(program);
    command
        .args(["--headless=new", "--dump-dom", "--disable-gpu", "--no-first-run", "--disable-extensions"])
        // Root has no sandbox, and a container little shared memory; the page is our own.
        .args(["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking"])
        .args(["--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND"])
        .args(["--enable-logging=stderr", "--v=0"])
        .arg(format!("--user-data-dir={}", home.path().join("profile").display()))
        .arg(format!("file://{}", file.display()))
        .env("HOME", home.path())
        .stdin(Stdio::null())
        .stdout(File::create(&out).unwrap())
        .stderr(File::create(&err).unwrap())
        .process_group(0);
    let mut child = command.spawn().unwrap();
    let done = wait(&mut child);
    let said = String::from_utf8_lossy(&std::fs::read(&err).unwrap()).into_owned();
    assert!(done, "{}: Chromium did not end well\n{said}", file.display());
    let console = said.lines().filter(|line| line.contains("CONSOLE")).map(str::to_owned).collect();
    Opened { dom: read(&out), console }
}

/// Whether it ended well in time; its children end with it in any case.
fn wait(child: &mut Child) -> bool {
    let until = Instant::now() + LIMIT;
    let status = loop {
        match child.try_wait().unwrap() {
            Some(status) => break Some(status),
            None if Instant::now() < until => sleep(Duration::from_millis(20)),
            None => break None,
        }
    };
    // The group, whose number is that of its first process.
    let group = format!("-{}", child.id());
    let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
    let _ = child.wait();
    status.is_some_and(|status| status.success())
}
