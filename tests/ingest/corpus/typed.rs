//! The judge of values: whether `clean`, told by a contract how numbers are written, makes the numbers of
//! `typed` out of the text, to the bit, and reports every cell that is none, by its line.

use serde_json::{Map, Value, json};

use super::super::support::write;
use super::canonical::parse;
use super::judge::{Judgement, OUTPUT, Verdict, last_line, shown};
use super::run::{self, Mode, Run, config, toml};

const LINES: &str = "raw_ingested.csv.lines.csv";
const CLEAN: &str = "clean.csv";
pub(crate) const VIOLATIONS: &str = "clean.csv.violations.csv";
const VIOLATIONS_HEADER: [&str; 4] = ["source", "line", "column", "what"];

/// Nothing is dropped or filled, and there are rows to train on, however few rows there are.
const SETTINGS: &str = "[clean]\nduplicates = \"keep\"\nfill = { number = \"none\", text = \"none\" }\n\
                        split = { by = \"hash\", calibration = 0.0, test = 1e-9 }\n";

/// What must become of a cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Wanted {
    /// Just this number.
    Number(f64),
    /// No value.
    Missing,
    /// A breach of the contract.
    Bad,
    /// A number that the manifest does not give.
    Unknown,
}

/// A column of numbers, cell by cell.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) wanted: Vec<Wanted>,
}

/// The table that `ingest` made, the header first, and the line of the raw file each row begins in.
struct Ingested {
    table: Vec<Vec<String>>,
    lines: Vec<u64>,
}

/// Judges the values that come of `bytes`, the raw file `file`; `typed` is the manifest's word.
pub(crate) fn judge(
    file: &str,
    bytes: &[u8],
    dialect: &Map<String, Value>,
    typed: &Map<String, Value>,
) -> Judgement {
    match judge_both(file, bytes, dialect, typed) {
        Ok(()) => Judgement::new(Verdict::Read, ""),
        Err(wrong) => Judgement { reason: format!("typed values: {}", wrong.reason), ..wrong },
    }
}

/// The file as it is, and where cells of it are bad, the file without their records.
fn judge_both(
    file: &str,
    bytes: &[u8],
    dialect: &Map<String, Value>,
    typed: &Map<String, Value>,
) -> Result<(), Judgement> {
    let (ingested, run) = clean(file, bytes, dialect, typed)?;
    check_lines(&ingested.lines, bytes, dialect)?;
    let columns = columns(typed, &ingested.table, &null_tokens(dialect));
    let bad = bad_rows(&columns);
    if bad.is_empty() {
        return values(&columns, &run);
    }
    breaches(&columns, &ingested.lines, file, &run)?;
    if bad.len() == ingested.lines.len() {
        return Ok(());
    }
    let (_, run) = clean(file, &without(bytes, &ingested.lines, &bad), dialect, typed)?;
    values(&columns.iter().map(|c| c.without(&bad)).collect::<Vec<_>>(), &run)
}

/// Runs `ingest` and then `clean` in one project, under a contract by which the typed columns are
/// numbers as the dialect writes them and the others text.
fn clean(
    file: &str,
    bytes: &[u8],
    dialect: &Map<String, Value>,
    typed: &Map<String, Value>,
) -> Result<(Ingested, Run), Judgement> {
    let folder = run::raw(file, bytes, &config(file, dialect, Mode::Default));
    let ingested = ingested(&run::stage("ingest", &folder, "data/interim"))?;
    let names = &ingested.table[0];
    let (numbers, others): (Vec<&str>, Vec<&str>) =
        names.iter().map(String::as_str).partition(|name| is_typed(typed, name));
    // The typed columns are inputs where another can be the target: `clean` does more to an input.
    let target = others.first().or(numbers.first()).unwrap();
    let target = format!("target = {}", toml(&Value::from(*target)));
    let config = config(file, dialect, Mode::Default).replacen("target = \"y\"", &target, 1);
    write(folder.path().join("pipeline.toml"), config + SETTINGS);
    write(folder.path().join("schema.json"), contract(names, &numbers, dialect).to_string());
    Ok((ingested, run::stage("clean", &folder, "data/processed")))
}

