//! What a desk shows of a call while it rings and in the talk.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Extension, Path, State};
use axum::response::{IntoResponse, Response};
use cases::{Actor, Case};
use dialplan::{AgentId, AskedFor, Dialplan, Number};
use journal::{CallId, CallRecord, Origin, Outcome};
use records::{Access, CasesAsked};
use serde::Serialize;
use switch::Card;

use super::{Desks, Titled};
use crate::api::problem::{self, Problem};

/// Earlier calls and cases of the number that are shown.
const SHOWN_MAX: usize = 5;

/// What is known of a call.
#[derive(Serialize)]
struct View {
    call: String,
    queue: Option<Titled>,
    origin: OriginView,
    caller: Option<String>,
    /// When it arrived, in milliseconds since the Unix epoch.
    began: i64,
    /// In seconds.
    waited: Option<f64>,
    recorded: bool,
    told: Vec<Told>,
    said: Vec<String>,
    earlier: Vec<Earlier>,
    cases: Vec<CaseView>,
    /// What to ask and to say, in Markdown.
    script: Option<Arc<str>>,
    contacts: Vec<Contact>,
}

/// How the call came to the line.
#[derive(Default, Serialize)]
struct OriginView {
    kind: &'static str,
    /// The clinic: its name in the dialplan, and for people.
    id: Option<String>,
    title: Option<String>,
    /// Why the clinic passed it on.
    cause: Option<journal::ForwardCause>,
}

#[derive(Serialize)]
struct Told {
    what: AskedFor,
    text: String,
}

#[derive(Serialize)]
struct Earlier {
    at: i64,
    topic: Option<String>,
    outcome: Outcome,
}

#[derive(Serialize)]
struct CaseView {
    number: String,
    topic: String,
    state: &'static str,
    due: i64,
    text: String,
}

#[derive(Serialize)]
struct Contact {
    title: String,
    number: String,
}

/// The card of a call that the agent is offered or takes part in. That it is shown is in the audit.
pub(super) async fn show(
    State(desks): State<Arc<Desks>>,
    Extension(agent): Extension<AgentId>,
    Path(call): Path<String>,
) -> Result<Response, Problem> {
    let call: CallId = call.parse().map_err(|_| problem::UNKNOWN)?;
    let card = desks.api.line.card(call, agent.clone()).await.ok_or(problem::UNAVAILABLE)?;
    let card = card.ok_or(problem::UNKNOWN)?;
    desks.note(&agent, call).await?;
    let (earlier, cases) = match card.caller.clone() {
        Some(caller) => (desks.earlier(&caller).await?, desks.cases(&caller).await?),
        None => (Vec::new(), Vec::new()),
    };
    let plan = &card.plan;
    let told = card.told.iter();
    Ok(Json(View {
        call: card.call.to_string(),
        queue: card.queue.as_ref().map(|id| Titled { id: id.to_string(), title: topic(plan, id) }),
        origin: origin(&card),
        caller: card.caller.as_ref().map(ToString::to_string),
        began: call.made_at().unix_millis(),
        waited: card.waited.map(|waited| waited.as_secs_f64()),
        recorded: card.recorded,
        told: told.map(|(what, text)| Told { what: *what, text: text.to_string() }).collect(),
        said: card.said.iter().map(ToString::to_string).collect(),
        earlier: earlier.iter().map(|ended| was(plan, ended)).collect(),
        cases: cases.into_iter().map(|case| open(plan, case)).collect(),
        script: card.queue.as_ref().and_then(|id| plan.queues.get(id)?.script.clone()),
        contacts: contacts(&card),
    })
    .into_response())
}

impl Desks {
    async fn note(&self, agent: &AgentId, call: CallId) -> Result<(), Problem> {
        let at = self.api.casework.now().unix_millis();
        let who = Actor::Agent(agent.clone()).to_string();
        let access =
            Access { at, who, what: "read".into(), subject: format!("card of call {call}") };
        Ok(self.api.casework.ask(move |books| books.note_access(&access)).await?)
    }

    async fn earlier(&self, caller: &Number) -> Result<Vec<CallRecord>, Problem> {
        let caller = caller.clone();
        let calls = self.api.records.ask(move |reader| reader.last_calls_of(&caller, SHOWN_MAX));
        Ok(calls.await?)
    }

    async fn cases(&self, caller: &Number) -> Result<Vec<Case>, Problem> {
        let asked = CasesAsked {
            caller: Some(caller.clone()),
            states: super::PENDING.to_vec(),
            ..CasesAsked::default()
        };
        let page = self.api.casework.ask(move |books| books.cases(&asked, None, SHOWN_MAX));
        Ok(page.await?.cases)
    }
}

fn topic(plan: &Dialplan, queue: &dialplan::QueueId) -> String {
    plan.queues.get(queue).map_or_else(|| queue.to_string(), |queue| queue.topic.to_string())
}

fn was(plan: &Dialplan, record: &CallRecord) -> Earlier {
    let topic = record.queue.as_ref().map(|queue| topic(plan, queue));
    Earlier { at: record.call.made_at().unix_millis(), topic, outcome: record.outcome }
}

fn open(plan: &Dialplan, case: Case) -> CaseView {
    CaseView {
        number: case.id.to_string(),
        topic: topic(plan, &case.topic),
        state: case.state.name(),
        due: case.due,
        text: case.text,
    }
}

fn origin(card: &Card) -> OriginView {
    let of = |kind| OriginView { kind, ..OriginView::default() };
    match &card.origin {
        Origin::Direct => of("direct"),
        Origin::Retired(_) => of("retired"),
        Origin::CallBack(_) => of("call-back"),
        Origin::Clinic { clinic, cause } => {
            let title = card.plan.clinics.get(clinic).map(|clinic| clinic.title.to_string());
            OriginView { kind: "clinic", id: Some(clinic.to_string()), title, cause: Some(*cause) }
        }
    }
}

/// Whom to ask about a call: the clinic that it came from.
fn contacts(card: &Card) -> Vec<Contact> {
    let Origin::Clinic { clinic, .. } = &card.origin else { return Vec::new() };
    let Some(clinic) = card.plan.clinics.get(clinic) else { return Vec::new() };
    let contact = clinic.contact.iter().map(|contact| Contact {
        title: contact.name.to_string(),
        number: contact.phone.to_string(),
    });
    let number = clinic
        .numbers
        .first()
        .map(|number| Contact { title: clinic.title.to_string(), number: number.to_string() });
    contact.chain(number).collect()
}
