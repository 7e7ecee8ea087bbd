//! Where a PostgreSQL server is and how it is spoken to, as its URL says.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

use super::tls::{Proof, Trust};

/// A PostgreSQL server, by a URL such as `postgres://user@host/name?sslmode=verify-full`. What PostgreSQL's
/// own programs know as `sslmode` and `sslrootcert` means here what it means there.
#[derive(Clone)]
pub struct PostgresServer {
    pub(super) config: Config,
    pub(super) trust: Trust,
}

impl PostgresServer {
    /// Who must know this password is let in.
    pub(super) fn set_password(&mut self, password: &str) {
        self.config.password(password);
    }
}

impl FromStr for PostgresServer {
    type Err = String;

    fn from_str(text: &str) -> Result<PostgresServer, String> {
        // The library knows neither a certificate that must be proven nor a file of authorities.
        let (text, mode) = take(text, "sslmode");
        let (text, authorities) = take(&text, "sslrootcert");
        let authorities = authorities.filter(|file| file != "system").map(PathBuf::from);
        // Authorities that are named are asked, as PostgreSQL's programs ask them.
        let usual = if authorities.is_some() { Proof::Authority } else { Proof::Nothing };
        let (encrypted, proof) = match mode.as_deref() {
            Some("disable") => (SslMode::Disable, usual),
            None | Some("prefer") => (SslMode::Prefer, usual),
            Some("require") => (SslMode::Require, usual),
            Some("verify-ca") => (SslMode::Require, Proof::Authority),
            Some("verify-full") => (SslMode::Require, Proof::AuthorityAndName),
            Some(_) => {
                let modes = "disable, prefer, require, verify-ca or verify-full";
                return Err(format!("sslmode is {modes}"));
            }
        };
        let mut config: Config = text.parse().map_err(|error| {
            format!("{error}: no URL of PostgreSQL such as postgres://user@host/name")
        })?;
        config.application_name("line122").ssl_mode(encrypted);
        Ok(PostgresServer { config, trust: Trust { proof, authorities } })
    }
}

impl fmt::Display for PostgresServer {
    /// As an administrator knows it, without a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.config.get_hosts().first().map_or(String::new(), |host| match host {
            Host::Tcp(name) => name.clone(),
            Host::Unix(path) => path.display().to_string(),
        });
        write!(f, "postgres://{host}/{}", self.config.get_dbname().unwrap_or_default())
    }
}

/// Takes a parameter out of a URL; gives the rest, and what it said.
fn take(url: &str, name: &str) -> (String, Option<String>) {
    let Some((place, query)) = url.split_once('?') else { return (url.to_owned(), None) };
    let mut value = None;
    let rest: Vec<&str> = query
        .split('&')
        .filter(|parameter| match parameter.split_once('=') {
            Some((key, given)) if key == name => {
                value = Some(decoded(given));
                false
            }
            _ => true,
        })
        .collect();
    let rest = rest.join("&");
    (if rest.is_empty() { place.to_owned() } else { format!("{place}?{rest}") }, value)
}

/// Text in which bytes may be written as `%2F` (RFC 3986 §2.1).
fn decoded(text: &str) -> String {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        match part.get(..2).map(|digits| u8::from_str_radix(digits, 16)) {
            Some(Ok(byte)) => {
                bytes.push(byte);
                bytes.extend_from_slice(&part.as_bytes()[2..]);
            }
            _ => bytes.extend([b"%", part.as_bytes()].concat()),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<(SslMode, Proof, Option<PathBuf>), String> {
        let server: PostgresServer =
            format!("postgres://line122@db.example/line122{query}").parse()?;
        Ok((server.config.get_ssl_mode(), server.trust.proof, server.trust.authorities))
    }

    #[test]
    fn the_modes_mean_what_they_mean_in_postgresqls_programs() {
        for (query, mode, proof) in [
            ("", SslMode::Prefer, Proof::Nothing),
            ("?sslmode=disable", SslMode::Disable, Proof::Nothing),
            ("?sslmode=prefer", SslMode::Prefer, Proof::Nothing),
            ("?sslmode=require", SslMode::Require, Proof::Nothing),
            ("?sslmode=verify-ca", SslMode::Require, Proof::Authority),
            ("?sslmode=verify-full", SslMode::Require, Proof::AuthorityAndName),
            ("?sslmode=verify-full&sslrootcert=system", SslMode::Require, Proof::AuthorityAndName),
        ] {
            assert_eq!(read(query), Ok((mode, proof, None)), "{query}");
        }
        let file = Some(PathBuf::from("/etc/a b/ca.pem"));
        assert_eq!(
            read("?connect_timeout=3&sslrootcert=%2Fetc/a%20b/ca.pem&sslmode=require"),
            Ok((SslMode::Require, Proof::Authority, file))
        );
        assert!(read("?sslmode=allow").unwrap_err().contains("verify-full"));
        assert!(read("?sslcrl=x").is_err(), "what is not known is not passed over");
    }

    #[test]
    fn bytes_are_decoded_and_what_is_none_stays() {
        for (text, plain) in [("%2Fa", "/a"), ("a%", "a%"), ("%zz%2", "%zz%2"), ("%D1%8F", "я")] {
            assert_eq!(decoded(text), plain);
        }
    }
}
