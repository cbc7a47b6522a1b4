//! The same inputs give the same bytes: in any folder, zone, language, with any number of threads,
//! whatever lies around, and with two runs at once.
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

#[path = "crash/project.rs"]
mod project;
#[path = "crash/stages.rs"]
mod stages;

use std::fs::{File, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use common::hash;
use project::{Files, Finished, command, read_all, said, say, temporaries};
use stages::{STAGES, Stage};
use support::panel::Panel;
use support::{files, program, write};
use tempfile::TempDir;

/// SHA-256 of what the stages wrote, by path.
type Hashes = Vec<(String, String)>;

/// 50,000 rows: tables of several batches.
const PANEL: Panel = Panel { cities: 250, months: 200, seed: 5 };

fn hashes(folder: &Path) -> Hashes {
    let written = read_all(folder).into_iter().filter(|(name, _)| !name.starts_with("data/raw/"));
    written.map(|(name, bytes)| (name, hash::hex(&bytes))).collect()
}

fn panel() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    PANEL.write(folder.path());
    folder
}

/// Runs every stage, each prepared by `set`.
fn run(folder: &Path, set: impl Fn(&Stage) -> Command) {
    for stage in &STAGES {
        let output = set(stage).output().unwrap();
        assert!(output.status.success(), "{} in {}: {}", stage.name, folder.display(), said(&output));
    }
}

/// What a plain run writes.
fn plain() -> &'static Hashes {
    static PLAIN: OnceLock<Hashes> = OnceLock::new();
    PLAIN.get_or_init(|| {
        let folder = panel();
        run(folder.path(), |stage| project::stage(folder.path(), stage.name));
        let hashes = hashes(folder.path());
        let written: usize = STAGES.iter().map(|stage| stage.writes.len()).sum();
        // Beside `pipeline.toml` and `schema.json`.
        assert_eq!(hashes.len(), written + 2);
        hashes
    })
}

#[test]
fn other_data_give_other_bytes() {
    let folder = tempfile::tempdir().unwrap();
    Panel { seed: PANEL.seed + 1, ..PANEL }.write(folder.path());
    run(folder.path(), |stage| project::stage(folder.path(), stage.name));
    let other = hashes(folder.path());
    for name in STAGES.iter().flat_map(|stage| stage.writes) {
        let of = |all: &Hashes| all.iter().find(|(n, _)| n == name).map(|(_, hash)| hash.clone()).unwrap();
        assert_ne!(of(&other), of(plain()), "{name}");
    }
}

#[test]
fn zones_languages_and_threads_change_nothing() {
    let settings: [&[(&str, &str)]; 9] = [
        &[],
        &[("TZ", "Asia/Tokyo")],
        &[("TZ", "America/St_Johns"), ("LC_ALL", "C")],
        &[("LANG", "tr_TR.UTF-8"), ("LC_ALL", "tr_TR.UTF-8")],
        &[("LANG", "de_DE.UTF-8"), ("LC_NUMERIC", "de_DE.UTF-8")],
        &[("POLARS_MAX_THREADS", "1"), ("RAYON_NUM_THREADS", "1")],
        &[("POLARS_MAX_THREADS", "2"), ("RAYON_NUM_THREADS", "2")],
        &[("POLARS_MAX_THREADS", "7"), ("RAYON_NUM_THREADS", "5")],
        &[("HOME", "/nowhere"), ("COLUMNS", "40"), ("RUST_LOG", "off")],
    ];
    for setting in settings {
        let folder = panel();
        run(folder.path(), |stage| {
            let mut command = project::stage(folder.path(), stage.name);
            command.envs(setting.iter().copied());
            command
        });
        assert_eq!(hashes(folder.path()), *plain(), "{setting:?}");
    }
    say(&format!("determinism: {} settings of the environment, 0 mismatches", settings.len()));
}

#[test]
fn parquet_and_arrow_are_the_same_with_any_number_of_threads() {
    for format in ["parquet", "arrow"] {
        let of_threads = ["1", "2", "7"].map(|threads| {
            let folder = panel();
            run(folder.path(), |stage| {
                let mut command = project::stage(folder.path(), stage.name);
                command.env("POLARS_MAX_THREADS", threads).env("RAYON_NUM_THREADS", threads);
                for argument in arguments(stage) {
                    command.arg(argument.replace("TABLE", format));
                }
                command
            });
            hashes(folder.path())
        });
        assert!(of_threads[0].iter().any(|(name, _)| name.ends_with(&format!("features.{format}"))));
        assert_eq!(of_threads[0], of_threads[1], "{format}, 2 threads");
        assert_eq!(of_threads[0], of_threads[2], "{format}, 7 threads");
    }
}

