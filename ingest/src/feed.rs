//! Reading all sources in order, a block at a time, on a thread of its own.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use common::Result;
use strict_csv::inflate::Packing;
use strict_csv::{Block, Blocks, Encoding, Held};

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
    /// Whether it was compressed.
    pub(crate) is_compressed: bool,
    /// Bytes once inflated.
    pub(crate) inflated_bytes: u64,
    /// Whether it was in another encoding than UTF-8.
    pub(crate) is_decoded: bool,
    /// Bytes as UTF-8.
    pub(crate) text_bytes: u64,
    /// Whether its text began with a byte order mark.
    pub(crate) byte_order_mark: bool,
    /// Of the bytes as UTF-8 those of the mark.
    pub(crate) mark_bytes: u64,
    /// Lines.
    pub(crate) lines: u64,
    /// What stood outside its blocks.
    pub(crate) outside: Held,
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
    let mut opened = open::open(source, settings.caps, read)?;
    let hash = opened.hash();
    let offset = opened.text.offset();
    let mut blocks = Blocks::new(&mut opened.text, &plan.form.dialect, settings.limits, offset);
    let header = blocks.header().map_err(|damage| failed(source, damage))?;
    plan.check(header.as_ref(), source)?;
    while let Some(block) = blocks.next_block().map_err(|damage| failed(source, damage))? {
        if !each(block) {
            return Ok(None);
        }
    }
    let (outside, lines) = (blocks.outside(), blocks.lines());
    let (sha256, bytes) = hash.finish();
    let text = opened.text;
    Ok(Some(Facts {
        sha256,
        bytes,
        is_compressed: opened.packing != Packing::Plain,
        inflated_bytes: text.bytes(),
        is_decoded: text.encoding() != Encoding::Utf8,
        text_bytes: text.text_bytes(),
        byte_order_mark: text.has_mark(),
        mark_bytes: offset,
        lines,
        outside,
    }))
}
