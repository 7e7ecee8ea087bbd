//! Which organisations are told of a change, and what.

use std::collections::BTreeSet;

use cases::{Actor, Case, CaseChange, Mark, Owner, Urgency, What};
use dialplan::{Dialplan, Organisation, OrganisationId};
use records::{Channel, Letter};
use serde::Serialize;

/// What a server is told. `text`, `caller` and `answer` only where the dialplan says `whole_case`.
#[derive(Serialize)]
struct Event<'a> {
    event: String,
    case: String,
    version: u32,
    at: String,
    by: String,
    topic: &'a str,
    title: &'a str,
    urgency: Urgency,
    state: &'static str,
    owner: String,
    opened_at: String,
    due: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    clinic: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    caller: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<&'a str>,
}

/// The letters that go out by a change of a case.
///
/// The organisations that a topic's queue names hear of everything but notes; whoever has the case hears
/// of everything. Nobody is told what they did themselves. By mail only what asks somebody to do something
/// is told: a letter for each word would be read by nobody.
#[must_use]
pub fn letters(
    plan: &Dialplan,
    public_url: &str,
    change: &CaseChange,
    after: &Case,
) -> Vec<Letter> {
    let told = told(plan, change, after);
    let organisations = told.iter().filter_map(|id| plan.organisations.get(id));
    let mut letters = Vec::new();
    for organisation in organisations {
        let mut letter = |channel, mark: &str, body| {
            letters.push(Letter {
                // The same in every try, and of no other letter.
                delivery: format!("{}-{}-{}-{mark}", after.id, change.version, organisation.id),
                organisation: organisation.id.clone(),
                channel,
                urgent: is_urgent(change, after),
                case: after.id,
                at: change.at,
                body,
            });
        };
        if organisation.webhook.is_some() {
            let event = event(plan, public_url, organisation, change, after);
            letter(Channel::Webhook, "w", serde_json::to_string(&event).unwrap_or_default());
        }
        if organisation.email.is_some() && asks(&change.what) {
            letter(Channel::Mail, "m", mail(plan, public_url, change, after));
        }
    }
    letters
}

/// Who is told.
fn told(plan: &Dialplan, change: &CaseChange, after: &Case) -> BTreeSet<OrganisationId> {
    let mut told = BTreeSet::new();
    if let Owner::Organisation(owner) = &after.owner {
        told.insert(owner.clone());
    }
    match &change.what {
        What::Noted { .. } => {}
        What::Marked(Mark::Escalated { to, .. }) => {
            if let Owner::Organisation(id) = to {
                told.insert(id.clone());
            }
        }
        What::Marked(Mark::DueSoon | Mark::Overdue)
        | What::Opened(_)
        | What::Amended(_)
        | What::HandedOver { .. }
        | What::Answered { .. }
        | What::Closed { .. }
        | What::Reopened { .. } => {
            let queue = plan.queues.get(&after.topic);
            told.extend(queue.into_iter().flat_map(|queue| queue.notify.iter().cloned()));
        }
    }
    if let Actor::Organisation(itself) = &change.by {
        told.remove(itself);
    }
    told
}

/// Whether somebody is asked to do something.
fn asks(what: &What) -> bool {
    match what {
        What::Opened(_) | What::HandedOver { .. } | What::Reopened { .. } | What::Marked(_) => true,
        What::Amended(_) | What::Noted { .. } | What::Answered { .. } | What::Closed { .. } => {
            false
        }
    }
}

fn is_urgent(change: &CaseChange, after: &Case) -> bool {
    after.urgency == Urgency::Urgent || matches!(change.what, What::Marked(_))
}

fn event<'a>(
    plan: &'a Dialplan,
    public_url: &str,
    organisation: &Organisation,
    change: &CaseChange,
    after: &'a Case,
) -> Event<'a> {
    let whole = organisation.webhook.as_ref().is_some_and(|webhook| webhook.whole_case);
    Event {
        event: format!("case.{}", change.what.name()),
        case: after.id.to_string(),
        version: after.version,
        at: time(change.at),
        by: change.by.to_string(),
        topic: after.topic.as_str(),
        title: title(plan, after),
        urgency: after.urgency,
        state: after.state.name(),
        owner: after.owner.to_string(),
        opened_at: time(after.opened_at),
        due: time(after.due),
        clinic: after.clinic.as_ref().map(dialplan::ClinicId::as_str),
        link: link(public_url, after),
        caller: after.caller.as_ref().filter(|_| whole).map(dialplan::Number::as_str),
        text: whole.then_some(after.text.as_str()),
        answer: after.state.answer().filter(|_| whole).map(|said| said.text.as_str()),
    }
}

/// The subject, an empty line, the text; nothing of what the citizen has told.
fn mail(plan: &Dialplan, public_url: &str, change: &CaseChange, after: &Case) -> String {
    let why = match &change.what {
        What::HandedOver { .. } => "Обращение передано вам",
        What::Reopened { .. } => "Обращение открыто снова",
        What::Marked(Mark::DueSoon) => "Срок ответа скоро истекает",
        What::Marked(Mark::Overdue) => "Срок ответа истёк",
        What::Marked(Mark::Escalated { .. }) => "На обращение до сих пор не ответили",
        What::Opened(_)
        | What::Amended(_)
        | What::Noted { .. }
        | What::Answered { .. }
        | What::Closed { .. } => "Новое обращение",
    };
    let urgent = if after.urgency == Urgency::Urgent { "СРОЧНО: " } else { "" };
    let title = title(plan, after);
    let due = jiff::Timestamp::from_millisecond(after.due).unwrap_or_default();
    let due = plan.region.zone.to_datetime(due).strftime("%d.%m.%Y %H:%M").to_string();
    let link = link(public_url, after).map(|link| format!("{link}\n")).unwrap_or_default();
    let id = after.id;
    format!(
        "{urgent}{why}: {title}\n\n{why}.\n\nНомер обращения: {id}\nТема: {title}\n\
         Ответить до: {due}\n{link}\nЛиния 122, {}\n",
        plan.region.name
    )
}

fn title<'a>(plan: &'a Dialplan, case: &'a Case) -> &'a str {
    plan.queues.get(&case.topic).map_or(case.topic.as_str(), |queue| &queue.topic)
}

fn link(public_url: &str, case: &Case) -> Option<String> {
    let base = public_url.trim_end_matches('/');
    (!base.is_empty()).then(|| format!("{base}/cases/{}", case.id))
}

fn time(millis: i64) -> String {
    jiff::Timestamp::from_millisecond(millis).unwrap_or_default().to_string()
}
