//! Colours of figures, on light and on dark: those of Okabe and Ito (2008), which colour-blind readers tell apart,
//! with a lighter green on dark.

/// What a mark is drawn in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ink {
    /// Text and what must be seen.
    Text,
    /// Axes and their labels.
    Quiet,
    /// Lines of the grid.
    Grid,
    /// What the figure is about.
    Main,
    /// What is out of order.
    Alarm,
    /// What it is compared with.
    Other,
}

const ALL: [Ink; 6] = [Ink::Text, Ink::Quiet, Ink::Grid, Ink::Main, Ink::Alarm, Ink::Other];

impl Ink {
    /// On a light page; this is what the drawing itself holds.
    pub(super) fn rgb(self) -> (u8, u8, u8) {
        match self {
            Self::Text => (0x1B, 0x1B, 0x1B),
            Self::Quiet => (0x55, 0x55, 0x55),
            Self::Grid => (0xDD, 0xDD, 0xDD),
            Self::Main => (0x00, 0x72, 0xB2),
            Self::Alarm => (0xD5, 0x5E, 0x00),
            Self::Other => (0x00, 0x9E, 0x73),
        }
    }

    /// On a dark page.
    fn dark(self) -> &'static str {
        match self {
            Self::Text => "#E8E8E8",
            Self::Quiet => "#B4B4B4",
            Self::Grid => "#404040",
            Self::Main => "#56B4E9",
            Self::Alarm => "#E69F00",
            Self::Other => "#33C79A",
        }
    }
}

/// The style sheet of every figure: on a dark page each colour gives way to its counterpart.
pub(super) fn style() -> String {
    let rule = |ink: &Ink| {
        let ((red, green, blue), dark) = (ink.rgb(), ink.dark());
        let light = format!("#{red:02X}{green:02X}{blue:02X}");
        format!("[fill=\"{light}\"]{{fill:{dark}}}[stroke=\"{light}\"]{{stroke:{dark}}}")
    };
    let rules: String = ALL.iter().map(rule).collect();
    format!("@media (prefers-color-scheme:dark){{{rules}}}")
}
