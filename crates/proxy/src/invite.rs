//! A call that begins: who calls, which number, and where it leads.

use dialplan::{Clinic, Destination, Number};
use journal::{CallId, ForwardCause, Origin, Step};
use sip::values::NameAddr;
use sip::{HeaderName, Message, StatusCode, Uri};

use crate::number::{is_anonymous, number_in};
use crate::origin::diversions;
use crate::turn::{Incoming, Turn};
use crate::{Arrival, Entry, Output, Party, Proxy};

/// What is known of a call from its INVITE.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) from: Party,
    pub(crate) caller: Option<Number>,
    pub(crate) dialled: Number,
}

impl Proxy {
    /// An INVITE outside dialogs.
    pub(crate) fn invite(&mut self, turn: &mut Turn<'_>, incoming: Incoming) {
        let Some(from) = self.admit(turn, &incoming) else { return };
        if !self.admission.admits(turn.now.mono, self.calls.len()) {
            let retry_after = self.admission.retry_after.as_secs();
            turn.refuse_early(&incoming, StatusCode(503), |response| {
                response.push(HeaderName::RetryAfter, retry_after);
            });
            self.outputs.push_back(Output::Refused);
            return;
        }
        let numbering = self.directory.numbering(&from);
        let dialled =
            Uri::parse(incoming.message.request_uri()).ok().and_then(|u| number_in(&u, numbering));
        let Some(dialled) = dialled else {
            return self.answer(turn, &incoming, StatusCode(404));
        };
        if let Party::Trunk(trunk) = &from
            && self.trunks.is_full(trunk)
        {
            return self.answer(turn, &incoming, StatusCode(503));
        }
        let caller = self.caller_of(&incoming.message, &from);
        self.route(turn, incoming, Call { from, caller, dialled });
    }

    /// Where the dialled number leads.
    fn route(&mut self, turn: &mut Turn<'_>, incoming: Incoming, call: Call) {
        let is_agent = matches!(call.from, Party::Agent(_));
        match self.directory.destination(&call.dialled).cloned() {
            Some(Destination::Service) => {
                let origin = self.origin_of(&incoming, &call);
                let to = Entry::Target(self.directory.plan.service.start.clone());
                self.arrive(turn, incoming, call, to, origin, Vec::new());
            }
            Some(Destination::Clinic(clinic)) => self.clinic_line(turn, incoming, call, &clinic),
            Some(Destination::Retired(id)) => {
                let Some(retired) = self.directory.plan.retired.get(&id) else {
                    return self.answer(turn, &incoming, StatusCode(404));
                };
                let to = Entry::Retired {
                    announce: retired.announce.clone(),
                    then: retired.then.clone(),
                };
                let origin = Origin::Retired(call.dialled.clone());
                self.arrive(turn, incoming, call, to, origin, Vec::new());
            }
            Some(Destination::Agent(agent)) if is_agent => {
                self.arrive(turn, incoming, call, Entry::Agent(agent), Origin::Direct, Vec::new());
            }
            Some(Destination::Feature(feature)) if is_agent => {
                self.arrive(
                    turn,
                    incoming,
                    call,
                    Entry::Feature(feature),
                    Origin::Direct,
                    Vec::new(),
                );
            }
            Some(Destination::Monitor(agent)) if is_agent => {
                let to = Entry::Monitor(agent);
                self.arrive(turn, incoming, call, to, Origin::Direct, Vec::new());
            }
            None if is_agent => {
                let to = Entry::Outside(call.dialled.clone());
                self.arrive(turn, incoming, call, to, Origin::Direct, Vec::new());
            }
            // Extensions and codes do not exist for anybody else.
            Some(Destination::Agent(_) | Destination::Feature(_) | Destination::Monitor(_))
            | None => {
                self.answer(turn, &incoming, StatusCode(404));
            }
        }
    }

    /// Hands a call to call control.
    pub(crate) fn arrive(
        &mut self,
        turn: &Turn<'_>,
        incoming: Incoming,
        call: Call,
        to: Entry,
        origin: Origin,
        steps: Vec<Step>,
    ) {
        let Incoming { tx, message, flow } = incoming;
        let id = CallId::new(turn.now.wall, &mut self.entropy);
        self.outputs.push_back(Output::Arrival(Box::new(Arrival {
            call: id,
            plan: self.directory.plan.clone(),
            tx,
            request: message,
            flow,
            from: call.from,
            caller: call.caller,
            dialled: call.dialled,
            to,
            origin,
            steps,
        })));
    }

