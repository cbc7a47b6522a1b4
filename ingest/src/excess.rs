//! Bytes that a server sends after the end of its answer: its Content-Length is too small, and the body is
//! not the whole file. No client of HTTP looks for them, so the connection is watched as it closes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ureq::Timeout;
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, Transport};

/// How long an end of the connection is waited for, once the answer is whole.
const GRACE: Duration = Duration::from_millis(50);

/// Whether bytes were left over.
#[derive(Clone, Debug, Default)]
pub(crate) struct Excess(Arc<AtomicBool>);

impl Excess {
    /// Whether any connection that was closed had bytes left over.
    pub(crate) fn is_seen(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Watches each connection.
#[derive(Debug)]
pub(crate) struct Watch(pub(crate) Excess);

impl<In: Transport> Connector<In> for Watch {
    type Out = Watched<In>;

    fn connect(&self, _: &ConnectionDetails, chained: Option<In>) -> Result<Option<Self::Out>, ureq::Error> {
        Ok(chained.map(|inner| Watched { inner, excess: self.0.clone() }))
    }
}

/// A connection that is watched.
#[derive(Debug)]
pub(crate) struct Watched<T: Transport> {
    inner: T,
    excess: Excess,
}

impl<T: Transport> Transport for Watched<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), ureq::Error> {
        self.inner.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, ureq::Error> {
        self.inner.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}

impl<T: Transport> Drop for Watched<T> {
    fn drop(&mut self) {
        if self.inner.buffers().input().is_empty() {
            let after = ureq::unversioned::transport::time::Duration::from(GRACE);
            // Whatever fails here, the answer was whole.
            let _ = self.inner.await_input(NextTimeout {
                after,
                reason: Timeout::RecvBody,
                ..Default::default()
            });
        }
        if !self.inner.buffers().input().is_empty() {
            self.excess.0.store(true, Ordering::Relaxed);
        }
    }
}
