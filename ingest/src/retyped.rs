//! Columns that hold another type in one source than in those before it.

use common::schema::Kind;
use common::{Class, Error, Result, text};

use crate::place::Place;
use crate::profile::Profile;
use crate::settings::{Settings, Union};
use crate::sources::Source;
use crate::survey::Survey;

/// Most sources listed.
const MOST_LISTED: usize = 10;

/// What was found so far.
pub(crate) struct Retyped<'a> {
    sources: &'a [Source],
    /// Columns of the table whose type nobody gave, and what the sources hold that agree.
    watched: Vec<(usize, &'a String, Profile)>,
    first: Vec<Clash>,
    count: u64,
}

/// A source that does not agree.
struct Clash {
    source: usize,
    line: u64,
    message: String,
}

impl<'a> Retyped<'a> {
    pub(crate) fn new(sources: &'a [Source], survey: &'a Survey, settings: &'a Settings) -> Self {
        let is_free = |name: &str| !settings.types.contains_key(name) && !settings.contracted.contains(name);
        let columns = survey.columns.iter().enumerate().filter(|(_, name)| is_free(name));
        let watched = match settings.union {
            Union::Fill => Vec::new(),
            Union::Strict if sources.len() == 1 => Vec::new(),
            Union::Strict => columns.map(|(i, name)| (i, name, Profile::default())).collect(),
        };
        Self { sources, watched, first: Vec::new(), count: 0 }
    }

    /// Compares what source number `source` holds with the sources before it.
    pub(crate) fn check(&mut self, found: &[Profile], source: usize) {
        for (column, name, agreed) in &mut self.watched {
            let Some(now) = found.get(*column) else { continue };
            if !agreed.clashes_with(now) {
                agreed.merge(now);
                continue;
            }
            self.count += 1;
            if self.first.len() < MOST_LISTED {
                let place = |profile: &Profile| Place::of_packed(profile.first().unwrap_or_default());
                // Of numbers among which is a text, the text is the place.
                let odd = now.found().first(now.kind()).unwrap_or_else(|| now.first().unwrap_or_default());
                let before = self.sources.get(place(agreed).source).map(|s| text::path(&s.shown));
                let message = format!(
                    "column {} holds {}, but {} in {}",
                    text::name(name),
                    held(now),
                    held(agreed),
                    before.unwrap_or_default()
                );
                self.first.push(Clash { source, line: Place::of_packed(odd).line, message });
            }
        }
    }

    /// Ends the run where any column changed its type.
    ///
    /// # Errors
    /// [`Class::Refused`] by source, line and column.
    pub(crate) fn refuse(&self) -> Result<()> {
        let Some(first) = self.first.first() else { return Ok(()) };
        let more = match self.count {
            1 => String::new(),
            n => format!("; {n} such columns in all"),
        };
        let message = format!(
            "{}{more}; give the type in `types` of [ingest] or in schema.json, or take both with `union = \"fill\"`",
            first.message
        );
        let shown = |clash: &Clash| &self.sources[clash.source].shown;
        let others = self.first.iter().skip(1);
        let others = others.map(|c| format!("{}:{}: {}", text::path(shown(c)), c.line, c.message)).collect();
        Err(Error::new(Class::Refused, message).at_line(shown(first), first.line).with_details(others))
    }
}

/// What a column holds, in words.
fn held(profile: &Profile) -> String {
    let word = match profile.kind() {
        Kind::String => "text",
        Kind::Integer => "integers",
        Kind::Number => "numbers",
        Kind::Boolean => "truth values",
        Kind::Date => "dates",
        Kind::Datetime => "times",
    };
    match profile.found().format() {
        Some(format) => format!("{word} like {format}"),
        None => word.to_owned(),
    }
}
