//! What is said over the wire: the types of which the document is made.

use cases::{Case, CaseChange, CaseResult, Said, State, Urgency, What};
use dialplan::{Dialplan, Number};
use journal::{Direction, Heard, Side};
use records::EndedCall;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::problem::{self, Problem};
use super::time;

/// What a request says.
pub(super) fn read_body<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(body).map_err(|error| {
        tracing::debug!(%error, "a request of the API cannot be read");
        problem::MALFORMED
    })
}

/// How soon a case needs its answer.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum UrgencyName {
    /// In the time of its topic.
    Ordinary,
    /// At once.
    Urgent,
}

/// What came of a case.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ResultName {
    /// The citizen has what was asked for; the case is answered before.
    Helped,
    /// It cannot be done, and the citizen was told; the case is answered before.
    Declined,
    /// The citizen could not be reached.
    Unreachable,
    /// The citizen does not need it any more.
    Withdrawn,
    /// Another case is about the same: `duplicate_of`.
    Duplicate,
    /// There was no request.
    Mistake,
}

/// How far a case has come.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum StateName {
    /// It waits for its first owner's answer.
    Open,
    /// It waits for the answer of somebody to whom it was handed over.
    HandedOver,
    /// The citizen has an answer.
    Answered,
    /// The end.
    Closed,
}

/// A case: a request that must get an answer.
#[derive(Serialize, ToSchema)]
#[schema(as = Case)]
pub(crate) struct CaseView {
    /// Its number: sixteen hexadecimal digits; later cases have higher ones.
    id: String,
    /// Grows with each change; who changes the case says which version they saw.
    version: u32,
    /// The queue that serves its topic.
    topic: String,
    /// The topic, for people.
    title: String,
    urgency: UrgencyName,
    state: StateName,
    /// The citizen's number in international form.
    phone: Option<String>,
    clinic: Option<String>,
    /// The call that it came from.
    call: Option<String>,
    /// The request.
    text: String,
    /// Whose turn it is: `agent:201`, `group:curators`, `organisation:ministry`.
    owner: String,
    opened_by: String,
    /// RFC 3339, as all times.
    opened_at: String,
    /// By when it needs its answer.
    due: String,
    /// It needs an answer, and its time has passed.
    overdue: bool,
    changed_at: String,
    answer: Option<AnswerView>,
    closing: Option<ClosingView>,
}

/// What the citizen was told.
#[derive(Serialize, ToSchema)]
#[schema(as = Answer)]
pub(crate) struct AnswerView {
    at: String,
    by: String,
    text: String,
}

/// How a case was closed.
#[derive(Serialize, ToSchema)]
#[schema(as = Closing)]
pub(crate) struct ClosingView {
    at: String,
    by: String,
    result: ResultName,
    note: String,
    duplicate_of: Option<String>,
}

/// Some cases.
#[derive(Serialize, ToSchema)]
pub(crate) struct Cases {
    pub(super) cases: Vec<CaseView>,
    /// Given back as `cursor`, it gives the next page; none on the last page.
    pub(super) next: Option<String>,
}

/// Everything that happened to a case, in its order.
#[derive(Serialize, ToSchema)]
pub(crate) struct Changes {
    pub(super) changes: Vec<ChangeView>,
}

/// One change of a case.
#[derive(Serialize, ToSchema)]
#[schema(as = Change)]
pub(crate) struct ChangeView {
    version: u32,
    at: String,
    /// Who: `agent:201`, `account:ivanov`, `token:mis`, `organisation:ministry`, `robot`, `system`.
    by: String,
    /// What: `opened`, `amended`, `noted`, `handed-over`, `answered`, `closed`, `reopened`, `due-soon`,
    /// `overdue`, `escalated`.
    what: String,
    /// Its text, note or reason.
    text: Option<String>,
    /// Whom it was handed over to, or who was told.
    to: Option<String>,
    due: Option<String>,
    topic: Option<String>,
    result: Option<ResultName>,
}

/// A case to open.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewCase {
    /// The queue that serves its topic.
    pub(super) topic: String,
    /// That of the topic if not given.
    pub(super) urgency: Option<UrgencyName>,
    /// The citizen's number, as people in the region write it.
    pub(super) phone: Option<String>,
    pub(super) clinic: Option<String>,
    /// The call that it came from.
    pub(super) call: Option<String>,
    /// The request; at most 4000 characters.
    pub(super) text: String,
    /// As topic and urgency say if not given; curators may.
    pub(super) due: Option<String>,
    /// Whoever serves the topic if not given.
    pub(super) owner: Option<String>,
}

