//! Answers the questions of `sip::locate` (RFC 3263) with the system's resolver.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::proto::rr::{RData, RecordType};
use sip::locate::{DnsAnswer, DnsKind, DnsQuery, DnsRecord};
use switch::Input;
use tokio::runtime::Handle;

use crate::mail::Inputs;

/// Questions that may be open at once; a further one is answered with nothing.
const OPEN_MAX: usize = 512;
/// How long a question may take, over all servers and tries. Short of Timer B, so that a call
/// still has time for its next target.
const PATIENCE: Duration = Duration::from_secs(5);
/// Records taken from one answer.
const RECORDS_MAX: usize = 32;

/// Asks DNS.
pub(crate) struct Dns {
    tokio: Handle,
    resolver: Option<Arc<TokioResolver>>,
    inputs: Inputs,
    open: Arc<AtomicUsize>,
}

impl Dns {
    /// With the system's configuration; a system without one has no DNS, and names in the dialplan
    /// cannot be reached.
    pub(crate) fn new(tokio: Handle, inputs: Inputs) -> Dns {
        let resolver = {
            let _entered = tokio.enter();
            TokioResolver::builder_tokio().and_then(|builder| builder.build())
        };
        let resolver = match resolver {
            Ok(resolver) => Some(Arc::new(resolver)),
            Err(error) => {
                tracing::warn!(%error, "DNS cannot be used: only addresses can be reached");
                None
            }
        };
        Dns { tokio, resolver, inputs, open: Arc::default() }
    }

    /// Asks; the answer comes as an input.
    ///
    /// # Errors
    /// The empty answer, if it is known at once that there will be none.
    pub(crate) fn ask(&self, query: DnsQuery) -> Result<(), DnsAnswer> {
        let unanswered = DnsAnswer { id: query.id, records: Vec::new() };
        let resolver = self.resolver.clone().ok_or_else(|| unanswered.clone())?;
        if self.open.fetch_add(1, Ordering::Relaxed) >= OPEN_MAX {
            self.open.fetch_sub(1, Ordering::Relaxed);
            return Err(unanswered);
        }
        let (inputs, open) = (self.inputs.clone(), self.open.clone());
        self.tokio.spawn(async move {
            let records = tokio::time::timeout(PATIENCE, look_up(&resolver, &query)).await;
            let records = records.unwrap_or_default();
            open.fetch_sub(1, Ordering::Relaxed);
            tracing::debug!(name = %query.name, kind = ?query.kind, found = records.len(), "DNS");
            inputs.send(Input::Dns(DnsAnswer { id: query.id, records }));
        });
        Ok(())
    }
}

async fn look_up(resolver: &TokioResolver, query: &DnsQuery) -> Vec<DnsRecord> {
    // A name in a URI is complete: the search list of the system does not apply.
    let name = format!("{}.", query.name.trim_end_matches('.'));
    let records = match query.kind {
        DnsKind::Address => {
            let addresses = resolver.lookup_ip(name).await;
            return addresses
                .map(|found| found.iter().take(RECORDS_MAX).map(DnsRecord::Address).collect())
                .unwrap_or_default();
        }
        DnsKind::Naptr => resolver.lookup(name, RecordType::NAPTR).await,
        DnsKind::Srv => resolver.lookup(name, RecordType::SRV).await,
    };
    records
        .map(|found| {
            found
                .answers()
                .iter()
                .filter_map(|record| to_record(&record.data))
                .take(RECORDS_MAX)
                .collect()
        })
        .unwrap_or_default()
}

fn to_record(data: &RData) -> Option<DnsRecord> {
    match data {
        RData::A(a) => Some(DnsRecord::Address(IpAddr::V4(a.0))),
        RData::AAAA(aaaa) => Some(DnsRecord::Address(IpAddr::V6(aaaa.0))),
        RData::SRV(srv) => Some(DnsRecord::Srv {
            priority: srv.priority,
            weight: srv.weight,
            port: srv.port,
            target: name_of(&srv.target),
        }),
        RData::NAPTR(naptr) => Some(DnsRecord::Naptr {
            order: naptr.order,
            preference: naptr.preference,
            service: String::from_utf8_lossy(&naptr.services).into(),
            replacement: name_of(&naptr.replacement),
        }),
        _ => None, // an alias on the way to the answer
    }
}

fn name_of(name: &hickory_resolver::proto::rr::Name) -> Arc<str> {
    name.to_utf8().trim_end_matches('.').into()
}

#[cfg(test)]
mod tests;
