//! Any body, as an offer and as an answer, under any rule of protection: no panic, and what is met is
//! answered so that it can be read.

#![no_main]

use ambient::Entropy;
use libfuzzer_sys::fuzz_target;
use sip::sdp::{Description, Direction, Fingerprint, Ice, OurKeys, Protection, Security, Srtp};

fuzz_target!(|data: &[u8]| {
    let Some((rule, body)) = data.split_first() else { return };
    let security = Security {
        srtp: [Srtp::Off, Srtp::Preferred, Srtp::Required][usize::from(rule % 3)],
        keys: (rule & 4 != 0).then(|| OurKeys::generate(&mut Entropy::from_number(1))),
        fingerprint: (rule & 8 != 0).then_some(Fingerprint([7; 32])),
        ice: (rule & 128 != 0).then(|| Ice::generate(&mut Entropy::from_number(2))),
        began: [None, Some(true), Some(false)][usize::from(rule >> 4) % 3],
    };
    let _ = Description::parse_answer(body, &security).map(|answer| answer.chosen());
    let Ok(offer) = Description::parse(body, &security) else { return };
    let local = ([192, 0, 2, 1], 4000).into();
    let (answer, chosen) =
        offer.answer(local, Direction::SendRecv, (1, 1), &security).expect("a codec was found");
    assert!(security.srtp != Srtp::Required || chosen.protection != Protection::Open);
    // With ICE we are the lite side, and two of them find no way: who reads it is a full one.
    let theirs = match security.ice {
        Some(_) => Security { srtp: Srtp::Required, keys: None, ice: None, ..security },
        None => security,
    };
    Description::parse(&answer, &theirs).expect("our answer can be read");
});
