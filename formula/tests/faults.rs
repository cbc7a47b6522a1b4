//! Every way a text can be wrong: one clear fault, with its place.
#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    clippy::float_cmp,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test fails by panicking, compares bits and says what it skips"
)]

use formula::{DEEPEST, Expression, Fault, LONGEST};

fn fault(text: &str) -> Fault {
    Expression::parse(text).expect_err(text)
}

/// Asserts the place and pieces of the message.
fn assert_faults(table: &[(&str, usize, &str, &str)]) {
    for (text, at, found, expected) in table {
        let fault = fault(text);
        assert_eq!(fault.at, *at, "{text}: {fault}");
        let (what_found, what_expected) = fault.message.split_once(", expected ").expect(text);
        assert!(what_found.starts_with("found ") && what_found.contains(found), "{text}: {fault}");
        assert!(what_expected.contains(expected), "{text}: {fault}");
    }
}

#[test]
fn a_fault_shows_its_place_what_was_found_and_what_was_expected() {
    let shown = fault("High +* Low").to_string();
    assert_eq!(shown, "character 7: found `*`, expected a number, a column, a function or `(`");
}

#[test]
fn the_form_is_checked() {
    assert_faults(&[
        ("", 1, "the end", "a number, a column"),
        ("   ", 4, "the end", "a number, a column"),
        ("a +", 4, "the end", "a number"),
        ("a + ", 5, "the end", "a number"),
        ("-", 2, "the end", "a number"),
        ("a ^", 4, "the end", "a number"),
        ("* a", 1, "`*`", "a number"),
        ("a + / b", 5, "`/`", "a number"),
        ("(a", 3, "the end", "an operator or `)`"),
        ("(a + (b)", 9, "the end", "an operator or `)`"),
        ("ln(a", 5, "the end", "an operator, `,` or `)`"),
        ("a)", 2, "`)`", "an operator or the end"),
        ("()", 2, "`)`", "a number"),
        ("(a b)", 4, "the name `b`", "an operator or `)`"),
        ("1 2", 3, "the number `2`", "an operator or the end"),
        ("1.2.3", 4, "the number `.3`", "an operator"),
        ("2x", 2, "the name `x`", "an operator"),
        ("1e", 2, "the name `e`", "an operator"),
        ("0x1F", 2, "the name `x1F`", "an operator"),
        ("1_000", 2, "the name `_000`", "an operator"),
        ("a `b c`", 3, "the name `b c`", "an operator"),
        ("2 (3)", 3, "`(`", "an operator or the end"),
        ("`ln`(a)", 5, "`(`", "an operator or the end"),
        ("größe + 株 株", 11, "the name `株`", "an operator"),
    ]);
}

#[test]
fn what_no_expression_holds_is_named_with_what_to_do() {
    assert_faults(&[
        ("a = b", 3, "`=`", "no comparisons and no assignments"),
        ("a == b", 3, "`=`", "no comparisons"),
        ("a < b", 3, "`<`", "no comparisons"),
        ("a >= b", 3, "`>`", "no comparisons"),
        ("!a", 1, "`!`", "no comparisons"),
        ("a := b", 3, "`:`", "no assignments"),
        ("a && b", 3, "`&`", "no logic"),
        ("a % b", 3, "`%`", "neither a remainder"),
        ("'a b'", 1, "`'`", "backquotes"),
        ("\"a\"", 1, "`\"`", "backquotes"),
        ("[a]", 1, "`[`", "only ( ) group"),
        ("a ** 2", 3, "`**`", "`^`"),
        ("x²", 2, "`²`", "`^`"),
        ("a − b", 3, "`−`", "`-`"),
        ("a × b", 3, "`×`", "`*`"),
        ("1,5", 2, "`,`", "an operator or the end"),
        ("a . b", 3, "`.`", "decimal point"),
        ("a $ b", 3, "`$`", "backquotes"),
        ("a\u{202e}", 2, "`\\u{202e}`", "an operator"),
        ("a + \0", 5, "`\\u{0}`", "a number"),
        ("`a", 1, "never closed", "doubled"),
        ("a + `", 5, "never closed", "a number"),
        ("`a``", 1, "never closed", "a number"),
        ("a + ``", 5, "an empty name", "backquotes"),
        ("1e999", 1, "the number `1e999`", "1.8e308"),
    ]);
}

