//! The judge: whether a run did what the manifest says is right for its file.
//!
//! Text is judged here, cell by cell. The values that `typed` gives are made by a later stage and judged
//! in the module of that name.

use super::canonical::parse;
use super::entry::{Candidate, HeaderCheck, Outcome, Table};
use super::run::{Mode, Run};

pub(crate) const OUTPUT: &str = "raw_ingested.csv";
const REJECTS: &str = "raw_ingested.csv.rejects.csv";
const REJECTS_HEADER: [&str; 6] = ["source", "line", "byte", "column", "kind", "raw"];

/// What a run is judged by.
#[derive(Clone, Debug)]
pub(crate) struct Case<'a> {
    /// Name of the raw file.
    pub(crate) file: &'a str,
    pub(crate) outcome: Outcome,
    pub(crate) candidates: Vec<Candidate>,
    pub(crate) header_check: HeaderCheck,
    pub(crate) bad_lines: &'a [u64],
    /// An option that the program need not have.
    pub(crate) rare_option: Option<&'static str>,
    pub(crate) mode: Mode,
}

/// What came of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Right: the table.
    Read,
    /// Right: a refusal, or the bad records set aside.
    Refused,
    /// Neither right nor wrong: the dialect needs an option that the program does not have.
    NotOffered,
    /// Refused though it can be read, or refused without saying where.
    WrongRefusal,
    /// Success, and not the right table.
    SilentWrong,
    /// No clean end.
    Crash,
}

impl Verdict {
    pub(crate) fn is_right(self) -> bool {
        matches!(self, Self::Read | Self::Refused | Self::NotOffered)
    }
}

/// A verdict and why.
#[derive(Clone, Debug)]
pub(crate) struct Judgement {
    pub(crate) verdict: Verdict,
    pub(crate) reason: String,
}

impl Judgement {
    pub(crate) fn new(verdict: Verdict, reason: impl Into<String>) -> Self {
        Self { verdict, reason: reason.into() }
    }
}

/// Judges one run.
pub(crate) fn judge(case: &Case, run: &Run) -> Judgement {
    if run.stderr.contains("panicked at") {
        return Judgement::new(Verdict::Crash, "a panic");
    }
    match run.code {
        Some(0) => success(case, run),
        Some(2) => usage(case, run),
        Some(10 | 11 | 20 | 21) => refusal(case, run),
        Some(code) => Judgement::new(Verdict::Crash, format!("exit code {code}: {}", last_line(run))),
        None => Judgement::new(Verdict::Crash, "ended by a signal or the time limit"),
    }
}

/// Judges two runs of one file, which must not differ.
pub(crate) fn judge_twice(case: &Case, first: &Run, second: &Run) -> Judgement {
    if first.code != second.code {
        return Judgement::new(
            Verdict::Crash,
            format!("ended with {:?}, then {:?}", first.code, second.code),
        );
    }
    if first.written != second.written {
        return Judgement::new(Verdict::SilentWrong, "two runs wrote other bytes");
    }
    judge(case, first)
}

fn success(case: &Case, run: &Run) -> Judgement {
    let verdict = |result: Result<Verdict, String>| match result {
        Ok(verdict) => Judgement::new(verdict, ""),
        Err(reason) => Judgement::new(Verdict::SilentWrong, reason),
    };
    let read = || {
        let table = output(run)?;
        let lines = set_aside(case, run)?;
        match case.outcome {
            Outcome::Refuse => Err(format!("read as {} rows, must be refused", table.len() - 1)),
            Outcome::NoCrash => Ok(Verdict::Read),
            _ if !lines.is_empty() && case.mode == Mode::Default => {
                Err(format!("set aside unasked: lines {lines:?}"))
            }
            _ => compare(case, &table, &lines),
        }
    };
    verdict(read())
}

/// The table that was written, the header first.
fn output(run: &Run) -> Result<Vec<Vec<String>>, String> {
    let bytes = run.written.get(OUTPUT).ok_or_else(|| format!("no {OUTPUT}"))?;
    if !run.written.contains_key(&format!("{OUTPUT}.meta.json")) {
        return Err("no manifest beside the output".to_owned());
    }
    parse(bytes).map_err(|e| format!("{OUTPUT}: {e}"))
}

/// Lines of the records that were set aside, ascending; each record stands once.
fn set_aside(case: &Case, run: &Run) -> Result<Vec<u64>, String> {
    let Some(bytes) = run.written.get(REJECTS) else { return Ok(Vec::new()) };
    let rows = parse(bytes).map_err(|e| format!("{REJECTS}: {e}"))?;
    if rows[0] != REJECTS_HEADER {
        return Err(format!("{REJECTS}: header {:?}", rows[0]));
    }
    let line = |row: &Vec<String>| match row[1].parse() {
        Ok(line) if row[0].ends_with(case.file) && !row[4].is_empty() => Ok(line),
        _ => Err(format!("{REJECTS}: {}", shown(row))),
    };
    let mut lines: Vec<u64> = rows[1..].iter().map(line).collect::<Result<_, _>>()?;
    lines.sort_unstable();
    Ok(lines)
}

