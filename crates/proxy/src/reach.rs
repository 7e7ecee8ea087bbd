//! How call control reaches somebody: agents, clinics, numbers outside.

use ambient::Now;
use dialplan::plan::MediaSecurity;
use dialplan::{AgentId, ClinicId, Destination, Number, Target, Trunk};
use sip::uri::Scheme;
use sip::{NextHop, Uri, UriBuf};

use crate::forward;
use crate::number::number_in;
use crate::{Dial, Entry, NoDial, Party, Proxy};

impl Proxy {
    pub(crate) fn phones_of_agent(&self, now: Now, agent: &AgentId) -> Result<Vec<Dial>, NoDial> {
        let phones = self.targets_of_account(now, agent.as_str());
        self.dials(phones, self.directory.plan.agent_media).ok_or(NoDial::NotRegistered)
    }

    pub(crate) fn phones_of_clinic(
        &self,
        now: Now,
        clinic: &ClinicId,
    ) -> Result<Vec<Dial>, NoDial> {
        let clinic = self.directory.plan.clinics.get(clinic).ok_or(NoDial::NotRegistered)?;
        let phones =
            clinic.ring.iter().flat_map(|phone| self.targets_of_phone(now, phone)).collect();
        self.dials(phones, self.directory.plan.clinic_media).ok_or(NoDial::NotRegistered)
    }

    pub(crate) fn trunks_to(&self, number: &Number) -> Result<Vec<Dial>, NoDial> {
        let plan = &self.directory.plan;
        let mut found = Vec::new();
        let mut is_any_full = false;
        for trunk in plan.trunks.values().filter(|trunk| !trunk.to.is_empty()) {
            if self.trunks.is_full(&trunk.id) {
                is_any_full = true;
                continue;
            }
            let targets = self.trunks.targets(&trunk.id);
            found.extend(targets.iter().filter_map(|target| self.dial_by(trunk, target, number)));
        }
        match (found.is_empty(), is_any_full) {
            (false, _) => Ok(found),
            (true, true) => Err(NoDial::TrunkFull),
            (true, false) => Err(NoDial::NoTrunk),
        }
    }

    pub(crate) fn entry_of(&self, uri: &Uri<'_>) -> Option<Entry> {
        let number = number_in(uri, &self.directory.plan.region.numbering);
        if let Some(number) = &number
            && let Some(destination) = self.directory.destination(number)
        {
            return self.entry_at(destination);
        }
        let user = uri.user_unescaped()?;
        match self.directory.account(&user).map(|account| &account.party) {
            Some(Party::Agent(agent)) => Some(Entry::Agent(agent.clone())),
            Some(Party::Clinic(clinic)) => Some(Entry::Target(Target::Clinic(clinic.clone()))),
            Some(Party::Trunk(_)) | None => match self.directory.plan.queues.get(&*user) {
                // A queue has no number; a phone's key may carry its name.
                Some(queue) => Some(Entry::Target(Target::Queue(queue.id.clone()))),
                None => number.map(Entry::Outside),
            },
        }
    }

    fn entry_at(&self, destination: &Destination) -> Option<Entry> {
        let plan = &self.directory.plan;
        Some(match destination {
            Destination::Service => Entry::Target(plan.service.start.clone()),
            Destination::Clinic(clinic) => Entry::Target(Target::Clinic(clinic.clone())),
            Destination::Retired(id) => {
                let retired = plan.retired.get(id)?;
                Entry::Retired { announce: retired.announce.clone(), then: retired.then.clone() }
            }
            Destination::Agent(agent) => Entry::Agent(agent.clone()),
            Destination::Feature(feature) => Entry::Feature(*feature),
            Destination::Monitor(agent) => Entry::Monitor(agent.clone()),
        })
    }

    fn dials(&self, phones: Vec<forward::Target>, media: MediaSecurity) -> Option<Vec<Dial>> {
        let from = format!("sip:{}@{}", self.directory.service_number(), self.config.realm);
        let from_uri = UriBuf::parse(&from).ok()?;
        let dial = |phone: forward::Target| Dial {
            uri: phone.uri,
            route: phone.route,
            next_hop: phone.hop,
            credentials: None,
            from_uri: from_uri.clone(),
            trunk: None,
            media,
        };
        let dials: Vec<_> = phones.into_iter().map(dial).collect();
        (!dials.is_empty()).then_some(dials)
    }

    /// The number at one address of a trunk.
    fn dial_by(&self, trunk: &Trunk, target: &UriBuf, number: &Number) -> Option<Dial> {
        let at = target.as_uri();
        let port = at.port.map(|port| format!(":{port}")).unwrap_or_default();
        // A trunk that is reached over TLS alone is asked to go on so (RFC 3261 §26.2.2).
        let scheme = if at.scheme == Scheme::Sips { "sips" } else { "sip" };
        let uri = format!("{scheme}:{number}@{}{port}{}", at.host, at.params.0);
        let shown =
            trunk.caller_number.as_ref().map_or(self.directory.service_number(), |n| n.as_str());
        let (from, credentials) = self
            .trunks
            .account(&trunk.id)
            .unwrap_or_else(|| (format!("sip:{shown}@{}{port}", at.host), None));
        Some(Dial {
            uri: UriBuf::parse(&uri).ok()?,
            route: Vec::new(),
            next_hop: NextHop::Uri(target.clone()),
            credentials,
            from_uri: UriBuf::parse(&from).ok()?,
            trunk: Some(trunk.id.clone()),
            media: trunk.media,
        })
    }
}