#[test]
fn a_function_must_be_known_and_have_its_arguments() {
    assert_faults(&[
        ("1 + ln()", 5, "0 arguments of `ln`", "1"),
        ("ln(a, b)", 1, "2 arguments of `ln`", "1"),
        ("min(a)", 1, "1 argument of `min`", "2 (over other rows, `rolling` and `expanding`"),
        ("max(a, b, c)", 1, "3 arguments of `max`", "2"),
        ("pow(a)", 1, "1 argument of `pow`", "2"),
        ("max(a, )", 8, "`)`", "a number"),
        ("max(, a)", 5, "`,`", "a number"),
        ("sqr(a)", 1, "`sqr` before `(`, which is no function (did you mean `sqrt`?)", "one of abs, sqrt"),
        ("a * LN(b)", 5, "did you mean `ln`?", "one of"),
        ("log(a)", 1, "`ln` is the natural logarithm, `log10` the decimal one", "one of"),
        ("flor(a)", 1, "did you mean `floor`?", "one of"),
        ("High (a)", 1, "`High` before `(`", "an operator between a column and `(`"),
    ]);
    assert!(!fault("zzzzzz(a)").message.contains("did you mean"));
}

#[test]
fn what_looks_at_other_rows_is_refused_with_the_key_that_does_it() {
    let table = [
        ("mean", "`rolling` and `expanding` of [features]"),
        ("SUM", "`rolling` and `expanding` of [features]"),
        ("std", "`rolling` and `expanding` of [features]"),
        ("median", "`rolling` and `expanding` of [features]"),
        ("rolling", "`rolling` of [features]"),
        ("rolling_mean", "`rolling` of [features]"),
        ("lag", "`lags` of [features]"),
        ("shift", "`lags` of [features]"),
        ("diff", "`differences` of [features]"),
        ("pct_change", "`differences` of [features]"),
        ("cumsum", "`expanding` of [features]"),
        ("expanding", "`expanding` of [features]"),
        ("lead", "`horizon` of [project]"),
    ];
    for (name, key) in table {
        let text = format!("a / {name}(a, 1)");
        assert_faults(&[(&text, 5, "which looks at other rows", key)]);
    }
}

#[test]
fn nesting_has_a_limit() {
    let nests: [(&str, &str); 5] = [("(", ")"), ("-", ""), ("+", ""), ("ln(", ")"), ("a^", "")];
    for (open, close) in nests {
        let nested = |levels: usize| format!("{}a{}", open.repeat(levels), close.repeat(levels));
        Expression::parse(&nested(DEEPEST)).expect(open);
        // The first level too deep begins with this character: the bracket of a call, the sign of a power.
        let offset = open.chars().count();
        let at = DEEPEST * offset + offset;
        assert_faults(&[(&nested(DEEPEST + 1), at, "more than 100 levels", "a name of its own")]);
        assert_eq!(fault(&nested(LONGEST / 4 - 1)).at, at);
    }
    // Neither a long chain is deep, nor many pairs beside one another.
    let pairs = vec!["-(a) ^ ln(a)"; 2 * DEEPEST].join("+");
    assert_eq!(Expression::parse(&pairs).unwrap().columns(), ["a"]);
    let chain = vec!["a"; 1000].join("-");
    assert_eq!(Expression::parse(&chain).unwrap().evaluate(1, &|_| Some(&[1.0])).unwrap().values, [-998.0]);
}

#[test]
fn length_has_a_limit() {
    let name = "é".repeat(LONGEST);
    assert_eq!(Expression::parse(&name).unwrap().columns(), [name.as_str()]);
    assert_faults(&[(&format!("{name}é"), LONGEST + 1, "4097 characters", "at most 4096")]);
    assert_faults(&[(&"(".repeat(1_000_000), LONGEST + 1, "1000000 characters", "at most 4096")]);
    // Short enough as it stands, but not with the blanks of the text that is written back: 1366 + 3 * 1365.
    let dense = vec!["a"; 1366].join("+");
    assert_faults(&[(&dense, 1, "5461 characters once it is written with blanks", "at most 4096")]);
}

#[test]
fn hostile_names_are_escaped_and_cut() {
    let fault = fault(&format!("1 `a\n\u{1b}[31m{}`", "x".repeat(500)));
    assert!(fault.message.contains("`a\\n\\u{1b}[31mxxx"), "{fault}");
    assert!(fault.message.chars().count() < 200 && !fault.message.contains('\n'), "{fault}");
}
