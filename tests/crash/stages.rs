//! The stages: what each writes, and who reads it next.
#![allow(clippy::allow_attributes, dead_code, reason = "each test file uses its own part of this")]

/// A stage of the chain.
pub(crate) struct Stage {
    pub(crate) name: &'static str,
    /// What it writes: companions, the checkpoint, and last its manifest.
    pub(crate) writes: &'static [&'static str],
    /// The stage that reads its checkpoint first.
    pub(crate) next: Option<&'static str>,
}

impl Stage {
    pub(crate) fn checkpoint(&self) -> &'static str {
        self.writes[self.writes.len() - 2]
    }

    pub(crate) fn manifest(&self) -> &'static str {
        self.writes[self.writes.len() - 1]
    }
}

pub(crate) const STAGES: [Stage; 6] = [
    Stage {
        name: "ingest",
        writes: &[
            "data/interim/raw_ingested.csv.lines.csv",
            "data/interim/raw_ingested.csv",
            "data/interim/raw_ingested.csv.meta.json",
        ],
        next: Some("clean"),
    },
    Stage {
        name: "clean",
        writes: &[
            "data/processed/clean.csv.dropped.csv",
            "data/processed/clean.csv.lines.csv",
            "data/processed/clean.csv",
            "data/processed/clean.csv.meta.json",
        ],
        next: Some("feature-engineer"),
    },
    Stage {
        name: "feature-engineer",
        writes: &[
            "data/processed/features.csv.pending.csv",
            "data/processed/features.csv.lines.csv",
            "data/processed/features.csv",
            "data/processed/features.csv.meta.json",
        ],
        next: Some("train-model"),
    },
    Stage {
        name: "train-model",
        writes: &["models/model.pkl", "models/model.pkl.meta.json"],
        next: Some("evaluate"),
    },
    Stage {
        name: "evaluate",
        writes: &[
            "reports/metrics.json.reliability.csv",
            "reports/metrics.json.deciles.csv",
            "reports/metrics.json.residuals.csv",
            "reports/metrics.json.predicted.csv",
            "reports/metrics.json.by_time.csv",
            "reports/metrics.json",
            "reports/metrics.json.meta.json",
        ],
        next: Some("report"),
    },
    Stage {
        name: "report",
        writes: &[
            "reports/report.figures/predicted.svg",
            "reports/report.figures/reliability.svg",
            "reports/report.figures/over_time.svg",
            "reports/report.figures/by_time.svg",
            "reports/report.figures/drift.svg",
            "reports/report.figures/residuals.svg",
            "reports/report.figures/coefficients.svg",
            "reports/report.html",
            "reports/report.md.state.json",
            "reports/report.md",
            "reports/report.md.meta.json",
        ],
        next: None,
    },
];

pub(crate) fn named(name: &str) -> &'static Stage {
    STAGES.iter().find(|stage| stage.name == name).unwrap()
}
