//! `pipeline.toml`: one file for people, one section a stage.
//!
//! An unknown key, a mistyped value or an unknown section is refused with its line and the nearest
//! name. Each stage owns the type of its own section; here are the keys they share.

mod period;
mod place;
mod span;
mod time;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use formula::Expressions;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use toml::Spanned;

pub use period::{PeriodLength, deserialize_auto};
pub(crate) use span::Length;
pub use span::Span;
pub use time::{MOST_PARTS, Scalar, TimeColumns};

use crate::cli::CommonArgs;
use crate::error::{Class, Error, Result};
use crate::text;

/// Sections that `pipeline.toml` may hold.
pub const SECTIONS: [&str; 10] =
    ["project", "ingest", "clean", "features", "train", "evaluate", "gates", "report", "monitor", "notify"];

/// Largest configuration read, in bytes.
const LARGEST: u64 = 1 << 20;

/// Section `[project]`: the keys that several stages share.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ProjectSection {
    /// Title in the report.
    #[serde(default = "default_name")]
    pub name: String,
    /// The column whose value is predicted.
    pub target: String,
    /// Rows ahead, within the entity, at which the target is taken; 0 predicts the row's own value.
    #[serde(default)]
    pub horizon: u32,
    /// What is predicted of the rows up to the horizon.
    #[serde(default)]
    pub target_statistic: TargetStatistic,
    /// The group that rows belong to (city, ticker); absent for a plain table.
    #[serde(default)]
    pub entity: Option<String>,
    /// The column, or the columns from year downwards, that order rows; absent for a plain table.
    #[serde(default)]
    pub time: Option<TimeColumns>,
}

/// What is predicted of the rows up to the horizon.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TargetStatistic {
    /// The value at the horizon.
    #[default]
    Value,
    /// The mean of all values from the next row up to the horizon.
    Mean,
}

impl ProjectSection {
    /// The column of the features table that holds what is predicted.
    #[must_use]
    pub fn target_column(&self) -> String {
        let Self { target, horizon, target_statistic, .. } = self;
        match (horizon, target_statistic) {
            (0, _) => target.clone(),
            (_, TargetStatistic::Value) => format!("{target}_ahead_{horizon}"),
            (_, TargetStatistic::Mean) => format!("{target}_mean_next_{horizon}"),
        }
    }
}

fn default_name() -> String {
    "Untitled".to_owned()
}

/// A configuration file that was read and whose outline is known good.
pub struct Config {
    path: PathBuf,
    text: String,
    sections: toml::Table,
}

/// Reads the configuration named by `args`.
///
/// # Errors
/// [`Class::Usage`] with file and line.
pub fn load(args: &CommonArgs) -> Result<Config> {
    Config::read(&args.config_path())
}

/// As [`load`], for programs that need no configuration: without any section where the project has none.
///
/// # Errors
/// As [`load`].
pub fn load_if_there(args: &CommonArgs) -> Result<Config> {
    let path = args.config_path();
    if args.config.is_none() && !path.exists() {
        return Ok(Config { path, text: String::new(), sections: toml::Table::new() });
    }
    Config::read(&path)
}

impl Config {
    /// Reads and checks the outline of a configuration file.
    ///
    /// # Errors
    /// [`Class::Usage`] with file and line: not there, not TOML, an unknown section.
    pub fn read(path: &Path) -> Result<Self> {
        let unreadable = |e: &std::io::Error| {
            Error::usage(format!("cannot read the configuration: {}", crate::error::reason(e))).at(path)
        };
        let meta = path.metadata().map_err(|e| unreadable(&e))?;
        if !meta.is_file() || meta.len() > LARGEST {
            return Err(Error::usage("a configuration is a regular file of at most 1 MiB").at(path));
        }
        let text = std::fs::read_to_string(path).map_err(|e| unreadable(&e))?;
        let sections: toml::Table = toml::from_str(&text).map_err(|e| explain(path, &text, &e))?;
        let config = Self { path: path.to_path_buf(), text, sections };
        config.check_outline()?;
        Ok(config)
    }

    fn check_outline(&self) -> Result<()> {
        for (key, value) in &self.sections {
            let line = self.line_of(key);
            if !SECTIONS.contains(&key.as_str()) {
                let near = text::did_you_mean(key, SECTIONS);
                return Err(Error::usage(format!("unknown section {}{near}", text::name(key)))
                    .at_line(&self.path, line));
            }
            if !value.is_table() {
                return Err(Error::usage(format!("{} must be a section, `[{key}]`", text::name(key)))
                    .at_line(&self.path, line));
            }
        }
        Ok(())
    }

