//! Where every row went.

use common::ledger::{Parts, REJECTED, Read, Step};

use crate::facts::Facts;
use crate::table::Table;
use crate::{escape, number};

/// The section.
pub(crate) fn write(facts: &Facts) -> Vec<String> {
    let steps = &facts.metrics.ledger.0;
    let mut out = vec!["## Where every row went".to_owned()];
    let (Some(first), Some(last)) = (steps.first(), steps.last()) else {
        out.push("There is no row ledger: the features table was made by hand.".to_owned());
        return out;
    };
    out.extend(first.read.as_ref().map(bytes));
    let mut table = Table::new(&["", "Stage", if first.read.is_some() { ">Count" } else { ">Rows" }]);
    match &first.read {
        Some(read) => lines(&mut table, first, read),
        None => table.row(["read".to_owned(), escape::text(&first.stage), number::count(first.rows_in)]),
    }
    for step in steps {
        less(&mut table, step);
    }
    table.row([
        "**left to fit and to test**".to_owned(),
        escape::text(&last.stage),
        format!("**{}**", number::count(last.rows_out)),
    ]);
    for (name, rows) in last.parts.iter().flat_map(of_parts) {
        table.row([format!("of these {name}"), String::new(), number::count(rows)]);
    }
    out.push(table.render());
    out
}

/// How much was read, and how much of it were rows.
fn bytes(read: &Read) -> String {
    let mut was = String::new();
    if read.inflated_bytes != read.bytes {
        was = format!(" ({} once inflated)", number::count(read.inflated_bytes));
    }
    if read.text_bytes != read.inflated_bytes {
        was += &format!(" ({} as UTF-8)", number::count(read.text_bytes));
    }
    let other = read.text_bytes.saturating_sub(read.rows.bytes);
    format!(
        "{} of {}{was} {} read to the last byte: {} are rows, {} are headers and all else that is no row.",
        number::counted(read.sources, "source"),
        number::counted(read.bytes, "byte"),
        if read.sources == 1 { "was" } else { "were" },
        number::counted(read.rows.bytes, "byte"),
        number::count(other),
    )
}

/// From lines to rows; kinds of lines that there are none of are left out.
fn lines(table: &mut Table, step: &Step, read: &Read) {
    let stage = escape::text(&step.stage);
    table.row(["lines read".to_owned(), stage.clone(), number::count(read.lines)]);
    for (what, lines) in [
        ("skipped before the header", read.skipped.lines),
        ("headers", read.header.lines),
        ("blank lines", read.blank.lines),
        ("comments", read.comments.lines),
        ("skipped after the last row", read.footer.lines),
        ("broken records, kept with line and text in the file of rejects", read.rejected.lines),
        ("further lines of rows that span several", read.extra_lines),
    ] {
        if lines > 0 {
            table.row([format!("no row: {what}"), stage.clone(), format!("−{}", number::count(lines))]);
        }
    }
    table.row(["**rows read**".to_owned(), stage, format!("**{}**", number::count(step.rows_out))]);
}

/// What a stage took away; reasons with no rows are left out, and lines that were told of before.
fn less(table: &mut Table, step: &Step) {
    let told = |reason: &str| step.read.is_some() && reason == REJECTED;
    for (how, reasons) in [("dropped", &step.dropped), ("kept apart", &step.apart)] {
        for (reason, rows) in reasons.iter().filter(|(reason, rows)| **rows > 0 && !told(reason)) {
            table.row([
                format!("{how}: {}", why(reason)),
                escape::text(&step.stage),
                format!("−{}", number::count(*rows)),
            ]);
        }
    }
}

/// A reason in words; one that is not known here speaks for itself.
fn why(reason: &str) -> String {
    match reason {
        REJECTED => "broken records, kept with line and text in the file of rejects".to_owned(),
        "duplicate" => "equal to another row in every cell".to_owned(),
        "duplicate_key" => "another row has the same key".to_owned(),
        "gap" => "between the parts of the split".to_owned(),
        "without_target" => "the target is missing".to_owned(),
        "purged" => "the target lies in a later part of the split".to_owned(),
        "not_yet_known" => "the target is not known yet".to_owned(),
        other => escape::text(&other.replace('_', " ")),
    }
}

fn of_parts(parts: &Parts) -> Vec<(&'static str, u64)> {
    let mut all = vec![
        ("for training", parts.train),
        ("for calibration", parts.calibration),
        ("for the test", parts.test),
    ];
    if parts.gap > 0 {
        all.push(("between the parts, used as history only", parts.gap));
    }
    all
}
