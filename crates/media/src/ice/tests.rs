use is::stun::{StunMessage, TransId};
use proptest::prelude::*;

use super::*;

const OURS: Ice = Ice { ufrag: *b"abcdefgh", password: *b"0123456789abcdefghijklmn" };
const LATER: Ice = Ice { ufrag: *b"ABCDEFGH", password: *b"ABCDEFGHIJKLMNOPQRSTUVWX" };

fn at(n: u8) -> SocketAddr {
    SocketAddr::from(([198, 51, 100, n], 4000))
}

/// A check as a browser makes one.
fn check(ours: &Ice, controlling: bool, nominates: bool) -> Vec<u8> {
    let name = format!("{}:far", std::str::from_utf8(&ours.ufrag).unwrap());
    let request =
        StunMessage::binding_request(&name, TransId::new(), controlling, 7, 99, nominates);
    let mut octets = [0; 256];
    let length = request.to_bytes(Some(&ours.password), &mut octets, hmac_sha1).unwrap();
    octets[..length].to_vec()
}

/// What an agent answers.
fn ask(agent: &mut Agent, from: SocketAddr, check: &[u8]) -> Option<Vec<u8>> {
    let mut answer = [0; ANSWER_MAX];
    let length = agent.check(from, check, &mut answer)?;
    Some(answer[..length].to_vec())
}

fn passes(agent: &mut Agent, from: SocketAddr, ours: &Ice, nominates: bool) -> bool {
    ask(agent, from, &check(ours, true, nominates)).is_some()
}

#[test]
fn rfc_8445_7_3_a_good_check_is_answered_with_what_was_seen() {
    for from in [at(1), "[2001:db8::7]:9".parse().unwrap()] {
        let mut agent = Agent::new(OURS);
        let asked = check(&OURS, true, false);
        let answer = ask(&mut agent, from, &asked).unwrap();
        assert!(answer.len() <= asked.len(), "no amplification");
        let read = StunMessage::parse(&answer).unwrap();
        assert!(read.is_successful_binding_response());
        assert_eq!(read.mapped_address(), Some(from));
        assert!(read.verify(&OURS.password, hmac_sha1));
        assert_eq!(answer[8..20], asked[8..20], "the same transaction");
        assert_eq!(answer[answer.len() - 8..][..2], FINGERPRINT.to_be_bytes());
        assert_eq!((agent.chosen(), agent.is_proven(from)), (Some(from), true));
    }
    // A socket of both families sees IPv4 so.
    let answer = ask(
        &mut Agent::new(OURS),
        "[::ffff:198.51.100.1]:4000".parse().unwrap(),
        &check(&OURS, true, false),
    );
    assert_eq!(StunMessage::parse(&answer.unwrap()).unwrap().mapped_address(), Some(at(1)));
}

#[test]
fn the_first_way_is_taken_until_another_is_named() {
    let mut agent = Agent::new(OURS);
    assert_eq!(agent.chosen(), None);
    assert!(passes(&mut agent, at(1), &OURS, false));
    assert!(passes(&mut agent, at(2), &OURS, false));
    assert_eq!(agent.chosen(), Some(at(1)));
    assert!(passes(&mut agent, at(2), &OURS, true));
    assert!(passes(&mut agent, at(1), &OURS, false));
    assert_eq!(agent.chosen(), Some(at(2)));
    assert!(agent.is_proven(at(1)) && agent.is_proven(at(2)) && !agent.is_proven(at(3)));
}

#[test]
fn what_proves_nothing_gets_no_answer() {
    let mut agent = Agent::new(OURS);
    let good = check(&OURS, true, true);
    let stolen = Ice { password: LATER.password, ..OURS };
    let no_fingerprint = {
        let mut cut = good[..good.len() - 8].to_vec();
        cut[3] -= 8;
        cut
    };
    let changed = |place: usize| {
        let mut octets = good.clone();
        octets[place] ^= 1;
        octets
    };
    let refused = [
        check(&stolen, true, true),
        check(&LATER, true, true),
        no_fingerprint,
        changed(0),
        changed(1),
        changed(3),
        changed(5),
        changed(10),
        changed(20),
        changed(30),
        changed(good.len() - 20),
        good[..19].to_vec(),
        [&good[..], &[0; 4]].concat(),
        vec![0; 20],
    ];
    for octets in refused {
        assert_eq!(ask(&mut agent, at(1), &octets), None, "{octets:?}");
    }
    assert_eq!((agent.chosen(), agent.is_proven(at(1))), (None, false));
    assert!(ask(&mut agent, at(1), &good).is_some());
}