    /// The line on which a top-level key first stands.
    fn line_of(&self, key: &str) -> u64 {
        type Keys = std::collections::BTreeMap<Spanned<String>, toml::Value>;
        let at = toml::from_str::<Keys>(&self.text)
            .ok()
            .and_then(|keys| keys.keys().find(|k| k.as_ref() == key).map(|k| k.span().start));
        line_at(&self.text, at.unwrap_or(0))
    }

    /// The section `name` as `T`; an absent section is read as an empty one.
    ///
    /// # Errors
    /// [`Class::Usage`] with file, line, and the nearest name where a key is unknown.
    pub fn section<T: DeserializeOwned>(&self, name: &str) -> Result<T> {
        if !self.sections.contains_key(name) {
            return toml::from_str("").map_err(|e| {
                Error::usage(format!("section `[{name}]` is missing: {}", e.message())).at(&self.path)
            });
        }
        // Only the section asked for is typed; the others are skipped, but keep their lines.
        let one = OneSection::<T>::parse(&self.text, name);
        one.map_err(|e| explain(&self.path, &self.text, &e))
    }

    /// The shared section.
    ///
    /// # Errors
    /// As [`Config::section`].
    pub fn project(&self) -> Result<ProjectSection> {
        let project: ProjectSection = self.section("project")?;
        if let Some(time) = &project.time {
            time.check().map_err(|m| self.invalid("project", "time", &m))?;
        }
        for (key, column) in [("target", Some(&project.target)), ("entity", project.entity.as_ref())] {
            if column.is_some_and(|c| c.trim().is_empty()) {
                return Err(self.invalid("project", key, "must name a column"));
            }
        }
        Ok(project)
    }

    /// Row-wise expressions of `[features]`: the target may be one of them, so `clean` needs to know which columns
    /// it is made of.
    ///
    /// # Errors
    /// [`Class::Usage`] with the line, and the character of the fault.
    pub fn expressions(&self) -> Result<Expressions> {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Only {
            expressions: BTreeMap<String, String>,
        }
        let texts = self.section::<Only>("features")?.expressions;
        Expressions::parse(&texts).map_err(|(name, fault)| {
            let message = format!("expressions: {}: {fault}", text::name(&name));
            self.invalid_near("features", "expressions", &name, &message)
        })
    }

    /// Columns that `[evaluate]` tells errors apart by: `feature-engineer` carries them through its table.
    ///
    /// # Errors
    /// [`Class::Usage`] with the line: no name, or one twice.
    pub fn segments(&self) -> Result<Vec<String>> {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Only {
            segments: Vec<String>,
        }
        let names = self.section::<Only>("evaluate")?.segments;
        let is_wrong = |(i, name): (usize, &String)| name.trim().is_empty() || names[..i].contains(name);
        if names.iter().enumerate().any(is_wrong) {
            return Err(self.invalid("evaluate", "segments", "column names must be different and not empty"));
        }
        Ok(names)
    }

    /// As [`Config::invalid`], for a value in a list under `key`: the line is that which holds `near`.
    #[must_use]
    pub fn invalid_near(&self, section: &str, key: &str, near: &str, message: &str) -> Error {
        let first = key_line(&self.text, section, key);
        let lines = self.text.lines().zip(1u64..).filter(|(_, number)| *number >= first);
        let line =
            lines.into_iter().find(|(text, _)| text.contains(near)).map_or(first, |(_, number)| number);
        Error::new(Class::Usage, format!("[{section}] {message}")).at_line(&self.path, line)
    }

    /// A value that has the right type and is still wrong, with the line of its key.
    #[must_use]
    pub fn invalid(&self, section: &str, key: &str, message: &str) -> Error {
        Error::new(Class::Usage, format!("[{section}] {key}: {message}"))
            .at_line(&self.path, key_line(&self.text, section, key))
    }
}

/// The one typed section of a document whose other sections are skipped.
struct OneSection<T>(std::marker::PhantomData<T>);

