//! Recognisers of Russian speech behind one trait: a streaming CTC model in this process, or a server.
//!
//! What comes back are `speech::Frame`s, of a model, or texts, of a server; what they mean for a menu is the
//! matter of the crate `speech`. Streams are at 8 kHz, 16 bits, one channel.
//!
//! Nothing here waits for a caller of the trait: audio goes into a bounded queue, and what was heard comes
//! to a [`Sink`] on the recogniser's own threads. A recogniser that is short of time says so
//! ([`Health::Late`]), and menus fall back to keys.

mod health;
#[cfg(feature = "model")]
pub mod model;
mod place;
pub mod server;
mod yielding;

pub use health::Health;
#[cfg(feature = "model")]
pub use model::{Model, ModelFile, Proof, Refused, embedded};
pub use server::{Protocol, Server, Unusable};
pub use yielding::yield_to_sound;

use speech::Frame;

/// A recogniser, shared by all calls.
pub trait Recogniser: Send + Sync {
    /// Begins to hear one side of a call.
    ///
    /// # Errors
    /// If as many are heard already as there is room for.
    fn open(&self, sink: Sink) -> Result<Box<dyn Stream>, NoRoom>;

    /// How it is.
    fn health(&self) -> Health;
}

/// One side of a call, as it is heard. It ends when it is dropped; what was not recognised by then is
/// thrown away.
pub trait Stream: Send {
    /// Hears more. Never waits: what does not fit into the queue is thrown away, and
    /// [`Heard::Lost`] is told.
    fn hear(&mut self, samples: &[i16]);

    /// Nothing follows: what is still in the queue is recognised to its end.
    fn finish(&mut self);
}

/// Where what was heard goes; called on a thread of the recogniser, and must not wait. What was on its way
/// when a stream was dropped may still come.
pub type Sink = Box<dyn FnMut(Heard) + Send>;

/// What was heard.
#[derive(Clone, Debug, PartialEq)]
pub enum Heard {
    /// Of a model: the frames of one chunk.
    Frames(Vec<Frame>),
    /// Of a server: what it has so far of an utterance, in place of what it said before.
    Partial(String),
    /// Of a server: an utterance that is over.
    Text(String),
    /// Audio was thrown away, since the recogniser is late, or the server is gone: what is heard of this
    /// stream from now on is worth nothing, and nothing more will come.
    Lost,
    /// After [`Stream::finish`]: all was recognised.
    Finished,
}

/// There is no room for another stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the recogniser hears as many calls as it can")]
pub struct NoRoom;
