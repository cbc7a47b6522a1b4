//! What an analyst wrote in the report, through every rerun.

use std::path::{Path, PathBuf};

use predicates::prelude::PredicateBooleanExt as _;
use predicates::str::contains;
use serde_json::json;

use super::desk::Desk;
use super::support::{self, json, read, write};
use super::trained::case;
use super::{MANIFEST, NEW, REPORT, evaluate, measured, other, report};

const STATE: &str = "reports/report.md.state.json";

/// All files below `reports` with their bytes.
pub(super) fn bytes(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut out = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                out.push((path.clone(), std::fs::read(&path).unwrap()));
            }
        }
    }
    out.sort();
    out
}

/// A report without the notes under paragraphs.
fn without_notes(report: &str) -> String {
    let mut out = String::new();
    let mut rest = report;
    while let Some((before, after)) = rest.split_once("\n<!-- millrace:begin stale:") {
        out.push_str(before);
        let (_, end) = after.split_once("<!-- millrace:end stale:").unwrap();
        rest = end.split_once('\n').unwrap().1;
    }
    out + rest
}

#[test]
fn without_a_change_there_are_no_new_bytes() {
    let desk = Desk::new();
    let first = bytes(&desk.path("reports"));
    desk.run().stderr(contains("report.md (no change)"));
    assert_eq!(bytes(&desk.path("reports")), first);
    // Nor with words of an analyst, notes and a conflict in it.
    desk.edit("[TO\u{44}O", "The error of 1.000 is small. [TO\u{44}O")
        .edit("**1.000** on average", "about 1 on average");
    desk.numbers(2.0).run();
    let second = bytes(&desk.path("reports"));
    desk.run().stderr(contains("(no change)"));
    assert_eq!(bytes(&desk.path("reports")), second);
    // The numbers of the beginning give the report of the beginning, but for the analyst's words.
    assert!(desk.text().contains("about 1 on average") && desk.text().contains("**2.000** on average"));
}

#[test]
fn words_outside_of_blocks_stay_and_the_blocks_follow_the_numbers() {
    let desk = Desk::new();
    desk.edit("[TO\u{44}O", "Prices rose in spring.\n\n[TO\u{44}O");
    let before = desk.text();
    write(desk.path(REPORT), format!("Before everything.\n\n{before}\nAfter everything, without a line end"));
    desk.numbers(2.0).run();
    let text = desk.text();
    assert!(text.starts_with("Before everything.\n\n<!-- millrace:begin title -->\n"), "{text}");
    assert!(text.ends_with("-->\n\nAfter everything, without a line end"), "{text}");
    assert!(text.contains("\n\nPrices rose in spring.\n\n[TO\u{44}O"));
    assert!(
        desk.block("answer").contains("misses by **2.000** on average")
            && !text.contains("**1.000** on average")
    );
    assert!(!desk.path(NEW).exists());
    // Outside of the words, it is the draft of a project that nobody touched.
    let fresh = measured(&other());
    report(fresh.path()).success();
    let stripped = text
        .replace("Before everything.\n\n", "")
        .replace("\nAfter everything, without a line end", "")
        .replace("Prices rose in spring.\n\n", "");
    assert_eq!(stripped, read(fresh.path().join(REPORT)));
    assert_eq!(json(desk.path(MANIFEST))["found"]["edited"], json!(true));
}

#[test]
fn an_edit_inside_a_block_is_merged_with_new_numbers() {
    let desk = Desk::new();
    // A paragraph whose numbers stay, one whose numbers move, one more, and a row of a table.
    desk.edit("The leak guard found no sign", "As always, the leak guard found no sign")
        .edit("on average, in the unit of “price”", "on average, in dollars")
        .edit("The training median is 49.00.", "The training median is 49.00.\n\nMedians are of 2014.")
        .edit("| x | 2.000 |", "| x (area) | 2.000 |");
    let first = desk.text();
    desk.run();
    assert_eq!(desk.text(), first);
    desk.numbers(2.0).run();
    let answer = desk.block("answer");
    assert!(answer.contains("As always, the leak guard found no sign"), "{answer}");
    assert!(answer.contains("misses by **2.000** on average, in dollars"), "{answer}");
    assert!(desk.block("errors").contains("The training median is 49.00.\n\nMedians are of 2014.\n"));
    assert!(desk.block("model").contains("| x (area) | 2.000 |"));
    // Their words stand beside newer numbers: that is said, with both.
    assert!(answer.contains("“1.000”, now “2.000”"), "{answer}");
    assert!(!desk.text().contains("millrace:begin conflict"));
}

