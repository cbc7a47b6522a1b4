//! Where `clean` differs from Frictionless on purpose, each seen to differ, and why.

use serde_json::json;

use super::case::{Agreement, Case, looser, stricter, table};

pub(crate) fn cases() -> Vec<Case> {
    [values(), words(), rows()].concat()
}

fn values() -> Vec<Case> {
    let exact = "a number is finite: NaN and infinities are refused at every border";
    let python = "Python reads digits in groups of `_` and of other scripts; no CSV means them as numbers";
    let bits = "beyond 64 bits an integer would lose digits, and a number be infinite";
    let groups = "groups have three digits, so that `1,5` under a wrong mark is never 15";
    let padded = "ISO 8601 has two digits of month and day; strptime takes one";
    let zone = "moments are local: a zone would be dropped without a word";
    let short = "moments without seconds are ISO 8601 too, and exports have them";
    [
        stricter(exact, "number", "", &["NaN", "inf", "-INF", "Infinity", "sNaN"]),
        stricter(python, "number", "", &["1_000", "１２", "٣"]),
        stricter(python, "integer", "", &["1_000", "１２"]),
        stricter(bits, "integer", "", &["9223372036854775808"]),
        stricter(bits, "number", "", &["1e309"]),
        stricter(groups, "number", r#""groupChar": ",""#, &["1,5", "1,,234", ",123", "12,34"]),
        stricter(padded, "date", "", &["2024-2-9"]),
        stricter(zone, "datetime", "", &["2024-02-29T12:30:00Z", "2024-02-29T12:30:00+01:00"]),
        looser(short, "datetime", "", &["2024-02-29T12:30", "2024-02-29 12:30"]),
    ]
    .concat()
}

fn words() -> Vec<Case> {
    let unchecked = "a word of the standard that is not checked is refused, never ignored";
    let groups = "the standard has groupChar for integers since its second version; frictionless lacks it";
    [
        stricter(unchecked, "string", r#""format": "email""#, &["a@b.org"]),
        stricter(unchecked, "time", "", &["12:30:00"]),
        looser(groups, "integer", r#""groupChar": ",""#, &["1,234"]),
    ]
    .concat()
}

fn rows() -> Vec<Case> {
    let fields = || json!([{ "name": "n", "type": "integer" }, { "name": "a", "type": "string" }]);
    let of = |name, csv, agreement| table(name, fields(), &json!({}), csv, &[]).differs(agreement);
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
    ]
}
