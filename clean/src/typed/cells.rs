//! One column of a batch: its cells read by their rule.

use std::cell::Cell;

use common::schema::{Form, Kind, Value};
use common::text;
use polars::prelude::ChunkedBuilder as _;

use super::building::Building;
use crate::columns::Rule;
use crate::spelling::Spellings;
use crate::violations::Violations;

/// One column of a batch.
pub(super) struct Cells<'a> {
    rule: &'a Rule,
    /// Its form in each spelling; none where it is in our own.
    forms: Vec<Form>,
    /// What stands for a missing value, in each spelling.
    missing: Vec<Tokens<'a>>,
    /// Its position in the table, from 0.
    position: usize,
    texts: &'a [Option<&'a str>],
    /// The number of the spelling of each row; the first of all where it is not given.
    spelled: Option<&'a [usize]>,
}

/// Texts that stand for a missing value.
struct Tokens<'a> {
    texts: &'a [String],
    /// A bit for each length below 63 that a text has, and one for all others: mostly the length tells.
    lengths: u64,
}

impl<'a> Tokens<'a> {
    fn new(texts: &'a [String]) -> Self {
        Self { texts, lengths: texts.iter().fold(0, |bits, text| bits | Self::bit(text)) }
    }

    #[inline]
    fn bit(text: &str) -> u64 {
        1 << text.len().min(63)
    }

    #[inline]
    fn has(&self, cell: &str) -> bool {
        self.lengths & Self::bit(cell) != 0 && self.texts.iter().any(|text| text == cell)
    }
}

