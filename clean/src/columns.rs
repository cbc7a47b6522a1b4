//! The columns of the raw table under the contract: from `schema.json`, or as `ingest` found them.

use std::collections::HashMap;

use common::checkpoint::Checkpoint;
use common::error::{Error, Result};
use common::schema::{Constraints, Contract, Field, Form, Kind, Numerals, Role};
use common::table::TableReader;
use common::text;
use serde::Deserialize;

use crate::keys::Key;
use crate::settings::{Settings, Split};
use crate::spelling::{FoundSource, Spelling, Spellings};
use crate::violations::Violations;

/// Name of the column that `clean` adds.
pub(crate) const SPLIT: &str = "split";

/// The parts of the split, and what lies between them.
const PARTS: [&str; 4] = ["train", "calibration", "test", "gap"];

/// One column: how its cells are read and what they must keep.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) field: Field,
    pub(crate) form: Form,
    /// Its own cells that stand for a missing value, in place of those of its spelling.
    pub(crate) missing: Option<Vec<String>>,
    pub(crate) constraints: Constraints,
}

/// All columns in the order of the raw table, and how values are written.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    pub(crate) columns: Vec<Rule>,
    pub(crate) spellings: Spellings,
    /// Columns that are the same in no two rows.
    pub(crate) keys: Vec<Key>,
}

/// What `ingest` records of the columns it found.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Found {
    types: Vec<FoundType>,
    null_tokens: Vec<String>,
    numerals: Numerals,
    sources: Vec<FoundSource>,
}

#[derive(Deserialize)]
struct FoundType {
    name: String,
    #[serde(rename = "type")]
    kind: Kind,
    /// strptime pattern of dates that are not in ISO 8601.
    format: Option<String>,
}

impl Rules {
    /// The rules for `raw`; a column that is missing or too many is a violation.
    pub(crate) fn new(settings: &Settings, raw: &Checkpoint, violations: &mut Violations) -> Result<Self> {
        let names: Vec<String> = match &raw.manifest {
            Some(manifest) => manifest.fields.iter().map(|f| f.name.clone()).collect(),
            None => TableReader::open_raw(raw, None)?.fields().iter().map(|f| f.name.clone()).collect(),
        };
        if let Some(name) = names.iter().find(|n| *n == SPLIT)
            && !matches!(&settings.split, Split::Column { column } if column == name)
        {
            violations.add_column(SPLIT, "is the name of the column that clean adds: split by it (`split = { column = \"split\" }`) or rename it");
        }
        let mut rules = match &settings.contract {
            Some(contract) => by_contract(contract, &names, violations),
            None => by_inference(raw, &names)?,
        };
        for (key, name) in settings.roles() {
            if !names.contains(&name) {
                let near = text::did_you_mean(&name, names.iter().map(String::as_str));
                violations.add_column(&name, &format!("{key} names it, and it is no column{near}"));
            }
        }
        for rule in &mut rules.columns {
            rule.field.role = settings.role_of(&rule.field.name);
            if rule.field.role == Role::Split {
                rule.field.kind = Kind::String;
                rule.constraints = std::mem::take(&mut rule.constraints).only(&PARTS);
            }
            rule.constraints.required |= matches!(rule.field.role, Role::Entity | Role::Time | Role::Split);
        }
        Ok(rules)
    }

    /// The fields of the raw columns, typed.
    pub(crate) fn fields(&self) -> Vec<Field> {
        self.columns.iter().map(|r| r.field.clone()).collect()
    }
}

impl Settings {
    /// Columns that the configuration names, with the key that names them.
    fn roles(&self) -> Vec<(&'static str, String)> {
        let time = self.time.iter().flat_map(|t| t.iter().map(|c| ("[project] time", c.to_owned())));
        let entity = self.entity.iter().map(|c| ("[project] entity", c.clone()));
        let split: Vec<String> = match &self.split {
            Split::Column { column } => vec![column.clone()],
            Split::Hash { key, .. } => key.clone(),
            _ => Vec::new(),
        };
        let target = self.target_columns.iter().map(|c| ("[project] target", c.clone()));
        target
            .chain(entity)
            .chain(time)
            .chain(self.named())
            .chain(split.into_iter().map(|c| ("[clean] split", c)))
            .collect()
    }

    fn role_of(&self, name: &str) -> Role {
        if self.entity.as_deref() == Some(name) {
            Role::Entity
        } else if self.time.as_ref().is_some_and(|t| t.iter().any(|c| c == name)) {
            Role::Time
        } else if matches!(&self.split, Split::Column { column } if column == name) {
            Role::Split
        } else {
            Role::Input
        }
    }
}

pub(crate) fn by_contract(contract: &Contract, names: &[String], violations: &mut Violations) -> Rules {
    let declared: HashMap<&str, _> = contract.fields.iter().map(|f| (f.name.as_str(), f)).collect();
    let positions: HashMap<&str, usize> = names.iter().map(String::as_str).zip(0..).collect();
    for field in contract.fields.iter().filter(|f| !positions.contains_key(f.name.as_str())) {
        let near = violations.near(&field.name, names.iter().map(String::as_str));
        violations.add_column(&field.name, &format!("not there; schema.json has it{near}"));
    }
    let mut columns = Vec::new();
    for name in names {
        let Some(field) = declared.get(name.as_str()) else {
            let near = violations.near(name, contract.fields.iter().map(|f| f.name.as_str()));
            violations.add_column(name, &format!("not in schema.json{near}"));
            continue;
        };
        let mut constraints = field.constraints.clone();
        constraints.required |= contract.primary_key.contains(name);
        columns.push(Rule {
            field: Field::new(name, field.kind, Role::Input).with_decimals(field.decimal_places),
            form: field.form().clone(),
            missing: field.missing_values.clone(),
            constraints,
        });
    }
    let spellings = Spellings::one(contract.missing_values.clone(), Numerals::PLAIN);
    let keys = Key::all(contract, &columns);
    Rules { columns, spellings, keys }
}

fn by_inference(raw: &Checkpoint, names: &[String]) -> Result<Rules> {
    let found = match &raw.manifest {
        Some(manifest) => Found::deserialize(&manifest.found).map_err(|e| {
            Error::checkpoint(format!("its manifest does not say what types were found: {e}")).at(&raw.path)
        })?,
        None => return by_hand(raw),
    };
    let base = Spelling { missing: found.null_tokens, numerals: found.numerals };
    let spellings = Spellings::found(base, found.sources, raw)?;
    let columns = names.iter().map(|name| {
        let column = found.types.iter().find(|t| t.name == *name);
        let form = Form::new(column.and_then(|t| t.format.as_deref()), spellings.base());
        plain(name, column.map_or(Kind::String, |t| t.kind), form)
    });
    Ok(Rules { columns: columns.collect(), spellings, keys: Vec::new() })
}

/// A table without manifest: its own types, the empty cell missing.
fn by_hand(raw: &Checkpoint) -> Result<Rules> {
    let reader = TableReader::open(raw, None)?;
    let columns = reader.fields().iter().map(|f| plain(&f.name, f.kind, Form::PLAIN)).collect();
    let spellings = Spellings::one(vec![String::new()], Numerals::PLAIN);
    Ok(Rules { columns, spellings, keys: Vec::new() })
}

pub(crate) fn plain(name: &str, kind: Kind, form: Form) -> Rule {
    let field = Field::new(name, kind, Role::Input);
    Rule { field, form, missing: None, constraints: Constraints::default() }
}
