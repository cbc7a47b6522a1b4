//! What the values of a column must keep: read and compiled once, then asked of every cell.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::sync::Arc;

use regex::Regex;

use super::form::Form;
use super::kind::{Kind, Value};
use super::words::{ConstraintWords, Fault};
use crate::text;

/// Allowed values shown in a message.
const SHOWN: usize = 10;

/// What the values of a column must keep, beside their type.
#[derive(Clone, Debug, Default)]
pub struct Constraints {
    /// No missing value.
    pub required: bool,
    /// No value twice.
    pub unique: bool,
    limits: Vec<Limit>,
    /// Fewest and most characters of a text.
    shortest: usize,
    longest: Option<usize>,
    pattern: Option<Pattern>,
    one_of: Option<Arc<OneOf>>,
}

/// A limit of numbers, dates or datetimes.
#[derive(Clone, Debug)]
struct Limit {
    value: Value,
    /// As the contract has it.
    text: String,
    /// The order of a value to the limit that is against it, and whether the limit itself is.
    against: Ordering,
    exclusive: bool,
}

impl Limit {
    fn allows(&self, value: &Value) -> bool {
        match order(value, &self.value) {
            Some(Ordering::Equal) => !self.exclusive,
            Some(other) => other != self.against,
            // Values of other types are for the type to refuse.
            None => true,
        }
    }

    fn expected(&self) -> String {
        let how = match (self.against, self.exclusive) {
            (Ordering::Less, false) => "at least",
            (Ordering::Less, true) => "more than",
            (_, false) => "at most",
            (_, true) => "less than",
        };
        format!("expected {how} {}", text::shown(&self.text))
    }
}

/// A pattern that a whole text must match.
#[derive(Clone, Debug)]
struct Pattern {
    whole: Regex,
    text: String,
}

impl Pattern {
    fn new(text: &str) -> Result<Self, String> {
        let reason = |e: regex::Error| match e {
            regex::Error::CompiledTooBig(_) => "is too large".to_owned(),
            // Several lines of which the last one says why.
            e => e.to_string().lines().last().unwrap_or_default().trim().to_owned(),
        };
        // Alone first: `a)|(b` is no pattern, whatever stands around it.
        Regex::new(text).map_err(reason)?;
        // In verbose mode a comment at the end would swallow what follows on its line.
        let whole = Regex::new(&format!(r"\A(?:{text})\z"));
        let whole = whole.or_else(|_| Regex::new(&format!("\\A(?:{text}\n)\\z"))).map_err(reason)?;
        Ok(Self { whole, text: text.to_owned() })
    }
}

/// The values allowed.
#[derive(Debug)]
struct OneOf {
    texts: HashSet<String>,
    /// Of types that are no text, by [`Value::identity`].
    others: HashSet<i64>,
    shown: String,
}

impl Constraints {
    /// The constraints that `words` declare on a column of `kind`.
    ///
    /// # Errors
    /// The first that is none, or that no value could keep.
    pub(super) fn new(words: ConstraintWords, kind: Kind, form: &Form) -> Result<Self, Fault> {
        if words.json_schema.is_some() {
            return Err(Fault::new("is not checked by this version, so it is refused").of("jsonSchema"));
        }
        let limits = limits(&words, kind, form)?;
        let lengths = [("minLength", words.min_length), ("maxLength", words.max_length)];
        let textual = lengths.iter().filter(|(_, length)| length.is_some()).map(|(word, _)| *word);
        let textual = textual.chain(words.pattern.is_some().then_some("pattern")).next();
        if let Some(word) = textual.filter(|_| kind != Kind::String) {
            return Err(Fault::new(format!("is for strings, and this is a column of type {kind}")).of(word));
        }
        let length = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        let (shortest, longest) = (words.min_length.map_or(0, length), words.max_length.map(length));
        if longest.is_some_and(|longest| longest < shortest) {
            return Err(Fault::new("is below minLength: no text is so long").of("maxLength"));
        }
        let pattern = words.pattern.as_deref().map(Pattern::new).transpose();
        let pattern = pattern.map_err(|reason| Fault::new(reason).of("pattern"))?;
        let one_of = words.one_of.map(|values| one_of(&values, kind, form)).transpose()?;
        let (required, unique) = (words.required, words.unique);
        Ok(Self { required, unique, limits, shortest, longest, pattern, one_of: one_of.map(Arc::new) })
    }

    /// The same, with `texts` the only ones allowed.
    #[must_use]
    pub fn only(self, texts: &[&str]) -> Self {
        let one_of = OneOf {
            texts: texts.iter().map(|t| (*t).to_owned()).collect(),
            others: HashSet::new(),
            shown: text::names(texts),
        };
        Self { one_of: Some(Arc::new(one_of)), ..self }
    }

    /// Whether anything is asked of values that are no text.
    #[must_use]
    pub fn asks_of_values(&self) -> bool {
        !self.limits.is_empty() || self.one_of.is_some()
    }