#[test]
fn a_note_on_merged_words_goes_when_they_are_looked_at() {
    let desk = Desk::new();
    desk.edit("on average, in the unit of “price”", "on average, in dollars").numbers(2.0).run();
    let noted = desk.text();
    let begin = noted.find("\n<!-- millrace:begin stale:").unwrap();
    let end = begin + noted[begin..].find("<!-- millrace:end stale:").unwrap();
    let end = end + noted[end..].find('\n').unwrap() + 1;
    // Moved again: from where it began.
    desk.numbers(4.0).run();
    assert!(desk.block("answer").contains("“1.000”, now “4.000”"), "{}", desk.block("answer"));
    desk.numbers(2.0).run();
    assert_eq!(desk.text(), noted);
    // Deleted: it does not come back while the numbers stay.
    write(desk.path(REPORT), format!("{}{}", &noted[..begin], &noted[end..]));
    desk.run();
    assert!(!desk.text().contains("stale:") && desk.text().contains("in dollars"));
    desk.run();
    assert!(!desk.text().contains("stale:"));
    desk.numbers(4.0).run();
    assert!(desk.block("answer").contains("“2.000”, now “4.000”"), "{}", desk.block("answer"));
}

#[test]
fn what_both_changed_is_a_conflict_with_both_versions_until_it_is_resolved() {
    let desk = Desk::new();
    desk.edit("by **1.000** on average", "by about one on average").numbers(2.0);
    desk.run().stderr(contains("block `answer` was changed and so were its figures"));
    let both = |text: &str, new: &str| {
        assert_eq!(text.matches("**Conflict: your version, with the figures of then**").count(), 1, "{text}");
        assert!(text.contains("by about one on average") && text.contains(new), "{text}");
    };
    both(&desk.block("answer"), "by **2.000** on average");
    assert_eq!(json(desk.path(MANIFEST))["found"]["conflicts"], json!(1));
    // Nobody looked: the same question, with newer numbers.
    desk.numbers(4.0).run();
    both(&desk.block("answer"), "by **4.000** on average");
    assert!(!desk.text().contains("**2.000** on average"));
    // Half resolved: nothing but our own notes is touched.
    desk.edit("**Conflict: your version, with the figures of then**\n", "");
    let half = desk.text();
    desk.numbers(2.0).run().stderr(contains("block `answer`"));
    assert!(desk.text().contains("about one on average") && desk.text().contains("**4.000** on average"));
    assert_eq!(
        without_notes(&desk.block("answer")),
        without_notes(&half)
            .split("begin answer -->\n")
            .nth(1)
            .unwrap()
            .split("<!-- millrace:end answer ")
            .next()
            .unwrap()
    );
    // Resolved to theirs: it stays, and the rest of the block follows the numbers again.
    let text = desk.text();
    let begin = text.find("<!-- millrace:begin conflict -->").unwrap();
    let end = text.find("<!-- millrace:end conflict -->").unwrap() + "<!-- millrace:end conflict -->".len();
    write(desk.path(REPORT), format!("{}It misses by about one.{}", &text[..begin], &text[end..]));
    desk.run();
    assert!(desk.block("answer").contains("It misses by about one.\n"), "{}", desk.block("answer"));
    let once = desk.text();
    desk.run();
    assert_eq!(desk.text(), once);
}

