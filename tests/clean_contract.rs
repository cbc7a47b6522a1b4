//! Stage `clean` through its real binary: the contract on columns, the configuration, and who is told
//! of a breach.
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

use std::net::TcpListener;

use predicates::prelude::*;
use predicates::str::contains;
use support::contract::{CONFIG, clean, clean_csv, contracted, schema, splits_cells, violations, with_cells};
use support::http::{Answer, Server};
use support::{column, files, json, project, read, run, write};
use tempfile::TempDir;

#[test]
fn every_breach_of_every_source_is_listed_and_nothing_is_written() {
    let config = format!("{CONFIG}[ingest]\nsources = [\"raw/*.csv\"]\n");
    let x = r#"{"name": "x", "type": "integer", "constraints": {"required": true, "maximum": 9}}"#;
    let folder = project(&[
        ("pipeline.toml", &config),
        ("schema.json", &schema(x)),
        ("raw/a.csv", "x,y,part\n1,2,train\n2.5,oops,train\n\n,3,tests\n"),
        ("raw/b.csv", "part,y,x\ntest,4,\"1\n0\"\ntest,5,10\ntest,,9\n"),
    ]);
    run("ingest", folder.path(), &[]).success();
    let stderr = "ERROR clean: 6 breaches of the contract: `part` 1, `x` 4, `y` 1; all of them in data/processed/clean.csv.violations.csv";
    run("clean", folder.path(), &[]).code(10).stdout("").stderr(contains(stderr));
    assert_eq!(
        violations(&folder),
        "source,line,column,what\n\
         raw/a.csv,3,x,\"found `2.5`, expected an integer\"\n\
         raw/a.csv,3,y,\"found `oops`, expected a number\"\n\
         raw/a.csv,5,x,\"is missing, and must not be\"\n\
         raw/a.csv,5,part,\"found `tests`, which is not one of the values allowed: `train`, `calibration`, `test`, `gap`\"\n\
         raw/b.csv,2,x,\"found `1\\n0`, expected an integer\"\n\
         raw/b.csv,4,x,\"found `10`, expected at most 9\"\n"
    );
    let log = read(folder.path().join("logs/clean.log"));
    assert!(
        log.contains("ERROR clean: raw/a.csv:3: column `y` (2): found `oops`, expected a number"),
        "{log}"
    );
    assert!(!folder.path().join("data/processed/clean.csv").exists());
}

#[test]
fn a_breach_far_down_is_found_with_its_line() {
    let mut cells = vec!["7"; 4000];
    cells.push("7O");
    splits_cells(
        r#"{"name": "x", "type": "integer"}"#,
        &cells[..4000],
        &cells[4000..],
        "expected an integer",
    );
}

