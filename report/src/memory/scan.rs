//! The numbers of a text that may be figures.

use crate::memory::cues::Word;
use crate::memory::money;
use crate::memory::numeral::{Numeral, THIN};

/// A number in a text.
#[derive(Clone, Debug)]
pub(super) struct Written {
    /// As it stands there, with its unit.
    pub(super) text: String,
    pub(super) at: usize,
    /// Where it ends, without the unit.
    pub(super) end: usize,
    /// A word before it says that it is rounded.
    pub(super) about: bool,
    /// One of the two ends of a range, as limits are written.
    pub(super) range: bool,
    pub(super) numeral: Numeral,
}

const ABOUT: [&str; 9] =
    ["about", "roughly", "around", "approximately", "approx", "ca", "circa", "nearly", "almost"];
/// These say so only after a word of `A_LITTLE`: `over 9,000` alone is a limit that somebody set.
const BESIDE: [&str; 5] = ["over", "under", "below", "above", "than"];
const A_LITTLE: [&str; 5] = ["just", "little", "slightly", "bit", "barely"];
pub(super) const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
/// Whole numbers after these words are names.
const NAMED: [&str; 28] = [
    "section", "table", "figure", "fig", "chapter", "step", "issue", "page", "line", "version", "appendix",
    "item", "note", "equation", "release", "ticket", "part", "phase", "row", "model", "number", "no",
    "option", "run", "scenario", "week", "day", "year",
];
/// Whole numbers before these words are lengths of time, ages, clocks.
const TIMES: [&str; 15] = [
    "month", "months", "year", "years", "day", "days", "week", "weeks", "quarter", "quarters", "decades",
    "am", "pm", "minutes", "hours",
];
/// What a percentage before these words is, is a promise and not a figure.
const PROMISES: [&str; 10] = [
    "interval",
    "intervals",
    "prediction",
    "confidence",
    "band",
    "bands",
    "level",
    "quantile",
    "ci",
    "limits",
];

/// All numbers of masked prose, in order.
pub(super) fn numbers(prose: &str, words: &[Word]) -> Vec<Written> {
    let mut all: Vec<Written> = Vec::new();
    let mut from = 0;
    let mut word = 0;
    while let Some(chunk) = next_chunk(prose, &mut from) {
        for (at, text) in pieces(prose, chunk) {
            word += words[word..].iter().take_while(|w| w.at < at).count();
            let (begin, end) = (money::before(prose, at), at + text.len());
            let code = words[..word].last().is_some_and(|w| w.at >= begin);
            let around = Around { prose, words, word: word - usize::from(code), at: begin, end };
            all.extend(around.number(&prose[begin..end]));
        }
    }
    ranges(prose, &mut all);
    all
}

/// The next run of characters without a blank or a mark that holds a digit.
fn next_chunk(prose: &str, from: &mut usize) -> Option<(usize, usize)> {
    let mut start = None;
    let mut digit = false;
    for (i, c) in prose[*from..].char_indices() {
        let at = *from + i;
        let groups = THIN.contains(&c) && grouping(prose, at, c)
            || c == ' ' && start.is_some_and(|begun| grouped(prose, begun, at));
        if is_inner(c) || groups {
            start.get_or_insert(at);
            digit |= c.is_ascii_digit();
        } else if let Some(begun) = start.take()
            && digit
        {
            *from = at;
            return Some((begun, at));
        }
    }
    *from = prose.len();
    start.filter(|_| digit).map(|begun| (begun, prose.len()))
}

fn is_inner(c: char) -> bool {
    c.is_alphanumeric() || ".,:/-−_'’^@#+$€£¥–%".contains(c)
}

/// Groups of digits in a number with plain blanks, less one, and digits of a group that are counted.
const MOST_GROUPS: usize = 6;
const LONGEST_GROUP: usize = 4;

/// A thin blank with a digit before it and exactly three after it.
fn grouping(prose: &str, at: usize, c: char) -> bool {
    let after = prose[at + c.len_utf8()..].bytes().take_while(u8::is_ascii_digit).count();
    prose[..at].ends_with(|b: char| b.is_ascii_digit()) && after == 3
}

