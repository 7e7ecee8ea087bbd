//! Who and what the dialplan knows: accounts, trunks, numbers.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use dialplan::{
    AccountOwner, Clinic, ClinicId, Destination, Dialplan, Number, Numbering, Phone, Secret, Trunk,
    TrunkId,
};
use sip::{Flow, Host, Transport, Uri};

use crate::Party;

/// The dialplan with the look-ups that a request needs. Made apart from the line that uses it, since a
/// region's takes a while.
#[derive(Debug)]
pub struct Directory {
    pub(crate) plan: Arc<Dialplan>,
    accounts: BTreeMap<Arc<str>, Account>,
    clinic_numbers: BTreeMap<Number, ClinicId>,
    /// Clinics by the addresses at which their phones ring.
    clinic_addresses: BTreeMap<SocketAddr, ClinicId>,
}

/// A user name that registers and calls with a password.
#[derive(Debug)]
pub(crate) struct Account {
    /// The user name, shared by all that refer to the account.
    pub(crate) name: Arc<str>,
    pub(crate) party: Party,
    pub(crate) password: Secret,
}

impl Directory {
    /// Makes the look-ups.
    #[must_use]
    pub fn new(plan: Arc<Dialplan>) -> Directory {
        let account = |user: &str, account: &dialplan::Account| {
            let name: Arc<str> = user.into();
            let party = match &account.owner {
                AccountOwner::Agent(agent) => Party::Agent(agent.clone()),
                AccountOwner::Clinic(clinic) => Party::Clinic(clinic.clone()),
            };
            (name.clone(), Account { name, party, password: account.password.clone() })
        };
        let accounts = plan.accounts.iter().map(|(user, known)| account(user, known)).collect();
        let numbers_of = |clinic: &Clinic| {
            let id = clinic.id.clone();
            let numbers = clinic.numbers.iter().cloned();
            numbers.map(move |number| (number, id.clone())).collect::<Vec<_>>()
        };
        let clinic_numbers = plan.clinics.values().flat_map(numbers_of).collect();
        let addresses_of = |clinic: &Clinic| {
            let id = clinic.id.clone();
            let addresses = clinic.ring.iter().filter_map(address_of);
            addresses.map(move |address| (address, id.clone())).collect::<Vec<_>>()
        };
        let clinic_addresses = plan.clinics.values().flat_map(addresses_of).collect();
        Directory { accounts, clinic_numbers, clinic_addresses, plan }
    }

    /// The account with this user name.
    pub(crate) fn account(&self, user: &str) -> Option<&Account> {
        self.accounts.get(user)
    }

    /// The trunk that is known by one of a certificate's names.
    pub(crate) fn trunk_named(&self, names: &[Box<str>], source: IpAddr) -> Option<&TrunkId> {
        let is_shown = |trunk: &Trunk| trunk.certificate.iter().any(|own| names.contains(own));
        let is_there = |trunk: &Trunk| {
            trunk.from.is_empty() || trunk.from.iter().any(|network| network.contains(source))
        };
        let mut trunks = self.plan.trunks.values();
        trunks.find(|trunk| is_shown(trunk) && is_there(trunk)).map(|trunk| &trunk.id)
    }

    /// The trunk to whose networks the address belongs.
    pub(crate) fn trunk_at(&self, source: IpAddr) -> Option<&TrunkId> {
        self.plan.trunk_at(source).map(|trunk| &trunk.id)
    }

    /// Whether a clinic's phone rings at this address.
    pub(crate) fn is_clinic(&self, ip: IpAddr) -> bool {
        let from = SocketAddr::new(ip, 0);
        self.clinic_addresses.range(from..).next().is_some_and(|(address, _)| address.ip() == ip)
    }

    /// How this party writes numbers.
    pub(crate) fn numbering(&self, party: &Party) -> &Numbering {
        let own = match party {
            Party::Trunk(trunk) => self.plan.trunks.get(trunk).map(|trunk| &trunk.numbering),
            Party::Agent(_) | Party::Clinic(_) => None,
        };
        own.unwrap_or(&self.plan.region.numbering)
    }

    /// What a number in normal form leads to.
    pub(crate) fn destination(&self, number: &Number) -> Option<&Destination> {
        self.plan.numbers.get(number)
    }

    /// The clinic that has this number.
    pub(crate) fn clinic_of(&self, number: &Number) -> Option<&ClinicId> {
        self.clinic_numbers.get(number)
    }

    /// The clinic that rings at the very address that something came from over UDP: its PBX. A
    /// connection's port says nothing.
    pub(crate) fn clinic_at(&self, flow: &Flow) -> Option<&ClinicId> {
        match flow.transport {
            Transport::Udp => self.clinic_addresses.get(&flow.remote),
            Transport::Tcp | Transport::Tls | Transport::Ws | Transport::Wss => None,
        }
    }

    /// The number that is shown to those we call.
    pub(crate) fn service_number(&self) -> &str {
        self.plan.service.numbers.first().map_or("122", Number::as_str)
    }
}

/// The address of a phone that is written with one.
fn address_of(phone: &Phone) -> Option<SocketAddr> {
    let Phone::At(uri) = phone else { return None };
    let uri = Uri::parse(uri).ok()?;
    match uri.host {
        Host::Address(ip) => Some((ip, uri.port.unwrap_or(5060)).into()),
        Host::Name(_) => None,
    }
}
