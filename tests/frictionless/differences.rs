//! Where `clean` differs from Frictionless on purpose, each seen to differ, and why.

use serde_json::json;

use super::case::{Agreement, Case, cells, looser, stricter, table};

pub(crate) fn cases() -> Vec<Case> {
    [values(), words(), rows()].concat()
}

fn values() -> Vec<Case> {
    let exact = "a number is finite: NaN and infinities are refused at every border";
    let python = "Python reads digits in groups of `_` and of other scripts; no CSV means them as numbers";
    let bits = "beyond 64 bits an integer would lose digits, and a number be infinite";
    let groups = "groups have three digits, so that `1,5` under a wrong mark is never 15";
    let two = "ISO 8601 has two digits of month and day, of ASCII; strptime takes one, and any script";
    let zone = "moments are local: a zone would be dropped without a word";
    let other = "one grammar of moments: `T` or a blank, a point, hours to 23, no weeks";
    let short = "moments without seconds are ISO 8601 too, and exports have them";
    let year = "ISO 8601 has a year 0000; Python has none";
    let blank = "blanks around a number are those of ASCII";
    [
        stricter(exact, "number", "", &["NaN", "inf", "-INF", "Infinity", "sNaN"]),
        stricter(python, "number", "", &["1_000", "１２", "٣"]),
        stricter(python, "integer", "", &["1_000", "１２"]),
        stricter(blank, "number", "", &["\u{a0}1.5", "1\u{2003}"]),
        stricter(blank, "integer", "", &["1\u{a0}"]),
        stricter(bits, "integer", "", &["9223372036854775808"]),
        stricter(bits, "number", "", &["1e309"]),
        stricter(groups, "number", r#""groupChar": ",""#, &["1,5", "1,,234", ",123", "12,34"]),
        stricter(two, "date", "", &["2024-2-9", "２０２４-02-09"]),
        stricter(zone, "datetime", "", &["2024-02-29T12:30:00Z", "2024-02-29T12:30:00+01:00"]),
        stricter(
            other,
            "datetime",
            "",
            &["2024-02-29t12:30:00", "2024-02-29x12:30:00", "2024-02-29T12:30:00,5", "2024-02-29T24:00:00"],
        ),
        looser(short, "datetime", "", &["2024-02-29T12:30", "2024-02-29 12:30"]),
        looser(year, "date", "", &["0000-01-01"]),
    ]
    .concat()
}

fn words() -> Vec<Case> {
    let unchecked = "a word of the standard that is not checked is refused, never ignored";
    let groups = "the standard has groupChar for integers since its second version; frictionless lacks it";
    let branch = "a pattern is of the whole text; frictionless anchors the first branch and the last";
    let regex = "patterns are of the language that runs in linear time, without looking around";
    let empty = "a contract that no value can keep is a mistake";
    let guess = "a format that guesses day and month is none";
    let zone = "moments are local: a zone would be dropped without a word";
    let example = "an example that breaks the constraints of its own column is a mistake";
    let both = "a word cannot be true and false";
    let any = &[""][..];
    let near = "a number is the f64 nearest to it: two that share one are one";
    [
        stricter(unchecked, "string", r#""format": "email""#, &["a@b.org"]),
        stricter(unchecked, "time", "", &["12:30:00"]),
        stricter(unchecked, "number", r#""bareNumber": false"#, &["$3"]),
        stricter(unchecked, "string", r#""categories": ["a"]"#, &["a"]),
        stricter(guess, "date", r#""format": "any""#, &["1/2/2024"]),
        stricter(zone, "datetime", r#""format": "%Y-%m-%dT%H:%M%z""#, &["2024-02-29T12:30+0100"]),
        stricter(branch, "string", r#""constraints": {"pattern": "north|south"}"#, &["northern"]),
        stricter(regex, "string", r#""constraints": {"pattern": "(?=a).*"}"#, &["abc"]),
        stricter(empty, "number", r#""constraints": {"minimum": 2, "maximum": 1}"#, any),
        stricter(empty, "number", r#""constraints": {"exclusiveMinimum": 1, "maximum": 1}"#, any),
        stricter(empty, "string", r#""constraints": {"minLength": 2, "maxLength": 1}"#, any),
        stricter(empty, "string", r#""constraints": {"enum": []}"#, any),
        stricter(empty, "number", r#""constraints": {"minimum": "x"}"#, any),
        stricter(empty, "integer", r#""constraints": {"enum": ["x"]}"#, any),
        stricter(example, "string", r#""example": "a", "constraints": {"minLength": 2}"#, &["ab"]),
        stricter(both, "boolean", r#""trueValues": ["1"], "falseValues": ["1"]"#, &["1"]),
        looser(groups, "integer", r#""groupChar": ",""#, &["1,234"]),
        vec![
            cells(
                "0.1 and its neighbour",
                "number",
                r#""constraints": {"unique": true}"#,
                &["0.1", "0.10000000000000001"],
                &[],
            )
            .differs(Agreement::Stricter(near)),
        ],
    ]
    .concat()
}

fn rows() -> Vec<Case> {
    let fields = || json!([{ "name": "n", "type": "integer" }, { "name": "a", "type": "string" }]);
    let with = |name, rest, csv, agreement| table(name, fields(), &rest, csv, &[]).differs(agreement);
    let of = |name, csv, agreement| with(name, json!({}), csv, agreement);
    let key = || json!({ "primaryKey": ["n", "a"] });
    let sql = "a part of a primary key is never missing, as SQL has it and the standard says";
    let unknown = "frictionless does not know uniqueKeys";
    let unchecked = "a word of the standard that is not checked is refused, never ignored";
    vec![
        of("no rows", "n,a\n", Agreement::Stricter("there is nothing to learn from a header alone")),
        of(
            "columns in another order",
            "a,n\nx,1\n",
            Agreement::Looser("columns go by name, wherever they stand"),
        ),
        of(
            "a row of empty cells",
            "n,a\n1,x\n,\n",
            Agreement::Looser("a row without values breaks no constraint"),
        ),
        with("a part of a key missing", key(), "n,a\n1,x\n2,\n", Agreement::Stricter(sql)),
        with("a key missing", key(), "n,a\n1,x\n,\n", Agreement::OtherCells(sql)),
        with(
            "unique keys",
            json!({ "uniqueKeys": [["n", "a"]] }),
            "n,a\n1,x\n1,x\n",
            Agreement::Stricter(unknown),
        ),
        with(
            "some columns",
            json!({ "fieldsMatch": "subset" }),
            "n,a,b\n1,x,y\n",
            Agreement::Stricter(unchecked),
        ),
    ]
}
