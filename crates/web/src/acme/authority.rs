//! One certificate, from the question to the file: an order, a proof for each name, the certificate (RFC 8555 §7.4).

use std::sync::Arc;
use std::time::Duration;

use https::{Failure, Https};
use instant_acme::{
    Account, AuthorizationStatus, ChallengeType, Identifier, NewAccount, NewOrder, Order,
    OrderStatus, RetryPolicy,
};
use rcgen::{CertificateParams, CustomExtension, KeyPair};
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::sign::{CertifiedKey, SingleCertAndKey};

use super::Acme;
use super::client::Client;
use super::kept::Folder;
use crate::connections::{PROOF, Tls};

/// How long an answer of an authority may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long an authority may take to look at the proofs, and to sign.
const LOOKS_FOR: Duration = Duration::from_secs(120);

/// The authority that is asked.
pub(super) struct Authority<'a> {
    wanted: &'a Acme,
    folder: &'a Folder,
}

impl<'a> Authority<'a> {
    pub(super) fn new(wanted: &'a Acme, folder: &'a Folder) -> Authority<'a> {
        Authority { wanted, folder }
    }

    /// A certificate with its chain, and its key before it, as PEM. Meanwhile the pages' port proves whose names they
    /// are.
    pub(super) async fn certify(&self, tls: &Tls) -> Result<String, Failure> {
        let account = self.account().await?;
        let names: Vec<_> = self.wanted.domains.iter().cloned().map(Identifier::Dns).collect();
        let mut order = account.new_order(&NewOrder::new(&names)).await?;
        let _proofs = Proofs(tls);
        prove(&mut order, tls).await?;
        let policy = RetryPolicy::default().timeout(LOOKS_FOR);
        match order.poll_ready(&policy).await {
            Ok(OrderStatus::Ready) => {}
            Ok(status) => return Err(refusal(&mut order, &format!("{status:?}")).await),
            Err(error) => return Err(refusal(&mut order, &error.to_string()).await),
        }
        let key = order.finalize().await?;
        Ok(key + &order.poll_certificate(&policy).await?)
    }

    async fn account(&self) -> Result<Account, Failure> {
        let directory = &self.wanted.directory;
        let builder = || Account::builder_with_http(Box::new(Client(Https::new(PATIENCE))));
        if let Some(credentials) = self.folder.account(directory) {
            return Ok(builder().from_credentials(credentials).await?);
        }
        let contact = self.wanted.contact.as_ref().map(|address| format!("mailto:{address}"));
        let contact: Vec<_> = contact.iter().map(String::as_str).collect();
        let wanted = NewAccount {
            contact: &contact,
            terms_of_service_agreed: true,
            only_return_existing: false,
        };
        let (account, credentials) = builder().create(&wanted, directory.clone(), None).await?;
        self.folder.write_account(directory, credentials)?;
        Ok(account)
    }
}

/// Lets the authority look at a proof for each name.
async fn prove(order: &mut Order, tls: &Tls) -> Result<(), Failure> {
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization?;
        // Of what was proven a short while ago no proof is wanted.
        if authorization.status == AuthorizationStatus::Valid {
            continue;
        }
        let mut challenge = authorization
            .challenge(ChallengeType::TlsAlpn01)
            .ok_or("the authority does not look at the port of the pages (tls-alpn-01)")?;
        let domain = challenge.identifier().to_string();
        let digest = challenge.key_authorization().digest();
        tls.prove(&domain, proof(&domain, digest.as_ref())?);
        challenge.set_ready().await?;
    }
    Ok(())
}

/// What the authority has seen instead of the proof, beside what it says of the whole.
async fn refusal(order: &mut Order, whole: &str) -> Failure {
    let mut told = Vec::new();
    let mut authorizations = order.authorizations();
    while let Some(Ok(mut authorization)) = authorizations.next().await {
        let domain = authorization.identifier().to_string();
        let Ok(state) = authorization.refresh().await else { continue };
        let errors = state.challenges.iter().filter_map(|one| one.error.as_ref());
        told.extend(errors.map(|error| format!("{domain}: {error}")));
    }
    format!("the authority gives none: {whole}; {}", told.join("; ")).into()
}

/// The certificate that shows to an authority that this port is ours (RFC 8737 §3).
fn proof(domain: &str, digest: &[u8]) -> Result<Arc<ServerConfig>, Failure> {
    let mut params = CertificateParams::new([domain.to_owned()])?;
    params.custom_extensions = vec![CustomExtension::new_acme_identifier(digest)];
    let key = KeyPair::generate()?;
    let certificate = params.self_signed(&key)?;
    let key = PrivateKeyDer::try_from(key.serialize_der())?;
    let config = ServerConfig::builder().with_no_client_auth();
    let key = config.crypto_provider().key_provider.load_private_key(key)?;
    // Not `with_single_cert`: it refuses what it does not know and must know, as the identifier is.
    let shown = CertifiedKey::new(vec![certificate.der().clone()], key);
    let mut config = config.with_cert_resolver(Arc::new(SingleCertAndKey::from(shown)));
    config.alpn_protocols = vec![PROOF.to_vec()];
    Ok(Arc::new(config))
}

/// Proofs that are shown as long as this lives.
struct Proofs<'a>(&'a Tls);

impl Drop for Proofs<'_> {
    fn drop(&mut self) {
        self.0.prove_nothing();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_speaks_the_protocol_of_authorities_alone() {
        let config = proof("122.example", &[7; 32]).unwrap();
        assert_eq!(config.alpn_protocols, [PROOF]);
        assert!(proof("122 пример", &[7; 32]).is_err());
    }
}
