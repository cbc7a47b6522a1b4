//! What a template can name: the whole of `metrics.json`, and the generated sections.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use minijinja::Value;
use minijinja::value::{Enumerator, Object, Serde};

use crate::facts::Facts;
use crate::sections;

/// A generated section: printed whole, or by `title` and `body`. Markdown already.
#[derive(Debug)]
pub(super) struct Section {
    /// The heading with its marks, and without.
    heading: String,
    title: String,
    body: String,
}

impl Section {
    fn new(paragraphs: &[String]) -> Self {
        let (heading, rest) = match paragraphs.split_first() {
            Some((first, rest)) if first.starts_with('#') => (first.clone(), rest),
            _ => (String::new(), paragraphs),
        };
        let title = heading.trim_start_matches('#').trim_start().to_owned();
        Self { heading, title, body: rest.join("\n\n") }
    }
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let gap = if self.heading.is_empty() || self.body.is_empty() { "" } else { "\n\n" };
        write!(f, "{}{gap}{}", self.heading, self.body)
    }
}

impl Object for Section {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str()? {
            "title" => Some(Value::from_safe_string(self.title.clone())),
            "body" => Some(Value::from_safe_string(self.body.clone())),
            _ => None,
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Str(&["title", "body"])
    }

    /// `{% if sections.forecast %}`: whether there is anything to say.
    fn is_true(self: &Arc<Self>) -> bool {
        !(self.heading.is_empty() && self.body.is_empty())
    }
}

/// Everything by its name.
pub(super) fn of(facts: &Facts) -> Value {
    let mut all: BTreeMap<String, Value> = BTreeMap::new();
    let raw = with_persistence(&facts.raw);
    for (name, value) in raw.as_object().into_iter().flatten() {
        all.insert(name.clone(), Value::from(Serde(value)));
    }
    let sections = sections::all(facts).into_iter();
    let sections: BTreeMap<&str, Value> =
        sections.map(|(name, paragraphs)| (name, Value::from_object(Section::new(&paragraphs)))).collect();
    all.insert("sections".to_owned(), Value::from(sections));
    let settings = &facts.settings;
    all.insert("project".to_owned(), Value::from(settings.project.as_str()));
    all.insert("title".to_owned(), Value::from(settings.title.as_str()));
    all.insert("author".to_owned(), settings.author.as_deref().map_or(Value::from(()), Value::from));
    Value::from(all)
}

/// The metrics, where persistence is none in a table without time: a template can ask whether there is one.
fn with_persistence(raw: &serde_json::Value) -> serde_json::Value {
    let mut all = raw.clone();
    for group in ["improvement", "baselines"] {
        if let Some(group) = all.get_mut(group).and_then(serde_json::Value::as_object_mut) {
            group.entry("persistence").or_insert(serde_json::Value::Null);
        }
    }
    all
}

/// The same names as JSON, for finding the nearest one.
pub(super) fn names(facts: &Facts) -> serde_json::Value {
    let mut all = with_persistence(&facts.raw);
    let parts = serde_json::json!({ "title": "", "body": "" });
    let sections: serde_json::Map<String, serde_json::Value> =
        sections::names().map(|name| (name.to_owned(), parts.clone())).collect();
    for (name, value) in [
        ("sections", serde_json::Value::Object(sections)),
        ("project", serde_json::Value::Null),
        ("title", serde_json::Value::Null),
        ("author", serde_json::Value::Null),
    ] {
        all[name] = value;
    }
    all
}
