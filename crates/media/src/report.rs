//! Reports between the two ends of a stream (RTCP, RFC 3550 §6).

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use ambient::{Entropy, Mono, Now, Wall};
use rtcp_types::{
    Bye, Compound, Packet, ReceiverReport, ReportBlock, ReportBlockBuilder, RtcpPacketWriterExt,
    Sdes, SdesChunk, SdesItem, SenderReport,
};

use crate::FarReport;
use crate::outbound::Outbound;
use crate::reception::Reception;

/// Room for a report of ours: sender report with one block, description, farewell.
pub(crate) const REPORT_MAX: usize = 128;
/// The longest datagram that is read.
const DATAGRAM_MAX: usize = 1500;
/// Mean time between reports (RFC 3550 §6.2: 5 s, which for two parties is more than 5 % of the
/// bandwidth needs).
const INTERVAL_MICROS: u64 = 5_000_000;
/// Seconds from 1900 to 1970.
const NTP_EPOCH: u64 = 2_208_988_800;

/// What is known from reports and for them.
#[derive(Debug)]
pub(crate) struct Reports {
    /// A canonical name for this stream alone (RFC 7022 §4.2).
    name: u64,
    /// Where reports really come from.
    pub(crate) from: Option<SocketAddr>,
    /// Their latest sender report: the middle of its NTP time, and when it came.
    theirs: Option<(u32, Mono)>,
    /// Our latest sender reports, to measure the round trip by their echo.
    ours: [Option<(u32, Mono)>; 2],
    /// Packets we had sent at the last report and the one before.
    sent: [u64; 2],
    reported: bool,
    /// Round trip (RFC 3550 §6.4.1).
    pub(crate) round_trip: Option<Duration>,
    /// What the far end says of our packets.
    pub(crate) far: Option<FarReport>,
}

impl Reports {
    /// Nothing reported yet.
    pub(crate) fn new(entropy: &mut Entropy) -> Reports {
        Reports {
            name: entropy.bits(),
            from: None,
            theirs: None,
            ours: [None; 2],
            sent: [0; 2],
            reported: false,
            round_trip: None,
            far: None,
        }
    }

    /// Time to the next report (RFC 3550 §6.3.1): half as long before the first.
    pub(crate) fn interval(&self, entropy: &mut Entropy) -> Duration {
        let mean = if self.reported { INTERVAL_MICROS } else { INTERVAL_MICROS / 2 };
        // 0.5 to 1.5 times the mean, divided by e − 1.5 to make up for reconsideration.
        let spread = mean / 2 + entropy.below(mean);
        Duration::from_micros(spread * 100_000 / 121_828)
    }

    /// Whether somebody has had something from us, so that a farewell is due (RFC 3550 §6.3.7).
    pub(crate) fn farewell_due(&self, outbound: &Outbound) -> bool {
        self.reported || outbound.packets() > 0
    }

    /// Writes a compound report, with `bye` a farewell; gives its length.
    pub(crate) fn write(
        &mut self,
        now: Now,
        outbound: &Outbound,
        reception: &mut Reception,
        their_ssrc: Option<u32>,
        bye: bool,
        octets: &mut [u8; REPORT_MAX],
    ) -> usize {
        let ssrc = outbound.ssrc();
        let block = their_ssrc.and_then(|theirs| self.block(now.mono, theirs, reception));
        let name = format!("{:016x}", self.name);
        let cname = SdesChunk::builder(ssrc).add_item(SdesItem::builder(SdesItem::CNAME, &name));
        let mut compound = Compound::builder();
        // RFC 3550 §6.4: a sender report if anything was sent in the last two intervals.
        if outbound.packets() > self.sent[1] {
            let ntp = ntp(now.wall);
            let mut report = SenderReport::builder(ssrc)
                .ntp_timestamp(ntp)
                .rtp_timestamp(outbound.clock(now.mono).0)
                .packet_count(outbound.packets() as u32)
                .octet_count(outbound.octets() as u32);
            if let Some(block) = block {
                report = report.add_report_block(block);
            }
            self.ours = [Some((middle(ntp), now.mono)), self.ours[0]];
            compound = compound.add_packet(report);
        } else {
            let mut report = ReceiverReport::builder(ssrc);
            if let Some(block) = block {
                report = report.add_report_block(block);
            }
            compound = compound.add_packet(report);
        }
        compound = compound.add_packet(Sdes::builder().add_chunk(cname));
        if bye {
            compound = compound.add_packet(Bye::builder().add_source(ssrc));
        }
        self.sent = [outbound.packets(), self.sent[0]];
        self.reported = true;
        compound.write_into(octets).unwrap_or(0)
    }

