use std::sync::atomic::{AtomicU64, Ordering};

/// A number that one thread changes and any thread reads.
#[derive(Debug, Default)]
pub struct Figure(AtomicU64);

impl Figure {
    /// Its value.
    #[must_use]
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
    pub(crate) fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }
    pub(crate) fn sub(&self, count: u64) {
        self.0.fetch_sub(count, Ordering::Relaxed);
    }
    pub(crate) fn set(&self, value: u64) {
        self.0.store(value, Ordering::Relaxed);
    }
    pub(crate) fn max(&self, value: u64) {
        self.0.fetch_max(value, Ordering::Relaxed);
    }
}

/// Figures of the drivers, for `/metrics`; those of the cores are in the switch's status.
#[derive(Debug, Default)]
pub struct Figures {
    /// Datagrams received.
    pub datagrams_in: Figure,
    /// Datagrams sent.
    pub datagrams_out: Figure,
    /// Packets that could not be sent, and connections that broke.
    pub flows_failed: Figure,
    /// Connections now.
    pub connections: Figure,
    /// Questions to DNS.
    pub dns_queries: Figure,
    /// Questions to DNS that were refused because too many were open.
    pub dns_refused: Figure,
    /// The longest time since the start that the signalling thread took for one input.
    pub slowest_input_nanos: Figure,
    /// RTP and RTCP packets received.
    pub media_in: Figure,
    /// RTP and RTCP packets sent.
    pub media_out: Figure,
    /// RTP and RTCP packets that the kernel did not take.
    pub media_unsent: Figure,
    /// Streams now.
    pub media_streams: Figure,
    /// Streams that got no ports.
    pub media_refused: Figure,
    /// The longest delay since the start with which a media thread was woken.
    pub media_latest_nanos: Figure,
}