/// What of a case is to be changed; the rest stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CaseChanges {
    /// The version that was seen.
    pub(super) version: u32,
    pub(super) topic: Option<String>,
    pub(super) urgency: Option<UrgencyName>,
    pub(super) phone: Option<String>,
    pub(super) clinic: Option<String>,
    pub(super) text: Option<String>,
    /// Curators may; `why` says why. With another topic or urgency it follows those if not given.
    pub(super) due: Option<String>,
    pub(super) why: Option<String>,
}

/// Something to remember.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewNote {
    pub(super) text: String,
}

/// Somebody else's turn.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HandOver {
    /// The version that was seen.
    pub(super) version: u32,
    /// Whose: `agent:201`, `group:curators`, `organisation:ministry`.
    pub(super) to: String,
    /// What they should know.
    pub(super) note: Option<String>,
}

/// The citizen has got an answer.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAnswer {
    /// The version that was seen.
    pub(super) version: u32,
    /// What the citizen was told.
    pub(super) text: String,
}

/// The end of a case.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewClosing {
    /// The version that was seen.
    pub(super) version: u32,
    pub(super) result: ResultName,
    /// Needed for `unreachable`, `withdrawn` and `mistake`.
    pub(super) note: Option<String>,
    /// Needed for `duplicate`: the other case.
    pub(super) duplicate_of: Option<String>,
}

/// A case is open again.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reopening {
    /// The version that was seen.
    pub(super) version: u32,
    pub(super) why: String,
    /// As topic and urgency say if not given; curators may.
    pub(super) due: Option<String>,
}

/// A call that has ended.
#[derive(Serialize, ToSchema)]
#[schema(as = Call)]
pub(crate) struct CallView {
    id: String,
    arrived_at: String,
    ended_at: String,
    /// The citizen's number in international form; for readers its beginning and end alone.
    phone: Option<String>,
    dialled: String,
    /// `direct`, `clinic` or `retired`.
    origin: String,
    /// The clinic whose line passed it on.
    clinic: Option<String>,
    /// The last topic.
    topic: Option<String>,
    /// The last agent.
    agent: Option<String>,
    outcome: String,
    hangup_by: String,
    steps: Vec<StepView>,
    /// How its sides were heard; empty if the speech did not pass through the line.
    quality: Vec<QualityView>,
}

/// How a side of a call was heard, and could hear.
#[derive(Serialize, ToSchema)]
#[schema(as = Quality)]
pub(crate) struct QualityView {
    /// `caller` or `callee`.
    side: String,
    /// The agent on this side.
    agent: Option<String>,
    /// Estimated mean opinion score (ITU-T G.107) of the worse direction, 1 to 4.4.
    mos: Option<f64>,
    /// What came from the phone.
    from: DirectionView,
    /// What went to the phone, as the phone reported it.
    to: Option<DirectionView>,
    /// Milliseconds between the line and the phone and back.
    round_trip: Option<f64>,
}

/// One direction of speech.
#[derive(Serialize, ToSchema)]
#[schema(as = Direction)]
pub(crate) struct DirectionView {
    /// Packets that were sent.
    packets: u64,
    /// Packets that never came.
    lost: u64,
    /// Milliseconds by which packets came apart.
    jitter: f64,
}

/// Something that happened to a call.
#[derive(Serialize, ToSchema)]
#[schema(as = Step)]
pub(crate) struct StepView {
    at: String,
    /// `answered`, `queued`, `offered`, `connected` …
    what: String,
    /// The key, topic, agent or clinic.
    of: Option<String>,
}

/// Some calls.
#[derive(Serialize, ToSchema)]
pub(crate) struct Calls {
    pub(super) calls: Vec<CallView>,
    /// Given back as `cursor`, it gives the next page; none on the last page.
    pub(super) next: Option<String>,
}

/// What the journal says of a call, in its order.
#[derive(Serialize, ToSchema)]
pub(crate) struct Journal {
    #[schema(value_type = Vec<Object>)]
    pub(super) entries: Vec<serde_json::Value>,
}

/// Somebody is to be called back.
#[derive(Serialize, ToSchema)]
#[schema(as = CallBack)]
pub(crate) struct CallBackView {
    /// The call that it is for.
    pub(super) id: String,
    /// `asked`, `abandoned`, `broken` or `case`.
    pub(super) why: String,
    /// The citizen's number; for readers its beginning and end alone.
    pub(super) phone: String,
    pub(super) topic: String,
    /// The case that is to be spoken of.
    pub(super) case: Option<String>,
    /// Since when the citizen waits.
    pub(super) since: String,
    /// How often it was tried in vain.
    pub(super) tries: u32,
    /// When it is tried again.
    pub(super) again_at: Option<String>,
}

/// All call-backs that are not closed, in the order of their opening.
#[derive(Serialize, ToSchema)]
pub(crate) struct CallBacks {
    pub(super) call_backs: Vec<CallBackView>,
}

