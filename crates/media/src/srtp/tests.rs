use proptest::prelude::*;

use super::derive::{Label, derive};
use super::receiver::{Receiver, SOURCES_MAX, header_octets};
use super::sender::Sender;
use super::*;

const SUITES: [Suite; 4] = [
    Suite::AesCm128Sha1Tag80,
    Suite::AesCm128Sha1Tag32,
    Suite::AeadAes128Gcm,
    Suite::AeadAes256Gcm,
];

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

fn key(suite: Suite) -> MasterKey {
    MasterKey::new(suite, std::array::from_fn(|n| n as u8 + 7))
}

fn packet(seq: u16, ssrc: u32, payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x80, 8];
    packet.extend(seq.to_be_bytes());
    packet.extend([0, 0, 0, 1]);
    packet.extend(ssrc.to_be_bytes());
    packet.extend(payload);
    packet
}

fn protected(sender: &mut Sender, seq: u16) -> Vec<u8> {
    let mut octets = packet(seq, 5, b"speech");
    assert!(sender.protect_rtp(&mut octets, 0, 12));
    octets
}

fn opens(receiver: &mut Receiver, packet: &[u8]) -> bool {
    receiver.unprotect_rtp(&mut packet.to_vec()).is_some()
}

#[test]
fn rfc_3711_b_3_key_derivation() {
    let mut octets = hex("E1F97A0D3E018BE0D64FA32C06DE4139 0EC675AD498AFEEBB6960B3AABE6");
    octets.resize(MasterKey::OCTETS_MAX, 0);
    let master = MasterKey::new(Suite::AesCm128Sha1Tag80, octets.try_into().unwrap());
    let cipher: [u8; 16] = derive(&master, Label::RtpCipher);
    assert_eq!(cipher[..], hex("C61E7A93744F39EE10734AFE3FF7A087"));
    let salt: [u8; 14] = derive(&master, Label::RtpSalt);
    assert_eq!(salt[..], hex("30CBBC08863D8C85D49DB34A9AE1"));
    let auth: [u8; 20] = derive(&master, Label::RtpAuthentication);
    assert_eq!(auth[..], hex("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4"));
}

#[test]
fn rfc_7714_16_1_1_a_packet_under_aes_128_gcm() {
    let aead = aes_gcm::KeyInit::new_from_slice(&hex("000102030405060708090a0b0c0d0e0f")).unwrap();
    let salt = hex("517569642070726f2071756f").try_into().unwrap();
    let cipher = cipher::Cipher::Gcm128 { aead: Box::new(aead), salt };
    let mut octets = hex(
        "8040f17b 8041f8d3 5501a0b2 47616c6c 69612065 7374206f 6d6e6973 20646976 69736120 696e2070 \
         61727465 73207472 6573",
    );
    let plain = octets.clone();
    let place = cipher::Place { ssrc: 0x5501_a0b2, index: 0xf17b };
    cipher.protect_rtp(place, &mut octets, 0, 12);
    let expected = hex(
        "8040f17b 8041f8d3 5501a0b2 f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5 0d294e6f 42a5f47a \
         51c7d19b 36de3adf 8833899d 7f27beb1 6a9152cf 765ee439 0cce",
    );
    assert_eq!(octets, expected);
    assert_eq!(cipher.unprotect_rtp(place, &mut octets, 12, 0), Some(plain.len()));
    assert_eq!(octets[..plain.len()], plain);
}

#[test]
fn what_is_protected_is_opened_and_only_once() {
    for suite in SUITES {
        let (mut sender, mut receiver) = (Sender::new(key(suite)), Receiver::new(key(suite), 0));
        for seq in 65_000..66_000u32 {
            let seq = seq as u16; // passes zero
            let mut octets = protected(&mut sender, seq);
            assert!(!octets.windows(6).any(|part| part == b"speech"), "it is encrypted");
            let again = octets.clone();
            let length = receiver.unprotect_rtp(&mut octets).unwrap();
            assert_eq!(octets[..length], packet(seq, 5, b"speech"));
            assert!(!opens(&mut receiver, &again), "a repetition");
        }
    }
}

#[test]
fn rfc_3711_9_1_no_number_protects_two_packets() {
    let mut sender = Sender::new(key(Suite::AesCm128Sha1Tag80));
    protected(&mut sender, 10);
    protected(&mut sender, 12);
    protected(&mut sender, 11);
    assert!(!sender.protect_rtp(&mut packet(11, 5, b"other"), 0, 12));
}

#[test]
fn a_changed_octet_anywhere_is_noticed() {
    for suite in SUITES {
        let sealed = protected(&mut Sender::new(key(suite)), 1);
        let mut receiver = Receiver::new(key(suite), 0);
        for place in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[place] ^= 0x20;
            assert!(!opens(&mut receiver, &changed), "{suite:?} octet {place}");
        }
        assert!(opens(&mut receiver, &sealed));
    }
}

#[test]
fn the_first_packet_that_comes_may_be_behind_the_first_rollover() {
    for suite in SUITES {
        let (mut sender, mut receiver) = (Sender::new(key(suite)), Receiver::new(key(suite), 0));
        protected(&mut sender, 65_535); // lost
        assert!(opens(&mut receiver, &protected(&mut sender, 0)));
        assert!(opens(&mut receiver, &protected(&mut sender, 1)));
    }
}

