//! A table of many more rows than are worked on at a time: no row is lost, and any number of threads writes the same bytes.

use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{files, json, stage, write};
use crate::{FEATURES, METRICS, MODEL, number};

const ENTITIES: u64 = 7;
const TIMES: u64 = 6000;

/// The rows, entity by entity or time by time; 70 % of the times train, 20 % calibrate.
fn table(by_entity: bool) -> String {
    let mut rows: Vec<(u64, u64)> = (0..TIMES).flat_map(|t| (0..ENTITIES).map(move |e| (t, e))).collect();
    if by_entity {
        rows.sort_by_key(|(t, e)| (*e, *t));
    }
    let row = |(t, e): (u64, u64)| {
        let part = ["train", "calibration", "test"][usize::from(t >= 4200) + usize::from(t >= 5400)];
        let (x, z) = ((t * 37 + e * 11) % 101, (t * t + e) % 53);
        let y = (3 * x + 2 * z + (t * 7919 + e * 104_729) % 97) as f64 / 4.0;
        format!("e{e},{t},{x}.5,{z},{y},{part}\n")
    };
    format!("who,when,x,z,y,split\n{}", rows.into_iter().map(row).collect::<String>())
}

/// Both stages with so many threads.
fn run(settings: &str, table: &str, threads: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    let project = "[project]\ntarget = \"y\"\nentity = \"who\"\ntime = \"when\"\n";
    write(folder.path().join("pipeline.toml"), format!("{project}{settings}"));
    write(folder.path().join(FEATURES), table);
    for name in ["train-model", "evaluate"] {
        let mut command = stage(name);
        command.env("RAYON_NUM_THREADS", threads).env("POLARS_MAX_THREADS", threads);
        command.arg("--project").arg(folder.path()).assert().success();
    }
    folder
}

fn bytes(folder: &Path) -> Vec<Vec<u8>> {
    let mut written: Vec<_> =
        ["models", "reports"].iter().flat_map(|name| files(&folder.join(name))).collect();
    written.sort();
    written.iter().map(|file| std::fs::read(file).unwrap()).collect()
}

#[test]
fn threads_change_no_byte_and_no_row_is_lost() {
    for settings in [
        "[train]\nfold_by = \"key\"\nintervals = { method = \"normalised\" }\n",
        "[train]\nmodel = \"ridge\"\nfold_by = \"entity\"\nlambdas = 5\n",
        "[evaluate]\nsegments = [\"z\"]\n[train]\nfold_by = \"key\"\nterms = [{ column = \"x\", knots = 4 }]\n",
    ] {
        let one = run(settings, &table(true), "1");
        let five = run(settings, &table(true), "5");
        assert!(bytes(one.path()) == bytes(five.path()), "{settings}");
        let metrics = json(one.path().join(METRICS));
        for (part, times) in [("train", 4200), ("calibration", 1200), ("test", 600)] {
            assert_eq!(number(&metrics, &format!("/{part}/n")), (times * ENTITIES) as f64, "{settings}");
        }
        let rows = |list: &Value| -> u64 {
            list.as_array().unwrap().iter().map(|row| row["n"].as_u64().unwrap()).sum()
        };
        assert_eq!(rows(&metrics["bins"]), 600 * ENTITIES, "{settings}");
        for segment in metrics["segments"].as_array().unwrap() {
            assert_eq!(rows(&segment["rows"]), 600 * ENTITIES, "{settings}");
        }
        assert_eq!(metrics["segments"].as_array().unwrap().len(), usize::from(settings.contains("segments")));
        // The order of the rows is no part of the model.
        let by_time = run(settings, &table(false), "5");
        let model = |of: &TempDir| std::fs::read(of.path().join(MODEL)).unwrap();
        assert!(model(&one) == model(&by_time), "{settings}");
    }
}
