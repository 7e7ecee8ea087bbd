use md5::Md5;
use sha2::{Digest, Sha256};

/// A hash of digest authentication (RFC 8760).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// What old phones know.
    Md5,
    /// SHA-256.
    Sha256,
}

impl Algorithm {
    /// Its name in a challenge.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Algorithm::Md5 => "MD5",
            Algorithm::Sha256 => "SHA-256",
        }
    }

    fn hash(self, text: &str) -> String {
        fn hex(bytes: impl AsRef<[u8]>) -> String {
            bytes.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
        }
        match self {
            Algorithm::Md5 => hex(Md5::digest(text)),
            Algorithm::Sha256 => hex(Sha256::digest(text)),
        }
    }

    /// The header value that answers a challenge with `qop=auth` (RFC 7616 §3.4).
    ///
    /// # Panics
    /// If the challenge lacks its realm or nonce.
    #[must_use]
    pub fn answer(
        self,
        challenge: &str,
        count: u32,
        (user, password): (&str, &str),
        (method, uri): (&str, &str),
    ) -> String {
        let realm = parameter(challenge, "realm").expect("a challenge has a realm");
        let nonce = parameter(challenge, "nonce").expect("a challenge has a nonce");
        let opaque = parameter(challenge, "opaque").unwrap_or_default();
        let (cnonce, count) = ("0a4f113b", format!("{count:08x}"));
        let middle = format!("{nonce}:{count}:{cnonce}");
        let response = self.response(&middle, (user, realm, password), (method, uri));
        format!(
            "Digest username=\"{user}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{uri}\", \
             response=\"{response}\", algorithm={}, cnonce=\"{cnonce}\", opaque=\"{opaque}\", \
             qop=auth, nc={count}",
            self.name()
        )
    }
}

impl Algorithm {
    /// The `response` of `qop=auth`; `middle` is nonce, count and cnonce.
    fn response(
        self,
        middle: &str,
        (user, realm, password): (&str, &str, &str),
        (method, uri): (&str, &str),
    ) -> String {
        let who = self.hash(&format!("{user}:{realm}:{password}"));
        let what = self.hash(&format!("{method}:{uri}"));
        self.hash(&format!("{who}:{middle}:auth:{what}"))
    }
}

/// Whether an Authorization header proves that its sender knows the password (RFC 7616 §3.4.1).
#[must_use]
pub fn proves_password(
    algorithm: Algorithm,
    authorization: &str,
    (user, password): (&str, &str),
    method: &str,
) -> bool {
    let said = |name| parameter(authorization, name).unwrap_or_default();
    let middle = format!("{}:{}:{}", said("nonce"), said("nc"), said("cnonce"));
    let who = (user, said("realm"), password);
    let response = algorithm.response(&middle, who, (method, said("uri")));
    said("username") == user && said("qop") == "auth" && said("response") == response
}

/// A parameter of a challenge, without its quotes.
pub(super) fn parameter<'a>(challenge: &'a str, name: &str) -> Option<&'a str> {
    let parameters = challenge.strip_prefix("Digest ").unwrap_or(challenge).split(',');
    let mut found = parameters.filter_map(|parameter| {
        let (key, value) = parameter.trim().split_once('=')?;
        key.eq_ignore_ascii_case(name).then_some(value.trim_matches('"'))
    });
    found.next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_7616() {
        // §3.9.1, with its cnonce in place of ours.
        for (algorithm, expected) in [
            (Algorithm::Md5, "8ca523f5e9506fed4657c9700eebdbec"),
            (Algorithm::Sha256, "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
        ] {
            let nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v";
            let cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
            let who = algorithm.hash("Mufasa:http-auth@example.org:Circle of Life");
            let what = algorithm.hash("GET:/dir/index.html");
            let response = format!("{who}:{nonce}:00000001:{cnonce}:auth:{what}");
            assert_eq!(algorithm.hash(&response), expected);
        }
    }
}
