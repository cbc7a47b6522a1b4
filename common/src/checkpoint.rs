//! Checkpoints: opening one that can be trusted, publishing one with its manifest.

mod audit;

use std::fmt;
use std::fs::File;
use std::io::{self, Seek as _};
use std::path::{Path, PathBuf};

use crate::cli::CommonArgs;
use crate::error::{Error, Result};
use crate::hash;
use crate::ledger::{Parts, Step};
use crate::manifest::{FileRecord, Manifest};
use crate::project::{Project, beside};
use crate::publish::{self, Target, Written};
use crate::task::Task;
use crate::text;

pub(crate) use audit::settle;

/// Files of so many bytes are compared with their manifests while they are read.
const LONG: u64 = 4 << 20;

/// A checkpoint that was opened and compared with its manifest; a long one is still being compared.
#[derive(Debug)]
pub struct Checkpoint {
    /// Its path, `-` for standard input.
    pub path: PathBuf,
    /// The open file, at its beginning.
    pub file: File,
    /// Its name, hash and size.
    pub record: FileRecord,
    /// Its manifest; none for a file made by hand.
    pub manifest: Option<Manifest>,
    /// Where its manifest stands, or would.
    pub manifest_path: PathBuf,
}

/// Where a stage reads and writes, checked before any work.
#[derive(Clone, Debug)]
pub struct Places {
    /// The project.
    pub project: Project,
    /// The inputs, in the order of the stage.
    pub inputs: Vec<PathBuf>,
    /// The output.
    pub output: Target,
    /// The output's manifest; none for a pipe without `--meta`.
    pub manifest: Option<PathBuf>,
    /// The manifest of standard input, where `--meta` names it.
    meta: Option<PathBuf>,
}

impl Places {
    /// The inputs and the output of `task` under `args`.
    ///
    /// # Errors
    /// [`crate::Class::Usage`] for a wrong number of inputs or an output that is an input;
    /// [`crate::Class::Write`] for an output that cannot be one.
    pub fn new(task: Task, args: &CommonArgs) -> Result<Self> {
        let project = args.project();
        let standard = project.inputs_of(task);
        let inputs = if args.input.is_empty() { standard.clone() } else { args.input.clone() };
        // `ingest` reads any number of sources, `train-model` any number of pieces, `predict` and `monitor` any number of files.
        let any = matches!(task, Task::Ingest | Task::TrainModel | Task::Predict | Task::Monitor);
        if !any && inputs.len() != standard.len() {
            let names: Vec<String> = standard.iter().map(|p| text::path(p)).collect();
            return Err(Error::usage(format!(
                "{task} reads {}: give -i once for each, in this order",
                names.join(" and ")
            )));
        }
        let output =
            args.output.as_deref().map_or_else(|| Target::File(project.output_of(task)), Target::of_argument);
        output.check(project.root())?;
        for input in &inputs {
            publish::refuse_same_file(&output, input)?;
        }
        let manifest = match &output {
            Target::File(path) => Some(Manifest::path_of(path)),
            Target::Stdout => args.meta.clone(),
        };
        if let Some(path) = &manifest {
            let target = Target::file(path);
            target.check(project.root())?;
            for input in &inputs {
                publish::refuse_same_file(&target, input)?;
            }
        }
        Ok(Self { project, inputs, output, manifest, meta: args.meta.clone() })
    }

    /// Opens the input number `index`, which `from` wrote, and checks it against its manifest.
    ///
    /// # Errors
    /// [`crate::Class::Checkpoint`]: not there, not a regular file, damaged, or not from `from`.
    pub fn open(&self, index: usize, from: Task) -> Result<Checkpoint> {
        let path = &self.inputs[index];
        let piped = path.as_os_str() == "-";
        let mut file = if piped { spool_stdin()? } else { open_regular(path, from)? };
        // Standard input has ended by now, so the stage before it has written its manifest.
        let manifest_path = match (&self.meta, piped) {
            (Some(meta), true) => meta.clone(),
            _ => Manifest::path_of(path),
        };
        let manifest = if piped && self.meta.is_none() { None } else { Manifest::read(&manifest_path)? };
        let name = if piped { "-".to_owned() } else { self.project.record_name(path) };
        let record = compared(path, &mut file, name, manifest.as_ref(), from)?;
        match &manifest {
            Some(manifest) => {
                manifest.check_ledger().map_err(|why| {
                    Error::checkpoint(format!("{why}; run `{}` again", from.program())).at(&manifest_path)
                })?;
            }
            None => log::warn!("{}: no manifest; taken as it is", text::path(path)),
        }
        Ok(Checkpoint { path: path.clone(), file, record, manifest, manifest_path })
    }

