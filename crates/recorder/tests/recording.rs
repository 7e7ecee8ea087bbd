//! The recorder's thread: what it does with a disk that is full, slow or wrong.

#[allow(dead_code, unreachable_pub, missing_docs, reason = "each test file uses its part")]
mod common;

use std::fs;

use common::{BLOCK, Place, blocks, octets};
use journal::RecordingState;
use recorder::{Finding, Order, Trouble, WAITING_MAX, Wave};

#[test]
fn talks_at_once_are_written_side_by_side() {
    let place = Place::new();
    let running = place.start(0);
    let said: Vec<Vec<u8>> = (1..=20).map(|call| octets(2 * BLOCK + call * 10)).collect();
    for call in 1..=20 {
        running.begin(call);
    }
    for number in 0..3 {
        for (call, said) in (1..).zip(&said) {
            running.recorder.order(Order::Block(blocks(call, said)[number].clone()));
        }
    }
    drop(running);
    for (call, said) in (1..).zip(&said) {
        let part = place.archive.open(place.kept(call)).unwrap();
        assert_eq!(part.finding(), Finding::Whole);
        assert_eq!(&Wave::of(vec![part]).unwrap().read(58, u64::MAX).unwrap(), said);
    }
}

#[test]
fn the_room_of_the_journal_is_left_to_it() {
    let place = Place::new();
    let running = place.start(u64::MAX);
    running.begin(1);
    let told = running.wait(RecordingState::Cut);
    assert_eq!((told.lasts, told.size), (0, 0));
    assert_eq!(running.recorder.trouble(), Some(Trouble::Full));
    for block in blocks(1, &octets(BLOCK)) {
        running.recorder.order(Order::Block(block));
    }
    drop(running);
    assert!(place.archive.days().unwrap().is_empty());
}

#[test]
fn a_disk_that_fails_and_comes_back() {
    let place = Place::new();
    // What should be a folder is none.
    fs::write(place.archive.folder(), "").unwrap();
    let running = place.start(0);
    running.begin(1);
    running.wait(RecordingState::Cut);
    assert!(matches!(running.recorder.trouble(), Some(Trouble::Disk(_))));
    fs::remove_file(place.archive.folder()).unwrap();
    running.begin(2);
    running.wait(RecordingState::Running);
    assert_eq!(running.recorder.trouble(), None, "what works again is told, too");
}

#[test]
fn without_a_key_nothing_is_written() {
    let place = Place::new();
    fs::remove_file(place.archive.keys().path()).unwrap();
    let running = place.start(0);
    running.begin(1);
    running.wait(RecordingState::Cut);
    assert!(matches!(running.recorder.trouble(), Some(Trouble::Keys(_))));
    assert!(place.archive.days().unwrap().is_empty());
}

#[test]
fn what_a_slow_disk_did_not_take_is_silence_and_the_talk_has_its_length() {
    let place = Place::new();
    let running = place.start(0);
    running.begin(1);
    running.wait(RecordingState::Running);
    let said = octets(4 * BLOCK);
    let all = blocks(1, &said);
    for number in [0, 1, 3] {
        running.recorder.order(Order::Block(all[number].clone()));
    }
    let told = running.wait(RecordingState::Gaps);
    assert_eq!(told.lasts, 2000);
    let wave = place.archive.wave(told.about.call, None).unwrap().read(58, u64::MAX).unwrap();
    assert!(wave[..2 * BLOCK] == said[..2 * BLOCK] && wave[3 * BLOCK..] == said[3 * BLOCK..]);
    assert!(wave[2 * BLOCK..3 * BLOCK].iter().all(|&octet| octet == 0xd5));
}

#[test]
fn a_crowd_of_blocks_has_a_ceiling() {
    let place = Place::new();
    let running = place.start(0);
    running.begin(1);
    running.wait(RecordingState::Running);
    // Each is as large as all that may wait together, but for one octet.
    let mut block = blocks(1, &octets(2))[0].clone();
    block.last = false;
    block.octets = vec![0xd5; WAITING_MAX + 1].into();
    running.recorder.order(Order::Block(block.clone()));
    block.last = true;
    running.recorder.order(Order::Block(block));
    let told = running.wait(RecordingState::Whole);
    assert_eq!(told.lasts, 0, "its end is told in any case");
    assert_eq!(running.recorder.trouble(), Some(Trouble::Slow));
}

#[test]
fn a_block_of_nobody_changes_nothing() {
    let place = Place::new();
    let running = place.start(0);
    for block in blocks(9, &octets(BLOCK)) {
        running.recorder.order(Order::Block(block));
    }
    running.begin(1);
    running.wait(RecordingState::Running);
    assert_eq!(place.archive.kept_on(&place.archive.days().unwrap()[0]).unwrap().len(), 1);
}