fn ingested(run: &Run) -> Result<Ingested, Judgement> {
    let read = |name: &str| match run.written.get(name) {
        Some(bytes) if run.code == Some(0) => parse(bytes).map_err(|e| silent(format!("{name}: {e}"))),
        _ => Err(refused(format!("not ingested: {}", last_line(run)))),
    };
    let table = read(OUTPUT)?;
    let lines = lines(&read(LINES)?[1..], table.len() - 1);
    Ok(Ingested { table, lines })
}

/// The line of each row, from the runs of consecutive lines in the index of `ingest`.
fn lines(runs: &[Vec<String>], rows: usize) -> Vec<u64> {
    let number = |cell: &String| cell.parse::<u64>().unwrap();
    let runs: Vec<(u64, u64)> = runs.iter().map(|run| (number(&run[0]), number(&run[2]))).collect();
    let line = |row: u64| {
        let (first, line) = runs.iter().rfind(|(first, _)| *first <= row).unwrap();
        line + row - first
    };
    (0u64..).take(rows).map(line).collect()
}

/// The index is right in a file that is plainly one line a record.
fn check_lines(lines: &[u64], bytes: &[u8], dialect: &Map<String, Value>) -> Result<(), Judgement> {
    let first = if dialect.get("header") == Some(&Value::Bool(false)) { 1 } else { 2 };
    let ends = bytes.split(|b| *b == b'\n').skip(1).count();
    let plain = bytes.ends_with(b"\n") && ends + 2 == lines.len() + first;
    if plain && !lines.iter().copied().eq((first as u64..).take(lines.len())) {
        return Err(silent(format!("the rows are said to begin in lines {}", shown(lines))));
    }
    Ok(())
}

fn contract(names: &[String], numbers: &[&str], dialect: &Map<String, Value>) -> Value {
    let field = |name: &String| {
        let number = numbers.contains(&name.as_str());
        let mut field = json!({ "name": name, "type": if number { "number" } else { "string" } });
        for (key, word) in [("decimal", "decimalChar"), ("thousands", "groupChar")] {
            if let Some(mark) = dialect.get(key).filter(|mark| number && !mark.is_null()) {
                field[word] = mark.clone();
            }
        }
        field
    };
    let fields: Vec<Value> = names.iter().map(field).collect();
    json!({ "missingValues": null_tokens(dialect), "fields": fields })
}

/// The cells that stand for a missing value.
fn null_tokens(dialect: &Map<String, Value>) -> Vec<String> {
    let told = dialect.get("null_tokens").map(|tokens| serde_json::from_value(tokens.clone()).unwrap());
    told.unwrap_or_else(|| vec![String::new()])
}

/// The keys of a column in `typed`: all its values, its bad rows, its last value.
fn keys(name: &str) -> [String; 3] {
    [name.to_owned(), format!("{name}_bad_rows"), format!("{name}_last")]
}

fn is_typed(typed: &Map<String, Value>, name: &str) -> bool {
    keys(name).iter().any(|key| typed.contains_key(key))
}

/// What the manifest wants of each typed column of `table`; every key must be about one of them.
pub(crate) fn columns(typed: &Map<String, Value>, table: &[Vec<String>], nulls: &[String]) -> Vec<Column> {
    let (names, rows) = table.split_first().unwrap();
    for key in typed.keys() {
        let known = names.iter().any(|name| keys(name).contains(key));
        assert!(known, "`typed`: {key} is about none of {names:?}");
    }
    let column = |(at, name): (usize, &String)| Column {
        name: name.clone(),
        wanted: wanted(typed, name, &rows.iter().map(|row| row[at].as_str()).collect::<Vec<_>>(), nulls),
    };
    names.iter().enumerate().filter(|(_, name)| is_typed(typed, name)).map(column).collect()
}

