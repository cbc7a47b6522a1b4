//! Every figure of a run that a person could cite.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::memory::cues::{self, Baseline, Measure, Part, Word};
use crate::memory::figure::{Kind, Meaning, Tier};
use crate::memory::numeral::Numeral;

/// Figures of one size looked at for one number; where there are more, it may be any of them.
const MOST: usize = 1_000;
/// Keys whose value names an item of a list, so that its figures keep their path when others come or go.
const NAMES: [&str; 7] = ["level", "period", "feature", "column", "metric", "stage", "uri"];
/// Levels of nesting followed.
const DEEPEST: usize = 12;

/// A figure, and what it is.
#[derive(Clone, Debug)]
pub(super) struct Figure {
    pub(super) path: String,
    pub(super) value: f64,
    pub(super) tier: Tier,
    pub(super) kind: Kind,
    pub(super) measures: &'static [Measure],
    pub(super) base: Option<Measure>,
    pub(super) part: Option<Part>,
    pub(super) baseline: Option<Baseline>,
    /// Places in the list of names.
    pub(super) names: Vec<usize>,
}

/// The figures of one run, by path and by size.
///
/// As JSON it is an object of values by path, so that those a paragraph was written against can be kept.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(from = "BTreeMap<String, f64>", into = "BTreeMap<String, f64>")]
pub(crate) struct Known {
    /// By path.
    figures: Vec<Figure>,
    /// Sizes with places in the list of figures, from small to large.
    sizes: Vec<(f64, usize)>,
    names: Names,
}

impl PartialEq for Known {
    fn eq(&self, other: &Self) -> bool {
        self.values().eq(other.values())
    }
}

impl From<BTreeMap<String, f64>> for Known {
    fn from(values: BTreeMap<String, f64>) -> Self {
        let mut out = Self::default();
        for (path, value) in values {
            let steps = split(&path);
            out.push(&path, &steps, value);
        }
        out.sized()
    }
}

impl From<Known> for BTreeMap<String, f64> {
    fn from(known: Known) -> Self {
        known.figures.into_iter().map(|f| (f.path, f.value)).collect()
    }
}

impl Known {
    /// The figures in `metrics`, the content of `metrics.json`.
    pub(crate) fn of(metrics: &Value) -> Self {
        let mut all: Vec<(String, Vec<Cow<'_, str>>, f64)> = Vec::new();
        walk(metrics, &mut Path::default(), &mut |path, value| {
            if Meaning::of(&texts(&path.steps)).is_some() {
                all.push((path.joined.clone(), path.steps.clone(), value));
            }
        });
        all.sort_by(|a, b| a.0.cmp(&b.0));
        // Of one path the first counts.
        all.dedup_by(|later, first| later.0 == first.0);
        let mut out = Self::default();
        all.iter().for_each(|(path, steps, value)| out.push(path, steps, *value));
        out.sized()
    }

    /// Adds a figure; paths come in their order.
    fn push(&mut self, path: &str, steps: &[Cow<'_, str>], value: f64) {
        let steps = texts(steps);
        let Some(meaning) = Meaning::of(&steps).filter(|_| value.is_finite()) else { return };
        let names = meaning.names.iter().map(|name| self.names.add(name)).collect();
        let Meaning { tier, kind, measures, base, part, baseline, .. } = meaning;
        let path = path.to_owned();
        self.figures.push(Figure { path, value, tier, kind, measures, base, part, baseline, names });
    }

    /// With the figures in the order of their sizes.
    fn sized(mut self) -> Self {
        self.sizes = self.figures.iter().enumerate().map(|(i, f)| (f.value.abs(), i)).collect();
        self.sizes.sort_by(|a, b| a.0.total_cmp(&b.0));
        self
    }

    fn values(&self) -> impl Iterator<Item = (&str, u64)> {
        self.figures.iter().map(|f| (f.path.as_str(), f.value.to_bits()))
    }

    /// The figure at this path, where there is one.
    pub(super) fn value(&self, path: &str) -> Option<f64> {
        let at = self.figures.binary_search_by(|f| f.path.as_str().cmp(path)).ok()?;
        self.figures.get(at).map(|f| f.value)
    }

    /// Figures that round to this number; none where nearly all would.
    pub(super) fn rounding_to<'a, 'n>(
        &'a self,
        numeral: &'n Numeral,
    ) -> impl Iterator<Item = &'a Figure> + use<'a, 'n> {
        let (low, high) = numeral.reach();
        let from = self.sizes.partition_point(|(size, _)| *size < low);
        let to = self.sizes.partition_point(|(size, _)| *size <= high);
        let some =
            if to.saturating_sub(from) > MOST { &[][..] } else { self.sizes.get(from..to).unwrap_or(&[]) };
        some.iter().filter_map(|(_, i)| self.figures.get(*i)).filter(|f| numeral.is_of(f.value))
    }

    /// The names among these words: which, and how strongly they point (an ordinary word points weakly).
    pub(super) fn named(&self, words: &[Word]) -> Vec<(usize, bool)> {
        self.names.find(words)
    }
}

/// The list that a figure is in as long as it is one of the greatest, in words.
pub(super) fn among(path: &str) -> Option<&'static str> {
    Meaning::of(&texts(&split(path)))?.among
}