/// The inputs and the output of a stage, for tables in another format.
fn arguments(stage: &Stage) -> Vec<&'static str> {
    const RAW: &str = "data/interim/raw_ingested.TABLE";
    const CLEAN: &str = "data/processed/clean.TABLE";
    const FEATURES: &str = "data/processed/features.TABLE";
    match stage.name {
        "ingest" => vec!["-o", RAW],
        "clean" => vec!["-i", RAW, "-o", CLEAN],
        "feature-engineer" => vec!["-i", CLEAN, "-o", FEATURES],
        "train-model" => vec!["-i", FEATURES],
        "evaluate" => vec!["-i", FEATURES, "-i", "models/model.pkl"],
        _ => vec![],
    }
}

#[test]
fn the_folder_a_stage_is_called_in_changes_nothing() {
    let parent = tempfile::tempdir().unwrap();
    for (name, called_in, given) in
        [("a", "/", "ABSOLUTE"), ("b c", ".", "b c"), ("ü", "x/y", "../../ü"), ("d", "d", ".")]
    {
        let project = parent.path().join(name);
        let called_in = parent.path().join(called_in);
        std::fs::create_dir_all(&called_in).unwrap();
        PANEL.write(&project);
        let given = if given == "ABSOLUTE" { project.as_os_str() } else { given.as_ref() };
        run(&project, |stage| {
            let mut command = command(program(stage.name));
            command.current_dir(&called_in).arg("--project").arg(given);
            command
        });
        assert_eq!(hashes(&project), *plain(), "{name}");
    }
}

#[test]
fn the_umask_decides_the_modes_and_nothing_else() {
    for (umask, expected) in [("022", 0o644), ("077", 0o600), ("002", 0o664)] {
        let folder = panel();
        run(folder.path(), |stage| {
            let mut shell = command("sh");
            shell.current_dir(folder.path());
            shell.args(["-c", "umask $1 && exec \"$2\"", "sh", umask]).arg(program(stage.name));
            shell
        });
        assert_eq!(hashes(folder.path()), *plain(), "umask {umask}");
        for name in STAGES.iter().flat_map(|stage| stage.writes) {
            let mode = folder.path().join(name).metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, expected, "{name} under umask {umask}");
        }
    }
}

#[test]
fn order_times_and_modes_of_the_raw_files_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    PANEL.write_backwards(folder.path());
    for (path, days) in files(&folder.path().join("data/raw")).iter().zip(1..) {
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(86_400 * days);
        File::open(path).unwrap().set_modified(time).unwrap();
        std::fs::set_permissions(path, Permissions::from_mode(0o400)).unwrap();
    }
    run(folder.path(), |stage| project::stage(folder.path(), stage.name));
    assert_eq!(hashes(folder.path()), *plain());
}

#[test]
fn leftovers_of_a_thousand_dead_runs_change_nothing_and_are_removed() {
    let folder = panel();
    let mut leftovers = 0;
    for name in STAGES.iter().flat_map(|stage| stage.writes) {
        let path = folder.path().join(name);
        for run in 0..1000 {
            let temporary = format!(".{}.tmp-{run:06}", path.file_name().unwrap().to_str().unwrap());
            write(path.with_file_name(temporary), "half of a fi");
            leftovers += 1;
        }
    }
    assert_eq!(temporaries(folder.path()).len(), leftovers);
    run(folder.path(), |stage| project::stage(folder.path(), stage.name));
    assert_eq!(temporaries(folder.path()), [""; 0]);
    assert_eq!(hashes(folder.path()), *plain());
    say(&format!("determinism: {leftovers} leftovers removed, 0 mismatches"));
}

#[test]
fn two_runs_at_once_write_what_one_writes() {
    let (mut rounds, mut waited) = (0, 0);
    for stage in &STAGES {
        for _ in 0..20 {
            let finished = Finished::small();
            let folder = finished.before(stage);
            let start = || project::stage(folder.path(), stage.name).stderr(Stdio::piped()).spawn().unwrap();
            for run in [start(), start()] {
                let output = run.wait_with_output().unwrap();
                assert!(output.status.success(), "{}: {}", stage.name, said(&output));
                waited += usize::from(said(&output).contains("waiting: another run"));
            }
            let now: Files = read_all(folder.path());
            for name in stage.writes {
                assert!(now[*name] == finished.new[*name], "{name} is not what one run writes");
            }
            assert_eq!(temporaries(folder.path()), [""; 0]);
            rounds += 1;
        }
    }
    say(&format!("determinism: {rounds} rounds of two runs at once, {waited} waited, 0 mismatches"));
    assert!(waited * 4 >= rounds, "the two hardly ever met");
}
