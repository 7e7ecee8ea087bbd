//! Escalation and call-backs.

use std::time::Duration;

use super::{Context, seconds};
use crate::plan::Key;
use crate::read::{EscalateText, Field};
use crate::requests::{CALL_BACK_KEY, CallBackRule, EscalateTo, Escalation};
use crate::source::At;
use crate::tables::{CallBackTable, EscalateTable};

const AFTER_LIMITS: (Duration, Duration) = (seconds(60), seconds(90 * 86_400));
/// Longer chains of people who are told do not help anybody.
const STEPS_MAX: usize = 8;
const TRIES_LIMITS: (usize, usize) = (1, 20);
/// A telephone that was not answered a moment ago is not answered now.
const BETWEEN_LIMITS: (Duration, Duration) = (seconds(60), seconds(86_400));

impl Context<'_> {
    /// Who is told of an open request, in the order of time.
    pub(super) fn escalate(&mut self, written: &Field<Vec<At<EscalateTable>>>) -> Vec<Escalation> {
        let Some(written) = written.given() else { return Vec::new() };
        if written.value.len() > STEPS_MAX {
            self.findings
                .error(written.spot, format!("more than {STEPS_MAX} steps"))
                .remedy(format!("write at most {STEPS_MAX} steps"));
        }
        let mut steps: Vec<_> =
            written.value.iter().filter_map(|step| self.escalation(step)).collect();
        steps.sort_by_key(|step| step.after);
        steps
    }

    fn escalation(&mut self, At { spot, value }: &At<EscalateTable>) -> Option<Escalation> {
        let owner = (*spot, "a step of `escalate`");
        let after = value.after.need("after", "\"2h\"", owner, self.findings);
        let to = value.to.need("to", "\"group:curators\"", owner, self.findings)?;
        let (known, to) = match &to.value {
            EscalateText::Group(name) => (
                self.known("group", to.spot, name, &self.root.groups),
                EscalateTo::Group(name.as_ref().into()),
            ),
            EscalateText::Organisation(name) => (
                self.known("organisation", to.spot, name, &self.root.organisations),
                EscalateTo::Organisation(name.as_ref().into()),
            ),
        };
        after?;
        let after = self.duration_if_given(&value.after, AFTER_LIMITS)?;
        known.then_some(Escalation { after, to })
    }

    /// How callers are rung back.
    pub(super) fn call_back(&mut self, written: &Field<CallBackTable>) -> CallBackRule {
        let table = written.or_empty();
        let usual = CallBackRule::default();
        let key = table.key.value().map(|key| key.0).or_else(|| Key::new(CALL_BACK_KEY));
        let offered = table.offer.value().is_some_and(|offer| *offer);
        let tries = usual.tries.try_into().unwrap_or(usize::MAX);
        let tries = self.count(&table.tries, tries, TRIES_LIMITS);
        CallBackRule {
            offer: key.filter(|_| offered),
            hours: self.schedule_if_known(&table.hours),
            tries: u32::try_from(tries).unwrap_or(u32::MAX),
            between: self.duration(&table.between, usual.between, BETWEEN_LIMITS),
        }
    }
}
