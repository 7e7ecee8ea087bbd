//! A case as its changes make it.

use ambient::Wall;
use dialplan::{ClinicId, Number, QueueId};
use journal::{CallId, CaseId};
use serde::{Deserialize, Serialize};

use crate::change::{Amendment, CaseChange, Mark, Opening, Urgency, What};
use crate::limits::{CHANGES_MAX, RESERVED, TEXT_MAX};
use crate::state::{Refusal, State};
use crate::{Actor, CaseResult, Owner};

/// The latest time that makes sense: the year 9999, where calendars end.
const TIME_MAX: i64 = 253_402_207_200_000;

/// A case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// Which.
    pub id: CaseId,
    /// Grows by one with each change.
    pub version: u32,
    /// The version of the last change that was not a mark of the watch.
    pub edited: u32,
    /// Its topic.
    pub topic: QueueId,
    /// How soon it needs its answer.
    pub urgency: Urgency,
    /// The citizen's number in normal form; `None` if withheld.
    pub caller: Option<Number>,
    /// The clinic that it concerns.
    pub clinic: Option<ClinicId>,
    /// The call that it came from.
    pub call: Option<CallId>,
    /// The request.
    pub text: String,
    /// Who opened it.
    pub opened_by: Actor,
    /// When, in milliseconds since the Unix epoch.
    pub opened_at: i64,
    /// Since when its time runs: the opening, or the last reopening.
    pub counted_from: i64,
    /// By when it needs its answer, in milliseconds since the Unix epoch.
    pub due: i64,
    /// Whose turn it is.
    pub owner: Owner,
    /// How far it has come.
    pub state: State,
    /// What the watch has told of it.
    pub marks: Marks,
    /// When the last change was.
    pub changed_at: i64,
}

/// What the watch has told of a case, since its time runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marks {
    /// That it is due soon.
    pub due_soon: bool,
    /// That it is overdue.
    pub overdue: bool,
    /// How many steps of escalation were taken.
    pub escalated: u32,
}

impl Case {
    /// Opens a case. Gives the first change and what it makes.
    ///
    /// # Errors
    /// If the opening cannot be: an empty or too long text, a due time before now.
    pub fn open(
        id: CaseId,
        at: Wall,
        by: Actor,
        opening: Opening,
    ) -> Result<(CaseChange, Case), Refusal> {
        let at = at.unix_millis();
        let what = What::Opened(opening);
        let change = CaseChange { case: id, version: 1, at, by, what };
        let case = Case::begin(&change)?;
        Ok((change, case))
    }

    /// Changes a case. Gives the change and what the case is after it; `seen` is the version that the
    /// writer saw, or `None` for who need not have seen any: a note, the watch.
    ///
    /// # Errors
    /// If this may not happen to the case as it is.
    pub fn change(
        &self,
        at: Wall,
        by: Actor,
        seen: Option<u32>,
        what: What,
    ) -> Result<(CaseChange, Case), Refusal> {
        if let Some(seen) = seen
            && !(self.edited..=self.version).contains(&seen)
        {
            return Err(Refusal::Stale { seen, version: self.version });
        }
        let left = CHANGES_MAX.saturating_sub(self.version);
        let ends = matches!(what, What::Answered { .. } | What::Closed { .. } | What::Marked(_));
        if left == 0 || left <= RESERVED && !ends {
            return Err(Refusal::TooManyChanges);
        }
        let at = at.unix_millis();
        let change = CaseChange { case: self.id, version: self.version + 1, at, by, what };
        let after = self.after(&change)?;
        Ok((change, after))
    }

    /// The case that its first change begins.
    ///
    /// # Errors
    /// If the change is none that begins a case.
    pub fn begin(change: &CaseChange) -> Result<Case, Refusal> {
        let What::Opened(opening) = &change.what else { return Err(Refusal::OutOfOrder) };
        if change.version != 1 {
            return Err(Refusal::OutOfOrder);
        }
        let Opening { topic, urgency, caller, clinic, call, text, due, owner } = opening.clone();
        needed("text", &text)?;
        sensible(due, change.at)?;
        Ok(Case {
            id: change.case,
            version: 1,
            edited: 1,
            topic,
            urgency,
            caller,
            clinic,
            call,
            text,
            opened_by: change.by.clone(),
            opened_at: change.at,
            counted_from: change.at,
            due,
            owner,
            state: State::Open,
            marks: Marks::default(),
            changed_at: change.at,
        })
    }

