//! What is understood of a recogniser's output, without I/O, threads or clocks.
//!
//! A recogniser (crate `recogniser`) gives [`Frame`]s: every 30 ms, how likely each letter is. What a
//! menu listens for is a [`Grammar`]: phrases as the admin wrote them, each with the forms that its words
//! take in speech, so that any word works without training. A [`Spotter`] aligns all phrases with the
//! frames as they come, and a [`NumberReader`] any run of number words. An [`Ear`] is one listener's turn:
//! it is handed audio, frames, the prompt's begin and end, and time, and says when speech began,
//! whether the prompt stops, and what was understood.
//!
//! The way of a phrase: [`text`] brings what was written into the recogniser's letters, [`forms`] gives
//! each word's forms, `graph` makes one network of letters of them, and `tokens` walks through it.

pub mod alphabet;
pub mod ear;
mod echo;
pub mod forms;
pub mod grammar;
mod graph;
pub mod greedy;
pub mod likeness;
pub mod names;
pub mod number_reader;
pub mod spoken;
pub mod spotter;
pub mod text;
mod tokens;
pub mod trace;
pub mod voice;

pub use alphabet::{CHUNK_FRAMES, CHUNK_SAMPLES, FRAME, Frame, LABELS, Label, SAMPLE_RATE};
pub use ear::{BargeIn, Ear, Input, Outcome, Output, Turn};
pub use grammar::{BadPhrase, ChoiceId, Grammar, Phrase};
pub use likeness::{Alike, alike};
pub use number_reader::NumberReader;
pub use spotter::{Hit, Spotter, Thresholds, Verdict};
pub use trace::Trace;
pub use voice::VoiceDetector;
