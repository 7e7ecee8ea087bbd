//! Loopback addresses of a test: Linux answers on all of 127.0.0.0/8.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};

/// 127.x.y.0/24, of one test alone.
#[derive(Debug)]
pub struct Block {
    first: [u8; 3],
    next_host: AtomicU8,
    /// Bound as long as the block is in use, so that no other test takes it.
    _claim: UdpSocket,
}

/// One address of a block: a phone, a clinic, a carrier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Host {
    ip: IpAddr,
    sip_port: u16,
}

/// The address whose port [`CLAIM_PORT`] marks a block as taken.
const CLAIM_HOST: u8 = 250;
const CLAIM_PORT: u16 = 5999;
/// Where the hosts of tests begin; those below have fixed roles.
const FIRST_HOST: u8 = 10;
/// Where a host's phone listens.
const SIP_PORT: u16 = 5060;

impl Block {
    /// Takes a block that no test uses.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub fn claim() -> Block {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        for _ in 0..1000 {
            let count = COUNT.fetch_add(1, Ordering::Relaxed);
            let [high, low, ..] =
                std::process::id().wrapping_mul(61).wrapping_add(count).to_le_bytes();
            // Away from 127.0.x.y, where resolvers and other services of the machine may sit.
            let first = [127, 100 + high % 100, low];
            let address = Ipv4Addr::new(first[0], first[1], first[2], CLAIM_HOST);
            if let Ok(claim) = UdpSocket::bind((address, CLAIM_PORT)) {
                return Block { first, next_host: AtomicU8::new(FIRST_HOST), _claim: claim };
            }
        }
        panic!("no block of loopback addresses is free");
    }

    /// The host with this last number.
    #[must_use]
    pub fn fixed(&self, last: u8) -> Host {
        let [a, b, c] = self.first;
        Host { ip: Ipv4Addr::new(a, b, c, last).into(), sip_port: SIP_PORT }
    }

    /// A host that nobody has yet.
    #[must_use]
    pub fn host(&self) -> Host {
        self.fixed(self.next_host.fetch_add(1, Ordering::Relaxed))
    }
}

impl Host {
    /// The one loopback address of IPv6, with a port that nobody uses now.
    ///
    /// # Panics
    /// If the machine has no IPv6.
    #[must_use]
    pub fn ipv6() -> Host {
        let ip = Ipv6Addr::LOCALHOST;
        let free = UdpSocket::bind((ip, 0)).and_then(|socket| socket.local_addr());
        Host { ip: ip.into(), sip_port: free.expect("the machine has IPv6").port() }
    }

    /// Its address.
    #[must_use]
    pub fn ip(self) -> IpAddr {
        self.ip
    }

    /// A port there.
    #[must_use]
    pub fn port(self, port: u16) -> SocketAddr {
        SocketAddr::from((self.ip, port))
    }

    /// Where its phone listens.
    #[must_use]
    pub fn sip(self) -> SocketAddr {
        self.port(self.sip_port)
    }
}
