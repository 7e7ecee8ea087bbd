//! Threads that let others go first.

/// Steps of nice(2): on a full core the thread gets a tenth of what one of the others gets.
const STEPS: i32 = 10;

/// Lets other threads go before this one: a packet cannot wait for its 20 ms, and what was said can.
pub fn yield_to_sound() {
    if let Err(why) = rustix::process::nice(STEPS) {
        tracing::warn!(%why, "the recogniser takes as much of the machine as sound does");
    }
}
