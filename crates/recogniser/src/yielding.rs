//! Threads that let others go first.

/// Steps of nice(2): on a full core the thread gets a tenth of what one of the others gets.
const STEPS: i32 = 10;

/// Lets other threads go before this one and before those that it begins: a packet cannot wait for its
/// 20 ms, and what was said can.
pub fn yield_to_sound() {
    if let Err(why) = rustix::process::nice(STEPS) {
        tracing::warn!(%why, "the recogniser takes as much of the machine as sound does");
    }
}

#[cfg(test)]
mod tests {
    use rustix::process::nice;

    use super::*;

    #[test]
    fn the_thread_yields_with_those_that_it_begins_and_no_other_does() {
        let before = nice(0).unwrap();
        let of_child = std::thread::spawn(|| {
            yield_to_sound();
            std::thread::spawn(|| nice(0).unwrap()).join().unwrap()
        });
        assert_eq!(of_child.join().unwrap(), (before + STEPS).min(19));
        assert_eq!(nice(0).unwrap(), before);
    }
}
