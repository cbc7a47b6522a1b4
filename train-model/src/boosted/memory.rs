//! How much memory the fit may take. `perpetual` fits wide tables to fewer columns where memory is short, and
//! looks at what is free; given a limit, and so much free, it does not.

use common::error::{Error, Result};
use perpetual::bin::Bin;
use perpetual::histogram::{FeatureHistogram, NodeHistogram};
use perpetual::node::Node;
use sysinfo::{MemoryRefreshKind, RefreshKind, System};

/// Bins of a feature at most: 256, and one each for missing values and the end.
const BINS: f64 = 258.0;
/// Trees and nodes a tree that `perpetual` reckons with.
const NODES: f64 = 1000.0 * 256.0;
/// Nodes of one tree that there is room for; boosted trees are small.
const TREE: f64 = 1000.0;

/// The limit in gigabytes for a fit of so many rows and columns: what it can use, `most` at most.
///
/// # Errors
/// [`common::Class::Unexpected`] where less is free, since the model would depend on the machine.
pub(super) fn limit(rows: usize, columns: usize, most: f64) -> Result<f32> {
    let limit = useful(rows, columns).min(most);
    let system =
        System::new_with_specifics(RefreshKind::nothing().with_memory(MemoryRefreshKind::everything()));
    // As `perpetual` looks.
    let free = system.cgroup_limits().map_or_else(|| system.available_memory(), |l| l.free_memory);
    if (free as f64) < limit * 1e9 {
        return Err(Error::unexpected(format!(
            "the boosted fit takes up to {limit:.2} GB of memory and {:.2} GB are free: free some, or set [train] memory_limit lower, which may give another model",
            free as f64 / 1e9
        )));
    }
    #[expect(clippy::cast_possible_truncation, reason = "a number of gigabytes")]
    Ok(limit as f32)
}

/// Gigabytes that trees of [`TREE`] nodes over all columns take, by the formulas of `perpetual`.
fn useful(rows: usize, columns: usize) -> f64 {
    let (n, p) = (rows as f64, columns as f64);
    let histogram = p * (BINS * size_of::<Bin>() as f64 + size_of::<FeatureHistogram<'_>>() as f64)
        + size_of::<NodeHistogram<'_>>() as f64;
    let nodes = (2.0 * n).clamp(100.0, TREE);
    let data = n * p * 2.0 + n * 20.0;
    let ensemble = NODES * 1.3 * size_of::<Node>() as f64;
    let histograms = (histogram * nodes / 0.7).max(histogram / 0.08);
    1.01 * (data + ensemble + histograms) / 0.9e9
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_tables_take_little_and_no_table_takes_more_than_the_limit() {
        assert!(useful(100, 5) < 0.5);
        assert!(useful(1000, 5) < useful(1000, 6));
        assert!(limit(100, 5, 1000.0).unwrap() < 0.5);
        assert!((limit(1_000_000, 100, 0.25).unwrap() - 0.25).abs() < 1e-6);
        let refused = limit(usize::MAX / 2, 1_000_000, 1e9).unwrap_err().to_string();
        assert!(refused.contains("memory_limit"), "{refused}");
    }
}
