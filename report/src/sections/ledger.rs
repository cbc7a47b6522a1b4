//! Where every row went.

use common::ledger::{Parts, Step};

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
    let mut table = Table::new(&["", "Stage", ">Rows"]);
    table.row(["read".to_owned(), escape::text(&first.stage), number::count(first.rows_in)]);
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

/// What a stage took away; reasons with no rows are left out.
fn less(table: &mut Table, step: &Step) {
    for (how, reasons) in [("dropped", &step.dropped), ("kept apart", &step.apart)] {
        for (reason, rows) in reasons.iter().filter(|(_, rows)| **rows > 0) {
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
        "rejected" => "broken records, kept with line and text in the file of rejects".to_owned(),
        "duplicate" => "equal to an earlier row in every cell".to_owned(),
        "without_target" => "the target is missing".to_owned(),
        "purged" => "the target lies in a later part of the split".to_owned(),
        "not_yet_known" => "the target is not known yet".to_owned(),
        other => escape::text(&other.replace('_', " ")),
    }
}

fn of_parts(parts: &Parts) -> [(&'static str, u64); 3] {
    [("for training", parts.train), ("for calibration", parts.calibration), ("for the test", parts.test)]
}