/// Something that has a name in the dialplan.
#[derive(Serialize, ToSchema)]
pub(crate) struct Name {
    /// As requests name it.
    pub(super) id: String,
    /// As people know it.
    pub(super) title: String,
}

/// Names of the running dialplan.
#[derive(Serialize, ToSchema)]
pub(crate) struct Names {
    pub(super) topics: Vec<Name>,
    pub(super) clinics: Vec<Name>,
    /// The region's own prompts, with what they say.
    pub(super) prompts: Vec<Name>,
    /// Who may have a case: groups, organisations, agents.
    pub(super) owners: Vec<Name>,
}

/// An agent as of now.
#[derive(Serialize, ToSchema)]
pub(crate) struct Agent {
    pub(super) id: String,
    pub(super) name: String,
    /// `operator`, `volunteer` or `curator`.
    pub(super) kind: String,
    /// `off`, `on` or `break`.
    pub(super) duty: String,
    /// Of a break.
    pub(super) reason: Option<String>,
    /// Whether the phone can be reached.
    pub(super) reachable: bool,
    /// `waiting`, `receiving`, `in-call` or `wrap-up`.
    pub(super) call: String,
    /// How long already, in seconds.
    pub(super) since: f64,
    /// The topics that the agent takes now, if not all that the dialplan says.
    pub(super) topics: Option<Vec<String>>,
}

/// The agents, by their numbers.
#[derive(Serialize, ToSchema)]
pub(crate) struct Agents {
    pub(super) agents: Vec<Agent>,
}

impl CaseView {
    pub(super) fn of(case: &Case, plan: &Dialplan, now: i64) -> CaseView {
        let queue = plan.queues.get(&case.topic);
        let closing = match &case.state {
            State::Closed(closing) => Some(ClosingView {
                at: time::text(closing.at),
                by: closing.by.to_string(),
                result: closing.result.into(),
                note: closing.note.clone(),
                duplicate_of: duplicate_of(closing.result),
            }),
            State::Open | State::HandedOver | State::Answered(_) => None,
        };
        let answer = |Said { at, by, text }: &Said| AnswerView {
            at: time::text(*at),
            by: by.to_string(),
            text: text.clone(),
        };
        CaseView {
            id: case.id.to_string(),
            version: case.version,
            topic: case.topic.to_string(),
            title: queue.map_or_else(|| case.topic.to_string(), |queue| queue.topic.to_string()),
            urgency: case.urgency.into(),
            state: (&case.state).into(),
            phone: case.caller.as_ref().map(ToString::to_string),
            clinic: case.clinic.as_ref().map(ToString::to_string),
            call: case.call.map(|call| call.to_string()),
            text: case.text.clone(),
            owner: case.owner.to_string(),
            opened_by: case.opened_by.to_string(),
            opened_at: time::text(case.opened_at),
            due: time::text(case.due),
            overdue: case.state.is_open() && case.due <= now,
            changed_at: time::text(case.changed_at),
            answer: case.state.answer().map(answer),
            closing,
        }
    }
}

impl From<&CaseChange> for ChangeView {
    fn from(change: &CaseChange) -> ChangeView {
        let mut view = ChangeView {
            version: change.version,
            at: time::text(change.at),
            by: change.by.to_string(),
            what: change.what.name().to_owned(),
            text: None,
            to: None,
            due: None,
            topic: None,
            result: None,
        };
        let some = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        match &change.what {
            What::Opened(opening) => {
                view.text = some(&opening.text);
                view.to = Some(opening.owner.to_string());
                view.due = Some(time::text(opening.due));
                view.topic = Some(opening.topic.to_string());
            }
            What::Amended(amendment) => {
                view.text = some(&amendment.why);
                view.due = amendment.due.map(time::text);
                view.topic = amendment.topic.as_ref().map(ToString::to_string);
            }
            What::Noted { text } | What::Answered { text } => view.text = some(text),
            What::HandedOver { to, note } => {
                view.to = Some(to.to_string());
                view.text = some(note);
            }
            What::Closed { result, note } => {
                view.result = Some((*result).into());
                view.text = some(note);
            }
            What::Reopened { why, due } => {
                view.text = some(why);
                view.due = Some(time::text(*due));
            }
            What::Marked(cases::Mark::Escalated { to, .. }) => view.to = Some(to.to_string()),
            What::Marked(cases::Mark::DueSoon | cases::Mark::Overdue) => {}
        }
        view
    }
}

