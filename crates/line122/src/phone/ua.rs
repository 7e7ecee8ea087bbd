//! The built-in phone as a value: one line, one call at a time.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use ambient::{Entropy, Mono, Now, Timers};
use dialplan::plan::MediaSecurity;
use media::{Command, GroupKey, Key, PlayId, StreamId, StreamStats};
use proxy::Dial;
use sip::endpoint::EndpointConfig;
use sip::sdp::{Chosen, Codec};
use sip::values::NameAddr;
use sip::{
    Endpoint, Event, Flow, HeaderName, Listener, Message, Method, NextHop, ServerTx, StatusCode,
    Transport, UriBuf,
};
use switch::legs::{Ended, Invite, Invited, LegEvent, LegId, LegSettings, Legs};
use switch::{Input, Output, peer_of};

use super::registration::Registration;

/// The clip that the phone speaks, in its library.
pub(crate) const VOICE: &str = "voice";
/// The clip that it speaks when the voice has ended: silence is sent as packets, too.
pub(crate) const SILENCE: &str = "silence";

/// Its owner notices silence by ear.
const NOTICED_BY_EAR: Duration = Duration::from_secs(3600);
const T1: Duration = Duration::from_millis(500);
/// From the answer to the first key, and what a comma among the keys means: time to hear the menu.
const PAUSE: Duration = Duration::from_secs(2);
/// From one key to the next.
const BETWEEN_KEYS: Duration = Duration::from_millis(500);
/// How long the phone rings before it answers by itself.
const RING: Duration = Duration::from_secs(1);

/// What the phone is to do.
#[derive(Clone, Debug)]
pub(crate) struct UaSettings {
    /// The server's address.
    pub(crate) server: SocketAddr,
    /// Over UDP or TCP.
    pub(crate) transport: Transport,
    /// The server as it was named, for URIs: host, or host and port.
    pub(crate) domain: String,
    /// Our number.
    pub(crate) user: String,
    /// The password, for a registered phone.
    pub(crate) password: Option<String>,
    /// Registers and waits for calls.
    pub(crate) register: bool,
    /// Answers by itself.
    pub(crate) answer: bool,
    /// The number to call at once.
    pub(crate) dial: Option<String>,
    /// Keys to press after the answer; a comma is a pause.
    pub(crate) keys: String,
    /// How long to talk before hanging up.
    pub(crate) talk: Option<Duration>,
    /// Says its voice again and again.
    pub(crate) repeats_voice: bool,
}

/// What the phone's owner sees and hears.
#[derive(Debug)]
pub(crate) enum News {
    Registered,
    RegistrationFailed(StatusCode),
    /// Somebody calls: what the display shows.
    Called(String),
    Ringing,
    EarlyMedia,
    Answered,
    KeySent(char),
    Heard(Box<[i16; 160]>),
    Refused(StatusCode),
    NoPorts,
    EndedByPeer,
    Lost,
    Figures(StreamStats),
}

/// The phone.
pub(crate) struct Ua {
    pub(super) settings: UaSettings,
    pub(super) endpoint: Endpoint,
    legs: Legs,
    registration: Registration,
    call: Option<Call>,
    streams: u64,
    timers: Timers<UaTimer>,
    ending: bool,
    has_ended: bool,
    pub(super) news: Box<dyn Fn(News) + Send>,
    out: VecDeque<Output>,
}

struct Call {
    stream: StreamId,
    stage: Stage,
    keys: VecDeque<char>,
    plays: u64,
}

#[derive(Clone, Copy)]
enum Stage {
    /// Ports are being opened, to dial.
    Preparing,
    /// The leg is being called, rings, or talks.
    Leg { leg: LegId, incoming: bool, talks: bool },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum UaTimer {
    Answer,
    Key,
    HangUp,
    Register,
    GiveUp,
}

impl Ua {
    /// Begins to do what the settings say.
    pub(crate) fn new(
        now: Now,
        settings: UaSettings,
        listeners: Vec<Listener>,
        mut entropy: Entropy,
        news: impl Fn(News) + Send + 'static,
    ) -> Ua {
        let t2 = Duration::from_secs(4);
        let config = EndpointConfig {
            listeners,
            t1: T1,
            t2,
            t4: Duration::from_secs(5),
            transactions_max: 64,
        };
        let legs = LegSettings {
            session_expires: Duration::from_secs(1800),
            t1: T1,
            t2,
            fingerprint: None,
        };
        let registration = Registration::new(&settings, &mut entropy);
        let mut ua = Ua {
            endpoint: Endpoint::new(config, entropy.fork()),
            legs: Legs::new(legs, entropy.fork()),
            registration,
            call: None,
            streams: 0,
            timers: Timers::default(),
            ending: false,
            has_ended: false,
            news: Box::new(news),
            out: VecDeque::new(),
            settings,
        };
        if ua.settings.register {
            ua.register(now);
        }
        if ua.settings.dial.is_some() {
            let keys = ua.settings.keys.chars().collect();
            ua.open_stream(Stage::Preparing, keys);
        }
        ua.drain(now);
        ua
    }

