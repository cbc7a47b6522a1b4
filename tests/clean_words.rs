//! Each word of `schema.json` through the real `clean`: a cell that keeps it, one that breaks it, and
//! contracts that are none.
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

use predicates::prelude::*;
use predicates::str::contains;
use support::contract::{CONFIG, clean, clean_csv, contracted, schema, splits_cells, with_cells};
use support::{column, project, write};

/// A column `x` of `kind` with `more` words.
fn x(kind: &str, more: &str) -> String {
    format!("{{\"name\": \"x\", \"type\": \"{kind}\"{more}}}")
}

/// A column `x` of `kind` under `constraints`.
fn under(kind: &str, constraints: &str) -> String {
    x(kind, &format!(", \"constraints\": {{{constraints}}}"))
}

#[test]
fn a_type_not_named_is_string() {
    let folder = with_cells(r#"{"name": "x"}"#, &["007", "abc"]);
    clean(&folder).success();
    assert_eq!(column(&clean_csv(&folder), "x"), ["007", "abc"]);
}

#[test]
fn limits_of_numbers() {
    splits_cells(
        &under("number", "\"exclusiveMinimum\": 0"),
        &["1e-300", "7"],
        &["0", "-0.0", "-1"],
        "expected more than 0",
    );
    splits_cells(
        &under("number", "\"exclusiveMaximum\": 2.5"),
        &["2.4999"],
        &["2.5", "2.50"],
        "expected less than 2.5",
    );
    splits_cells(
        &under("number", "\"minimum\": \"1e2\""),
        &["100", "1000"],
        &["99.9"],
        "expected at least 1e2",
    );
    // Beyond 2^53 not every integer is an f64: the limit is still met to the unit.
    splits_cells(
        &under("integer", "\"maximum\": 9007199254740993"),
        &["9007199254740993", "9007199254740992"],
        &["9007199254740994"],
        "expected at most 9007199254740993",
    );
    let german =
        r#", "decimalChar": ",", "groupChar": ".", "constraints": {"minimum": "1.000,5", "maximum": 2000}"#;
    clean(&with_cells(&x("number", german), &["\"1000,5\"", "\"1.999,9\""])).success();
    let folder =
        with_cells(&x("number", r#", "decimalChar": ",", "constraints": {"minimum": "1,5"}"#), &["\"1,4\""]);
    clean(&folder).code(10).stderr(contains("raw.csv:2: column `x` (1): found `1,4`, expected at least 1,5"));
}

#[test]
fn limits_of_dates_are_written_as_the_dates_are() {
    splits_cells(
        &under("date", "\"minimum\": \"2020-02-29\", \"exclusiveMaximum\": \"2021-01-01\""),
        &["2020-02-29", "2020-12-31", ""],
        &["2021-01-01"],
        "expected less than 2021-01-01",
    );
    splits_cells(
        &x("date", r#", "format": "%d/%m/%Y", "constraints": {"minimum": "29/02/2020"}"#),
        &["29/02/2020", "01/01/2021"],
        &["28/02/2020", "31/12/2019"],
        "expected at least 29/02/2020",
    );
    splits_cells(
        &under(
            "datetime",
            "\"maximum\": \"2020-01-01T12:00:00\", \"exclusiveMinimum\": \"2019-01-01T00:00:00\"",
        ),
        &["2020-01-01T12:00", "2019-01-01 00:00:01"],
        &["2020-01-01T12:00:01"],
        "expected at most 2020-01-01T12:00:00",
    );
}

#[test]
fn lengths_count_characters_and_not_bytes() {
    splits_cells(
        &under("string", "\"minLength\": 2"),
        &["éé", "ab", "NA"],
        &["é", "x"],
        "expected at least 2 characters",
    );
    splits_cells(
        &under("string", "\"maxLength\": 1"),
        &["é", "日", ""],
        &["éé", "ab"],
        "expected at most 1 character",
    );
    splits_cells(
        &under("string", "\"minLength\": 3, \"maxLength\": 3"),
        &["日本語", "abc"],
        &["ab"],
        "at least 3",
    );
}

#[test]
fn a_pattern_is_for_the_whole_text() {
    let unlike = "expected a text that matches";
    splits_cells(
        &under("string", r#""pattern": "[A-Z]{2}[0-9]+""#),
        &["AB1", "ZZ999", ""],
        &["xAB1", "AB1x", "A1"],
        unlike,
    );
    // Each way of an alternative is the whole text too.
    splits_cells(&under("string", r#""pattern": "a|bc""#), &["a", "bc"], &["ab", "abc", "xbc"], unlike);
    splits_cells(&under("string", r#""pattern": "^\\d{2}$""#), &["12"], &["123", "1"], unlike);
    splits_cells(
        &under("string", r#""pattern": "(?x) a b # comment""#),
        &["ab"],
        &["a b", "ab # comment"],
        unlike,
    );
    let folder = with_cells(&under("string", r#""pattern": "a.b""#), &["\"a\nb\""]);
    clean(&folder).code(10).stderr(contains("found `a\\nb`, expected a text that matches `a.b`"));
    let folder = with_cells(&under("string", r#""pattern": "a""#), &["\"a\n\""]);
    clean(&folder).code(10);
}

#[test]
fn an_enum_is_compared_typed() {
    let one_of = "which is not one of the values allowed";
    splits_cells(
        &under("number", "\"enum\": [1, 2.50]"),
        &["1", "1.0", "2.5", "25e-1", "NA"],
        &["1.1", "2"],
        one_of,
    );
    splits_cells(&under("integer", "\"enum\": [1.0, \"7\"]"), &["1", "+1", "007"], &["2"], one_of);
    splits_cells(&under("boolean", "\"enum\": [true]"), &["true", "1", "TRUE"], &["false", "0"], one_of);
    splits_cells(&under("date", "\"enum\": [\"2020-01-01\"]"), &["2020-01-01"], &["2020-01-02"], one_of);
    splits_cells(
        &under("string", "\"enum\": [\"1\"]"),
        &["1"],
        &["1.0", "01"],
        "not one of the values allowed: `1`",
    );
}

#[test]
fn truth_values_are_those_declared() {
    splits_cells(
        &x("boolean", ""),
        &["true", "True", "TRUE", "1", "false", "0"],
        &["yes", "tRUE", "t"],
        "expected a boolean",
    );
    let yes = r#", "trueValues": ["yes", "Y"], "falseValues": ["no"]"#;
    let folder = with_cells(&x("boolean", yes), &["yes", "no", "Y", "NA"]);
    clean(&folder).success();
    assert_eq!(column(&clean_csv(&folder), "x")[..3], ["true", "false", "true"]);
    splits_cells(&x("boolean", yes), &["yes"], &["true", "1", "YES"], "expected a boolean");
}

#[test]
fn a_column_has_its_own_missing_values() {
    let words = r#", "missingValues": ["-", {"value": "-99", "label": "refused"}]"#;
    let config = format!("{CONFIG}fill = {{ number = \"none\" }}\n");
    let folder = with_cells(&x("number", words), &["-", "-99", "5"]);
    write(folder.path().join("pipeline.toml"), &config);
    clean(&folder).success();
    assert_eq!(column(&clean_csv(&folder), "x"), ["", "", "5.0"]);
    // Those of the whole schema are none of this column.
    splits_cells(&x("number", words), &["-", "5"], &["NA"], "expected a number");
    let required = x("number", &format!("{words}, \"constraints\": {{\"required\": true}}"));
    clean(&with_cells(&required, &["1", "-"]))
        .code(10)
        .stderr(contains("raw.csv:3: column `x` (1): is missing, and must not be"));
}

#[test]
fn words_for_people_change_nothing() {
    let words = r#", "title": "T", "description": "D", "rdfType": "http://x", "example": "1,5", "decimalChar": ",", "bareNumber": true, "groupChar": "", "format": "default""#;
    let table = schema(&x("number", words)).replacen(
        '{',
        r#"{"$schema": "https://datapackage.org/profiles/2.0/tableschema.json", "name": "n", "title": "t", "description": "d", "fieldsMatch": "equal", "primaryKey": [], "#,
        1,
    );
    let folder = contracted(&table, "x,y,part\n\"2,5\",1,train\n");
    clean(&folder).success();
    assert_eq!(column(&clean_csv(&folder), "x"), ["2.5"]);
}

/// `x` is a field that is refused with `message`, on the line of the word at fault.
fn refuses(x: &str, message: &str) {
    let folder = contracted(&schema(x), "x,y,part\n1,2,train\n");
    clean(&folder).code(2).stderr(contains(format!("ERROR clean: schema.json:{message}")));
    assert!(!folder.path().join("data").exists());
}

#[test]
fn types_and_formats_that_are_not_checked_are_refused_by_name() {
    for kind in
        ["time", "year", "yearmonth", "duration", "object", "array", "list", "geopoint", "geojson", "any"]
    {
        let supported = "it has string, integer, number, boolean, date, datetime";
        refuses(
            &x(kind, ""),
            &format!("2: column `x`: type: `{kind}` is not checked by this version; {supported}"),
        );
    }
    refuses(&x("nubmer", ""), "2: column `x`: type: `nubmer` is no type (did you mean `number`?)");
    for format in ["email", "uri", "uuid", "binary"] {
        let message =
            format!("3: column `x`: format: `{format}` is not checked by this version; say it by `pattern`");
        refuses(&x("string", &format!(",\n\"format\": \"{format}\"")), &message);
    }
    for (kind, format, message) in [
        ("date", "any", "`any` would guess"),
        ("datetime", "any", "`any` would guess"),
        ("date", "dd/mm/yyyy", "a format is a strptime pattern"),
        ("date", "%H:%M", "`%H:%M` reads no date"),
        ("date", "%d/%m", "`%d/%m` reads no date"),
        ("date", "%Q%Y-%m-%d", "`%Q%Y-%m-%d` reads no date"),
        ("datetime", "%Y-%m-%d", "`%Y-%m-%d` reads no datetime"),
        ("datetime", "%Y-%m-%dT%H:%M:%S%z", "reads no datetime"),
        ("integer", "%d", "a format is a strptime pattern"),
    ] {
        refuses(&x(kind, &format!(", \"format\": \"{format}\"")), "2: column `x`: format: ");
        let folder = with_cells(&x(kind, &format!(", \"format\": \"{format}\"")), &["1"]);
        clean(&folder).code(2).stderr(contains(message));
    }
}

#[test]
fn words_that_are_not_checked_or_do_not_fit_are_refused_on_their_line() {
    let n = ",\n\n";
    for (kind, word, message) in [
        ("number", "\"bareNumber\": false", "bareNumber: only true is checked"),
        ("string", "\"categories\": [\"a\"]", "categories: is not checked"),
        ("string", "\"categoriesOrdered\": true", "categoriesOrdered: is not checked"),
        ("string", "\"decimalChar\": \",\"", "decimalChar: is no word for a column of type string"),
        ("date", "\"groupChar\": \",\"", "groupChar: is no word for a column of type date"),
        ("number", "\"decimalChar\": \"..\"", "decimalChar: `..` is not one character"),
        ("number", "\"decimalChar\": \";\"", "decimalChar: the decimal mark is `.` or `,`, not `;`"),
        ("number", "\"groupChar\": \".\"", "groupChar: `.` cannot be both"),
        ("integer", "\"decimalPlaces\": 2", "decimalPlaces: is no word for a column of type integer"),
        ("number", "\"decimalPlaces\": 16", "decimalPlaces: at most 15"),
        ("integer", "\"trueValues\": [\"1\"]", "trueValues: is no word for a column of type integer"),
        (
            "boolean",
            "\"trueValues\": [\"x\"], \"falseValues\": [\"x\"]",
            "trueValues: `x` would be both true and false",
        ),
        ("boolean", "\"falseValues\": []", "falseValues: an empty list"),
        (
            "integer",
            "\"example\": \"many\"",
            "example: `many` is no value of the column: expected an integer",
        ),
    ] {
        refuses(&x(kind, &format!("{n}{word}")), &format!("4: column `x`: {message}"));
    }
    refuses(
        &x("integer", ",\n\"example\": 9, \"constraints\": {\"maximum\": 8}"),
        "3: column `x`: example: breaks the constraints: expected at most 8",
    );
    refuses(&x("string", ",\n\"lenght\": 3"), "3: unknown word `lenght`");
    refuses(&x("string", ",\n\"titel\": \"a\""), "3: unknown word `titel` (did you mean `title`?)");
    refuses(
        &x("string", ",\n\"required\": true"),
        "3: unknown word `required` of a column: it belongs under `constraints`",
    );
}

#[test]
fn constraints_that_are_none_are_refused_on_their_line() {
    for (kind, constraint, message) in [
        ("string", "\"minimum\": 1", "minimum: is for numbers and dates"),
        ("boolean", "\"maximum\": true", "maximum: is for numbers and dates"),
        ("number", "\"minimum\": true", "minimum: `true` is no value of the column: expected a number"),
        ("number", "\"minimum\": [1]", "minimum: `[1]` is no value"),
        ("integer", "\"maximum\": 1.5", "maximum: `1.5` is no value of the column: expected an integer"),
        ("date", "\"minimum\": 2020", "minimum: `2020` is no value of the column: expected a date"),
        ("date", "\"minimum\": \"2020-02-30\"", "minimum: `2020-02-30` is no value"),
        ("number", "\"minimum\": 2, \"maximum\": 1", "maximum: 1 leaves no value: expected at least 2"),
        (
            "number",
            "\"exclusiveMinimum\": 1, \"maximum\": 1",
            "maximum: 1 leaves no value: expected more than 1",
        ),
        (
            "date",
            "\"minimum\": \"2020-01-02\", \"maximum\": \"2020-01-01\"",
            "maximum: 2020-01-01 leaves no value",
        ),
        ("integer", "\"minLength\": 1", "minLength: is for strings"),
        ("date", "\"pattern\": \"2.*\"", "pattern: is for strings"),
        ("string", "\"minLength\": 3, \"maxLength\": 2", "maxLength: is below minLength"),
        ("string", "\"pattern\": \"a(\"", "pattern: error: unclosed group"),
        ("string", "\"pattern\": \"a)|(b\"", "pattern: error: unopened group"),
        ("string", "\"pattern\": \"(?=a)\"", "pattern: error: look-around"),
        ("string", r#""pattern": "(a)\\1""#, "pattern: error: backreferences are not supported"),
        ("string", "\"pattern\": \"(a{999}){999}\"", "pattern: is too large"),
        ("string", "\"enum\": []", "enum: an empty list allows no value"),
        ("string", "\"enum\": [1]", "enum: `1` is no value of the column: expected a string"),
        ("integer", "\"enum\": [1, 1.5]", "enum: `1.5` is no value of the column: expected an integer"),
        ("boolean", "\"enum\": [1]", "enum: `1` is no value of the column"),
        ("string", "\"jsonSchema\": {}", "jsonSchema: is not checked"),
    ] {
        let words = format!(", \"constraints\":\n {{\"required\": false,\n{constraint}}}");
        refuses(&x(kind, &words), &format!("4: column `x`: {message}"));
    }
    for (constraint, message) in [
        ("\"minLength\": -1", "invalid value"),
        ("\"minLength\": 1.5", "invalid type"),
        ("\"required\": \"yes\"", "invalid type"),
        ("\"pattern\": 5", "invalid type"),
        ("\"enum\": \"a\"", "invalid type"),
        ("\"unique\": true, \"unique\": false", "`unique` stands twice"),
        ("\"maxlength\": 1", "unknown word `maxlength` (did you mean `maxLength`?)"),
    ] {
        refuses(&under("string", &format!("\n\n{constraint}")), &format!("4: {message}"));
    }
}

#[test]
fn schemas_that_are_none_are_refused() {
    let fields =
        "\"fields\": [{\"name\": \"x\"}, {\"name\": \"y\", \"type\": \"number\"},\n{\"name\": \"part\"}]";
    for (text, message) in [
        (String::new(), "schema.json:1: EOF"),
        ("[]".to_owned(), "schema.json:1: "),
        ("null".to_owned(), "schema.json:1: invalid type"),
        ("{}".to_owned(), "schema.json:1: the word `fields` is missing"),
        ("{\"fields\": []}".to_owned(), "schema.json:1: the schema names no column"),
        ("{\"fields\":\n [{\"name\": \"\"}]}".to_owned(), "schema.json:2: column 1 has no name"),
        ("{\"fields\": {}}".to_owned(), "schema.json:1: invalid type"),
        ("[".repeat(100_000), "schema.json:1: "),
        (
            format!("{{{fields}, \"foo\": {}{}}}", "[".repeat(5000), "]".repeat(5000)),
            "schema.json:2: unknown word `foo`",
        ),
        (
            format!("{{{fields},\n\"foreignKeys\": []}}"),
            "schema.json:3: foreignKeys: is not checked by this version",
        ),
        (
            format!("{{{fields},\n\"fieldsMatch\": \"subset\"}}"),
            "schema.json:3: fieldsMatch: only `equal` is checked",
        ),
        (format!("{{{fields},\n\"primaryKey\": \"xx\"}}"), "schema.json:3: primaryKey: `xx` is no column"),
        (
            format!("{{{fields},\n\"primaryKey\": [\"x\", \"x\"]}}"),
            "schema.json:3: primaryKey: `x` stands twice",
        ),
        (format!("{{{fields},\n\"primaryKey\": 5}}"), "schema.json:3: expected a name or a list of names"),
        (
            format!("{{{fields},\n\"uniqueKeys\": [[\"x\"],\n[]]}}"),
            "schema.json:4: uniqueKeys: a key without columns",
        ),
        (
            format!("{{{fields},\n\"uniqueKeys\": [[\"x\"],\n[\"prat\"]]}}"),
            "schema.json:4: uniqueKeys: `prat` is no column (did you mean `part`?)",
        ),
        (
            format!("{{{fields},\n\"missingValue\": []}}"),
            "schema.json:3: unknown word `missingValue` (did you mean `missingValues`?)",
        ),
        (
            format!("{{{fields},\n\"missingValues\": [1]}}"),
            "schema.json:3: expected a text, or an object with `value`",
        ),
        (format!("{{{fields},\n{fields}}}"), "schema.json:3: `fields` stands twice"),
        (format!("{{{fields}}} trailing"), "schema.json:2: trailing characters"),
    ] {
        let folder = contracted(&text, "x,y,part\n1,2,train\n");
        clean(&folder).code(2).stderr(contains(message).and(predicate::function(|e: &str| e.len() < 2000)));
    }
    let folder = project(&[("pipeline.toml", CONFIG), ("raw.csv", "x,y,part\n1,2,train\n")]);
    write(folder.path().join("schema.json"), vec![b' '; (16 << 20) + 1]);
    clean(&folder).code(2).stderr(contains("schema.json: a schema is a regular file of at most 16 MiB"));
    write(folder.path().join("schema.json"), [0xff, 0xfe]);
    clean(&folder).code(2).stderr(contains("schema.json: cannot read the schema"));
}

#[test]
fn a_large_schema_is_checked_in_little_time() {
    let many: String = (0..100_000).map(|i| format!("{{\"name\": \"c{i}\"}},\n")).collect();
    let names: Vec<String> = (0..100_000).map(|i| format!("\"c{i}\"")).collect();
    let table =
        schema(&format!("{many}{{\"name\": \"x\", \"constraints\": {{\"enum\": [{}]}}}}", names.join(",")));
    let keyed = table.replacen('{', &format!("{{\"primaryKey\": [{}], ", names.join(",")), 1);
    let begun = std::time::Instant::now();
    clean(&contracted(&keyed, "x,y,part\nc5,2,train\n")).code(10).stderr(contains("100000 breaches"));
    assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
}
