//! A carrier's three kinds of records, from a name server on the wire to `sip::locate`'s words.

use std::net::{Ipv4Addr, SocketAddr};

use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::op::{Message, OpCode, ResponseCode};
use hickory_resolver::proto::rr::rdata::{A, NAPTR, SRV};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use tokio::net::UdpSocket;

use super::*;

fn name(text: &str) -> Name {
    Name::from_ascii(text).expect("a name")
}

/// What `carrier.example` publishes.
fn published(asked: &str, kind: RecordType) -> Vec<RData> {
    let naptr = |order, service: &[u8], replacement| {
        let replacement = name(replacement);
        RData::NAPTR(NAPTR::new(order, 1, b"s"[..].into(), service.into(), [].into(), replacement))
    };
    let srv = |priority, port, host| RData::SRV(SRV::new(priority, 7, port, name(host)));
    match (asked, kind) {
        ("carrier.example.", RecordType::NAPTR) => vec![
            naptr(1, b"SIP+D2T", "_sip._tcp.carrier.example."),
            naptr(2, b"SIP+D2U", "_sip._udp.carrier.example."),
        ],
        ("_sip._udp.carrier.example.", RecordType::SRV) => {
            vec![srv(1, 5062, "sbc1.carrier.example."), srv(2, 5060, "sbc2.carrier.example.")]
        }
        ("sbc1.carrier.example.", RecordType::A) => vec![RData::A(A(Ipv4Addr::new(192, 0, 2, 1)))],
        _ => Vec::new(),
    }
}

async fn serve(socket: UdpSocket) {
    let mut packet = [0; 1500];
    loop {
        let (length, client) = socket.recv_from(&mut packet).await.expect("a question");
        let question = Message::from_vec(&packet[..length]).expect("a DNS message");
        let query = question.queries.first().expect("one question").clone();
        let mut answer = Message::response(question.metadata.id, OpCode::Query);
        let records = published(&query.name().to_ascii(), query.query_type());
        if records.is_empty() {
            answer.metadata.response_code = ResponseCode::NXDomain;
        }
        let records =
            records.into_iter().map(|data| Record::from_rdata(query.name().clone(), 60, data));
        answer.add_answers(records);
        answer.add_query(query);
        let bytes = answer.to_vec().expect("a message that can be written");
        socket.send_to(&bytes, client).await.expect("loopback takes packets");
    }
}

fn resolver(server: SocketAddr) -> TokioResolver {
    let mut config = NameServerConfig::udp(server.ip());
    let mut connection = ConnectionConfig::udp();
    connection.port = server.port();
    config.connections = vec![connection];
    let config = ResolverConfig::from_parts(None, Vec::new(), vec![config]);
    TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
        .build()
        .expect("a resolver")
}

#[tokio::test]
async fn records_of_all_kinds_come_from_the_wire() {
    let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
    let resolver = resolver(socket.local_addr().expect("an address"));
    tokio::spawn(serve(socket));
    let ask = async |name: &str, kind| {
        look_up(&resolver, &DnsQuery { id: 1, name: name.into(), kind }).await
    };
    let naptr = |order, service: &str, replacement: &str| DnsRecord::Naptr {
        order,
        preference: 1,
        service: service.into(),
        replacement: replacement.into(),
    };
    assert_eq!(
        ask("carrier.example", DnsKind::Naptr).await,
        [
            naptr(1, "SIP+D2T", "_sip._tcp.carrier.example"),
            naptr(2, "SIP+D2U", "_sip._udp.carrier.example"),
        ]
    );
    let srv = |priority, port, target: &str| DnsRecord::Srv {
        priority,
        weight: 7,
        port,
        target: target.into(),
    };
    assert_eq!(
        ask("_sip._udp.carrier.example", DnsKind::Srv).await,
        [srv(1, 5062, "sbc1.carrier.example"), srv(2, 5060, "sbc2.carrier.example")]
    );
    let address = DnsRecord::Address(Ipv4Addr::new(192, 0, 2, 1).into());
    assert_eq!(ask("sbc1.carrier.example", DnsKind::Address).await, [address]);
    assert_eq!(ask("nowhere.example", DnsKind::Srv).await, []);
}
