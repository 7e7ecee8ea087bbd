use std::time::Duration;

use dialplan::AgentId;
use serde::{Deserialize, Serialize};

use crate::{CallId, Side};

/// How one side of a call was heard and could hear: told when its stream has ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    /// The call.
    pub call: CallId,
    /// Milliseconds since the Unix epoch.
    pub at: i64,
    /// Which side.
    pub side: Side,
    /// The agent on that side, if it was one.
    pub agent: Option<AgentId>,
    /// How well.
    pub quality: Quality,
}

/// Figures of a stream between us and a phone (RFC 3550 §6.4.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quality {
    /// What came from the phone, as we counted it.
    pub from: Direction,
    /// What went to the phone, as its reports counted it; `None` without reports.
    pub to: Option<Direction>,
    /// Round trip between us and the phone, in microseconds; `None` if it was not measured.
    pub round_trip: Option<u32>,
}

/// One direction of a stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Direction {
    /// Packets that were sent, as far as is known.
    pub packets: u64,
    /// Packets that never came.
    pub lost: u64,
    /// Interarrival jitter at the end, in microseconds.
    pub jitter: u32,
}

impl Direction {
    /// Share of the packets that never came, from 0 to 1.
    #[must_use]
    pub fn loss(&self) -> f64 {
        if self.packets == 0 { 0.0 } else { (self.lost as f64 / self.packets as f64).min(1.0) }
    }
}

impl Quality {
    /// Estimated mean opinion score of the worse direction, from 1 (bad) to 4.4 (the best that G.711
    /// can be); `None` if nothing was sent in any.
    ///
    /// The E-model of ITU-T G.107 with its default values, for G.711 with concealment of lost packets
    /// (G.113, appendix I: Ie = 0, Bpl = 25.1), losses that do not come in bursts, and a delay of half
    /// a round trip, a packet and twice the jitter. It judges the way between us and the phone: not
    /// the other side, no echo, no microphone.
    #[must_use]
    pub fn mos(&self) -> Option<f64> {
        let trip = Duration::from_micros(self.round_trip.unwrap_or(0).into());
        let directions = [Some(self.from), self.to].into_iter().flatten();
        directions
            .filter(|direction| direction.packets > 0)
            .map(|direction| mos(direction, trip))
            .reduce(f64::min)
    }
}

/// Length of a packet.
const PACKET: Duration = Duration::from_millis(20);
/// R of a call without any impairment but those of its default values (G.107, table 3).
const R_MAX: f64 = 93.2;
/// How well lost packets are concealed (G.113, appendix I).
const BPL: f64 = 25.1;
/// Milliseconds from which on delay disturbs a talk (the usual approximation of G.107's Id).
const DELAY_FELT: f64 = 177.3;

fn mos(direction: Direction, round_trip: Duration) -> f64 {
    let jitter = Duration::from_micros(direction.jitter.into());
    let delay = (round_trip / 2 + PACKET + 2 * jitter).as_secs_f64() * 1000.0;
    let by_delay = 0.024 * delay + 0.11 * (delay - DELAY_FELT).max(0.0);
    let lost = direction.loss() * 100.0;
    let by_loss = 95.0 * lost / (lost + BPL);
    let r = (R_MAX - by_delay - by_loss).clamp(0.0, 100.0);
    // G.107, annex B.
    (1.0 + 0.035 * r + r * (r - 60.0) * (100.0 - r) * 7e-6).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn direction(lost: u64, jitter: u32) -> Direction {
        Direction { packets: 1000, lost, jitter }
    }

    fn quality(from: Direction) -> Quality {
        Quality { from, to: None, round_trip: None }
    }

    #[test]
    fn a_clean_line_is_as_good_as_g711_can_be() {
        let mos = quality(direction(0, 0)).mos().unwrap();
        assert!((4.38..4.42).contains(&mos), "{mos}");
    }

    /// G.107 with Ppl = 5 %, Bpl = 25.1: R = 93.2 - 15.8 - Id, a MOS of 3.9.
    #[test]
    fn loss_is_heard() {
        let mos = |lost| quality(direction(lost, 0)).mos().unwrap();
        assert!((mos(50) - 3.90).abs() < 0.05, "{}", mos(50));
        assert!(mos(10) > mos(20) && mos(200) < 2.7);
        assert!((quality(direction(1000, 0)).mos().unwrap() - 1.0).abs() < 0.3);
    }

    #[test]
    fn delay_disturbs_from_a_point_on() {
        let with =
            |round_trip| Quality { round_trip: Some(round_trip), ..quality(direction(0, 0)) };
        let fall = |from, to| with(from).mos().unwrap() - with(to).mos().unwrap();
        assert!(fall(0, 200_000) < 0.1);
        assert!(fall(400_000, 800_000) > 0.5);
    }

    #[test]
    fn the_worse_direction_counts() {
        let both = Quality { to: Some(direction(100, 0)), ..quality(direction(0, 0)) };
        assert_eq!(both.mos(), quality(direction(100, 0)).mos());
        assert_eq!(Quality::default().mos(), None);
    }
}