impl CallView {
    pub(super) fn of(call: &EndedCall, whole_number: bool) -> CallView {
        let record = &call.record;
        let first = record.steps.first().map_or(0, |step| step.at);
        let arrived = record.steps.first().map_or(first, |step| step.at);
        CallView {
            id: record.call.to_string(),
            arrived_at: time::text(arrived),
            ended_at: time::text(record.steps.last().map_or(first, |step| step.at)),
            phone: record.caller.as_ref().map(|number| phone(number, whole_number)),
            dialled: record.dialled.to_string(),
            origin: record.origin.word().to_owned(),
            clinic: record.origin.clinic().map(ToString::to_string),
            topic: record.queue.as_ref().map(ToString::to_string),
            agent: record.agent.as_ref().map(ToString::to_string),
            outcome: word(&record.outcome),
            hangup_by: word(&record.hangup_by),
            steps: record.steps.iter().map(StepView::of).collect(),
            quality: call.heard.iter().map(QualityView::of).collect(),
        }
    }
}

impl QualityView {
    fn of(heard: &Heard) -> QualityView {
        let side = match heard.side {
            Side::Near => "caller",
            Side::Far => "callee",
        };
        let millis = |micros: u32| f64::from(micros) / 1000.0;
        let direction = |of: &Direction| DirectionView {
            packets: of.packets,
            lost: of.lost,
            jitter: millis(of.jitter),
        };
        QualityView {
            side: side.to_owned(),
            agent: heard.agent.as_ref().map(ToString::to_string),
            mos: heard.quality.mos().map(|mos| (mos * 100.0).round() / 100.0),
            from: direction(&heard.quality.from),
            to: heard.quality.to.as_ref().map(direction),
            round_trip: heard.quality.round_trip.map(millis),
        }
    }
}

impl StepView {
    pub(super) fn of(step: &journal::Step) -> StepView {
        use serde_json::Value;
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let (what, of) = match serde_json::to_value(&step.what) {
            Ok(Value::Object(kind)) => {
                let (what, of) = kind.into_iter().next().unwrap_or_default();
                (what, Some(text(&of)))
            }
            Ok(value) => (text(&value), None),
            Err(_) => (String::new(), None),
        };
        StepView { at: time::text(step.at), what, of }
    }
}

/// A citizen's number, as people in the region write it.
pub(super) fn number(plan: &Dialplan, text: &str) -> Result<Number, Problem> {
    plan.region.numbering.normalise(text).ok_or(problem::WRONG.of("phone"))
}

/// A number, whole or masked.
pub(super) fn phone(number: &Number, whole: bool) -> String {
    if whole { number.to_string() } else { number.masked() }
}

/// The word that stands for a value in JSON.
pub(super) fn word(value: &impl Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

impl NewClosing {
    /// The result with the case that it names.
    pub(super) fn outcome(&self) -> Result<CaseResult, Problem> {
        Ok(match self.result {
            ResultName::Helped => CaseResult::Helped,
            ResultName::Declined => CaseResult::Declined,
            ResultName::Unreachable => CaseResult::Unreachable,
            ResultName::Withdrawn => CaseResult::Withdrawn,
            ResultName::Mistake => CaseResult::Mistake,
            ResultName::Duplicate => {
                let of = self.duplicate_of.as_ref().and_then(|of| of.parse().ok());
                CaseResult::Duplicate(of.ok_or(problem::WRONG.of("duplicate_of"))?)
            }
        })
    }
}

fn duplicate_of(result: CaseResult) -> Option<String> {
    if let CaseResult::Duplicate(of) = result { Some(of.to_string()) } else { None }
}

impl From<CaseResult> for ResultName {
    fn from(result: CaseResult) -> ResultName {
        match result {
            CaseResult::Helped => ResultName::Helped,
            CaseResult::Declined => ResultName::Declined,
            CaseResult::Unreachable => ResultName::Unreachable,
            CaseResult::Withdrawn => ResultName::Withdrawn,
            CaseResult::Duplicate(_) => ResultName::Duplicate,
            CaseResult::Mistake => ResultName::Mistake,
        }
    }
}

impl From<Urgency> for UrgencyName {
    fn from(urgency: Urgency) -> UrgencyName {
        match urgency {
            Urgency::Ordinary => UrgencyName::Ordinary,
            Urgency::Urgent => UrgencyName::Urgent,
        }
    }
}

impl From<UrgencyName> for Urgency {
    fn from(urgency: UrgencyName) -> Urgency {
        match urgency {
            UrgencyName::Ordinary => Urgency::Ordinary,
            UrgencyName::Urgent => Urgency::Urgent,
        }
    }
}

impl From<&State> for StateName {
    fn from(state: &State) -> StateName {
        match state {
            State::Open => StateName::Open,
            State::HandedOver => StateName::HandedOver,
            State::Answered(_) => StateName::Answered,
            State::Closed(_) => StateName::Closed,
        }
    }
}
