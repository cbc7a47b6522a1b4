//! The raw files as they are named on the command line, and as `sources` of the new project.

use std::path::{Component, Path, PathBuf};

use common::{Class, Error, Result, text};

/// One entry of `sources`.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// As `pipeline.toml` holds it.
    pub(crate) source: String,
    /// Whether it lies outside the project folder.
    pub(crate) outside: bool,
}

/// The keys of `[ingest]` that were given: `encoding = "windows-1252", decimal = ","`.
///
/// # Errors
/// [`Class::Usage`] where they are none.
pub(crate) fn keys(given: &str) -> Result<toml::Table> {
    let wrong = |why: &str| {
        Error::usage(format!(
            "INGEST is keys of [ingest] parted by commas, as in `encoding = \"windows-1252\", decimal = \",\"`: {why}"
        ))
    };
    let table: toml::Table =
        toml::from_str(&format!("keys = {{ {given} }}")).map_err(|e| wrong(e.message()))?;
    match (table.get("keys"), table.len()) {
        (Some(toml::Value::Table(keys)), 1) if keys.contains_key("sources") => {
            Err(wrong("the sources are named by RAW"))
        }
        (Some(toml::Value::Table(keys)), 1) => Ok(keys.clone()),
        _ => Err(wrong("not of this form")),
    }
}

/// What `given` names: one path, or words as a shell parts them.
///
/// # Errors
/// [`Class::Usage`] where nothing is named or a quote is left open; [`Class::Refused`] for a folder without
/// files.
pub(crate) fn entries(given: &str, project: &Path) -> Result<Vec<Entry>> {
    let words = if Path::new(given).exists() { vec![given.to_owned()] } else { split(given)? };
    if words.is_empty() {
        return Err(Error::usage("RAW names the raw files, as in RAW='data/*.csv'"));
    }
    let root = project.canonicalize().map_err(|e| Error::read(project, &e))?;
    words.iter().map(|word| entry(word, &root)).collect()
}

fn entry(word: &str, root: &Path) -> Result<Entry> {
    if word.starts_with("http://") || word.starts_with("https://") || word.starts_with("s3://") {
        return Ok(Entry { source: word.to_owned(), outside: true });
    }
    let path = Path::new(word);
    let (folder, name) = if path.is_dir() { (path.to_path_buf(), files_of(path)?) } else { parted(path) };
    let pattern = name.contains(['*', '?', '[']) && !path.exists();
    let given = if folder.as_os_str().is_empty() { Path::new(".") } else { &folder };
    // A folder that is not there is `ingest`'s to tell, by the path as it is.
    let absolute = given.canonicalize().or_else(|_| std::path::absolute(given));
    let absolute = absolute.map_err(|e| Error::read(given, &e))?;
    let escaped = |path: &Path| {
        let text = path.to_string_lossy().into_owned();
        if pattern { escaped(&text) } else { text }
    };
    let (folder, outside) = match absolute.strip_prefix(root) {
        Ok(below) => (escaped(below), false),
        Err(_) if path.is_absolute() => (escaped(given), true),
        Err(_) => (escaped(&relative(&absolute, root)), true),
    };
    let source = if folder.is_empty() { name } else { format!("{}/{name}", folder.trim_end_matches('/')) };
    Ok(Entry { source, outside })
}

/// The files of a folder, as a pattern: its `.csv` files, else all.
fn files_of(folder: &Path) -> Result<String> {
    let entries = std::fs::read_dir(folder).map_err(|e| Error::read(folder, &e))?;
    let names: Vec<String> = entries
        .filter_map(|e| e.ok().filter(|e| e.path().is_file())?.file_name().into_string().ok())
        .filter(|name| !name.starts_with('.'))
        .collect();
    let ends = |ending: &str| names.iter().any(|name| name.ends_with(ending));
    if names.is_empty() {
        return Err(Error::new(Class::Refused, "is a folder without files").at(folder));
    }
    let endings = [".csv", ".csv.gz", ".csv.zst", ".tsv", ".txt"];
    Ok(endings.iter().find(|e| ends(e)).map_or_else(|| "*".to_owned(), |ending| format!("*{ending}")))
}

/// The folders before the first name that is a pattern, and the rest. A name that is there is itself.
fn parted(path: &Path) -> (PathBuf, String) {
    let parts: Vec<Component<'_>> = path.components().collect();
    let last = parts.len().saturating_sub(1);
    let is_pattern = |at: &usize| {
        let text = parts[*at].as_os_str().to_string_lossy();
        text.contains(['*', '?', '[']) && !parts[..=*at].iter().collect::<PathBuf>().exists()
    };
    let at = (0..last).find(is_pattern).unwrap_or(last);
    let rest: PathBuf = parts[at..].iter().collect();
    (parts[..at].iter().collect(), rest.to_string_lossy().into_owned())
}

/// `path` as seen from the folder `root`.
fn relative(path: &Path, root: &Path) -> PathBuf {
    let same = path.components().zip(root.components()).take_while(|(a, b)| a == b).count();
    let up = root.components().skip(same).map(|_| Component::ParentDir);
    up.chain(path.components().skip(same)).collect()
}

/// A folder's name within a pattern that is to mean itself.
fn escaped(text: &str) -> String {
    text.chars()
        .map(|c| if matches!(c, '*' | '?' | '[') { format!("[{c}]") } else { c.to_string() })
        .collect()
}

/// Words parted by blanks; quotes of both kinds and a backslash keep blanks.
fn split(given: &str) -> Result<Vec<String>> {
    let mut words: Vec<String> = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut letters = given.chars();
    while let Some(c) = letters.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, '\\') => word.get_or_insert_default().extend(letters.next()),
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    if let Some(open) = quote {
        return Err(Error::usage(format!("RAW: the quote {open} is never closed in {}", text::name(given))));
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_parted_as_a_shell_parts_them() {
        let words = |given| split(given).unwrap();
        assert_eq!(words("a.csv  b.csv\tc.csv"), ["a.csv", "b.csv", "c.csv"]);
        assert_eq!(
            words(r#"'my file.csv' "it's.csv" a\ b.csv '' x"y z"w"#),
            ["my file.csv", "it's.csv", "a b.csv", "", "xy zw"]
        );
        assert_eq!(words("$x `y` ${z}"), ["$x", "`y`", "${z}"]);
        assert!(split("'a").is_err());
        assert!(words(" ").is_empty());
    }

    #[test]
    fn a_path_as_seen_from_the_project() {
        let seen = |path, root| relative(Path::new(path), Path::new(root));
        assert_eq!(seen("/a/b/raw", "/a/c/d"), Path::new("../../b/raw"));
        assert_eq!(seen("/a", "/a/b"), Path::new(".."));
    }

    #[test]
    fn keys_are_those_of_one_table() {
        assert_eq!(keys("encoding = \"latin-1\", header = false").unwrap().len(), 2);
        assert!(keys("").unwrap().is_empty());
        for wrong in ["x", "sources = []", "a = 1 }\nb = { c = 1", "header = "] {
            assert_eq!(keys(wrong).unwrap_err().class(), Class::Usage, "{wrong}");
        }
    }
}
