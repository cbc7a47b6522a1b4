//! The parts of the split.

/// Which part of the split a row is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Train,
    Calibration,
    Test,
    /// Between two parts.
    Gap,
}

impl Part {
    /// The part of this name in a clean table.
    pub(crate) fn of(name: &str) -> Option<Self> {
        match name {
            "train" => Some(Self::Train),
            "calibration" => Some(Self::Calibration),
            "test" => Some(Self::Test),
            "gap" => Some(Self::Gap),
            _ => None,
        }
    }

    /// Its name in tables.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Calibration => "calibration",
            Self::Test => "test",
            Self::Gap => "gap",
        }
    }

    /// Place among the parts, none of which may know a later one; rows of a gap are in none.
    pub(crate) fn place(self) -> Option<usize> {
        match self {
            Self::Train => Some(0),
            Self::Calibration => Some(1),
            Self::Test => Some(2),
            Self::Gap => None,
        }
    }
}
