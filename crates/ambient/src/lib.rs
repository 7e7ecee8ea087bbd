//! What a core is handed instead of reaching for it: time, timers and randomness.
//!
//! Everything in line122 that decides is a plain value. It never reads a clock and never asks the
//! operating system for a random number; it is handed a [`Now`] with each input and an [`Entropy`]
//! when it is made. The live program and the simulator drive the same values.

mod entropy;
mod log_limit;
mod time;
mod timers;

pub use entropy::Entropy;
pub use log_limit::LogLimit;
pub use time::{Mono, Now, Wall};
pub use timers::Timers;
