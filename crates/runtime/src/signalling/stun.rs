//! STUN binding requests on a SIP socket: how phones keep their way through a NAT open and notice
//! that it has changed (RFC 5626 §4.4.2, §8; RFC 8489).

use std::net::{IpAddr, SocketAddr};

const BINDING_REQUEST: [u8; 2] = [0x00, 0x01];
const BINDING_SUCCESS: [u8; 2] = [0x01, 0x01];
const XOR_MAPPED_ADDRESS: [u8; 2] = [0x00, 0x20];
const MAGIC_COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
const HEADER: usize = 20;
/// Attributes from this type on may be passed over by who does not know them.
const OPTIONAL: u16 = 0x8000;

/// The answer to a keep-alive from `source`: where it came from. `None` if this is none; one with
/// attributes that have to be understood wants more than a keep-alive (ICE), and gets nothing.
pub(crate) fn binding_answer(datagram: &[u8], source: SocketAddr) -> Option<Vec<u8>> {
    let (header, attributes) = datagram.split_at_checked(HEADER)?;
    let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
    let is_request = header[..2] == BINDING_REQUEST && header[4..8] == MAGIC_COOKIE;
    if !is_request || length != attributes.len() || !are_optional(attributes) {
        return None;
    }
    // The address is XORed with the cookie and the transaction's number (RFC 8489 §14.2).
    let (family, address) = match source.ip() {
        IpAddr::V4(address) => (1, address.octets().to_vec()),
        IpAddr::V6(address) => (2, address.octets().to_vec()),
    };
    let port = source.port().to_be_bytes();
    let value_length = u8::try_from(4 + address.len()).ok()?;
    let mut answer = Vec::with_capacity(HEADER + 8 + address.len());
    answer.extend(BINDING_SUCCESS);
    answer.extend([0, 4 + value_length]);
    answer.extend(&header[4..]);
    answer.extend(XOR_MAPPED_ADDRESS);
    answer.extend([0, value_length, 0, family]);
    answer.extend(port.iter().zip(&header[4..]).map(|(a, b)| a ^ b));
    answer.extend(address.iter().zip(&header[4..]).map(|(a, b)| a ^ b));
    Some(answer)
}

/// Whether the attributes are whole, and all of them may be passed over.
fn are_optional(mut attributes: &[u8]) -> bool {
    while let [a, b, c, d, rest @ ..] = attributes {
        let length = usize::from(u16::from_be_bytes([*c, *d])).next_multiple_of(4);
        if u16::from_be_bytes([*a, *b]) < OPTIONAL || length > rest.len() {
            return false;
        }
        attributes = &rest[length..];
    }
    attributes.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The transaction and the addresses of the samples in RFC 5769 §2.2, §2.3.
    const ID: [u8; 12] = *b"\xb7\xe7\xa7\x01\xbc\x34\xd6\x86\xfa\x87\xdf\xae";

    fn request(attributes: &[u8]) -> Vec<u8> {
        let length = u16::try_from(attributes.len()).unwrap().to_be_bytes();
        [&BINDING_REQUEST[..], &length, &MAGIC_COOKIE, &ID, attributes].concat()
    }

    #[test]
    fn rfc_5769_sample_addresses() {
        let v4 = binding_answer(&request(b""), "192.0.2.1:32853".parse().unwrap()).unwrap();
        assert_eq!(v4[..4], [0x01, 0x01, 0, 12]);
        assert_eq!(v4[4..20], request(b"")[4..20]);
        assert_eq!(v4[20..], *b"\x00\x20\x00\x08\x00\x01\xa1\x47\xe1\x12\xa6\x43");
        let v6 = "[2001:db8:1234:5678:11:2233:4455:6677]:32853".parse().unwrap();
        let v6 = binding_answer(&request(b""), v6).unwrap();
        assert_eq!(v6[..4], [0x01, 0x01, 0, 24]);
        assert_eq!(
            v6[20..],
            *b"\x00\x20\x00\x14\x00\x02\xa1\x47\x01\x13\xa9\xfa\xa5\xd3\xf1\x79\xbc\x25\xf4\xb5\xbe\xd2\xb9\xd9"
        );
    }

    #[test]
    fn what_is_no_keep_alive_gets_nothing() {
        let source = "192.0.2.1:5060".parse().unwrap();
        let software = b"\x80\x22\x00\x05phone\0\0\0";
        assert!(binding_answer(&request(software), source).is_some());
        let wants_more = [
            request(b"\x00\x06\x00\x04user"),
            request(b"\x80\x22\x00\x09phone\0\0\0"),
            request(b"\x80"),
            request(b"")[..19].to_vec(),
            [&request(b"")[..], b"more"].concat(),
            [b"\x01\x01", &request(b"")[2..]].concat(),
            [b"\x00\x01\x00\x00\0\0\0\0", &request(b"")[8..]].concat(),
            b"OPTIONS sip:a@h SIP/2.0\r\n".to_vec(),
            Vec::new(),
        ];
        for datagram in wants_more {
            assert_eq!(binding_answer(&datagram, source), None, "{datagram:?}");
        }
    }
}
