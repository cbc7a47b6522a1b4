//! Python with the packages of `tests/requirements.txt`, or of a file beside it, in a virtual environment
//! below `target`.
#![allow(clippy::allow_attributes, dead_code, reason = "each test file uses its own part of this")]

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::support::{program, read, skip};

/// Longest wait for the environment, whether this process makes it or another one.
const LIMIT: Duration = Duration::from_mins(10);
/// Where the lists of packages are.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/");

/// The interpreter, whose environment the first test to ask makes; none, after saying why, where it
/// cannot be made here. Run it with `-I`, so that nothing of the caller's gets in.
pub(crate) fn python() -> Option<PathBuf> {
    python_with("requirements.txt")
}

/// The same with the packages that the file `requirements` in `tests` lists; one test file asks for one list.
pub(crate) fn python_with(requirements: &str) -> Option<PathBuf> {
    static PYTHON: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    match PYTHON.get_or_init(|| environment(&format!("{FOLDER}{requirements}"))) {
        Ok(path) => Some(path.clone()),
        Err(why) => {
            skip(&format!("no Python packages, so what needs them is not tested: {why}"));
            None
        }
    }
}

fn environment(requirements: &str) -> Result<PathBuf, String> {
    let base = base()?;
    // Two folders above the programs of this build: `target`, wherever it is.
    let target = program("x").parent().and_then(Path::parent).ok_or("no target folder")?.to_path_buf();
    let hash = common::hash::hex(format!("{base}{}", read(requirements)).as_bytes());
    let name = format!("python-{}", &hash[..16]);
    let folder = target.join(&name);
    let until = Instant::now() + LIMIT;
    let lock = lock(&folder.with_extension("lock"), until)?;
    if !works(&folder) {
        remove(&target, &name)?;
        // Its own name, since a `pip` whose test was killed may still write to the one before.
        let made = folder.with_extension(std::process::id().to_string());
        make(&made, requirements, until)?;
        std::fs::rename(&made, &folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    }
    drop(lock);
    Ok(interpreter(&folder))
}

fn interpreter(folder: &Path) -> PathBuf {
    folder.join("bin/python")
}

/// Version and place of the machine's own Python: another one needs another environment.
fn base() -> Result<String, String> {
    let script = "import sys; print(sys.version, sys.executable)";
    let output = Command::new("python3").args(["-I", "-c", script]).output();
    let output = output.map_err(|e| format!("python3: {e}"))?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether the environment is there, which is then whole, and its Python still starts.
fn works(folder: &Path) -> bool {
    Command::new(interpreter(folder)).args(["-I", "-c", "pass"]).output().is_ok_and(|o| o.status.success())
}

/// Removes an environment that no longer works, and what killed runs left of it.
fn remove(target: &Path, name: &str) -> Result<(), String> {
    let failed = |e: std::io::Error| format!("{}: {e}", target.display());
    for entry in std::fs::read_dir(target).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() && path.file_stem().is_some_and(|stem| stem == name) {
            std::fs::remove_dir_all(path).map_err(failed)?;
        }
    }
    Ok(())
}

/// Makes the environment in `folder`; scripts in its `bin` do not survive a rename, modules do.
fn make(folder: &Path, requirements: &str, until: Instant) -> Result<(), String> {
    let log = folder.with_extension("log");
    let mut venv = Command::new("python3");
    within(venv.args(["-I", "-m", "venv"]).arg(folder), &log, until)?;
    let mut pip = Command::new(interpreter(folder));
    pip.args(["-I", "-m", "pip", "install", "--quiet", "--no-input", "--retries", "2", "-r", requirements]);
    within(&mut pip, &log, until)
}

/// Waits for the lock of all test binaries; it ends with this process.
fn lock(path: &Path, until: Instant) -> Result<File, String> {
    let said = |e: &dyn std::fmt::Display| format!("{}: {e}", path.display());
    let file = File::create(path).map_err(|e| said(&e))?;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if Instant::now() < until => sleep(Duration::from_millis(50)),
            Err(e) => return Err(said(&e)),
        }
    }
}

/// Runs a program until its end or `until`; what it says goes to `log`, of which an error has the end.
fn within(command: &mut Command, log: &Path, until: Instant) -> Result<(), String> {
    let shown = format!("{command:?}");
    let failed = |why: String| {
        let text = std::fs::read_to_string(log).unwrap_or_default();
        let end: Vec<&str> = text.lines().rev().take(3).collect();
        let end: Vec<&str> = end.into_iter().rev().collect();
        format!("{shown}: {why}\n{}", end.join("\n"))
    };
    let file = File::create(log).map_err(|e| format!("{}: {e}", log.display()))?;
    let error = file.try_clone().map_err(|e| format!("{}: {e}", log.display()))?;
    command.stdin(Stdio::null()).stdout(file).stderr(error);
    let mut child = command.spawn().map_err(|e| failed(e.to_string()))?;
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => return Err(failed(status.to_string())),
            Ok(None) if Instant::now() < until => sleep(Duration::from_millis(50)),
            Ok(None) => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(failed(format!("not done after {} seconds", LIMIT.as_secs())));
            }
            Err(e) => return Err(failed(e.to_string())),
        }
    }
}
