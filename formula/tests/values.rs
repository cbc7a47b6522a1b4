//! Values worked out by hand, missing and undefined ones, and rows at the borders of blocks.
#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    clippy::float_cmp,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test fails by panicking, compares bits and says what it skips"
)]

use formula::{Evaluated, Expression};

const NAN: f64 = f64::NAN;

/// A text and the function of `x` that it must be.
type Known = (&'static str, fn(f64) -> f64);

/// The text over columns `x` and `y`.
fn over(text: &str, x: &[f64], y: &[f64]) -> Evaluated {
    let column = |name: &str| match name {
        "x" => Some(x),
        "y" => Some(y),
        _ => None,
    };
    Expression::parse(text).unwrap().evaluate(x.len(), &column).unwrap()
}

/// NaN compares equal to itself, and zeros by their sign.
fn assert_bits(text: &str, found: &[f64], expected: &[f64]) {
    let bits = |v: &[f64]| v.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(found), bits(expected), "{text}: found {found:?}, expected {expected:?}");
}

#[test]
fn functions_give_the_values_that_are_known_exactly() {
    // Function of x, arguments, values; NaN where there is none.
    let table: [(&str, &[f64], &[f64]); 19] = [
        ("abs(x)", &[-2.5, 2.5, 0.0], &[2.5, 2.5, 0.0]),
        ("sqrt(x)", &[2.25, 0.0, -1.0], &[1.5, 0.0, NAN]),
        ("cbrt(x)", &[27.0, -8.0, 0.0], &[3.0, -2.0, 0.0]),
        ("exp(x)", &[0.0, 1000.0, -1000.0], &[1.0, NAN, 0.0]),
        ("expm1(x)", &[0.0, 1e-300, -1000.0], &[0.0, 1e-300, -1.0]),
        ("ln(x)", &[1.0, 0.0, -1.0], &[0.0, NAN, NAN]),
        ("log1p(x)", &[0.0, 1e-300, -1.0], &[0.0, 1e-300, NAN]),
        ("log2(x)", &[1024.0, 0.125, 0.0], &[10.0, -3.0, NAN]),
        ("log10(x)", &[1000.0, 1.0, -1.0], &[3.0, 0.0, NAN]),
        ("floor(x)", &[1.5, -1.5, 2.0], &[1.0, -2.0, 2.0]),
        ("ceil(x)", &[1.5, -1.5, 2.0], &[2.0, -1.0, 2.0]),
        (
            "round(x)",
            &[0.5, 1.5, 2.5, -2.5, 2.4999, -0.6, 0.499_999_999_999_999_94],
            &[0.0, 2.0, 2.0, -2.0, 2.0, -1.0, 0.0],
        ),
        ("sign(x)", &[-3.0, 1e-320, 0.0], &[-1.0, 1.0, 0.0]),
        ("sin(x)", &[0.0, 1e-300], &[0.0, 1e-300]),
        ("cos(x)", &[0.0], &[1.0]),
        ("tanh(x)", &[0.0, 100.0, -100.0], &[0.0, 1.0, -1.0]),
        ("min(x, 1)", &[0.5, 2.0, -1.0], &[0.5, 1.0, -1.0]),
        ("max(x, 1)", &[0.5, 2.0, -1.0], &[1.0, 2.0, 1.0]),
        ("pow(x, 0.5)", &[9.0, 0.0, -1.0], &[3.0, 0.0, NAN]),
    ];
    for (text, x, expected) in table {
        let done = over(text, x, &vec![NAN; x.len()]);
        assert_bits(text, &done.values, expected);
        // `y` is missing everywhere, but not in the expression.
        assert_eq!(done.undefined, expected.iter().filter(|v| v.is_nan()).count() as u64, "{text}");
    }
    assert_eq!(table.len(), formula::functions().count());
}

#[test]
fn powers_are_products_where_the_exponent_is_a_small_whole_number() {
    let x = 1.1_f64;
    let table = [(2.0, x * x), (3.0, x * x * x), (4.0, (x * x) * (x * x)), (5.0, libm::pow(x, 5.0))];
    for (exponent, expected) in table {
        for text in [format!("x ^ {exponent}"), "x ^ y".to_owned(), "pow(x, y)".to_owned()] {
            assert_bits(&text, &over(&text, &[x], &[exponent]).values, &[expected]);
        }
    }
    let whole = over("x ^ y", &[3.0, -3.0, 0.0, 0.0, 2.0, -8.0], &[3.0, 3.0, 0.0, -1.0, -2.0, 1.0 / 3.0]);
    assert_bits("x ^ y", &whole.values, &[27.0, -27.0, 1.0, NAN, 0.25, NAN]);
    assert_eq!(whole.undefined, 2);
}

#[test]
fn a_missing_operand_makes_every_result_missing() {
    let texts = [
        "x + y",
        "x - y",
        "x * y",
        "x / y",
        "x ^ y",
        "y ^ x",
        "min(x, y)",
        "max(x, y)",
        "pow(x, y)",
        "-x + 0 * y",
        "y ^ 0",
        "1 ^ y",
        "pow(1, y)",
        "sign(y)",
        "abs(y)",
        "round(y)",
        "exp(y)",
        "0 * y",
        "min(1, y)",
        "max(y, 1)",
        // Undefined too, but for a row without `y` nobody could say so.
        "1 / 0 + y",
        "ln(-x) + y",
    ];
    for text in texts {
        let done = over(text, &[1.0], &[NAN]);
        assert_bits(text, &done.values, &[NAN]);
        assert_eq!(done.undefined, 0, "{text}");
    }
    for (name, arguments) in formula::functions() {
        let text = if arguments == 1 { format!("{name}(y)") } else { format!("{name}(x, y)") };
        assert_bits(&text, &over(&text, &[1.0], &[NAN]).values, &[NAN]);
    }
}

