//! The real program over a corpus of CSV files, each with the one outcome that is right: read exactly,
//! refused by file and line, or its bad records set aside. Nothing else will do. Where the corpus says
//! what the text is worth, `clean` must make these values of it and report every cell that has none.
//!
//! `MILLRACE_CSV_CORPUS` names another corpus of the form of `tests/fixtures/csv`.

#[path = "corpus/canonical.rs"]
mod canonical;
#[path = "corpus/entry.rs"]
mod entry;
#[path = "corpus/judge.rs"]
mod judge;
#[path = "corpus/run.rs"]
mod run;
#[path = "corpus/score.rs"]
mod score;
#[path = "corpus/self_test.rs"]
mod self_test;
#[path = "corpus/typed.rs"]
mod typed;
#[path = "corpus/typed_self_test.rs"]
mod typed_self_test;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use entry::{Candidate, Corpus, Entry, NotTold, Outcome};
use judge::{Case, Judgement, Verdict, judge, judge_twice};
use run::{Mode, Run};
use score::Score;

use super::support::files;

#[test]
fn the_committed_cases_are_read_right_or_refused() {
    let corpus = Corpus::open(&workspace().join("tests/fixtures/csv"));
    assert_eq!(files(&corpus.folder.join("files")).len(), corpus.entries.len(), "files without an entry");
    all_right("committed", &corpus);
}

#[test]
fn the_shared_corpus_is_read_right_or_refused() {
    let named = std::env::var_os("MILLRACE_CSV_CORPUS").map(PathBuf::from);
    let folder = named.clone().unwrap_or_else(|| workspace().join("../shared/corpora/csv"));
    if named.is_none() && !folder.exists() {
        println!("skipped: no shared corpus of CSV files; MILLRACE_CSV_CORPUS names none");
        return;
    }
    all_right("shared", &Corpus::open(&folder));
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// Runs every file in both modes, prints the scores and fails unless every file is right.
fn all_right(name: &str, corpus: &Corpus) {
    let judged = judge_all(corpus);
    let pair = |at: usize| corpus.entries.iter().zip(judged.iter().map(|pair| pair[at].clone())).collect();
    let scores = [Score { mode: "refused", judged: pair(0) }, Score { mode: "set aside", judged: pair(1) }];
    let texts: String = scores.iter().map(Score::text).collect();
    println!("CSV corpus ({name}), {} files\n{texts}{}", corpus.entries.len(), typed_score(&scores[0]));
    let wrong: usize = scores.iter().map(Score::wrong).sum();
    assert_eq!(wrong, 0, "judgements that are not right ({name} corpus, listed above)");
}

/// How many of the files with typed values gave just these; what another gave stands in the score.
fn typed_score(score: &Score) -> String {
    let typed: Vec<_> = score.judged.iter().filter(|(entry, _)| entry.typed.is_some()).collect();
    let right = typed.iter().filter(|(_, judgement)| judgement.verdict == Verdict::Read).count();
    format!("-- typed values: {right} of {} files right", typed.len())
}

/// The judgements of each entry, on all processors: bad records refused, and set aside.
fn judge_all(corpus: &Corpus) -> Vec<[Judgement; 2]> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(entry) = corpus.entries.get(at) else { return done };
            done.push((at, [false, true].map(|rejects| judge_entry(corpus, entry, rejects))));
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut all = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect::<Vec<_>>()
    });
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, judgements)| judgements).collect()
}

/// Judges an entry with all it is told, and then, where the manifest says what must come of that,
/// without its encoding and by its typed values. The first judgement that is not right stands.
fn judge_entry(corpus: &Corpus, entry: &Entry, rejects: bool) -> Judgement {
    let bytes = corpus.bytes(entry);
    let told = judge_told(&case(corpus, entry, rejects), entry, &bytes);
    if !told.verdict.is_right() {
        return told;
    }
    let not_told = entry.if_encoding_not_told.as_ref();
    let not_told = || not_told.map(|n| judge_not_told(corpus, entry, n, &bytes, rejects));
    let typed = entry.typed.as_ref().filter(|_| !rejects && told.verdict == Verdict::Read);
    let typed = || typed.map(|t| typed::judge(entry.file_name(), &bytes, &entry.dialect, t));
    let wrong = |judgement: &Judgement| !judgement.verdict.is_right();
    not_told().filter(wrong).or_else(|| typed().filter(wrong)).unwrap_or(told)
}

fn judge_told(case: &Case, entry: &Entry, bytes: &[u8]) -> Judgement {
    let ingest = || run::ingest(case.file, bytes, &entry.dialect, case.mode);
    if case.outcome == Outcome::NoCrash {
        judge_twice(case, &ingest(), &ingest())
    } else {
        judge(case, &ingest())
    }
}

fn case<'a>(corpus: &Corpus, entry: &'a Entry, rejects: bool) -> Case<'a> {
    Case {
        file: entry.file_name(),
        outcome: entry.outcome,
        candidates: corpus.candidates(entry),
        header_check: entry.header_check,
        bad_lines: &entry.bad_lines,
        rare_option: rare_option(entry),
        mode: mode(entry.outcome, rejects),
    }
}

/// How many records may be set aside: all of them only where the corpus has a list of the bad ones;
/// else the few of the default limit, which the small files of a corpus are above with one.
fn mode(outcome: Outcome, rejects: bool) -> Mode {
    match outcome {
        _ if !rejects => Mode::Default,
        Outcome::RefuseOrQuarantine | Outcome::NoCrash => Mode::SetAside,
        Outcome::Table | Outcome::TableOrRefuse | Outcome::Refuse => Mode::SetAsideFew,
    }
}

/// An option that a dialect needs and a program need not have: a delimiter or comment of several
/// characters, an encoding.
fn rare_option(entry: &Entry) -> Option<&'static str> {
    let long = |key: &str| {
        entry.dialect.get(key).and_then(|v| v.as_str()).is_some_and(|text| text.chars().count() > 1)
    };
    ["delimiter", "comment", "encoding"].into_iter().find(|key| long(key))
}

/// Judges the run of an entry whose encoding is kept back.
fn judge_not_told(
    corpus: &Corpus,
    entry: &Entry,
    not_told: &NotTold,
    bytes: &[u8],
    rejects: bool,
) -> Judgement {
    let candidates = corpus.candidates(entry).into_iter();
    let case = Case {
        outcome: not_told.outcome,
        candidates: candidates.map(|c| without(c, &not_told.bad_lines)).collect(),
        bad_lines: &not_told.bad_lines,
        mode: mode(not_told.outcome, rejects),
        ..case(corpus, entry, rejects)
    };
    let mut dialect = entry.dialect.clone();
    dialect.remove("encoding");
    let run: Run = run::ingest(case.file, bytes, &dialect, case.mode);
    let judgement = judge(&case, &run);
    Judgement { reason: format!("encoding not told: {}", judgement.reason), ..judgement }
}

/// The candidate with the records of `bad_lines` set aside, in a file whose records are lines.
fn without(candidate: Candidate, bad_lines: &[u64]) -> Candidate {
    let mut table = candidate.table;
    let first = if table.header.is_some() { 2 } else { 1 };
    let rows = (first..).zip(table.rows).filter(|(line, _)| !bad_lines.contains(line));
    table.rows = rows.map(|(_, row)| row).collect();
    Candidate { table, bad_lines: bad_lines.to_vec() }
}
