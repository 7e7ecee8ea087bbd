//! The virtual DNS: a few names, answered after a while, or not.

use std::collections::BTreeMap;
use std::time::Duration;

use ambient::Mono;
use sip::locate::{DnsAnswer, DnsKind, DnsQuery, DnsRecord};

/// The names of the world.
#[derive(Debug, Default)]
pub struct Dns {
    names: BTreeMap<(Box<str>, DnsKind), Vec<DnsRecord>>,
    /// How long an answer takes.
    pub takes: Duration,
    /// Every question ends without an answer, after the time.
    pub fails: bool,
    asked: BTreeMap<(Mono, u64), DnsQuery>,
    questions: u64,
}

impl Dns {
    /// Adds the records of a name.
    pub fn add(&mut self, name: &str, kind: DnsKind, records: Vec<DnsRecord>) {
        self.names.insert((name.into(), kind), records);
    }

    /// A question is asked.
    pub fn ask(&mut self, now: Mono, query: DnsQuery) {
        self.questions += 1;
        self.asked.insert((now + self.takes, self.questions), query);
    }

    /// When the next answer comes.
    #[must_use]
    pub fn next_answer(&self) -> Option<Mono> {
        self.asked.first_key_value().map(|((at, _), _)| *at)
    }

    /// Takes an answer that is there; empty for a name that does not exist.
    pub fn pop_answer(&mut self, now: Mono) -> Option<DnsAnswer> {
        let first = self.asked.first_entry()?;
        if first.key().0 > now {
            return None;
        }
        let query = first.remove();
        let records = self.names.get(&((&*query.name).into(), query.kind)).cloned();
        let records = records.filter(|_| !self.fails).unwrap_or_default();
        Some(DnsAnswer { id: query.id, records })
    }

    /// Whoever asked is gone.
    pub fn forget(&mut self) {
        self.asked.clear();
    }
}