#[test]
fn a_row_without_a_finite_value_is_counted_once() {
    // Text, value of the row x = 0, y = 3.
    let texts = [
        "y / x",
        "x / x",
        "ln(x)",
        "ln(-y)",
        "sqrt(-y)",
        "x ^ -1",
        "1e308 * 10",
        "1e308 + 1e308",
        "-1e308 - 1e308",
        "exp(1000)",
        "log1p(-1)",
        "(-1) ^ 0.5",
        // A later step would give a number again.
        "1 / (1 / x)",
        "exp(ln(x))",
        "min(1, 1 / x)",
        "max(1, ln(x))",
        "sign(1 / x)",
        "0 * ln(x)",
        "tanh(1 / x)",
        // Several steps of one row.
        "1 / x + ln(x) + 1 / x",
        "(1 / x) ^ 0",
    ];
    for text in texts {
        let done = over(text, &[0.0, 0.0], &[3.0, 3.0]);
        assert_bits(text, &done.values, &[NAN, NAN]);
        assert_eq!(done.undefined, 2, "{text}");
    }
}

#[test]
fn missing_and_undefined_rows_are_counted_apart() {
    // By hand: 2/1, missing, missing, 1/0, 0/0, 6/3, infinite operand.
    let x = [2.0, NAN, 1.0, 1.0, 0.0, 6.0, f64::INFINITY];
    let y = [1.0, 0.0, NAN, 0.0, 0.0, 3.0, 1.0];
    let done = over("x / y", &x, &y);
    assert_bits("x / y", &done.values, &[2.0, NAN, NAN, NAN, NAN, 2.0, NAN]);
    assert_eq!(done.undefined, 3);
    // A column alone, and no column at all.
    assert_eq!(over("x", &x, &y).undefined, 1);
    assert_eq!(over("1 / 0", &x, &y).undefined, 7);
    assert_bits("3", &over("3", &x, &y).values, &[3.0; 7]);
}

#[test]
fn the_smaller_of_two_zeros_does_not_depend_on_their_order() {
    let done = |text| over(text, &[0.0, -0.0], &[-0.0, 0.0]).values;
    assert_bits("min", &done("min(x, y)"), &[-0.0, -0.0]);
    assert_bits("max", &done("max(x, y)"), &[0.0, 0.0]);
}

#[test]
fn a_column_that_is_not_there_is_named() {
    let expression = Expression::parse("a + `b c` + d").unwrap();
    let a: &[f64] = &[1.0, 2.0];
    let found = |given: &[(&'static str, &'static [f64])]| {
        expression.evaluate(2, &|name| given.iter().find(|(n, _)| *n == name).map(|(_, c)| *c)).unwrap_err()
    };
    assert_eq!(found(&[]), "a");
    assert_eq!(found(&[("a", &[1.0, 2.0]), ("d", &[1.0, 2.0])]), "b c");
    assert_eq!(found(&[("a", &[1.0, 2.0]), ("b c", &[1.0, 2.0]), ("d", &[1.0])]), "d");
    assert_eq!(found(&[("a", &[1.0, 2.0, 3.0])]), "a");
    assert_eq!(expression.evaluate(2, &|_| Some(a)).unwrap().values, [3.0, 6.0]);
}

#[test]
fn rows_at_the_borders_of_blocks_are_like_all_others() {
    for rows in [0_u32, 1, 2, 1023, 1024, 1025, 2047, 2048, 2049] {
        let x: Vec<f64> = (0..rows).map(f64::from).collect();
        // Zero in every fifth row, missing in every seventh.
        let y: Vec<f64> = (0..rows)
            .map(|i| {
                if i % 7 == 0 {
                    NAN
                } else if i % 5 == 0 {
                    0.0
                } else {
                    f64::from(i) + 1.0
                }
            })
            .collect();
        let done = over("(x * x - x) / y + 1", &x, &y);
        let by_hand: Vec<f64> = (0..rows as usize)
            .map(|i| if y[i].is_nan() || y[i] == 0.0 { NAN } else { (x[i] * x[i] - x[i]) / y[i] + 1.0 })
            .collect();
        assert_bits(&rows.to_string(), &done.values, &by_hand);
        let zeros = y.iter().filter(|y| **y == 0.0).count() as u64;
        assert_eq!(done.undefined, zeros, "{rows} rows");
        // Operands that wait while a deeper part is computed.
        let deep = over("x - (x - (x - (x - (x + x ^ 2))))", &x, &y);
        let expected: Vec<f64> = x.iter().map(|x| x - (x - (x - (x - (x + x * x))))).collect();
        assert_bits("deep", &deep.values, &expected);
    }
}

#[test]
fn functions_are_those_of_libm() {
    let x: Vec<f64> = (1..5000).map(|i| f64::from(i) * 0.00317).collect();
    let table: [Known; 11] = [
        ("exp(x)", libm::exp),
        ("expm1(x)", libm::expm1),
        ("ln(x)", libm::log),
        ("log1p(x)", libm::log1p),
        ("log2(x)", libm::log2),
        ("log10(x)", libm::log10),
        ("sin(x)", libm::sin),
        ("cos(x)", libm::cos),
        ("cbrt(x)", libm::cbrt),
        ("tanh(x)", libm::tanh),
        ("x ^ 1.7", |x| libm::pow(x, 1.7)),
    ];
    for (text, function) in table {
        let expected: Vec<f64> = x.iter().map(|x| function(*x)).collect();
        assert_bits(text, &over(text, &x, &x).values, &expected);
    }
}
