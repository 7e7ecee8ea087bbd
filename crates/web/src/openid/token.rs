//! What a provider says of somebody, signed: an ID token (OpenID Connect Core §2), which is a JWT (RFC 7519).
//!
//! Libraries for it bring an RSA in Rust with a known leak of timing, or a second cryptography beside rustls' one; what is
//! needed, the check of two signatures, rustls' has.

use ambient::Wall;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::Deserialize;
use serde_json::{Map, Value};

/// Seconds by which the provider's clock and ours may differ.
const LEEWAY: i64 = 60;
/// Keys of a provider that are looked at.
pub(super) const KEYS_MAX: usize = 64;

/// The public keys of a provider (RFC 7517).
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Keys {
    keys: Vec<Key>,
}

/// One of them. What is of another kind has none of these.
#[derive(Clone, Debug, Deserialize)]
struct Key {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    used_for: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
}

/// For whom a token has to be.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client: &'a str,
    pub(super) nonce: &'a str,
    pub(super) now: Wall,
}

/// Why a token is worth nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Worthless {
    /// It is no token.
    #[error("no token as RFC 7519 has it")]
    Malformed,
    /// Signed by an algorithm that we do not take, such as none.
    #[error("signed by an algorithm other than RS256 and ES256")]
    Algorithm,
    /// Signed by a key that the provider has not shown: it may have a new one.
    #[error("signed with an unknown key")]
    UnknownKey,
    /// The signature is another's.
    #[error("the signature is wrong")]
    Signature,
    /// Of another provider, for another client, of another login.
    #[error("not for us: {0} is another")]
    Foreign(&'static str),
    /// Its time is over.
    #[error("its time is over")]
    Expired,
}

/// What the token says, if it is the provider's, for us, for this login, and of now (OpenID Connect Core §3.1.3.7).
pub(super) fn verify(
    token: &str,
    keys: &Keys,
    expected: &Expected<'_>,
) -> Result<Map<String, Value>, Worthless> {
    let (signed, signature) = token.rsplit_once('.').ok_or(Worthless::Malformed)?;
    let (header, claims) = signed.split_once('.').ok_or(Worthless::Malformed)?;
    let header: Header = read(header)?;
    check_signature(&header, keys, signed.as_bytes(), &decode(signature)?)?;
    let claims: Map<String, Value> = read(claims)?;
    check_claims(&claims, expected)?;
    Ok(claims)
}

fn check_signature(
    header: &Header,
    keys: &Keys,
    signed: &[u8],
    signature: &[u8],
) -> Result<(), Worthless> {
    let kind = match header.alg.as_str() {
        "RS256" => "RSA",
        "ES256" => "EC",
        _ => return Err(Worthless::Algorithm),
    };
    let fits = |key: &&Key| {
        key.kty == kind
            && key.used_for.as_deref().is_none_or(|used| used == "sig")
            && header.kid.as_ref().is_none_or(|kid| key.kid.as_ref() == Some(kid))
    };
    let mut fitting = keys.keys.iter().take(KEYS_MAX).filter(fits).peekable();
    fitting.peek().ok_or(Worthless::UnknownKey)?;
    let is_right = fitting.any(|key| key.has_signed(signed, signature).is_some());
    is_right.then_some(()).ok_or(Worthless::Signature)
}

impl Key {
    fn has_signed(&self, signed: &[u8], signature: &[u8]) -> Option<()> {
        let part = |text: &Option<String>| decode(text.as_ref()?).ok();
        if self.kty == "RSA" {
            let key = RsaPublicKeyComponents { n: part(&self.n)?, e: part(&self.e)? };
            return key.verify(&RSA_PKCS1_2048_8192_SHA256, signed, signature).ok();
        }
        if self.crv.as_deref() != Some("P-256") {
            return None;
        }
        // Not compressed (SEC 1 §2.3.3).
        let point = [&[4], part(&self.x)?.as_slice(), part(&self.y)?.as_slice()].concat();
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(signed, signature).ok()
    }
}

fn check_claims(claims: &Map<String, Value>, expected: &Expected<'_>) -> Result<(), Worthless> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("iss") != Some(expected.issuer) {
        return Err(Worthless::Foreign("the issuer"));
    }
    let (is_for_us, is_for_others) = match claims.get("aud") {
        Some(Value::String(one)) => (one == expected.client, false),
        Some(Value::Array(all)) => (all.iter().any(|one| one == expected.client), all.len() > 1),
        _ => (false, false),
    };
    let party = text("azp");
    if !is_for_us
        || party.is_some_and(|party| party != expected.client)
        || (is_for_others && party.is_none())
    {
        return Err(Worthless::Foreign("the audience"));
    }
    if text("nonce") != Some(expected.nonce) {
        return Err(Worthless::Foreign("the nonce"));
    }
    let ends = claims.get("exp").and_then(Value::as_f64).ok_or(Worthless::Malformed)?;
    let oldest = expected.now.unix_seconds() - LEEWAY;
    // Providers count whole seconds; more digits than a float has would be another age.
    if ends <= oldest as f64 { Err(Worthless::Expired) } else { Ok(()) }
}

fn read<T: for<'de> Deserialize<'de>>(part: &str) -> Result<T, Worthless> {
    serde_json::from_slice(&decode(part)?).map_err(|_| Worthless::Malformed)
}

fn decode(part: &str) -> Result<Vec<u8>, Worthless> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| Worthless::Malformed)
}

#[cfg(test)]
mod tests {
    use ring::rand::SystemRandom;
    use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_795_338_000;

    /// A provider with one key.
    struct Provider {
        pair: EcdsaKeyPair,
        keys: Keys,
    }