/// Figures in words, from their path alone: what vanished has words as well.
pub(super) fn label(path: &str) -> String {
    let steps = split(path);
    let meaning = Meaning::of(&texts(&steps)).map(|m| m.label());
    meaning.unwrap_or_else(|| format!("figure {}", crate::escape::quoted(path)))
}

/// The way to a value.
#[derive(Default)]
struct Path<'a> {
    steps: Vec<Cow<'a, str>>,
    /// The steps joined by points; a point within a step has a backslash.
    joined: String,
    /// Its length before each step.
    before: Vec<usize>,
}

impl<'a> Path<'a> {
    fn push(&mut self, step: Cow<'a, str>) {
        self.before.push(self.joined.len());
        if !self.steps.is_empty() {
            self.joined.push('.');
        }
        for c in step.chars() {
            if matches!(c, '.' | '\\') {
                self.joined.push('\\');
            }
            self.joined.push(c);
        }
        self.steps.push(step);
    }

    fn pop(&mut self) {
        self.steps.pop();
        self.joined.truncate(self.before.pop().unwrap_or_default());
    }
}

/// Calls `visit` with the way to each number and the number.
fn walk<'a>(value: &'a Value, path: &mut Path<'a>, visit: &mut impl FnMut(&Path<'a>, f64)) {
    if path.steps.len() > DEEPEST {
        return;
    }
    match value {
        Value::Number(number) => {
            if let Some(number) = number.as_f64() {
                visit(path, number);
            }
        }
        Value::Object(map) => {
            for (key, inner) in map {
                path.push(Cow::Borrowed(key));
                match (key.as_str(), inner, map.get("levels")) {
                    // One for each level.
                    ("quantiles", Value::Array(items), Some(Value::Array(levels))) => {
                        for (item, level) in items.iter().zip(levels) {
                            path.push(Cow::Owned(level.to_string()));
                            walk(item, path, visit);
                            path.pop();
                        }
                    }
                    _ => walk(inner, path, visit),
                }
                path.pop();
            }
        }
        Value::Array(items) => {
            let parent = path.steps.last().cloned().unwrap_or_default();
            for (i, item) in items.iter().enumerate() {
                let named = item.as_object().and_then(|map| names(map, &parent));
                let steps = named.unwrap_or_else(|| vec![Cow::Owned(i.to_string())]);
                let count = steps.len();
                steps.into_iter().for_each(|step| path.push(step));
                walk(item, path, visit);
                (0..count).for_each(|_| path.pop());
            }
        }
        _ => {}
    }
}

/// What an item of a list is called.
fn names<'a>(map: &'a Map<String, Value>, parent: &str) -> Option<Vec<Cow<'a, str>>> {
    let texts = |keys: &[&str]| -> Vec<Cow<'a, str>> {
        keys.iter().filter_map(|key| map.get(*key)?.as_str()).map(Cow::Borrowed).collect()
    };
    match parent {
        // By what they are of, as their places change.
        "worst" if map.get("time").is_some_and(Value::is_string) => return Some(texts(&["entity", "time"])),
        "worst" => return Some(Vec::new()),
        "gates" => return Some(texts(&["metric", "level"])),
        _ => {}
    }
    let name = NAMES.iter().find_map(|key| map.get(*key))?;
    let name = match name {
        Value::String(text) => Cow::Borrowed(text.as_str()),
        Value::Number(number) => Cow::Owned(number.to_string()),
        _ if map.contains_key("joined") && !map["joined"].is_null() => Cow::Borrowed("(others)"),
        _ => Cow::Borrowed("(missing)"),
    };
    let part = map.get("period").and(map.get("part")).and_then(Value::as_str);
    Some([name].into_iter().chain(part.map(Cow::Borrowed)).collect())
}

/// The steps as they are matched.
fn texts<'a>(steps: &'a [Cow<'_, str>]) -> Vec<&'a str> {
    steps.iter().map(AsRef::as_ref).collect()
}

fn split(path: &str) -> Vec<Cow<'_, str>> {
    if !path.contains('\\') {
        return path.split('.').map(Cow::Borrowed).collect();
    }
    let mut steps = vec![String::new()];
    let mut chars = path.chars();
    while let Some(c) = chars.next() {
        match c {
            '.' => steps.push(String::new()),
            '\\' => steps.extend_last(chars.next()),
            _ => steps.extend_last(Some(c)),
        }
    }
    steps.into_iter().map(Cow::Owned).collect()
}

trait ExtendLast {
    fn extend_last(&mut self, c: Option<char>);
}

impl ExtendLast for Vec<String> {
    fn extend_last(&mut self, c: Option<char>) {
        if let Some(last) = self.last_mut() {
            last.extend(c);
        }
    }
}

/// Names of features, levels and periods, by their first word.
#[derive(Clone, Debug, Default)]
struct Names {
    all: BTreeMap<String, usize>,
    /// First word to the whole names that begin with it: their words, their place, whether they are no ordinary word.
    phrases: BTreeMap<String, Vec<(Vec<String>, usize, bool)>>,
}

