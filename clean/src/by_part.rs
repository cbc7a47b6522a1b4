//! One value for each part of the split.

use serde::Serialize;

use crate::split::Part;

/// One value for each part; that of the gap is written only where it says something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(crate) struct ByPart<T: Default + PartialEq> {
    pub(crate) train: T,
    pub(crate) calibration: T,
    pub(crate) test: T,
    #[serde(skip_serializing_if = "is_default")]
    pub(crate) gap: T,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl<T: Default + PartialEq> ByPart<T> {
    /// The value of one part.
    pub(crate) fn of(&mut self, part: Part) -> &mut T {
        match part {
            Part::Train => &mut self.train,
            Part::Calibration => &mut self.calibration,
            Part::Test => &mut self.test,
            Part::Gap => &mut self.gap,
        }
    }

    /// The values of all parts.
    pub(crate) fn all(&self) -> [&T; 4] {
        [&self.train, &self.calibration, &self.test, &self.gap]
    }

    /// The values that are written, with the name of their part.
    pub(crate) fn named(&self) -> impl Iterator<Item = (&'static str, &T)> {
        let parts = [Part::Train, Part::Calibration, Part::Test, Part::Gap];
        let values = parts.map(Part::name).into_iter().zip(self.all());
        values.filter(|(name, value)| *name != Part::Gap.name() || **value != T::default())
    }
}
