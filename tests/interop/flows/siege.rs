//! A talk in progress, measured while the line is attacked.

use std::net::SocketAddr;
use std::time::Duration;

use interop::{Block, Host, Line, Setup, Sipp, Sound};

use crate::desks::{Citizen, Desk};

/// A citizen and an operator who talk. The line belongs to a plan in which only the block of the
/// test is a trunk, so that everybody else is a stranger.
pub(crate) struct Siege {
    pub(crate) line: Line,
    citizen: Citizen,
    operator: Desk,
    _at_desk: Sipp,
    strangers: Block,
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
        citizen.desk.sound.hum(1000.0);
        operator.sound.hum(700.0);
        let siege = Siege { line, citizen, operator, _at_desk: at_desk, strangers: Block::claim() };
        siege.goes_on();
        siege
    }

    /// An address in no network of the plan.
    pub(crate) fn stranger(&self) -> Host {
        self.strangers.host()
    }

    /// Both hear each other, and what the line sends is without a gap.
    #[track_caller]
    pub(crate) fn goes_on(&self) {
        for (sound, tone) in [(&self.citizen.desk.sound, 700.0), (&self.operator.sound, 1000.0)] {
            sound.forget();
            sound.wait_tone(tone);
            let packets = sound.packets();
            let lost = packets
                .windows(2)
                .filter(|pair| pair[1].sequence != pair[0].sequence.wrapping_add(1))
                .count();
            assert_eq!(lost, 0, "of {} packets to {}", packets.len(), sound.local());
            assert!(
                packets.windows(2).all(|pair| pair[1].ssrc == pair[0].ssrc),
                "one source is heard"
            );
        }
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
}

fn source_of(sound: &Sound) -> SocketAddr {
    sound.packets().last().expect("something is heard").from
}
