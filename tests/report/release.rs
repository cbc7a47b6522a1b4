//! Draft, reviewed, published.

use std::os::unix::fs::PermissionsExt as _;

use predicates::prelude::PredicateBooleanExt as _;
use predicates::str::contains;
use serde_json::json;

use super::support::{json, read, stage, write};
use super::{MANIFEST, REPORT, desk::Desk};

const HISTORY: &str = "reports/history.csv";

fn call(desk: &Desk, flag: &str) -> assert_cmd::assert::Assert {
    // 2015-07-01
    stage("report")
        .env("SOURCE_DATE_EPOCH", "1435708800")
        .arg("--project")
        .arg(desk.folder())
        .arg(flag)
        .assert()
}

/// A report whose placeholders are filled.
fn filled() -> Desk {
    let desk = Desk::new();
    let text = desk.text();
    let begin = text.find("[TO\u{44}O").unwrap();
    let end = begin + text[begin..].find(']').unwrap() + 1;
    write(desk.path(REPORT), format!("{}Prices of houses, for the board.{}", &text[..begin], &text[end..]));
    desk.run();
    desk
}

fn standing(desk: &Desk) -> serde_json::Value {
    json(desk.path(MANIFEST))["found"]["standing"].clone()
}

#[test]
fn nothing_is_published_while_anything_is_left_to_do() {
    let desk = Desk::new();
    let line = 1 + desk.text().lines().position(|l| l.contains("[TO\u{44}O")).unwrap();
    for flag in ["--publish", "--review"] {
        let left =
            contains("report.md: not ready").and(contains(format!("line {line}: a placeholder to fill")));
        call(&desk, flag).code(12).stderr(left);
    }
    assert!(!desk.path("reports/published").exists() && !desk.path(HISTORY).exists());
    // A conflict, a note and a damaged marker are as much in the way.
    let desk = filled();
    desk.edit("**1.000** on average", "one on average").numbers(2.0);
    call(&desk, "--publish").code(12).stderr(contains("a conflict to resolve"));
    let desk = filled();
    desk.edit("on average, in the unit", "on average, as always in the unit").numbers(2.0);
    call(&desk, "--publish").code(12).stderr(contains("a note on words written for earlier numbers"));
    let desk = filled();
    desk.edit("<!-- millrace:begin errors -->", "<!-- millrace:begin errors");
    call(&desk, "--publish").code(12).stderr(contains("no marker, though it looks like one"));
    assert!(!desk.path("reports/published").exists());
}

#[test]
fn a_published_version_is_whole_and_never_changed() {
    let desk = filled();
    call(&desk, "--publish").success();
    assert_eq!(
        (standing(&desk), read(desk.path(REPORT)).contains("Published as version 1")),
        (json!("published"), true)
    );
    let at = |name: &str| desk.path(&format!("reports/published/1/{name}"));
    let report = read(at("report.md"));
    assert!(
        !report.contains("<!--")
            && report.contains("Prices of houses, for the board.")
            && report.contains("**1.000** on average"),
        "{report}"
    );
    assert_eq!(read(at("metrics.json")), read(desk.path("reports/metrics.json")));
    assert!(read(at("report.html")).contains("Prices of houses"));
    let card = json(at("manifest.json"));
    let sha256 = |path: std::path::PathBuf| common::hash::hex(&std::fs::read(path).unwrap());
    assert_eq!(card["model_sha256"], json!(sha256(desk.path("models/model.pkl"))));
    assert_eq!(card["metrics_sha256"], json!(sha256(at("metrics.json"))));
    for file in card["files"].as_array().unwrap() {
        let path = at(file["name"].as_str().unwrap());
        assert_eq!(file["sha256"], json!(sha256(path.clone())), "{file}");
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o222, 0, "{file}");
    }
    // Again, with nothing new: no second version.
    let before = read(at("report.md"));
    call(&desk, "--publish").success().stderr(contains("is out already"));
    assert!(!desk.path("reports/published/2").exists());
    // Other numbers: a draft again, and the next version.
    desk.numbers(2.0).run().stderr(contains("it is a draft again"));
    assert_eq!(standing(&desk), json!("draft"));
    call(&desk, "--publish=2026-Q3").success();
    assert!(read(desk.path("reports/published/2026-Q3/report.md")).contains("**2.000** on average"));
    assert_eq!(read(at("report.md")), before);
    desk.numbers(4.0).run();
    call(&desk, "--publish=2026-q3").code(2).stderr(contains("published already"));
    call(&desk, "--publish=../x").code(2).stderr(contains("is no name of a version"));
    call(&desk, "--publish").success();
    assert!(desk.path("reports/published/2/report.md").exists());

    let history = read(desk.path(HISTORY));
    let rows: Vec<Vec<&str>> = history.lines().map(|l| l.split(',').collect()).collect();
    let column = |title: &str| rows[0].iter().position(|t| *t == title).unwrap();
    let of = |title: &str| rows[1..].iter().map(|row| row[column(title)]).collect::<Vec<_>>();
    assert_eq!(of("version"), ["1", "2026-Q3", "2"]);
    assert_eq!(of("published"), ["2015-07-01"; 3]);
    assert_eq!(of("mae"), ["1.0", "2.0", "4.0"]);
    assert_eq!(of("test_rows"), ["40", "40", "40"]);
}

