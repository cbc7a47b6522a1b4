//! How far a report has come: draft, reviewed, published.

use serde::{Deserialize, Serialize};

/// The states of a report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Standing {
    /// Numbers or words changed since anybody vouched for them.
    #[default]
    Draft,
    /// Somebody read it, and vouches for its words beside these numbers.
    Reviewed(Vouched),
    /// It is out in the world.
    Published {
        version: String,
        #[serde(flatten)]
        vouched: Vouched,
    },
}

/// What was vouched for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Vouched {
    /// SHA-256 of `metrics.json`.
    pub(crate) metrics: String,
    /// SHA-256 of the analyst's words.
    pub(crate) words: String,
}

impl Standing {
    /// What was vouched for; nothing of a draft.
    pub(crate) fn vouched(&self) -> Option<&Vouched> {
        match self {
            Self::Draft => None,
            Self::Reviewed(vouched) | Self::Published { vouched, .. } => Some(vouched),
        }
    }

    /// The standing beside these numbers and words: a draft where either changed.
    pub(crate) fn beside(self, now: &Vouched) -> Self {
        if self.vouched().is_some_and(|then| then != now) {
            let numbers = self.vouched().is_some_and(|then| then.metrics != now.metrics);
            let what = if numbers { "the numbers" } else { "the words" };
            log::warn!("{what} changed since the report was {}: it is a draft again", self.word());
            return Self::Draft;
        }
        self
    }

    /// Whether this is `version` as it went out.
    pub(crate) fn is_version(&self, version: &str, now: &Vouched) -> bool {
        matches!(self, Self::Published { version: own, vouched } if own == version && vouched == now)
    }

    /// The same, of these words.
    pub(crate) fn with_words(mut self, now: &str) -> Self {
        if let Self::Reviewed(vouched) | Self::Published { vouched, .. } = &mut self {
            now.clone_into(&mut vouched.words);
        }
        self
    }

    /// For people.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Reviewed(_) => "reviewed",
            Self::Published { .. } => "published",
        }
    }
}
