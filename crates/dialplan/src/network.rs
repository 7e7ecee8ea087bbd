//! Networks: an address and the length of its prefix.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// A network such as `127.0.0.0/8`, or one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

/// Why a text is not a network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    /// Not an address.
    #[error("\"{0}\" is not an IP address or network")]
    Address(String),
    /// The prefix is longer than the address.
    #[error("the prefix of \"{text}\" must be a number from 0 to {max}")]
    Prefix {
        /// As written.
        text: String,
        /// Bits of the address.
        max: u8,
    },
    /// Bits are set outside the prefix.
    #[error("\"{text}\" has bits outside its prefix; the network is {network}")]
    HostBits {
        /// As written.
        text: String,
        /// What is probably meant.
        network: Network,
    },
}

impl Network {
    /// Whether the address lies in the network. An IPv4 address that came through an IPv6 socket
    /// (`::ffff:192.0.2.1`) counts as IPv4.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(net), IpAddr::V4(ip)) => same_prefix(
                u128::from(net.to_bits()) << 96,
                u128::from(ip.to_bits()) << 96,
                self.prefix,
            ),
            (IpAddr::V6(net), IpAddr::V6(ip)) => {
                same_prefix(net.to_bits(), ip.to_bits(), self.prefix)
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }

    /// Length of the prefix in bits.
    #[must_use]
    pub fn prefix(&self) -> u8 {
        self.prefix
    }

    /// Whether every address of the family lies in it.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.prefix == 0
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Network, NetworkError> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr =
            address.trim().parse().map_err(|_| NetworkError::Address(text.to_owned()))?;
        let max = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => max,
            Some(digits) => digits
                .trim()
                .parse()
                .ok()
                .filter(|prefix| *prefix <= max)
                .ok_or_else(|| NetworkError::Prefix { text: text.to_owned(), max })?,
        };
        let network = Network { address: masked(address, prefix), prefix };
        if network.address == address {
            Ok(network)
        } else {
            Err(NetworkError::HostBits { text: text.to_owned(), network })
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

fn same_prefix(a: u128, b: u128, prefix: u8) -> bool {
    prefix == 0 || (a ^ b) >> (128 - u32::from(prefix)) == 0
}

fn masked(address: IpAddr, prefix: u8) -> IpAddr {
    match address {
        IpAddr::V4(ip) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
            IpAddr::V4((ip.to_bits() & mask).into())
        }
        IpAddr::V6(ip) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
            IpAddr::V6((ip.to_bits() & mask).into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(text: &str) -> Network {
        text.parse().unwrap()
    }

    #[test]
    fn loopback_is_a_whole_network_in_ipv4_and_one_address_in_ipv6() {
        let (v4, v6) = (network("127.0.0.0/8"), network("::1"));
        assert!(v4.contains("127.255.1.2".parse().unwrap()));
        assert!(!v4.contains("128.0.0.1".parse().unwrap()));
        assert!(v4.contains("::ffff:127.0.0.1".parse().unwrap()));
        assert!(v6.contains("::1".parse().unwrap()));
        assert!(!v6.contains("::2".parse().unwrap()));
        assert!(!v6.contains("127.0.0.1".parse().unwrap()));
    }

    #[test]
    fn everything_is_everything_of_one_family() {
        assert!(network("0.0.0.0/0").is_everything());
        assert!(network("0.0.0.0/0").contains("203.0.113.9".parse().unwrap()));
        assert!(!network("0.0.0.0/0").contains("2001:db8::1".parse().unwrap()));
        assert!(network("::/0").contains("2001:db8::1".parse().unwrap()));
    }

    #[test]
    fn wrong_networks_say_what_is_wrong() {
        let error = |text: &str| text.parse::<Network>().unwrap_err().to_string();
        assert_eq!(error("10.0.0"), "\"10.0.0\" is not an IP address or network");
        assert_eq!(
            error("10.0.0.0/33"),
            "the prefix of \"10.0.0.0/33\" must be a number from 0 to 32"
        );
        assert_eq!(
            error("10.0.0.1/8"),
            "\"10.0.0.1/8\" has bits outside its prefix; the network is 10.0.0.0/8"
        );
    }
}
