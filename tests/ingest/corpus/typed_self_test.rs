//! The judge of values judged: a wrong number and a bad cell that is not reported must be seen.

use serde_json::{Map, Value, json};

use super::judge::Verdict;
use super::run::Run;
use super::typed::{Column, VIOLATIONS, Wanted, breaches, columns, values, without};

fn texts(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|c| (*c).to_owned()).collect()
}

fn object(value: &Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

/// The column `x` of a table whose rows begin in lines 2, 3, 4 and so on.
fn x(wanted: &[Wanted]) -> [Column; 1] {
    [Column { name: "x".to_owned(), wanted: wanted.to_vec() }]
}

fn ended(code: i32, written: &[(&str, &str)]) -> Run {
    let written = written.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()));
    Run { code: Some(code), stderr: "ERROR clean: something\n".to_owned(), written: written.collect() }
}

/// A run of `clean` that wrote `cells` as the column `x`.
fn wrote(cells: &[&str]) -> Run {
    let rows: String = cells.iter().map(|cell| format!("1,{cell},train\n")).collect();
    ended(0, &[("clean.csv", &format!("id,x,split\n{rows}"))])
}

/// A run of `clean` that reported these cells.
fn reported(cells: &[(u64, &str)]) -> Run {
    let row = |(line, column): &(u64, &str)| format!("data/raw/a.csv,{line},{column},\"found `%`, so\"\n");
    let rows: String = cells.iter().map(row).collect();
    ended(10, &[(VIOLATIONS, &format!("source,line,column,what\n{rows}"))])
}

fn verdict_of_values(wanted: &[Wanted], run: &Run) -> Verdict {
    values(&x(wanted), run).map_or_else(|wrong| wrong.verdict, |()| Verdict::Read)
}

/// Of a column of a bad cell, a number, a bad cell.
fn verdict_of_breaches(run: &Run) -> Verdict {
    let columns = x(&[Wanted::Bad, Wanted::Number(5.0), Wanted::Bad]);
    breaches(&columns, &[2, 3, 4], "a.csv", run).map_or_else(|wrong| wrong.verdict, |()| Verdict::Refused)
}

#[test]
fn the_numbers_wanted_are_right_however_they_are_written() {
    let wanted = [Wanted::Number(0.1), Wanted::Number(-250.0), Wanted::Missing, Wanted::Unknown];
    assert_eq!(verdict_of_values(&wanted, &wrote(&["0.1", "-2.5e2", "", "7"])), Verdict::Read);
    assert_eq!(verdict_of_values(&wanted, &wrote(&["1e-1", "-250.0", "", "8"])), Verdict::Read);
}

#[test]
fn a_wrong_number_is_silently_wrong() {
    for (what, wanted, cell) in [
        ("the next double", Wanted::Number(0.1), "0.10000000000000002"),
        ("another sign of zero", Wanted::Number(0.0), "-0.0"),
        ("a number missing", Wanted::Number(5.0), ""),
        ("zero", Wanted::Number(5.0), "0"),
        ("text", Wanted::Number(12.0), "12%"),
        ("a subnormal as zero", Wanted::Number(5e-324), "0.0"),
        ("a missing value as zero", Wanted::Missing, "0"),
        ("a missing value filled", Wanted::Missing, "5"),
        ("an unknown number missing", Wanted::Unknown, ""),
        ("an unknown number lost", Wanted::Unknown, "NaN"),
        ("a bad value as a number", Wanted::Bad, "12"),
        ("a bad value missing", Wanted::Bad, ""),
    ] {
        assert_eq!(verdict_of_values(&[wanted], &wrote(&[cell])), Verdict::SilentWrong, "{what}");
    }
    let two = [Wanted::Number(1.0), Wanted::Number(2.0)];
    for cells in [&["1"][..], &["2", "1"], &["1", "2", "3"], &[]] {
        assert_eq!(verdict_of_values(&two, &wrote(cells)), Verdict::SilentWrong, "{cells:?}");
    }
    for written in [&[][..], &[("clean.csv", "id,y\n1,2\n")], &[("clean.csv", "x\n1")]] {
        assert_eq!(verdict_of_values(&two[..1], &ended(0, written)), Verdict::SilentWrong, "{written:?}");
    }
}

