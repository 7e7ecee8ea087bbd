//! A new dialplan changes the trunks: what is the same to the carrier goes on as if nothing were.

use dialplan::{Dialplan, Trunk, TrunkId, TrunkKind};

use super::TrunkState;
use crate::Proxy;
use crate::response_context::Owner;
use crate::timer::Timer;
use crate::turn::Turn;

impl Proxy {
    /// Goes over from the trunks of `before` to those of the dialplan that is in place now.
    pub(crate) fn replace_trunks(&mut self, turn: &mut Turn<'_>, before: &Dialplan) {
        let plan = self.directory.plan.clone();
        for old in before.trunks.values().filter(|old| !plan.trunks.contains_key(&old.id)) {
            self.drop_trunk(turn, &old.id);
        }
        for trunk in plan.trunks.values() {
            match before.trunks.get(&trunk.id) {
                Some(old) => self.change_trunk(turn, old, trunk),
                None => self.add_trunk(turn, trunk),
            }
        }
    }

    fn add_trunk(&mut self, turn: &Turn<'_>, trunk: &Trunk) {
        let mut state = TrunkState::new(trunk, &mut self.entropy);
        // It may have been taken out while calls went over it.
        state.calls = self.trunks.states.get(&trunk.id).map_or(0, |before| before.calls);
        self.trunks.states.insert(trunk.id.clone(), state);
        self.start_keep_alive(turn.now, trunk);
        self.start_registration(turn.now, &trunk.id);
    }

    fn change_trunk(&mut self, turn: &mut Turn<'_>, old: &Trunk, new: &Trunk) {
        let Some(state) = self.trunks.states.get_mut(&new.id) else { return };
        state.calls_max = new.calls_max;
        if (&old.to, old.keep_alive) != (&new.to, new.keep_alive) {
            let mut fresh = TrunkState::new(new, &mut self.entropy);
            for target in fresh.targets.iter_mut().filter(|_| new.keep_alive.is_some()) {
                let known = state.targets.iter().find(|known| known.uri == target.uri);
                target.alive = known.and_then(|known| known.alive);
            }
            state.targets = fresh.targets;
            self.stop_keep_alive(old);
            self.start_keep_alive(turn.now, new);
        }
        if !is_same_account(&old.kind, &new.kind) {
            self.leave_registrar(turn, &new.id);
            let fresh = TrunkState::new(new, &mut self.entropy);
            if let Some(state) = self.trunks.states.get_mut(&new.id) {
                state.registration = fresh.registration;
            }
            self.start_registration(turn.now, &new.id);
        }
    }

    fn drop_trunk(&mut self, turn: &mut Turn<'_>, trunk: &TrunkId) {
        self.leave_registrar(turn, trunk);
        let Some(state) = self.trunks.states.get_mut(trunk) else { return };
        let targets = std::mem::take(&mut state.targets).len();
        (state.calls_max, state.listed) = (0, false);
        if state.calls == 0 {
            self.trunks.states.remove(trunk);
        }
        self.forget_questions(trunk, targets);
    }

    fn stop_keep_alive(&mut self, trunk: &Trunk) {
        self.forget_questions(&trunk.id, trunk.to.len());
    }

    /// No OPTIONS is sent to the trunk any more, and no answer to one counts.
    fn forget_questions(&mut self, trunk: &TrunkId, targets: usize) {
        for target in 0..targets {
            self.timers.disarm(&Timer::KeepAlive(trunk.clone(), target));
        }
        self.forget_owned(|owner| matches!(owner, Owner::KeepAlive(of, _) if of == trunk));
    }

    /// Ends our registration with a trunk.
    fn leave_registrar(&mut self, turn: &mut Turn<'_>, trunk: &TrunkId) {
        self.timers.disarm(&Timer::Register(trunk.clone()));
        self.forget_owned(|owner| matches!(owner, Owner::Register(of) if of == trunk));
        self.unregister(turn, trunk);
    }

    fn forget_owned(&mut self, is_of_trunk: impl Fn(&Owner) -> bool) {
        for owner in self.clients.values_mut().filter(|owner| is_of_trunk(owner)) {
            *owner = Owner::Forgotten;
        }
    }
}

fn is_same_account(old: &TrunkKind, new: &TrunkKind) -> bool {
    match (old, new) {
        (TrunkKind::Address, TrunkKind::Address) => true,
        (
            TrunkKind::Register { registrar, user, password, expires },
            TrunkKind::Register { registrar: at, user: by, password: with, expires: lasts },
        ) => (registrar, user, &**password, expires) == (at, by, &**with, lasts),
        (TrunkKind::Address, TrunkKind::Register { .. })
        | (TrunkKind::Register { .. }, TrunkKind::Address) => false,
    }
}