impl<'a> Cells<'a> {
    /// The cells `texts` of a column; those of a plain one are in our own form.
    pub(super) fn new(
        rule: &'a Rule,
        spellings: &'a Spellings,
        is_plain: bool,
        position: usize,
        texts: &'a [Option<&'a str>],
        spelled: Option<&'a [usize]>,
    ) -> Self {
        let forms = if is_plain { vec![] } else { spellings.forms(&rule.form) };
        let missing = spellings.each_missing();
        let missing = missing.map(|texts| Tokens::new(rule.missing.as_deref().unwrap_or(texts))).collect();
        Self { rule, forms, missing, position, texts, spelled }
    }

    /// Adds the typed values to `column`; returns the rows of the batch that break the rule, whose cells are missing.
    pub(super) fn read_into(&self, column: &mut Building) -> Vec<usize> {
        let rule = self.rule;
        let asks = rule.constraints.asks_of_values();
        match column {
            Building::Texts(column) => {
                let keep = |cell, _: &Form| rule.constraints.breach_of_text(cell).is_none().then_some(cell);
                self.each(keep, |cell| column.append_option(cell))
            }
            Building::Numbers(column) => {
                let asks = asks || rule.field.decimals.is_some();
                let keeps = |x: &f64| !asks || keeps(rule, &Value::Number(*x));
                self.each(|cell, form| form.number(cell).filter(keeps), |x| column.append_option(x))
            }
            Building::Integers(column) => {
                let keeps = |n: &i64| !asks || keeps(rule, &Value::Integer(*n));
                self.each(|cell, form| form.integer(cell).filter(keeps), |n| column.append_option(n))
            }
            Building::Truths(column) => {
                let read = |cell: &str, form: &Form| match value(rule, form, cell)? {
                    Value::Boolean(truth) => Some(truth),
                    _ => None,
                };
                self.each(read, |truth| column.append_option(truth))
            }
            Building::Days(column) => {
                let day = |value| if let Value::Date(day) = value { Some(day.to_epoch_days()) } else { None };
                self.each(again(rule, day), |day| column.append_option(day))
            }
            Building::Moments(column) => {
                self.each(again(rule, |value| value.identity()), |moment| column.append_option(moment))
            }
        }
    }

    /// Every cell as `read` has it; the rows where that is nothing.
    fn each<T>(&self, read: impl Fn(&'a str, &Form) -> Option<T>, push: impl FnMut(Option<T>)) -> Vec<usize> {
        match self.spelled {
            None => self.each_spelled(|_| 0, read, push),
            Some(spelled) => self.each_spelled(|row| spelled[row], read, push),
        }
    }

    #[inline]
    fn each_spelled<T>(
        &self,
        spelling: impl Fn(usize) -> usize,
        read: impl Fn(&'a str, &Form) -> Option<T>,
        mut push: impl FnMut(Option<T>),
    ) -> Vec<usize> {
        let mut breaches = Vec::new();
        for (row, cell) in self.texts.iter().enumerate() {
            let (cell, spelling) = (cell.unwrap_or_default(), spelling(row));
            let is_missing = self.is_missing(spelling, cell);
            let value = if is_missing { None } else { read(cell, self.form(spelling)) };
            if value.is_none() && (!is_missing || self.rule.constraints.required) {
                breaches.push(row);
            }
            push(value);
        }
        breaches
    }

    #[inline]
    fn form(&self, spelling: usize) -> &Form {
        self.forms.get(spelling).unwrap_or(&Form::PLAIN)
    }

    #[inline]
    fn is_missing(&self, spelling: usize, cell: &str) -> bool {
        self.missing.get(spelling).is_some_and(|tokens| tokens.has(cell))
    }

    /// Notes what is wrong with the rows `breaches` of the batch, whose first row has the number `first`.
    pub(super) fn note(&self, breaches: &[usize], first: u64, violations: &mut Violations) {
        for row in breaches {
            // The text of what is only counted is not made.
            let what = if violations.is_full() { String::new() } else { self.wrong(*row) };
            violations.add_cell(first + *row as u64, self.position, &self.rule.field.name, what);
        }
    }

    /// What is wrong with the cell in `row`.
    fn wrong(&self, row: usize) -> String {
        let cell = self.texts[row].unwrap_or_default();
        let spelling = self.spelled.map_or(0, |spelled| spelled[row]);
        if self.is_missing(spelling, cell) {
            return "is missing, and must not be".to_owned();
        }
        let (rule, form, kind) = (self.rule, self.form(spelling), self.rule.field.kind);
        let what = match (kind, kind.parse(cell, form)) {
            (Kind::String, _) => rule.constraints.breach_of_text(cell),
            (_, None) => Some(format!("expected {}", form.expected(kind))),
            (_, Some(value)) => {
                rule.constraints.breach_of_value(&value).or_else(|| not_decimal(rule, &value))
            }
        };
        format!("found `{}`, {}", text::shown(cell), what.unwrap_or_default())
    }
}

/// The value of a cell that is no text, where it keeps its rule.
fn value(rule: &Rule, form: &Form, cell: &str) -> Option<Value> {
    rule.field.kind.parse(cell, form).filter(|value| keeps(rule, value))
}

fn keeps(rule: &Rule, value: &Value) -> bool {
    rule.constraints.breach_of_value(value).is_none() && not_decimal(rule, value).is_none()
}

/// Reads dates: of a cell that is the one before once more, it is known.
fn again<'a, N: Copy>(
    rule: &Rule,
    kept: impl Fn(Value) -> Option<N>,
) -> impl Fn(&'a str, &Form) -> Option<N> {
    let last = Cell::new(None);
    move |cell, form| match last.get() {
        Some((text, known)) if text == cell => Some(known),
        _ => {
            let known = kept(value(rule, form, cell)?)?;
            last.set(Some((cell, known)));
            Some(known)
        }
    }
}

/// Why the number is no decimal of the places declared: too many of them, or too large beside so many.
fn not_decimal(rule: &Rule, value: &Value) -> Option<String> {
    let (Value::Number(x), Some(places)) = (value, rule.field.decimals) else { return None };
    if exact::decimal::integers(&[*x], places).is_ok() {
        return None;
    }
    let counted = text::count(u64::from(places), "place");
    Some(match exact::decimal::places(&[*x]) {
        Some(own) if own <= places => {
            format!("too large for a decimal of {counted}: 15 digits are held in all; declare fewer places")
        }
        _ => format!("expected a decimal of at most {counted} after the point"),
    })
}
