//! This system and Kamailio side by side, each with its clinic and its accounts.

use std::net::SocketAddr;

use interop::Line;

use crate::kamailio::{self, Kamailio};
use crate::lab::Lab;
use crate::peer;
use crate::usage;

/// Both servers, running.
pub(crate) struct Proxies {
    line: Line,
    kamailio: Kamailio,
}

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Line122,
    Kamailio,
}

/// In the order of the tables.
pub(crate) const SIDES: [Side; 2] = [Side::Line122, Side::Kamailio];
/// Accounts that may register.
pub(crate) const ACCOUNTS: std::ops::Range<u32> = 100_000..101_000;

impl Side {
    /// As tables call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Side::Line122 => peer::LINE122,
            Side::Kamailio => peer::KAMAILIO,
        }
    }
}

impl Proxies {
    /// Starts both; calls to 270001 go to this address.
    pub(crate) fn start(lab: &Lab, clinic: SocketAddr) -> Proxies {
        let settings = [("sip.calls_max", "100000"), ("sip.calls_per_second_max", "1000000")];
        let line = lab.line(&plan(clinic), &settings);
        Proxies { line, kamailio: Kamailio::start(lab, clinic) }
    }

    /// Where it serves SIP over UDP.
    pub(crate) fn address(&self, side: Side) -> SocketAddr {
        match side {
            Side::Line122 => self.line.sip(),
            Side::Kamailio => kamailio::address(),
        }
    }

    /// CPU time that it has used, in milliseconds.
    pub(crate) fn cpu(&self, side: Side) -> f64 {
        usage::cpu(self.process(side)).as_secs_f64() * 1000.0
    }

    /// Memory that it uses, in kilobytes.
    pub(crate) fn memory(&self, side: Side) -> f64 {
        usage::memory(self.process(side)) as f64 / 1000.0
    }

    fn process(&self, side: Side) -> u32 {
        match side {
            Side::Line122 => self.line.process().id(),
            Side::Kamailio => self.kamailio.id(),
        }
    }
}

impl Drop for Proxies {
    /// Calls may still be in progress when a measurement fails.
    fn drop(&mut self) {
        self.line.kill();
    }
}

/// A dialplan with one clinic at an address, and with accounts.
fn plan(clinic: SocketAddr) -> String {
    let accounts = format!("{}-{}", ACCOUNTS.start, ACCOUNTS.end - 1);
    PLAN.replace("CLINIC", &clinic.to_string()).replace("ACCOUNTS", &accounts)
}

const PLAN: &str = r#"
[service]
numbers = ["122"]
start = "queue:operator"

[clinics.poliklinika-1]
title = "Поликлиника № 1"
numbers = ["270001"]
ring = ["sip:registry@CLINIC"]
ring_for = "120s"
forward_on = ["no-answer", "busy", "unreachable"]
forward_to = "announce:overload"

[agents.ACCOUNTS]
name = "Оператор {number}"
kind = "operator"
site = "centre"
password = "bench-{number}"

[groups.operators]
title = "Операторы"
agents = ["ACCOUNTS"]

[queues.operator]
topic = "Оператор"
music = "music/calm"
serve = [{ group = "operators" }]
overflow = { after = "15m", say = "all-busy", to = "announce:overload" }
closed = { say = "nobody-on-duty", to = "announce:overload" }

[sites.centre]
title = "Центр 122"
"#;
