//! `strace`: the calls by which a stage changes its project, and runs with one of them disturbed.

use std::collections::HashMap;
use std::path::Path;
use std::process::Output;
use std::sync::OnceLock;

use super::project::{command, said, say};
use super::support::{program, read, skip};

/// Calls that change files. Those with a question mark exist only on some machines.
const WATCHED: &str = "trace=openat,write,fsync,fdatasync,fchmod,?rename,renameat,renameat2,?unlink,unlinkat,\
                       ?mkdir,mkdirat,?open,?creat,writev,pwrite64,ftruncate,?link,linkat,copy_file_range,sendfile";

/// One call of a run.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// Its name.
    pub(crate) name: String,
    /// Which one it is among those of its name, from 1.
    pub(crate) number: usize,
    /// Its arguments, the project folder and the random part of temporary names left out.
    pub(crate) arguments: String,
    /// What it gave.
    pub(crate) result: String,
}

/// What the project folder is called in [`Call::arguments`].
pub(crate) const FOLDER: &str = "PROJECT";

/// A traced run.
pub(crate) struct Run {
    pub(crate) output: Output,
    /// The calls of the main thread, which does all that changes files, in order.
    pub(crate) calls: Vec<Call>,
    /// Lines about temporary files in other threads: none, but where a killed run leaves echoes.
    strays: Vec<String>,
}

impl Call {
    /// Whether it may change the project; opening a file to read does not.
    fn changes(&self) -> bool {
        match self.name.as_str() {
            "openat" => {
                let writes = ["O_WRONLY", "O_RDWR", "O_CREAT"].iter().any(|f| self.arguments.contains(f));
                writes && self.arguments.contains(FOLDER)
            }
            "mkdir" | "unlink" => self.arguments.contains(FOLDER) || !self.arguments.starts_with("\"/"),
            _ => self.arguments.contains(FOLDER),
        }
    }

    /// Whether it is about the log.
    pub(crate) fn is_log(&self) -> bool {
        self.arguments.contains("logs/") || self.arguments.contains("\"logs\"")
    }

    /// Whether it writes to standard error.
    pub(crate) fn is_terminal(&self) -> bool {
        self.name == "write" && self.arguments.starts_with("2<")
    }

    pub(crate) fn is_rename(&self) -> bool {
        self.name.starts_with("rename")
    }

    /// Whether it did what it was asked.
    pub(crate) fn succeeded(&self) -> bool {
        self.result.starts_with(|c: char| c.is_ascii_digit())
    }

    /// The last path it names: what it is about.
    pub(crate) fn file(&self) -> &str {
        let folders = [FOLDER, "logs", "models", "reports", "data"];
        let mut parts = self.arguments.split(['"', '<', '>']);
        parts.rfind(|part| part.contains('/') || folders.contains(part)).unwrap_or_default()
    }

    /// Its paths: what is the same in two runs that write the same files.
    pub(crate) fn paths(&self) -> &str {
        let end = self.arguments.rfind(['"', '>']).unwrap_or(0);
        &self.arguments[..end]
    }
}

/// Whether stages can be traced here; says loudly if not.
pub(crate) fn available() -> bool {
    static AVAILABLE: OnceLock<bool> = OnceLock::new();
    *AVAILABLE.get_or_init(|| {
        let inject = "inject=write:error=EIO:when=65535";
        let probe = command("strace").args(["-f", "-y", "-e", WATCHED, "-e", inject, "true"]).output();
        match probe {
            Ok(output) if output.status.success() => return true,
            // No installation helps here, so that `MILLRACE_NO_SKIP` does not fail.
            Ok(_) => say("SKIPPED: strace may not trace here; crash safety at each call is NOT tested"),
            Err(_) => skip("strace is absent; crash safety at each call is NOT tested"),
        }
        false
    })
}

