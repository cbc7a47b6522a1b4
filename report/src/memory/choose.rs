//! Which figures the numbers of a paragraph are.
//!
//! A number is taken for a figure on evidence: its digits, and words near it. A wrong guess is a false alarm as soon
//! as that figure moves, so the many figures of detail need more than the few of the answer. The weights were set by
//! hand on sentences about three runs, and tried on others.

use crate::memory::cues::{self, Baseline, Cue, Found, Measure, Part, Word};
use crate::memory::figure::{Kind, Tier};
use crate::memory::known::{Figure, Known};
use crate::memory::mask::Prose;
use crate::memory::scan::{self, Written};

/// Numbers of one paragraph that are looked at: what has more is a table of data.
const MOST: usize = 200;
/// Figures that a number may equally be; where there are more, nobody can tell.
const EQUAL: usize = 8;
/// Words between a cue and a number, at most.
const NEAR: usize = 25;

/// Measures that people name only when they mean them.
const NAMES: [Measure; 13] = [
    Measure::Mae,
    Measure::Rmse,
    Measure::R2,
    Measure::Bias,
    Measure::MedianError,
    Measure::Mape,
    Measure::Mase,
    Measure::Slope,
    Measure::Intercept,
    Measure::Psi,
    Measure::Ks,
    Measure::Coefficient,
    Measure::StandardError,
];

/// A number and the figures it may be, best guess first.
#[derive(Debug)]
pub(super) struct Match<'a> {
    pub(super) text: String,
    pub(super) about: bool,
    pub(super) figures: Vec<&'a Figure>,
}

/// A paragraph taken apart.
pub(super) struct Paragraph {
    prose: String,
    words: Vec<Word>,
    cues: Vec<Found>,
    /// The first word of each sentence.
    sentences: Vec<usize>,
    numbers: Vec<Written>,
}

impl Paragraph {
    pub(super) fn of(text: &str) -> Self {
        let prose = Prose::of(text);
        let words = cues::words(&prose.words);
        let mut numbers = scan::numbers(&prose.numbers, &words);
        numbers.truncate(MOST);
        let cues = cues::find(&words);
        let sentences = sentences(&prose.words, &words);
        Self { prose: prose.words, words, cues, sentences, numbers }
    }

    /// The numbers as they were written.
    pub(super) fn written(&self) -> impl Iterator<Item = &str> {
        self.numbers.iter().map(|n| n.text.as_str())
    }

    /// For each number of `wanted` the figures that it may be; a number that is none is left out.
    pub(super) fn matches<'a>(&self, known: &'a Known, wanted: impl Fn(&str) -> bool) -> Vec<Match<'a>> {
        let mut out = Vec::new();
        // Names before the sentence, found once a sentence.
        let mut open: Option<(usize, Sentence)> = None;
        let mut topics = Vec::new();
        for number in self.numbers.iter().filter(|n| wanted(&n.text)) {
            let word = self.words.partition_point(|w| w.at < number.at);
            let start = self.sentences.partition_point(|s| *s <= word).saturating_sub(1);
            if open.as_ref().is_none_or(|(s, _)| *s != start) {
                topics.extend(open.take().into_iter().flat_map(|(_, s): (_, Sentence)| s.names));
                open = Some((start, self.sentence(start, known)));
            }
            let Some((_, sentence)) = &open else { continue };
            let evidence = Evidence { paragraph: self, sentence, topics: &topics, number, word };
            let figures = evidence.best(known);
            if !figures.is_empty() {
                out.push(Match { text: number.text.clone(), about: number.about, figures });
            }
        }
        out
    }

    fn sentence(&self, place: usize, known: &Known) -> Sentence {
        let from = self.sentences.get(place).copied().unwrap_or(0);
        let to = self.sentences.get(place + 1).copied().unwrap_or(self.words.len());
        let names = known.named(self.words.get(from..to).unwrap_or(&[]));
        Sentence { from, to, names }
    }
}

/// The words of a sentence and the names in it.
struct Sentence {
    from: usize,
    to: usize,
    names: Vec<(usize, bool)>,
}

