//! States that were damaged or made by somebody else are refused with a reason.

use predicates::str::contains;
use serde_json::{Value, json};

use super::cars::cars;
use super::monitor;
use crate::support::{read, run, write};

#[test]
fn a_state_that_cannot_be_one_is_refused() {
    let folder = cars();
    let folder = folder.path();
    write(folder.join("new.csv"), "x,colour,y\n5,red,15\n6,green,13\n-1,green,\n100,blue,201\n,red,24\n");
    monitor(folder, &["-i", "new.csv", "-o", "reports/monitor.json"]);
    let good = read(folder.join("reports/monitor.json.state.json"));
    write(folder.join("bad.json"), "{}");
    let merge = |state: &[u8]| {
        write(folder.join("bad.json.state.json"), state);
        run("monitor", folder, &["--merge", "bad.json", "-o", "out.json"])
    };
    merge(good.as_bytes()).success();
    std::fs::remove_file(folder.join("out.json")).unwrap();
    let refused = |state: &[u8], why: &str| {
        merge(state)
            .code(13)
            .stderr(contains("bad.json.state.json: refused as a state: "))
            .stderr(contains(why));
        assert!(!folder.join("out.json").exists());
    };
    refused(b"", "damaged");
    refused(&good.as_bytes()[..good.len() / 2], "damaged");
    refused(b"{\"kind\":\"model\"}", "its `kind` is not `millrace monitor state`");
    refused(good.replacen("\"format\":1", "\"format\":2", 1).as_bytes(), "format 2, this version reads 1");
    refused("[".repeat(100_000).as_bytes(), "damaged");
    let edits: [(&str, Value, &str); 22] = [
        ("/model", json!("0".repeat(64)), "scored by the model of sha256 000000000000"),
        ("/inputs", json!([]), "which files its rows are of"),
        ("/inputs/0/sha256", json!("../../etc"), "which files its rows are of"),
        ("/pieces", json!({}), "has 0 periods"),
        ("/pieces//rows", json!(6), "do not add up"),
        ("/pieces//rows", json!(-5), "damaged"),
        ("/pieces//rows", json!(1.5), "damaged"),
        ("/pieces//rows", json!(u64::MAX), "do not add up"),
        ("/pieces//without_outcome", json!(0), "do not add up"),
        ("/pieces//without_outcome", json!(u64::MAX), "do not add up"),
        ("/pieces//without_prediction", json!(5), "do not add up"),
        ("/pieces//pairs/0/0", json!(null), "damaged"),
        ("/pieces//pairs/0", json!([1.0]), "damaged"),
        ("/pieces//shift/target/missing", json!(u64::MAX), "do not add up"),
        ("/pieces//shift/target/below", json!(6), "do not add up"),
        ("/pieces//shift/prediction/bins", json!([5]), "do not add up"),
        ("/pieces//shift/features", json!([]), "another number of features"),
        ("/features/0/bins/0", json!(-1), "damaged"),
        ("/features/0/bins/0", json!(4), "do not add up"),
        ("/cells/unseen/colour", json!(-1), "damaged"),
        ("/pieces//intervals", json!([{}]), "damaged"),
        ("/surprise", json!(1), "damaged"),
    ];
    for (place, value, why) in edits {
        let mut state: Value = serde_json::from_str(&good).unwrap();
        match state.pointer_mut(place) {
            Some(found) => *found = value,
            None => drop(state.as_object_mut().unwrap().insert(place[1..].to_owned(), value)),
        }
        let text = state.to_string();
        assert_ne!(text, good, "{place}");
        refused(text.as_bytes(), why);
    }
    // JSON knows no NaN, and a number beyond the range of f64 is none.
    for number in ["NaN", "1e999", "-Infinity"] {
        let state: Value = serde_json::from_str(&good).unwrap();
        let first = state["pieces"][""]["pairs"][0][0].to_string();
        refused(good.replacen(&format!("[[{first}"), &format!("[[{number}"), 1).as_bytes(), "damaged");
    }
    let label = good.replacen("\"pieces\":{\"\"", "\"pieces\":{\"\\u001b[2J\"", 1);
    refused(label.as_bytes(), "the label of a period is none");
}

#[test]
fn what_was_written_of_intervals_must_be_of_the_rows() {
    let folder = super::example("examples/mpg", |config| config);
    let folder = folder.path();
    monitor(folder, &["-i", "data/processed/features.csv", "--part", "test"]);
    let good: Value = serde_json::from_str(&read(folder.join("reports/monitor.json.state.json"))).unwrap();
    write(folder.join("bad.json"), "{}");
    let digits: Vec<u32> = vec![1; 5000];
    for (place, value) in [
        ("/covered", json!(1_000_000)),
        ("/outcomes/n", json!(u64::MAX)),
        ("/outcomes/sum", json!([true, 0, [1]])),
        ("/outcomes/max", json!(1e300)),
        ("/width", json!([true, 0, [1]])),
        ("/outside", json!([false, 0, digits])),
        ("/missing", json!(u64::MAX)),
    ] {
        let mut state = good.clone();
        *state.pointer_mut(&format!("/pieces//intervals/0{place}")).unwrap() = value;
        write(folder.join("bad.json.state.json"), state.to_string());
        run("monitor", folder, &["--merge", "bad.json", "-o", "out.json"])
            .code(13)
            .stderr(contains("what it says of intervals is not sound"));
    }
}

#[test]
fn a_state_beside_another_file_is_refused() {
    let folder = cars();
    let folder = folder.path();
    write(folder.join("new.csv"), "x,colour,y\n5,red,15\n");
    monitor(folder, &["-i", "new.csv"]);
    let (file, state) = (folder.join("reports/monitor.json"), folder.join("reports/monitor.json.state.json"));
    let (text, was) = (read(&file), read(&state));
    let merge = || run("monitor", folder, &["--merge", "reports/monitor.json", "-o", "out.json"]);
    write(&state, was.replace("new.csv", "now.csv"));
    merge().code(13).stderr(contains("is not the file that the manifest of reports/monitor.json lists"));
    write(&state, &was);
    write(&file, text.replace("pass", "fail"));
    merge().code(13).stderr(contains("damaged or edited"));
    write(&file, &text);
    std::fs::remove_file(&state).unwrap();
    merge().code(13).stderr(contains("has no reports/monitor.json.state.json beside it"));
    run("monitor", folder, &["--merge", "gone.json"]).code(13).stderr(contains("not there"));
    // A table or a model is no file of `monitor`.
    run("monitor", folder, &["--merge", "data/processed/features.csv"]).code(13);
    run("monitor", folder, &["--merge", "models/model.pkl"]).code(13);
}
