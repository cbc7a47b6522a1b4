//! Numbers in an analyst's text, as they are written and where they are not read.

use super::desk::Desk;
use super::support::{stage, write};
use super::{REPORT, report};

/// A report whose mean absolute error is 8,838, with this text in it; after it became 9,120.
fn moved(mine: &str) -> Desk {
    let desk = Desk::new();
    desk.numbers(8_838.0).run();
    desk.edit("[TODO", &format!("{mine}\n\n[TODO")).run();
    assert!(!desk.text().contains("stale:"), "{}", desk.text());
    desk.numbers(9_120.0).run();
    desk
}

#[test]
fn a_number_is_known_in_all_its_forms() {
    let forms = [
        ("US$8,838", "US\\$9,120"),
        ("USD 8,838", "USD 9,120"),
        ("8,838$", "9,120\\$"),
        ("8,838 $", "9,120 \\$"),
        ("EUR8,838", "EUR9,120"),
        ("€8,838", "€9,120"),
        ("8 838", "9 120"),
        ("8'838", "9'120"),
        ("≈8,838", "9,120"),
        ("~8,838", "9,120"),
        ("1.2/8,838", "9,120"),
    ];
    let one = |(i, (form, _)): (usize, &(&str, &str))| {
        format!("{}. sentence: it misses by {form} on average.", "x".repeat(i + 1))
    };
    let mine: Vec<String> = forms.iter().enumerate().map(one).collect();
    let desk = moved(&mine.join("\n\n"));
    let text = desk.text();
    for (mine, (_, now)) in mine.iter().zip(forms) {
        let after = text.split(&format!("{mine}\n")).nth(1).unwrap();
        let note = after.split("<!-- millrace:end stale:").next().unwrap();
        assert!(
            note.starts_with("\n<!-- millrace:begin stale:") && note.contains(&format!("it is {now} now.")),
            "{mine}: {note}"
        );
    }
    assert_eq!(text.matches("begin stale:").count(), forms.len());
}

#[test]
fn no_note_is_put_into_comments_nor_for_code() {
    let mine = "<!-- for later:\n\nIt misses by 8,838 on average.\n\nAnd more. -->\n\n    It misses by 8,838 on average.\n\n\
                [^a]: Of old:\n\n    it misses by 8,838 on average.\n\n    And more.";
    let desk = moved(mine);
    let text = desk.text();
    // One note, behind the whole of the footnote.
    assert_eq!(text.matches("begin stale:").count(), 1, "{text}");
    assert!(text.contains(&format!("{mine}\n\n<!-- millrace:begin stale:")), "{text}");
}

#[test]
fn references_in_headings_and_links_are_filled() {
    let desk = Desk::new();
    let mine =
        "## Off by {{ test.mae }}\n\nSee [the error of {{ test.mae }}](#off-by) and **{{ test.n }} rows**.\n";
    write(desk.path(REPORT), mine);
    report(desk.folder()).success();
    let run = stage("report").arg("--print-filled").arg("--project").arg(desk.folder()).assert().success();
    let filled = String::from_utf8(run.get_output().stdout.clone()).unwrap();
    assert_eq!(filled, mine.replace("{{ test.mae }}", "1.000").replace("{{ test.n }}", "40"));
    let page = super::read(desk.path("reports/report.html"));
    assert!(page.contains(">the error of 1.000</a>") && page.contains("<strong>40 rows</strong>"), "{page}");
    assert!(page.contains("Off by 1.000</h2>") && !page.contains("{{"), "{page}");
}

#[test]
fn one_number_has_one_verdict() {
    // Rows of one place in time order: the limits of the bias allow for that, the chance figure does not.
    let desk = Desk::new();
    desk.numbers(1.5).run();
    let calibration = desk.block("calibration");
    assert!(
        calibration.contains("if rows were independent. It gives more here, since rows of one time"),
        "{calibration}"
    );
    assert!(calibration.contains("rows taken as independent (they are not: the chance figure is too low)"));
    assert!(
        !calibration.contains("chance alone") && !calibration.contains(", more than the"),
        "{calibration}"
    );
    assert!(desk.block("answer").contains("No limits were set for it."));
}
