//! Many sources in one table: columns joined by name, refused where they are missing, extra or of
//! another type, or filled.

use predicates::prelude::*;
use tempfile::TempDir;

use super::support::write;
use super::{ingest, log, manifest, one, raw, refused, setup};

/// A project of sources in the order of their names.
fn sources(section: &str, files: &[(&str, &str)]) -> TempDir {
    setup(&format!("sources = [\"*.csv\"]\n{section}"), files)
}

fn filled(files: &[(&str, &str)]) -> TempDir {
    sources("union = \"fill\"", files)
}

#[test]
fn files_with_other_columns_are_all_named() {
    let folder = sources(
        "",
        &[
            ("a.csv", "x,y\n1,2\n"),
            ("b.csv", "x,z\n1,2\n"),
            ("c.csv", "y,x\n1,2\n"),
            ("d.csv", "x,y,w\n\"\n"),
            ("e.csv", "x\n1\n"),
        ],
    );
    refused(&folder, 21, "b.csv: columns differ from ");
    let log = log(&folder);
    let fill = "`union = \"fill\"` in [ingest] takes the columns of all";
    assert!(log.contains(&format!("a.csv: missing `y`; extra `z`; 2 more sources too; {fill}")), "{log}");
    assert!(log.contains("d.csv: extra `w`") && log.contains("e.csv: missing `y`"), "{log}");
    assert!(!log.contains("c.csv"), "{log}");
}

#[test]
fn columns_are_the_first_file_s_in_its_order() {
    let folder = sources("", &[("a.csv", "x,y\n1,2\n"), ("b.csv", "y,x\n4,3\n"), ("c.csv", "x,y\n5,6\n")]);
    ingest(&folder, &[]).success();
    assert_eq!(raw(&folder), "x,y\n1,2\n3,4\n5,6\n");
}

#[test]
fn a_name_that_is_only_alike_is_another() {
    for name in ["X", "x ", "\u{65}\u{301}", "x\u{200b}"] {
        let header = if name.starts_with('e') { "\u{e9}" } else { "x" };
        let folder = sources("", &[("a.csv", &format!("{header}\n1\n")), ("b.csv", &format!("{name}\n1\n"))]);
        refused(&folder, 21, "b.csv: columns differ from ");
    }
}

