//! The last known value of the entity: past rows only, in time order.

use common::order::Order;

/// Gives every missing cell the last value known before it, where there is one.
pub(super) fn carry<T: Copy>(cells: &mut [Option<T>], past: Option<&Order>) {
    for group in past.map(Order::groups).unwrap_or_default() {
        let mut last = None;
        for row in group {
            match cells[*row] {
                Some(value) => last = Some(value),
                None => cells[*row] = last,
            }
        }
    }
}