    /// What is wrong with a text: what was expected of it.
    #[must_use]
    pub fn breach_of_text(&self, cell: &str) -> Option<String> {
        // A character has one to four bytes: mostly the bytes tell.
        if self.shortest > 0 && (cell.len() < self.shortest || cell.chars().count() < self.shortest) {
            return Some(format!("expected at least {}", characters(self.shortest)));
        }
        if let Some(longest) = self.longest
            && cell.len() > longest
            && cell.chars().count() > longest
        {
            return Some(format!("expected at most {}", characters(longest)));
        }
        if let Some(pattern) = self.pattern.as_ref().filter(|p| !p.whole.is_match(cell)) {
            return Some(format!("expected a text that matches {}", text::name(&pattern.text)));
        }
        self.one_of.as_ref().filter(|one_of| !one_of.texts.contains(cell)).map(|one_of| one_of.breach())
    }

    /// The same of a value that is no text.
    #[must_use]
    pub fn breach_of_value(&self, value: &Value) -> Option<String> {
        if let Some(limit) = self.limits.iter().find(|limit| !limit.allows(value)) {
            return Some(limit.expected());
        }
        let one_of = self.one_of.as_ref()?;
        let allowed = value.identity().is_some_and(|value| one_of.others.contains(&value));
        (!allowed).then(|| one_of.breach())
    }
}

impl OneOf {
    fn breach(&self) -> String {
        format!("which is not one of the values allowed: {}", self.shown)
    }
}

fn characters(n: usize) -> String {
    text::count(n as u64, "character")
}

/// The order of two values of one type.
fn order(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Integer(a), Value::Integer(b)) => Some(a.cmp(b)),
        (Value::Number(a), Value::Number(b)) => a.partial_cmp(b),
        (Value::Date(a), Value::Date(b)) => Some(a.cmp(b)),
        (Value::Datetime(a), Value::Datetime(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

fn limits(words: &ConstraintWords, kind: Kind, form: &Form) -> Result<Vec<Limit>, Fault> {
    let mut limits: Vec<Limit> = Vec::new();
    for (word, given, against, exclusive) in [
        ("minimum", &words.minimum, Ordering::Less, false),
        ("exclusiveMinimum", &words.exclusive_minimum, Ordering::Less, true),
        ("maximum", &words.maximum, Ordering::Greater, false),
        ("exclusiveMaximum", &words.exclusive_maximum, Ordering::Greater, true),
    ] {
        let Some(given) = given else { continue };
        if matches!(kind, Kind::String | Kind::Boolean) {
            let message = format!("is for numbers and dates, and this is a column of type {kind}");
            return Err(Fault::new(message).of(word));
        }
        let value = value_of(given, kind, form).map_err(|fault| fault.of(word))?;
        let limit = Limit { value, text: written(given), against, exclusive };
        let empty = limits.iter().filter(|l| l.against != against).find(|l| {
            let both = order(&limit.value, &l.value);
            both == Some(l.against) || both == Some(Ordering::Equal) && (exclusive || l.exclusive)
        });
        if let Some(other) = empty {
            let message = format!("{} leaves no value: {}", text::shown(&limit.text), other.expected());
            return Err(Fault::new(message).of(word));
        }
        limits.push(limit);
    }
    Ok(limits)
}

fn one_of(given: &[serde_json::Value], kind: Kind, form: &Form) -> Result<OneOf, Fault> {
    if given.is_empty() {
        return Err(Fault::new("an empty list allows no value").of("enum"));
    }
    let mut one_of = OneOf { texts: HashSet::new(), others: HashSet::new(), shown: String::new() };
    for (value, i) in given.iter().zip(0..) {
        let value =
            value_of(value, kind, form).map_err(|f| f.below(super::places::Step::Item(i)).of("enum"))?;
        one_of.others.extend(value.identity());
        if let Value::String(text) = value {
            one_of.texts.insert(text);
        }
    }
    one_of.shown = text::names(given.iter().take(SHOWN).map(written));
    if let Some(more) = given.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        one_of.shown.push_str(&format!(" and {more} more"));
    }
    Ok(one_of)
}

/// A value that stands in a contract, as JSON has it or as a text in the column's own form.
pub(super) fn value_of(given: &serde_json::Value, kind: Kind, form: &Form) -> Result<Value, Fault> {
    let value = match (kind, given) {
        (_, serde_json::Value::String(text)) => kind.parse(text, form),
        (Kind::Integer, serde_json::Value::Number(n)) => {
            n.as_i64().or_else(|| n.as_f64().and_then(whole)).map(Value::Integer)
        }
        (Kind::Number, serde_json::Value::Number(n)) => n.as_f64().map(Value::Number),
        (Kind::Boolean, serde_json::Value::Bool(b)) => Some(Value::Boolean(*b)),
        _ => None,
    };
    let shown = || text::name(&written(given));
    value.ok_or_else(|| {
        Fault::new(format!("{} is no value of the column: expected {}", shown(), form.expected(kind)))
    })
}

/// A number that JSON writes with a point and that is whole: `1.0`, `1e3`.
fn whole(number: f64) -> Option<i64> {
    /// Every whole number up to here is an f64.
    const SURE: f64 = 9_007_199_254_740_992.0;
    #[expect(clippy::cast_possible_truncation, reason = "whole and within 53 bits")]
    (number.fract() == 0.0 && number.abs() <= SURE).then_some(number as i64)
}

/// A value of the contract as a person reads it.
fn written(given: &serde_json::Value) -> String {
    match given {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
