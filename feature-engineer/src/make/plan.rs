//! Which steps wait for which: those of one level are made side by side.

use std::collections::HashMap;

use crate::recipe::Spec;
use crate::settings::Statistic;
use crate::window::Shape;

/// Steps that are made together: one, or all statistics of one window.
pub(super) struct Job {
    /// Numbers of the specs.
    pub(super) specs: Vec<usize>,
    /// The statistics, where it is a window.
    pub(super) window: Option<(Shape, Vec<Statistic>)>,
}

/// The steps of a recipe in an order in which they can be made.
pub(super) struct Plan {
    /// Jobs that need nothing but those of the levels before.
    pub(super) levels: Vec<Vec<Job>>,
    /// By spec: its operands that an earlier spec makes, with the number of that one; others are columns of the table.
    made: Vec<Vec<(String, usize)>>,
    /// Columns of the table that specs are made of.
    pub(super) columns: Vec<String>,
}

/// The name of a column, and the spec that makes it, if one does.
type Operand = (String, Option<usize>);

/// Level of a job, and its place there.
type Place = (usize, usize);

impl Plan {
    pub(super) fn of(specs: &[Spec]) -> Self {
        let mut plan = Self { levels: Vec::new(), made: Vec::new(), columns: Vec::new() };
        let mut numbers: HashMap<&str, usize> = HashMap::new();
        let mut levels: Vec<usize> = Vec::new();
        let mut windows: HashMap<Operand, Vec<Place>> = HashMap::new();
        for (number, spec) in specs.iter().enumerate() {
            let operands = spec.operands();
            let made = |name: &String| Some((name.clone(), *numbers.get(name.as_str())?));
            let earlier: Vec<(String, usize)> = operands.iter().filter_map(made).collect();
            let of_table = operands.iter().filter(|name| !numbers.contains_key(name.as_str()));
            plan.columns.extend(of_table.cloned());
            let level = earlier.iter().map(|(_, of)| levels[*of] + 1).max().unwrap_or(0);
            levels.push(level);
            if plan.levels.len() <= level {
                plan.levels.resize_with(level + 1, Vec::new);
            }
            if let Some((column, shape, statistic)) = window(spec) {
                let same = windows.entry((column.to_owned(), earlier.first().map(|e| e.1))).or_default();
                let mut same_shape = same.iter().copied().filter(|(level, place)| {
                    plan.levels[*level][*place].window.as_ref().is_some_and(|(of, _)| *of == shape)
                });
                if let Some((level, place)) = same_shape.next() {
                    let job = &mut plan.levels[level][place];
                    job.specs.push(number);
                    job.window.iter_mut().for_each(|(_, wanted)| wanted.push(statistic));
                } else {
                    same.push((level, plan.levels[level].len()));
                    let window = Some((shape, vec![statistic]));
                    plan.levels[level].push(Job { specs: vec![number], window });
                }
            } else {
                plan.levels[level].push(Job { specs: vec![number], window: None });
            }
            plan.made.push(earlier);
            match spec {
                // Its features have names of their own.
                Spec::Category { .. } => {}
                Spec::Value { name } => {
                    plan.columns.push(name.clone());
                    numbers.insert(name, number);
                }
                spec => {
                    numbers.insert(spec.name(), number);
                }
            }
        }
        plan.columns.sort_unstable();
        plan.columns.dedup();
        plan
    }

    /// The spec that makes the operand `name` of spec `number`; nothing where it is a column of the table.
    pub(super) fn maker_of(&self, number: usize, name: &str) -> Option<usize> {
        self.made[number].iter().find(|(made, _)| made == name).map(|(_, of)| *of)
    }
}

/// Column, window and statistic of a spec that has them.
fn window(spec: &Spec) -> Option<(&str, Shape, Statistic)> {
    match spec {
        Spec::Rolling { column, window, min_rows, before, statistic, .. } => {
            let shape = Shape { reach: Some(window.clone()), min_rows: *min_rows, before: *before };
            Some((column, shape, *statistic))
        }
        Spec::Expanding { column, min_rows, before, statistic, .. } => {
            let shape = Shape { reach: None, min_rows: Some(*min_rows), before: *before };
            Some((column, shape, *statistic))
        }
        _ => None,
    }
}