#[test]
fn a_block_that_was_removed_stays_removed_and_can_be_had_back() {
    let desk = Desk::new();
    let text = desk.text();
    let begin = text.find("<!-- millrace:begin drift -->").unwrap();
    let end = text.find("<!-- millrace:end drift ").unwrap();
    let end = end + text[end..].find('\n').unwrap() + 2;
    write(desk.path(REPORT), format!("{}{}", &text[..begin], &text[end..]));
    for off in [2.0, 4.0] {
        desk.numbers(off).run();
        assert!(!desk.text().contains("## Drift") && !desk.text().contains("drift -->"));
        assert!(desk.block("answer").contains(&format!("**{off:.3}** on average")));
    }
    // Only the text taken out: the same.
    let inside = desk.block("ledger");
    desk.edit(&inside, "\n");
    desk.numbers(2.0).run();
    assert_eq!(desk.block("ledger"), "");
    // Two marker lines ask for it, where the analyst wants it.
    let text = desk.text();
    write(desk.path(REPORT), format!("<!-- millrace:begin drift -->\n<!-- millrace:end drift -->\n\n{text}"));
    desk.run();
    assert!(desk.text().starts_with("<!-- millrace:begin drift -->\n\n## Drift\n"), "{}", desk.text());
}

#[test]
fn a_block_that_was_moved_stays_where_it_is_and_follows_the_numbers() {
    let desk = Desk::new();
    let text = desk.text();
    let begin = text.find("<!-- millrace:begin errors -->").unwrap();
    let end = text.find("<!-- millrace:end errors ").unwrap();
    let end = end + text[end..].find('\n').unwrap() + 1;
    let block = &text[begin..end];
    write(desk.path(REPORT), format!("{block}\n{}{}", &text[..begin], &text[end..]));
    desk.numbers(2.0).run();
    let text = desk.text();
    assert!(text.starts_with("<!-- millrace:begin errors -->") && text.matches("begin errors").count() == 1);
    assert!(desk.block("errors").contains("**2.000**"), "{}", desk.block("errors"));
    // Copied: both follow.
    write(desk.path(REPORT), format!("{text}\n{block}"));
    desk.numbers(4.0).run();
    let text = desk.text();
    assert!(
        text.matches("begin errors").count() == 2
            && text.matches("| **the model** | **1.000** | **3.000** | **4.000** |").count() >= 2
    );
}

#[test]
fn a_damaged_marker_is_mended_or_named_and_no_word_is_lost() {
    // Its text is as it was: where the block ends is known.
    let desk = Desk::new();
    let end = desk.text().lines().find(|l| l.contains("millrace:end answer")).unwrap().to_owned();
    desk.edit(&format!("{end}\n"), "").numbers(2.0).run();
    assert!(desk.block("answer").contains("**2.000** on average"));
    assert!(desk.text().contains("## Notes of the analyst"));
    desk.edit("<!-- millrace:begin answer -->\n", "").numbers(4.0).run();
    assert!(desk.block("answer").contains("**4.000** on average"));
    assert_eq!(desk.text().matches("## The answer").count(), 1);
    // Changed as well: it is left, and said by line.
    let end = desk.text().lines().find(|l| l.contains("millrace:end answer")).unwrap().to_owned();
    desk.edit(&format!("{end}\n"), "").edit("**4.000** on average", "**4.000** on the whole");
    let line = 1 + desk.text().lines().position(|l| l.contains("begin answer")).unwrap();
    let before = desk.text();
    desk.numbers(2.0).run().stderr(contains(format!(
        "report.md:{line}: block `answer` begins here and has no end; left as it is"
    )));
    let text = desk.text();
    assert!(text.contains("**4.000** on the whole") && !text.contains("**2.000** on average"), "{text}");
    assert_eq!(text.matches("## The answer").count(), 1);
    let kept = |text: &str| {
        text.split("<!-- millrace:begin data -->")
            .next()
            .unwrap()
            .split("begin answer")
            .nth(1)
            .unwrap()
            .to_owned()
    };
    assert_eq!(kept(&without_notes(&text)), kept(&without_notes(&before)));
    assert_eq!(json(desk.path(MANIFEST))["found"]["damages"], json!(1));
}

