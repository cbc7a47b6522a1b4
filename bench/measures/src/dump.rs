//! Rows of some designs, and what this project finds in them, for `check.py`.

use std::path::Path;

use stats::{Dependence, Reason};

use crate::design::{Design, Errors, Shape};
use crate::random::Random;

pub fn run(folder: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    let base = Design {
        name: "",
        dependence: Dependence::Time,
        shape: Shape::Times(300),
        rho: 0.5,
        errors: Errors::Normal,
    };
    let cases = [
        ("times", base),
        ("persistent", Design { rho: 0.9, shape: Shape::Times(1000), ..base }),
        ("panel", Design { shape: Shape::Panel(20, 60), ..base }),
        ("entities", Design { dependence: Dependence::Entity, shape: Shape::Entities(30), ..base }),
        (
            "rows",
            Design {
                dependence: Dependence::Rows,
                shape: Shape::Rows(250),
                errors: Errors::Exponential,
                ..base
            },
        ),
    ];
    for (name, design) in cases {
        let rows = design.draw(&mut Random::new(1));
        let mut sample = Design::sample(&rows, 0.9);
        let mut text = String::from("key,predicted,actual,rival\n");
        for row in &rows {
            let y = 10.0 + 0.9 * (row.f - 10.0) - row.e;
            text += &format!("{},{:?},{y:?},{:?}\n", row.key, row.f, y + row.rival);
        }
        std::fs::write(folder.join(format!("{name}.csv")), text).unwrap();
        let line = sample.line(design.dependence, 0.95);
        let found = sample.intervals(design.dependence, 0.95, Err(Reason::NotRead)).0;
        let (slope, intercept, mae) =
            (line.slope_limits.unwrap(), line.intercept_limits.unwrap(), found.mae.unwrap());
        let facts = [
            ("slope", line.slope.unwrap()),
            ("slope_se", line.slope_se.unwrap()),
            ("slope_lower", slope.lower),
            ("slope_upper", slope.upper),
            ("intercept", line.intercept.unwrap()),
            ("intercept_se", line.intercept_se.unwrap()),
            ("intercept_lower", intercept.lower),
            ("intercept_upper", intercept.upper),
            ("f_statistic", line.f_statistic.unwrap()),
            ("df", line.df as f64),
            ("p_value", line.p_value.unwrap()),
            ("mae_lower", mae.lower),
            ("mae_upper", mae.upper),
            ("block_length", found.block_length as f64),
        ];
        let text: String = facts.iter().map(|(key, value)| format!("{key},{value:?}\n")).collect();
        std::fs::write(folder.join(format!("{name}.found")), text).unwrap();
    }
}