#[test]
fn a_union_has_the_columns_of_all_in_the_order_they_appear() {
    let folder = filled(&[("a.csv", "x,y\n1,2\n"), ("b.csv", "z,x\n3,4\n"), ("c.csv", "w,y\n5,6\n7,8\n")]);
    ingest(&folder, &[]).success();
    assert_eq!(raw(&folder), "x,y,z,w\n1,2,,\n4,,3,\n,6,,5\n,8,,7\n");
    let fields = manifest(&folder)["fields"].clone();
    let names: Vec<&str> = fields.as_array().unwrap().iter().map(|f| f["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["x", "y", "z", "w"]);
}

#[test]
fn cells_that_a_source_does_not_have_are_missing() {
    let folder = filled(&[("a.csv", "x\n1\n2\n"), ("b.csv", "y\n3\n")]);
    ingest(&folder, &[]).success();
    assert_eq!(raw(&folder), "x,y\n1,\n2,\n,3\n");
    let types = manifest(&folder)["found"]["types"].clone();
    assert_eq!(types[0], serde_json::json!({"name": "x", "type": "integer", "nulls": 1}));
    assert_eq!(types[1], serde_json::json!({"name": "y", "type": "integer", "nulls": 2}));
}

#[test]
fn a_source_with_a_header_alone_adds_its_columns_to_a_union() {
    let folder = filled(&[("a.csv", "x\n1\n"), ("b.csv", "x,y\n")]);
    ingest(&folder, &[]).success();
    assert_eq!(raw(&folder), "x,y\n1,\n");
}

#[test]
fn an_empty_file_among_others_is_refused() {
    for union in ["strict", "fill"] {
        let folder = sources(
            &format!("union = \"{union}\""),
            &[("a.csv", "x\n1\n"), ("b.csv", ""), ("c.csv", "x\n2\n")],
        );
        refused(&folder, 21, "b.csv: is empty, expected a header and rows");
    }
}

#[test]
fn the_same_file_twice_is_refused_in_a_union_too() {
    let folder = setup("sources = [\"a.csv\", \"b.csv\"]\nunion = \"fill\"", &[("a.csv", "x\n1\n")]);
    std::os::unix::fs::symlink(folder.path().join("a.csv"), folder.path().join("b.csv")).unwrap();
    refused(&folder, 21, "b.csv: is the same file as ");
}

#[test]
fn a_column_of_another_type_is_refused_with_both_files() {
    for (bytes, line, change) in [
        ("x\n2\n007\n", 3, "holds text, but integers in"),
        ("x\n\n2\n2.5\nn/a\n", 5, "holds text, but integers in"),
        ("x\ntrue\n", 2, "holds truth values, but integers in"),
        ("x\n2020-01-31\n", 2, "holds dates, but integers in"),
        ("x\n31/1/2020\n", 2, "holds dates like %d/%m/%Y, but integers in"),
    ] {
        let folder = sources("", &[("a.csv", "x\n1\n"), ("b.csv", bytes)]);
        refused(&folder, 21, &format!("b.csv:{line}: column `x` {change}"));
        assert!(log(&folder).contains("give the type in `types` of [ingest] or in schema.json"));
        let first = format!("{}/a.csv", folder.path().display());
        let error = log(&folder).lines().find(|l| l.contains("b.csv:")).unwrap().to_owned();
        assert!(error.contains(&first), "the file before is named: {error}");
    }
}

#[test]
fn dates_of_two_orders_are_two_types() {
    let folder = sources("", &[("a.csv", "d\n31/1/2020\n"), ("b.csv", "d\n1/31/2020\n")]);
    refused(&folder, 21, "b.csv:2: column `d` holds dates");
    assert!(log(&folder).contains("%m/%d/%Y") && log(&folder).contains("%d/%m/%Y"), "{}", log(&folder));
}

#[test]
fn each_file_that_changes_a_type_is_named_once_with_its_line() {
    let folder = sources(
        "",
        &[("a.csv", "x,y\n1,1\n"), ("b.csv", "x,y\n2,b\n"), ("c.csv", "x,y\nc,3\n"), ("d.csv", "x,y\n4,4\n")],
    );
    refused(&folder, 21, "b.csv:2: column `y` holds text, but integers in");
    let log = log(&folder);
    assert!(log.contains("c.csv:2: column `x` holds text, but integers in"), "{log}");
    assert!(log.contains("; 2 such columns in all; "), "columns x and y changed: {log}");
}

#[test]
fn a_wider_type_of_the_same_kind_is_no_other_type() {
    for (one, other) in
        [("1\n2", "2.5\n3"), ("1", ""), ("", "a"), ("a", "b\n1"), ("1/2/2020", "31/1/2020"), ("2.5", "1")]
    {
        let folder =
            sources("", &[("a.csv", &format!("x,k\n{one},1\n")), ("b.csv", &format!("x,k\n{other},2\n"))]);
        write(folder.path().join("a.csv"), format!("k,x\n1,{}\n", one.replace('\n', "\n1,")));
        write(folder.path().join("b.csv"), format!("k,x\n2,{}\n", other.replace('\n', "\n2,")));
        ingest(&folder, &[]).success();
    }
}

#[test]
fn a_type_that_is_given_or_a_union_takes_both() {
    let files = [("a.csv", "x\n1\n"), ("b.csv", "x\n007\n")];
    for section in ["types = { x = \"string\" }", "types = { x = \"integer\" }", "union = \"fill\""] {
        let folder = sources(section, &files);
        ingest(&folder, &[]).success();
        assert_eq!(raw(&folder), "x\n1\n007\n", "{section}");
    }
    let folder = sources("", &files);
    let schema = r#"{"fields": [{"name": "x", "type": "string"}]}"#;
    write(folder.path().join("schema.json"), schema);
    ingest(&folder, &[]).success();
    assert_eq!(raw(&folder), "x\n1\n007\n");
}

#[test]
fn within_one_file_a_change_of_type_is_text_and_no_refusal() {
    let folder = one("x\n1\n007\n");
    ingest(&folder, &[]).success();
    assert_eq!(manifest(&folder)["found"]["types"][0]["type"], "string");
}

#[test]
fn files_of_three_dialects_make_one_table() {
    let folder = setup(
        "sources = [\"a.csv\", \"b.csv\", { path = \"c.csv\", encoding = \"latin-1\", delimiter = \"~\" }]",
        &[("a.csv", "n,t\n1,\"a,b\"\n"), ("b.csv", "t;n\r\"c;\"\"d\"\"\";2\r")],
    );
    write(folder.path().join("c.csv"), b"n~t\r\n3~\xe9,\xff\r\n");
    ingest(&folder, &[]).success();
    assert_eq!(raw(&folder), "n,t\n1,\"a,b\"\n2,\"c;\"\"d\"\"\"\n3,\"é,ÿ\"\n");
    let found = manifest(&folder)["found"].clone();
    let of =
        |key: &str| found["dialects"].as_array().unwrap().iter().map(|d| d[key].clone()).collect::<Vec<_>>();
    assert_eq!(of("delimiter"), [",", ";", "~"]);
    assert_eq!(of("line_end"), ["lf or crlf", "cr", "lf or crlf"]);
    assert_eq!(of("encoding"), ["utf-8", "utf-8", "iso-8859-1"]);
    assert_eq!(found["types"][0]["type"], "integer");
}

#[test]
fn sources_without_headers_are_joined_by_place() {
    let folder = sources("header = false", &[("a.csv", "1,2\n"), ("b.csv", "3,4\n")]);
    ingest(&folder, &[]).success();
    assert_eq!(raw(&folder), "column_1,column_2\n1,2\n3,4\n");
    let folder = sources("header = false", &[("a.csv", "1,2\n"), ("b.csv", "3,4,5\n")]);
    ingest(&folder, &[]).code(21).stderr(predicate::str::contains("extra `column_3`"));
}
