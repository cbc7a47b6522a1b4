//! Stage `clean` through its real binary: texts of any kind, the formats of a table, pipes, and the
//! same bytes everywhere.
#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    clippy::float_cmp,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking and says what it skips"
)]

mod support;

use assert_cmd::assert::Assert;
use predicates::str::contains;
use support::{cells, files, json, project, read, run, shell, stage};
use tempfile::TempDir;

const CONFIG: &str = "[project]\ntarget = \"y\"\n[clean]\nsplit = { by = \"column\", column = \"part\" }\n";

/// Texts that break whatever does not quote.
const HOSTILE: [&str; 14] = [
    "two\nlines",
    "say \"hi\"",
    "a,b;c\td",
    "$(touch canary)",
    "`touch canary`; touch canary",
    "\u{202e}backwards\u{200b}",
    "=1+1",
    "<script>alert(1)</script>",
    " blanks ",
    "\\N{x}%s{}",
    "'",
    "\"",
    "carriage\rreturn",
    "__proto__",
];

/// A project with the table `raw.csv` of `rows`, each cell quoted.
fn quoted(rows: &[Vec<String>]) -> TempDir {
    let line = |row: &Vec<String>| {
        let cells: Vec<String> = row.iter().map(|c| format!("\"{}\"", c.replace('"', "\"\""))).collect();
        cells.join(",") + "\n"
    };
    project(&[("pipeline.toml", CONFIG), ("raw.csv", &rows.iter().map(line).collect::<String>())])
}

fn clean(folder: &TempDir, arguments: &[&str]) -> Assert {
    run("clean", folder.path(), &[&["-i", "raw.csv"], arguments].concat())
}

fn row(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|c| (*c).to_owned()).collect()
}

#[test]
fn hostile_cells_survive_exactly() {
    let long = "é".repeat(300);
    let mut rows = vec![row(&["x", "y", "part"])];
    rows.extend(HOSTILE.iter().chain([&long.as_str()]).map(|cell| row(&[cell, "1", "train"])));
    let folder = quoted(&rows);
    clean(&folder, &[]).success();
    rows[0][2] = "split".to_owned();
    assert_eq!(cells(&read(folder.path().join("data/processed/clean.csv"))), rows);
    assert!(!files(folder.path()).iter().any(|f| f.ends_with("canary")));
}

#[test]
fn hostile_names_survive_exactly() {
    let long = "n".repeat(300);
    let mut names = HOSTILE.to_vec();
    names.extend([long.as_str(), "y", "part"]);
    let mut values = vec!["1"; names.len()];
    *values.last_mut().unwrap() = "train";
    let folder = quoted(&[row(&names), row(&values)]);
    clean(&folder, &[]).success();
    *names.last_mut().unwrap() = "split";
    assert_eq!(cells(&read(folder.path().join("data/processed/clean.csv"))), [row(&names), row(&values)]);
    let manifest = json(folder.path().join("data/processed/clean.csv.meta.json"));
    let fields = manifest["fields"].as_array().unwrap();
    assert_eq!(fields.iter().map(|f| f["name"].as_str().unwrap()).collect::<Vec<_>>(), names);
    run("feature-engineer", folder.path(), &[]).success();
    let mut features = row(&["split"]);
    features.extend(row(&names[..names.len() - 2]));
    features.push("y".to_owned());
    assert_eq!(cells(&read(folder.path().join("data/processed/features.csv")))[0], features);
    assert!(!files(folder.path()).iter().any(|f| f.ends_with("canary")));
}

#[test]
fn hostile_texts_are_shown_on_one_line_and_cut() {
    let long = "9".repeat(300) + "x";
    let folder = quoted(&[
        row(&["\u{1b}[31mred\n", "y", "part"]),
        row(&[&long, "1", "\u{1b}[2J\nfake"]),
        row(&["1", "1", "train"]),
    ]);
    let said = clean(&folder, &[]).code(10).get_output().stderr.clone();
    let said = String::from_utf8(said).unwrap();
    assert!(said.contains("column `part` (3): found `\\u{1b}[2J\\nfake`"), "{said}");
    assert!(!said.contains('\u{1b}') && said.lines().all(|l| l.contains(" clean: ")), "{said}");
    let schema = "{\"fields\":[{\"name\":\"\\u001b[31mred\\n\",\"type\":\"number\"},{\"name\":\"y\",\"type\":\"number\"},{\"name\":\"part\",\"type\":\"string\"}]}";
    support::write(folder.path().join("schema.json"), schema);
    clean(&folder, &[])
        .code(10)
        .stderr(contains(format!("column `\\u{{1b}}[31mred\\n` (1): found `{}…`", "9".repeat(200))));
}

/// A panel with every type, missing cells and texts that need quotes.
fn typed_panel() -> TempDir {
    let config = "[project]\ntarget = \"y\"\nentity = \"e\"\ntime = \"t\"\nhorizon = 1\n[clean]\nsplit = { test_from = \"2020-01-09\" }\n\
                  [features]\nlags = [{ columns = [\"x\"], rows = [1] }]\n";
    let mut raw = String::from("e,t,clock,x,n,b,c,y\n");
    for day in 1..=12 {
        for (e, shift) in [("a, \"b\"", 0.1), ("c\nd", 0.25)] {
            let e = e.replace('"', "\"\"");
            let x =
                if day % 5 == 0 { String::new() } else { format!("{}", f64::from(day * day) / 7.0 + shift) };
            let c = ["u", "v", ""][usize::try_from(day).unwrap() % 3];
            raw.push_str(&format!(
                "\"{e}\",2020-01-{day:02},2020-01-{day:02}T01:02:03.5,{x},{},{},{c},{}\n",
                day * 3 - 20,
                day % 2 == 0,
                f64::from(day) * 1.5 + shift
            ));
        }
    }
    project(&[("pipeline.toml", config), ("raw.csv", &raw)])
}

