//! What an analyst wrote, and writes that fail.

use predicates::prelude::PredicateBooleanExt as _;
use predicates::str::contains;
use serde_json::json;

use super::support::{self, json, read, write};
use super::trained::case;
use super::{MANIFEST, NEW, REPORT, evaluate, measured, other, report};

#[test]
fn an_edited_report_stays_and_the_new_draft_goes_beside_it() {
    let folder = measured(&case());
    let path = |name: &str| folder.path().join(name);
    report(folder.path()).success();
    let first = read(path(REPORT));
    let mine = first.replace("*To be written", "Prices rose. *To be written");
    write(path(REPORT), &mine);

    // The numbers are the same: nothing new to show.
    report(folder.path())
        .success()
        .stderr(contains("report.md was edited and is left as it is; the draft has not changed"));
    assert_eq!((read(path(REPORT)), path(NEW).exists()), (mine.clone(), false));
    let manifest = json(path(MANIFEST));
    assert_eq!(
        (&manifest["found"]["edited"], &manifest["output"]["sha256"]),
        (&json!(true), &json!(common::hash::hex(first.as_bytes())))
    );

    // Other numbers: the new draft goes beside.
    other().write(folder.path());
    evaluate(folder.path());
    report(folder.path()).success().stderr(contains("the new draft is in").and(contains("report.new.md")));
    let second = read(path(NEW));
    assert_eq!((read(path(REPORT)), second == first), (mine.clone(), false));
    assert_eq!(json(path(MANIFEST))["companions"][0]["name"], NEW);
    report(folder.path()).success();
    assert_eq!((read(path(REPORT)), read(path(NEW))), (mine, second.clone()));

    // The analyst takes it up: no longer edited, and nothing is left beside.
    write(path(REPORT), &second);
    report(folder.path()).success().stderr(contains("removed"));
    assert_eq!((read(path(REPORT)), path(NEW).exists()), (second.clone(), false));
    assert_eq!(json(path(MANIFEST))["found"]["edited"], json!(false));
    case().write(folder.path());
    evaluate(folder.path());
    report(folder.path()).success();
    assert_eq!(read(path(REPORT)), first);
}

#[test]
fn a_draft_beside_that_was_edited_too_is_kept() {
    let folder = measured(&case());
    let path = |name: &str| folder.path().join(name);
    write(path(REPORT), "mine from the start\n");
    report(folder.path()).success().stderr(contains("report.new.md"));
    let first = read(path(NEW));
    write(path(NEW), "mine too\n");
    other().write(folder.path());
    evaluate(folder.path());
    report(folder.path()).success().stderr(contains("report.new.2.md"));
    assert_eq!(
        (read(path(REPORT)), read(path(NEW))),
        ("mine from the start\n".to_owned(), "mine too\n".to_owned())
    );
    assert_ne!(read(path("reports/report.new.2.md")), first);
}

#[test]
fn a_lost_or_damaged_manifest_never_costs_a_word() {
    for damage in ["", "{", "{\"format\": 99}"] {
        let folder = measured(&case());
        let path = |name: &str| folder.path().join(name);
        report(folder.path()).success();
        let mine = read(path(REPORT)) + "mine\n";
        write(path(REPORT), &mine);
        if damage.is_empty() {
            std::fs::remove_file(path(MANIFEST)).unwrap();
        } else {
            write(path(MANIFEST), damage);
        }
        report(folder.path()).success();
        assert_eq!((read(path(REPORT)), path(NEW).exists()), (mine, true), "{damage}");
    }
}

#[test]
fn a_killed_run_does_not_pass_for_an_edit() {
    // Killed after the report was renamed and before its manifest was.
    let folder = measured(&case());
    let path = |name: &str| folder.path().join(name);
    report(folder.path()).success();
    let (old, manifest) = (read(path(REPORT)), read(path(MANIFEST)));
    other().write(folder.path());
    evaluate(folder.path());
    report(folder.path()).success();
    let new = read(path(REPORT));
    assert_ne!(old, new);
    write(path(MANIFEST), manifest);
    report(folder.path()).success();
    assert_eq!((read(path(REPORT)), path(NEW).exists()), (new, false));
    assert_eq!(json(path(MANIFEST))["found"]["edited"], json!(false));
}

#[test]
fn a_failed_write_is_tried_once_more_and_the_old_report_is_whole() {
    let folder = measured(&case());
    let path = |name: &str| folder.path().join(name);
    report(folder.path()).success();
    let page = "reports/report.html";
    let old = (read(path(REPORT)), read(path(MANIFEST)), read(path(page)));
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
    run.code(22).stderr(contains(
        "report.html: cannot write: the file would exceed the size limit; trying once more",
    ));
    let log = read(path("logs/report.log"));
    assert_eq!(log.matches("the file would exceed the size limit").count(), 2, "{log}");
    assert_eq!((read(path(REPORT)), read(path(MANIFEST)), read(path(page))), old);
    assert_eq!(support::files(&path("reports")), before, "nothing half written is left");
    report(folder.path()).success();
    assert_ne!(read(path(REPORT)), old.0);
}

#[test]
fn a_write_that_fails_once_is_mended_by_the_second_try() {
    // A folder stands where the draft beside an edited report goes, and is gone before the second try.
    let folder = measured(&case());
    let path = |name: &str| folder.path().join(name);
    write(path(REPORT), "mine\n");
    std::fs::create_dir(path(NEW)).unwrap();
    let (log, way) = (path("logs/report.log"), path(NEW));
    let clear = std::thread::spawn(move || {
        for _ in 0..1000 {
            if std::fs::read_to_string(&log).is_ok_and(|text| text.contains("trying once more")) {
                return std::fs::remove_dir(&way).unwrap();
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    });
    report(folder.path()).success().stderr(contains("trying once more"));
    clear.join().unwrap();
    assert_eq!(read(path(REPORT)), "mine\n");
    assert!(read(path(NEW)).contains("## The answer"));
}

#[test]
fn a_link_or_a_folder_in_place_of_the_report_is_refused() {
    let folder = measured(&case());
    std::fs::create_dir(folder.path().join(REPORT)).unwrap();
    report(folder.path()).code(22).stderr(contains("report.md: is a folder"));
}
