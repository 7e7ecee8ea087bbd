use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use records::DatabaseKind;
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use sip::digest::Algorithm;

/// The effective settings; `defaults.toml` says what each means.
#[derive(Clone, Debug, Deserialize)]
#[allow(missing_docs)] // explained in defaults.toml, which a test compares with this
pub(crate) struct Settings {
    pub(crate) sip: Sip,
    pub(crate) media: Media,
    pub(crate) web: Web,
    pub(crate) mail: Mail,
    pub(crate) paths: Paths,
    pub(crate) records: Records,
    pub(crate) recording: Recording,
    pub(crate) speech: Speech,
    pub(crate) dialplan: OfDialplan,
    pub(crate) drain: Drain,
    pub(crate) log: Log,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Sip {
    pub(crate) udp: Vec<SocketAddr>,
    pub(crate) tcp: Vec<SocketAddr>,
    pub(crate) tls: Vec<SocketAddr>,
    pub(crate) tls_certificate: Blank<PathBuf>,
    pub(crate) tls_key: Blank<PathBuf>,
    pub(crate) tls_authorities: Blank<PathBuf>,
    pub(crate) tls_client_authorities: Blank<PathBuf>,
    pub(crate) advertise: Blank<String>,
    pub(crate) realm: String,
    pub(crate) digest: Digests,
    pub(crate) domains: Vec<String>,
    pub(crate) calls_max: usize,
    pub(crate) calls_per_second_max: u32,
    pub(crate) retry_after: Seconds,
    pub(crate) session_expires: Seconds,
    pub(crate) connections_max: usize,
    pub(crate) connections_per_address_max: usize,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Media {
    pub(crate) address: IpAddr,
    pub(crate) advertise: Blank<IpAddr>,
    pub(crate) ports: Ports,
    pub(crate) threads: usize,
    pub(crate) dead_after: Seconds,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Web {
    pub(crate) listen: SocketAddr,
    pub(crate) accounts: Blank<PathBuf>,
    pub(crate) public_url: String,
    pub(crate) tls_certificate: Blank<PathBuf>,
    pub(crate) tls_key: Blank<PathBuf>,
    pub(crate) turn: Vec<String>,
    pub(crate) turn_secret: Blank<PathBuf>,
    pub(crate) acme: Acme,
    pub(crate) openid: OpenId,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct OpenId {
    pub(crate) issuer: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: Blank<PathBuf>,
    pub(crate) title: String,
    pub(crate) name_claim: String,
    pub(crate) roles_claim: String,
    pub(crate) admin: String,
    pub(crate) supervisor: String,
    pub(crate) agent_claim: String,
    pub(crate) organisation_claim: String,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Acme {
    pub(crate) domains: Vec<String>,
    pub(crate) contact: Blank<String>,
    pub(crate) directory: String,
    pub(crate) folder: Blank<PathBuf>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Mail {
    pub(crate) server: String,
    pub(crate) user: String,
    pub(crate) password: Blank<PathBuf>,
    pub(crate) from: String,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Paths {
    pub(crate) dialplan: PathBuf,
    pub(crate) prompts: PathBuf,
    pub(crate) data: PathBuf,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Records {
    #[serde(deserialize_with = "database")]
    pub(crate) database: DatabaseKind,
    pub(crate) password: Blank<PathBuf>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Recording {
    pub(crate) folder: Blank<PathBuf>,
    pub(crate) key: Blank<PathBuf>,
    pub(crate) keep_free_mb: u64,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Speech {
    pub(crate) recogniser: RecogniserKind,
    pub(crate) model: Blank<PathBuf>,
    pub(crate) sha256: Blank<Sha256>,
    pub(crate) proof: Blank<PathBuf>,
    pub(crate) says: String,
    pub(crate) onnx_runtime: Blank<PathBuf>,
    pub(crate) server: String,
    pub(crate) threads: usize,
    pub(crate) streams_max: usize,
}

/// Who turns speech into letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RecogniserKind {
    /// The small model for the demo, and nobody for real callers.
    Auto,
    /// Nobody: callers have keys alone.
    Off,
    /// The small model that is part of the program.
    Embedded,
    /// A model in a file.
    Model,
    /// A vosk-server.
    Vosk,
    /// T-one's own server.
    TOne,
}

/// A SHA-256, in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sha256(pub(crate) [u8; 32]);

impl FromStr for Sha256 {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Sha256, &'static str> {
        let mut hash = [0; 32];
        let is_hexadecimal = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_hexadecimal {
            return Err("no SHA-256: 64 hexadecimal digits, as sha256sum prints them");
        }
        for (nth, octet) in hash.iter_mut().enumerate() {
            // The digits were looked at above.
            *octet = u8::from_str_radix(&text[2 * nth..2 * nth + 2], 16).unwrap_or_default();
        }
        Ok(Sha256(hash))
    }
}

fn database<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DatabaseKind, D::Error> {
    // The text is not repeated: somebody may have written a password into it.
    String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
}

#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct OfDialplan {
    pub(crate) apply_on_change: bool,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Drain {
    pub(crate) limit: Seconds,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Log {
    pub(crate) level: String,
    pub(crate) format: LogFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum LogFormat {
    Text,
    Json,
}

/// A hash of digest authentication.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(crate) enum Digest {
    #[serde(rename = "md5")]
    Md5,
    #[serde(rename = "sha-256")]
    Sha256,
}

impl From<Digest> for Algorithm {
    fn from(digest: Digest) -> Algorithm {
        match digest {
            Digest::Md5 => Algorithm::Md5,
            Digest::Sha256 => Algorithm::Sha256,
        }
    }
}

/// At least one hash: with none, every challenge would be empty and no phone could register.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Vec<Digest>")]
pub(crate) struct Digests(pub(crate) Vec<Digest>);

impl TryFrom<Vec<Digest>> for Digests {
    type Error = &'static str;
    fn try_from(all: Vec<Digest>) -> Result<Self, Self::Error> {
        match all.is_empty() {
            true => Err("no hash is left to challenge phones with; name \"md5\" or \"sha-256\""),
            false => Ok(Digests(all)),
        }
    }
}

/// A number of seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(crate) struct Seconds(u32);

impl Seconds {
    pub(crate) fn duration(self) -> Duration {
        Duration::from_secs(self.0.into())
    }
}

/// A value that may be left empty.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String", bound = "T: FromStr, T::Err: std::fmt::Display")]
pub(crate) struct Blank<T>(pub(crate) Option<T>);

impl<T: FromStr<Err: std::fmt::Display>> TryFrom<String> for Blank<T> {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        if text.is_empty() {
            return Ok(Blank(None));
        }
        text.parse().map(|value| Blank(Some(value))).map_err(|error| format!("{error}: \"{text}\""))
    }
}

/// A range of ports, written `16384-32767`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Ports(pub(crate) RangeInclusive<u16>);

impl TryFrom<String> for Ports {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let parsed = text.split_once('-').and_then(|(first, last)| {
            Some((first.trim().parse::<u16>().ok()?, last.trim().parse::<u16>().ok()?))
        });
        match parsed {
            Some((first, last)) if first >= 1024 && last > first => Ok(Ports(first..=last)),
            _ => Err(format!("\"{text}\" is no range of ports such as 16384-32767")),
        }
    }
}
