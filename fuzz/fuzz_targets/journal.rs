//! Any bytes as a journal that a crash left: no panic, and the calls that are closed are closed once.

#![no_main]

use ambient::Wall;
use libfuzzer_sys::fuzz_target;
use records::Closing;
use records::lines::{whole_lines, write_line};

fuzz_target!(|journal: &[u8]| {
    let whole = &journal[..whole_lines(journal)];
    let closing = |journal: &[u8]| {
        let mut recovery = Closing::default();
        journal.split(|byte| *byte == b'\n').for_each(|line| recovery.read(line));
        recovery.closing(Wall::from_unix_millis(0))
    };
    let mut mended = whole.to_vec();
    for (sequence, entry) in closing(whole) {
        write_line(sequence, &entry, &mut mended).expect("an entry is JSON");
    }
    assert!(closing(&mended).is_empty(), "a second start has nothing left to close");
});