#[test]
fn columns_that_are_missing_extra_or_misnamed_are_named_with_the_nearest() {
    let folder =
        contracted(&schema(r#"{"name": "sales", "type": "number"}"#), "sails,y,part,z\n1,2,train,3\n");
    clean(&folder)
        .code(10)
        .stderr(contains("raw.csv:1: column `sales`: not there; schema.json has it (did you mean `sails`?)"))
        .stderr(contains("raw.csv:1: column `sails`: not in schema.json (did you mean `sales`?)"))
        .stderr(contains("raw.csv:1: column `z`: not in schema.json\n"));
    assert_eq!(column(&violations(&folder), "column"), ["sales", "sails", "z"]);
}

#[test]
fn a_column_that_the_configuration_names_must_be_there() {
    let folder = project(&[
        ("pipeline.toml", &CONFIG.replace("\"y\"", "\"yy\"")),
        ("raw.csv", "x,y,part\n1,2,train\n"),
    ]);
    clean(&folder)
        .code(10)
        .stderr(contains("column `yy`: [project] target names it, and it is no column (did you mean `y`?)"));
}

#[test]
fn each_type_has_its_grammar() {
    let x = |kind: &str| format!("{{\"name\": \"x\", \"type\": \"{kind}\"}}");
    let integers = ["0", "-7", "9223372036854775807", "007", " 1", "NA", ""];
    splits_cells(
        &x("integer"),
        &integers,
        &["1.0", "1e3", "9223372036854775808", "1 0"],
        "expected an integer",
    );
    let numbers = ["0", "-7.25", "1e3", ".5", "NA"];
    splits_cells(
        &x("number"),
        &numbers,
        &["inf", "NaN", "1e309", "$3", "0x1F", "1_000", "5-"],
        "expected a number",
    );
    splits_cells(
        &x("boolean"),
        &["true", "FALSE", "1", "0", ""],
        &["yes", "2", "tRUE"],
        "expected a boolean",
    );
    splits_cells(
        &x("date"),
        &["2024-02-29", ""],
        &["2023-02-29", "2024-2-9", "29/02/2024"],
        "expected a date like 2024-02-29",
    );
    let datetimes = ["2024-02-29T12:30", "2024-02-29 12:30:59.25"];
    splits_cells(
        &x("datetime"),
        &datetimes,
        &["2024-02-29", "2024-02-29T25:00", "2024-02-29T12:30:00Z"],
        "expected a datetime like 2024-02-29T12:30",
    );
}

#[test]
fn constraints_are_kept() {
    let x = |kind: &str, constraints: &str| {
        format!("{{\"name\": \"x\", \"type\": \"{kind}\", \"constraints\": {{{constraints}}}}}")
    };
    splits_cells(&x("number", "\"minimum\": 0.5"), &["0.5", "NA"], &["0.49", "-1"], "expected at least 0.5");
    splits_cells(&x("integer", "\"maximum\": 3"), &["3", "-9"], &["4"], "expected at most 3");
    splits_cells(
        &x("string", "\"enum\": [\"a\", \"b c\"]"),
        &["a", "b c", "NA"],
        &["A", "b"],
        "not one of the values allowed",
    );
    let required = with_cells(&x("string", "\"required\": true"), &["a", "NA", ""]);
    clean(&required).code(10);
    assert_eq!(column(&violations(&required), "line"), ["3", "4"]);
    assert_eq!(column(&violations(&required), "what"), ["is missing, and must not be"; 2]);
}

#[test]
fn a_declared_format_reads_dates_and_they_are_written_in_one_form() {
    let x = r#"{"name": "x", "type": "date", "format": "%d/%m/%Y"}"#;
    let folder = with_cells(x, &["29/02/2024", "01/12/1999"]);
    clean(&folder).success();
    assert_eq!(column(&clean_csv(&folder), "x"), ["2024-02-29", "1999-12-01"]);
    splits_cells(
        x,
        &["29/02/2024"],
        &["02/29/2024", "2024-02-29", "01/01/+12000"],
        "expected a date like %d/%m/%Y",
    );
}

#[test]
fn only_declared_cells_are_missing() {
    let only_na = schema(r#"{"name": "x", "type": "string"}"#).replace("[\"\", \"NA\"]", "[\"NA\"]");
    let folder = contracted(&only_na, "x,y,part\n,1,train\n\"\",2,train\nNA,3,train\nna,4,train\n");
    write(folder.path().join("pipeline.toml"), format!("{CONFIG}fill = {{ text = \"none\" }}\n"));
    clean(&folder).success();
    // The empty cell is a text like any other here, so it is quoted; only `NA` is missing.
    assert_eq!(clean_csv(&folder), "x,y,split\n\"\",1.0,train\n\"\",2.0,train\n,3.0,train\nna,4.0,train\n");
    let nulls = &json(folder.path().join("data/processed/clean.csv.meta.json"))["found"]["nulls"]["x"];
    assert_eq!(nulls["before"], 1);
}

#[test]
fn texts_of_a_contract_stay_the_texts_they_are() {
    let folder = with_cells(
        r#"{"name": "x", "type": "string"}"#,
        &["1E5", "+5", "007", "1.50", "12345678901234567890"],
    );
    clean(&folder).success();
    assert_eq!(column(&clean_csv(&folder), "x"), ["1E5", "+5", "007", "1.50", "12345678901234567890"]);
}

#[test]
fn a_contract_with_a_fault_is_refused_with_its_line() {
    for (x, message) in [
        (
            r#"{"name": "x", "type": "number", "unique": true}"#,
            ":2: unknown word `unique` of a column: it belongs under `constraints`",
        ),
        (
            r#"{"name": "x", "type": "number", "constraints": {"minimun": 1}}"#,
            ":2: unknown word `minimun` (did you mean `minimum`?)",
        ),
        (
            r#"{"name": "x", "type": "decimal"}"#,
            ":2: column `x`: type: `decimal` is no type; there are string, ",
        ),
        (r#"{"title": "x"}"#, ":2: the word `name` is missing"),
        (
            r#"{"name": "x", "type": "number", "constraints": {"minimum": "one"}}"#,
            ":2: column `x`: minimum: `one` is no value of the column: expected a number",
        ),
        (
            r#"{"name": "x", "type": "string", "constraints": {"minimum": 1}}"#,
            ":2: column `x`: minimum: is for numbers and dates, and this is a column of type string",
        ),
        (
            r#"{"name": "x", "type": "number", "format": "%Y"}"#,
            ":2: column `x`: format: a format is a strptime pattern of a date or datetime, not `%Y`",
        ),
        ("{\"type\": \"string\",\n\n\"name\": \"y\"},\n{\"name\": \"x\"}", ":6: column `y` stands twice"),
        (r#"{"name": "x", "type": "number"},,"#, ":2: "),
    ] {
        let folder = contracted(&schema(x), "x,y,part\n1,2,train\n");
        clean(&folder).code(2).stderr(contains(format!("ERROR clean: schema.json{message}")));
        assert!(!folder.path().join("data").exists());
    }
}

#[test]
fn a_configuration_with_a_fault_is_refused_with_its_line_before_any_data() {
    for (section, message) in [
        ("[clean]\nduplicate = \"drop\"\n", ":4: unknown key `duplicate` (did you mean `duplicates`?)"),
        ("[clean]\nduplicates = \"dorp\"\n", ":4: unknown value `dorp` (did you mean `drop`?)"),
        ("[clean]\nsplit = { by = \"hash\", tset = 0.2 }\n", ":4: unknown key `tset` (did you mean `test`?)"),
        ("[clean]\nsplit = { by = \"hash\", test = 0 }\n", ":4: [clean] split: shares are"),
        ("[clean]\nsplit = { by = \"hash\", test = nan }\n", ":4: [clean] split: shares are"),
        (
            "[clean]\nsplit = { by = \"hash\", test = 0.6, calibration = 0.4 }\n",
            ":4: [clean] split: shares are",
        ),
        (
            "[clean]\nsplit = { test_from = \"2012\" }\n",
            ":4: [clean] split: a split by time needs [project] time",
        ),
        (
            "[clean]\nsplit = { test_from = \"2012\", column = \"x\" }\n",
            ":4: [clean] split: give the keys of one way only",
        ),
        ("[clean]\nsplit = { by = \"column\" }\n", ":4: [clean] split: a split by column needs column"),
        (
            "[clean]\nfill = { columns = { y = \"mean\" } }\n",
            ":4: [clean] fill: `y` is the target or a key, which is never filled",
        ),
        ("[clean.fill]\nnumber = 3\n", ":4: "),
        ("[claen]\n", ":3: unknown section `claen` (did you mean `clean`?)"),
        ("[clean]\nduplicates = \"drop\"\nduplicates = \"keep\"\n", ":5: "),
    ] {
        let folder = project(&[("pipeline.toml", &format!("[project]\ntarget = \"y\"\n{section}"))]);
        clean(&folder).code(2).stderr(contains(format!("ERROR clean: pipeline.toml{message}")));
    }
    let empty = project(&[]);
    clean(&empty).code(2).stderr(contains("pipeline.toml: no such file"));
}

// Who is told.

/// A project with a breach in `raw.csv` and a section `[notify]`.
fn notifying(notify: &str) -> TempDir {
    let folder = with_cells(r#"{"name": "x", "type": "number"}"#, &["1", "two"]);
    write(folder.path().join("pipeline.toml"), format!("{CONFIG}[notify]\n{notify}\n"));
    folder
}

/// What a breach is told as.
fn is_payload(body: &[u8]) {
    let payload: serde_json::Value = serde_json::from_slice(body).unwrap();
    assert_eq!(
        (&payload["task"], &payload["class"], &payload["exit_code"]),
        (&"clean".into(), &"schema".into(), &10.into())
    );
    assert!(payload["message"].as_str().unwrap().contains("1 breach of the contract: `x` 1"), "{payload}");
    assert_eq!(payload["details"][0], "raw.csv:3: column `x` (1): found `two`, expected a number");
    assert!(!payload["run"].as_str().unwrap().is_empty() && !payload["log"].as_array().unwrap().is_empty());
}

#[test]
fn a_breach_is_posted_once_to_the_webhook_whose_address_is_kept_nowhere() {
    let server = Server::start(vec![Answer::status(204)]);
    let folder = notifying(&format!("webhook = \"{}\"", server.url("/hook?token=s3cret")));
    run("clean", folder.path(), &["-i", "raw.csv", "-v", "-v"])
        .code(10)
        .stderr(contains("notified by webhook"))
        .stderr(contains("s3cret").not());
    let [request] = server.requests().try_into().unwrap();
    assert_eq!(request.line, "POST /hook?token=s3cret HTTP/1.1");
    assert!(
        request.headers.iter().any(|h| h.eq_ignore_ascii_case("content-type: application/json")),
        "{:?}",
        request.headers
    );
    is_payload(&request.body);
    write(folder.path().join("raw.csv"), "x,y,part\n1,2,train\n");
    clean(&folder).success();
    assert_eq!(server.requests().len(), 1, "a run that is well tells nobody");
    for file in files(folder.path()).iter().filter(|f| !f.ends_with("pipeline.toml")) {
        let text = read(file);
        assert!(!text.contains("s3cret") && !text.contains(server.address()), "{}", file.display());
    }
}

#[test]
fn a_breach_is_given_to_the_command_on_standard_input() {
    let folder = notifying("command = [\"sh\", \"-c\", \"cat > told.json; echo noise\"]");
    clean(&folder).code(10).stdout("").stderr(contains("notified by command"));
    is_payload(read(folder.path().join("told.json")).as_bytes());
}

#[test]
fn a_dead_webhook_is_logged_and_changes_nothing() {
    let quiet = notifying("on = []");
    clean(&quiet).code(10);
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let refusing = Server::start(vec![Answer::status(500)]);
    for (url, reason) in
        [(format!("http://127.0.0.1:{port}/s3cret"), "refused"), (refusing.url("/s3cret"), "status 500")]
    {
        let folder = notifying(&format!("webhook = \"{url}\"\ncommand = [\"no-such-program-here\"]"));
        clean(&folder)
            .code(10)
            .stderr(contains("ERROR clean: notification by webhook failed").and(contains(reason)))
            .stderr(contains("ERROR clean: notification by command failed"))
            .stderr(contains("s3cret").not());
        assert_eq!(violations(&folder), violations(&quiet));
    }
}

#[test]
fn a_silent_webhook_is_given_up_after_its_time() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let folder =
        notifying(&format!("webhook = \"http://{}/\"\ntimeout_seconds = 1", listener.local_addr().unwrap()));
    let begun = std::time::Instant::now();
    clean(&folder).code(10).stderr(contains("no answer within 1 s"));
    assert!(begun.elapsed().as_secs() < 10);
}

#[test]
fn a_message_about_many_columns_names_the_first_and_counts_the_others() {
    let fields: Vec<String> = (0..500).map(|i| format!("{{\"name\": \"c{i:03}\"}}")).collect();
    let folder = contracted(&format!("{{\"fields\": [{}]}}", fields.join(",")), "x,y,part\n1,2,train\n");
    clean(&folder)
        .code(10)
        .stderr(contains("503 breaches of the contract: `c000` 1, `c001` 1, "))
        .stderr(contains("`c019` 1 and 483 columns more; all of them in "))
        .stderr(contains("c060").not());
    assert_eq!(violations(&folder).lines().count(), 504);
}
