//! The contract on one column: its type, how its values are written, what they must keep.

use super::constraints::{Constraints, value_of};
use super::form::Form;
use super::kind::{Kind, Value};
use super::numerals::Numerals;
use super::places::Step;
use super::truths::Truths;
use super::words::{Fault, FieldWords, Missing};
use crate::text;

/// Most places after the point that are declared.
const MOST_PLACES: u32 = 15;

/// Types of the standard that are not checked.
const OTHER_TYPES: [&str; 10] =
    ["time", "year", "yearmonth", "duration", "object", "array", "list", "geopoint", "geojson", "any"];

/// The contract on one column.
#[derive(Clone, Debug)]
pub struct ContractField {
    /// Name in the header.
    pub name: String,
    /// Type of its values.
    pub kind: Kind,
    /// Its own cells that stand for a missing value, in place of those of the whole schema.
    pub missing_values: Option<Vec<String>>,
    /// Places after the point, where the column is declared to hold decimals: the exact fit then takes
    /// these and not the f64 nearest to them. Our own word, beside those of the standard.
    pub decimal_places: Option<u32>,
    /// What values must keep.
    pub constraints: Constraints,
    form: Form,
}

impl ContractField {
    /// How the column's values are written.
    #[must_use]
    pub fn form(&self) -> &Form {
        &self.form
    }

    pub(super) fn new(words: FieldWords) -> Result<Self, Fault> {
        let kind = kind(words.kind.as_deref()).map_err(|fault| fault.of("type"))?;
        refused(&words, kind)?;
        let form = form(&words, kind)?;
        let constraints = Constraints::new(words.constraints, kind, &form);
        let constraints = constraints.map_err(|fault| fault.below(Step::Key("constraints".to_owned())))?;
        if let Some(example) = &words.example {
            check_example(example, kind, &form, &constraints).map_err(|fault| fault.of("example"))?;
        }
        Ok(Self {
            name: words.name,
            kind,
            missing_values: words.missing_values.map(Missing::into_cells),
            decimal_places: words.decimal_places,
            constraints,
            form,
        })
    }
}

/// The type that a field names; that of the standard where it names none.
fn kind(word: Option<&str>) -> Result<Kind, Fault> {
    let Some(word) = word else { return Ok(Kind::String) };
    let known = Kind::ALL.map(|kind| (kind, kind.to_string()));
    if let Some((kind, _)) = known.iter().find(|(_, name)| name == word) {
        return Ok(*kind);
    }
    let names = || known.iter().map(|(_, name)| name.as_str());
    let supported = names().collect::<Vec<_>>().join(", ");
    Err(Fault::new(if OTHER_TYPES.contains(&word) {
        format!("{} is not checked by this version; it has {supported}", text::name(word))
    } else {
        format!("{} is no type{}; there are {supported}", text::name(word), text::did_you_mean(word, names()))
    }))
}

/// Refuses words that this version does not check, or that are none for the type.
fn refused(words: &FieldWords, kind: Kind) -> Result<(), Fault> {
    let numeric = matches!(kind, Kind::Integer | Kind::Number);
    let unchecked = [("categories", &words.categories), ("categoriesOrdered", &words.categories_ordered)];
    if let Some((word, _)) = unchecked.iter().find(|(_, given)| given.is_some()) {
        return Err(Fault::new("is not checked by this version; `enum` under `constraints` is").of(word));
    }
    for (word, given, fits) in [
        ("decimalChar", words.decimal_char.is_some(), numeric),
        ("groupChar", words.group_char.is_some(), numeric),
        ("bareNumber", words.bare_number.is_some(), numeric),
        ("decimalPlaces", words.decimal_places.is_some(), kind == Kind::Number),
        ("trueValues", words.true_values.is_some(), kind == Kind::Boolean),
        ("falseValues", words.false_values.is_some(), kind == Kind::Boolean),
    ] {
        if given && !fits {
            return Err(Fault::new(format!("is no word for a column of type {kind}")).of(word));
        }
    }
    if words.bare_number == Some(false) {
        let message = "only true is checked: numbers stand alone, without `$` or `%`";
        return Err(Fault::new(message).of("bareNumber"));
    }
    if words.decimal_places.is_some_and(|k| k > MOST_PLACES) {
        return Err(Fault::new(format!("at most {MOST_PLACES}")).of("decimalPlaces"));
    }
    Ok(())
}

fn form(words: &FieldWords, kind: Kind) -> Result<Form, Fault> {
    let format = words.format.as_deref().filter(|f| *f != "default");
    if let Some(format) = format {
        check_format(format, kind).map_err(|message| Fault::new(message).of("format"))?;
    }
    let single = |word: &str, given: &Option<String>| {
        let Some(text) = given.as_deref().filter(|text| !text.is_empty()) else { return Ok(None) };
        let mut letters = text.chars();
        match (letters.next(), letters.next()) {
            (mark, None) => Ok(mark),
            _ => Err(Fault::new(format!("{} is not one character", text::name(text))).of(word)),
        }
    };
    let decimal = single("decimalChar", &words.decimal_char)?.unwrap_or(Numerals::PLAIN.decimal());
    let group = single("groupChar", &words.group_char)?;
    let numerals = Numerals::new(decimal, group).map_err(|wrong| {
        let word = if words.group_char.is_some() { "groupChar" } else { "decimalChar" };
        Fault::new(wrong).of(word)
    })?;
    let form = Form::new(format, numerals);
    if kind != Kind::Boolean {
        return Ok(form);
    }
    let truths = Truths::new(words.true_values.clone(), words.false_values.clone());
    let word = if words.true_values.is_some() { "trueValues" } else { "falseValues" };
    Ok(form.with_truths(truths.map_err(|wrong| Fault::new(wrong).of(word))?))
}

/// Refuses a format that is no strptime pattern, or by which no cell could be read.
fn check_format(format: &str, kind: Kind) -> Result<(), String> {
    let shown = text::name(format);
    let dated = matches!(kind, Kind::Date | Kind::Datetime);
    if dated && format == "any" {
        return Err("`any` would guess, and day and month look alike; give the strptime pattern".to_owned());
    }
    if kind == Kind::String && matches!(format, "email" | "uri" | "uuid" | "binary" | "wkt") {
        return Err(format!(
            "{shown} is not checked by this version; say it by `pattern` under `constraints`"
        ));
    }
    if !dated || !format.contains('%') {
        return Err(format!("a format is a strptime pattern of a date or datetime, not {shown}"));
    }
    if Form::new(Some(format), Numerals::PLAIN).reads_its_own(kind) {
        Ok(())
    } else {
        Err(format!("{shown} reads no {kind}: it is no strptime pattern, lacks a part, or has a time zone"))
    }
}

fn check_example(
    example: &serde_json::Value,
    kind: Kind,
    form: &Form,
    constraints: &Constraints,
) -> Result<(), Fault> {
    let breach = match value_of(example, kind, form)? {
        Value::String(text) => constraints.breach_of_text(&text),
        value => constraints.breach_of_value(&value),
    };
    breach.map_or(Ok(()), |what| Err(Fault::new(format!("breaks the constraints: {what}"))))
}