fn wanted(typed: &Map<String, Value>, name: &str, cells: &[&str], nulls: &[String]) -> Vec<Wanted> {
    let [all, bad, last] = keys(name).map(|key| typed.get(&key));
    let mut wanted: Vec<Wanted> = match all {
        Some(values) => values.as_array().unwrap().iter().map(Wanted::of).collect(),
        None => cells.iter().map(|cell| Wanted::of_plain(cell, nulls)).collect(),
    };
    assert_eq!(wanted.len(), cells.len(), "`typed`: values of {name}");
    for row in bad.iter().flat_map(|rows| rows.as_array().unwrap()) {
        wanted[usize::try_from(row.as_u64().unwrap()).unwrap() - 1] = Wanted::Bad;
    }
    if let (Some(value), Some(wanted)) = (last, wanted.last_mut()) {
        *wanted = Wanted::of(value);
    }
    wanted
}

impl Wanted {
    fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Missing,
            Value::Number(number) => Self::Number(number.as_f64().unwrap()),
            Value::String(word) if word == "bad" => Self::Bad,
            value => panic!("`typed`: {value} is not a number, null or \"bad\""),
        }
    }

    /// Of a cell that the manifest has no word on: a few digits are one number in every dialect.
    fn of_plain(cell: &str, nulls: &[String]) -> Self {
        let digits = cell.len() <= 15 && cell.bytes().all(|b| b.is_ascii_digit());
        match cell.parse() {
            _ if nulls.iter().any(|null| null == cell) => Self::Missing,
            Ok(number) if digits => Self::Number(number),
            _ => Self::Unknown,
        }
    }

    /// Whether a cell of what `clean` wrote is as wanted.
    fn is(self, cell: &str) -> bool {
        match self {
            Self::Number(wanted) => cell.parse::<f64>().is_ok_and(|x| x.to_bits() == wanted.to_bits()),
            Self::Missing => cell.is_empty(),
            Self::Unknown => cell.parse::<f64>().is_ok_and(f64::is_finite),
            Self::Bad => false,
        }
    }
}

impl Column {
    fn without(&self, rows: &[usize]) -> Self {
        let kept = self.wanted.iter().enumerate().filter(|(row, _)| !rows.contains(row));
        Self { name: self.name.clone(), wanted: kept.map(|(_, wanted)| *wanted).collect() }
    }
}

/// The rows, from 0, in which a cell is bad.
fn bad_rows(columns: &[Column]) -> Vec<usize> {
    let rows = columns.first().map_or(0, |c| c.wanted.len());
    (0..rows).filter(|row| columns.iter().any(|c| c.wanted[*row] == Wanted::Bad)).collect()
}

/// The file without some records, each of which ends where the next begins.
pub(crate) fn without(bytes: &[u8], lines: &[u64], rows: &[usize]) -> Vec<u8> {
    let end = |row: usize| lines.get(row + 1).copied().unwrap_or(u64::MAX);
    let cut = |line: u64| rows.iter().any(|row| (lines[*row]..end(*row)).contains(&line));
    let mark = if bytes.contains(&b'\n') { b'\n' } else { b'\r' };
    let kept = (1..).zip(bytes.split_inclusive(|b| *b == mark)).filter(|(line, _)| !cut(*line));
    kept.flat_map(|(_, text)| text).copied().collect()
}

