//! What is asked about a call.

use std::collections::BTreeSet;

use ambient::Wall;
use jiff::civil::DateTime;

use crate::{AgentId, ClinicId, Dialplan, ForwardCause, Key, TrunkId};

/// The most keys of a call that are looked at.
pub const KEYS_MAX: usize = 200;

/// A call that might come, and what happens to it from outside.
#[derive(Clone, Debug)]
pub struct Question {
    /// The number as dialled.
    pub to: Box<str>,
    /// The trunk that brings it, if numbers are written there in another way than in the region.
    pub trunk: Option<TrunkId>,
    /// The caller's number as shown; `None` if withheld.
    pub from: Option<Box<str>>,
    /// When it comes.
    pub at: Wall,
    /// The clinic whose own PBX has passed it on.
    pub origin: Option<ClinicId>,
    /// What the caller does in menus, one after another. After the last one there is silence.
    pub does: Vec<Deed>,
    /// Who is on duty.
    pub on_duty: OnDuty,
    /// Whoever is on duty talks already, and nobody takes the call.
    pub all_busy: bool,
    /// What the clinic's phones do when they ring, or a telephone outside.
    pub clinic: ClinicDoes,
}

/// What a caller does when a menu has been said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Presses a key.
    Key(Key),
    /// Says these words, and is heard well.
    Says(Box<str>),
    /// Does nothing until the menu's time is over.
    Silence,
}

/// Who is on duty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OnDuty {
    /// Every agent of the dialplan.
    Everybody,
    /// Only these.
    These(BTreeSet<AgentId>),
}

/// What a clinic's phones do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClinicDoes {
    /// They take the call.
    Answers,
    /// They do not, for this reason.
    DoesNot(ForwardCause),
}

impl Question {
    /// A call to this number at this time: the caller presses nothing, everybody is on duty and free,
    /// clinics do not answer.
    #[must_use]
    pub fn new(to: &str, at: Wall) -> Question {
        Question {
            to: to.into(),
            trunk: None,
            from: None,
            at,
            origin: None,
            does: Vec::new(),
            on_duty: OnDuty::Everybody,
            all_busy: false,
            clinic: ClinicDoes::DoesNot(ForwardCause::NoAnswer),
        }
    }
}

impl OnDuty {
    /// Whether this agent is.
    #[must_use]
    pub fn has(&self, agent: &AgentId) -> bool {
        match self {
            OnDuty::Everybody => true,
            OnDuty::These(agents) => agents.contains(agent),
        }
    }
}

/// Agents as one writes them: `201`, `201-205`, several with commas.
///
/// # Errors
/// One of them does not stand in the dialplan.
pub fn agents(plan: &Dialplan, text: &str) -> Result<BTreeSet<AgentId>, String> {
    let mut agents = BTreeSet::new();
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        for number in crate::read::range(part).map_err(|remedy| format!("\"{part}\": {remedy}"))? {
            let (id, _) = plan
                .agents
                .get_key_value(number.as_str())
                .ok_or_else(|| format!("no agent {number}"))?;
            agents.insert(id.clone());
        }
    }
    Ok(agents)
}

/// Keys as one writes them: `1`, `20#`, and `-` for silence. `None` if there is anything else, or
/// more than [`KEYS_MAX`].
#[must_use]
pub fn keys(text: &str) -> Option<Vec<Deed>> {
    let marks = text.chars().filter(|c| !matches!(c, ' ' | ',')).take(KEYS_MAX + 1);
    let keys: Option<Vec<Deed>> = marks
        .map(|mark| match mark {
            '-' | '–' => Some(Deed::Silence),
            label => Key::new(label).map(Deed::Key),
        })
        .collect();
    keys.filter(|keys| keys.len() <= KEYS_MAX)
}

/// Words as one writes them, one answer after another; `-` for silence. `None` if there are more than
/// [`KEYS_MAX`].
#[must_use]
pub fn words<'a>(answers: impl IntoIterator<Item = &'a str>) -> Option<Vec<Deed>> {
    let answers: Vec<Deed> = answers
        .into_iter()
        .take(KEYS_MAX + 1)
        .map(|answer| match answer.trim() {
            "-" | "–" => Deed::Silence,
            said => Deed::Says(said.into()),
        })
        .collect();
    (answers.len() <= KEYS_MAX).then_some(answers)
}

/// A time of the region as one writes it: `2026-12-31 23:30` or `31.12.2026 23:30`.
#[must_use]
pub fn moment(plan: &Dialplan, text: &str) -> Option<Wall> {
    const FORMS: [&str; 4] =
        ["%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S"];
    let text = text.trim().replace('T', " ");
    let time = FORMS.iter().find_map(|form| DateTime::strptime(form, &text).ok())?;
    let zoned = plan.region.zone.to_zoned(time).ok()?;
    Some(Wall::from_unix_millis(zoned.timestamp().as_millisecond()))
}

/// A time as the region's clocks show it: `2026-12-31 23:30:00`.
#[must_use]
pub fn clock(plan: &Dialplan, at: Wall) -> String {
    let at = jiff::Timestamp::from_millisecond(at.unix_millis()).unwrap_or_default();
    plan.region.zone.to_datetime(at).strftime("%Y-%m-%d %H:%M:%S").to_string()
}