    /// The same places with other inputs.
    #[must_use]
    pub fn with_inputs(&self, inputs: Vec<PathBuf>) -> Self {
        Self { inputs, ..self.clone() }
    }

    /// Publishes the output with its companions, and the manifest last.
    ///
    /// # Errors
    /// [`crate::Class::Write`] where anything cannot be written; nothing is half written.
    pub fn publish(&self, output: Written, companions: Vec<Written>, mut manifest: Manifest) -> Result<()> {
        manifest.output = self.record(&output);
        manifest.companions = companions.iter().map(|w| self.record(w)).collect();
        let mut files = companions;
        files.push(output);
        if let Some(path) = &self.manifest {
            files.push(publish::of_bytes(&Target::file(path), manifest.to_json()?.as_bytes())?);
        }
        publish::publish(files)
    }

    /// Where a companion file with `ending` stands: beside the output, or beside `--meta` in a pipe.
    #[must_use]
    pub fn companion(&self, ending: &str) -> Option<PathBuf> {
        match (&self.output, &self.manifest) {
            (Target::File(path), _) => Some(beside(path, ending)),
            (Target::Stdout, Some(meta)) => Some(beside(meta, ending)),
            (Target::Stdout, None) => None,
        }
    }

    fn record(&self, written: &Written) -> FileRecord {
        let name = match written.target() {
            Target::File(path) => self.project.record_name(path),
            Target::Stdout => "-".to_owned(),
        };
        FileRecord { name, sha256: written.sha256.clone(), bytes: written.bytes }
    }
}

impl Checkpoint {
    /// Where a companion of this checkpoint with `ending` stands.
    #[must_use]
    pub fn companion(&self, ending: &str) -> PathBuf {
        if self.path.as_os_str() == "-" {
            beside(&self.manifest_path, ending)
        } else {
            beside(&self.path, ending)
        }
    }

    /// The companion with `ending`, if it is there; where the manifest lists it, it is the one listed.
    ///
    /// # Errors
    /// [`crate::Class::Checkpoint`] where it is another: a run was killed between the two renames.
    pub fn companion_listed(&self, ending: &str) -> Result<Option<PathBuf>> {
        let path = self.companion(ending);
        let mut file = match File::open(&path) {
            Ok(file) => file,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(Error::read(&path, &e)),
        };
        let named = format!(".{ending}");
        let listed =
            self.manifest.as_ref().and_then(|m| m.companions.iter().find(|c| c.name.ends_with(&named)));
        let (sha256, _) = hash::of_reader(&mut file).map_err(|e| Error::read(&path, &e))?;
        match (listed, &self.manifest) {
            (Some(listed), Some(manifest)) if listed.sha256 != sha256 => Err(Error::checkpoint(format!(
                "is not the file that the manifest of {} lists; run `{}` again",
                text::path(&self.path),
                text::shown(&manifest.stage.replace('_', "-"))
            ))
            .at(&path)),
            _ => Ok(Some(path)),
        }
    }

    /// Whether the rows that were read are those that the stage before wrote, by the row ledger; a table
    /// made by hand has none.
    ///
    /// # Errors
    /// [`crate::Class::Checkpoint`] with both numbers.
    pub fn expect_rows(&self, read: u64) -> Result<()> {
        match self.written() {
            Some(step) if step.rows_out != read => Err(self.unlike(&text::count(read, "row"), step.rows_out)),
            _ => Ok(()),
        }
    }

    /// The same of the rows of each part.
    ///
    /// # Errors
    /// [`crate::Class::Checkpoint`] with both numbers.
    pub fn expect_parts(&self, read: Parts) -> Result<()> {
        self.expect_rows(read.total())?;
        match self.written().and_then(|step| step.parts) {
            Some(parts) if parts != read => Err(self.unlike(&read.to_string(), parts)),
            _ => Ok(()),
        }
    }