#[test]
fn a_lost_history_is_written_anew_and_rows_of_versions_moved_away_stay() {
    let desk = filled();
    call(&desk, "--publish").success();
    desk.numbers(2.0);
    call(&desk, "--publish").success();
    let history = read(desk.path(HISTORY));
    std::fs::remove_file(desk.path(HISTORY)).unwrap();
    call(&desk, "--publish").success();
    assert_eq!(read(desk.path(HISTORY)), history);
    std::fs::rename(desk.path("reports/published/1"), desk.path("archive")).unwrap();
    desk.numbers(4.0);
    call(&desk, "--publish").success();
    let now = read(desk.path(HISTORY));
    assert!(now.starts_with(&history) && now.lines().count() == 4 && now.contains("\n3,"), "{now}");
    write(desk.path(HISTORY), "mine\n");
    desk.numbers(2.0);
    call(&desk, "--publish").code(13).stderr(contains("history.csv: no history (other columns)"));
    assert_eq!(read(desk.path(HISTORY)), "mine\n");
}

#[test]
fn a_review_holds_as_long_as_numbers_and_words_do() {
    let desk = filled();
    call(&desk, "--review").success();
    assert_eq!(standing(&desk), json!("reviewed"));
    let text = desk.text();
    assert!(text.contains("Reviewed"), "{text}");
    desk.run().stderr(contains("(no change)"));
    assert_eq!((standing(&desk), desk.text()), (json!("reviewed"), text));
    call(&desk, "--check").success().stderr(contains("a reviewed report"));
    // Numbers.
    desk.numbers(2.0);
    call(&desk, "--check").code(12).stderr(contains("was reviewed with other numbers than it has now"));
    desk.run().stderr(contains("the numbers changed since the report was reviewed: it is a draft again"));
    assert_eq!(standing(&desk), json!("draft"));
    call(&desk, "--check").success();
    // Words.
    call(&desk, "--review").success();
    desk.edit("for the board", "for the whole board");
    call(&desk, "--check").code(12).stderr(contains("was reviewed with other words"));
    desk.run().stderr(contains("the words changed"));
    assert!(!desk.text().contains("Reviewed") && desk.text().contains("for the whole board"));
}

#[test]
fn check_tells_of_a_published_version_that_is_of_other_numbers_or_was_changed() {
    let desk = filled();
    call(&desk, "--check").success();
    call(&desk, "--publish").success();
    let before = super::edits::bytes(&desk.path("reports"));
    call(&desk, "--check").success().stderr(contains("version 1 is of these numbers"));
    desk.numbers(2.0).run();
    call(&desk, "--check").code(12).stderr(contains("published/1: is of other numbers"));
    desk.numbers(1e-9);
    drop(before);
    let path = desk.path("reports/published/1/report.md");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    write(&path, "better words\n");
    call(&desk, "--check").code(13).stderr(contains("is not the file that version 1 was published with"));
}

#[test]
fn a_publication_killed_half_way_is_finished_by_the_next() {
    // The folder is there, and neither its row of the history nor the report knows.
    let desk = filled();
    let kept = [REPORT, MANIFEST, "reports/report.md.state.json"].map(|name| (name, read(desk.path(name))));
    call(&desk, "--publish").success();
    std::fs::remove_file(desk.path(HISTORY)).unwrap();
    for (name, text) in kept {
        write(desk.path(name), text);
    }
    call(&desk, "--publish").success().stderr(contains("is out already"));
    assert!(desk.path(HISTORY).exists() && !desk.path("reports/published/2").exists());
    assert_eq!(standing(&desk), json!("published"));
}

#[test]
fn the_next_report_compares_itself_with_the_last_version() {
    let desk = filled();
    call(&desk, "--publish").success();
    // The same numbers are no change.
    desk.run();
    assert!(!desk.text().contains("Since the last published version"));
    desk.numbers(2.0).run();
    let said = |name: &str, moved: &str| {
        let block = desk.block("changes");
        assert!(
            block.contains(&format!("The mean absolute error is {moved} in version {name}; it lies")),
            "{block}"
        );
        block
    };
    let block = said("1", "larger by 1.000 (100 %) than");
    // Every row was missed by 1, so that the limits of then have no width.
    assert!(block.contains("it lies **outside** the 95 % limits of then, 1.000 to 1.000."), "{block}");
    assert!(
        block.contains("The features table is another; what raw files either was made of is not known. Both have 40 test rows of the same time, month 80 to month 119."),
        "{block}"
    );
    assert!(
        block.contains("| Mean absolute error | 1.000 | 2.000 |")
            && block.contains("| Test rows | 40 | 40 |")
    );
    // Published in turn, it still says what is new in it; the one after it compares with this one.
    call(&desk, "--publish").success();
    let published = read(desk.path("reports/published/2/report.md"));
    assert!(published.contains("| On the test part | Version 1 | Now |"), "{published}");
    desk.numbers(1.5).run();
    said("2", "smaller by 0.5000 (25 %) than");
    desk.numbers(2.0).run();
    said("1", "larger by 1.000 (100 %) than");
}
