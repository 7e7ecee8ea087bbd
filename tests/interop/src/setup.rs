//! What a line is started with: a copy of the demo's dialplan and settings, changed for the test.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::block::{Block, Host};
use crate::line::Line;
use crate::program::root;
use crate::tls::Authority;

/// The demo's clinic, `poliklinika-1`, rings the phone at this last number of the block.
const CLINIC: u8 = 9;
/// The line itself.
const LINE: u8 = 1;

/// Whom the program believes instead of the system's authorities, if there is this file.
pub(crate) const TRUST: &str = "trust.pem";

/// The account of [`Setup::with_admin`].
pub const ADMIN: &str = "admin";
/// Its password.
pub const ADMINS_PASSWORD: &str = "a-password-of-tests";
/// What `line122 password` makes of it.
const ADMINS_HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$whTKF5+pJKzNjpKDmt2DCg$teHXFeXd/8lrXy9uzwJpbn3JPw7DvGVJLs13EBCmqcI";

/// A line before its start.
#[derive(Debug)]
pub struct Setup {
    pub(crate) block: Block,
    /// The dialplan's files by name.
    pub(crate) plan: BTreeMap<String, String>,
    /// Further files in the working folder.
    pub(crate) files: BTreeMap<String, String>,
    /// Settings by key.
    pub(crate) settings: BTreeMap<String, String>,
    /// Where SIP is served.
    pub(crate) sip: SocketAddr,
    pub(crate) tls: SocketAddr,
    pub(crate) web: SocketAddr,
    /// The pages come over TLS.
    pub(crate) has_secured_pages: bool,
    /// The core that it stays on, if it is kept on one.
    pub(crate) core: Option<u32>,
}

impl Setup {
    /// The demo with short times where a test would only wait, on loopback addresses of its own.
    ///
    /// # Panics
    /// If the demo's dialplan cannot be read.
    #[must_use]
    pub fn demo() -> Setup {
        let block = Block::claim();
        let line = block.fixed(LINE);
        let clinic = block.fixed(CLINIC).sip();
        Setup::at(block, line, demo()).replace("127.0.0.1:5091", &clinic.to_string()).in_short()
    }

    /// The same on the loopback address of IPv6.
    #[must_use]
    pub fn ipv6() -> Setup {
        let port = || Host::ipv6().sip();
        let setup = Setup::at(Block::claim(), Host::ipv6(), demo());
        Setup { tls: port(), web: port(), ..setup }.in_short()
    }

    /// A line with a dialplan of this one file.
    #[must_use]
    pub fn of(plan: &str) -> Setup {
        let block = Block::claim();
        let line = block.fixed(LINE);
        Setup::at(block, line, BTreeMap::from([("line.toml".to_owned(), plan.to_owned())]))
    }

    fn in_short(self) -> Setup {
        self.replace("ring_for = \"60s\"", "ring_for = \"5s\"")
            .replace("wrap_up = \"30s\"", "wrap_up = \"1s\"")
            .replace("wait = \"8s\"", "wait = \"2s\"")
    }

    fn at(block: Block, line: Host, plan: BTreeMap<String, String>) -> Setup {
        let settings = [("drain.limit", "1"), ("log.level", "debug")];
        let settings = settings.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        let (sip, tls, web) = (line.sip(), line.port(5061), line.port(8122));
        let (files, has_secured_pages, core) = (BTreeMap::new(), false, None);
        Setup { block, plan, files, settings, sip, tls, web, has_secured_pages, core }
    }

    /// Changes text of the dialplan, wherever it stands.
    ///
    /// # Panics
    /// If the dialplan does not have it: the test would test nothing.
    #[must_use]
    #[track_caller]
    pub fn replace(mut self, from: &str, to: &str) -> Setup {
        let mut found = false;
        for text in self.plan.values_mut().filter(|text| text.contains(from)) {
            *text = text.replace(from, to);
            found = true;
        }
        assert!(found, "the demo's dialplan does not have {from:?}");
        self
    }

    /// Adds a file to the dialplan.
    #[must_use]
    pub fn plan(mut self, name: &str, text: &str) -> Setup {
        self.plan.insert(name.to_owned(), text.to_owned());
        self
    }

    /// Adds a file to the working folder.
    #[must_use]
    pub fn file(mut self, name: &str, text: &str) -> Setup {
        self.files.insert(name.to_owned(), text.to_owned());
        self
    }

