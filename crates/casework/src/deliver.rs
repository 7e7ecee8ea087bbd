//! Sends the letters of the outbox.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use https::Https;
use records::{Channel, Waiting};
use tokio::task::JoinSet;

use crate::mail::{MailSettings, Post};
use crate::webhook;
use crate::{Casework, Trouble};

/// Letters that are on the way at once, each of another lane.
const AT_ONCE: usize = 16;
/// How often the outbox is looked at, at least; new letters ring.
const LOOK: Duration = Duration::from_secs(1);
/// From the first try in vain to the second; doubled from try to try.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
/// The longest pause between tries, of urgent letters and of others.
const LONGEST_PAUSE: (Duration, Duration) = (Duration::from_secs(60), Duration::from_secs(3600));
/// After so many milliseconds a letter is tried no more, and an alarm is raised: a week.
const GIVEN_UP_AFTER: i64 = 7 * 86_400_000;
/// Characters of a reason that are kept.
const REASON_MAX: usize = 200;

/// Sends letters until it is dropped.
pub(crate) async fn deliver(casework: Arc<Casework>, mail: Option<MailSettings>) -> Infallible {
    let post = mail.and_then(|settings| match Post::new(&settings) {
        Ok(post) => Some(post),
        Err(error) => {
            tracing::error!(%error, "letters cannot be sent");
            None
        }
    });
    let senders = Arc::new(Senders { https: Https::new(webhook::PATIENCE), post });
    loop {
        match round(&casework, &senders).await {
            // There may be more behind those.
            Ok(sent) if sent > 0 => {}
            Ok(_) => {
                let _ = tokio::time::timeout(LOOK, casework.letters.notified()).await;
            }
            Err(error) => {
                tracing::warn!(%error, "the outbox cannot be read");
                tokio::time::sleep(LOOK).await;
            }
        }
    }
}

struct Senders {
    https: Https,
    post: Option<Post>,
}

/// Sends the first letter of each lane whose time has come; says how many.
async fn round(casework: &Arc<Casework>, senders: &Arc<Senders>) -> Result<usize, Trouble> {
    let now = casework.now().unix_millis();
    let letters = casework.ask(move |books| books.letters(now, AT_ONCE)).await?;
    let count = letters.len();
    let mut tries = JoinSet::new();
    for waiting in letters {
        let (casework, senders) = (casework.clone(), senders.clone());
        tries.spawn(async move {
            let sent = send(&casework, &senders, &waiting).await;
            settle(&casework, waiting, sent).await
        });
    }
    while let Some(settled) = tries.join_next().await {
        settled.map_err(|_| Trouble::Ending)??;
    }
    Ok(count)
}

/// Tries once.
async fn send(casework: &Casework, senders: &Senders, waiting: &Waiting) -> Result<(), String> {
    let letter = &waiting.letter;
    let plan = casework.plan();
    let organisation = plan.organisations.get(&letter.organisation);
    match letter.channel {
        Channel::Webhook => {
            let to = organisation.and_then(|organisation| organisation.webhook.as_ref());
            let to = to.ok_or("the dialplan has no webhook of it any more")?;
            let sent = webhook::send(&senders.https, to, letter, casework.now()).await;
            sent.map_err(|error| error.to_string())
        }
        Channel::Mail => {
            let to = organisation.and_then(|organisation| organisation.email.as_deref());
            let to = to.ok_or("the dialplan has no address of it any more")?;
            let post = senders.post.as_ref().ok_or("mail.server is not set")?;
            post.send(to, letter).await
        }
    }
}

/// Writes down what came of a try.
async fn settle(
    casework: &Casework,
    Waiting { letter, tries }: Waiting,
    sent: Result<(), String>,
) -> Result<(), Trouble> {
    let now = casework.now().unix_millis();
    let (organisation, case, delivery) = (letter.organisation, letter.case, letter.delivery);
    let why = match sent {
        Ok(()) => {
            tracing::info!(%organisation, %case, "an organisation was told of a case");
            return casework.ask(move |books| books.letter_taken(&delivery, now)).await;
        }
        Err(why) => why.chars().take(REASON_MAX).collect::<String>(),
    };
    if now - letter.at >= GIVEN_UP_AFTER {
        // The alarm: an organisation has not heard of a case for a week.
        tracing::error!(%organisation, %case, why, "a letter is given up after a week");
        return casework.ask(move |books| books.letter_given_up(&delivery, now, &why)).await;
    }
    let pause = pause(tries, letter.urgent, |bound| casework.draw(bound));
    tracing::warn!(%organisation, %case, tries = tries + 1, why, "a letter was not taken");
    let next_at = now + i64::try_from(pause.as_millis()).unwrap_or(i64::MAX);
    casework.ask(move |books| books.letter_failed(&delivery, next_at, &why)).await
}

/// How long to wait after so many tries before this one: twice as long each time, and up to a quarter
/// more or less, so that many letters do not come together at a server that has just come back.
fn pause(tries: u32, urgent: bool, draw: impl FnOnce(u64) -> u64) -> Duration {
    let longest = if urgent { LONGEST_PAUSE.0 } else { LONGEST_PAUSE.1 };
    let pause = FIRST_PAUSE.saturating_mul(1_u32.checked_shl(tries).unwrap_or(u32::MAX));
    let millis = u64::try_from(pause.min(longest).as_millis()).unwrap_or(u64::MAX);
    Duration::from_millis(millis - millis / 4 + draw(millis / 2 + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_their_ceiling() {
        let pause = |tries, urgent, drawn| pause(tries, urgent, |_| drawn).as_millis();
        assert_eq!(pause(0, false, 0), 1500);
        assert_eq!(pause(0, false, 1000), 2500);
        assert_eq!(pause(3, false, 4000), 16_000);
        assert_eq!(pause(9, true, 15_000), 60_000);
        for tries in [20, 31, 32, u32::MAX] {
            assert_eq!(pause(tries, false, 900_000), 3_600_000);
        }
    }
}
