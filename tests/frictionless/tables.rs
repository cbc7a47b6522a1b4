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
            &[(4, "a"), (5, "a")],
        ),
        keyed("by value", "number", &one, "n,a,b\n1,1,1\n2,1.0,1\n", &[(3, "a")]),
        keyed("one column in a list", "integer", &json!(["a"]), "n,a,b\n1,1,1\n2,01,1\n", &[(3, "a")]),
        keyed("two columns", "string", &two, "n,a,b\n1,x,y\n2,x,z\n3,y,y\n", &[]),
        keyed("two columns, twice", "string", &two, "n,a,b\n1,x,y\n2,x,z\n3,x,y\n", &[(4, "a")]),
        keyed("one column, missing", "string", &one, "n,a,b\n1,x,y\n2,,z\n3,,z\n", &[(3, "a"), (4, "a")]),
        keyed("one column, mistyped", "integer", &one, "n,a,b\n1,1,1\n2,x,1\n3,1,1\n", &[(3, "a"), (4, "a")]),
        keyed(
            "two columns in another order",
            "string",
            &json!(["b", "a"]),
            "n,a,b\n1,x,y\n2,y,x\n3,x,y\n",
            &[(4, "b")],
        ),
        keyed("a column that is none", "string", &json!("c"), "n,a,b\n1,x,y\n", &[]).whole(),
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
        table("a column missing where there is no row", strings(), &plain, "n,a\n", &[]).whole(),
        table(
            "in another order where that is said",
            strings(),
            &json!({ "fieldsMatch": "equal" }),
            "b,n,a\nx,1,y\n",
            &[],
        ),
        table("quoted cells", fields("integer"), &plain, "\"n\",a,b\n1,\"2\",\"\"\n2,\"x\",3\n", &[(3, "a")]),
        table("line ends of Windows", fields("integer"), &plain, "n,a,b\r\n1,2,3\r\n2,x,3\r\n", &[(3, "a")]),
        table("two names alike", strings(), &plain, "n,a,a\n1,x,y\n", &[]).whole(),
        table("a name that is empty", strings(), &plain, "n,a,\n1,x,y\n", &[]).whole(),
        table("a cell missing", strings(), &plain, "n,a,b\n1,x\n", &[]).whole(),
        table("a cell too many", strings(), &plain, "n,a,b\n1,x,y,z\n", &[]).whole(),
        table("names by case", strings(), &plain, "n,A,b\n1,x,y\n", &[]).whole(),
        table(
            "cells of two columns",
            fields("integer"),
            &plain,
            "n,a,b\n1,x,1\n2,1,y\n3,1,1\n4,x,y\n",
            &[(2, "a"), (3, "b"), (5, "a"), (5, "b")],
        ),
        table("a field twice", json!([{ "name": "n" }, { "name": "n" }]), &plain, "n,n\n1,1\n", &[]).whole(),
        table("a column and a cell", fields("integer"), &plain, "n,a,b,c\n1,2,x,y\n", &[(1, "c"), (2, "b")]),
        table("no types", json!([{ "name": "n" }, { "name": "a" }]), &plain, "n,a\n1,x\n", &[]),
        table("a field without a name", json!([{ "type": "string" }]), &plain, "n\n1\n", &[]).whole(),
        table("no column at all", json!([]), &plain, "n,a,b\n1,x,y\n", &[]).whole(),
        table("a type that is none", json!([{ "name": "n", "type": "decimal" }]), &plain, "n\n1\n", &[])
            .whole(),
    ]
}
