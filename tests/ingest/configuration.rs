//! The section `[ingest]`: what is refused with its line, and what is printed of it.

use predicates::prelude::*;

use super::support::http::{Answer, Server};
use super::support::{files, project, read, write};
use super::{ingest, refused, setup};

#[test]
fn a_wrong_configuration_is_refused_with_its_line() {
    for (section, message) in [
        ("", "pipeline.toml:3: [ingest] sources: name the raw files"),
        ("sources = []", "pipeline.toml:5: [ingest] sources: name the raw files"),
        ("source = [\"a\"]", "pipeline.toml:5: unknown key `source` (did you mean `sources`?)"),
        ("sources = [\"-\"]", "standard input is given as `-i -`"),
        ("sources = [\"a\"]\nretries = 99", "pipeline.toml:6: [ingest] retries: at most 12"),
        ("sources = [\"a\"]\ntimeout_seconds = nan", "pipeline.toml:6: [ingest] timeout_seconds"),
        ("sources = 3", "pipeline.toml:5: invalid type: integer `3`, expected a list of texts, or of tables"),
        ("sources = [\"a\", 3]", "pipeline.toml:5: invalid type: integer `3`, expected a text, or a table"),
    ] {
        refused(&setup(section, &[]), 2, message);
    }
    let folder = project(&[("pipeline.toml", "[ingest]\nsources = [\"a\"]\n")]);
    ingest(&folder, &[]).code(2).stderr(predicate::str::contains("[project]"));
}

#[test]
fn a_wrong_value_is_refused_with_its_line() {
    for (line, message) in [
        ("delimiter = \"::\"", "[ingest] delimiter: one ASCII character, as `;`, `|` or `\\t`"),
        ("delimiter = \"\"", "[ingest] delimiter: one ASCII character"),
        ("delimiter = \"\\n\"", "[ingest] delimiter: one ASCII character"),
        ("delimiter = \"ß\"", "[ingest] delimiter: one ASCII character"),
        ("delimiter = '\"'", "[ingest] delimiter: parts cells, so it cannot quote or escape too"),
        ("delimiter = 3", "invalid type: integer `3`, expected a string"),
        ("quote = \"''\"", "[ingest] quote: one ASCII character"),
        ("escape = \"ab\"", "[ingest] escape: one ASCII character"),
        ("escape = '\"'", "[ingest] escape: a quote within a quoted cell is written twice"),
        ("comment = \"#\\n\"", "[ingest] comment: how a line begins: no line end in it"),
        ("header = \"no\"", "invalid type: string \"no\", expected a boolean"),
        ("skip_lines = -1", "invalid value: integer `-1`, expected u64"),
        ("footer_lines = 10001", "[ingest] footer_lines: at most 10000"),
        ("encoding = \"klingon\"", "[ingest] encoding: a label such as `utf-8`"),
        ("encoding = \"utf-32\"", "[ingest] encoding: a label such as `utf-8`"),
        ("names = \"x\"", "invalid type: string \"x\", expected a sequence"),
        ("decimal = \";\"", "[ingest] decimal: the decimal mark is `.` or `,`, not `;`"),
        ("thousands = \"_\"", "[ingest] thousands: the thousands mark is"),
        ("thousands = \".\"", "[ingest] thousands: `.` cannot be both the decimal and the thousands mark"),
        ("types = { x = \"text\" }", "unknown value `text`; known values: string, integer, number"),
        ("rejects = \"skip\"", "unknown value `skip`; known values: refuse, file"),
        ("rejects_limit = 1.5", "[ingest] rejects_limit: a share from 0 to 1"),
        ("rejects_limit = nan", "[ingest] rejects_limit: a share from 0 to 1"),
        ("union = \"filll\"", "unknown value `filll` (did you mean `fill`?)"),
        ("max_inflate_ratio = 0", "[ingest] max_inflate_ratio: at least 1"),
    ] {
        let folder = setup(&format!("sources = [\"a.csv\"]\n{line}"), &[("a.csv", "x\n1\n")]);
        refused(&folder, 2, &format!("pipeline.toml:6: {message}"));
    }
}

