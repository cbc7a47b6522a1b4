//! The report of an analyst through the real Makefile and the real programs: what they wrote, what Make makes of
//! it, and how far the report has come.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::sandbox::{Said, command, repository, said};
use super::support::panel::Panel;
use super::support::{files, json, program, read, write};
use tempfile::TempDir;

const REPORT: &str = "reports/report.md";
const HTML: &str = "reports/report.html";
const MANIFEST: &str = "reports/report.md.meta.json";
const STATE: &str = "reports/report.md.state.json";
const FORECAST: &str = "reports/forecast.csv.meta.json";
const STAGES: [&str; 7] =
    ["ingest", "clean", "feature-engineer", "train-model", "evaluate", "predict", "report"];
const NONE: [&str; 0] = [];

struct Project(TempDir);

impl Project {
    /// A project whose report was made once.
    fn new() -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        project.numbers(1);
        assert_eq!(project.ran(&[]).last().map(String::as_str), Some("report"));
        project
    }

    /// One whose report has no placeholder left.
    fn filled() -> Self {
        let project = Self::new();
        let text = project.text();
        let begin = text.find("[TO\u{44}O").unwrap();
        let end = begin + text[begin..].find(']').unwrap() + 1;
        project.save(&format!("{}Prices, for the board.{}", &text[..begin], &text[end..]));
        project.ran(&[]);
        project
    }

    /// Other raw data, and so other numbers.
    fn numbers(&self, seed: u64) -> &Self {
        Panel::small(seed).write(self.0.path());
        self
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn text(&self) -> String {
        read(self.path(REPORT))
    }

    fn save(&self, text: &str) {
        write(self.path(REPORT), text);
    }

    fn edit(&self, old: &str, new: &str) -> &Self {
        let text = self.text();
        assert_eq!(text.matches(old).count(), 1, "{old:?} in\n{text}");
        self.save(&text.replace(old, new));
        self
    }

    fn make(&self, goals: &[&str]) -> Said {
        let programs = program("ingest").parent().unwrap().display().to_string();
        let mut make = command("make");
        make.current_dir(self.0.path()).arg("-f").arg(repository().join("Makefile")).args(goals);
        said(make.arg(format!("BIN={programs}")))
    }

    /// The programs that a make ran, which must succeed.
    fn ran(&self, goals: &[&str]) -> Vec<String> {
        let before = self.logs();
        let said = self.make(goals);
        assert!(said.ok, "{goals:?}\n{}{}", said.out, said.err);
        let after = self.logs();
        let started =
            |(stage, (before, after)): (&&str, (usize, usize))| vec![(*stage).to_owned(); after - before];
        STAGES.iter().zip(before.into_iter().zip(after)).flat_map(started).collect()
    }

    /// How often each program was started.
    fn logs(&self) -> Vec<usize> {
        let log = |stage: &&str| self.path(&format!("logs/{}.log", stage.replace('-', "_")));
        let starts = |stage| fs::read_to_string(log(stage)).unwrap_or_default().matches(" start: ").count();
        STAGES.iter().map(starts).collect()
    }

    /// The line of `make status` on the report.
    fn status(&self) -> String {
        let said = self.make(&["status"]);
        assert!(said.ok, "{}", said.err);
        said.out.lines().find(|line| line.starts_with("report ")).unwrap().to_owned()
    }

    fn found(&self, key: &str) -> serde_json::Value {
        json(self.path(MANIFEST))["found"][key].clone()
    }

    /// The text of a block, without its markers.
    fn block(&self, name: &str) -> String {
        inside(&self.text(), name).to_owned()
    }

    /// The mean absolute error of the test rows, as the draft has it.
    fn mae(&self) -> String {
        let answer = self.block("answer");
        let after = answer.split("misses by **").nth(1).unwrap_or_else(|| panic!("{answer}"));
        after.split("**").next().unwrap().to_owned()
    }
}

/// What stands between the markers of a block.
fn inside<'a>(text: &'a str, name: &str) -> &'a str {
    let after = text.split(&format!("<!-- millrace:begin {name} -->\n")).nth(1);
    let inside = after.and_then(|t| t.split(&format!("<!-- millrace:end {name} ")).next());
    inside.unwrap_or_else(|| panic!("no block {name} in\n{text}"))
}

