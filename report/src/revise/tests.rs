//! Random edits of an analyst, and random drafts after them.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::json;

use super::{Figures, Found, Revised, revise};
use crate::document::{self, Document};
use crate::memory::Known;
use crate::state::State;

/// What an analyst does to lines; places are shares of the report.
#[derive(Clone, Debug)]
enum Edit {
    Insert(Index, Line),
    /// Into a line, after some of its characters.
    Write(Index, Index),
    Delete(Index, usize),
    Move(Index, usize, Index),
    Copy(Index, usize, Index),
    /// A line that begins or ends a block.
    Garble(Index, Garbled),
}

/// A line of the analyst's.
#[derive(Clone, Debug)]
enum Line {
    Words,
    /// With a figure of the run.
    Figure,
    Paragraph,
    Item,
    Cell,
    Fence,
    Huge,
    Return,
    Separators,
    Marker,
}

#[derive(Clone, Debug)]
enum Garbled {
    Remove,
    Cut(Index),
    Prefix,
    Twice,
    OtherName,
    NoHash,
}

fn edit() -> impl Strategy<Value = Edit> {
    let line = prop_oneof![
        Just(Line::Words),
        Just(Line::Figure),
        Just(Line::Paragraph),
        Just(Line::Item),
        Just(Line::Cell),
        Just(Line::Fence),
        Just(Line::Huge),
        Just(Line::Return),
        Just(Line::Separators),
        Just(Line::Marker),
    ];
    let garbled = prop_oneof![
        Just(Garbled::Remove),
        any::<Index>().prop_map(Garbled::Cut),
        Just(Garbled::Prefix),
        Just(Garbled::Twice),
        Just(Garbled::OtherName),
        Just(Garbled::NoHash),
    ];
    prop_oneof![
        4 => (any::<Index>(), line).prop_map(|(at, line)| Edit::Insert(at, line)),
        4 => (any::<Index>(), any::<Index>()).prop_map(|(at, within)| Edit::Write(at, within)),
        2 => (any::<Index>(), 1..12_usize).prop_map(|(at, n)| Edit::Delete(at, n)),
        1 => (any::<Index>(), 1..12_usize, any::<Index>()).prop_map(|(at, n, to)| Edit::Move(at, n, to)),
        1 => (any::<Index>(), 1..12_usize, any::<Index>()).prop_map(|(at, n, to)| Edit::Copy(at, n, to)),
        2 => (any::<Index>(), garbled).prop_map(|(at, how)| Edit::Garble(at, how)),
    ]
}

/// The numbers of a run, and which blocks it has in which form.
#[derive(Clone, Debug)]
struct Run {
    mae: u32,
    rows: u32,
    /// A bit for each block: of a longer form, or not there.
    long: u8,
    absent: u8,
}

fn run() -> impl Strategy<Value = Run> {
    (100..103_u32, 40..42_u32, any::<u8>(), any::<u8>(), any::<u8>())
        .prop_map(|(mae, rows, long, a, b)| Run { mae, rows, long, absent: a & b & 0b11_1000 })
}

const BLOCKS: [&str; 6] = ["title", "answer", "errors", "drift", "leaks", "model"];

impl Run {
    fn figures(&self) -> Known {
        Known::of(&json!({ "test": { "mae": f64::from(self.mae) / 8.0, "n": self.rows } }))
    }

    fn block(&self, at: usize) -> String {
        let (name, mae, rows) = (BLOCKS[at], f64::from(self.mae) / 8.0, self.rows);
        let more = if self.long >> at & 1 == 1 { "\n\nThis may be chance.\n\nIt was looked at." } else { "" };
        match at {
            0 => format!("# The {name}"),
            1 => format!("## The {name}\n\nIt misses by **{mae}** on average, over {rows} rows.{more}"),
            2 => format!(
                "## Errors\n\n| Part | Rows | MAE |\n| --- | --- | --- |\n| Test | {rows} | {mae} |\n| Train | 9 | 1 |{more}\n\nSo much for {rows} rows."
            ),
            _ => format!("## On {name}\n\nNone of {rows} rows tells.{more}\n\nThe end of {name}."),
        }
    }

