//! PostgreSQL over TLS, as `sslmode` asks for it.
#![allow(clippy::disallowed_methods, reason = "real programs in real time")]

mod common;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use records::{JournalWriter, Place, Recent};

use common::{Cluster, NOW};

fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

#[test]
fn a_server_proves_as_much_as_the_mode_asks() {
    let (region, other) = (authority("region"), authority("somebody"));
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &region).unwrap();
    let cluster = Cluster::start_with_tls(&certificate.pem(), &key.serialize_pem());
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().replace('/', "%2F")
    };
    let (ours, theirs) = (file("our ca.pem", region.pem()), file("ca.pem", other.pem()));
    let (ours, none) = (ours.replace(' ', "%20"), file("none.pem", String::new()));

    let database = cluster.empty_database();
    let open = |host: &str, query: &str| {
        let port = cluster.port();
        let url = format!("postgres://line122@{host}:{port}/{database}{query}");
        let place = Place { folder: folder.path().into(), database: url.parse().unwrap() };
        JournalWriter::open(&place, NOW, Recent::default(), |_| {}).map(drop)
    };
    let full = format!("?sslmode=verify-full&sslrootcert={ours}");
    let of_authority = format!("?sslmode=verify-ca&sslrootcert={ours}");
    for (host, query) in [
        ("127.0.0.1", ""),
        ("127.0.0.1", "?sslmode=require"),
        ("127.0.0.1", &of_authority),
        ("localhost", &full),
    ] {
        open(host, query).unwrap_or_else(|error| panic!("{host}{query}: {}", error.why()));
    }
    for (host, query, why) in [
        ("127.0.0.1", "?sslmode=disable", "no encryption"),
        ("127.0.0.1", &*full, "not valid for name"),
        ("localhost", "?sslmode=verify-full", "UnknownIssuer"),
        ("localhost", &format!("?sslmode=verify-full&sslrootcert={theirs}"), "UnknownIssuer"),
        ("localhost", &format!("?sslmode=require&sslrootcert={theirs}"), "UnknownIssuer"),
        ("localhost", &format!("?sslmode=require&sslrootcert={none}"), "none.pem"),
        ("localhost", "?sslmode=require&sslrootcert=/nowhere/ca.pem", "/nowhere/ca.pem"),
    ] {
        let error = open(host, query).unwrap_err();
        assert!(error.why().to_string().contains(why), "{host}{query}: {}", error.why());
    }
}