    impl Provider {
        fn new() -> Provider {
            let random = SystemRandom::new();
            let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
            let made = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
            let pair = EcdsaKeyPair::from_pkcs8(algorithm, made.as_ref(), &random).unwrap();
            let point = pair.public_key().as_ref();
            let (x, y) =
                (URL_SAFE_NO_PAD.encode(&point[1..33]), URL_SAFE_NO_PAD.encode(&point[33..]));
            let keys = json!({ "keys": [
                { "kty": "oct", "k": "AAAA" },
                { "kty": "EC", "crv": "P-256", "kid": "one", "use": "sig", "x": x, "y": y },
            ]});
            Provider { pair, keys: serde_json::from_value(keys).unwrap() }
        }

        fn signs(&self, header: &Value, claims: &Value) -> String {
            let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
            let signed = format!("{}.{}", part(header), part(claims));
            let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
            format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
        }
    }

    fn claims() -> Value {
        json!({ "iss": "https://id.example", "aud": "line", "nonce": "n", "exp": NOW + 60, "sub": "7" })
    }

    fn check(provider: &Provider, token: &str) -> Result<Map<String, Value>, Worthless> {
        let now = Wall::from_unix_millis(NOW * 1000);
        let expected = Expected { issuer: "https://id.example", client: "line", nonce: "n", now };
        verify(token, &provider.keys, &expected)
    }

    #[test]
    fn only_what_the_provider_says_to_us_now_is_believed() {
        let provider = Provider::new();
        let header = json!({ "alg": "ES256", "kid": "one" });
        let say = |change: &dyn Fn(&mut Value)| {
            let mut claims = claims();
            change(&mut claims);
            check(&provider, &provider.signs(&header, &claims)).map(|claims| claims["sub"].clone())
        };
        assert_eq!(say(&|_| ()), Ok(json!("7")));
        assert_eq!(say(&|c| c["aud"] = json!(["line"])), Ok(json!("7")));
        let both = json!(["line", "mail"]);
        assert_eq!(say(&|c| c["aud"] = both.clone()), Err(Worthless::Foreign("the audience")));
        let with_party = |party: &'static str| {
            let both = both.clone();
            move |c: &mut Value| (c["aud"], c["azp"]) = (both.clone(), json!(party))
        };
        assert_eq!(say(&with_party("line")), Ok(json!("7")));
        assert_eq!(say(&with_party("mail")), Err(Worthless::Foreign("the audience")));
        assert_eq!(
            say(&|c| c["iss"] = json!("https://evil.example")),
            Err(Worthless::Foreign("the issuer"))
        );
        assert_eq!(say(&|c| c["aud"] = json!("mail")), Err(Worthless::Foreign("the audience")));
        assert_eq!(say(&|c| c["nonce"] = json!("m")), Err(Worthless::Foreign("the nonce")));
        assert_eq!(say(&|c| c["nonce"] = Value::Null), Err(Worthless::Foreign("the nonce")));
        assert_eq!(say(&|c| c["exp"] = json!(NOW - 59)), Ok(json!("7")));
        assert_eq!(say(&|c| c["exp"] = json!(NOW - 60)), Err(Worthless::Expired));
        assert_eq!(say(&|c| c["exp"] = json!("tomorrow")), Err(Worthless::Malformed));
    }

    #[test]
    fn nobody_else_can_sign() {
        let (provider, other) = (Provider::new(), Provider::new());
        let token =
            |alg: &str, kid: &str| provider.signs(&json!({ "alg": alg, "kid": kid }), &claims());
        assert_eq!(check(&other, &token("ES256", "one")), Err(Worthless::Signature));
        assert_eq!(check(&provider, &token("ES256", "two")), Err(Worthless::UnknownKey));
        assert_eq!(check(&provider, &token("RS256", "one")), Err(Worthless::UnknownKey));
        for alg in ["none", "HS256", "es256"] {
            assert_eq!(check(&provider, &token(alg, "one")), Err(Worthless::Algorithm));
        }
        let good = token("ES256", "one");
        let (signed, _) = good.rsplit_once('.').unwrap();
        assert_eq!(check(&provider, &format!("{signed}.")), Err(Worthless::Signature));
        let mut altered = claims();
        altered["sub"] = json!("8");
        let (header, signature) =
            (good.split('.').next().unwrap(), good.rsplit('.').next().unwrap());
        let altered = URL_SAFE_NO_PAD.encode(altered.to_string());
        let altered = format!("{header}.{altered}.{signature}");
        assert_eq!(check(&provider, &altered), Err(Worthless::Signature));
        for broken in ["", "a.b.c", "..", "a.b"] {
            assert_eq!(check(&provider, broken), Err(Worthless::Malformed));
        }
    }

    /// RFC 7515, appendix A.2.
    #[test]
    fn rs256_is_that_of_rfc_7515() {
        let keys = json!({ "keys": [{ "kty": "RSA", "e": "AQAB",
            "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT\
                  -SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQ\
                  OS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj\
                  8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ" }] });
        let keys: Keys = serde_json::from_value(keys).unwrap();
        let signed = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc\
                      19yb290Ijp0cnVlfQ";
        let signature = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5\
                         jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHl\
                         b1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9Q\
                         OYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
        let header = Header { alg: "RS256".into(), kid: None };
        let signature = decode(signature).unwrap();
        assert_eq!(check_signature(&header, &keys, signed.as_bytes(), &signature), Ok(()));
        let other = [signed.as_bytes(), b"Q"].concat();
        assert_eq!(check_signature(&header, &keys, &other, &signature), Err(Worthless::Signature));
    }
}
