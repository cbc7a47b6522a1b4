//! One column: its cells read by their rule.

use std::cell::Cell;

use common::schema::{Form, Kind, Value};
use common::table::{Growing, TextRows, Visit};
use common::text;

use crate::columns::Rule;
use crate::spelling::Spellings;
use crate::violations::Violations;

/// How the cells of one column are read.
pub(super) struct Cells<'a> {
    rule: &'a Rule,
    /// Its form in each spelling.
    forms: Vec<Form>,
    /// What stands for a missing value, in each spelling.
    missing: Vec<Tokens<'a>>,
    /// Its position in the table, from 0.
    position: usize,
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
    /// By a rule.
    pub(super) fn new(rule: &'a Rule, spellings: &'a Spellings, position: usize) -> Self {
        let missing = spellings.each_missing();
        let missing = missing.map(|texts| Tokens::new(rule.missing.as_deref().unwrap_or(texts))).collect();
        Self { rule, forms: spellings.forms(&rule.form), missing, position }
    }

    /// Adds the typed values of the cells at `place` of a batch to `column`; returns the rows of the batch that break
    /// the rule, whose cells are missing. `spelled` is the number of the spelling of each row; the first of all where
    /// it is not given.
    pub(super) fn read_into(
        &self,
        column: &mut Growing,
        texts: &TextRows<'_>,
        place: usize,
        spelled: Option<&[usize]>,
    ) -> Vec<usize> {
        let rule = self.rule;
        let asks = rule.constraints.asks_of_values();
        let batch = Batch { texts, place, spelled };
        match column {
            Growing::Texts(column) => {
                let keep = |cell, _: &Form| rule.constraints.breach_of_text(cell).is_none().then_some(cell);
                self.each(&batch, keep, |cell| column.push(cell))
            }
            Growing::Numbers(column) => {
                let asks = asks || rule.field.decimals.is_some();
                let keeps = |x: &f64| !asks || keeps(rule, &Value::Number(*x));
                self.each(&batch, |cell, form| form.number(cell).filter(keeps), |x| column.push(x))
            }
            Growing::Integers(column) => {
                let keeps = |n: &i64| !asks || keeps(rule, &Value::Integer(*n));
                self.each(&batch, |cell, form| form.integer(cell).filter(keeps), |n| column.push(n))
            }
            Growing::Truths(column) => {
                let read = |cell: &str, form: &Form| match value(rule, form, cell)? {
                    Value::Boolean(truth) => Some(truth),
                    _ => None,
                };
                self.each(&batch, read, |truth| column.push(truth))
            }
            Growing::Days(column) => {
                let day = |value| if let Value::Date(day) = value { Some(day.to_epoch_days()) } else { None };
                self.each(&batch, again(rule, day), |day| column.push(day))
            }
            Growing::Moments(column) => {
                self.each(&batch, again(rule, |value| value.identity()), |moment| column.push(moment))
            }
        }
    }

    /// Every cell as `read` has it; the rows where that is nothing.
    fn each<'t, T>(
        &self,
        batch: &Batch<'t>,
        read: impl Fn(&'t str, &Form) -> Option<T>,
        push: impl FnMut(Option<T>),
    ) -> Vec<usize> {
        let is_plain = batch.texts.is_plain(batch.place);
        match batch.spelled {
            None => {
                let (form, missing) = (self.form(is_plain, 0), self.missing.first());
                let is_missing = |_, cell: &str| missing.is_some_and(|tokens| tokens.has(cell));
                let each =
                    Each { is_missing, read: |_, cell| read(cell, form), push, required: self.required() };
                batch.texts.visit(batch.place, each)
            }
            Some(spelled) => {
                let is_missing = |row: usize, cell: &str| self.is_missing(spelled[row], cell);
                let read = |row: usize, cell| read(cell, self.form(is_plain, spelled[row]));
                batch.texts.visit(batch.place, Each { is_missing, read, push, required: self.required() })
            }
        }
    }

    fn required(&self) -> bool {
        self.rule.constraints.required
    }

    fn form(&self, is_plain: bool, spelling: usize) -> &Form {
        self.forms.get(spelling).filter(|_| !is_plain).unwrap_or(&Form::PLAIN)
    }

    #[inline]
    fn is_missing(&self, spelling: usize, cell: &str) -> bool {
        self.missing.get(spelling).is_some_and(|tokens| tokens.has(cell))
    }

    /// Notes what is wrong with the rows `breaches` of a batch, whose first row has the number `first`.
    pub(super) fn note(
        &self,
        breaches: &[usize],
        texts: &TextRows<'_>,
        place: usize,
        spelled: Option<&[usize]>,
        first: u64,
        violations: &mut Violations,
    ) {
        for row in breaches {
            // The text of what is only counted is not made.
            let what = if violations.is_full() {
                String::new()
            } else {
                let spelling = spelled.map_or(0, |spelled| spelled[*row]);
                self.wrong(texts.cell(*row, place), spelling, texts.is_plain(place))
            };
            violations.add_cell(first + *row as u64, self.position, &self.rule.field.name, what);
        }
    }

    /// What is wrong with a cell.
    fn wrong(&self, cell: &str, spelling: usize, is_plain: bool) -> String {
        if self.is_missing(spelling, cell) {
            return "is missing, and must not be".to_owned();
        }
        let (rule, form, kind) = (self.rule, self.form(is_plain, spelling), self.rule.field.kind);
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

/// The cells of a column of a batch.
struct Batch<'t> {
    texts: &'t TextRows<'t>,
    place: usize,
    spelled: Option<&'t [usize]>,
}

/// Reads every cell of a column; what comes of it are the rows that break the rule.
struct Each<M, R, P> {
    is_missing: M,
    read: R,
    push: P,
    required: bool,
}

impl<'t, T, M, R, P> Visit<'t> for Each<M, R, P>
where
    M: Fn(usize, &str) -> bool,
    R: Fn(usize, &'t str) -> Option<T>,
    P: FnMut(Option<T>),
{
    type Out = Vec<usize>;

    fn visit(mut self, rows: usize, cell: impl Fn(usize) -> &'t str) -> Vec<usize> {
        let mut breaches = Vec::new();
        for row in 0..rows {
            let cell = cell(row);
            let is_missing = (self.is_missing)(row, cell);
            let value = if is_missing { None } else { (self.read)(row, cell) };
            if value.is_none() && (!is_missing || self.required) {
                breaches.push(row);
            }
            (self.push)(value);
        }
        breaches
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
