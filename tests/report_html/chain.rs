//! Projects whose names and cells are given, run through the whole chain.

use std::collections::BTreeMap;
use std::path::Path;

use super::support::panel::Random;
use super::support::{read, run, write};
use tempfile::TempDir;

/// Rows of an entity.
const TIMES: usize = 60;

/// What a project calls things: one list serves columns, levels, entities and source files.
pub(crate) struct Names {
    /// Columns of numbers, levels of a text column, entities, of each one a text.
    pub(crate) all: Vec<String>,
    /// Names of the source files, one an entity.
    pub(crate) files: Vec<String>,
    pub(crate) title: String,
    pub(crate) author: String,
    /// Behind the names of the columns of the target, the entity, and the text.
    pub(crate) suffix: String,
}

impl Names {
    /// Texts as the names of everything.
    pub(crate) fn of(texts: &[&str]) -> Self {
        let at = |i: usize| texts[i % texts.len()].to_owned();
        Self {
            all: texts.iter().map(|t| (*t).to_owned()).collect(),
            files: texts.iter().zip(0..).map(|(text, i)| format!("{i}{}.csv", file_name(text))).collect(),
            title: at(0),
            author: at(1),
            suffix: at(2),
        }
    }

    /// Harmless names in the same order as these, so that every figure is the same.
    pub(crate) fn harmless(&self) -> Self {
        let ranked = |texts: &[String]| {
            let mut sorted = texts.to_vec();
            sorted.sort();
            let ranks: BTreeMap<&String, usize> = sorted.iter().zip(0..).collect();
            // The ledger counts the lines of records that have several.
            let lines = |t: &str| if t.contains('\n') { "\nx" } else { "" };
            texts.iter().map(|t| format!("name{:02}{}", ranks[t], lines(t))).collect::<Vec<_>>()
        };
        Self {
            all: ranked(&self.all),
            files: ranked(&self.files).into_iter().map(|name| name + ".csv").collect(),
            title: "Title".to_owned(),
            author: "Author".to_owned(),
            suffix: String::new(),
        }
    }

    /// A project that ran from `ingest` to `report`; the page is `reports/report.html`.
    pub(crate) fn run(&self) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        self.write(folder.path());
        for stage in ["ingest", "clean", "feature-engineer", "train-model", "evaluate", "report"] {
            run(stage, folder.path(), &["-q"]).success();
        }
        folder
    }

    fn write(&self, folder: &Path) {
        let (target, entity) = (toml(&self.target()), toml(&self.entity()));
        let config = format!(
            "[project]\nname = {title}\ntarget = {target}\nentity = {entity}\ntime = \"t\"\nhorizon = 1\n\
             [ingest]\nsources = [\"data/raw/*\"]\ndelimiter = \",\"\n\
             [clean]\nsplit = {{ calibration_from = \"30\", test_from = \"45\" }}\n\
             [train]\nmin_rows = 20\n[report]\ntitle = {title}\nauthor = {author}\n",
            title = toml(&self.title),
            author = toml(&self.author),
        );
        write(folder.join("pipeline.toml"), config);
        let mut random = Random(7);
        for (entity, file) in self.all.iter().zip(&self.files) {
            write(folder.join("data/raw").join(file), self.rows(entity, &mut random));
        }
    }

    pub(crate) fn target(&self) -> String {
        format!("y{}", self.suffix)
    }

    pub(crate) fn entity(&self) -> String {
        format!("place{}", self.suffix)
    }

    pub(crate) fn kind(&self) -> String {
        format!("kind{}", self.suffix)
    }

    /// The source of one entity.
    fn rows(&self, entity: &str, random: &mut Random) -> String {
        let mut header = vec![self.entity(), "t".to_owned(), self.kind()];
        header.extend_from_slice(&self.all);
        header.push(self.target());
        let line = |cells: &[String]| cells.iter().map(|c| quoted(c)).collect::<Vec<_>>().join(",") + "\n";
        let mut out = line(&header);
        for t in 0..TIMES {
            // Every level often enough, in an order that no number follows.
            let level = &self.all[usize::try_from(random.below(self.all.len() as u64)).unwrap()];
            let mut cells = vec![entity.to_owned(), t.to_string(), level.clone()];
            let numbers: Vec<u64> = self.all.iter().map(|_| random.below(1000)).collect();
            cells.extend(numbers.iter().map(ToString::to_string));
            cells.push((numbers.iter().sum::<u64>() + random.below(500)).to_string());
            out += &line(&cells);
        }
        out
    }
}

/// A text as a name of a file, as far as a file can have it.
pub(crate) fn file_name(text: &str) -> String {
    text.replace(['/', '\0'], "_")
}

fn quoted(cell: &str) -> String {
    format!("\"{}\"", cell.replace('"', "\"\""))
}

/// A text as TOML writes it.
pub(crate) fn toml(text: &str) -> String {
    serde_json::to_string(text).unwrap().replace('\u{7f}', "\\u007f")
}

/// The page of a project.
pub(crate) fn page(folder: &Path) -> String {
    read(folder.join("reports/report.html"))
}