    /// Takes a call that rings.
    pub(crate) fn answer(&mut self, now: Now) {
        if let Some(Call { stage: Stage::Leg { leg, incoming: true, talks: false }, .. }) =
            self.call
        {
            self.timers.disarm(&UaTimer::Answer);
            self.legs.answer(now, &mut self.endpoint, leg);
        }
        self.drain(now);
    }

    /// Presses keys (RFC 4733).
    pub(crate) fn press(&mut self, now: Now, keys: &str) {
        if let Some(call) = &mut self.call {
            call.keys.extend(keys.chars());
            self.timers.arm(UaTimer::Key, now.mono);
        }
    }

    /// Hangs up, signs off, and ends.
    pub(crate) fn end(&mut self, now: Now) {
        if self.ending {
            return;
        }
        self.ending = true;
        if let Some(Call { stage: Stage::Leg { leg, .. }, .. }) = self.call {
            self.legs.hang_up(now, &mut self.endpoint, leg);
        }
        self.close_call();
        if self.settings.register {
            self.registration.sign_off(now, &mut self.endpoint, &self.settings);
        }
        // A server that does not answer is not waited for.
        self.timers.arm(UaTimer::GiveUp, now.mono + PAUSE);
        self.drain(now);
    }
}

impl runtime::Core for Ua {
    fn handle(&mut self, now: Now, input: Input) {
        match input {
            Input::Packet { flow, payload } => {
                self.endpoint.handle_packet(now, flow, payload);
            }
            Input::FlowFailed(flow) => self.endpoint.handle_flow_failed(now, &flow),
            Input::Dns(answer) => self.endpoint.handle_dns(now, answer),
            Input::Media(event) => self.on_media(now, event),
            Input::Persisted(_)
            | Input::Speech { .. }
            | Input::Suspect { .. }
            | Input::Identified { .. }
            | Input::Vouched { .. } => {}
            Input::Drain { .. } => self.end(now),
        }
        self.drain(now);
    }

    fn handle_timeout(&mut self, now: Now) {
        self.endpoint.handle_timeout(now);
        self.legs.handle_timeout(now, &mut self.endpoint);
        while let Some(timer) = self.timers.pop_due(now.mono) {
            match timer {
                UaTimer::Answer => self.answer(now),
                UaTimer::Key => self.send_key(now),
                UaTimer::HangUp => self.end(now),
                UaTimer::Register => self.register(now),
                UaTimer::GiveUp => self.finish(),
            }
        }
        self.drain(now);
    }

    fn poll_output(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    fn next_timeout(&self) -> Option<Mono> {
        let all = [self.endpoint.next_timeout(), self.legs.next_timeout(), self.timers.next()];
        all.into_iter().flatten().min()
    }
}

impl Ua {
    /// Brings what happened inside to its end, and collects what goes out.
    fn drain(&mut self, now: Now) {
        loop {
            if let Some(event) = self.endpoint.poll_event() {
                self.on_sip(now, event);
            } else if let Some((leg, event)) = self.legs.poll_event() {
                self.on_leg(now, leg, event);
            } else {
                break;
            }
        }
        while let Some(packet) = self.endpoint.poll_transmit() {
            self.out.push_back(Output::Packet(packet));
        }
        while let Some(query) = self.endpoint.poll_dns() {
            self.out.push_back(Output::Dns(query));
        }
        let is_signed_off = !self.settings.register || self.registration.is_signed_off();
        if self.ending && self.call.is_none() && self.legs.count() == 0 && is_signed_off {
            self.finish();
        }
    }

    fn finish(&mut self) {
        if !self.has_ended {
            self.has_ended = true;
            self.out.push_back(Output::Drained);
        }
    }

    fn register(&mut self, now: Now) {
        self.registration.sign_on(now, &mut self.endpoint, &self.settings);
    }

