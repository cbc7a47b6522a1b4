//! Sums that the processors add to, each to its own.

use std::sync::{Mutex, PoisonError};

/// As many copies of empty sums as there are threads that add at the same time.
pub struct Workers<T> {
    empty: T,
    idle: Mutex<Vec<T>>,
}

impl<T: Clone> Workers<T> {
    /// None has begun.
    #[must_use]
    pub fn new(empty: T) -> Self {
        Self { empty, idle: Mutex::new(Vec::new()) }
    }

    /// Lets `add` add to one that no other thread has.
    pub fn with<R>(&self, add: impl FnOnce(&mut T) -> R) -> R {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let known = idle().pop();
        let mut one = known.unwrap_or_else(|| self.empty.clone());
        let result = add(&mut one);
        idle().push(one);
        result
    }

    /// All that have begun.
    #[must_use]
    pub fn all(self) -> Vec<T> {
        self.idle.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}
