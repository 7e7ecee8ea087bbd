//! The scoreboard of clinics: how they answer their own callers, and what becomes of the rest.

use std::collections::BTreeMap;
use std::time::Duration;

use dialplan::{ClinicId, Dialplan, ForwardCause};
use serde::Serialize;
use utoipa::ToSchema;

use crate::call::Call;
use crate::line::share;

/// Within which time a clinic should answer; after it a call comes to 122.
pub const CLINIC_WITHIN: Duration = Duration::from_secs(60);

/// How one clinic's callers fared.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct ClinicRow {
    /// The clinic's name in the dialplan.
    pub clinic: String,
    /// Its name for people.
    pub title: String,
    /// Calls to its line: those that rang there, and those that its PBX passed on.
    pub calls: u64,
    /// The clinic answered.
    pub answered: u64,
    /// The clinic answered within 60 seconds.
    pub answered_in_time: u64,
    /// Of all calls.
    pub share_in_time: Option<f64>,
    /// Passed on to the line.
    pub forwarded: u64,
    /// Why, each with its number: `no-answer`, `busy`, `unreachable`, `unconditional`, `deflected`, `chosen`,
    /// `unknown`.
    pub causes: BTreeMap<String, u64>,
    /// Of the forwarded: an agent talked with the caller.
    pub helped_by_line: u64,
    /// Nobody talked with the caller, neither here nor there, and no call-back was promised.
    pub lost: u64,
    /// Of all calls.
    pub share_lost: Option<f64>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Scoreboard(BTreeMap<ClinicId, ClinicRow>);

impl Scoreboard {
    pub(crate) fn add(&mut self, call: &Call<'_>) {
        let Some(at) = &call.clinic else { return };
        let row = self.0.entry(at.clinic.clone()).or_default();
        row.calls += 1;
        if let Some(after) = at.taken_after {
            row.answered += 1;
            let in_time =
                u128::try_from(after).is_ok_and(|after| after <= CLINIC_WITHIN.as_millis());
            row.answered_in_time += u64::from(in_time);
        }
        if let Some(cause) = at.forwarded {
            row.forwarded += 1;
            *row.causes.entry(name(cause).to_owned()).or_default() += 1;
            row.helped_by_line += u64::from(!call.talks.is_empty());
        }
        row.lost += u64::from(call.is_lost());
    }

    /// The rows, the clinic that answers least first.
    pub(crate) fn rows(self, plan: &Dialplan) -> Vec<ClinicRow> {
        let row = |(clinic, row): (ClinicId, ClinicRow)| {
            let known = plan.clinics.get(&clinic);
            ClinicRow {
                title: known.map_or_else(|| clinic.to_string(), |known| known.title.to_string()),
                clinic: clinic.to_string(),
                share_in_time: share(row.answered_in_time, row.calls),
                share_lost: share(row.lost, row.calls),
                ..row
            }
        };
        let mut rows: Vec<ClinicRow> = self.0.into_iter().map(row).collect();
        rows.sort_by(|a, b| {
            let part = |row: &ClinicRow| row.share_in_time.unwrap_or(0.0);
            part(a).total_cmp(&part(b)).then_with(|| a.clinic.cmp(&b.clinic))
        });
        rows
    }
}

/// A cause in a word.
pub(crate) fn name(cause: ForwardCause) -> &'static str {
    match cause {
        ForwardCause::NoAnswer => "no-answer",
        ForwardCause::Busy => "busy",
        ForwardCause::Unreachable => "unreachable",
        ForwardCause::Unconditional => "unconditional",
        ForwardCause::Deflected => "deflected",
        ForwardCause::Chosen => "chosen",
        ForwardCause::Unknown => "unknown",
    }
}