#[test]
fn every_format_holds_the_same_table() {
    let folder = typed_panel();
    let mut seen = Vec::new();
    for ending in ["csv", "parquet", "arrow"] {
        let (clean_file, features) = (format!("clean.{ending}"), format!("f-{ending}.csv"));
        clean(&folder, &["-o", &clean_file]).success();
        run("feature-engineer", folder.path(), &["-i", &clean_file, "-o", &features]).success();
        let manifest = json(folder.path().join(format!("{clean_file}.meta.json")));
        let pending = read(folder.path().join(format!("{features}.pending.csv")));
        seen.push((
            read(folder.path().join(&features)),
            pending,
            manifest["learned"].clone(),
            manifest["fields"].clone(),
        ));
    }
    assert_eq!(cells(&seen[0].0).len(), 1 + 24 - 4, "two rows are pending and two are purged");
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[0], seen[2]);
}

#[test]
fn a_table_made_by_hand_may_be_typed_already() {
    let folder = typed_panel();
    clean(&folder, &["-o", "first.csv"]).success();
    for ending in ["parquet", "arrow"] {
        let typed = format!("typed.{ending}");
        clean(&folder, &["-o", &typed]).success();
        for file in [".meta.json", ".dropped.csv"] {
            std::fs::remove_file(folder.path().join(format!("{typed}{file}"))).unwrap();
        }
        let config = read(folder.path().join("pipeline.toml"));
        let by_column =
            config.replace("{ test_from = \"2020-01-09\" }", "{ by = \"column\", column = \"split\" }");
        support::write(folder.path().join("column.toml"), by_column);
        run("clean", folder.path(), &["--config", "column.toml", "-i", &typed, "-o", "again.csv"]).success();
        assert_eq!(read(folder.path().join("again.csv")), read(folder.path().join("first.csv")), "{ending}");
    }
}

#[test]
fn a_pipe_gives_the_bytes_that_files_give() {
    let folder = typed_panel();
    clean(&folder, &[]).success();
    run("feature-engineer", folder.path(), &[]).success();
    let script = "clean -i - -o - --meta m.json < raw.csv | feature-engineer -i - -o - --meta m.json > f.csv";
    shell(folder.path(), script).success();
    let processed = folder.path().join("data/processed");
    assert_eq!(read(folder.path().join("f.csv")), read(processed.join("features.csv")));
    assert_eq!(
        read(folder.path().join("m.json.pending.csv")),
        read(processed.join("features.csv.pending.csv"))
    );
    let (piped, filed) = (json(folder.path().join("m.json")), json(processed.join("features.csv.meta.json")));
    for key in ["stage", "config_sha256", "fields", "ledger", "found", "learned", "learned_before"] {
        assert_eq!(piped[key], filed[key], "{key}");
    }
    assert_eq!(piped["output"]["sha256"], filed["output"]["sha256"]);
    let without =
        stage("clean").current_dir(&folder).args(["-q", "-i", "raw.csv", "-o", "-"]).assert().success();
    assert_eq!(without.get_output().stdout, read(processed.join("clean.csv")).into_bytes());
}

#[test]
fn a_manifest_of_another_table_is_refused_in_a_pipe() {
    let folder = typed_panel();
    shell(folder.path(), "clean -q -i raw.csv -o - --meta m.json > c.csv && echo x >> c.csv").success();
    shell(folder.path(), "feature-engineer -i - -o - --meta m.json < c.csv")
        .code(13)
        .stdout("")
        .stderr(contains("damaged or edited"));
}

#[test]
fn a_reader_that_goes_away_is_no_failure_worth_a_message() {
    let folder = typed_panel();
    let script = "{ sleep 0.2; clean -q -i raw.csv -o -; echo $? >&2; } | true";
    shell(folder.path(), script).success().stderr("141\n");
}

#[test]
fn the_bytes_do_not_depend_on_where_and_how_it_runs() {
    let settings = [
        [("TZ", "UTC"), ("LANG", "C"), ("POLARS_MAX_THREADS", "1")],
        [("TZ", "Asia/Kathmandu"), ("LANG", "tr_TR.UTF-8"), ("POLARS_MAX_THREADS", "2")],
    ];
    let outputs = settings.map(|environment| {
        let folder = typed_panel();
        for name in ["clean", "feature-engineer"] {
            let mut command = stage(name);
            command.envs(environment).arg("--project").arg(folder.path());
            if name == "clean" {
                command.arg("-i").arg(folder.path().join("raw.csv"));
            }
            command.current_dir(std::env::temp_dir()).assert().success();
        }
        let written = files(&folder.path().join("data"));
        written.iter().map(|f| (f.file_name().unwrap().to_owned(), read(f))).collect::<Vec<_>>()
    });
    assert_eq!(outputs[0].len(), 6);
    assert_eq!(outputs[0], outputs[1]);
}
