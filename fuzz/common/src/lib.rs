//! What the crate `model` takes of `common`, without Polars: the same forms of the same names.

#[path = "../../../common/src/text.rs"]
pub mod text;

pub mod json {
    pub fn value<T: serde::Serialize>(value: &T) -> crate::error::Result<serde_json::Value> {
        serde_json::to_value(value).map_err(|e| crate::error::Error::unexpected(e.to_string()))
    }
}

pub mod error {
    use std::path::Path;

    pub type Result<T> = std::result::Result<T, Error>;

    /// A failure, `true` where it is the file's.
    #[derive(Debug)]
    pub struct Error(pub bool, pub String);

    impl Error {
        pub fn checkpoint(message: impl Into<String>) -> Self {
            Self(true, message.into())
        }

        pub fn unexpected(message: impl Into<String>) -> Self {
            Self(false, message.into())
        }

        pub fn read(_: &Path, error: &std::io::Error) -> Self {
            Self(false, error.to_string())
        }

        #[must_use]
        pub fn at(self, _: &Path) -> Self {
            self
        }
    }
}

pub mod config {
    use serde::{Deserialize, Serialize};

    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
    #[serde(rename_all = "snake_case")]
    pub enum TargetStatistic {
        #[default]
        Value,
        Mean,
    }
}

pub mod identity {
    use serde::{Deserialize, Serialize};

    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct Identity {
        pub rows: u64,
        pub hash: String,
    }
}

pub mod schema {
    use serde::{Deserialize, Serialize};

    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum Role {
        Input,
        Entity,
        Time,
        Split,
        Feature,
        Target,
        Persistence,
    }

    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum Kind {
        String,
        Integer,
        Number,
        Boolean,
        Date,
        Datetime,
    }

    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct Field {
        pub name: String,
        #[serde(rename = "type")]
        pub kind: Kind,
        pub role: Role,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub decimals: Option<u32>,
    }
}
