//! A new dialplan takes the place of the old one.
//!
//! What did not change in meaning is not touched: registrations, trunks that live, calls. A phone
//! whose account has another password is registered no more, and one whose account is gone is not
//! rung: when a later dialplan has the account again, it need not register anew. A talk goes on.

use std::sync::Arc;

use ambient::Now;
use dialplan::{AgentId, Dialplan};
use sip::Endpoint;

use crate::directory::Directory;
use crate::timer::Timer;
use crate::turn::Turn;
use crate::{Output, Party, Proxy};

/// What a new dialplan changes of an account that may be registered.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Change {
    /// It is no more.
    Gone,
    /// It is there, and may have been before.
    Back,
    /// It has another password.
    Out,
    /// It is somebody else's phone now.
    Handed,
}

/// A new dialplan, made ready beside the line, so that the line itself has little to do.
#[derive(Debug)]
pub struct NextDirectory {
    directory: Directory,
    before: Arc<Dialplan>,
    changes: Vec<(Arc<str>, Change)>,
}

/// What a new dialplan has replaced. It is large: dropping it is nothing for a thread that is waited
/// for.
#[derive(Debug)]
pub struct FormerDirectory {
    _directory: Directory,
    _changes: Vec<(Arc<str>, Change)>,
}

impl NextDirectory {
    /// Makes the look-ups, and finds which accounts differ from `before`, the dialplan that runs.
    #[must_use]
    pub fn new(before: Arc<Dialplan>, plan: Arc<Dialplan>) -> NextDirectory {
        let directory = Directory::new(plan);
        let added =
            directory.plan.accounts.keys().filter(|name| !before.accounts.contains_key(*name));
        let names = before.accounts.keys().chain(added).map(|name| Arc::from(&**name));
        let changes = changes(&before, &directory, names);
        NextDirectory { directory, before, changes }
    }
}

impl Proxy {
    /// Goes over to a new dialplan. Calls in progress go on by theirs.
    pub fn replace_plan(
        &mut self,
        now: Now,
        endpoint: &mut Endpoint,
        next: NextDirectory,
    ) -> FormerDirectory {
        let NextDirectory { directory, before, mut changes } = next;
        if !Arc::ptr_eq(&before, &self.directory.plan) {
            // Another one came first: only what is registered matters.
            let registered = self.bindings.accounts().cloned();
            changes = self::changes(&self.directory.plan, &directory, registered);
        }
        let former = std::mem::replace(&mut self.directory, directory);
        for (account, change) in &changes {
            if self.bindings.of(account).is_empty() {
                continue;
            }
            let before = former.account(account).map(|known| known.party.clone());
            self.report(before, Output::Unreachable);
            match change {
                Change::Back | Change::Out => self.drop_unproven(now, account),
                Change::Gone | Change::Handed => {}
            }
            if !self.bindings.of(account).is_empty() {
                let party = self.directory.account(account).map(|known| known.party.clone());
                self.report(party, Output::Reachable);
            }
        }
        self.replace_trunks(&mut Turn { now, endpoint }, &former.plan);
        FormerDirectory { _directory: former, _changes: changes }
    }

    /// Forgets contacts that were registered by another password than the account's.
    fn drop_unproven(&mut self, now: Now, account: &Arc<str>) {
        let Some(password) = self.directory.account(account).map(|known| known.password.clone())
        else {
            return;
        };
        self.bindings.remove_where(account, |binding| binding.password != password);
        self.keep_bindings(now, account);
        let timer = Timer::Bindings(account.clone());
        match self.bindings.next_expiry(account) {
            Some(at) => self.timers.arm(timer, at),
            None => {
                self.timers.disarm(&timer);
                tracing::info!(%account, "registered no more: the password has changed");
            }
        }
    }

    fn report(&mut self, party: Option<Party>, say: impl Fn(AgentId) -> Output) {
        if let Some(Party::Agent(agent)) = party {
            self.outputs.push_back(say(agent));
        }
    }
}

/// Which of these accounts of one dialplan another one changes.
fn changes(
    before: &Dialplan,
    after: &Directory,
    names: impl Iterator<Item = Arc<str>>,
) -> Vec<(Arc<str>, Change)> {
    let change = |name: &str| match (before.accounts.get(name), after.plan.accounts.get(name)) {
        (Some(_), None) => Some(Change::Gone),
        (None, Some(_)) => Some(Change::Back),
        (Some(old), Some(new)) if old.password != new.password => Some(Change::Out),
        (Some(old), Some(new)) if old.owner != new.owner => Some(Change::Handed),
        (Some(_), Some(_)) | (None, None) => None,
    };
    names.filter_map(|name| change(&name).map(|change| (name, change))).collect()
}