/// The first word of each sentence, item and row of a table.
fn sentences(prose: &str, words: &[Word]) -> Vec<usize> {
    let mut all = vec![0];
    for (i, pair) in words.windows(2).enumerate() {
        let (before, after) = (&pair[0], &pair[1]);
        let between = prose.get(before.at + before.text.len()..after.at).unwrap_or("");
        let capital = prose[after.at..].starts_with(char::is_uppercase);
        let ends =
            between.trim_start_matches([')', '”', '"', '*', '%', ' ', ']', '`']).starts_with(['.', '!', '?']);
        let row = between.contains("\n\0") || between.contains("|\n") || between.contains("\n\n");
        if ends && between.contains([' ', '\n']) && capital || row {
            all.push(i + 1);
        }
    }
    all
}

/// What speaks for a figure being the number.
struct Evidence<'a> {
    sentence: &'a Sentence,
    /// Names in sentences before.
    topics: &'a [(usize, bool)],
    number: &'a Written,
    /// The first word of the number.
    word: usize,
    paragraph: &'a Paragraph,
}

/// The cues nearest to the number.
#[derive(Default)]
struct Nearest {
    /// With the words between.
    measures: Vec<(Measure, usize)>,
    /// The number was just given a name: `R² of 0.89`.
    name: Option<Measure>,
    part: Option<(Part, usize)>,
    baselines: Vec<(Baseline, usize)>,
}

impl Evidence<'_> {
    /// The figures with the most evidence, where it is enough.
    fn best<'k>(&self, known: &'k Known) -> Vec<&'k Figure> {
        let digits = self.digits();
        let nearest = self.nearest();
        let mut best: Vec<&Figure> = Vec::new();
        let mut most = i32::MIN;
        for figure in known.rounding_to(&self.number.numeral).filter(|f| self.may_be(f, &nearest)) {
            let words = self.words(figure, &nearest);
            let (need, tier) = match figure.tier {
                Tier::Headline => (2, 0),
                Tier::Around => (4, 1),
                Tier::Other => (4, 2),
                Tier::Detail => (6, 3),
            };
            if digits + words < need {
                continue;
            }
            let rank = words - tier;
            if rank > most {
                (most, best) = (rank, Vec::new());
            }
            if rank == most {
                best.push(figure);
            }
        }
        best.sort_by(|a, b| (a.tier, &a.path).cmp(&(b.tier, &b.path)));
        if best.len() > EQUAL { Vec::new() } else { best }
    }

    /// What the digits alone say: five that agree by chance are rare, even among thousands of figures.
    fn digits(&self) -> i32 {
        let numeral = &self.number.numeral;
        let digits = [0, 1, 2, 3, 4, 7].get(numeral.digits).copied().unwrap_or(8);
        if numeral.plain && numeral.value < 100.0 { digits - 1 } else { digits }
    }

    /// The unit and the words next to the number do not rule the figure out.
    fn may_be(&self, figure: &Figure, nearest: &Nearest) -> bool {
        let numeral = &self.number.numeral;
        let counted = nearest.measures.iter().any(|(m, far)| *m == Measure::Rows && *far == 0);
        let whole = numeral.plain || numeral.step >= 1.0;
        if figure.value == 0.0
            || figure.measures == [Measure::StandardError] && !nearest.has(Measure::StandardError)
        {
            return false;
        }
        match figure.kind {
            Kind::Share => !numeral.has_currency() && !counted,
            Kind::Count => whole && !numeral.has_currency() && !numeral.percent && !numeral.signed,
            Kind::Amount => !numeral.percent && !counted,
            Kind::Ratio => !numeral.percent && !numeral.has_currency() && !counted,
        }
    }

    fn nearest(&self) -> Nearest {
        let mut out = Nearest::default();
        out.measures.extend(self.number.range.then_some((Measure::Limits, 0)));
        // Words of the number itself, as its digits are words: 8 and 838.
        let end = self.paragraph.words.partition_point(|w| w.at < self.number.end);
        let cues = &self.paragraph.cues;
        let first = cues.partition_point(|c| c.to + NEAR < self.word);
        let within =
            |c: &&Found| c.from >= self.sentence.from && c.to <= self.sentence.to && c.from <= end + NEAR;
        for found in cues[first..].iter().take_while(|c| c.from <= end + NEAR).filter(within) {
            let far = if found.to <= self.word {
                self.word - found.to + self.parted(found.to, self.word)
            } else {
                found.from.saturating_sub(end)
            };
            match found.cue {
                Cue::Of(measure) => {
                    out.measures.push((measure, far));
                    if found.to <= self.word && far <= 2 && NAMES.contains(&measure) {
                        out.name = Some(measure);
                    }
                }
                Cue::By(baseline) => out.baselines.push((baseline, far)),
                Cue::In(part) => {
                    if out.part.is_none_or(|(_, other)| far < other) {
                        out.part = Some((part, far));
                    }
                }
            }
        }
        out
    }

    /// More words of distance where another clause begins between these words: `on the test part, and 0.94 in training`.
    fn parted(&self, from: usize, to: usize) -> usize {
        let Paragraph { words, prose, .. } = self.paragraph;
        let joins = ["and", "to", "but", "while", "against", "whereas", "versus", "vs"];
        let mark = match (words.get(from.saturating_sub(1)), words.get(to)) {
            (Some(a), Some(b)) => prose.get(a.at..b.at).is_some_and(|t| t.contains(", ") || t.contains("; ")),
            _ => false,
        };
        let word = words.get(from..to).is_some_and(|w| w.iter().any(|w| joins.contains(&w.text.as_str())));
        3 * usize::from(mark || word)
    }

    /// What the words near the number say for this figure, and against it.
    fn words(&self, figure: &Figure, nearest: &Nearest) -> i32 {
        nearest.measure(figure) + nearest.part(figure) + nearest.baseline(figure) + self.named(figure)
    }

    fn named(&self, figure: &Figure) -> i32 {
        let of = |name: &usize| {
            let found = |all: &[(usize, bool)]| {
                all.iter().filter(|(n, _)| n == name).map(|(_, strong)| *strong).max()
            };
            match (found(&self.sentence.names), found(self.topics)) {
                (Some(strong), _) => 1 + 2 * i32::from(strong),
                (None, Some(strong)) => 1 + i32::from(strong),
                (None, None) => -1,
            }
        };
        figure.names.iter().map(of).min().unwrap_or(0)
    }
}

