//! One connection's turn: what its worker lends it, and what it wants after.

use std::{
    io::{self, ErrorKind},
    sync::Arc,
    time::{Instant, SystemTime},
};

use super::{Event, Shared, deadlines::Deadline, handoff::Handoff, input::Input};
use crate::http::{date::DateField, request::Limits};

/// Bytes of a file that go out together with the head.
pub(super) const FIRST_CHUNK_BYTES: usize = 64 * 1024;

/// The receive buffer holds a whole head and this much besides.
const INPUT_BEYOND_HEAD_BYTES: usize = 16 * 1024;

/// What a connection may use of its worker for the length of a turn.
pub(super) struct Turn<'a> {
    pub(super) shared: &'a Shared,
    pub(super) date: &'a DateField,
    /// When the worker read the clock last, before this turn.
    pub(super) now: Instant,
    pub(super) wall: SystemTime,
    /// A moment by which the first bytes of the next request had arrived, if one is known.
    pub(super) arrived_by: Option<Instant>,
    pub(super) is_stopping: bool,
    /// Whether the worker has no other connection.
    pub(super) is_alone: bool,
    pub(super) workspace: &'a mut Workspace,
    pub(super) handoff: &'a Arc<Handoff>,
    /// The worker, and the key under which it has this connection.
    pub(super) worker: usize,
    pub(super) key: usize,
}

/// The buffers that a worker lends to one connection after the other.
#[derive(Debug)]
pub(super) struct Workspace {
    pub(super) input: Input,
    /// The front of the response being written; its memory is used again.
    pub(super) front: Vec<u8>,
    /// The first bytes of a file.
    pub(super) chunk: Vec<u8>,
    /// The events of this round, for the log.
    pub(super) events: Vec<Event>,
}

impl Workspace {
    /// Buffers for requests within `limits`.
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            input: Input::new(limits.max_head_bytes + INPUT_BEYOND_HEAD_BYTES),
            front: Vec::new(),
            chunk: vec![0; FIRST_CHUNK_BYTES],
            events: Vec::new(),
        }
    }
}

/// What a connection wants after its turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// To be driven again when its stream is ready.
    Wait(Waiting),
    /// To be driven again after others have had their turn: it is still ready.
    Again(Waiting),
    /// To be closed.
    Close,
}

/// How long a connection may go on as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Waiting {
    pub(super) deadline: Deadline,
    /// Whether a body or a response has progressed: then the deadline begins anew, as it
    /// does where its kind has changed.
    pub(super) has_progressed: bool,
}

/// What one step of a turn came to.
pub(super) enum TurnStep {
    Continue,
    /// To be continued after others have had their turn.
    Pause,
    Wait,
    Close,
}

impl TurnStep {
    /// The step after an error of the stream, which may only be that it would block.
    pub(super) fn after(error: &io::Error) -> Self {
        match error.kind() {
            ErrorKind::WouldBlock => Self::Wait,
            ErrorKind::Interrupted => Self::Continue,
            _ => Self::Close,
        }
    }
}