#[test]
fn a_lost_or_damaged_memory_never_costs_a_word() {
    for damage in ["", "{", "{\"format\": 99}", "[]", "null"] {
        for name in [STATE, MANIFEST] {
            let desk = Desk::new();
            desk.edit("[TO\u{44}O", "mine outside [TO\u{44}O")
                .edit("**1.000** on average", "1 (mine inside) on average");
            if damage.is_empty() {
                std::fs::remove_file(desk.path(name)).unwrap();
            } else {
                write(desk.path(name), damage);
            }
            desk.numbers(2.0).run();
            let text = desk.text();
            assert!(
                text.contains("mine outside [TO\u{44}O") && text.contains("mine inside"),
                "{damage} {text}"
            );
            assert!(text.contains("**2.000** on average"), "both versions\n{text}");
            let errors = desk.block("errors");
            assert!(errors.contains("**2.000**") && !errors.contains("onflict"), "{errors}");
            desk.run().stderr(contains("(no change)"));
        }
    }
}

#[test]
fn a_report_killed_at_any_point_is_taken_up_again() {
    // After the new report got its name, state and manifest are still the old ones; or only the manifest is.
    for old in [vec![STATE, MANIFEST], vec![MANIFEST]] {
        let desk = Desk::new();
        desk.edit("[TO\u{44}O", "mine [TO\u{44}O").edit("leak guard found", "leak guard (mine) found");
        desk.run();
        let kept: Vec<_> = old.iter().map(|name| (name, read(desk.path(name)))).collect();
        desk.numbers(2.0).run();
        for (name, text) in kept {
            write(desk.path(name), text);
        }
        desk.numbers(4.0).run();
        let text = desk.text();
        for expected in ["mine [TO\u{44}O", "leak guard (mine) found", "**4.000** on average"] {
            assert!(text.contains(expected), "{text}");
        }
        // With the old state, what was edited inside is a conflict at worst.
        assert!(!desk.block("errors").contains("onflict"));
    }
}

#[test]
fn a_report_that_nobody_touched_is_known_by_its_manifest_too() {
    // Blocks without hashes and no state, as an earlier version left them.
    let desk = Desk::new();
    let old = super::without_hashes(&desk.text());
    write(desk.path(REPORT), &old);
    std::fs::remove_file(desk.path(STATE)).unwrap();
    let mut manifest = json(desk.path(MANIFEST));
    manifest["output"]["sha256"] = json!(common::hash::hex(old.as_bytes()));
    write(desk.path(MANIFEST), manifest.to_string());
    desk.numbers(2.0).run();
    let fresh = measured(&other());
    report(fresh.path()).success();
    assert_eq!(desk.text(), read(fresh.path().join(REPORT)));
}

#[test]
fn a_report_of_ones_own_is_left_alone_and_the_draft_goes_beside_it() {
    let folder = measured(&case());
    let path = |name: &str| folder.path().join(name);
    write(path(REPORT), "mine from the start\n");
    report(folder.path()).success().stderr(contains("no generated block").and(contains("report.new.md")));
    assert_eq!(read(path(REPORT)), "mine from the start\n");
    let draft = read(path(NEW));
    assert!(draft.contains("## The answer"));
    // Once: from now on it is known that they want none.
    std::fs::remove_file(path(NEW)).unwrap();
    report(folder.path()).success();
    assert!(!path(NEW).exists());
    // A block that is asked for is filled.
    write(path(REPORT), "mine\n\n<!-- millrace:begin errors -->\n<!-- millrace:end errors -->\n");
    report(folder.path()).success();
    let text = read(path(REPORT));
    assert!(
        text.starts_with("mine\n") && text.contains("## Errors") && !text.contains("## The answer"),
        "{text}"
    );
}

#[test]
fn an_empty_or_removed_report_asks_for_a_new_one() {
    let desk = Desk::new();
    let first = desk.text();
    write(desk.path(REPORT), " \n");
    desk.run();
    assert_eq!(desk.text(), first);
    std::fs::remove_file(desk.path(REPORT)).unwrap();
    desk.run();
    assert_eq!(desk.text(), first);
}

