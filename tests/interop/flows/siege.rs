//! A talk in progress, measured before, during and after an attack on the line.

use std::net::SocketAddr;
use std::time::{Duration, Instant, SystemTime};

use interop::audio::tone_share;
use interop::rtp::{PACKET, Packet};
use interop::{Block, Host, Line, Setup, Sipp, Sound};

use crate::desks::{Citizen, Desk};

/// How long the talk is measured before an attack, after it, and at least during it.
const STRETCH: Duration = Duration::from_secs(1);
/// The longest pause between two packets that the line may add. It is a bound of behaviour, wide
/// enough for a busy machine: a line that waits for an attacker waits for seconds.
const PAUSE_MAX: Duration = Duration::from_millis(200);
const PACKET_TIME: Duration = Duration::from_millis(20);
/// How much sound is looked at for the tone at a time.
const WINDOW: usize = 15 * PACKET;

/// A citizen and an operator who talk. The line belongs to a plan in which only the block of the
/// test is a trunk, so that everybody else is a stranger.
pub(crate) struct Siege {
    pub(crate) line: Line,
    citizen: Citizen,
    operator: Desk,
    _at_desk: Sipp,
    strangers: Block,
}

/// One direction of the talk.
struct Way<'a> {
    said: &'a Sound,
    tone: f64,
    heard: &'a Sound,
}

impl Siege {
    pub(crate) fn begin() -> Siege {
        Siege::begin_with(|setup| setup)
    }

    pub(crate) fn begin_with(change: impl FnOnce(Setup) -> Setup) -> Siege {
        let setup = Setup::demo().with_short_menu();
        let ours = setup.host().ip().to_string();
        let network = ours.rsplit_once('.').map(|(network, _)| format!("{network}.0/24"));
        let network = network.expect("a block has IPv4 addresses");
        let line = change(setup.replace("127.0.0.0/8", &network)).start();
        let operator = Desk::of_agent(&line, "201");
        let mut at_desk = operator.talks_until_bye(&line);
        let citizen = Citizen::dials(&line, "122");
        citizen.presses('0');
        at_desk.wait_told("talks");
        let siege = Siege { line, citizen, operator, _at_desk: at_desk, strangers: Block::claim() };
        begin_to_talk(&siege.ways());
        siege
    }

    /// An address in no network of the plan.
    pub(crate) fn stranger(&self) -> Host {
        self.strangers.host()
    }

    /// The talk notices nothing of an attack: before, during and after it no packet is lost, as many
    /// come as the time wants, none is late, and both hear each other and nobody else. Gives what
    /// the attack gives.
    #[track_caller]
    pub(crate) fn withstands<T>(&self, attack: impl FnOnce() -> T) -> T {
        for way in self.ways() {
            way.heard.forget();
        }
        let start = clock();
        std::thread::sleep(STRETCH);
        let begun = (clock(), Instant::now());
        let given = attack();
        // What the line still works off is part of a short attack.
        std::thread::sleep(STRETCH.saturating_sub(begun.1.elapsed()));
        let ended = clock();
        std::thread::sleep(STRETCH);
        let end = clock();
        for way in self.ways() {
            let packets = way.heard.packets();
            way.check_whole(&packets);
            way.check("before", &packets, start, begun.0);
            way.check("during", &packets, begun.0, ended);
            way.check("after", &packets, ended, end);
        }
        given
    }

    /// A citizen who calls now is answered by the robot.
    #[track_caller]
    pub(crate) fn calls_are_answered(&self) {
        let citizen = Citizen::dials(&self.line, "122");
        citizen.desk.sound.wait_heard(Duration::from_millis(100));
        citizen.hangs_up();
    }

    /// Where the line has its side of the citizen's sound.
    pub(crate) fn line_media(&self) -> SocketAddr {
        source_of(&self.citizen.desk.sound)
    }

    /// Where it has its side of the operator's.
    pub(crate) fn operator_media(&self) -> SocketAddr {
        source_of(&self.operator.sound)
    }