/// A plain blank at `at`, in the chunk that begins at `begun`, with groups of three digits around it and nothing that
/// makes them two numbers.
fn grouped(prose: &str, begun: usize, at: usize) -> bool {
    let begin = begun + prose[begun..at].find(|c: char| c.is_ascii_digit()).unwrap_or(0);
    let mut groups = Vec::new();
    let mut rest = &prose[begin..];
    // More would be a list.
    while groups.len() < MOST_GROUPS {
        let digits = rest.bytes().take(LONGEST_GROUP).take_while(u8::is_ascii_digit).count();
        groups.push(digits);
        rest = &rest[digits..];
        match rest.strip_prefix(' ').filter(|next| next.starts_with(|c: char| c.is_ascii_digit())) {
            Some(next) => rest = next,
            None => break,
        }
    }
    let whole = matches!(groups.as_slice(), [1..=3, 3, more @ ..] if more.iter().all(|n| *n == 3));
    let joined = |c: char| c.is_alphanumeric() || "-–−/:_'’#@^".contains(c);
    let comma = rest.strip_prefix(',').is_some_and(|r| r.starts_with(|c: char| c.is_ascii_digit()));
    let within = at < prose.len() - rest.len();
    let ends = within && groups.len() < MOST_GROUPS && !comma && !rest.starts_with(joined);
    let before = prose[..begun].trim_end();
    let word = before.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or("").to_lowercase();
    let named =
        is_month(&word) || NAMED.contains(&word.as_str()) || word.ends_with(|c: char| c.is_ascii_digit());
    whole && ends && !named && !prose[begin..].starts_with('0')
}

/// The numbers of a chunk: one, the two ends of a range, or none where it is a date, a name, a time.
fn pieces(prose: &str, (start, end): (usize, usize)) -> Vec<(usize, &str)> {
    let chunk = &prose[start..end];
    let front = chunk.len()
        - chunk.trim_start_matches(['\'', '’', '_', ',', ':', '–', '/', '#', '^', '@', '%']).len();
    if chunk[..front].contains(['#', '^', '@']) {
        return Vec::new();
    }
    let body = chunk[front..].trim_end_matches(['.', ',', ':', '\'', '’', '_', '-', '–', '−', '/', '+']);
    // `n:57` and `R²:0.92`.
    let label = body.find(':').filter(|i| body[..*i].ends_with(char::is_alphabetic)).map_or(0, |i| i + 1);
    let (at, body) = (start + front + label, &body[label..]);
    let numeral = |t: &str| Numeral::parse(t, false).filter(|n| !n.signed);
    let plain = |t: &str| numeral(t).is_none_or(|n| n.plain);
    // `8,838/12,278`; plain digits beside a slash are dates and names.
    if let Some((first, second)) = body.split_once('/') {
        let both = vec![(at, first), (at + first.len() + 1, second)];
        return if plain(first) || plain(second) { Vec::new() } else { both };
    }
    let hyphen = |c: char| matches!(c, '–' | '-');
    let inner = body.char_indices().skip(1).find(|(i, c)| hyphen(*c) && !body[..*i].ends_with(['e', 'E']));
    let Some((cut, mark)) = inner else { return vec![(at, body)] };
    let (low, high) = (&body[..cut], &body[cut + mark.len_utf8()..]);
    let year = |t: &str| mark == '-' && t.len() == 4 && t.bytes().all(|b| b.is_ascii_digit());
    // Plain digits around a hyphen are a range where a unit follows, else a name: `555-0199`.
    let name = mark == '-' && plain(low) && plain(high) && unit(&prose[at + body.len()..]).is_empty();
    if numeral(low).is_none() || numeral(high).is_none() || year(low) || name {
        return Vec::new();
    }
    vec![(at, low), (at + cut + mark.len_utf8(), high)]
}

/// A month, or the first letters of one.
fn is_month(word: &str) -> bool {
    MONTHS.iter().any(|m| *m == word || word.len() >= 3 && m.starts_with(word) && word != "mar")
}

/// ` %`, ` percent`, ` million`, ` €`: the unit that `rest` begins with, with the blank before it as one.
fn unit(rest: &str) -> &'static str {
    let blanks = rest.len() - rest.trim_start_matches([' ', '\0', '\u{a0}', '\u{202f}', '\u{2009}']).len();
    if blanks == 0 || blanks > 12 {
        return "";
    }
    let rest = &rest[blanks..];
    if rest.starts_with('%') {
        return " %";
    }
    let word = rest.split(|c: char| !c.is_alphabetic()).next().unwrap_or("");
    match word {
        "percent" | "pct" => " percent",
        "percentage" | "pp" => " percentage points",
        "per" if rest.starts_with("per cent") => " per cent",
        "thousand" => " thousand",
        "million" => " million",
        "billion" => " billion",
        _ => money::after(rest),
    }
}

