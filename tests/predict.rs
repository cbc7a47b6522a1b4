//! `predict`: what it scores is what training would have made of the same rows.
#![allow(
    clippy::allow_attributes,
    clippy::expect_used,
    clippy::float_cmp,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by panicking and says what it skips"
)]

mod support;

#[path = "predict/examples.rs"]
mod examples;
#[path = "predict/features.rs"]
mod features;
#[path = "predict/hostile.rs"]
mod hostile;
#[path = "predict/raw.rs"]
mod raw;
#[path = "predict/same.rs"]
mod same;
#[path = "predict/steps.rs"]
mod steps;

use std::path::Path;

use support::{project, run};
use tempfile::TempDir;

/// Runs the stages up to the model.
fn train(folder: &Path) {
    for name in ["ingest", "clean", "feature-engineer", "train-model"] {
        run(name, folder, &["-q"]).success();
    }
}

/// Cars without time: `y = 1 + 2 x + 4 [red]` exactly, for x from 0 to 19 in blue and in red; three rows of the
/// test part. The median of `x` in training rows is 9.5.
fn cars() -> TempDir {
    let rows: String = (0..40)
        .map(|i| {
            let (x, red) = (i / 2, i % 2);
            format!("{x},{},{},train\n", ["blue", "red"][red], 1 + 2 * x + 4 * red)
        })
        .collect();
    let raw = format!("x,colour,y,part\n{rows}3,blue,8,test\n4,red,12,test\n5,red,16,test\n");
    let folder = project(&[
        (
            "pipeline.toml",
            "[project]\ntarget = \"y\"\n[ingest]\nsources = [\"raw.csv\"]\n\
             [clean]\nsplit = { by = \"column\", column = \"part\" }\n[train]\nmin_rows = 10\nintervals = { method = \"none\" }\n",
        ),
        ("raw.csv", &raw),
    ]);
    train(folder.path());
    folder
}

/// What `x` of the panel is.
fn x_of(entity: usize, t: usize) -> usize {
    (7 * t + 3 * entity * t + entity) % 11
}

/// Rows of the panel from one time up to another, with their target or without.
fn panel_rows(times: std::ops::RangeInclusive<usize>, with_target: bool) -> String {
    let mut text = format!("e,t,x,z{}\n", if with_target { ",y" } else { "" });
    for t in times {
        for entity in 0..2 {
            let (x, z) = (x_of(entity, t), t % 3);
            text.push_str(&format!("{},{t},{x},{z}", ["a", "b"][entity]));
            if with_target {
                let y = if t == 1 { String::new() } else { (10 + x_of(entity, t - 1) + 5 * z).to_string() };
                text.push_str(&format!(",{y}"));
            }
            text.push('\n');
        }
    }
    text
}

/// Two entities over 40 times: `y = 10 + x of the row before + 5 z` exactly; a missing `z` is the last known one.
fn panel() -> TempDir {
    let folder = project(&[
        (
            "pipeline.toml",
            "[project]\ntarget = \"y\"\nentity = \"e\"\ntime = \"t\"\n[ingest]\nsources = [\"raw.csv\"]\n\
             [clean]\nsplit = { test_from = 31 }\nfill = { columns = { z = \"last\" } }\n\
             [features]\ncolumns = [\"z\"]\nlags = [{ columns = [\"x\"], rows = [1] }]\n[train]\nmin_rows = 10\nintervals = { method = \"none\" }\n",
        ),
        ("raw.csv", &panel_rows(1..=40, true)),
    ]);
    train(folder.path());
    folder
}