    fn draft(&self) -> Document {
        let mut text = String::new();
        for (at, name) in BLOCKS.iter().enumerate().filter(|(at, _)| self.absent >> at & 1 == 0) {
            let block = self.block(at);
            text += &format!("<!-- millrace:begin {name} -->\n\n{block}\n\n<!-- millrace:end {name} -->\n\n");
            if at == 1 {
                text += "## Notes of the analyst\n\n[to be filled]\n\n";
            }
        }
        document::parse(&text, &|_| Vec::new()).generated()
    }
}

/// Edits lines; everything that is new has a number of its own.
struct Analyst {
    lines: Vec<String>,
    written: usize,
}

impl Analyst {
    fn word(&mut self) -> String {
        self.written += 1;
        format!("mine{:04}", self.written)
    }

    fn line(&mut self, line: &Line, mae: f64) -> String {
        let word = self.word();
        match line {
            Line::Words => format!("{word} says so"),
            Line::Figure => format!("{word} misses by {mae} on average"),
            Line::Paragraph => format!("\n{word} says so\n"),
            Line::Item => format!("- {word}"),
            Line::Cell => format!("| {word} | 1 | 2 |"),
            Line::Fence => format!("```{word}"),
            Line::Huge => format!("{word} {}", "word 12.5 ".repeat(2_000)),
            Line::Return => format!("{word}\rx"),
            Line::Separators => format!("{word} \u{1e}\u{2028}+<<<<<<< ======= >>>>>>> |||||||"),
            Line::Marker => format!("<!-- millrace:begin answer --> {word}"),
        }
    }

    fn at(&self, index: Index) -> usize {
        index.index(self.lines.len() + 1)
    }

    fn cut(&mut self, at: Index, n: usize) -> Vec<String> {
        let from = self.at(at);
        let to = self.lines.len().min(from + n);
        self.lines.drain(from..to).collect()
    }

    fn paste(&mut self, to: Index, lines: Vec<String>) {
        let to = self.at(to);
        self.lines.splice(to..to, lines);
    }

    fn edit(&mut self, edit: &Edit, mae: f64) {
        match edit {
            Edit::Insert(at, line) => {
                let line = self.line(line, mae);
                self.paste(*at, line.split('\n').map(str::to_owned).collect());
            }
            Edit::Write(at, within) => {
                let word = self.word();
                let at = self.at(*at);
                if let Some(line) = self.lines.get_mut(at) {
                    let places: Vec<usize> =
                        line.char_indices().map(|(i, _)| i).chain([line.len()]).collect();
                    line.insert_str(places[within.index(places.len())], &format!(" {word} "));
                }
            }
            Edit::Delete(at, n) => drop(self.cut(*at, *n)),
            Edit::Move(at, n, to) => {
                let lines = self.cut(*at, *n);
                self.paste(*to, lines);
            }
            Edit::Copy(at, n, to) => {
                let from = self.at(*at);
                let lines: Vec<String> = self.lines.iter().skip(from).take(*n).cloned().collect();
                self.paste(*to, lines);
            }
            Edit::Garble(at, how) => self.garble(*at, how),
        }
    }

    fn garble(&mut self, at: Index, how: &Garbled) {
        let markers = self.lines.iter().enumerate().filter(|(_, line)| line.contains("millrace:"));
        let markers: Vec<usize> = markers.map(|(i, _)| i).collect();
        if markers.is_empty() {
            return;
        }
        let (i, word) = (markers[at.index(markers.len())], self.word());
        let line = &mut self.lines[i];
        match how {
            Garbled::Remove => line.clear(),
            Garbled::Cut(at) => {
                let places: Vec<usize> = line.char_indices().map(|(i, _)| i).collect();
                line.truncate(if places.is_empty() { 0 } else { places[at.index(places.len())] });
            }
            Garbled::Prefix => line.insert_str(0, &format!("{word} ")),
            Garbled::Twice => *line = format!("{line}\n{line}"),
            Garbled::OtherName => *line = line.replace("answer", "other").replace("drift", "answer"),
            Garbled::NoHash => {
                let words: Vec<&str> = line.split(' ').collect();
                *line = if words.len() == 5 { format!("{} -->", words[..3].join(" ")) } else { line.clone() };
            }
        }
        let lines: Vec<String> = self.lines.join("\n").split('\n').map(str::to_owned).collect();
        self.lines = lines;
    }
}