/// A piece of text with a digit, and what stands around it.
struct Around<'a> {
    prose: &'a str,
    words: &'a [Word],
    /// The first word at or after it.
    word: usize,
    at: usize,
    end: usize,
}

impl Around<'_> {
    fn number(&self, text: &str) -> Option<Written> {
        let unit = unit(&self.prose[self.end..]);
        let text = format!("{text}{unit}");
        let numeral = Numeral::parse(&text, false)?;
        if numeral.value == 0.0 || self.is_name(&numeral, &text) || numeral.percent && self.is_promise() {
            return None;
        }
        let about = self.is_about();
        let numeral = if about { Numeral::parse(&text, true)? } else { numeral };
        Some(Written { text, at: self.at, end: self.end, about, range: false, numeral })
    }

    fn before(&self, back: usize) -> &str {
        self.word.checked_sub(back).and_then(|i| self.words.get(i)).map_or("", |w| &w.text)
    }

    /// The word `skip` places after the number and its unit.
    fn after(&self, skip: usize) -> &str {
        let after = self.words[self.word..].iter().filter(|w| w.at >= self.end);
        after.map(|w| w.text.as_str()).nth(skip).unwrap_or("")
    }

    fn is_about(&self) -> bool {
        let before = self.prose[..self.at].trim_end_matches(['\\', ' ']);
        let near = before.ends_with(['~', '≈']);
        let word = self.word.checked_sub(1).and_then(|i| self.words.get(i));
        // A word behind a mark says nothing.
        let close = word.is_some_and(|w| self.at - w.at <= w.text.len() + 4);
        let said = ABOUT.contains(&self.before(1))
            || BESIDE.contains(&self.before(1)) && A_LITTLE.contains(&self.before(2))
            || self.before(1) == "to" && self.before(2) == "close";
        near || close && said
    }

    /// A year, a day of a month, a length of time, a number of a table: nothing that was measured.
    fn is_name(&self, numeral: &Numeral, text: &str) -> bool {
        if !numeral.plain || numeral.signed {
            return false;
        }
        let (before, after) = (self.before(1), self.after(0));
        let rows = ["rows", "observations", "records", "samples", "cases", "lines", "points"];
        let year = text.len() == 4 && (1_900.0..2_100.0).contains(&numeral.value);
        let second = self.after(1);
        let counted = rows.contains(&after) || rows.contains(&second);
        // In `10-24 %` it is the mark of a range.
        let next = self.prose[self.end..].strip_prefix('-');
        let hyphen = next.is_some_and(|next| !next.starts_with(|c: char| c.is_ascii_digit()));
        year && !counted
            || numeral.value <= 31.0 && (is_month(before) || is_month(after))
            || NAMED.contains(&before)
            || numeral.value < 1_000.0 && TIMES.contains(&after)
            || hyphen
    }

    /// `90 %` of `90 % intervals`, and of `promise 90 %`.
    fn is_promise(&self) -> bool {
        if ["promis", "nominal"].iter().any(|stem| self.before(1).starts_with(stem)) {
            return true;
        }
        let first = self.after(0);
        let unit = ["percent", "per", "pct"].contains(&first);
        PROMISES.contains(&self.after(usize::from(unit)))
    }
}