    fn on_sip(&mut self, now: Now, event: Event) {
        if let Some(leg) = self.legs.owner_of(&event) {
            return self.legs.handle_event(now, &mut self.endpoint, leg, event);
        }
        if self.registration.owns(&event) {
            let outcome = self.registration.handle(now, &mut self.endpoint, &self.settings, &event);
            if let Some(result) = outcome {
                (self.news)(match result {
                    Ok(again) => {
                        self.timers.arm(UaTimer::Register, now.mono + again);
                        News::Registered
                    }
                    Err(status) => News::RegistrationFailed(status),
                });
            }
            return;
        }
        match event {
            Event::Request { tx, message, flow } if *message.method() == Method::Invite => {
                self.on_invite(now, tx, &message, flow);
            }
            Event::Request { tx, message, .. } => {
                let status = match message.method() {
                    Method::Options | Method::Notify => StatusCode(200),
                    _ => StatusCode(405),
                };
                let mut response = Message::response(&message, status);
                response.set_to_tag("phone");
                self.endpoint.respond(now, tx, response);
            }
            Event::Ack { .. }
            | Event::Cancelled { .. }
            | Event::Response { .. }
            | Event::Failed { .. }
            | Event::StrayResponse { .. }
            | Event::ServerDone { .. }
            | Event::ClientDone { .. } => {}
        }
    }

    fn on_invite(&mut self, now: Now, tx: ServerTx, message: &Message, flow: Flow) {
        if self.call.is_some() || self.ending {
            let mut response = Message::response(message, StatusCode(486));
            response.set_to_tag("busy");
            return self.endpoint.respond(now, tx, response);
        }
        let from = message.header(HeaderName::From).unwrap_or_default();
        let shown = NameAddr::parse(from).map(|from| from.display.to_owned()).unwrap_or_default();
        let contact_user = self.settings.user.clone();
        let invited = Invited {
            tx,
            request: message,
            flow,
            prefer_flow: true,
            contact_user: &contact_user,
            media: MediaSecurity::default(),
        };
        if let Ok(leg) = self.legs.accept_invite(now, &mut self.endpoint, invited) {
            (self.news)(News::Called(shown));
            self.open_stream(Stage::Leg { leg, incoming: true, talks: false }, VecDeque::new());
        }
    }

    fn open_stream(&mut self, stage: Stage, keys: VecDeque<char>) {
        self.streams += 1;
        let stream = StreamId(self.streams);
        self.call = Some(Call { stream, stage, keys, plays: 0 });
        self.out.push_back(Output::Media(Command::Open { stream, group: GroupKey(0) }));
        self.out.push_back(Output::Media(Command::Listen { stream, on: true }));
    }

    fn on_media(&mut self, now: Now, event: media::Event) {
        let of_call = |stream: StreamId| self.call.as_ref().is_some_and(|c| c.stream == stream);
        match event {
            media::Event::Opened { stream, local } if of_call(stream) => self.opened(now, local),
            media::Event::OpenFailed { stream } if of_call(stream) => {
                (self.news)(News::NoPorts);
                self.end(now);
            }
            media::Event::Played { stream, .. } if of_call(stream) => {
                self.play(SILENCE, true);
            }
            media::Event::Heard { samples, .. } => (self.news)(News::Heard(samples)),
            media::Event::Closed { stats, .. } => (self.news)(News::Figures(stats)),
            media::Event::Opened { .. }
            | media::Event::OpenFailed { .. }
            | media::Event::Played { .. }
            | media::Event::FirstPacket { .. }
            | media::Event::Key { .. }
            | media::Event::Narrowed { .. }
            | media::Event::Dead { .. } => {}
        }
    }

    fn opened(&mut self, now: Now, local: SocketAddr) {
        match self.call.as_ref().map(|call| call.stage) {
            Some(Stage::Preparing) => self.dial(now, local),
            Some(Stage::Leg { leg, .. }) => {
                self.legs.set_local_media(leg, local);
                self.legs.ring(now, &mut self.endpoint, leg, StatusCode(180));
                if self.settings.answer {
                    self.timers.arm(UaTimer::Answer, now.mono + RING);
                }
            }
            None => {}
        }
    }

