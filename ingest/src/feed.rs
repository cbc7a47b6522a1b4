//! Reading all sources in order, a block at a time, on a thread of its own.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use common::Result;
use strict_csv::{Block, Blocks};

use crate::open::{self, failed};
use crate::piece::{Job, Piece};
use crate::settings::Settings;
use crate::sources::Source;
use crate::survey::Plan;

/// What comes of the sources, in their order.
pub(crate) enum Event {
    /// The rows of the next block are on their way.
    Block(Receiver<Piece>),
    /// The source has ended.
    End(Facts),
    /// The source cannot be read on; nothing follows.
    Failed(common::Error),
}

/// What a whole source was.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    /// SHA-256 of its bytes as they stood, compressed or not.
    pub(crate) sha256: String,
    /// Number of them.
    pub(crate) bytes: u64,
    /// Whether its text began with a byte order mark.
    pub(crate) byte_order_mark: bool,
}

/// Sends what comes of all sources to `events` and their blocks to `jobs`, until either is gone.
pub(crate) fn feed(
    sources: &[Source],
    plans: &[Arc<Plan>],
    settings: &Settings,
    read: &AtomicU64,
    events: &SyncSender<Event>,
    jobs: &SyncSender<Job>,
) {
    for ((source, plan), number) in sources.iter().zip(plans).zip(0..) {
        let mut each = |block: Block| {
            let (reply, coming) = sync_channel(1);
            let job = Job { block, source: number, plan: Arc::clone(plan), reply };
            events.send(Event::Block(coming)).is_ok() && jobs.send(job).is_ok()
        };
        // A file that somebody writes to looks broken in many ways; that it changed says more.
        let ended = blocks(source, plan, settings, read, &mut each)
            .map_err(|e| source.unchanged().err().unwrap_or(e))
            .and_then(|facts| source.unchanged().map(|()| facts));
        let failed = ended.is_err();
        let event = match ended {
            Ok(Some(facts)) => Event::End(facts),
            Ok(None) => return,
            Err(error) => Event::Failed(error),
        };
        if events.send(event).is_err() || failed {
            return;
        }
    }
}

/// Cuts one source into blocks; nothing where `each` wants no more.
fn blocks(
    source: &Source,
    plan: &Plan,
    settings: &Settings,
    read: &AtomicU64,
    each: &mut dyn FnMut(Block) -> bool,
) -> Result<Option<Facts>> {
    let opened = open::open(source, settings.caps, read)?;
    let hash = opened.hash();
    let (mark, offset) = (opened.text.has_mark(), opened.text.offset());
    let mut blocks = Blocks::new(opened.text, &plan.form.dialect, settings.limits, offset);
    let header = blocks.header().map_err(|damage| failed(source, damage))?;
    plan.check(header.as_ref(), source)?;
    while let Some(block) = blocks.next_block().map_err(|damage| failed(source, damage))? {
        if !each(block) {
            return Ok(None);
        }
    }
    let (sha256, bytes) = hash.finish();
    Ok(Some(Facts { sha256, bytes, byte_order_mark: mark }))
}
