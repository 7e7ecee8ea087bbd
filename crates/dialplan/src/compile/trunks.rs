//! Trunks.

use std::collections::BTreeMap;
use std::time::Duration;

use super::region::digits;
use super::secrets::PasswordKeys;
use super::{Context, entries, seconds};
use crate::plan::Srtp;
use crate::read::Text;
use crate::source::{At, Spot};
use crate::tables::{RegisterTable, TrunkTable};
use crate::{Network, Trunk, TrunkId, TrunkKind};

const EXPIRES: Duration = seconds(600);
const EXPIRES_LIMITS: (Duration, Duration) = (seconds(60), seconds(86_400));
const KEEP_ALIVE_LIMITS: (Duration, Duration) = (seconds(5), seconds(3600));
const CALLS_MAX: usize = 1000;
/// The ceiling of `calls_max`.
const CALLS_CEILING: usize = 100_000;

/// By what trunks are known so far.
#[derive(Default)]
struct Known {
    networks: BTreeMap<Network, Spot>,
    names: BTreeMap<Box<str>, Spot>,
    /// The trunk of guests.
    guests: Option<Spot>,
}

impl Context<'_> {
    /// All trunks.
    pub(super) fn trunks(&mut self) -> BTreeMap<TrunkId, Trunk> {
        let mut trunks = BTreeMap::new();
        let mut known = Known::default();
        for (name, spot, table) in entries(&self.root.trunks) {
            let id = TrunkId::from(&**name);
            if let Some(trunk) = self.trunk(id.clone(), spot, table, &mut known) {
                trunks.insert(id, trunk);
            }
        }
        trunks
    }

    fn trunk(
        &mut self,
        id: TrunkId,
        spot: Spot,
        table: &TrunkTable,
        known: &mut Known,
    ) -> Option<Trunk> {
        let what = format!("trunk \"{id}\"");
        let from = table.from.value().map(Vec::as_slice).unwrap_or_default();
        let from: Vec<Network> =
            from.iter().filter_map(|text| self.network(text, &what, &mut known.networks)).collect();
        let certificate = table.certificate.value().map(Vec::as_slice).unwrap_or_default();
        let certificate: Vec<Box<str>> = certificate
            .iter()
            .filter_map(|name| self.certificate_name(name, &mut known.names))
            .collect();
        let to = table.to.value().map(Vec::as_slice).unwrap_or_default();
        let kind = match table.register.given() {
            Some(register) => self.register(register),
            None => Some(TrunkKind::Address),
        };
        let silent = matches!(kind, Some(TrunkKind::Address)) && to.is_empty();
        let guests = *table.guests.value().unwrap_or(&false);
        if guests && let Some(first) = known.guests.replace(spot) {
            self.findings
                .error(spot, format!("{what} is the second one for guests"))
                .remedy("leave guests = true with one trunk")
                .elsewhere(first, "first here");
        }
        let brings = guests
            || !table.from.value().is_none_or(Vec::is_empty)
            || !table.certificate.value().is_none_or(Vec::is_empty);
        if silent && !brings {
            self.findings.error(spot, format!("{what} neither brings nor takes calls")).remedy(
                "add from = [\"192.0.2.0/24\"], to = [\"sip:carrier.example\"] or register",
            );
        }
        let area_code = table.area_code.given().and_then(|code| digits(code, self.findings));
        let numbering = match area_code {
            Some(code) => self.numbering.with_area_code(&code),
            None => self.numbering.clone(),
        };
        Some(Trunk {
            from,
            certificate,
            to: to.iter().map(|uri| uri.value.0.clone()).collect(),
            caller_number: table.caller_number.given().and_then(|number| self.number(number)),
            numbering,
            early_media: *table.early_media.value().unwrap_or(&false),
            anchored: *table.anchored.value().unwrap_or(&false),
            media: self.media_security(&table.srtp, &table.srtp_keys, Srtp::Off),
            keep_alive: self.duration_if_given(&table.keep_alive, KEEP_ALIVE_LIMITS),
            guests,
            calls_max: self.count(&table.calls_max, CALLS_MAX, (1, CALLS_CEILING)),
            kind: kind?,
            id,
        })
    }

    /// A name that a trunk's certificate shows: one trunk's only.
    fn certificate_name(
        &mut self,
        written: &At<Text>,
        names: &mut BTreeMap<Box<str>, Spot>,
    ) -> Option<Box<str>> {
        let name = written.value.0.to_ascii_lowercase();
        let is_name = !name.is_empty()
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'));
        if !is_name {
            self.findings
                .error(written.spot, format!("\"{}\" is no domain", written.value.0.escape_debug()))
                .remedy(
                    "write the name in the trunk's certificate, such as \"sip.carrier.example\"",
                );
            return None;
        }
        if let Some(first) = names.insert(name.as_str().into(), written.spot) {
            self.findings
                .error(written.spot, format!("certificates of {name} belong to two trunks"))
                .remedy("a request must belong to one trunk: remove one of them")
                .elsewhere(first, "first here");
        }
        Some(name.into())
    }

    /// A network of a trunk. Requests from a network must belong to one trunk.
    fn network(
        &mut self,
        written: &At<Text>,
        trunk: &str,
        networks: &mut BTreeMap<Network, Spot>,
    ) -> Option<Network> {
        let network: Network = match written.value.0.parse() {
            Ok(network) => network,
            Err(error) => {
                let error: crate::network::NetworkError = error;
                self.findings.error(written.spot, error.to_string()).remedy(
                    "write an address such as \"192.0.2.7\", or a network \"192.0.2.0/24\"",
                );
                return None;
            }
        };
        if let Some(first) = networks.insert(network, written.spot) {
            self.findings
                .error(written.spot, format!("{network} belongs to two trunks"))
                .remedy("a request must belong to one trunk: remove one of them")
                .elsewhere(first, "first here");
        }
        if network.is_everything() {
            self.findings
                .warning(written.spot, format!("{trunk} lets the whole internet call the line and its clinics without authentication"))
                .remedy("name the carrier's networks only");
        }
        Some(network)
    }

    fn register(&mut self, At { spot, value }: &At<RegisterTable>) -> Option<TrunkKind> {
        let owner = (*spot, "`register`");
        let registrar =
            value.registrar.need("registrar", "\"sip:carrier.example\"", owner, self.findings);
        let user = value.user.need("user", "\"74812000000\"", owner, self.findings);
        let keys = PasswordKeys {
            password: &value.password,
            password_env: &value.password_env,
            password_file: &value.password_file,
        };
        let password = self.password(&keys, owner, "");
        let expires = self.duration(&value.expires, EXPIRES, EXPIRES_LIMITS);
        Some(TrunkKind::Register {
            registrar: registrar?.value.0.clone(),
            user: user?.value.0.clone(),
            password: password?,
            expires,
        })
    }
}