/// Everything of the analyst's in a text.
fn words(text: &str) -> BTreeSet<&str> {
    let all = text.match_indices("mine").filter_map(|(at, _)| text.get(at..at + 8));
    // One that was cut is a word no more.
    all.filter(|word| word[4..].bytes().all(|b| b.is_ascii_digit())).collect()
}

/// The texts of all blocks of a name; nothing where the analyst changed one.
fn untouched(text: &str, state: &State, name: &str) -> Option<usize> {
    let (text, _) = document::note::strip(text);
    let parsed = document::parse(&text, &|name| state.texts(name));
    if parsed.damages.iter().any(|damage| damage.name.as_deref().is_none_or(|n| n == name)) {
        return None;
    }
    let all: Vec<_> = parsed.blocks().filter(|block| block.name == name).collect();
    let same = |b: &&&document::Block| b.hash.as_deref() == Some(document::hash_of(&b.text).as_str());
    (all.iter().filter(same).count() == all.len()).then_some(all.len())
}

fn revised(draft: &Document, text: &str, state: &State, before: &Known, now: &Known) -> (Revised, String) {
    let found = Found { text: text.replace("\r\n", "\n"), state: Some(state.clone()) };
    let revised = revise(draft, Some(&found), Figures { before: Some(before), now, same: false });
    let text = revised.document.render();
    (revised, text)
}

/// The report goes through runs, and is edited before each.
fn live(first: &Run, rounds: &[(Vec<Edit>, Run)]) -> Result<(), TestCaseError> {
    let made = revise(&first.draft(), None, Figures { before: None, now: &first.figures(), same: false });
    let (mut text, mut state, mut last) = (made.document.render(), made.state, first);
    let mut written = 0;
    for (edits, run) in rounds {
        let mut analyst = Analyst { lines: text.split('\n').map(str::to_owned).collect(), written };
        edits.iter().for_each(|edit| analyst.edit(edit, f64::from(last.mae) / 8.0));
        written = analyst.written;
        let edited = analyst.lines.join("\n");
        let draft = run.draft();
        let (once, now) = revised(&draft, &edited, &state, &last.figures(), &run.figures());
        // Notes of ours name rows by what the analyst called them.
        let theirs = document::note::strip(&edited).0;
        let (before, after) = (words(&theirs), words(&now));
        let lost: Vec<_> = before.difference(&after).collect();
        prop_assert!(lost.is_empty(), "{lost:?} of\n{edited}\n=====\n{now}");
        for block in draft.blocks() {
            if let Some(n) = untouched(&edited, &state, &block.name).filter(|n| *n > 0) {
                let (stripped, _) = document::note::strip(&now);
                let same = document::parse(&stripped, &|_| Vec::new());
                let same = same.blocks().filter(|b| b.name == block.name && b.text == block.text).count();
                prop_assert_eq!(same, n, "{} of\n{}\n=====\n{}", block.name, edited, now);
            }
        }
        let (again, same) = revised(&draft, &now, &once.state, &run.figures(), &run.figures());
        // A note torn apart is put together by the first run, and known as text by the second.
        let torn = !document::note::halves(&edited).is_empty();
        prop_assert!(torn || same == now, "{}\n=====\n{}\n===== of\n{}", same, now, edited);
        let (third, stays) = revised(&draft, &same, &again.state, &run.figures(), &run.figures());
        prop_assert_eq!(&stays, &same);
        prop_assert_eq!(third.state.to_json().unwrap(), again.state.to_json().unwrap());
        let (a, b) = (again.state.to_json().unwrap(), once.state.to_json().unwrap());
        let differs: Vec<_> = a.lines().zip(b.lines()).filter(|(a, b)| a != b).take(6).collect();
        // A report that has become the draft is known as that from then on.
        let became = once.findings.edited && !again.findings.edited;
        prop_assert!(torn || became || a == b, "{:#?} of\n{}\n=====\n{}", differs, edited, now);
        (text, state, last) = (now, once.state, run);
    }
    Ok(())
}

/// Cases: 200, or what `MILLRACE_EDITS` says.
fn cases() -> u32 {
    std::env::var("MILLRACE_EDITS").ok().and_then(|n| n.parse().ok()).unwrap_or(200)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_word_of_an_analyst_is_lost_and_what_they_left_alone_is_the_draft(
        first in run(),
        rounds in prop::collection::vec((prop::collection::vec(edit(), 0..6), run()), 1..4),
    ) {
        live(&first, &rounds)?;
    }
}