    /// The last step of the row ledger.
    fn written(&self) -> Option<&Step> {
        self.manifest.as_ref().and_then(|m| m.ledger.0.last())
    }

    fn unlike(&self, found: &str, expected: impl fmt::Display) -> Error {
        let stage = self.manifest.as_ref().map_or("", |m| m.stage.as_str()).replace('_', "-");
        Error::checkpoint(format!(
            "has {found}, the row ledger of its manifest says {expected}; run `{}` again",
            text::shown(&stage)
        ))
        .at(&self.path)
    }

    /// The manifest, which the stage cannot do without.
    ///
    /// # Errors
    /// [`crate::Class::Checkpoint`] where there is none.
    pub fn needs_manifest(&self) -> Result<&Manifest> {
        self.manifest.as_ref().ok_or_else(|| {
            Error::checkpoint("has no manifest beside it; run the stage that writes it").at(&self.path)
        })
    }
}

/// Opens a regular file for reading: never a folder, device or pipe, which could hang or never end.
///
/// # Errors
/// [`crate::Class::Checkpoint`].
fn open_regular(path: &Path, from: Task) -> Result<File> {
    let meta = path.metadata().map_err(|e| match e.kind() {
        io::ErrorKind::NotFound => {
            Error::checkpoint(format!("not there; run `{}` first", from.program())).at(path)
        }
        _ => Error::read(path, &e),
    })?;
    if !meta.is_file() {
        return Err(Error::checkpoint("is no regular file; give `-` to read a pipe").at(path));
    }
    File::open(path).map_err(|e| Error::read(path, &e))
}

/// Standard input in a nameless temporary file, so that every format can seek in it.
///
/// # Errors
/// [`crate::Class::Write`] where the temporary file cannot be written.
pub fn spool_stdin() -> Result<File> {
    let path = Path::new("-");
    let mut file = tempfile::tempfile().map_err(|e| Error::write(path, &e))?;
    io::copy(&mut io::stdin().lock(), &mut file).map_err(|e| Error::write(path, &e))?;
    file.rewind().map_err(|e| Error::read(path, &e))?;
    Ok(file)
}

/// What an open file is, compared with its manifest; a long one goes on being compared while it is read.
fn compared(
    path: &Path,
    file: &mut File,
    name: String,
    manifest: Option<&Manifest>,
    from: Task,
) -> Result<FileRecord> {
    let failed = |e: &io::Error| Error::read(path, e);
    if let Some(manifest) = manifest
        && manifest.stage != from.name()
    {
        let stage = text::shown(&manifest.stage);
        return Err(
            Error::checkpoint(format!("was written by {stage}, expected a checkpoint of {from}")).at(path)
        );
    }
    let bytes = file.metadata().map_err(|e| failed(&e))?.len();
    if let Some(promised) = manifest.map(|m| &m.output).filter(|o| bytes >= LONG && o.bytes == bytes) {
        let (path, expected) = (path.to_path_buf(), promised.clone());
        audit::begin(file, move |found| {
            let (sha256, bytes) = found.map_err(|e| Error::read(&path, &e))?;
            same(&path, &sha256, bytes, &expected, from)
        })?;
        return Ok(FileRecord { name, ..promised.clone() });
    }
    let (sha256, bytes) = hash::of_reader(file).map_err(|e| failed(&e))?;
    file.rewind().map_err(|e| failed(&e))?;
    manifest.map_or(Ok(()), |m| same(path, &sha256, bytes, &m.output, from))?;
    Ok(FileRecord { name, sha256, bytes })
}

fn same(path: &Path, sha256: &str, bytes: u64, expected: &FileRecord, from: Task) -> Result<()> {
    if expected.sha256 == sha256 {
        return Ok(());
    }
    Err(Error::checkpoint(format!(
        "damaged or edited: sha256 {}, its manifest says {} ({bytes} bytes found, {} expected); run `{}` again, or remove the manifest to use the file as it is",
        &sha256[..12],
        text::shown(expected.sha256.get(..12).unwrap_or("nothing")),
        expected.bytes,
        from.program()
    ))
    .at(path))
}