    /// Sets a server setting, such as `sip.calls_max`.
    #[must_use]
    pub fn set(mut self, key: &str, value: impl ToString) -> Setup {
        self.settings.insert(key.to_owned(), value.to_string());
        self
    }

    /// Keeps the program with all its threads on one core.
    #[must_use]
    pub fn on_core(mut self, core: u32) -> Setup {
        self.core = Some(core);
        self
    }

    /// Menus are one short signal and a wait of a second.
    #[must_use]
    pub fn with_short_menu(self) -> Setup {
        self.replace(
            "say = [\"welcome\", \"say-or-press\", \"main-choices\"]",
            "say = [\"tone/beep\"]",
        )
        .replace("wait = \"2s\"", "wait = \"1s\"")
    }

    /// The pages have an account that may do everything, and watches talks with the telephone of the curator.
    #[must_use]
    pub fn with_admin(mut self) -> Setup {
        let accounts =
            format!("[{ADMIN}]\nrole = \"admin\"\npassword = \"{ADMINS_HASH}\"\nphone = \"221\"\n");
        self.files.insert("accounts.toml".to_owned(), accounts);
        self.set("web.accounts", "accounts.toml")
    }

    /// The demo's first clinic is reached over TCP.
    #[must_use]
    pub fn clinic_over_tcp(self) -> Setup {
        let uri = format!("sip:registry@{}", self.clinic().sip());
        let over_tcp = format!("{uri};transport=tcp");
        self.replace(&uri, &over_tcp)
    }

    /// SIP is served over TLS too, with a certificate that nobody has signed.
    ///
    /// # Panics
    /// If none can be made.
    #[must_use]
    pub fn with_tls(self) -> Setup {
        let name = self.sip.ip().to_string();
        let made = rcgen::generate_simple_self_signed([name]).expect("a certificate can be made");
        let tls = self.tls;
        let mut setup = self
            .set("sip.tls", tls)
            .set("sip.tls_certificate", "certificate.pem")
            .set("sip.tls_key", "key.pem");
        setup.files.insert("certificate.pem".to_owned(), made.cert.pem());
        setup.files.insert("key.pem".to_owned(), made.signing_key.serialize_pem());
        setup
    }

    /// The pages get a certificate for this name from an authority, which serves its directory with a certificate of
    /// this other one.
    #[must_use]
    pub fn with_acme(mut self, name: &str, directory: &str, trust: &Authority) -> Setup {
        self.files.insert(TRUST.to_owned(), trust.pem());
        self.has_secured_pages = true;
        self.set("web.acme.domains", name).set("web.acme.directory", directory)
    }

    /// Over TLS this authority is believed: for who connects to us, and for whom we connect to.
    #[must_use]
    pub fn believes(mut self, authority: &Authority) -> Setup {
        self.files.insert("carriers.pem".to_owned(), authority.pem());
        self.set("sip.tls_client_authorities", "carriers.pem")
            .set("sip.tls_authorities", "carriers.pem")
    }

    /// The certificate that the line shows.
    ///
    /// # Panics
    /// If it shows none.
    #[must_use]
    pub fn certificate(&self) -> CertificateDer<'static> {
        let pem = self.files.get("certificate.pem").expect("a setup with TLS");
        CertificateDer::from_pem_slice(pem.as_bytes()).expect("a certificate")
    }

    /// Where the pages will be.
    #[must_use]
    pub fn web(&self) -> SocketAddr {
        self.web
    }

    /// The phone that the demo's first clinic rings.
    #[must_use]
    pub fn clinic(&self) -> Host {
        self.block.fixed(CLINIC)
    }

    /// An address that nobody has yet.
    #[must_use]
    pub fn host(&self) -> Host {
        self.block.host()
    }

    /// Starts the line and waits until it is ready.
    #[must_use]
    #[track_caller]
    pub fn start(self) -> Line {
        Line::start(self)
    }
}

/// The dialplan of the demo, as it is in the repository.
fn demo() -> BTreeMap<String, String> {
    let folder = root().join("dialplans/demo");
    std::fs::read_dir(&folder)
        .expect("the demo's dialplan is there")
        .map(|entry| entry.expect("the demo's folder can be read").path())
        .filter(|path| path.is_file())
        .map(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            (name, std::fs::read_to_string(&path).expect("the demo's files can be read"))
        })
        .collect()
}