impl<T: DeserializeOwned> OneSection<T> {
    fn parse(text: &str, name: &str) -> std::result::Result<T, toml::de::Error> {
        struct Seed<'a, T>(&'a str, std::marker::PhantomData<T>);
        impl<'de, T: DeserializeOwned> serde::de::Visitor<'de> for Seed<'_, T> {
            type Value = Option<T>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("sections")
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                mut map: A,
            ) -> std::result::Result<Self::Value, A::Error> {
                let mut found = None;
                while let Some(key) = map.next_key::<String>()? {
                    if key == self.0 {
                        found = Some(map.next_value::<T>()?);
                    } else {
                        map.next_value::<serde::de::IgnoredAny>()?;
                    }
                }
                Ok(found)
            }
        }
        use serde::Deserializer as _;
        let document = toml::Deserializer::parse(text)?;
        let found = document.deserialize_map(Seed(name, std::marker::PhantomData))?;
        found.ok_or_else(|| serde::de::Error::custom(format!("section [{name}] is missing")))
    }
}

/// A TOML error as one line: place, what was found, the nearest name for an unknown key.
fn explain(path: &Path, document: &str, error: &toml::de::Error) -> Error {
    let message = error.message();
    // serde's own wording: unknown field `x`, expected one of `a`, `b`.
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let text = match quoted.as_slice() {
        [wrong, known @ ..] if message.starts_with("unknown field") => {
            let near = text::did_you_mean(wrong, known.iter().copied());
            format!("unknown key {}{near}; known keys: {}", text::name(wrong), known.join(", "))
        }
        [wrong, known @ ..] if message.starts_with("unknown variant") => {
            let near = text::did_you_mean(wrong, known.iter().copied());
            format!("unknown value {}{near}; known values: {}", text::name(wrong), known.join(", "))
        }
        _ => message.to_owned(),
    };
    let error_out = Error::usage(text);
    match error.span() {
        Some(span) => error_out.at_line(path, line_at(document, span.start)),
        None => error_out.at(path),
    }
}

fn line_at(text: &str, offset: usize) -> u64 {
    1 + text.as_bytes()[..offset.min(text.len())].split(|b| *b == b'\n').skip(1).count() as u64
}

/// The line of `key` in `[section]`, found on the text; the section's own line where it is not.
fn key_line(text: &str, section: &str, key: &str) -> u64 {
    let mut inside = false;
    let mut header = 1;
    for (line, number) in text.lines().zip(1u64..) {
        let line = line.trim_start();
        if line.starts_with('[') {
            inside = line.trim_start_matches('[').starts_with(section);
            if inside {
                header = number;
            }
        } else if inside && line.split('=').next().is_some_and(|k| k.trim() == key) {
            return number;
        }
    }
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Section {
        #[serde(default)]
        test_from: Option<String>,
    }

    fn config(text: &str) -> Result<Config> {
        let file = std::env::temp_dir().join(format!("config-{:?}.toml", std::thread::current().id()));
        std::fs::write(&file, text).unwrap();
        Config::read(&file)
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line_and_the_nearest_name() {
        let error = config("[project]\ntarget = \"y\"\n\n[clean]\ntset_from = \"2010\"\n")
            .unwrap()
            .section::<Section>("clean")
            .unwrap_err();
        assert!(
            error.to_string().contains(".toml:5: unknown key `tset_from` (did you mean `test_from`?)"),
            "{error}"
        );
        assert_eq!(error.class().exit_code(), 2);
    }

    #[test]
    fn a_mistyped_value_is_named_with_its_line() {
        let error =
            config("[clean]\n# a comment\ntest_from = 5\n").unwrap().section::<Section>("clean").unwrap_err();
        assert!(error.to_string().contains(".toml:3: "), "{error}");
    }

    #[test]
    fn an_unknown_section_is_named_with_its_line_and_the_nearest_name() {
        let error = config("[project]\ntarget = \"y\"\n[claen]\n").err().unwrap();
        assert!(
            error.to_string().contains(".toml:3: unknown section `claen` (did you mean `clean`?)"),
            "{error}"
        );
    }

    #[test]
    fn a_repeated_key_is_refused_with_its_line() {
        let error = config("[clean]\ntest_from = \"a\"\ntest_from = \"b\"\n").err().unwrap();
        assert!(error.to_string().contains(".toml:3: "), "{error}");
    }

    #[test]
    fn an_absent_section_reads_as_empty() {
        assert!(config("").unwrap().section::<Section>("clean").unwrap().test_from.is_none());
    }
}