#[test]
fn what_would_have_to_be_understood_is_not_read() {
    let good = check(&OURS, true, true);
    let with = |kind: u16| {
        let mut octets = good.clone();
        let added = [&kind.to_be_bytes()[..], &[0, 4, 1, 2, 3, 4]].concat();
        octets.splice(20..20, added);
        octets[3] += 8;
        octets
    };
    // MAPPED-ADDRESS, UNKNOWN-ATTRIBUTES, one that nobody knows.
    for kind in [0x0001, 0x000a, 0x7fff] {
        assert!(!has_form_of_check(&with(kind)), "{kind:#x}");
    }
    for kind in [0x8000, 0xc057, 0xff00] {
        assert!(has_form_of_check(&with(kind)), "{kind:#x}");
    }
    let filler = |words: u16| {
        let mut octets = good.clone();
        let value = vec![0; usize::from(words) * 4];
        octets.splice(20..20, [&[0x80, 0][..], &(words * 4).to_be_bytes(), &value].concat());
        let length = (octets.len() - HEADER) as u16;
        octets[2..4].copy_from_slice(&length.to_be_bytes());
        octets
    };
    let room = ((REQUEST_MAX - good.len() - 4) / 4) as u16;
    assert!(has_form_of_check(&filler(room)));
    assert!(!has_form_of_check(&filler(room + 1)));
}

#[test]
fn rfc_8445_7_3_1_1_who_takes_itself_for_controlled_learns_better() {
    let mut agent = Agent::new(OURS);
    let answer = ask(&mut agent, at(1), &check(&OURS, false, false)).unwrap();
    let read = StunMessage::parse(&answer).unwrap();
    assert!(read.is_failed_binding_response());
    assert_eq!(read.error_code().map(|(code, _)| code), Some(487));
    assert!(read.verify(&OURS.password, hmac_sha1));
    assert_eq!((agent.chosen(), agent.is_proven(at(1))), (None, false));
}

#[test]
fn rfc_8445_9_after_a_restart_the_old_ones_are_good_until_the_new_ones_are_used() {
    let mut agent = Agent::new(OURS);
    assert!(passes(&mut agent, at(1), &OURS, true));
    agent.renew(OURS);
    assert_eq!(agent.before, None);
    agent.renew(LATER);
    assert!(passes(&mut agent, at(1), &OURS, true));
    assert!(passes(&mut agent, at(2), &LATER, false));
    assert_eq!(agent.chosen(), Some(at(1)), "all goes on where it is");
    assert!(!passes(&mut agent, at(1), &OURS, true));
    assert!(passes(&mut agent, at(2), &LATER, true));
    assert_eq!(agent.chosen(), Some(at(2)));
    assert!(agent.is_proven(at(1)), "what is still on its way is the peer's");
}

#[test]
fn proven_addresses_have_a_ceiling() {
    let mut agent = Agent::new(OURS);
    let most = PROVEN_MAX as u8;
    for n in 1..=most {
        assert!(passes(&mut agent, at(n), &OURS, n == 1));
        assert!(passes(&mut agent, at(n), &OURS, false), "again is not one more");
    }
    assert!((1..=most).all(|n| agent.is_proven(at(n))));
    for n in most + 1..=most + 2 {
        assert!(passes(&mut agent, at(n), &OURS, false));
    }
    assert!(!agent.is_proven(at(2)), "the first that passed is forgotten");
    assert!((3..=most + 2).all(|n| agent.is_proven(at(n))));
    assert!(agent.is_proven(at(1)), "but not the one that is sent to");
}

#[test]
fn an_agent_is_small() {
    assert!(size_of::<Agent>() <= 512, "{}", size_of::<Agent>());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]
    #[test]
    fn no_datagram_panics(
        octets in proptest::collection::vec(any::<u8>(), 0..200),
        place in 0usize..120,
        valid in any::<bool>(),
    ) {
        let mut datagram = octets.clone();
        if valid {
            // Near to a good one: with something else in its middle.
            datagram = check(&OURS, true, true);
            let place = place.min(datagram.len());
            let end = (place + octets.len()).min(datagram.len());
            datagram[place..end].copy_from_slice(&octets[..end - place]);
        }
        let mut agent = Agent::new(OURS);
        let answered = ask(&mut agent, at(1), &datagram).is_some();
        prop_assert!(answered || !agent.is_proven(at(1)));
    }
}