#[test]
fn line_ends_and_a_byte_order_mark_stay_as_the_editor_has_them() {
    let desk = Desk::new();
    let windows =
        format!("\u{feff}{}", desk.text().replace("[TO\u{44}O", "mine [TO\u{44}O").replace('\n', "\r\n"));
    write(desk.path(REPORT), &windows);
    desk.run();
    assert_eq!(desk.text(), windows);
    desk.numbers(2.0).run();
    let text = desk.text();
    assert!(
        text.starts_with('\u{feff}')
            && text.contains("**2.000** on average")
            && text.contains("mine [TO\u{44}O")
    );
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
    assert!(!text.contains("onflict"));
}

#[test]
fn what_is_no_report_is_refused_and_left() {
    let desk = Desk::new();
    std::fs::write(desk.path(REPORT), b"one\ntwo \xff\n").unwrap();
    report(desk.folder()).code(2).stderr(contains("report.md: line 2 is not UTF-8"));
    assert_eq!(std::fs::read(desk.path(REPORT)).unwrap(), b"one\ntwo \xff\n");
    write(desk.path(REPORT), "x\n".repeat(9 << 20));
    report(desk.folder()).code(22).stderr(contains("larger than 16 MiB"));
    std::fs::remove_file(desk.path(REPORT)).unwrap();
    std::os::unix::fs::symlink("metrics.json", desk.path(REPORT)).unwrap();
    report(desk.folder()).code(22).stderr(contains("report.md: is a link"));
    std::fs::remove_file(desk.path(REPORT)).unwrap();
    std::fs::create_dir(desk.path(REPORT)).unwrap();
    report(desk.folder()).code(22).stderr(contains("report.md: is a folder"));
}

#[test]
fn hostile_markers_neither_hang_nor_lose_a_word() {
    let desk = Desk::new();
    let first = desk.text();
    for text in [
        "<!-- millrace:begin a -->\n".repeat(20_000),
        "<!-- millrace:end answer -->\n".repeat(20_000),
        "<!-- millrace:begin stale:0 -->\n".repeat(20_000),
        "<!-- millrace:begin answer -->\n<!-- millrace:end answer 0 -->\n".repeat(2_000),
        format!("{}word 1.000 {first}", "> ".repeat(20_000)),
        "8,838 ".repeat(100_000),
    ] {
        write(desk.path(REPORT), &text);
        desk.run();
        let kept = desk.text();
        let words = |text: &str| text.matches("millrace:begin a -->").count() + text.matches("8,838").count();
        assert_eq!(words(&kept), words(&text));
    }
}

#[test]
fn a_failed_write_is_tried_once_more_and_the_old_report_is_whole() {
    let folder = measured(&case());
    let path = |name: &str| folder.path().join(name);
    report(folder.path()).success();
    let old = (read(path(REPORT)), read(path(MANIFEST)));
    other().write(folder.path());
    evaluate(folder.path());
    let before = support::files(&path("reports"));
    // No file may exceed 4 KiB: the log fits, the report does not.
    std::fs::remove_file(path("logs/report.log")).unwrap();
    let limited = "ulimit -f 4; exec \"$0\" \"$@\"";
    let run = assert_cmd::Command::new("bash")
        .arg("-c")
        .arg(limited)
        .arg(support::program("report"))
        .arg("--project")
        .arg(folder.path())
        .assert();
    run.code(22).stderr(contains("cannot write: the file would exceed the size limit; trying once more"));
    let log = read(path("logs/report.log"));
    assert_eq!(log.matches("the file would exceed the size limit").count(), 2, "{log}");
    assert_eq!((read(path(REPORT)), read(path(MANIFEST))), old);
    assert_eq!(support::files(&path("reports")), before, "nothing half written is left");
    report(folder.path()).success();
    assert_ne!(read(path(REPORT)), old.0);
}
