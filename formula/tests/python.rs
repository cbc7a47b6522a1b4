//! The same expressions by Python: its parser, its arithmetic, and its decimal numbers of 60 digits.
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

use std::io::Write as _;
use std::process::{Command, Stdio};

use formula::Expression;
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;
use support::tree;

/// Reads lines of a text and the bits of x, y and z; writes the bits of its value, or that it is missing or undefined.
const PROGRAM: &str = r#"
import ast, decimal, math, struct, sys
from decimal import Decimal

class Undefined(Exception): pass

def number(bits): return struct.unpack('>d', bytes.fromhex(bits))[0]

class N:
    """A float whose every step must be finite."""
    def __init__(self, v):
        self.v = float(v)
        if not math.isfinite(self.v): raise Undefined
    def __neg__(a): return N(-a.v)
    def __pos__(a): return a
    def __add__(a, b): return N(a.v + b.v)
    def __sub__(a, b): return N(a.v - b.v)
    def __mul__(a, b): return N(a.v * b.v)
    def __truediv__(a, b): return N(a.v / b.v)
    def __pow__(a, b):
        if b.v in (2, 3, 4):
            half = a * a
            return half if b.v == 2 else half * a if b.v == 3 else half * half
        if a.v <= 0: return N(math.pow(a.v, b.v))
        return N((Decimal(b.v) * Decimal(a.v).ln()).exp())

def exact(f): return lambda a: N(f(a.v))
def precise(f): return lambda a: N(f(Decimal(a.v)))
def logarithm(base, plus=0):
    def f(d):
        if d + plus <= 0: raise Undefined
        return (d + plus).ln() / Decimal(base).ln() if base else (d + plus).ln()
    return precise(f)

NAMES = {
    'abs': exact(abs), 'sqrt': exact(math.sqrt), 'floor': exact(math.floor), 'ceil': exact(math.ceil),
    'round': exact(round), 'sign': exact(lambda v: (v > 0) - (v < 0)),
    'min': lambda a, b: N(min(a.v, b.v)), 'max': lambda a, b: N(max(a.v, b.v)), 'pow': lambda a, b: a ** b,
    'exp': precise(lambda d: d.exp()), 'expm1': precise(lambda d: d.exp() - 1),
    'ln': logarithm(0), 'log1p': logarithm(0, 1), 'log2': logarithm(2), 'log10': logarithm(10),
    'cbrt': precise(lambda d: ((abs(d).ln() / 3).exp() if d else d).copy_sign(d)),
    'tanh': precise(lambda d: 1 - 2 / ((2 * min(d, Decimal(99))).exp() + 1)),
    'sin': exact(math.sin), 'cos': exact(math.cos), 'N': N,
}

class Wrap(ast.NodeTransformer):
    def visit_Constant(self, node):
        return ast.Call(ast.Name('N', ast.Load()), [node], [])

def value(code, columns):
    used = {n: v for n, v in columns.items() if n in code.co_names}
    if any(math.isnan(v) for v in used.values()): return 'missing'
    try:
        result = eval(code, NAMES, {n: N(v) for n, v in used.items()})
        return struct.pack('>d', result.v).hex()
    except (Undefined, ValueError, ArithmeticError):
        return 'undefined'

decimal.getcontext().prec = 60
codes = {}
for line in sys.stdin:
    text, *bits = line.rstrip('\n').split('\t')
    if text not in codes:
        tree = ast.fix_missing_locations(Wrap().visit(ast.parse(text.replace('^', '**'), mode='eval')))
        codes[text] = compile(tree, text, 'eval')
    print(value(codes[text], dict(zip('xyz', map(number, bits)))))
"#;

/// One text over rows of x, y and z.
struct Case {
    text: String,
    rows: Vec<[f64; 3]>,
}

/// What Python gives for every row of every case: `missing`, `undefined`, or bits. None where it does not run.
fn python(cases: &[Case]) -> Option<Vec<String>> {
    let started = Command::new("python3")
        .args(["-c", PROGRAM])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = match started {
        Ok(child) => child,
        Err(error) => {
            eprintln!("SKIPPED, nothing was compared with Python: python3 does not run: {error}");
            return None;
        }
    };
    let mut lines = String::new();
    for case in cases {
        for row in &case.rows {
            let bits: Vec<String> = row.iter().map(|v| format!("{:016x}", v.to_bits())).collect();
            lines.push_str(&format!("{}\t{}\n", case.text, bits.join("\t")));
        }
    }
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(lines.as_bytes()).unwrap());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "python3 failed: {}", String::from_utf8_lossy(&output.stderr));
    writer.join().unwrap();
    Some(String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect())
}

