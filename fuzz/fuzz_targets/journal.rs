//! Any bytes as a journal that a crash left: no panic, and what was read and written again says the same.

#![no_main]

use journal::Sequence;
use libfuzzer_sys::fuzz_target;
use records::Recovery;
use records::lines::{read_line, whole_lines, write_line};

fuzz_target!(|journal: &[u8]| {
    let read = |journal: &[u8]| {
        let mut recovery = Recovery::default();
        let mut again = Vec::new();
        for entry in journal.split(|byte| *byte == b'\n').filter_map(read_line) {
            write_line(Sequence(0), &entry, &mut again).expect("an entry is JSON");
            recovery.take(entry);
        }
        (recovery.restored(), again)
    };
    let (first, again) = read(&journal[..whole_lines(journal)]);
    assert_eq!(read(&again).0, first);
});
