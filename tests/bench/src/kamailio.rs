//! Kamailio: the best peer for a proxied call and for a registration.

use std::fs;
use std::net::SocketAddr;
use std::time::Duration;

use interop::process::Process;
use interop::wait::{PATIENCE, until};

use crate::core::Core;
use crate::lab::Lab;
use crate::sipp::is_bound;

/// Where it listens.
const ADDRESS: &str = "127.0.0.1:15060";

/// A running Kamailio: one worker, UDP, calls to 270001 go to the clinic; every user may register
/// with the password `bench-USER`.
#[derive(Debug)]
pub(crate) struct Kamailio {
    process: Process,
}

impl Kamailio {
    pub(crate) fn start(lab: &Lab, clinic: SocketAddr) -> Kamailio {
        let file = lab.folder().join("kamailio.cfg");
        let text = CONFIG.replace("ADDRESS", ADDRESS).replace("CLINIC", &clinic.to_string());
        fs::write(&file, text).expect("the folder can be written");
        let mut command = Core::Server.command("kamailio");
        // The fast allocator for both kinds of memory: the package's default is one for debugging.
        command.args(["-DD", "-E", "-x", "fm", "-X", "fm", "-m", "2048", "-M", "64", "-f"]);
        command.arg(file).arg("-Y").arg(lab.folder());
        let mut process = lab.start("kamailio", command);
        until("Kamailio is ready", PATIENCE, || {
            if process.ends_within(Duration::ZERO).is_some() {
                panic!("Kamailio ended:\n{}", process.output());
            }
            is_bound(address()).then_some(())
        });
        Kamailio { process }
    }

    /// The first of its processes.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }
}

/// Where it serves SIP over UDP.
pub(crate) fn address() -> SocketAddr {
    ADDRESS.parse().expect("an address")
}

const CONFIG: &str = include_str!("kamailio.cfg");
