//! What is written is read back, and nothing else: files that end in the midst, that were altered, put
//! elsewhere, or sealed with another key.

#[allow(dead_code, unreachable_pub, missing_docs, reason = "each test file uses its part")]
mod common;

use std::fs;
use std::time::Duration;

use common::{BLOCK, Place, about, octets};
use media::Law;
use proptest::prelude::*;
use recorder::{Finding, ReadError, Wave};

#[test]
fn a_talk_is_read_back_as_it_was_and_its_file_shows_nothing_of_it() {
    let place = Place::new();
    let said = octets(2 * BLOCK + 700);
    place.record(1, Law::A, &said);
    let part = place.archive.open(place.kept(1)).unwrap();
    assert_eq!((part.about(), part.law()), (&about(1), Law::A));
    assert_eq!((part.samples(), part.finding()), (4000 * 2 + 350, Finding::Whole));
    assert_eq!(part.check().unwrap(), Finding::Whole);
    let wave = Wave::of(vec![part]).unwrap();
    let whole = wave.read(0, u64::MAX).unwrap();
    assert_eq!(whole.len() as u64, wave.len());
    assert_eq!(whole[58..], said);
    let file = fs::read(place.file(1)).unwrap();
    for secret in [&said[..64], b"operators", b"\"201\""] {
        assert!(!file.windows(secret.len()).any(|piece| piece == secret));
    }
    use std::os::unix::fs::PermissionsExt;
    for path in [place.file(1), place.archive.keys().path().to_owned()] {
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn a_program_that_died_leaves_all_but_the_last_half_second() {
    let place = Place::new();
    let said = octets(3 * BLOCK);
    place.record(1, Law::Mu, &said);
    let whole = fs::read(place.file(1)).unwrap();
    let end = whole.len() - 24;
    // In the midst of a block, between two, in the midst of the end.
    for (length, blocks) in
        [(end - 1, 2), (end - 8000, 2), (end, 3), (end + 23, 3), (end - 2 * 8016 - 5, 0)]
    {
        fs::write(place.file(1), &whole[..length]).unwrap();
        let part = place.archive.open(place.kept(1)).unwrap();
        assert_eq!(part.check().unwrap(), Finding::Unfinished, "{length}");
        assert_eq!(part.lasts(), Duration::from_millis(500) * blocks, "{length}");
        let wave = Wave::of(vec![part]).unwrap();
        assert_eq!(wave.read(58, u64::MAX).unwrap(), said[..BLOCK * blocks as usize]);
    }
    // Before anything was said, and before the file had a head.
    fs::write(place.file(1), &whole[..100]).unwrap();
    assert!(matches!(place.archive.open(place.kept(1)), Err(ReadError::Malformed)));
    fs::write(place.file(1), []).unwrap();
    assert!(matches!(place.archive.open(place.kept(1)), Err(ReadError::Malformed)));
}

#[test]
fn every_altered_octet_is_found() {
    let place = Place::new();
    place.record(1, Law::A, &octets(2 * BLOCK));
    let whole = fs::read(place.file(1)).unwrap();
    let unused_place = 108..176;
    for at in (0..whole.len()).step_by(97).chain([192, whole.len() - 25]) {
        if unused_place.contains(&at) || (176..192).contains(&at) || (32..40).contains(&at) {
            continue;
        }
        let mut altered = whole.clone();
        altered[at] ^= 0x10;
        fs::write(place.file(1), &altered).unwrap();
        let found = place.archive.open(place.kept(1)).and_then(|part| part.check());
        // An end that is none is as if it were cut off, which the index knows better.
        let cut_off = at >= whole.len() - 24 && matches!(found, Ok(Finding::Unfinished));
        assert!(found.is_err() || cut_off, "{at}: {found:?}");
    }
}

#[test]
fn blocks_do_not_change_places_and_files_do_not_change_names() {
    let place = Place::new();
    place.record(1, Law::A, &octets(3 * BLOCK));
    place.record(2, Law::A, &octets(3 * BLOCK));
    let mut whole = fs::read(place.file(1)).unwrap();
    let first = whole.len() - 24 - 3 * 8016;
    let (one, two) = whole[first..].split_at_mut(8016);
    one.swap_with_slice(&mut two[..8016]);
    fs::write(place.file(1), &whole).unwrap();
    let part = place.archive.open(place.kept(1)).unwrap();
    assert!(matches!(part.check(), Err(ReadError::Altered { at }) if at.is_zero()));
    // A block that is taken out of the middle.
    let without = [&whole[..first + 8016], &whole[first + 2 * 8016..]].concat();
    fs::write(place.file(1), without).unwrap();
    assert!(matches!(place.archive.open(place.kept(1)), Err(ReadError::Altered { .. })));
    fs::copy(place.file(2), place.file(1)).unwrap();
    assert!(matches!(place.archive.open(place.kept(1)), Err(ReadError::Malformed)));
}

#[test]
fn without_its_key_a_recording_is_lost_and_says_so() {
    let place = Place::new();
    place.record(1, Law::A, &octets(BLOCK));
    let other = Place::new();
    fs::copy(other.archive.keys().path(), place.archive.keys().path()).unwrap();
    assert!(matches!(place.archive.open(place.kept(1)), Err(ReadError::OtherKey)));
    fs::remove_file(place.archive.keys().path()).unwrap();
    assert!(matches!(place.archive.open(place.kept(1)), Err(ReadError::Keys(_))));
    fs::write(place.archive.keys().path(), "l122-key 1 short\n").unwrap();
    set_mode(&place, 0o640);
    let error = place.archive.open(place.kept(1)).unwrap_err().to_string();
    assert!(error.contains("chmod 600"), "{error}");
    set_mode(&place, 0o600);
    let error = place.archive.open(place.kept(1)).unwrap_err().to_string();
    assert!(error.contains("line 1 is no key"), "{error}");
    assert!(!place.archive.keys().path().with_extension("new").exists());
}

fn set_mode(place: &Place, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(place.archive.keys().path(), fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn the_key_of_the_line_is_changed_without_losing_anything() {
    let place = Place::new();
    let said = octets(BLOCK);
    place.record(1, Law::A, &said);
    let before = fs::read(place.archive.keys().path()).unwrap();
    let done = place.archive.rekey().unwrap();
    assert_eq!((done.recordings, done.lost, done.old_keys), (1, 0, 1));
    place.record(2, Law::A, &said);
    let again = place.archive.rekey().unwrap();
    assert_eq!((again.recordings, again.old_keys), (2, 2));
    let forgot = place.archive.forget_old_keys().unwrap();
    assert_eq!((forgot.recordings, forgot.old_keys), (0, 0));
    for call in [1, 2] {
        assert_eq!(place.archive.open(place.kept(call)).unwrap().check().unwrap(), Finding::Whole);
    }
    // The former key opens nothing any more.
    fs::write(place.archive.keys().path(), before).unwrap();
    assert!(matches!(place.archive.open(place.kept(1)), Err(ReadError::OtherKey)));
    // And what no key opens is not forgotten silently.
    let lost = place.archive.rekey().unwrap();
    assert_eq!((lost.recordings, lost.lost), (0, 2));
    assert_eq!(place.archive.forget_old_keys().unwrap().old_keys, 1, "nothing is forgotten");
}

#[test]
fn what_is_erased_is_gone_with_its_key() {
    let place = Place::new();
    place.record(1, Law::A, &octets(BLOCK));
    let other_name = place.file(1).with_extension("copy");
    fs::hard_link(place.file(1), &other_name).unwrap();
    assert!(place.archive.erase(place.kept(1)).unwrap());
    assert!(!place.archive.erase(place.kept(1)).unwrap());
    assert!(matches!(place.archive.open(place.kept(1)), Err(ReadError::None)));
    assert!(matches!(place.archive.wave(about(1).call, None), Err(ReadError::None)));
    assert!(fs::read(other_name).unwrap()[..192].iter().all(|&octet| octet == 0));
}

#[test]
fn the_parts_of_a_call_are_one_sound() {
    let place = Place::new();
    let (first, second) = (octets(BLOCK + 100), octets(300));
    place.record_part(1, 1, Law::A, &first);
    place.record_part(1, 2, Law::Mu, &second);
    place.record(2, Law::A, &octets(10));
    let call = about(1).call;
    let wave = place.archive.wave(call, None).unwrap();
    assert_eq!(wave.len(), 58 + 8000 + 100 + 300);
    let whole = wave.read(0, u64::MAX).unwrap();
    assert_eq!(&whole[..4], b"RIFF");
    let field = |at: usize| u32::from_le_bytes(whole[at..at + 4].try_into().unwrap());
    assert_eq!((field(4), field(54), field(46)), (whole.len() as u32 - 8, 8400, 4200));
    assert_eq!((whole[20], whole[22], whole[32], whole[34]), (6, 2, 2, 8), "A-law, two channels");
    assert_eq!(whole[58..58 + 8100], first);
    let other_law = media::transcoding(Law::Mu, Law::A).unwrap();
    assert!(whole[8158..].iter().zip(&second).all(|(a, mu)| *a == other_law[usize::from(*mu)]));
    assert_eq!(place.archive.wave(call, Some(2)).unwrap().len(), 58 + 300);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_stretch_of_the_sound_is_that_stretch(from in 0..26_000u64, length in 0..20_000u64) {
        let place = Place::shared();
        let wave = place.archive.wave(about(1).call, None).unwrap();
        let whole = wave.read(0, u64::MAX).unwrap();
        let stretch = wave.read(from, from + length).unwrap();
        let end = whole.len().min((from + length) as usize);
        prop_assert_eq!(&stretch[..], &whole[end.min(from as usize)..end]);
    }

    #[test]
    fn nothing_that_lies_there_makes_the_reader_panic(
        cut in 0..20_000usize,
        changes in proptest::collection::vec((0..20_000usize, any::<u8>()), 0..5),
        noise in any::<bool>(),
    ) {
        let place = Place::new();
        place.record(1, Law::A, &octets(2 * BLOCK));
        let mut file = fs::read(place.file(1)).unwrap();
        if noise {
            file = octets(cut);
            file.splice(..0, *b"L122REC\x01");
        }
        file.truncate(cut.max(1));
        let length = file.len();
        for (at, octet) in changes {
            file[at % length] = octet;
        }
        fs::write(place.file(1), file).unwrap();
        if let Ok(part) = place.archive.open(place.kept(1)) {
            let _ = part.check();
            let _ = Wave::of(vec![part]).unwrap().read(0, u64::MAX);
        }
    }
}