impl Names {
    fn add(&mut self, name: &str) -> usize {
        if let Some(place) = self.all.get(name) {
            return *place;
        }
        let place = self.all.len();
        self.all.insert(name.to_owned(), place);
        let words: Vec<String> = cues::words(name).iter().map(|w| singular(&w.text)).collect();
        let strong = words.len() > 1 || name.contains(|c: char| !c.is_lowercase());
        for other in other_ways(name, &words) {
            self.phrase(other, place, true);
        }
        self.phrase(words, place, strong);
        place
    }

    fn phrase(&mut self, words: Vec<String>, place: usize, strong: bool) {
        let short = words.len() == 1 && words[0].chars().count() < 2;
        if let (Some(first), false) = (words.first().cloned(), short) {
            self.phrases.entry(first).or_default().push((words, place, strong));
        }
    }

    fn find(&self, words: &[Word]) -> Vec<(usize, bool)> {
        let words: Vec<String> = words.iter().map(|w| singular(&w.text)).collect();
        let mut all = Vec::new();
        for at in 0..words.len() {
            let phrases = self.phrases.get(&words[at]).map_or(&[][..], Vec::as_slice);
            let fits = phrases.iter().filter(|(phrase, _, _)| words[at..].starts_with(phrase));
            all.extend(fits.map(|(_, place, strong)| (*place, *strong)));
        }
        all.sort_unstable();
        all.dedup();
        all
    }
}

fn singular(word: &str) -> String {
    let plural = word.len() > 3 && word.ends_with('s') && !word.ends_with("ss");
    if plural { word[..word.len() - 1].to_owned() } else { word.to_owned() }
}

/// `Q3 2012` for `2012-Q3`, `July 2012` for `2012-07`, `suv` for `class=suv`.
fn other_ways(name: &str, words: &[String]) -> Vec<Vec<String>> {
    let [first, second] = words else { return Vec::new() };
    let year = first.len() == 4 && first.bytes().all(|b| b.is_ascii_digit());
    if !year {
        let category = name.contains('=') && second.len() > 2;
        return if category { vec![vec![second.clone()]] } else { Vec::new() };
    }
    let mut all = vec![vec![second.clone(), first.clone()]];
    let month = second.parse::<usize>().ok().and_then(|m| crate::memory::scan::MONTHS.get(m.wrapping_sub(1)));
    if let Some(month) = month {
        all.push(vec![singular(month), first.clone()]);
        all.push(vec![month.chars().take(3).collect(), first.clone()]);
    }
    let quarter =
        second.strip_prefix('q').and_then(|q| q.parse::<usize>().ok()).filter(|q| (1..=4).contains(q));
    if let Some(quarter) = quarter {
        let words = ["first", "second", "third", "fourth"];
        for of in ["of", "in"] {
            all.push([words[quarter - 1], "quarter", of, first].map(str::to_owned).to_vec());
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn items_of_lists_are_named_and_come_back_from_json() {
        let known = Known::of(&json!({
            "test": { "mae": 8_837.9, "intervals": [{ "level": 0.9, "coverage": 0.892 }] },
            "segments": [{ "column": "city", "rows": [{ "level": "St. Paul", "mae": 3.0 }, { "level": null, "mae": 4.0 }] }],
            "periods": { "rows": [{ "period": "2012-Q3", "part": "test", "mae": 7.0 }] },
            "coefficients": [{ "feature": "a.b", "coefficient": 2.0, "p": 0.5 }],
        }));
        let paths: Vec<&str> = known.figures.iter().map(|f| f.path.as_str()).collect();
        assert_eq!(
            paths,
            [
                "coefficients.a\\.b.coefficient",
                "periods.rows.2012-Q3.test.mae",
                "segments.city.rows.(missing).mae",
                "segments.city.rows.St\\. Paul.mae",
                "test.intervals.0\\.9.coverage",
                "test.mae",
            ]
        );
        let text = serde_json::to_string(&known).unwrap();
        assert_eq!(serde_json::from_str::<Known>(&text).unwrap(), known);
        assert_eq!((known.value("test.mae"), known.value("test.rmse")), (Some(8_837.9), None));
        assert_eq!(label("segments.city.rows.St\\. Paul.mae"), "mean absolute error of “St. Paul”");
    }

    #[test]
    fn names_are_found_in_other_ways() {
        let mut names = Names::default();
        let places: Vec<usize> = ["2012-Q3", "2012-07", "class=suv", "South Padre Island", "sales"]
            .iter()
            .map(|n| names.add(n))
            .collect();
        for (text, place, strong) in [
            ("in Q3 2012", 0, true),
            ("the third quarter of 2012", 0, true),
            ("July 2012", 1, true),
            ("SUVs", 2, true),
            ("South Padre Island's", 3, true),
            ("sales", 4, false),
        ] {
            assert_eq!(names.find(&cues::words(text)), [(places[place], strong)], "{text}");
        }
    }
}
