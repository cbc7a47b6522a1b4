//! What a run is for.

/// What a run is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Aim {
    /// To bring the report up to date.
    Report,
    /// To vouch for it.
    Review,
    /// To publish it; under the next number where no version is given.
    Publish(Option<String>),
}
