//! Requests that the robot took become cases.

use std::convert::Infallible;
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use dialplan::{AskedFor, Dialplan};
use journal::LeftRequest;

use crate::{Casework, NewCase, Trouble};

/// How often the books are asked for them: a citizen who was told that the request is accepted waits for
/// an answer, not for the case.
const LOOK: Duration = Duration::from_secs(1);
/// How long to wait before the books are asked again that could not be read.
const RETRY: Duration = Duration::from_secs(5);

/// Makes cases of requests until it is dropped.
pub(crate) async fn open_cases(casework: Arc<Casework>) -> Infallible {
    loop {
        let wait = match open_all(&casework).await {
            Ok(()) => LOOK,
            Err(error) => {
                tracing::warn!(%error, "requests are no cases yet");
                RETRY
            }
        };
        tokio::time::sleep(wait).await;
    }
}

async fn open_all(casework: &Casework) -> Result<(), Trouble> {
    for request in casework.ask(records::Books::left_requests).await? {
        let new = new_case(&casework.plan(), &request);
        let call = request.call;
        match casework.open_left(new, call).await {
            Ok(()) => tracing::info!(%call, "the robot opened a case"),
            // One that cannot be a case must not hold up the others; it is told each time.
            Err(error @ (Trouble::NoSuch(_) | Trouble::Number | Trouble::Refused(_))) => {
                tracing::error!(%call, %error, "a request cannot become a case");
            }
            Err(trouble) => return Err(trouble),
        }
    }
    Ok(())
}

fn title(what: AskedFor) -> &'static str {
    match what {
        AskedFor::Telephone => "Телефон",
        AskedFor::BirthDate => "Дата рождения",
        AskedFor::House => "Дом",
        AskedFor::Clinic => "Поликлиника",
    }
}

fn new_case(plan: &Dialplan, request: &LeftRequest) -> NewCase {
    let mut text = "Заявку принял робот.".to_owned();
    if !request.keys.is_empty() {
        let keys: String = request.keys.iter().map(|key| key.label()).collect();
        let _ = write!(text, " Нажато: {keys}.");
    }
    if !request.said.is_empty() {
        let _ = write!(text, " Сказано: «{}».", request.said.join("», «"));
    }
    for (what, told) in &request.told {
        let _ = write!(text, " {}: {told}.", title(*what));
    }
    // The dialplan may have changed since: a request is nobody's to lose.
    let topic = plan.queues.get_key_value(&request.topic).or_else(|| plan.queues.first_key_value());
    let topic = topic.map_or_else(|| request.topic.clone(), |(topic, _)| topic.clone());
    if topic != request.topic {
        let _ = write!(text, " Тема «{}» с тех пор удалена.", request.topic);
    }
    NewCase {
        topic,
        urgency: None,
        caller: Some(request.caller.to_string()),
        clinic: request.clinic.clone().filter(|clinic| plan.clinics.contains_key(clinic)),
        call: Some(request.call),
        text,
        due: None,
        owner: None,
    }
}