#[test]
fn a_master_key_identifier_is_passed_over() {
    for suite in SUITES {
        let mut sealed = protected(&mut Sender::new(key(suite)), 1);
        let tag = match suite {
            Suite::AesCm128Sha1Tag80 => 10,
            Suite::AesCm128Sha1Tag32 => 4,
            Suite::AeadAes128Gcm | Suite::AeadAes256Gcm => 0,
        };
        let place = sealed.len() - tag;
        sealed.splice(place..place, [0, 0, 0, 1]);
        assert!(opens(&mut Receiver::new(key(suite), 4), &sealed));
        assert!(!opens(&mut Receiver::new(key(suite), 0), &sealed));
    }
}

#[test]
fn sources_have_a_ceiling_and_strangers_do_not_fill_it() {
    let suite = Suite::AeadAes128Gcm;
    let mut receiver = Receiver::new(key(suite), 0);
    for ssrc in 0..1000 {
        assert!(!opens(&mut receiver, &packet(1, ssrc, &[0; 40])));
    }
    for ssrc in 0..=SOURCES_MAX as u32 {
        let mut sealed = packet(1, ssrc, b"speech");
        assert!(Sender::new(key(suite)).protect_rtp(&mut sealed, 0, 12));
        assert_eq!(opens(&mut receiver, &sealed), (ssrc as usize) < SOURCES_MAX);
    }
}

#[test]
fn reports_are_protected_too() {
    for suite in SUITES {
        let (mut sender, mut receiver) = (Sender::new(key(suite)), Receiver::new(key(suite), 0));
        for _ in 0..3 {
            let report = hex("81c80006 00000005 0102030405060708 090a0b0c 0d0e0f10");
            let mut octets = report.clone();
            assert!(sender.protect_rtcp(&mut octets, 0));
            assert_ne!(octets[8..report.len()], report[8..]);
            let mut again = octets.clone();
            let mut changed = octets.clone();
            changed[9] ^= 1;
            assert_eq!(receiver.unprotect_rtcp(&mut changed), None);
            assert_eq!(receiver.unprotect_rtcp(&mut octets), Some(report.len()));
            assert_eq!(octets[..report.len()], report);
            assert_eq!(receiver.unprotect_rtcp(&mut again), None, "a repetition");
        }
    }
}

#[test]
fn a_key_that_goes_on_keeps_its_count() {
    let suite = Suite::AesCm128Sha1Tag80;
    let keys = SrtpKeys { local: key(suite), remote: key(suite), remote_mki: 0 };
    let mut guard = Guard::default();
    guard.set_keys(&keys);
    let mut first = packet(7, 5, b"speech");
    assert!(guard.protect(crate::Channel::Rtp, &mut first, 0, 12));
    guard.set_keys(&keys);
    assert!(!guard.protect(crate::Channel::Rtp, &mut packet(7, 5, b"other!"), 0, 12));
    let other = MasterKey::new(suite, [9; MasterKey::OCTETS_MAX]);
    guard.set_keys(&SrtpKeys { local: other, ..keys });
    assert!(guard.protect(crate::Channel::Rtp, &mut packet(7, 5, b"other!"), 0, 12));
    assert!(!format!("{keys:?}{guard:?}").contains("7, 8, 9"), "keys are not shown");
}

#[test]
fn what_is_beyond_a_key_does_not_count() {
    let mut octets = [1; MasterKey::OCTETS_MAX];
    let key = MasterKey::new(Suite::AeadAes128Gcm, octets);
    octets[28] = 2;
    assert_eq!(key, MasterKey::new(Suite::AeadAes128Gcm, octets));
    octets[27] = 2;
    assert_ne!(key, MasterKey::new(Suite::AeadAes128Gcm, octets));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_octets_panic(octets in proptest::collection::vec(any::<u8>(), 0..80), suite in 0usize..4, mki in 0u8..9) {
        let mut receiver = Receiver::new(key(SUITES[suite]), mki);
        prop_assert_eq!(receiver.unprotect_rtp(&mut octets.clone()), None);
        prop_assert_eq!(receiver.unprotect_rtcp(&mut octets.clone()), None);
        let _ = header_octets(&octets);
    }

    #[test]
    fn any_packet_survives(payload in proptest::collection::vec(any::<u8>(), 1..400), suite in 0usize..4, csrc in 0u8..4, words in 0u8..4) {
        let mut sent = packet(9, 1, &payload);
        sent[0] |= csrc;
        // Browsers tell the level of each packet in an extension (RFC 6464).
        if let Some(words) = words.checked_sub(1) {
            sent[0] |= 0x10;
            let octets = [&[0xbe, 0xde, 0, words][..], &vec![5; 4 * usize::from(words)]].concat();
            sent.splice(12..12, octets);
        }
        sent.splice(12..12, vec![3; 4 * usize::from(csrc)]);
        let mut octets = b"before".to_vec();
        octets.extend(&sent);
        let header = header_octets(&sent).unwrap();
        prop_assert!(Sender::new(key(SUITES[suite])).protect_rtp(&mut octets, 6, header));
        prop_assert_eq!(&octets[..6], b"before");
        let mut octets = octets.split_off(6);
        let length = Receiver::new(key(SUITES[suite]), 0).unprotect_rtp(&mut octets).unwrap();
        prop_assert_eq!(&octets[..length], &sent[..]);
    }
}
