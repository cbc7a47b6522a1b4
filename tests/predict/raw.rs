//! Raw rows: flags, history, files of other shapes, pipes.

use predicates::str::contains;

use super::{cars, panel, panel_rows};
use crate::support::{cells, column, json, read, run, shell, write};

const HEADER: &str = "source,line,rows_ahead,prediction,absent,outside,unseen,filled,limited\n";

#[test]
fn what_is_odd_about_a_row_stands_beside_its_prediction() {
    let folder = cars();
    write(folder.path().join("new.csv"), "x,colour\n5,blue\n,blue\n100,red\n5,violet\n2.5,\n");
    run("predict", folder.path(), &["-i", "new.csv", "-o", "out.csv"])
        .success()
        .stderr(contains("scored 5 rows, 4 of them flagged"))
        .stderr(contains("filled, rows by column: `colour` 1, `x` 1"));
    // 1 + 2 * 9.5 where x is missing. Violet is none of the levels, so it counts as the base, blue; so does the
    // mode of the colours, blue, the first of two that are as frequent.
    let expected = "new.csv,2,0,11.0,,,,,\nnew.csv,3,0,20.0,,,,x,\nnew.csv,4,0,205.0,,x,,,\n\
                    new.csv,5,0,11.0,,colour=(other),colour,,\nnew.csv,6,0,6.0,,,,colour,\n";
    assert_eq!(read(folder.path().join("out.csv")), format!("{HEADER}{expected}"));
    let manifest = json(folder.path().join("out.csv.meta.json"));
    assert_eq!(manifest["stage"], "predict");
    assert_eq!(manifest["found"]["counts"]["flags"]["unseen"]["colour"], 1);
    assert_eq!(manifest["ledger"][0]["rows_out"], 5);
    let names: Vec<&str> =
        manifest["inputs"].as_array().unwrap().iter().map(|i| i["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["models/model.pkl", "new.csv"]);
}

#[test]
fn a_model_file_is_all_that_scoring_needs() {
    let folder = cars();
    let elsewhere = tempfile::tempdir().unwrap();
    std::fs::copy(folder.path().join("models/model.pkl"), elsewhere.path().join("m.pkl")).unwrap();
    for place in [folder.path(), elsewhere.path()] {
        write(place.join("new.csv"), "x,colour,y\n5,blue,11\n7,red,\n");
    }
    run("predict", folder.path(), &["-i", "new.csv", "-o", "out.csv"]).success();
    run("predict", elsewhere.path(), &["--model", "m.pkl", "-i", "new.csv", "-o", "out.csv"]).success();
    let here = read(folder.path().join("out.csv"));
    assert_eq!(column(&here, "prediction"), ["11.0", "19.0"]);
    assert_eq!(read(elsewhere.path().join("out.csv")), here);
    assert!(!elsewhere.path().join("logs").exists(), "a folder that is no project gets no log");
}

#[test]
fn columns_may_stand_in_any_order_among_others() {
    let folder = cars();
    write(folder.path().join("plain.csv"), "x,colour\n5,red\n6,blue\n");
    write(folder.path().join("other.csv"), "shop,colour,y,x,part\nA,red,?,5,who knows\nB,blue,,6,\n");
    run("predict", folder.path(), &["-q", "-i", "plain.csv", "-o", "plain.out.csv"]).success();
    run("predict", folder.path(), &["-i", "other.csv", "-o", "other.out.csv"])
        .success()
        .stderr(contains("other.csv: ignored, since the model does not know them: `shop`"));
    let predictions = |name: &str| column(&read(folder.path().join(name)), "prediction");
    assert_eq!(predictions("other.out.csv"), ["15.0", "13.0"]);
    assert_eq!(predictions("plain.out.csv"), predictions("other.out.csv"));
}

#[test]
fn other_delimiters_are_found_where_none_was_given() {
    let folder = cars();
    write(folder.path().join("new.csv"), "x;colour\n5;red\n6;blue\n");
    run("predict", folder.path(), &["-q", "-i", "new.csv", "-o", "out.csv"]).success();
    assert_eq!(column(&read(folder.path().join("out.csv")), "prediction"), ["15.0", "13.0"]);
}

#[test]
fn rows_go_through_a_pipe() {
    let folder = cars();
    write(folder.path().join("new.csv"), "x,colour\n5,red\n");
    let done = shell(folder.path(), "cat new.csv | predict -q -i - -o - | cut -d, -f1-4").success();
    let out = String::from_utf8(done.get_output().stdout.clone()).unwrap();
    assert_eq!(out, "source,line,rows_ahead,prediction\n-,2,0,15.0\n");
}

#[test]
fn files_of_one_name_are_told_apart() {
    let folder = cars();
    let elsewhere = tempfile::tempdir().unwrap();
    for (file, x) in [("a/n.csv", 1), ("b/n.csv", 2), ("other.csv", 3)] {
        write(elsewhere.path().join(file), format!("x,colour\n{x},blue\n"));
    }
    write(folder.path().join("n.csv"), "x,colour\n4,blue\n");
    let model = folder.path().join("models/model.pkl");
    let (model, project) = (model.to_str().unwrap(), folder.path().to_str().unwrap());
    let scored = |more: &[&str]| {
        let fixed = ["-q", "--model", model, "--project", project, "-o", "out.csv", "-i", "other.csv"];
        run("predict", elsewhere.path(), &[&fixed, more].concat()).success();
        column(&read(elsewhere.path().join("out.csv")), "source")
    };
    let inputs = || {
        let manifest = json(elsewhere.path().join("out.csv.meta.json"));
        let all = manifest["inputs"].as_array().unwrap()[1..].to_vec();
        all.iter().map(|i| i["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    // Of another folder than the project each has its bare name, as long as that tells it.
    assert_eq!(scored(&["-i", "a/n.csv"]), ["other.csv", "n.csv"]);
    assert_eq!(scored(&["-i", "a/n.csv", "-i", "b/n.csv"]), ["other.csv", "a/n.csv", "b/n.csv"]);
    assert_eq!(inputs(), ["other.csv", "a/n.csv", "b/n.csv"]);
    // A file of the project is named from its folder; a folder is all its tables; history counts too.
    let own = format!("{project}/n.csv");
    assert_eq!(scored(&["-i", "b", "-i", &own]), ["other.csv", "b/n.csv", own.as_str()]);
    assert_eq!(scored(&["-i", "b/n.csv", "--history", "a/n.csv"]), ["other.csv", "b/n.csv"]);
    assert_eq!(inputs(), ["a/n.csv", "other.csv", "b/n.csv"]);
    // What breaks the contract is told by the same name.
    write(elsewhere.path().join("b/n.csv"), "x,colour\nmany,blue\n");
    let both = ["--model", model, "-i", "a/n.csv", "-i", "b/n.csv", "-o", "out.csv"];
    run("predict", elsewhere.path(), &both)
        .code(10)
        .stderr(contains("b/n.csv:2: column `x` (1): found `many`"));
}

#[test]
fn many_rows_are_scored_as_single_ones_are() {
    let folder = cars();
    // Several blocks of 512 KiB, and batches of the writer.
    let rows = 300_000_u32;
    let row = |i: u32| (i * 7919 % 1000, i % 2);
    let text: String = (0..rows)
        .map(|i| {
            let (x, red) = row(i);
            format!("{x},{}\n", ["blue", "red"][red as usize])
        })
        .collect();
    write(folder.path().join("new.csv"), format!("x,colour\n{text}"));
    run("predict", folder.path(), &["-q", "-i", "new.csv", "-o", "out.csv"]).success();
    let out = read(folder.path().join("out.csv"));
    let (lines, predictions) = (column(&out, "line"), column(&out, "prediction"));
    assert_eq!(predictions.len(), rows as usize);
    for i in 0..rows {
        let (x, red) = row(i);
        assert_eq!(predictions[i as usize], format!("{}.0", 1 + 2 * x + 4 * red));
        assert_eq!(lines[i as usize], (i + 2).to_string());
    }
}

#[test]
fn lags_and_last_known_values_are_those_of_the_history() {
    let folder = panel();
    let folder = folder.path();
    write(folder.join("history.csv"), panel_rows(1..=40, true));
    // `x` of the rows at time 40: (7 * 40) % 11 = 5 of a, (7 * 40 + 3 * 40 + 1) % 11 = 5 of b. `z` at 41 is 2, and
    // where it is missing, that of 40, which is 1.
    write(folder.join("new.csv"), "z,x,t,e\n2,9,41,a\n,9,41,b\n");
    run("predict", folder, &["-i", "new.csv", "--history", "history.csv", "-o", "out.csv"]).success();
    let header = "e,t,rows_ahead,prediction,absent,outside,unseen,filled,limited\n";
    assert_eq!(read(folder.join("out.csv")), format!("{header}a,41,0,25.0,,,,,\nb,41,0,20.0,,,,z,\n"));
    let step = &json(folder.join("out.csv.meta.json"))["ledger"][0];
    assert_eq!((step["rows_in"].as_u64(), step["apart"]["history"].as_u64()), (Some(82), Some(80)));
    // Without history nothing is known of the row before.
    run("predict", folder, &["-q", "-i", "new.csv", "-o", "alone.csv"]).success();
    assert_eq!(column(&read(folder.join("alone.csv")), "filled"), ["x_lag_1", "z;x_lag_1"]);
    // In one file every row is scored, each after those before it.
    let both = format!("{}a,41,9,2,\nb,41,9,,\n", panel_rows(1..=40, true));
    write(folder.join("both.csv"), both);
    run("predict", folder, &["-q", "-i", "both.csv", "-o", "one.csv"]).success();
    let one = read(folder.join("one.csv"));
    assert_eq!(cells(&one).len(), 83);
    assert_eq!(column(&one, "prediction")[80..], ["25.0", "20.0"]);
}

#[test]
fn a_row_that_stands_in_both_is_scored_once() {
    let folder = panel();
    let folder = folder.path();
    write(folder.join("history.csv"), panel_rows(1..=40, true));
    // Times 39 and 40 stand in both, in the new file without a target; time 40 of a stands there twice.
    let new = panel_rows(39..=40, false) + "a,40,5,1\n";
    write(folder.join("new.csv"), new);
    run("predict", folder, &["-i", "new.csv", "--history", "history.csv", "-o", "out.csv"])
        .success()
        .stderr(contains("1 of the new rows repeat another, 4 a row of the history"));
    let out = read(folder.join("out.csv"));
    assert_eq!(column(&out, "t"), ["39", "39", "40", "40"]);
    let history = panel_rows(1..=40, true);
    let expected: Vec<f64> = column(&history, "y")[76..].iter().map(|y| y.parse().unwrap()).collect();
    let found: Vec<f64> = column(&out, "prediction").iter().map(|y| y.parse().unwrap()).collect();
    assert_eq!(found, expected);
}

#[test]
fn bounds_stand_beside_the_prediction_at_each_level() {
    // y = 2 x exactly in training; nine calibration rows miss by 1 to 9, so that ranks 8 and 9 of 9 are 8 and 9.
    let train: String = (0..30).map(|x| format!("{x},{},train\n", 2 * x)).collect();
    let calibration: String = (1..=9).map(|i| format!("{i},{},calibration\n", 2 * i + i)).collect();
    let config = "[project]\ntarget = \"y\"\n[ingest]\nsources = [\"raw.csv\"]\n\
                  [clean]\nsplit = { by = \"column\", column = \"part\" }\n\
                  [train]\nmin_rows = 10\nintervals = { levels = [0.8, 0.9, 0.95] }\n";
    let folder = crate::project(&[
        ("pipeline.toml", config),
        ("raw.csv", &format!("x,y,part\n{train}{calibration}7,14,test\n")),
        ("new.csv", "x\n3\n"),
    ]);
    super::train(folder.path());
    run("predict", folder.path(), &["-i", "new.csv", "-o", "out.csv"])
        .success()
        .stderr(contains("no interval at 0.95"));
    let out = read(folder.path().join("out.csv"));
    let value = |name: &str| column(&out, name)[0].clone();
    let bounds = ["prediction", "lower_80", "upper_80", "lower_90", "upper_90", "lower_95", "upper_95"];
    assert_eq!(bounds.map(value), ["6.0", "-2.0", "14.0", "-3.0", "15.0", "", ""]);
    let manifest = json(folder.path().join("out.csv.meta.json"));
    assert_eq!(manifest["found"]["intervals"], serde_json::json!([[0.95, "too_few_rows"]]));
}