/// Compares every row with Python, the values within `units` units in the last place.
fn assert_like_python(cases: &[Case], units: u64) {
    let Some(expected) = python(cases) else { return };
    assert_eq!(expected.len(), cases.iter().map(|c| c.rows.len()).sum::<usize>());
    let mut expected = expected.iter();
    let (mut values, mut undefined) = (0, 0);
    for Case { text, rows } in cases {
        let column = |place: usize| rows.iter().map(|r| r[place]).collect::<Vec<f64>>();
        let columns = [column(0), column(1), column(2)];
        let of = |name: &str| "xyz".find(name).map(|place| columns[place].as_slice());
        let done = Expression::parse(text).unwrap().evaluate(rows.len(), &of).unwrap();
        let mut undefined_here = 0;
        for (row, found) in rows.iter().zip(done.values) {
            let expected = expected.next().unwrap();
            if let Ok(bits) = u64::from_str_radix(expected, 16) {
                let expected = f64::from_bits(bits);
                let near = found == expected
                    || found.is_sign_positive() == expected.is_sign_positive()
                        && found.to_bits().abs_diff(bits) <= units;
                assert!(near, "{text} at {row:?}: {found:?}, by Python {expected:?}");
                values += 1;
            } else {
                assert!(found.is_nan(), "{text} at {row:?}: {found:?}, by Python {expected}");
                undefined_here += u64::from(expected == "undefined");
            }
        }
        assert_eq!(done.undefined, undefined_here, "{text}");
        undefined += undefined_here;
    }
    assert!(values > 1000 && undefined > 10, "{values} values and {undefined} undefined rows compare little");
}

/// Trees of operations whose last bit IEEE 754 fixes, in the canonical text with its few parentheses.
#[test]
fn arithmetic_is_that_of_python_to_the_last_bit() {
    let names = proptest::sample::select(vec!["x", "y", "z"]).prop_map(str::to_owned);
    let one = &["abs", "sqrt", "floor", "ceil", "round", "sign"];
    let trees = tree(names, one, &["min", "max"], &['+', '-', '*', '/']);
    let mut runner = TestRunner::deterministic();
    let numbers = [0.0, 1.0, -1.0, 0.1, 2.5, -3.5, 1e200, -1e-200, 7.0, f64::NAN];
    let mut cases = Vec::new();
    for case in 0..600 {
        let text =
            Expression::parse(&trees.new_tree(&mut runner).unwrap().current().text()).unwrap().to_string();
        let row = |i: usize| [1, 3, 7].map(|step| numbers[(case + i * step + step) % numbers.len()]);
        cases.push(Case { text, rows: (0..10).map(row).collect() });
    }
    assert_like_python(&cases, 0);
}

#[test]
fn precedence_is_that_of_python() {
    let texts = [
        "-x ^ 2",
        "2 ^ -x",
        "x ^ 2 ^ 2",
        "(-x) ^ 3",
        "-x ^ 2 * y",
        "x / y / z",
        "x - y - z",
        "x / y * z",
        "x - -y",
        "--x",
        "-x * -y",
        "x + y * z ^ 2",
        "2 * x ^ 2 / y",
        "x * -y ^ 2",
        "+x - +y",
        "-(x + y) ^ 2",
        "1 / x ^ 2 ^ 2 - 1",
    ];
    let numbers = [0.5, 2.0, -3.0, 0.0, 4.0, -1.0, 0.25];
    let rows: Vec<[f64; 3]> =
        (0..70).map(|i| [1, 2, 3].map(|step| numbers[(i * step + i / 7) % numbers.len()])).collect();
    let cases: Vec<Case> = texts.iter().map(|t| Case { text: (*t).to_owned(), rows: rows.clone() }).collect();
    assert_like_python(&cases, 1);
}

/// Every function of one number, and powers, within one unit in the last place of the truth.
#[test]
fn functions_are_right_to_about_the_last_bit() {
    let mut arguments: Vec<f64> = (-300_i32..300).map(|i| f64::from(i) * 0.0371).collect();
    arguments.extend((-300_i32..300).map(|i| libm::pow(10.0, f64::from(i) / 12.0)));
    let rows: Vec<[f64; 3]> = arguments.iter().map(|x| [*x, 1.0 + x.abs() / 3.0, 0.7]).collect();
    let ones =
        formula::functions().filter(|(_, arguments)| *arguments == 1).map(|(name, _)| format!("{name}(x)"));
    let cases: Vec<Case> = ones
        .chain(["x ^ 1.5", "y ^ z", "x ^ -1", "y ^ 5", "1.000001 ^ x"].map(str::to_owned))
        .map(|text| Case { text, rows: rows.clone() })
        .collect();
    assert_like_python(&cases, 1);
}
