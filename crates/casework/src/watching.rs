//! The watch over the open cases of the running line.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use cases::{Actor, Notice, Watch, What};
use dialplan::Dialplan;
use records::{CaseOrder, CasesAsked, PAGE_MAX};
use tokio::sync::broadcast::error::RecvError;

use crate::desk::Happened;
use crate::{Casework, Trouble};

/// How often the time of day is looked at: it may be stepped, and the dialplan replaced.
const LOOK: Duration = Duration::from_secs(1);
/// How long to wait before the books are read again that could not be read.
const RETRY: Duration = Duration::from_secs(5);

/// Makes the marks of the watch until it is dropped.
pub(crate) async fn watch(casework: Arc<Casework>) -> Infallible {
    loop {
        if let Err(error) = watch_until_trouble(&casework).await {
            tracing::warn!(%error, "cases are not watched for a moment");
            tokio::time::sleep(RETRY).await;
        }
    }
}

/// Ends if the books cannot be read or changes were missed; then all is read anew.
async fn watch_until_trouble(casework: &Arc<Casework>) -> Result<(), Trouble> {
    // First: what happens while the books are read must not be missed.
    let mut happened = casework.listen();
    let mut plan = casework.plan();
    let mut watch = read(casework, plan.clone()).await?;
    loop {
        let now = casework.plan();
        if !Arc::ptr_eq(&now, &plan) {
            plan = now;
            watch.replace_plan(plan.clone());
        }
        watch.handle_timeout(casework.now());
        while let Some(notice) = watch.poll_output() {
            mark(casework, notice).await?;
        }
        match tokio::time::timeout(LOOK, happened.recv()).await {
            Err(_) => {}
            Ok(Ok(Happened { case, .. })) => put(&mut watch, &case),
            Ok(Err(RecvError::Lagged(_) | RecvError::Closed)) => return Ok(()),
        }
    }
}

async fn read(casework: &Casework, plan: Arc<Dialplan>) -> Result<Watch, Trouble> {
    let mut watch = Watch::new(plan);
    let states = vec!["open", "handed-over"];
    let asked = CasesAsked { states, order: CaseOrder::Due, ..CasesAsked::default() };
    let mut after = None;
    loop {
        let asked = asked.clone();
        let page = casework.ask(move |books| books.cases(&asked, after, PAGE_MAX)).await?;
        page.cases.iter().for_each(|case| put(&mut watch, case));
        after = page.next;
        if after.is_none() {
            return Ok(watch);
        }
    }
}

fn put(watch: &mut Watch, case: &cases::Case) {
    if !watch.put(case) {
        tracing::warn!(case = %case.id, "too many open cases: this one is not watched");
    }
}

/// A case that was changed meanwhile comes back to the watch by that change.
async fn mark(casework: &Casework, Notice { case, mark }: Notice) -> Result<(), Trouble> {
    let what = What::Marked(mark);
    tracing::info!(%case, what = what.name(), "the watch tells of a case");
    let made = casework
        .change(Actor::System, case, None, |_, _, _| Ok(what), None, |_| String::new())
        .await;
    match made {
        Ok(_) | Err(Trouble::Refused(_) | Trouble::Unknown) => Ok(()),
        Err(trouble) => Err(trouble),
    }
}