/// Finds the ends of ranges. In `10–24 %`, `10 to 24 %` and `between 10 and 24 %` both are percentages.
fn ranges(prose: &str, all: &mut [Written]) {
    for i in (1..all.len()).rev() {
        let (first, second) = all.split_at_mut(i);
        let (Some(low), Some(high)) = (first.last_mut(), second.first_mut()) else { continue };
        let text = prose.get(low.end..high.at).unwrap_or("");
        let blanks = [' ', '%', '\u{a0}', '\u{202f}', '\u{2009}', '\\'];
        let between = money::without_any(text.trim_matches(blanks)).trim_matches(blanks);
        let before = prose[..low.at].trim_end_matches(['\\', ' ']);
        let bracket = between == ","
            && before.ends_with(['[', '('])
            && prose[high.end..].starts_with([']', ')', '%', ' ']);
        let joined = ["–", "-", "to", "—"].contains(&between);
        low.range |= joined || bracket || between == "and" && before.to_lowercase().ends_with("between");
        high.range |= low.range;
        let bare = low.text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        if (joined || between == "and" || between == "or") && bare && high.numeral.percent {
            let text = format!("{} %", low.text);
            if let Some(numeral) = Numeral::parse(&text, low.about) {
                (low.text, low.numeral) = (text, numeral);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::cues;
    use crate::memory::mask::Prose;

    fn found(text: &str) -> Vec<String> {
        let prose = Prose::of(text);
        numbers(&prose.numbers, &cues::words(&prose.words)).into_iter().map(|n| n.text).collect()
    }

    #[test]
    fn numbers_stand_out_of_prose() {
        for (text, numbers) in [
            ("It misses by **8,838** (8838; 8\u{a0}838).", vec!["8,838", "8838", "8\u{a0}838"]),
            (
                "$8,838, \\$8.8k or 8.8 thousand; 1.2 million",
                vec!["$8,838", "$8.8k", "8.8 thousand", "1.2 million"],
            ),
            (
                "18 %, 18%, 17.6 percent, 18\u{202f}%, 18&nbsp;%",
                vec!["18 %", "18%", "17.6 percent", "18 %", "18 %"],
            ),
            (
                "10–24 %, 10 to 24 % or between 10 and 24%",
                vec!["10 %", "24 %", "10 %", "24 %", "10 %", "24%"],
            ),
            ("R²=0.92, .92, −3.1, -3.1 and 1.2e-5.", vec!["0.92", ".92", "−3.1", "-3.1", "1.2e-5"]),
            ("| MAE | 8,838 |", vec!["8,838"]),
            ("(7,477–9,626), _6,529_", vec!["7,477", "9,626", "6,529"]),
            ("8 838 rows, 1 234 567.5; 8'838 or 8’838", vec!["8 838", "1 234 567.5", "8'838", "8’838"]),
            ("US$8,838, USD 8,838, EUR8,838, €8,838", vec!["US$8,838", "USD 8,838", "EUR8,838", "€8,838"]),
            ("8,838$, 8,838 $ and \\$ 8 838", vec!["8,838$", "8,838 $", "$ 8 838"]),
            ("7,477 € to 9,626 €, 7.5k€", vec!["7,477 €", "9,626 €", "7.5k€"]),
            ("8,838/12,278 and 17.6%/18.2%", vec!["8,838", "12,278", "17.6%", "18.2%"]),
            ("≈8,838, ~8,838, ≈ $8,838", vec!["8,838", "8,838", "$8,838"]),
            ("(10-24%), 10-24 %, $7,477-$9,626", vec!["10 %", "24%", "10 %", "24 %", "$7,477", "$9,626"]),
            ("8 838 12, May 12 345, table 3 120", vec!["8", "838", "345", "120"]),
            ("1940 rows, MAE:8,838", vec!["1940", "8,838"]),
        ] {
            assert_eq!(found(text), numbers, "{text}");
        }
    }

    #[test]
    fn names_dates_and_promises_are_no_figures() {
        for text in [
            "2015-07-01, 2015, in 2013 and Q3 2014, July 1, 2015, 4 May, 2012-07 to 2015-06, 2012-Q3, 2012/13",
            "555-0199, 1-800-555, id 12-345, pages 3-5, 10-24 months, 8838/12278, 7/1/2015, 8,838/month, 5'10, 0.1.0-2",
            "version 0.1.0 at 12:30, a1b2c3, median_mean_12, #12, 1st, 5km, 12-month mean, over 36 months",
            "the 90 % intervals promise 90 %, with 95 % confidence, a 95 percent confidence interval, Table 3, line 477",
            "`8,838`, {{ 8838 }}, <!-- 8838 -->, http://x/8838, 0, 0.0, 0,92, 10/14",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn words_before_say_about() {
        for (text, about) in [
            ("about 8,800", true),
            ("roughly $8,800", true),
            ("~8,800", true),
            ("ca. 8,800", true),
            ("just over 8,800", true),
            ("by 8,800", false),
        ] {
            let prose = Prose::of(text);
            let all = numbers(&prose.numbers, &cues::words(&prose.words));
            assert_eq!(all.iter().map(|n| n.about).collect::<Vec<_>>(), [about], "{text}");
        }
    }
}
