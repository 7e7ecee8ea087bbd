//! A new dialplan under live calls of the real program.

use std::time::Duration;

use interop::rtp::Packet;
use interop::{Setup, Sound};
use journal::Outcome;

use crate::desks::{Citizen, Desk};

const TALKS: usize = 5;
const RELOADS: usize = 10;

#[test]
fn reloads_under_talks_cost_no_packet() {
    let line = Setup::demo().with_short_menu().start();
    let mut desks = Vec::new();
    for agent in ["201", "202", "203", "204", "205"].iter().take(TALKS) {
        let desk = Desk::of_agent(&line, agent);
        let mut at_desk = desk.talks_until_bye(&line);
        let citizen = Citizen::dials(&line, "122");
        citizen.presses('0');
        at_desk.wait_told("talks");
        desk.sound.hum(700.0);
        citizen.desk.sound.hum(500.0);
        citizen.desk.sound.wait_tone(700.0);
        desk.sound.wait_tone(500.0);
        desks.push((desk, at_desk, citizen));
    }
    let before = line.status()["dialplan"].clone();
    let sounds = || desks.iter().flat_map(|(desk, _, citizen)| [&desk.sound, &citizen.desk.sound]);
    sounds().for_each(Sound::forget);
    let file = "dialplan/clinics.toml";
    let text = std::fs::read_to_string(line.folder().join(file)).expect("the test's dialplan");
    for reload in 1..=RELOADS {
        let changed = text.replace("ring_for = \"5s\"", &format!("ring_for = \"{}s\"", 5 + reload));
        assert_ne!(changed, text);
        line.write_file(file, &changed);
        let told = line.run(&["apply", "dialplan", "--yes"]);
        assert!(told.contains("calls in progress: 5"), "{told}");
        std::thread::sleep(Duration::from_millis(200));
    }
    for sound in sounds() {
        sound.wait_heard(Duration::from_secs(2));
        is_whole(&sound.packets());
    }
    assert_ne!(line.status()["dialplan"], before);
    for (_, at_desk, citizen) in desks {
        let call = citizen.hangs_up();
        at_desk.finish();
        let record = line.record(&call);
        assert_eq!(record.outcome, Outcome::Answered);
        assert_eq!(Some(&*record.dialplan), before.as_str(), "it kept the version of its arrival");
    }
}

/// One source, no number missing, no number twice.
#[track_caller]
fn is_whole(packets: &[Packet]) {
    let mut numbers: Vec<u16> = packets.iter().map(|packet| packet.sequence).collect();
    let first = numbers[0];
    numbers.sort_by_key(|number| number.wrapping_sub(first).cast_signed());
    for pair in numbers.windows(2) {
        assert_eq!(pair[0].wrapping_add(1), pair[1], "of {} packets", numbers.len());
    }
    assert!(packets.iter().all(|packet| packet.ssrc == packets[0].ssrc), "one source");
}