    /// What all its changes come to; `None` without any.
    ///
    /// # Errors
    /// If one does not follow the one before it.
    pub fn of<'a>(
        changes: impl IntoIterator<Item = &'a CaseChange>,
    ) -> Result<Option<Case>, Refusal> {
        let mut changes = changes.into_iter();
        let Some(first) = changes.next() else { return Ok(None) };
        changes.try_fold(Case::begin(first)?, |case, change| case.after(change)).map(Some)
    }

    /// The case after its next change.
    ///
    /// # Errors
    /// If the change does not follow this version, or may not happen to it.
    pub fn after(&self, change: &CaseChange) -> Result<Case, Refusal> {
        if change.case != self.id || Some(change.version) != self.version.checked_add(1) {
            return Err(Refusal::OutOfOrder);
        }
        let mut after = self.clone();
        after.state = self.state.after(&change.what, change.at, &change.by)?;
        after.take(&change.what, change.at)?;
        after.version = change.version;
        after.changed_at = change.at;
        if !matches!(change.what, What::Marked(_)) {
            after.edited = change.version;
        }
        Ok(after)
    }

    /// What figures are made of, without what leads to the citizen and what was said.
    #[must_use]
    pub fn without_citizen(&self) -> Case {
        let mut case = Case { caller: None, call: None, text: String::new(), ..self.clone() };
        match &mut case.state {
            State::Open | State::HandedOver => {}
            State::Answered(said) => said.text.clear(),
            State::Closed(closing) => {
                closing.note.clear();
                if let Some(said) = &mut closing.answer {
                    said.text.clear();
                }
            }
        }
        case
    }

    /// What a change does beside the state.
    fn take(&mut self, what: &What, at: i64) -> Result<(), Refusal> {
        match what {
            What::Opened(_) => Err(Refusal::OutOfOrder),
            What::Amended(amendment) => self.amend(amendment, at),
            What::Noted { text } | What::Answered { text } => needed("text", text),
            What::HandedOver { to, note } => {
                allowed("note", note)?;
                if *to == self.owner {
                    return Err(Refusal::Nothing);
                }
                self.owner = to.clone();
                Ok(())
            }
            What::Closed { result, note } => match result {
                CaseResult::Duplicate(of) if *of == self.id => Err(Refusal::OfItself),
                CaseResult::Helped
                | CaseResult::Declined
                | CaseResult::Unreachable
                | CaseResult::Withdrawn
                | CaseResult::Duplicate(_)
                | CaseResult::Mistake => allowed("note", note),
            },
            What::Reopened { why, due } => {
                needed("why", why)?;
                sensible(*due, at)?;
                (self.due, self.counted_from, self.marks) = (*due, at, Marks::default());
                Ok(())
            }
            What::Marked(mark) => self.mark(mark),
        }
    }

    fn amend(&mut self, amendment: &Amendment, at: i64) -> Result<(), Refusal> {
        let before = self.clone();
        let Amendment { topic, urgency, clinic, caller, text, due, why } = amendment;
        allowed("why", why)?;
        if let Some(text) = text {
            needed("text", text)?;
            self.text.clone_from(text);
        }
        if let Some(topic) = topic {
            self.topic = topic.clone();
        }
        self.urgency = urgency.unwrap_or(self.urgency);
        self.clinic = clinic.clone().or(self.clinic.take());
        self.caller = caller.clone().or(self.caller.take());
        if let Some(due) = *due {
            sensible(due, self.opened_at)?;
            if due != self.due {
                if topic.is_none() && urgency.is_none() {
                    needed("why", why)?;
                }
                self.due = due;
                // Who was told that it is due must hear of the new time as well.
                if due > at {
                    (self.marks.due_soon, self.marks.overdue) = (false, false);
                }
            }
        }
        if self.topic != before.topic {
            self.marks.escalated = 0;
        }
        if *self == before { Err(Refusal::Nothing) } else { Ok(()) }
    }

    fn mark(&mut self, mark: &Mark) -> Result<(), Refusal> {
        let marks = &mut self.marks;
        match mark {
            Mark::DueSoon if !marks.due_soon && !marks.overdue => marks.due_soon = true,
            Mark::Overdue if !marks.overdue => marks.overdue = true,
            Mark::Escalated { step, .. } if *step == marks.escalated + 1 => marks.escalated = *step,
            Mark::DueSoon | Mark::Overdue | Mark::Escalated { .. } => return Err(Refusal::Mark),
        }
        Ok(())
    }
}

fn needed(name: &'static str, text: &str) -> Result<(), Refusal> {
    if text.trim().is_empty() { Err(Refusal::Empty(name)) } else { allowed(name, text) }
}

fn allowed(name: &'static str, text: &str) -> Result<(), Refusal> {
    if text.chars().nth(TEXT_MAX).is_some() { Err(Refusal::TooLong(name)) } else { Ok(()) }
}

fn sensible(due: i64, after: i64) -> Result<(), Refusal> {
    if (after..=TIME_MAX).contains(&due) { Ok(()) } else { Err(Refusal::Due) }
}