    fn ways(&self) -> [Way<'_>; 2] {
        ways(&self.citizen.desk.sound, &self.operator.sound)
    }
}

/// For so long these two hear each other and nobody else.
#[track_caller]
pub(crate) fn talk_undisturbed(citizen: &Sound, operator: &Sound, length: Duration) {
    let ways = ways(citizen, operator);
    begin_to_talk(&ways);
    let from = clock();
    std::thread::sleep(length);
    let to = clock();
    for way in ways {
        way.check("beside", &way.heard.packets(), from, to);
    }
}

fn ways<'a>(citizen: &'a Sound, operator: &'a Sound) -> [Way<'a>; 2] {
    [
        Way { said: citizen, tone: 1000.0, heard: operator },
        Way { said: operator, tone: 700.0, heard: citizen },
    ]
}

fn begin_to_talk(ways: &[Way<'_>; 2]) {
    for way in ways {
        way.said.hum(way.tone);
    }
    for way in ways {
        way.heard.wait_tone(way.tone);
    }
}

impl Way<'_> {
    /// One source, whose sequence has no gap.
    #[track_caller]
    fn check_whole(&self, packets: &[Packet]) {
        let follows = |pair: &[Packet]| {
            let sequence = pair[0].sequence.wrapping_add(1);
            (sequence, pair[0].ssrc, pair[0].from) == (pair[1].sequence, pair[1].ssrc, pair[1].from)
        };
        let broken = packets.windows(2).filter(|pair| !follows(pair)).count();
        assert_eq!(broken, 0, "of {} packets to {}", packets.len(), self.heard.local());
    }

    /// From one time to another packets came as evenly as they were sent, with the far side's tone.
    #[track_caller]
    fn check(&self, when: &str, packets: &[Packet], from: Duration, to: Duration) {
        // A phone of ours that was kept from speaking by a busy machine is not the line's fault.
        let bound = PAUSE_MAX + longest_pause(&self.said.sent(), from, to);
        let times: Vec<Duration> = packets.iter().map(|packet| packet.at).collect();
        let pause = longest_pause(&times, from, to);
        let place = format!("{when} the attack, to {}", self.heard.local());
        assert!(pause <= bound, "a pause of {pause:?} {place}, {bound:?} may be");

        let came = packets.iter().filter(|packet| (from..to).contains(&packet.at)).count();
        let wanted = (to - from).div_duration_f64(PACKET_TIME);
        let tolerance = bound.div_duration_f64(PACKET_TIME);
        let missing = wanted - came as f64;
        assert!(missing.abs() <= tolerance, "{came} packets of {wanted:.0} {place}");

        let sound = self.heard.heard_between(from, to);
        let strange = |window: &&[i16]| tone_share(window, self.tone) < 0.8;
        let strange = sound.chunks_exact(WINDOW).filter(strange).count();
        assert_eq!(strange, 0, "windows of {} without the tone {place}", sound.len() / WINDOW);
    }
}

/// The longest time without an event that ended within this stretch.
fn longest_pause(times: &[Duration], from: Duration, to: Duration) -> Duration {
    let pairs = times.windows(2).filter(|pair| (from..to).contains(&pair[1]));
    pairs.map(|pair| pair[1].saturating_sub(pair[0])).max().unwrap_or(to - from)
}

/// The time by which packets are stamped: since the Unix epoch.
fn clock() -> Duration {
    SystemTime::UNIX_EPOCH.elapsed().expect("a clock after 1970")
}

/// Sends for so long, as fast as the machine can; gives how often.
pub(crate) fn flood(length: Duration, mut send: impl FnMut(usize)) -> usize {
    let begun = Instant::now();
    let mut count = 0;
    while begun.elapsed() < length {
        send(count);
        count += 1;
    }
    count
}

/// Where the line has its side of this phone's sound.
pub(crate) fn source_of(sound: &Sound) -> SocketAddr {
    sound.packets().last().expect("something is heard").from
}
