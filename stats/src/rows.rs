//! Complete rows of columns, block by block, for sums over whole columns.

/// Rows of a block: some columns of it lie in the nearest cache.
const BLOCK: usize = 1024;
const LANES: usize = 8;

/// Shows the rows that have a finite value in every column to `each`, in order, and returns how many have not. Rows
/// that not all columns have are left out.
pub(crate) fn complete<const N: usize>(columns: [&[f64]; N], mut each: impl FnMut([&[f64]; N])) -> u64 {
    let length = columns.iter().map(|column| column.len()).min().unwrap_or(0);
    let mut missing = 0;
    for start in (0..length).step_by(BLOCK) {
        let block = columns.map(|column| &column[start..length.min(start + BLOCK)]);
        if block.iter().all(|values| finite(values)) {
            each(block);
            continue;
        }
        let mut kept = [[0.0; BLOCK]; N];
        let mut count = 0;
        for row in 0..block[0].len() {
            // Written over by the next row unless it counts: without a branch.
            let mut whole = true;
            for (kept, values) in kept.iter_mut().zip(block) {
                kept[count] = values[row];
                whole &= values[row].is_finite();
            }
            count += usize::from(whole);
        }
        missing += (block[0].len() - count) as u64;
        each(std::array::from_fn(|column| &kept[column][..count]));
    }
    missing
}

/// Whether no value is NaN or infinite.
pub(crate) fn finite(values: &[f64]) -> bool {
    let (lanes, last) = values.as_chunks::<LANES>();
    let mut rest = [0.0; LANES];
    for values in lanes {
        for lane in 0..LANES {
            // Zero, or NaN for what is not finite.
            rest[lane] += values[lane] - values[lane];
        }
    }
    rest.iter().all(|rest| *rest == 0.0) && last.iter().all(|value| value.is_finite())
}

/// The least and the largest of finite values, zero without its sign.
pub(crate) fn range(values: &[f64]) -> Option<(f64, f64)> {
    let (lanes, last) = values.as_chunks::<LANES>();
    let (mut least, mut largest) = ([f64::INFINITY; LANES], [f64::NEG_INFINITY; LANES]);
    for values in lanes {
        for lane in 0..LANES {
            let value = values[lane];
            least[lane] = if value < least[lane] { value } else { least[lane] };
            largest[lane] = if value > largest[lane] { value } else { largest[lane] };
        }
    }
    let least = least.into_iter().chain(last.iter().copied()).fold(f64::INFINITY, f64::min);
    let largest = largest.into_iter().chain(last.iter().copied()).fold(f64::NEG_INFINITY, f64::max);
    (!values.is_empty()).then_some((least + 0.0, largest + 0.0))
}
