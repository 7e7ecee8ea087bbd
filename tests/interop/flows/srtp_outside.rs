//! SRTP with carriers that the line calls over TLS: rtpengine answers for them.

use std::time::Duration;

use interop::rtpengine::Value;
use interop::sipp::Message;
use interop::tls::{Authority, TlsPeer};
use interop::{Host, Line, Setup, Sipp, Sound};

use crate::desks::Desk;
use crate::dtls::{Gateway, media_of};
use crate::mutual_tls::{Carrier, NO_BODY, dials_outside, response, with_body};

/// An operator who calls a number at a carrier whose trunk protects media so.
struct Call {
    line: Line,
    operator: Desk,
    sipp: Sipp,
    host: Host,
    carrier: TlsPeer,
    invite: Message,
}

impl Call {
    fn begin(srtp: &str, then: impl FnOnce(interop::Scenario) -> interop::Scenario) -> Call {
        let authority = Authority::new("ours");
        let setup = Setup::demo().with_tls().believes(&authority);
        let host = setup.host();
        let own = authority.signs(&host.ip().to_string());
        let carrier = Carrier::new(host, own, &setup.certificate());
        let trunk = format!("{}srtp = \"{srtp}\"\n", Carrier::trunk(host));
        let line = setup.plan("outside.toml", &trunk).start();
        let operator = Desk::of_agent(&line, "201");
        let sipp = operator.plays(&line, then(dials_outside(&operator)));
        let mut carrier = carrier.accept();
        let invite = carrier.receive().expect("the line calls");
        assert!(invite.text.starts_with("INVITE "), "{}", invite.text);
        Call { line, operator, sipp, host, carrier, invite }
    }

    fn answers(&mut self, sdp: String) {
        let answer = response(self.host, &self.invite, "200 OK", &with_body(sdp));
        self.carrier.send(&answer).expect("sent");
        let ack = self.carrier.receive().expect("an ACK");
        assert!(ack.text.starts_with("ACK "), "{}", ack.text);
    }

    fn hears_bye(&mut self) {
        let bye = self.carrier.receive().expect("a BYE");
        assert!(bye.text.starts_with("BYE "), "{}", bye.text);
        self.carrier.send(&response(self.host, &bye, "200 OK", NO_BODY)).expect("sent");
    }

    /// rtpengine takes the line's offer for a telephone without SRTP, and answers with SRTP.
    fn answers_by(&mut self, gateway: &mut Gateway, far: &Sound, profile: &str) -> String {
        let text = Value::Text;
        let call = [("call-id", text("1")), ("from-tag", text("a")), ("ICE", text("remove"))];
        let offer = [
            ("command", text("offer")),
            ("sdp", text(self.invite.body())),
            ("transport-protocol", text("RTP/AVP")),
            ("DTLS", text("off")),
        ];
        let seen = gateway.control.describe(&[&call[..], &offer].concat()).expect("an offer");
        far.talk_to(media_of(&seen));
        let plain = far.sdp().to_string().replace("\r\n", "\n").replace('\n', "\r\n");
        let answer = [
            ("command", text("answer")),
            ("to-tag", text("b")),
            ("sdp", text(&plain)),
            ("transport-protocol", text(profile)),
            ("DTLS", text("off")),
        ];
        let answered = gateway.control.describe(&[&call[..], &answer].concat()).expect("an answer");
        self.answers(answered.replace("\r\n", "\n"));
        answered
    }

    #[track_caller]
    fn they_hear_each_other(mut self, far: &Sound) {
        self.operator.sound.hum(700.0);
        far.hum(500.0);
        far.wait_tone(700.0);
        self.operator.sound.wait_tone(500.0);
        self.sipp.nudge();
        self.hears_bye();
        self.sipp.finish();
        self.line.wait_calls(0);
        assert!(!self.line.log().contains("inline:"), "keys are not logged");
    }
}

#[test]
fn a_carrier_that_must_protect_media_does() {
    let mut call = Call::begin("required", |call| call.gets_answer().nudged().hangs_up());
    let offer = call.invite.body().to_owned();
    assert!(offer.contains(" RTP/SAVP ") && offer.contains("a=crypto:1 AES_CM_128"), "{offer}");
    let (mut gateway, far) = (Gateway::start(&call.line), Sound::open(&call.line.host()));
    let answer = call.answers_by(&mut gateway, &far, "RTP/SAVP");
    assert!(answer.contains(" RTP/SAVP ") && answer.contains("a=crypto:"), "{answer}");
    call.they_hear_each_other(&far);
}

#[test]
fn a_carrier_that_answers_in_the_open_where_protection_is_required_hears_nothing() {
    let mut call = Call::begin("required", |call| call.gets_refusal(488));
    let far = Sound::open(&call.host);
    call.operator.sound.hum(700.0);
    call.answers(far.sdp().to_string());
    call.hears_bye();
    let Call { line, sipp, .. } = call;
    sipp.finish();
    line.wait_calls(0);
    std::thread::sleep(Duration::from_millis(300));
    assert!(far.packets().is_empty(), "not a word in the open");
}

#[test]
fn a_carrier_is_talked_with_in_the_open_where_protection_is_only_preferred() {
    let mut call = Call::begin("preferred", |call| call.gets_answer().nudged().hangs_up());
    let offer = call.invite.body().to_owned();
    assert!(offer.contains(" RTP/AVP ") && offer.contains("a=crypto:1 AES_CM_128"), "{offer}");
    let far = Sound::open(&call.host);
    call.answers(far.sdp().to_string());
    call.they_hear_each_other(&far);
}

#[test]
fn a_carrier_without_protection_is_offered_no_keys() {
    let mut call = Call::begin("off", |call| call.gets_answer().nudged().hangs_up());
    let offer = call.invite.body().to_owned();
    assert!(offer.contains(" RTP/AVP ") && !offer.contains("a=crypto:"), "{offer}");
    let far = Sound::open(&call.host);
    call.answers(far.sdp().to_string());
    call.they_hear_each_other(&far);
}