/// Whether the bad cells, and no others, are reported, each by its column and line.
pub(crate) fn breaches(columns: &[Column], lines: &[u64], file: &str, run: &Run) -> Result<(), Judgement> {
    let bad = |column: &Column| {
        let cells = column.wanted.iter().zip(lines).filter(|(wanted, _)| **wanted == Wanted::Bad);
        cells.map(|(_, line)| (column.name.clone(), *line)).collect::<Vec<_>>()
    };
    let bad: Vec<(String, u64)> = columns.iter().flat_map(bad).collect();
    if ended(run)? {
        return Err(silent(format!("took for values, with no word: {}", shown(&bad))));
    }
    if run.written.keys().any(|name| name != VIOLATIONS) {
        return Err(refused(format!("refused, and left {:?}", run.written.keys())));
    }
    let named = named(file, run).map_err(refused)?;
    if let Some((column, line)) = bad.iter().find(|cell| !named.contains(cell)) {
        return Err(silent(format!("line {line}: {column} is bad and not reported")));
    }
    match named.iter().find(|cell| !bad.contains(cell)) {
        Some((column, line)) => Err(refused(format!("line {line}: {column} is good and reported"))),
        None if named.len() != bad.len() => Err(refused(format!("reported twice: {}", shown(&named)))),
        None => Ok(()),
    }
}

/// The cells that were reported: column and line.
fn named(file: &str, run: &Run) -> Result<Vec<(String, u64)>, String> {
    let bytes = run.written.get(VIOLATIONS).ok_or_else(|| format!("no {VIOLATIONS}: {}", last_line(run)))?;
    let rows = parse(bytes).map_err(|e| format!("{VIOLATIONS}: {e}"))?;
    if rows[0] != VIOLATIONS_HEADER {
        return Err(format!("{VIOLATIONS}: header {:?}", rows[0]));
    }
    let cell = |row: &Vec<String>| match row[1].parse() {
        Ok(line) if row[0].ends_with(file) => Ok((row[2].clone(), line)),
        _ => Err(format!("{VIOLATIONS}: {}", shown(row))),
    };
    rows[1..].iter().map(cell).collect()
}

/// The first breach that was listed, as it stands in the list.
fn first_reported(run: &Run) -> String {
    let list = run.written.get(VIOLATIONS).map(|bytes| String::from_utf8_lossy(bytes)).unwrap_or_default();
    shown(list.lines().nth(1).unwrap_or("nothing is listed"))
}

/// Whether `clean` wrote just the values wanted.
pub(crate) fn values(columns: &[Column], run: &Run) -> Result<(), Judgement> {
    if !ended(run)? {
        return Err(refused(format!("no cell is bad: {}", first_reported(run))));
    }
    let bytes = run.written.get(CLEAN).ok_or_else(|| silent(format!("no {CLEAN}")))?;
    let table = parse(bytes).map_err(|e| silent(format!("{CLEAN}: {e}")))?;
    let (names, rows) = table.split_first().unwrap();
    for Column { name, wanted } in columns {
        let at = names.iter().position(|n| n == name).ok_or_else(|| silent(format!("no column {name}")))?;
        if rows.len() != wanted.len() {
            return Err(silent(format!("{} rows, expected {}", rows.len(), wanted.len())));
        }
        let cells = (1..).zip(wanted.iter().zip(rows.iter().map(|row| &row[at])));
        if let Some((row, (wanted, cell))) = cells.into_iter().find(|(_, (wanted, cell))| !wanted.is(cell)) {
            return Err(silent(format!("row {row}, {name}: {}, expected {wanted:?}", shown(cell))));
        }
    }
    Ok(())
}

/// Whether `clean` went through, or else found breaches; nothing else is right.
fn ended(run: &Run) -> Result<bool, Judgement> {
    let verdict = match run.code {
        _ if run.stderr.contains("panicked at") => Verdict::Crash,
        Some(0) => return Ok(true),
        Some(10) => return Ok(false),
        Some(2 | 11 | 13 | 20 | 21) => Verdict::WrongRefusal,
        _ => Verdict::Crash,
    };
    Err(Judgement::new(verdict, format!("clean ended with {:?}: {}", run.code, last_line(run))))
}

fn silent(reason: String) -> Judgement {
    Judgement::new(Verdict::SilentWrong, reason)
}

fn refused(reason: String) -> Judgement {
    Judgement::new(Verdict::WrongRefusal, reason)
}
