//! Recipes drawn at random, as they are written in `pipeline.toml`.

use std::fmt::Write as _;

use super::panel::Form;
use crate::support::panel::Random;

pub(crate) const STATISTICS: [&str; 6] = ["mean", "std", "min", "max", "sum", "median"];
const PARTS: [&str; 9] =
    ["year", "quarter", "month", "week", "day", "day_of_year", "weekday", "hour", "minute"];

/// Expressions of two columns, as they are written.
pub(crate) const EXPRESSIONS: [&str; 6] = [
    "`A` + `B`",
    "`A` * `B` - 1",
    "ln(abs(`A`) + 1)",
    "max(`A`, `B`) / 4",
    "`A` ^ 2 - sqrt(`B`)",
    "-1 / `A`",
];

#[derive(Clone, Debug)]
pub(crate) enum How {
    Expression { template: usize, a: String, b: String },
    Calendar { column: bool, part: &'static str, wave: Option<&'static str> },
    Log { a: String },
    Difference { a: String, rows: usize },
    PercentChange { a: String, rows: usize },
    Lag { a: String, rows: usize },
    Rolling { a: String, rows: usize, statistic: &'static str, least: Option<usize> },
    Span { a: String, span: &'static str, statistic: &'static str, least: Option<usize> },
    Expanding { a: String, statistic: &'static str, least: Option<usize> },
    Ratio { a: String, b: String },
}

#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) name: String,
    pub(crate) how: How,
}

#[derive(Clone, Debug)]
pub(crate) struct Recipe {
    pub(crate) form: Form,
    pub(crate) steps: Vec<Step>,
    /// `y`, or `t`, which is an expression of `x` and `z`.
    pub(crate) target: &'static str,
    pub(crate) horizon: usize,
    pub(crate) mean: bool,
    pub(crate) exclude: Vec<String>,
    pub(crate) fill: &'static str,
}

impl How {
    /// The names it is made of.
    pub(crate) fn operands(&self) -> Vec<&str> {
        match self {
            Self::Calendar { .. } => vec![],
            Self::Expression { template, a, b } if EXPRESSIONS[*template].contains('B') => vec![a, b],
            Self::Ratio { a, b } => vec![a, b],
            Self::Expression { a, .. }
            | Self::Log { a }
            | Self::Difference { a, .. }
            | Self::PercentChange { a, .. }
            | Self::Lag { a, .. }
            | Self::Rolling { a, .. }
            | Self::Span { a, .. }
            | Self::Expanding { a, .. } => vec![a],
        }
    }

    pub(crate) fn is_window(&self) -> bool {
        matches!(self, Self::Rolling { .. } | Self::Span { .. } | Self::Expanding { .. })
    }

    /// Whether it may be made of the row's own target: it then leaves the row out.
    fn looks_back_only(&self) -> bool {
        self.is_window() || matches!(self, Self::Lag { .. })
    }
}

impl Recipe {
    pub(crate) fn draw(random: &mut Random, form: Form) -> Self {
        let mut one = |end: u64| random.below(end) as usize;
        let horizon = one(6);
        let mut recipe = Self {
            form,
            steps: Vec::new(),
            target: ["y", "t"][one(2)],
            horizon,
            mean: horizon > 0 && one(3) == 0,
            exclude: Vec::new(),
            fill: ["median", "mean"][one(2)],
        };
        if recipe.target == "t" {
            let how = How::Expression { template: [0, 1, 3][one(3)], a: "x".to_owned(), b: "z".to_owned() };
            recipe.steps.push(Step { name: "t".to_owned(), how });
        }
        for number in 0..6 + one(10) {
            let step = recipe.step(random, number);
            let own = |a: &str| recipe.horizon == 0 && a == recipe.target;
            let refused = !step.how.looks_back_only() && step.how.operands().into_iter().any(own);
            if !refused && !recipe.steps.iter().any(|s| s.name == step.name) {
                recipe.steps.push(step);
            }
        }
        for step in recipe.steps.clone() {
            if step.name != "t" && random.below(8) == 0 {
                recipe.exclude.push(step.name);
            }
        }
        recipe
    }

    fn step(&self, random: &mut Random, number: usize) -> Step {
        let mut one = |end: usize| random.below(end as u64) as usize;
        let columns = ["x", "z", "w", "y", "flag", "x", "z"].map(str::to_owned);
        let mut operand = || -> String {
            let made = self.steps.len();
            if made > 0 && one(3) == 0 { self.steps[one(made)].name.clone() } else { columns[one(7)].clone() }
        };
        let (a, b) = (operand(), operand());
        let statistic = STATISTICS[one(6)];
        let rows = 1 + one(4);
        let (name, how) = match one(11) {
            0 => (format!("e{number}"), How::Expression { template: one(EXPRESSIONS.len()), a, b }),
            1 => self.calendar(one(PARTS.len()), one(3) == 0, one(3)),
            2 => (format!("{a}_log"), How::Log { a }),
            3 => (format!("{a}_diff_{rows}"), How::Difference { a, rows }),
            4 => (format!("{a}_pct_{rows}"), How::PercentChange { a, rows }),
            5 => (format!("{a}_lag_{rows}"), How::Lag { a, rows }),
            6 | 7 => {
                let rows = 1 + one(7);
                let least = (one(2) == 0).then(|| 1 + one(rows));
                (format!("{a}_{statistic}_{rows}"), How::Rolling { a, rows, statistic, least })
            }
            8 => {
                let span = self.form.spans()[one(self.form.spans().len())];
                let least = (one(2) == 0).then(|| 1 + one(3));
                // A span written as the rows of a window has its name.
                (format!("{a}_{statistic}_{span}"), How::Span { a, span, statistic, least })
            }
            9 => {
                let least = (one(2) == 0).then(|| 1 + one(3));
                (format!("{a}_{statistic}_expanding"), How::Expanding { a, statistic, least })
            }
            _ => (format!("r{number}"), How::Ratio { a, b }),
        };
        Step { name, how }
    }