#[test]
fn a_bad_value_not_reported_is_silently_wrong() {
    assert_eq!(verdict_of_breaches(&reported(&[(2, "x"), (4, "x")])), Verdict::Refused);
    for cells in [&[(2, "x")][..], &[(4, "x")], &[(2, "x"), (3, "x")], &[(2, "x"), (4, "y")], &[]] {
        assert_eq!(verdict_of_breaches(&reported(cells)), Verdict::SilentWrong, "{cells:?}");
    }
    for cells in [["12", "5", "7.5"], ["", "5", ""], ["0", "5", "0"]] {
        assert_eq!(verdict_of_breaches(&wrote(&cells)), Verdict::SilentWrong, "{cells:?}");
    }
}

#[test]
fn a_good_value_reported_is_wrongly_refused() {
    for (what, cells) in [
        ("a good cell", &[(2, "x"), (3, "x"), (4, "x")][..]),
        ("another column", &[(2, "x"), (2, "id"), (4, "x")]),
        ("a cell twice", &[(2, "x"), (4, "x"), (4, "x")]),
    ] {
        assert_eq!(verdict_of_breaches(&reported(cells)), Verdict::WrongRefusal, "{what}");
    }
    let right = reported(&[(2, "x"), (4, "x")]);
    assert_eq!(verdict_of_values(&[Wanted::Number(5.0)], &right), Verdict::WrongRefusal);
    let mut left = right.clone();
    left.written.extend(wrote(&["5"]).written);
    let other = "source,line,column,what\nb.csv,2,x,so\nb.csv,4,x,so\n";
    let elsewhere = ended(10, &[(VIOLATIONS, other)]);
    for run in [left, elsewhere, ended(10, &[])] {
        assert_eq!(verdict_of_breaches(&run), Verdict::WrongRefusal, "{run:?}");
    }
}

#[test]
fn another_end_of_clean_is_never_right() {
    for code in [2, 11, 13, 20, 21, 101] {
        let verdict = if code == 101 { Verdict::Crash } else { Verdict::WrongRefusal };
        let run = |run: Run| Run { code: Some(code), ..run };
        assert_eq!(verdict_of_values(&[Wanted::Number(5.0)], &run(wrote(&["5"]))), verdict, "{code}");
        assert_eq!(verdict_of_breaches(&run(reported(&[(2, "x"), (4, "x")]))), verdict, "{code}");
    }
    let panic = Run { stderr: "thread 'x' panicked at y\n".to_owned(), ..wrote(&["5"]) };
    assert_eq!(verdict_of_values(&[Wanted::Number(5.0)], &panic), Verdict::Crash);
}

#[test]
fn what_is_wanted_is_what_the_manifest_says() {
    let table = [["id", "x"], ["1", "12"], ["2", "1.5"], ["3", "99"], ["4", ""], ["5", "0.5"]];
    let table: Vec<Vec<String>> = table.iter().map(|row| texts(row)).collect();
    let wanted = |typed: Value| columns(&object(&typed), &table, &texts(&["", "99"]));
    let all = [Wanted::Number(12.0), Wanted::Bad, Wanted::Missing, Wanted::Missing, Wanted::Number(0.5)];
    assert_eq!(wanted(json!({"x": [12, "bad", null, null, 0.5]})), x(&all));
    let plain = [Wanted::Number(12.0), Wanted::Unknown, Wanted::Missing, Wanted::Missing];
    assert_eq!(wanted(json!({"x_last": 0.5})), x(&[&plain[..], &[Wanted::Number(0.5)]].concat()));
    let bad = [&plain[..1], &[Wanted::Bad], &plain[2..], &[Wanted::Bad]].concat();
    assert_eq!(wanted(json!({"x_bad_rows": [2, 5]})), x(&bad));
}

#[test]
fn a_record_is_cut_out_up_to_the_next() {
    let file = b"id,x\r\n1,\"a\nb\"\r\n\r\n2,5\r\n3,%\r\n";
    let cut = |rows: &[usize]| String::from_utf8(without(file, &[2, 5, 6], rows)).unwrap();
    assert_eq!(cut(&[0]), "id,x\r\n2,5\r\n3,%\r\n");
    assert_eq!(cut(&[1, 2]), "id,x\r\n1,\"a\nb\"\r\n\r\n");
    assert_eq!(without(b"x\r1\r2", &[2, 3], &[0]), b"x\r2");
}
