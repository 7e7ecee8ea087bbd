//! What callers say: the words between the switch and who listens.
//!
//! An `Ear` of the crate `speech` needs each 20 ms of sound and each frame of a recogniser, and so lives with
//! these, on another thread. The switch tells it what it needs to know of the call.

use journal::CallId;
use media::StreamId;

/// Numbers one turn of listening. Never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TurnId(pub u64);

/// What who listens is told. What is heard comes back as [`Input::Speech`](crate::Input::Speech).
#[derive(Clone, Debug)]
pub enum Listening {
    /// A turn begins; the one before on this stream is over.
    Begin {
        /// The turn.
        turn: TurnId,
        /// Whose.
        call: CallId,
        /// What is heard.
        stream: StreamId,
        /// What is listened for, and how long.
        terms: speech::Turn,
    },
    /// Words of ours begin to play to the caller.
    PromptBegins(TurnId),
    /// They have ended, or were stopped.
    PromptEnds(TurnId),
    /// Nobody wants to know any more.
    End(TurnId),
}
