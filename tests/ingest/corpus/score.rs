//! The score of a corpus as text: by outcome, by kind, and each file that is not right.

use std::collections::BTreeMap;

use super::entry::Entry;
use super::judge::{Judgement, Verdict};

const HEADINGS: [&str; 7] =
    ["files", "read", "refused/set aside", "not offered", "wrongly refused", "silently wrong", "crashed"];
const VERDICTS: [Verdict; 6] = [
    Verdict::Read,
    Verdict::Refused,
    Verdict::NotOffered,
    Verdict::WrongRefusal,
    Verdict::SilentWrong,
    Verdict::Crash,
];

/// The judgement of each entry in one mode.
pub(crate) struct Score<'a> {
    pub(crate) mode: &'static str,
    pub(crate) judged: Vec<(&'a Entry, Judgement)>,
}

impl Score<'_> {
    /// Files that are not right.
    pub(crate) fn wrong(&self) -> usize {
        self.judged.iter().filter(|(_, j)| !j.verdict.is_right()).count()
    }

    /// Two tables, then a line for each file that is not right or needs an option not offered.
    pub(crate) fn text(&self) -> String {
        let by_outcome = self.table("outcome", |e| (e.outcome, e.outcome.name()));
        let by_kind = self.table("kind", |e| (e.kind.as_str(), e.kind.as_str()));
        let mut text = format!("-- bad records: {}\n{by_outcome}\n{by_kind}\n", self.mode);
        for (entry, judgement) in &self.judged {
            if matches!(judgement.verdict, Verdict::Read | Verdict::Refused) {
                continue;
            }
            let (outcome, verdict) = (entry.outcome.name(), judgement.verdict);
            text += &format!("{verdict:?} {} ({}, {outcome}): {}\n", entry.id, entry.kind, judgement.reason);
        }
        text
    }

    /// Verdicts counted by what `key` gives: the order of a line and its name.
    fn table<'e, K: Ord>(&'e self, heading: &str, key: impl Fn(&'e Entry) -> (K, &'e str)) -> String {
        let mut lines: BTreeMap<(K, &str), [usize; VERDICTS.len()]> = BTreeMap::new();
        let mut total = [0; VERDICTS.len()];
        for (entry, judgement) in &self.judged {
            let at = VERDICTS.iter().position(|v| *v == judgement.verdict).unwrap();
            lines.entry(key(entry)).or_default()[at] += 1;
            total[at] += 1;
        }
        let mut text = format!("{heading:<22}");
        HEADINGS.iter().for_each(|h| text += &format!(" | {h:>5}"));
        text.push('\n');
        let lines = lines.iter().map(|((_, name), counts)| (*name, counts));
        for (name, counts) in lines.chain([("all", &total)]) {
            text += &format!("{name:<22}");
            let cells = [counts.iter().sum()].into_iter().chain(*counts);
            for (heading, count) in HEADINGS.iter().zip(cells) {
                text += &format!(" | {count:>width$}", width = heading.len().max(5));
            }
            text.push('\n');
        }
        text
    }
}
