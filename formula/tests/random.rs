//! Properties: texts drawn at random never panic, trees drawn at random come back from their text.
#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    clippy::float_cmp,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test fails by panicking, compares bits and says what it skips"
)]

mod support;

use formula::{Expression, Expressions};
use proptest::prelude::*;
use support::{Tree, tree};

const ONE: &[&str] = &["abs", "sqrt", "floor", "round", "ln", "exp", "sign"];
const TWO: &[&str] = &["min", "max", "pow"];
const SIGNS: &[char] = &['+', '-', '*', '/', '^'];

fn plain_tree() -> impl Strategy<Value = Tree> {
    tree(prop::sample::select(vec!["x", "y", "_z1"]).prop_map(str::to_owned), ONE, TWO, SIGNS)
}

fn any_tree() -> impl Strategy<Value = Tree> {
    tree("\\PC{1,6}|[`a-c]{1,4}", ONE, TWO, SIGNS)
}

/// Pieces of which texts are made that are nearly expressions.
fn soup() -> impl Strategy<Value = String> {
    let pieces = [
        "a", "b1", "`c d`", "`", "``", "1", ".5", "1e", "1e9", "1e999", "(", "(", ")", ")", ",", "+", "-",
        "*", "/", "^", " ", "ln", "max(", "ln(", "mean(", "=", "é", "\u{202e}", "\n",
    ];
    prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..30).prop_map(|p| p.concat())
}

/// What holds for every text.
fn check(text: &str) -> Result<(), TestCaseError> {
    match Expression::parse(text) {
        Ok(expression) => {
            let written = expression.to_string();
            let again = Expression::parse(&written);
            prop_assert_eq!(again.as_ref(), Ok(&expression), "{}", written);
            prop_assert_eq!(again.unwrap().to_string(), written);
            let row = [2.0];
            prop_assert_eq!(expression.evaluate(1, &|_| Some(&row)).unwrap().values.len(), 1);
        }
        Err(fault) => {
            prop_assert!((1..=text.chars().count() + 1).contains(&fault.at), "{}", fault);
            prop_assert!(fault.message.starts_with("found ") && fault.message.contains(", expected "));
            prop_assert!(!fault.message.contains(|c: char| c.is_control() || c == '\u{202e}'), "{:?}", fault);
        }
    }
    Ok(())
}

/// The text without one pair of parentheses that group, for each such pair.
fn without_a_pair(text: &str) -> Vec<String> {
    let mut open = Vec::new();
    let mut shorter = Vec::new();
    for (i, c) in text.char_indices() {
        let calls = text[..i].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        match c {
            '(' => open.push((i, calls)),
            ')' => {
                let (start, calls) = open.pop().unwrap();
                if !calls {
                    shorter.push(format!("{}{}{}", &text[..start], &text[start + 1..i], &text[i + 1..]));
                }
            }
            _ => {}
        }
    }
    shorter
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_gives_an_expression_or_a_fault(text in any::<String>()) {
        check(&text)?;
    }

    #[test]
    fn nearly_right_texts_give_an_expression_or_a_fault(text in soup()) {
        check(&text)?;
    }

    #[test]
    fn a_tree_comes_back_from_its_text(tree in any_tree()) {
        let text = tree.text();
        prop_assert!(Expression::parse(&text).is_ok(), "{}: {:?}", text, Expression::parse(&text));
        check(&text)?;
    }

    #[test]
    fn no_parenthesis_is_superfluous(tree in plain_tree()) {
        let expression = Expression::parse(&tree.text()).unwrap();
        for shorter in without_a_pair(&expression.to_string()) {
            let without = Expression::parse(&shorter);
            prop_assert_ne!(without.as_ref(), Ok(&expression), "{} is {}", shorter, expression);
        }
    }

    #[test]
    fn named_texts_give_expressions_or_a_fault(texts in prop::collection::btree_map("[a-d]", "[a-e][-+*][a-e]", 0..4)) {
        match Expressions::parse(&texts) {
            Ok(all) => {
                prop_assert_eq!(all.order().len(), texts.len());
                for (i, name) in all.order().iter().enumerate() {
                    for used in all.get(name).unwrap().columns() {
                        let place = all.order().iter().position(|o| o == used);
                        prop_assert!(place.is_none_or(|p| p < i), "{} before {}", name, used);
                    }
                    prop_assert!(all.sources(name).iter().all(|s| all.get(s).is_none()));
                }
            }
            Err((name, fault)) => {
                // Reached again from itself.
                let mut reached = vec![name.clone()];
                for i in 0.. {
                    let Some(next) = reached.get(i) else { break };
                    let Some(text) = texts.get(next) else { continue };
                    for used in Expression::parse(text).unwrap().columns() {
                        if used == name {
                            return Ok(());
                        }
                        if !reached.iter().any(|r| r == used) {
                            reached.push(used.to_owned());
                        }
                    }
                }
                prop_assert!(false, "{}: {}", name, fault);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// The value of every row is that of the tree walked row by row, wherever the blocks end.
    #[test]
    fn blocks_do_what_a_walk_over_the_tree_does(
        tree in plain_tree(),
        rows in prop::sample::select(vec![1_usize, 7, 1023, 1024, 1025, 2049]),
        values in prop::collection::vec(prop_oneof![6 => -9.0..9.0, 2 => Just(0.0), 1 => Just(f64::NAN), 1 => Just(2.0)], 97),
    ) {
        let column = |shift: usize| (0..rows).map(|i| values[(i * 3 + shift) % 97]).collect::<Vec<f64>>();
        let (x, y, z) = (column(0), column(31), column(64));
        let of = |name: &str| match name { "x" => &x, "y" => &y, _ => &z };
        let expression = Expression::parse(&tree.text()).unwrap();
        let done = expression.evaluate(rows, &|name| Some(of(name))).unwrap();
        let mut undefined = 0;
        for row in 0..rows {
            let expected = tree.value(&|name| of(name)[row]);
            let found = done.values[row];
            // Zeros may differ in sign: `fmin` and `fmax` of the walk do not order them.
            prop_assert!(found == expected || found.is_nan() && expected.is_nan(), "row {}: {} {}", row, found, expected);
            let known = expression.columns().iter().all(|name| !of(name)[row].is_nan());
            undefined += u64::from(expected.is_nan() && known);
        }
        prop_assert_eq!(done.undefined, undefined);
    }
}