/// Runs a stage, perhaps with arguments, in its project folder, with the faults that `inject` lists.
pub(crate) fn run(folder: &Path, stage: &str, inject: &[String]) -> Run {
    let trace = tempfile::NamedTempFile::new().unwrap();
    let mut strace = command("strace");
    strace.current_dir(folder).args(["-f", "-y", "-s", "0", "-o"]).arg(trace.path());
    strace.args(["-e", WATCHED]);
    for fault in inject {
        strace.args(["-e", &format!("inject={fault}")]);
    }
    let (stage, arguments) = stage.split_once(' ').unwrap_or((stage, ""));
    let output = strace.arg(program(stage)).args(arguments.split_whitespace()).output().unwrap();
    let folder = folder.canonicalize().unwrap();
    let (calls, strays) = parse(&read(trace.path()).replace(folder.to_str().unwrap(), FOLDER));
    Run { output, calls, strays }
}

/// The calls by which an undisturbed run changes the project or speaks to the terminal.
pub(crate) fn changes(folder: &Path, stage: &str) -> Vec<Call> {
    let run = run(folder, stage, &[]);
    assert!(run.output.status.success(), "{stage}: {}", said(&run.output));
    assert_eq!(run.strays, [""; 0], "{stage}: another thread changes files, which these tests would miss");
    run.calls.into_iter().filter(|call| call.changes() || call.is_terminal()).collect()
}

/// Runs a stage with one call disturbed, and perhaps all of its name after it; checks that it was
/// that call.
pub(crate) fn disturb(folder: &Path, stage: &str, call: &Call, how: &str, from_here: bool) -> Output {
    let all_after = if from_here { "+" } else { "" };
    let run = run(folder, stage, &[format!("{}:{how}:when={}{all_after}", call.name, call.number)]);
    let hit = run.calls.iter().find(|c| c.name == call.name && c.number == call.number);
    assert!(hit.is_some_and(|hit| hit.paths() == call.paths()), "{stage}: {call:?} became {hit:?}");
    run.output
}

/// The calls of the main thread, and lines about temporary files in other threads.
fn parse(trace: &str) -> (Vec<Call>, Vec<String>) {
    let mut counts: HashMap<String, usize> = HashMap::new();
    let (mut calls, mut strays) = (Vec::new(), Vec::new());
    let main = trace.split(' ').next().unwrap_or_default();
    for line in trace.lines() {
        let Some((thread, rest)) = line.split_once(' ') else { continue };
        // A call that another thread's event cut in two has its result in the second part.
        if thread == main
            && rest.trim_start().starts_with("<... ")
            && let (Some(call), Some((_, result))) = (calls.last_mut(), rest.rsplit_once(" = "))
        {
            let call: &mut Call = call;
            result.clone_into(&mut call.result);
            continue;
        }
        let Some((name, rest)) = rest.trim_start().split_once('(') else { continue };
        // Not a call: the end of one, a signal, the end of a thread.
        if name.contains([' ', '<', '+', '-']) {
            continue;
        }
        let (arguments, result) = rest.rsplit_once(" = ").unwrap_or((rest, ""));
        let arguments = arguments.trim_end_matches(" <unfinished ...>").trim_end().trim_end_matches(')');
        if thread != main {
            if arguments.contains(".tmp-") {
                strays.push(line.to_owned());
            }
            continue;
        }
        let number = counts.entry(name.to_owned()).or_default();
        *number += 1;
        let (name, number) = (name.to_owned(), *number);
        calls.push(Call { name, number, arguments: without_random(arguments), result: result.to_owned() });
    }
    (calls, strays)
}

/// `text` with the six random characters of temporary names and the number of a pipe left out.
fn without_random(text: &str) -> String {
    if text.starts_with("2<") {
        return "2<standard error>".to_owned();
    }
    let mut out = text.to_owned();
    for mark in [".tmp-", ".aside-"] {
        let parts: Vec<&str> = out.split(mark).collect();
        let rest = parts[1..].iter().map(|part| format!("{mark}{}", part.get(6..).unwrap_or_default()));
        out = parts[0].to_owned() + &rest.collect::<String>();
    }
    out
}