#[test]
fn a_wrong_table_of_a_source_is_refused_with_its_line() {
    for (table, message) in [
        (
            "{ path = \"a.csv\", delimeter = \";\" }",
            "pipeline.toml:7: unknown key `delimeter` (did you mean `delimiter`?)",
        ),
        ("{ delimiter = \";\" }", "pipeline.toml:7: missing field `path`"),
        ("{ path = 3 }", "pipeline.toml:7: invalid type: integer `3`, expected a string"),
        (
            "{ path = \"a.csv\", header = 1 }",
            "pipeline.toml:7: invalid type: integer `1`, expected a boolean",
        ),
        (
            "{ path = \"a.csv\", delimiter = \"::\" }",
            "pipeline.toml:7: [ingest] delimiter: one ASCII character",
        ),
        ("{ path = \"a.csv\", rejects = \"file\" }", "pipeline.toml:7: unknown key `rejects`; known keys: "),
        ("{ path = \"-\" }", "standard input is given as `-i -`"),
    ] {
        let folder = setup(&format!("delimiter = \",\"\nsources = [\n{table},\n]"), &[("a.csv", "x\n1\n")]);
        refused(&folder, 2, message);
    }
}

#[test]
fn a_type_for_a_column_that_is_nowhere_is_refused_with_the_nearest() {
    let folder = setup("sources = [\"a.csv\"]\ntypes = { zipp = \"string\" }", &[("a.csv", "zip,y\n1,2\n")]);
    refused(&folder, 2, "`zipp` (did you mean `zip`?)");
}

#[test]
fn the_effective_configuration_holds_what_affects_the_bytes() {
    let folder =
        setup("sources = [\"raw/*.csv\", \"https://u:s3cret@h/x.csv?k=s3cret\"]\ntimeout_seconds = 5", &[]);
    let output = ingest(&folder, &["--print-config"]).success();
    let text = String::from_utf8(output.get_output().stdout.clone()).unwrap();
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["sources"][0], serde_json::json!({"path": "raw/*.csv"}));
    assert!(value["sources"][1]["path"].as_str().unwrap().starts_with("https://h/x.csv"), "{text}");
    assert_eq!(value["null_tokens"], serde_json::json!([""]));
    assert_eq!(value["limits"]["columns"], 16_384);
    assert!(!text.contains("s3cret") && !text.contains("wait") && !text.contains("timeout"), "{text}");
    assert_eq!(files(folder.path()).len(), 1, "an answer writes nothing");
}

#[test]
fn the_list_of_sources_tells_what_changed_and_waits_for_nothing() {
    let server = Server::start(vec![Answer::ok("x\n1\n")]);
    let url = server.url("/a.csv");
    let folder = setup(
        &format!("sources = [\"a b.csv\", \"raw/*.csv\", \"{url}\"]\nfirst_wait_seconds = 60"),
        &[("a b.csv", "x\n1\n")],
    );
    let config = read(folder.path().join("pipeline.toml")).replace("first_wait_seconds = 0.01\n", "");
    write(folder.path().join("pipeline.toml"), config);
    let output = ingest(&folder, &["--list-sources"]).success().stderr("");
    let text = String::from_utf8(output.get_output().stdout.clone()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("a b.csv\t4\t"), "{text}");
    assert_eq!(lines[1..], ["raw/*.csv\tmissing".to_owned(), format!("{url}\tremote")]);
    assert!(server.requests().is_empty());
    assert_eq!(files(folder.path()).len(), 2, "an answer writes nothing");
    write(folder.path().join("raw/1\n.csv"), "x\n2\n");
    ingest(&folder, &[]).success();
    // Its hash stands in the lock, which Make looks at: a run must not rerun for what it has written.
    let listed = predicate::str::contains(format!("{url}\tremote\n"))
        .and(predicate::str::contains("raw/1\\n.csv\t4\t"));
    ingest(&folder, &["--list-sources"]).success().stdout(listed);
}

#[test]
fn the_effective_configuration_holds_the_dialect_of_each_source() {
    let folder = setup(
        "sources = [\"a.csv\", { path = \"b.csv\", delimiter = \"|\", quote = \"\" }]\ndelimiter = \";\"\nheader = false",
        &[],
    );
    let output = ingest(&folder, &["--print-config"]).success();
    let value: serde_json::Value = serde_json::from_slice(&output.get_output().stdout).unwrap();
    let first = serde_json::json!({"path": "a.csv", "delimiter": ";", "header": false});
    let second = serde_json::json!({"path": "b.csv", "delimiter": "|", "header": false, "quote": ""});
    assert_eq!(value["sources"], serde_json::json!([first, second]));
    assert_eq!(value["rejects"], "refuse");
    assert_eq!(value["union"], "strict");
}
