//! The harness itself: SIPp calls SIPp.

use super::*;
use crate::audio::wav;
use crate::block::Block;
use crate::folder::Folder;
use crate::rtp::Sound;

const ONCE: Pace = Pace::Few { calls: 1, rate: 1 };

fn pair(
    caller: impl FnOnce(Scenario) -> Scenario,
    callee: impl FnOnce(Scenario) -> Scenario,
    during: impl FnOnce(&mut Sipp, &mut Sipp, &Sound, &Sound),
) -> (Trace, Trace) {
    let (block, folder) = (Block::claim(), Folder::new());
    let (a, b) = (block.host(), block.host());
    let (sound_a, sound_b) = (Sound::open(&a), Sound::open(&b));
    sound_a.talk_to(sound_b.local());
    let callee = callee(Scenario::callee());
    let caller = caller(Scenario::call("122", sound_a.sdp()));
    let mut callee = Sipp::play(a.sip(), folder.path(), &b, &callee, ONCE);
    let mut caller = Sipp::play(b.sip(), folder.path(), &a, &caller, ONCE);
    during(&mut caller, &mut callee, &sound_a, &sound_b);
    (caller.finish(), callee.finish())
}

#[test]
fn a_call_with_a_nudge_and_a_new_offer() {
    let sdp = "v=0\n";
    let (caller, callee) = pair(
        |caller| caller.answered().nudged().reinvites(sdp).hears_bye(),
        |callee| {
            let callee =
                callee.rings().answers(sdp).receives("INVITE").accepts("Content-Length: 0\n");
            callee.receives("ACK").hangs_up()
        },
        |caller, _, _, _| caller.nudge(),
    );
    assert_eq!(caller.first("180").header("CSeq"), Some("1 INVITE"));
    assert_eq!(callee.first("INVITE").body().lines().next(), Some("v=0"));
    assert_eq!(callee.received("ACK").count(), 2);
}

#[test]
fn a_caller_who_cancels() {
    let (caller, _) = pair(
        |caller| caller.invites().gets(180).cancels(),
        |callee| callee.rings().is_cancelled(),
        |_, _, _, _| {},
    );
    assert_eq!(caller.first("487").header("CSeq"), Some("1 INVITE"));
}

#[test]
fn a_caller_who_is_refused() {
    let (caller, _) = pair(
        |caller| caller.invites().gets_refusal(486),
        |callee| callee.is_called().refuses("486 Busy Here"),
        |_, _, _, _| {},
    );
    assert_eq!(caller.first("486").header("CSeq"), Some("1 INVITE"));
}

#[test]
fn sound_comes_as_it_was_sent() {
    let sdp = "v=0\n";
    let during = |_: &mut Sipp, callee: &mut Sipp, a: &Sound, b: &Sound| {
        callee.wait_told("answered");
        a.say(&wav::prompt("welcome"));
        b.wait_prompt("welcome");
        a.press('5');
        b.hum(700.0);
        a.wait_tone(700.0);
        let events = || b.packets().into_iter().filter(|p| p.payload_type == 101).count();
        until("the key", PATIENCE, || (events() == 7).then_some(()));
        callee.nudge();
    };
    pair(
        |caller| caller.answered().hears_bye(),
        |callee| callee.rings().answers(sdp).tells("answered").nudged().hangs_up(),
        during,
    );
}
