//! Clinic lines and retired numbers.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Context, entries, seconds};
use crate::read::{Field, Outcome, TargetText, Text};
use crate::source::{At, Spot};
use crate::tables::{ClinicDefaults, ClinicTable, RetiredTable};
use crate::{
    Clinic, ClinicId, Contact, Destination, ForwardOn, MenuId, Number, Phone, PromptName, Retired,
    RetiredId, RingOrder,
};

/// A clinic's phones ring so long unless it says otherwise; the practice of the regions.
const RING_FOR: Duration = seconds(60);
/// Timer C (RFC 3261 §16.6) must be longer, and no caller waits longer.
const RING_FOR_LIMITS: (Duration, Duration) = (seconds(5), seconds(170));
/// The most phones of one clinic: more would be a burst of INVITEs.
const PHONES_MAX: usize = 16;

impl Context<'_> {
    /// All clinic lines.
    pub(super) fn clinics(&mut self) -> BTreeMap<ClinicId, Clinic> {
        let defaults = self.root.clinic_defaults.or_empty();
        // Checked even if every clinic says it itself.
        if let Some(target) = defaults.forward_to.given() {
            self.target(target);
        }
        let mut clinics = BTreeMap::new();
        for (name, spot, table) in entries(&self.root.clinics) {
            let id = ClinicId::from(&**name);
            if let Some(clinic) = self.clinic(id.clone(), spot, table, defaults) {
                clinics.insert(id, clinic);
            }
        }
        clinics
    }

    fn clinic(
        &mut self,
        id: ClinicId,
        spot: Spot,
        table: &ClinicTable,
        defaults: &ClinicDefaults,
    ) -> Option<Clinic> {
        let what = format!("clinic \"{id}\"");
        let owner = (spot, what.as_str());
        let title = table.title.need("title", "\"Поликлиника № 1\"", owner, self.findings);
        let numbers = self.clinic_numbers(&id, table, owner);
        let ring = self.phones(table, owner);
        let forward_to = table.forward_to.or(&defaults.forward_to);
        let forward_to = forward_to
            .need("forward_to", "\"menu:main\"", owner, self.findings)
            .and_then(|target| self.target(target));
        let begin_with = table.begin_with.or(&defaults.begin_with).given();
        let begin_with = begin_with.and_then(|target| self.first_menu(target));
        let contact = table.contact.given().and_then(|contact| {
            let owner = (contact.spot, "the contact");
            let name = contact.value.name.need("name", "\"регистратура\"", owner, self.findings);
            let phone = contact.value.phone.need("phone", "\"27-00-02\"", owner, self.findings);
            let phone = phone.and_then(|phone| self.number(phone));
            Some(Contact { name: name?.value.0.clone(), phone: phone? })
        });
        let ring_for =
            self.duration(table.ring_for.or(&defaults.ring_for), RING_FOR, RING_FOR_LIMITS);
        let words = table.words.value().map(Vec::as_slice).unwrap_or_default();
        let ask = self.prompts(&table.ask);
        Some(Clinic {
            title: title?.value.0.clone(),
            words: words.iter().map(|word| word.value.0.clone()).collect(),
            ask,
            numbers: numbers?,
            ring: ring?,
            order: *table.order.or(&defaults.order).value().unwrap_or(&RingOrder::Parallel),
            ring_for,
            forward_on: forward_on(table.forward_on.or(&defaults.forward_on)),
            forward_to: forward_to?,
            begin_with,
            anchored: *table.anchored.or(&defaults.anchored).value().unwrap_or(&false),
            contact,
            id,
        })
    }

    fn clinic_numbers(
        &mut self,
        id: &ClinicId,
        table: &ClinicTable,
        owner: (Spot, &str),
    ) -> Option<Vec<Number>> {
        let written = table.numbers.need("numbers", "[\"27-00-01\"]", owner, self.findings)?;
        if written.value.is_empty() {
            self.findings
                .error(written.spot, format!("{} has no number", owner.1))
                .remedy("write the number that citizens dial");
        }
        let mut numbers = Vec::new();
        for written in &written.value {
            let Some(number) = self.number(written) else { continue };
            let to = Destination::Clinic(id.clone());
            self.book.give(&number, written.spot, to, self.findings);
            numbers.push(number);
        }
        Some(numbers)
    }

    /// The phones of `ring`: SIP URIs, and users of `accounts`; without `ring`, all accounts.
    fn phones(&mut self, table: &ClinicTable, owner: (Spot, &str)) -> Option<Vec<Phone>> {
        let users = account_users(table);
        let Some(written) = table.ring.given() else {
            if matches!(table.ring, Field::Absent) && users.is_empty() {
                self.findings
                    .error(owner.0, format!("{} has no phone to ring", owner.1))
                    .remedy("add ring = [\"sip:registry@pbx1.example\"], or accounts");
                return None;
            }
            return Some(users.into_iter().map(|user| Phone::Registered(user.into())).collect());
        };
        let wrong = match written.value.len() {
            0 => Some(format!("{} has no phone to ring", owner.1)),
            1..=PHONES_MAX => None,
            _ => Some(format!("{} rings more than {PHONES_MAX} phones", owner.1)),
        };
        if let Some(wrong) = wrong {
            self.findings
                .error(written.spot, wrong)
                .remedy(format!("write one to {PHONES_MAX} phones"));
        }
        Some(written.value.iter().filter_map(|phone| self.phone(phone, &users)).collect())
    }

    fn phone(&mut self, written: &At<Text>, users: &[&str]) -> Option<Phone> {
        let text = &*written.value.0;
        if crate::read::is_sip_uri(text) {
            return Some(Phone::At(text.into()));
        }
        if users.contains(&text) {
            return Some(Phone::Registered(text.into()));
        }
        let text = text.escape_debug().to_string();
        self.findings
            .error(
                written.spot,
                format!("\"{text}\" is neither a SIP URI nor an account of this clinic"),
            )
            .suggest(&text, users.iter().copied())
            .or_remedy("write a URI such as \"sip:registry@pbx1.example\"");
        None
    }

    /// `begin_with` takes a menu only: a line that begins elsewhere is not a clinic's.
    fn first_menu(&mut self, written: &At<TargetText>) -> Option<MenuId> {
        if let TargetText::Menu(name) = &written.value {
            self.target(written)?;
            return Some(name.as_ref().into());
        }
        self.findings
            .error(written.spot, "a clinic's line can begin with a menu only")
            .remedy("write begin_with = \"menu:NAME\"");
        None
    }

    /// All retired numbers.
    pub(super) fn retired(&mut self) -> BTreeMap<RetiredId, Retired> {
        let mut all = BTreeMap::new();
        for (name, spot, table) in entries(&self.root.retired) {
            let id = RetiredId::from(&**name);
            if let Some(retired) = self.retired_number(id.clone(), spot, table) {
                all.insert(id, retired);
            }
        }
        all
    }

    fn retired_number(
        &mut self,
        id: RetiredId,
        spot: Spot,
        table: &RetiredTable,
    ) -> Option<Retired> {
        let what = format!("retired \"{id}\"");
        let owner = (spot, what.as_str());
        let announce: Option<PromptName> = table
            .announce
            .need("announce", "\"number-changed\"", owner, self.findings)
            .and_then(|name| self.prompt(name));
        let then = table.then.need("then", "\"menu:main\" or \"hangup\"", owner, self.findings);
        let then = then.and_then(|target| self.target(target));
        let written = table.numbers.need("numbers", "[\"62-77-66\"]", owner, self.findings)?;
        if written.value.is_empty() {
            self.findings
                .error(written.spot, format!("{what} has no number"))
                .remedy("write the number that was retired");
        }
        let mut numbers = Vec::new();
        for written in &written.value {
            let Some(number) = self.number(written) else { continue };
            let to = Destination::Retired(id.clone());
            self.book.give(&number, written.spot, to, self.findings);
            numbers.push(number);
        }
        Some(Retired { id, numbers, announce: announce?, then: then? })
    }
}

/// User names of a clinic's accounts.
pub(super) fn account_users(table: &ClinicTable) -> Vec<&str> {
    let accounts = table.accounts.value().map(Vec::as_slice).unwrap_or_default();
    accounts.iter().filter_map(|account| Some(&*account.value.user.value()?.0)).collect()
}

fn forward_on(written: &Field<Vec<At<Outcome>>>) -> ForwardOn {
    let Some(outcomes) = written.value() else {
        return ForwardOn { no_answer: true, busy: true, unreachable: true };
    };
    let has = |outcome| outcomes.iter().any(|written| written.value == outcome);
    ForwardOn {
        no_answer: has(Outcome::NoAnswer),
        busy: has(Outcome::Busy),
        unreachable: has(Outcome::Unreachable),
    }
}