    /// The caller's number. A trunk's P-Asserted-Identity is believed (RFC 3325); a clinic's PBX may
    /// show the citizen whom it forwards.
    fn caller_of(&self, request: &Message, from: &Party) -> Option<Number> {
        let numbering = self.directory.numbering(from);
        let shown = |name| {
            request
                .elements(name)
                .filter_map(|text| NameAddr::parse(text).ok())
                .filter(|address| !is_anonymous(&address.uri))
                .find_map(|address| number_in(&address.uri, numbering))
        };
        match from {
            Party::Agent(agent) => numbering.normalise(agent.as_str()),
            Party::Trunk(_) if wants_privacy(request) => None,
            Party::Trunk(_) => {
                shown(HeaderName::PAssertedIdentity).or_else(|| shown(HeaderName::From))
            }
            Party::Clinic(_) if wants_privacy(request) => None,
            Party::Clinic(clinic) => {
                let own = || self.directory.plan.clinics.get(clinic)?.numbers.first().cloned();
                shown(HeaderName::From).or_else(own)
            }
        }
    }

    /// Which clinic's line a call to the service came by.
    fn origin_of(&self, incoming: &Incoming, call: &Call) -> Origin {
        let numbering = self.directory.numbering(&call.from);
        if let Party::Agent(_) = call.from {
            return Origin::Direct;
        }
        if let Some((clinic, cause)) =
            diversions(&self.directory, numbering, &incoming.message).pop()
        {
            return Origin::Clinic { clinic, cause };
        }
        let silent = match &call.from {
            Party::Clinic(clinic) => Some(clinic.clone()),
            Party::Agent(_) | Party::Trunk(_) => self
                .clinic_asserted(&incoming.message, call)
                .or_else(|| self.directory.clinic_at(&incoming.flow).cloned()),
        };
        match silent {
            Some(clinic) => Origin::Clinic { clinic, cause: ForwardCause::Unknown },
            None => Origin::Direct,
        }
    }

    /// Why this clinic passed on a call that now comes to the clinic's own number; `None` if it did
    /// not.
    pub(crate) fn came_from(
        &self,
        incoming: &Incoming,
        call: &Call,
        clinic: &Clinic,
    ) -> Option<ForwardCause> {
        if let Party::Agent(_) = call.from {
            return None;
        }
        let numbering = self.directory.numbering(&call.from);
        let told = diversions(&self.directory, numbering, &incoming.message)
            .into_iter()
            .find(|(found, _)| *found == clinic.id)
            .map(|(_, cause)| cause);
        let silent = || {
            let by_account = call.from == Party::Clinic(clinic.id.clone());
            let by_number =
                self.clinic_asserted(&incoming.message, call).as_ref() == Some(&clinic.id);
            let by_address = self.directory.clinic_at(&incoming.flow) == Some(&clinic.id);
            by_account || by_number || by_address || self.rings_in_circles(call, clinic)
        };
        told.or_else(|| silent().then_some(ForwardCause::Unknown))
    }

    /// The clinic whose number the caller's side shows as its own.
    fn clinic_asserted(&self, request: &Message, call: &Call) -> Option<dialplan::ClinicId> {
        let numbering = self.directory.numbering(&call.from);
        request
            .elements(HeaderName::PAssertedIdentity)
            .chain(request.headers(HeaderName::From))
            .filter_map(|text| NameAddr::parse(text).ok())
            .filter_map(|address| number_in(&address.uri, numbering))
            .find_map(|number| self.directory.clinic_of(&number).cloned())
    }

    /// The same caller rings at the clinic so often at once that its PBX must send the calls back.
    fn rings_in_circles(&self, call: &Call, clinic: &Clinic) -> bool {
        let Some(caller) = &call.caller else { return false };
        self.calls.ringing(&clinic.id, caller) >= crate::clinic::SAME_CALLER_RINGING_MAX
    }
}

/// RFC 3323 §4.2, RFC 3325 §9.3: the caller wants to be withheld.
fn wants_privacy(request: &Message) -> bool {
    request.headers(HeaderName::Privacy).any(|value| {
        value.split(';').map(str::trim).any(|token| {
            ["id", "user", "header"].iter().any(|private| token.eq_ignore_ascii_case(private))
        })
    })
}