impl Nearest {
    fn has(&self, measure: Measure) -> bool {
        self.measures.iter().any(|(m, _)| *m == measure)
    }

    /// 3 where a word for it is the nearest of all, 2 where one is near; less than nothing where the number was just
    /// given another name: `R² of 0.89`.
    fn measure(&self, figure: &Figure) -> i32 {
        let of = |(measure, far): &(Measure, usize)| figure.measures.contains(measure).then_some(*far);
        let own = self.measures.iter().filter_map(of).min();
        let any = self.measures.iter().map(|(_, far)| *far).min();
        let base = figure.base.map_or(0, |base| if self.has(base) { 1 } else { -1 });
        let limit = figure.measures.contains(&Measure::Limits);
        base + match own {
            Some(far) if any == Some(far) => 3,
            // The standard error of the MAE is named with the MAE, its limits are not.
            Some(_) if self.name.is_none() || self.name == figure.base && !limit => 2,
            None if self.name.is_some() => -2,
            Some(_) | None => 0,
        }
    }

    fn part(&self, figure: &Figure) -> i32 {
        match (figure.part, self.part) {
            (Some(Part::Test), Some((Part::Test, _))) => 1,
            (Some(own), Some((near, _))) if own == near => 2,
            // Few digits that agree with a figure of a part other than the one just named agree by chance.
            (Some(_), Some((_, far))) => {
                if far <= 3 {
                    -4
                } else {
                    -2
                }
            }
            _ => 0,
        }
    }

    fn baseline(&self, figure: &Figure) -> i32 {
        let nearest = self.baselines.iter().min_by_key(|(_, far)| *far).map(|(b, _)| *b);
        let there = |own| self.baselines.iter().any(|(b, _)| *b == own);
        match (figure.baseline, nearest) {
            (Some(own), Some(near)) if own == near || near == Baseline::Any => 2,
            (Some(own), _) if there(own) => 1,
            (Some(_), _) if figure.measures.contains(&Measure::Improvement) => 0,
            (Some(_), _) => -1,
            (None, _) => 0,
        }
    }
}