    /// Reads a compound report; says whether it was one (RFC 3550 §A.2).
    pub(crate) fn read(
        &mut self,
        now: Mono,
        ssrc: u32,
        their_ssrc: Option<u32>,
        octets: &[u8],
    ) -> bool {
        if octets.len() > DATAGRAM_MAX {
            return false;
        }
        let Ok(compound) = Compound::parse(octets) else { return false };
        for (nth, packet) in compound.enumerate() {
            match packet {
                Ok(Packet::Sr(report)) => {
                    if their_ssrc.is_none_or(|theirs| theirs == report.ssrc()) {
                        self.theirs = Some((middle(report.ntp_timestamp()), now));
                    }
                    report.report_blocks().for_each(|block| self.read_block(now, ssrc, &block));
                }
                Ok(Packet::Rr(report)) => {
                    report.report_blocks().for_each(|block| self.read_block(now, ssrc, &block));
                }
                // RFC 3550 §6.1: a compound begins with a report.
                Ok(_) | Err(_) if nth == 0 => return false,
                // A farewell ends a source, not the call: signalling says when that ends.
                Ok(_) => {}
                Err(_) => break,
            }
        }
        true
    }

    /// The block about their packets.
    fn block(
        &self,
        now: Mono,
        their_ssrc: u32,
        reception: &mut Reception,
    ) -> Option<ReportBlockBuilder> {
        let block = reception.report()?;
        let (last, delay) = self.theirs.map_or((0, 0), |(last, at)| (last, short(now.since(at))));
        Some(
            ReportBlock::builder(their_ssrc)
                .fraction_lost(block.fraction)
                .cumulative_lost(block.lost)
                .extended_sequence_number(block.highest)
                .interarrival_jitter(block.jitter)
                .last_sender_report_timestamp(last)
                .delay_since_last_sender_report_timestamp(delay),
        )
    }

    /// A block, if it is about our packets.
    fn read_block(&mut self, now: Mono, ssrc: u32, block: &ReportBlock<'_>) {
        if block.ssrc() != ssrc {
            return;
        }
        self.far = Some(FarReport {
            lost: lost_in_all(block.cumulative_lost()),
            jitter: Duration::from_micros(u64::from(block.interarrival_jitter()) * 125),
        });
        let last = block.last_sender_report_timestamp();
        let echoed = self.ours.iter().flatten().find(|(middle, _)| *middle == last);
        if let Some((_, at)) = echoed {
            let delay = u64::from(block.delay_since_last_sender_report_timestamp());
            let delay = Duration::from_micros(delay * 1_000_000 / 65_536);
            self.round_trip = Some(now.since(*at).saturating_sub(delay));
        }
    }
}

/// Whether a report may come from this host: that of the media or of the signalled addresses.
pub(crate) fn is_from(from: IpAddr, known: [Option<SocketAddr>; 3]) -> bool {
    known.into_iter().flatten().any(|address| address.ip() == from)
}

/// The number of lost packets as it is written: 24 bits, below zero if more came than were sent.
fn lost_in_all(written: u32) -> u64 {
    if written & 0x80_0000 == 0 { u64::from(written) } else { 0 }
}

/// NTP time: seconds since 1900 and their fraction (RFC 3550 §4).
fn ntp(wall: Wall) -> u64 {
    let millis = wall.unix_millis();
    let seconds = NTP_EPOCH.wrapping_add_signed(millis.div_euclid(1000)) & 0xffff_ffff;
    let fraction = (millis.rem_euclid(1000) as u64) << 32;
    (seconds << 32) | (fraction / 1000)
}

/// The middle 32 bits of an NTP time.
fn middle(ntp: u64) -> u32 {
    (ntp >> 16) as u32
}

/// A duration in units of 1/65536 s.
fn short(duration: Duration) -> u32 {
    u32::try_from(duration.as_micros() * 65_536 / 1_000_000).unwrap_or(u32::MAX)
}
