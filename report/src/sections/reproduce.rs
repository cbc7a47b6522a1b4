//! How to get the same bytes again.

use crate::facts::Facts;
use crate::forecast::State;
use crate::table::Table;
use crate::{escape, words};

/// The section.
pub(crate) fn write(facts: &Facts) -> Vec<String> {
    let shown = facts.forecast.as_ref().is_some_and(|forecast| matches!(forecast.state, State::Current(_)));
    let commands = if shown { "`make predict` and then `make report`" } else { "`make report`" };
    let mut out = vec!["## How to reproduce this".to_owned()];
    let published = if facts.published.is_some() {
        ", configuration and published versions"
    } else {
        " and configuration"
    };
    out.push(format!(
        "{commands} in the folder of project {}, with the same raw files{published}, {} the generated part of this report byte for byte, but for the line under its title, which says how far the report has come. Hashes are SHA-256.",
        escape::quoted(&facts.settings.project),
        if shown { "give" } else { "gives" }
    ));
    let mut files = Table::new(&["File", "Hash"]);
    let features = facts.metrics.inputs.iter().filter(|f| f.sha256 != facts.model_record().sha256);
    for file in features
        .chain([facts.model_record()])
        .chain(facts.inputs().iter().filter(|f| *f != facts.model_record()))
    {
        files.row([escape::text(&file.name), code(&file.sha256)]);
    }
    out.push(files.render());
    let mut programs = Table::new(&["Program", "Version", "Hash of its configuration"]);
    for program in &facts.programs {
        programs.row([
            program.name.clone(),
            program.version.as_ref().map_or_else(|| "–".to_owned(), |version| escape::text(version)),
            program.config.as_deref().map_or_else(|| "–".to_owned(), code),
        ]);
    }
    out.push(programs.render());
    let unknown: Vec<String> =
        facts.programs.iter().filter(|p| p.config.is_none()).map(|p| format!("`{}`", p.name)).collect();
    if !unknown.is_empty() {
        out.push(format!(
            "The configuration of {} is not known here: no manifest of the file that was read says it.",
            words::joined(&unknown)
        ));
    }
    out
}

/// A hash as a code span: nothing but what a hash is made of.
fn code(hash: &str) -> String {
    let digits: String = hash.chars().filter(char::is_ascii_hexdigit).take(64).collect();
    format!("`{digits}`")
}