    fn dial(&mut self, now: Now, local: SocketAddr) {
        let settings = &self.settings;
        let number = settings.dial.as_deref().unwrap_or_default();
        let to = UriBuf::parse(&format!("sip:{number}@{}", settings.domain));
        let from = UriBuf::parse(&format!("sip:{}@{}", settings.user, settings.domain));
        let (Ok(uri), Ok(from_uri)) = (to, from) else {
            (self.news)(News::Refused(StatusCode(484)));
            return self.end(now);
        };
        let credentials = settings.password.as_ref().map(|password| proxy::Credentials {
            user: settings.user.as_str().into(),
            password: password.as_str().into(),
        });
        let next_hop = NextHop::Flow(Flow::to(settings.transport, settings.server));
        let dial = Dial {
            uri,
            route: Vec::new(),
            next_hop,
            credentials,
            from_uri,
            trunk: None,
            media: MediaSecurity::default(),
        };
        let invite = Invite {
            dial,
            display: "".into(),
            contact_user: settings.user.as_str().into(),
            local,
            prefer: Codec::Pcma,
            headers: Vec::new(),
            has_other_way: false,
        };
        let leg = self.legs.invite(now, &mut self.endpoint, invite);
        if let (Some(leg), Some(call)) = (leg, &mut self.call) {
            call.stage = Stage::Leg { leg, incoming: false, talks: false };
        }
    }

    fn on_leg(&mut self, now: Now, leg: LegId, event: LegEvent) {
        let Some(Call { stage: Stage::Leg { leg: current, incoming, talks }, .. }) = self.call
        else {
            return;
        };
        if leg != current {
            return;
        }
        match event {
            LegEvent::Ringing => (self.news)(News::Ringing),
            LegEvent::EarlyMedia(chosen) => {
                (self.news)(News::EarlyMedia);
                self.connect(chosen);
            }
            LegEvent::Answered(chosen) => {
                self.connect(chosen);
                self.begin_talk(now);
            }
            LegEvent::Media(chosen) => {
                self.connect(chosen);
                if incoming && !talks {
                    self.begin_talk(now);
                }
            }
            LegEvent::Refused(status) => self.over(now, News::Refused(status)),
            LegEvent::Ended(Ended::ByPeer) => self.over(now, News::EndedByPeer),
            LegEvent::Ended(Ended::Lost) => self.over(now, News::Lost),
            // There is nobody at this phone who could call somebody else.
            LegEvent::Refer(_) => {
                self.legs.refuse_refer(now, &mut self.endpoint, leg, StatusCode(603));
            }
            LegEvent::Key(_) | LegEvent::Referred(_) | LegEvent::Alive => {}
        }
    }

    fn begin_talk(&mut self, now: Now) {
        (self.news)(News::Answered);
        if let Some(call) = &mut self.call {
            if let Stage::Leg { talks, .. } = &mut call.stage {
                *talks = true;
            }
            if !call.keys.is_empty() {
                self.timers.arm(UaTimer::Key, now.mono + PAUSE);
            }
        }
        if let Some(talk) = self.settings.talk {
            self.timers.arm(UaTimer::HangUp, now.mono + talk);
        }
        self.play(VOICE, self.settings.repeats_voice);
    }

    fn connect(&mut self, chosen: Chosen) {
        let Some(call) = &self.call else { return };
        let peer = peer_of(chosen, NOTICED_BY_EAR);
        self.out.push_back(Output::Media(Command::Connect { stream: call.stream, peer }));
    }

    fn play(&mut self, clip: &str, forever: bool) {
        let Some(call) = &mut self.call else { return };
        call.plays += 1;
        self.out.push_back(Output::Media(Command::Play {
            stream: call.stream,
            play: PlayId(call.plays),
            clips: vec![clip.into()],
            forever,
        }));
    }

    /// Presses the next of the keys; a comma only waits.
    fn send_key(&mut self, now: Now) {
        let Some(call) = &mut self.call else { return };
        let Some(key) = call.keys.pop_front() else { return };
        let wait = if key == ',' { PAUSE } else { BETWEEN_KEYS };
        let stream = call.stream;
        if !call.keys.is_empty() {
            self.timers.arm(UaTimer::Key, now.mono + wait);
        }
        if let Ok(label) = u8::try_from(key)
            && key != ','
        {
            let keys = vec![Key(label.to_ascii_uppercase())];
            self.out.push_back(Output::Media(Command::SendKeys { stream, keys }));
            (self.news)(News::KeySent(key));
        }
    }

    /// The call is over; a phone that only called is done.
    fn over(&mut self, now: Now, news: News) {
        self.close_call();
        (self.news)(news);
        if !self.settings.register {
            self.end(now);
        }
    }

    fn close_call(&mut self) {
        for timer in [UaTimer::Answer, UaTimer::Key, UaTimer::HangUp] {
            self.timers.disarm(&timer);
        }
        if let Some(call) = self.call.take() {
            self.out.push_back(Output::Media(Command::Close { stream: call.stream }));
        }
    }
}
