//! The template of the report: its own words, with room for what is generated and for what the analyst writes.
//!
//! Data are values and never template text. Whatever a template prints is escaped as Markdown, but for the sections,
//! which are Markdown already. A template can neither read files nor run for long.

mod context;
mod fault;
mod markers;
mod source;
mod tags;

use std::path::PathBuf;

use common::error::{Error, Result};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Kwargs, Rest};
use minijinja::{AutoEscape, Environment, ErrorKind, Output, State, UndefinedBehavior, Value};

use serde_json::Value as Json;

use crate::facts::Facts;
use crate::filters;

pub(crate) use source::{Source, load};

/// The report's skeleton where the project has none of its own.
pub(crate) const BUILT_IN: &str = include_str!("template/report.md");
/// What a template may use up: one for each step and each 64 bytes it makes, so 32 MB of text at most.
const STEPS: u64 = 500_000;

/// A template that was read and whose blocks are known good.
pub(crate) struct Template {
    /// Where it stands; for the one built in a name that says so.
    path: PathBuf,
    text: String,
}

/// How a template's errors are made from those of the engine.
type Outcome<T> = std::result::Result<T, minijinja::Error>;

impl Template {
    /// The one built in.
    pub(crate) fn built_in() -> Self {
        Self { path: PathBuf::from("built-in template"), text: BUILT_IN.to_owned() }
    }

    /// One of the project.
    ///
    /// # Errors
    /// [`common::Class::Usage`] with file and line: no template, a block that is not closed, or there twice.
    pub(crate) fn new(source: &Source) -> Result<Self> {
        let text = source.text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
        let text = tags::with_line_ends(&text);
        let path = PathBuf::from(&source.path);
        environment()
            .template_from_named_str("template", &text)
            .map_err(|e| fault::explain(&path, &text, || Json::Null, &e))?;
        markers::check(&text).map_err(|(line, why)| Error::usage(why).at_line(&path, line))?;
        Ok(Self { path, text })
    }

    /// The draft.
    ///
    /// # Errors
    /// [`common::Class::Usage`] with file and line: not a template, a name that nothing has, too long a run.
    pub(crate) fn render(&self, facts: &Facts) -> Result<String> {
        let failed = |error: &minijinja::Error| {
            fault::explain(&self.path, &self.text, || context::names(facts), error)
        };
        let environment = environment();
        let template = environment.template_from_named_str("template", &self.text).map_err(|e| failed(&e))?;
        let draft = template.render(context::of(facts)).map_err(|e| failed(&e))?;
        // What a loop or a condition makes of the blocks is seen here only.
        markers::check(&draft).map_err(|(line, why)| {
            let made = usize::try_from(line).ok().and_then(|line| draft.lines().nth(line.saturating_sub(1)));
            let origin = made.and_then(|made| tags::origin(&self.text, made));
            let glued = origin.map_or("", |(_, glued)| glued);
            let error =
                Error::usage(format!("the draft it makes is not one: line {line} of it: {why}{glued}"));
            match origin {
                Some((line, _)) => error.at_line(&self.path, line),
                None => error.at(&self.path),
            }
        })?;
        Ok(markers::without_empty_blocks(&draft))
    }
}

/// The engine with our filters alone: none that would let data be markup, read files or make long texts.
fn environment() -> Environment<'static> {
    let mut env = Environment::empty();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_fuel(Some(STEPS));
    env.set_debug(true);
    // A line with a tag alone leaves no line.
    if let Ok(syntax) =
        SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build()
    {
        env.set_syntax(syntax);
    }
    env.set_auto_escape_callback(|_| AutoEscape::Custom("markdown".into()));
    env.set_formatter(print);
    for name in filters::NAMES {
        env.add_filter(name, move |value: &Value, rest: Rest<usize>| filter(name, value, &rest));
    }
    env.add_filter("length", minijinja::filters::length);
    env.add_filter("first", minijinja::filters::first);
    env.add_filter("last", minijinja::filters::last);
    env.add_filter("items", minijinja::filters::items);
    env.add_filter("reverse", minijinja::filters::reverse);
    env.add_filter("abs", minijinja::filters::abs);
    env.add_filter("sort", |state: &State, value: Value, how: Kwargs| {
        minijinja::filters::sort(state, value, how)
    });
    env.add_filter("default", |value: &Value, other: &Value| {
        if value.is_undefined() || value.is_none() { other.clone() } else { value.clone() }
    });
    env.add_test("defined", minijinja::tests::is_defined);
    env.add_test("undefined", minijinja::tests::is_undefined);
    env.add_test("none", minijinja::tests::is_none);
    env.add_test("number", minijinja::tests::is_number);
    env
}

fn filter(name: &str, value: &Value, rest: &[usize]) -> Outcome<Value> {
    if value.is_undefined() {
        return Err(ErrorKind::UndefinedError.into());
    }
    if rest.len() > 1 {
        return Err(ErrorKind::TooManyArguments.into());
    }
    filters::apply(name, value, rest.first().copied())
        .map(Value::from_safe_string)
        .map_err(|why| minijinja::Error::new(ErrorKind::InvalidOperation, why))
}

/// How a value is printed: sections as they are, all else escaped.
fn print(out: &mut Output, _: &mut State, value: &Value) -> Outcome<()> {
    if value.is_undefined() {
        return Err(ErrorKind::UndefinedError.into());
    }
    let text = match value.downcast_object_ref::<context::Section>() {
        Some(section) => section.to_string(),
        None => {
            filters::plain(value).map_err(|why| minijinja::Error::new(ErrorKind::InvalidOperation, why))?
        }
    };
    out.write_str(&text).map_err(minijinja::Error::from)
}
