//! Keys, and the columns as a whole.

use serde_json::{Value, json};

use super::case::{Case, table};

pub(crate) fn cases() -> Vec<Case> {
    [keys(), columns()].concat()
}

/// `n`, and `a` and `b` of a type.
fn fields(kind: &str) -> Value {
    json!([{ "name": "n", "type": "integer" }, { "name": "a", "type": kind }, { "name": "b", "type": kind }])
}

fn keyed(name: &str, kind: &str, key: &Value, csv: &str, bad: &[(u64, &str)]) -> Case {
    table(&format!("primaryKey: {name}"), fields(kind), &json!({ "primaryKey": key }), csv, bad)
}

fn keys() -> Vec<Case> {
    let (one, two) = (json!("a"), json!(["a", "b"]));
    vec![
        keyed("one column", "string", &one, "n,a,b\n1,x,y\n2,y,y\n", &[]),
        keyed(
            "one column, twice",
            "string",
            &one,
            "n,a,b\n1,x,y\n2,y,y\n3,x,z\n4,x,y\n",
            &[(4, ""), (5, "")],
        ),
        keyed("by value", "number", &one, "n,a,b\n1,1,1\n2,1.0,1\n", &[(3, "")]),
        keyed("one column in a list", "integer", &json!(["a"]), "n,a,b\n1,1,1\n2,01,1\n", &[(3, "")]),
        keyed("two columns", "string", &two, "n,a,b\n1,x,y\n2,x,z\n3,y,y\n", &[]),
        keyed("two columns, twice", "string", &two, "n,a,b\n1,x,y\n2,x,z\n3,x,y\n", &[(4, "")]),
        keyed("the border of cells counts", "string", &two, "n,a,b\n1,xy,z\n2,x,yz\n", &[]),
    ]
}

fn columns() -> Vec<Case> {
    let plain = json!({});
    let strings = || fields("string");
    vec![
        table("all columns", strings(), &plain, "n,a,b\n1,x,y\n", &[]),
        table("a column missing", strings(), &plain, "n,a\n1,x\n", &[(1, "b")]),
        table("a column too many", strings(), &plain, "n,a,b,c\n1,x,y,z\n", &[(1, "c")]),
        table("a column missing where there is no row", strings(), &plain, "n,a\n", &[]).as_a_whole(),
        table("two names alike", strings(), &plain, "n,a,a\n1,x,y\n", &[]).as_a_whole(),
        table("a name that is empty", strings(), &plain, "n,a,\n1,x,y\n", &[]).as_a_whole(),
        table("a cell missing", strings(), &plain, "n,a,b\n1,x\n", &[]).as_a_whole(),
        table("a cell too many", strings(), &plain, "n,a,b\n1,x,y,z\n", &[]).as_a_whole(),
        table("names by case", strings(), &plain, "n,A,b\n1,x,y\n", &[]).as_a_whole(),
        table(
            "cells of two columns",
            fields("integer"),
            &plain,
            "n,a,b\n1,x,1\n2,1,y\n3,1,1\n4,x,y\n",
            &[(2, "a"), (3, "b"), (5, "a"), (5, "b")],
        ),
        table("no column at all", json!([]), &plain, "n,a,b\n1,x,y\n", &[]).as_a_whole(),
        table("a type that is none", json!([{ "name": "n", "type": "decimal" }]), &plain, "n\n1\n", &[])
            .as_a_whole(),
    ]
}
