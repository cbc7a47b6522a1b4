//! Syncing a long file while it is still being written, so that its end has little left to wait for.

use std::fs::File;
use std::io;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

/// Bytes written between two syncs.
const STEP: u64 = 64 << 20;

/// A file that may be synced by a thread of its own.
#[derive(Default)]
pub(super) struct EarlySync {
    /// Bytes since a sync was last asked for.
    since: u64,
    thread: Option<(SyncSender<()>, JoinHandle<io::Result<()>>)>,
}

impl EarlySync {
    /// Tells that so many bytes more were handed to the system. Never waits.
    pub(super) fn wrote(&mut self, file: &File, bytes: usize) {
        self.since += bytes as u64;
        if self.since < STEP {
            return;
        }
        self.since = 0;
        if self.thread.is_none() {
            // Without a thread the end waits longer, and that is all.
            self.thread = file.try_clone().and_then(spawn).ok();
        }
        if let Some((ask, _)) = &self.thread {
            // One that is still at it will be asked again.
            let _ = ask.try_send(());
        }
    }

    /// Waits for a sync that is under way.
    ///
    /// # Errors
    /// Of any of them: the kernel tells of a failure once, and may have dropped the pages.
    pub(super) fn finish(self) -> io::Result<()> {
        let Some((ask, thread)) = self.thread else { return Ok(()) };
        drop(ask);
        thread.join().unwrap_or_else(|_| Err(io::Error::other("the thread that syncs ended")))
    }
}

fn spawn(file: File) -> io::Result<(SyncSender<()>, JoinHandle<io::Result<()>>)> {
    let (ask, asked) = sync_channel(1);
    let sync = move || asked.iter().try_for_each(|()| file.sync_data());
    let thread = std::thread::Builder::new().name("sync".to_owned()).spawn(sync)?;
    Ok((ask, thread))
}
