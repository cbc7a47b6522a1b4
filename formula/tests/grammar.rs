//! What binds to what, how names are written, and the text that is written back.
#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    clippy::float_cmp,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test fails by panicking, compares bits and says what it skips"
)]

use formula::Expression;

fn parsed(text: &str) -> Expression {
    Expression::parse(text).unwrap_or_else(|fault| panic!("{text}: {fault}"))
}

/// The value of a text without columns.
fn value(text: &str) -> f64 {
    parsed(text).evaluate(1, &|_| None).unwrap().values[0]
}

#[test]
fn operators_bind_as_in_mathematics() {
    // Text, the same with all its parentheses, value by hand.
    let table = [
        ("1 + 2 * 3", "1 + (2 * 3)", 7.0),
        ("1 - 2 - 3", "(1 - 2) - 3", -4.0),
        ("8 / 4 / 2", "(8 / 4) / 2", 1.0),
        ("8 / 4 * 2", "(8 / 4) * 2", 4.0),
        ("1 - 2 + 3", "(1 - 2) + 3", 2.0),
        ("2 ^ 3 ^ 2", "2 ^ (3 ^ 2)", 512.0),
        ("-2 ^ 2", "-(2 ^ 2)", -4.0),
        ("(-2) ^ 2", "((-2)) ^ (2)", 4.0),
        ("2 ^ -1", "2 ^ (-1)", 0.5),
        ("2 ^ -1 * 4", "(2 ^ (-1)) * 4", 2.0),
        ("2 ^ -2 ^ 2", "2 ^ (-(2 ^ 2))", 0.0625),
        ("-2 * -3", "(-2) * (-3)", 6.0),
        ("2 * 3 ^ 2", "2 * (3 ^ 2)", 18.0),
        ("1 - -1", "1 - (-1)", 2.0),
        ("--1", "-(-1)", 1.0),
        ("+1 - +2", "(+1) - (+2)", -1.0),
        ("-+-2", "-(-2)", 2.0),
        ("min(1, 2) + 3 * max(4, 5)", "(min(1, 2)) + (3 * (max(4, 5)))", 16.0),
        ("-abs(-2) ^ 2", "-((abs(-2)) ^ 2)", -4.0),
    ];
    for (text, explicit, by_hand) in table {
        assert_eq!(parsed(text), parsed(explicit), "{text}");
        assert_eq!(value(text), by_hand, "{text}");
    }
    assert_ne!(parsed("(1 - 2) - 3"), parsed("1 - (2 - 3)"));
    assert_ne!(parsed("-2 ^ 2"), parsed("(-2) ^ 2"));
    assert_ne!(parsed("2 ^ 3 ^ 2"), parsed("(2 ^ 3) ^ 2"));
}

#[test]
fn numbers_are_decimal() {
    let table = [
        ("1", 1.0),
        ("007", 7.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("1e-3", 0.001),
        ("1E+3", 1000.0),
        ("2.5e2", 250.0),
        ("1e308", 1e308),
        ("1e-400", 0.0),
        ("0.1", 0.1),
    ];
    for (text, expected) in table {
        assert_eq!(value(text), expected, "{text}");
    }
}

#[test]
fn names_are_plain_or_between_backquotes() {
    let table: [(&str, &[&str]); 10] = [
        ("High / Low", &["High", "Low"]),
        ("b + a * b", &["b", "a"]),
        ("_x1 + größe + 株価", &["_x1", "größe", "株価"]),
        ("`Adj Close` - `High`", &["Adj Close", "High"]),
        ("`a``b` + ````", &["a`b", "`"]),
        ("`1st` * `2`", &["1st", "2"]),
        ("ln + mean", &["ln", "mean"]),
        ("`ln` * ln(ln)", &["ln"]),
        ("`a\n+` + `=`", &["a\n+", "="]),
        ("1 + 1", &[]),
    ];
    for (text, names) in table {
        assert_eq!(parsed(text).columns(), names, "{text}");
    }
}

#[test]
fn the_text_written_back_is_canonical() {
    let table = [
        (" ln( High/Low ) ", "ln(High / Low)"),
        ("((a))+(b*c)", "a + b * c"),
        ("(a+b)*c", "(a + b) * c"),
        ("a-(b-c)", "a - (b - c)"),
        ("(a-b)-c", "a - b - c"),
        ("a/(b*c)", "a / (b * c)"),
        ("(a^b)^c", "(a ^ b) ^ c"),
        ("a^(b^c)", "a ^ b ^ c"),
        ("a^(b*c)", "a ^ (b * c)"),
        ("a^(-b)", "a ^ -b"),
        ("(-a)^b", "(-a) ^ b"),
        ("-(a^b)", "-a ^ b"),
        ("-(a*b)", "-(a * b)"),
        ("(-a)*b", "-a * b"),
        ("a*(-b)", "a * -b"),
        ("a-(-(b))", "a - -b"),
        ("+a", "a"),
        ("pow(a,b+1)", "pow(a, b + 1)"),
        ("`plain` + `Adj Close` + `a``b` + `2`", "plain + `Adj Close` + `a``b` + `2`"),
        ("1.50 + .001 + 1e300 + 1e-7 + 365", "1.5 + 0.001 + 1e300 + 1e-7 + 365"),
    ];
    for (text, canonical) in table {
        assert_eq!(parsed(text).to_string(), canonical);
        assert_eq!(parsed(canonical), parsed(text), "{text}");
    }
}

/// Every function is in the table of the documentation, with its arguments.
#[test]
fn every_function_is_documented() {
    let documentation = std::fs::read_to_string("../docs/configuration.md").unwrap();
    let (_, section) = documentation.split_once("### Expressions").unwrap();
    for (name, arguments) in formula::functions() {
        let call = if arguments == 1 { format!("`{name}(x)`") } else { format!("`{name}(x, y)`") };
        assert!(section.contains(&call), "docs/configuration.md does not name {call}");
        assert!(parsed(&call.replace('`', "")).columns().len() == arguments);
    }
    assert!(formula::functions().count() > 10);
}