    fn calendar(&self, part: usize, column: bool, wave: usize) -> (String, How) {
        let (column, form) = (column || !self.form.is_calendar(), self.form);
        // What the dates of the column, or of the time, have; years do not come again.
        let parts = if !column && form == Form::Hour {
            9
        } else if !column && form == Form::Month {
            3
        } else {
            7
        };
        let part = part % parts;
        let prefix = if column { "day" } else { "time" };
        let wave = [None, Some("sin"), Some("cos")][if part == 0 { 0 } else { wave }];
        let part = PARTS[part];
        let ending = wave.map_or_else(String::new, |w| format!("_{w}"));
        (format!("{prefix}_{part}{ending}"), How::Calendar { column, part, wave })
    }

    pub(crate) fn toml(&self) -> String {
        let time = self.form.columns();
        let mut out = format!(
            "[project]\ntarget = {:?}\nentity = \"e\"\ntime = {time:?}\nhorizon = {}\n",
            self.target, self.horizon
        );
        if self.mean {
            out += "target_statistic = \"mean\"\n";
        }
        let y = if self.horizon > 0 || self.target == "t" { ", \"y\"" } else { "" };
        writeln!(out, "[features]\ncolumns = [\"id\", \"x\", \"z\", \"w\", \"flag\", \"c\"{y}]").unwrap();
        writeln!(out, "fill = {:?}\nmax_categories = 3", self.fill).unwrap();
        let mut exclude = self.exclude.clone();
        exclude.extend(self.other_waves());
        writeln!(out, "exclude = {exclude:?}").unwrap();
        let keys = ["expressions", "calendar", "logs", "differences", "percent_changes", "lags", "rolling"];
        for key in keys.into_iter().chain(["expanding", "ratios"]) {
            let mut entries: Vec<String> = self.steps.iter().filter_map(|s| s.entry(key)).collect();
            if key == "calendar" {
                entries.sort();
                entries.dedup();
            }
            let marks = if ["expressions", "ratios"].contains(&key) { ["{", "}"] } else { ["[", "]"] };
            writeln!(out, "{key} = {} {} {}", marks[0], entries.join(", "), marks[1]).unwrap();
        }
        out
    }

    /// A cyclical part makes two features, of which a recipe may hold one.
    fn other_waves(&self) -> Vec<String> {
        let other = |step: &Step| match step.how {
            How::Calendar { wave: Some(wave), .. } => {
                let base = step.name.strip_suffix(wave).unwrap();
                let other = format!("{base}{}", if wave == "sin" { "cos" } else { "sin" });
                (!self.steps.iter().any(|s| s.name == other)).then_some(other)
            }
            _ => None,
        };
        self.steps.iter().filter_map(other).collect()
    }
}

impl Step {
    /// As it is written under `key`; a cyclical part is written once for both of its waves.
    fn entry(&self, key: &str) -> Option<String> {
        let least = |least: &Option<usize>| least.map_or_else(String::new, |n| format!(", min_rows = {n}"));
        let lag = |a: &str, rows: &usize| format!("{{ columns = [{a:?}], rows = [{rows}] }}");
        Some(match (key, &self.how) {
            ("expressions", How::Expression { template, a, b }) => {
                let text = EXPRESSIONS[*template].replace('A', a).replace('B', b);
                format!("{} = {text:?}", self.name)
            }
            ("calendar", How::Calendar { column, part, wave }) => {
                let column = if *column { ", column = \"day\"" } else { "" };
                format!("{{ parts = [{part:?}]{column}, cyclical = {} }}", wave.is_some())
            }
            ("logs", How::Log { a }) => format!("{a:?}"),
            ("differences", How::Difference { a, rows })
            | ("percent_changes", How::PercentChange { a, rows })
            | ("lags", How::Lag { a, rows }) => lag(a, rows),
            ("rolling", How::Rolling { a, rows, statistic, least: n }) => format!(
                "{{ columns = [{a:?}], windows = [{rows}], statistics = [{statistic:?}]{} }}",
                least(n)
            ),
            ("rolling", How::Span { a, span, statistic, least: n }) => format!(
                "{{ columns = [{a:?}], windows = [{span:?}], statistics = [{statistic:?}]{} }}",
                least(n)
            ),
            ("expanding", How::Expanding { a, statistic, least: n }) => {
                format!("{{ columns = [{a:?}], statistics = [{statistic:?}]{} }}", least(n))
            }
            ("ratios", How::Ratio { a, b }) => format!("{} = [{a:?}, {b:?}]", self.name),
            _ => return None,
        })
    }
}
