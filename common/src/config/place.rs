//! Where a key stands in `pipeline.toml`.

use toml::de::DeTable;

use super::{Config, line_at};
use crate::error::Error;

impl Config {
    /// A value that has the right type and is still wrong, with the line of the key at `path`, section first:
    /// `["clean", "fill", "columns", "sales"]`. Where a key of it is not written, the line of the one before it.
    #[must_use]
    pub fn invalid_at(&self, path: &[&str], message: &str) -> Error {
        Error::usage(message).at_line(&self.path, self.line_at_path(path))
    }

    fn line_at_path(&self, path: &[&str]) -> u64 {
        let Ok(root) = DeTable::parse(&self.text) else { return 1 };
        let (mut table, mut offset) = (Some(root.get_ref()), 0);
        for name in path {
            let entry = table.and_then(|t| t.iter().find(|(key, _)| key.get_ref() == name));
            let Some((key, value)) = entry else { break };
            offset = key.span().start;
            table = value.get_ref().as_table();
        }
        line_at(&self.text, offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_a_key_however_it_is_written() {
        let text = "[project]\ntarget = \"a\"\n[clean]\nfill = { number = \"mean\",\n  columns = { a = \"mode\" } }\n\
                    [features.ratios]\n\"a b\" = [\"a\", \"b\"]\n";
        let file = std::env::temp_dir().join(format!("place-{}.toml", std::process::id()));
        std::fs::write(&file, text).unwrap();
        let config = Config::read(&file).unwrap();
        std::fs::remove_file(&file).unwrap();
        for (path, line) in [
            (&["clean", "fill", "columns", "a"][..], 5),
            (&["clean", "fill", "number"], 4),
            (&["clean", "fill", "text"], 4),
            (&["features", "ratios", "a b"], 7),
            (&["train", "model"], 1),
        ] {
            assert_eq!(config.line_at_path(path), line, "{path:?}");
        }
    }
}