/// All files below `folder`, with their bytes.
fn bytes(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    files(folder).into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

#[test]
fn words_of_an_analyst_go_through_make_and_other_numbers() {
    let project = Project::new();
    let first = project.mae();
    // Outside of blocks, with a figure in plain words and one by name; inside of two; one removed, one moved.
    project
        .edit(
            "[TO\u{44}O",
            &format!(
                "Spring was dear: the model misses by {first}.\n\nNow {{{{ test.mae }}}}.\n\n[TO\u{44}O"
            ),
        )
        .edit("## The answer", "## The short answer");
    let text = project.text();
    let drift = format!("<!-- millrace:begin drift -->\n{}", inside(&text, "drift"));
    let from = text.find(&drift).unwrap();
    let to = from
        + text[from..]
            .find("-->\n<!--")
            .unwrap_or_else(|| text[from + drift.len()..].find("-->\n").unwrap() + drift.len())
        + 4;
    let ledger_from = text.find("<!-- millrace:begin ledger -->").unwrap();
    let ledger_to = text.find("<!-- millrace:end ledger ").unwrap();
    let ledger_to = ledger_to + text[ledger_to..].find('\n').unwrap() + 1;
    assert!(ledger_to < from);
    let ledger = &text[ledger_from..ledger_to];
    project.save(&format!(
        "Top.\n\n{ledger}\n{}{}{}",
        &text[..ledger_from],
        &text[ledger_to..from],
        &text[to..]
    ));
    assert_eq!(project.ran(&[]), ["report"]);
    let mine = project.text();
    assert_eq!(project.ran(&[]), NONE);
    // References are filled where it is shown, and never where it is written.
    assert!(
        mine.contains("Now {{ test.mae }}.") && read(project.path(HTML)).contains(&format!("Now {first}."))
    );

    project.numbers(2);
    assert_eq!(project.ran(&[]).len(), 6);
    let (text, now) = (project.text(), project.mae());
    assert_ne!(now, first);
    assert!(text.starts_with("Top.\n\n<!-- millrace:begin ledger -->\n"), "{text}");
    assert!(text.contains("Spring was dear") && project.block("answer").contains("## The short answer"));
    assert!(!text.contains("millrace:begin drift") && text.matches("begin ledger").count() == 1);
    assert!(
        text.contains("Now {{ test.mae }}.") && read(project.path(HTML)).contains(&format!("Now {now}."))
    );
    // Their number stands for another figure now: both are said, once, until the note is deleted.
    let said =
        |text: &str| text.contains(&format!("“{first}” was the")) && text.contains(&format!("{now} now."));
    assert!(said(&text), "{text}");
    assert!(project.status().contains("1 stale note"), "{}", project.status());
    assert_eq!((project.ran(&[]), project.text()), (Vec::new(), text.clone()));
    let begin = text.find("\n<!-- millrace:begin stale:").unwrap();
    let end = begin + text[begin..].find("<!-- millrace:end stale:").unwrap();
    let end = end + text[end..].find('\n').unwrap() + 1;
    let without = format!("{}{}", &text[..begin], &text[end..]);
    project.save(&without);
    assert_eq!((project.ran(&[]), project.text()), (vec!["report".to_owned()], without));
    project.edit(&format!("misses by {first}."), &format!("misses by {now}."));
    project.ran(&[]);
    assert!(!project.text().contains("stale:"));
    project.numbers(1).ran(&[]);
    assert!(project.text().contains(&format!("“{now}” was the")), "{}", project.text());
    project.edit(&format!("misses by {now}."), &format!("misses by {first}."));
    assert_eq!(project.ran(&[]), ["report"]);
    assert!(!project.text().contains("stale:"), "a number that was corrected ends it\n{}", project.text());
}

#[test]
fn both_changed_is_a_conflict_that_make_tells_until_it_is_resolved() {
    let project = Project::filled();
    let first = project.mae();
    project.edit(&format!("misses by **{first}**"), "misses by a little");
    project.numbers(2);
    let said = project.make(&[]);
    assert!(
        said.ok && said.err.contains("block `answer` was changed and so were its figures"),
        "{}",
        said.err
    );
    assert!(project.status().contains("[1 conflict"), "{}", project.status());
    let text = project.text();
    for both in [
        "misses by a little",
        "**Conflict: your version, with the figures of then**",
        "**Conflict: the new generated version**",
    ] {
        assert!(text.contains(both), "{text}");
    }
    let refused = project.make(&["publish"]);
    assert!(!refused.ok && refused.err.contains("a conflict to resolve") && refused.err.contains("Error 12"));
    let (begin, end) = ("<!-- millrace:begin conflict -->", "<!-- millrace:end conflict -->");
    let (from, to) = (text.find(begin).unwrap(), text.find(end).unwrap() + end.len());
    project.save(&format!("{}It misses by a little.{}", &text[..from], &text[to..]));
    assert_eq!(project.ran(&[]), ["report"]);
    assert!(
        project.block("answer").contains("It misses by a little.") && !project.text().contains("onflict")
    );
    assert_eq!(project.ran(&[]), NONE);
    assert!(!project.status().contains("conflict"), "{}", project.status());
}

#[test]
fn a_damaged_marker_is_told_by_line_and_stands_in_the_way_of_publishing_alone() {
    let project = Project::filled();
    let before = project.text();
    project.edit("<!-- millrace:begin model -->", "<!-- millrace:begin model");
    project.edit("## Notes of the analyst", "## Notes of the board");
    let line = 1 + project.text().lines().position(|l| l == "<!-- millrace:begin model").unwrap();
    let said = project.make(&[]);
    assert!(said.ok && said.err.contains(&format!("report.md:{line}: no marker")), "{}", said.err);
    assert!(project.status().contains("damaged marker"), "{}", project.status());
    assert!(!project.make(&["review"]).ok);
    // Its text was as it had been, so that the marker could be put back: the remains of the old one are theirs.
    project.edit("<!-- millrace:begin model\n\n", "");
    project.edit("## Notes of the board", "## Notes of the analyst");
    assert_eq!((project.ran(&[]), project.text()), (vec!["report".to_owned()], before));
}

#[test]
fn a_report_goes_from_draft_to_reviewed_to_published_and_back() {
    let project = Project::new();
    assert!(project.status().contains("fresh [1 placeholder]"), "{}", project.status());
    let line = 1 + project.text().lines().position(|l| l.contains("[TO\u{44}O")).unwrap();
    let before = bytes(&project.path("reports"));
    for goal in ["publish", "review"] {
        let said = project.make(&[goal]);
        assert!(!said.ok && said.err.contains("Error 12"), "{}", said.err);
        assert!(said.err.contains(&format!("line {line}: a placeholder to fill")), "{}", said.err);
    }
    assert_eq!(bytes(&project.path("reports")), before, "nothing is written by a goal that was refused");

    let project = Project::filled();
    assert_eq!(project.ran(&["review"]), ["report"]);
    assert!(project.status().contains("fresh [reviewed]"), "{}", project.status());
    assert_eq!(project.ran(&[]), NONE);
    // Other numbers: a draft again, which is said.
    project.numbers(2);
    assert!(project.make(&[]).err.contains("it is a draft again"));
    assert_eq!(project.found("standing"), "draft");

    assert_eq!(project.ran(&["publish"]), ["report"]);
    let first = bytes(&project.path("reports/published/1"));
    assert!(first.len() > 5);
    assert_eq!(project.ran(&[]), NONE);
    project.numbers(1).ran(&[]);
    project.edit("for the board", "for all");
    project.ran(&["publish", "VERSION=2026-Q3"]);
    assert_eq!(bytes(&project.path("reports/published/1")), first, "a version is never written again");
    let second = bytes(&project.path("reports/published/2026-Q3"));
    assert!(read(project.path("reports/published/2026-Q3/report.md")).contains("for all"));
    project.numbers(2).ran(&[]);
    let said = project.make(&["publish", "VERSION=2026-Q3"]);
    assert!(
        !said.ok && said.err.contains("published already") && said.err.contains("Error 2"),
        "{}",
        said.err
    );
    assert_eq!(bytes(&project.path("reports/published/2026-Q3")), second);
    let history = read(project.path("reports/history.csv"));
    let versions: Vec<&str> = history.lines().map(|row| row.split(',').next().unwrap()).collect();
    assert_eq!(versions, ["version", "1", "2026-Q3"]);
    // What is published, and whoever vouched, outlives a reset.
    project.ran(&["publish"]);
    let said = project.make(&["reset"]);
    assert!(said.ok && project.path("reports/published/2/report.html").is_file(), "{}", said.out);
    for kept in [REPORT, HTML, STATE, MANIFEST, "reports/history.csv", "reports/report.figures/drift.svg"] {
        assert!(project.path(kept).is_file(), "{kept}\n{}", said.out);
    }
}

#[test]
fn reset_keeps_a_report_with_words_whether_or_not_make_saw_them() {
    for seen in [false, true] {
        let project = Project::new();
        project.edit("[TO\u{44}O", "Mine. [TO\u{44}O").edit("## The answer", "## The short answer");
        if seen {
            project.ran(&[]);
        }
        let said = project.make(&["reset"]);
        assert!(said.ok && said.out.contains("kept reports/report.md: it "), "{}", said.out);
        assert!(!project.path("models/model.pkl").exists());
        for kept in [REPORT, STATE, MANIFEST] {
            assert!(project.path(kept).is_file(), "{kept}, seen: {seen}\n{}", said.out);
        }
        // So that what was written inside of a block is still told from what was generated.
        project.numbers(2).ran(&[]);
        assert!(
            project.text().contains("Mine. [TO\u{44}O")
                && project.block("answer").contains("## The short answer")
        );
        assert!(!project.text().contains("onflict"), "{}", project.text());
    }
    // A draft that nobody touched goes, with all that stands beside it.
    let project = Project::new();
    assert!(project.make(&["reset"]).ok);
    assert!(files(&project.path("reports")).is_empty());
    project.ran(&[]);
    assert_eq!(project.ran(&[]), NONE);
}

#[test]
fn what_stands_beside_the_report_is_made_again_and_a_touch_is_no_edit() {
    let project = Project::new();
    project.edit("[TO\u{44}O", "Mine. [TO\u{44}O");
    project.ran(&[]);
    let before = bytes(&project.path("reports"));
    for name in [HTML, "reports/report.figures/drift.svg", STATE] {
        fs::remove_file(project.path(name)).unwrap();
        assert_eq!(project.ran(&[]), ["report"], "{name} removed");
        assert_eq!(project.ran(&[]), NONE, "{name}");
        if name != STATE {
            assert_eq!(bytes(&project.path("reports")), before, "{name}");
            write(project.path(name), "changed by hand");
            assert_eq!(project.ran(&[]), ["report"], "{name} changed");
            assert_eq!(bytes(&project.path("reports")), before, "{name}");
        }
    }
    let touch = |time| fs::File::open(project.path(REPORT)).unwrap().set_modified(time).unwrap();
    touch(SystemTime::now());
    assert_eq!(project.ran(&[]), ["report"]);
    assert_eq!(project.ran(&[]), NONE);
    // An edit under an old time is one, though no later than the manifest.
    project.edit("Mine. [TO\u{44}O", "Ours. [TO\u{44}O");
    touch(SystemTime::UNIX_EPOCH);
    assert!(project.status().contains("reports/report.md was edited"), "{}", project.status());
    assert_eq!(project.ran(&[]), ["report"]);
    assert!(read(project.path(HTML)).contains("Ours."));
    assert_eq!(project.ran(&[]), NONE);
}

#[test]
fn a_new_forecast_reruns_the_report_once() {
    let project = Project::new();
    assert_eq!(project.ran(&["predict"]), ["predict"]);
    assert!(project.status().contains("the forecast is newer"), "{}", project.status());
    assert_eq!(project.ran(&[]), ["report"]);
    assert_eq!(project.ran(&[]), NONE);
    assert!(json(project.path(MANIFEST))["inputs"].to_string().contains("reports/forecast.csv"));
    // One that is gone is shown no more.
    fs::remove_file(project.path("reports/forecast.csv")).unwrap();
    fs::remove_file(project.path(FORECAST)).unwrap();
    assert!(project.status().contains("reports/forecast.csv was removed"), "{}", project.status());
    assert_eq!(project.ran(&[]), ["report"]);
    assert_eq!(project.ran(&[]), NONE);
}

#[test]
fn a_forecast_asked_for_with_the_report_comes_before_it() {
    let project = Project::new();
    for _ in 0..5 {
        assert_eq!(project.ran(&["-j4", "report", "predict"]), ["predict", "report"]);
        assert_eq!(project.ran(&[]), NONE);
    }
    // One that goes elsewhere is none of the project's.
    let elsewhere = format!("OUT={}", project.path("elsewhere.csv").display());
    assert_eq!(project.ran(&["-j4", "report", "predict", &elsewhere]), ["predict"]);
    project.numbers(2);
    assert_eq!(project.ran(&["-j4", "report", "predict"]).len(), 7);
    assert_eq!(project.ran(&[]), NONE);
    let times = |name: &str| project.path(name).metadata().unwrap().modified().unwrap();
    assert!(times(FORECAST) <= times(MANIFEST));
}