/// Whether the table and the lines set aside are those of a candidate; the first difference if not.
fn compare(case: &Case, table: &[Vec<String>], lines: &[u64]) -> Result<Verdict, String> {
    let difference = |c: &Candidate| {
        if c.bad_lines == lines {
            difference(case, &c.table, table)
        } else {
            Some(format!("set aside lines {lines:?}, expected {:?}", c.bad_lines))
        }
    };
    let mut differences = Vec::new();
    for candidate in &case.candidates {
        match difference(candidate) {
            None if lines.is_empty() => return Ok(Verdict::Read),
            None => return Ok(Verdict::Refused),
            Some(text) => differences.push(text),
        }
    }
    Err(differences.into_iter().next().unwrap_or_else(|| "no table is expected".to_owned()))
}

/// The first difference of a table from the expected one: its columns, its cells, its length.
pub(crate) fn difference(case: &Case, expected: &Table, table: &[Vec<String>]) -> Option<String> {
    let (names, rows) = table.split_first().unwrap();
    let columns = expected.columns().unwrap_or(names.len());
    if names.len() != columns {
        return Some(format!("{} columns, expected {columns}", names.len()));
    }
    if let Some(header) = &expected.header
        && let Some(text) = header_difference(case.header_check, header, names)
    {
        return Some(text);
    }
    for (i, (expected, row)) in expected.rows.iter().zip(rows).enumerate() {
        let at = expected.iter().zip(row).position(|(e, cell)| e != cell);
        if let Some(at) = at {
            let (cell, expected) = (shown(&row[at]), shown(&expected[at]));
            return Some(format!("row {}, cell {}: {cell}, expected {expected}", i + 1, at + 1));
        }
    }
    let (count, right) = (rows.len(), expected.rows.len());
    (count != right).then(|| format!("{count} rows, expected {right}"))
}

fn header_difference(check: HeaderCheck, expected: &[String], names: &[String]) -> Option<String> {
    match check {
        HeaderCheck::Exact if names != expected => {
            Some(format!("header {}, expected {}", shown(names), shown(expected)))
        }
        HeaderCheck::Exact => None,
        HeaderCheck::Distinct => {
            let odd = names.iter().enumerate().any(|(i, n)| n.is_empty() || names[..i].contains(n));
            odd.then(|| format!("header {}: a name is empty or stands twice", shown(names)))
        }
    }
}

/// A usage error refuses a file only where its dialect needs an option that is rare.
fn usage(case: &Case, run: &Run) -> Judgement {
    match case.rare_option.filter(|option| run.stderr.contains(option)) {
        Some(option) if run.written.is_empty() => {
            let verdict = match case.outcome {
                Outcome::TableOrRefuse => Verdict::NotOffered,
                _ => Verdict::WrongRefusal,
            };
            Judgement::new(verdict, format!("option not offered: {option}: {}", last_line(run)))
        }
        _ => Judgement::new(Verdict::WrongRefusal, format!("a usage error: {}", last_line(run))),
    }
}

fn refusal(case: &Case, run: &Run) -> Judgement {
    let wrong = |reason: String| Judgement::new(Verdict::WrongRefusal, reason);
    if !run.written.is_empty() {
        return wrong(format!("refused, and left {:?}", run.written.keys()));
    }
    let named = || errors(run).filter_map(|line| line.split_once(case.file).map(|(_, rest)| (line, rest)));
    let Some((message, _)) = named().next() else {
        return wrong(format!("no message names the file: {}", last_line(run)));
    };
    let names_bad_line = named().any(|(_, rest)| is_bad_line(case, line_number(rest)));
    if message.chars().any(char::is_control) {
        return wrong(format!("control characters in the message: {message:?}"));
    }
    match case.outcome {
        Outcome::Table => wrong(format!("must be read: {}", last_line(run))),
        _ if must_name_line(case) && !names_bad_line => {
            wrong(format!("none of the bad lines {:?} is named: {}", case.bad_lines, last_line(run)))
        }
        _ => Judgement::new(Verdict::Refused, ""),
    }
}

/// A file whose header alone is reason enough to refuse it need not be read up to its bad lines.
fn must_name_line(case: &Case) -> bool {
    !case.bad_lines.is_empty() && case.header_check == HeaderCheck::Exact
}

/// What the run said went wrong.
fn errors(run: &Run) -> impl Iterator<Item = &str> {
    run.stderr.lines().filter(|l| l.starts_with("ERROR ") || l.starts_with("CRITICAL "))
}

/// The number in `:7: ...`, which follows the file's name.
fn line_number(rest: &str) -> Option<u64> {
    let digits = rest.strip_prefix(':')?.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

fn is_bad_line(case: &Case, line: Option<u64>) -> bool {
    line.is_some_and(|line| {
        case.bad_lines.contains(&line) || case.candidates.iter().any(|c| c.bad_lines.contains(&line))
    })
}

/// The message of a run, without its folder, which is another each time.
pub(crate) fn last_line(run: &Run) -> String {
    let line = errors(run).next().or(run.stderr.lines().last()).unwrap_or("no message");
    let at = ["data/raw/", "pipeline.toml"].iter().find_map(|place| line.find(place)).unwrap_or(0);
    line[at..].chars().take(160).collect()
}

/// Data in a reason: quoted and cut.
pub(crate) fn shown<T: std::fmt::Debug + ?Sized>(data: &T) -> String {
    let text = format!("{data:?}");
    if text.chars().count() > 80 { text.chars().take(80).chain(['…']).collect() } else { text }
}
