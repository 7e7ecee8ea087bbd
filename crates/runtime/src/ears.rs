//! Who listens to callers: the ears of all calls, on one thread.
//!
//! Sound comes from the media threads, frames from the recogniser's, and what the switch wants to know from
//! signalling. None of them ever waits for this thread: sound that it cannot take is thrown away, and then
//! it says that it is deaf, so that menus go on with keys.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use ambient::{Mono, Timers};
use journal::CallId;
use media::StreamId;
use recogniser::{Health, Heard, Recogniser, Stream};
use speech::{Ear, Outcome};
use switch::{Input, Listening, TurnId};

use crate::clock::Clock;
use crate::mail::Inputs;

/// Blocks of 20 ms that wait for the thread: four seconds of a hundred callers.
const BLOCKS_MAX: usize = 20_000;
/// No turn lasts longer: prompts have their ceiling, and so have the timers of an ear.
const TURN_MAX: Duration = Duration::from_secs(600);

/// What the thread is told.
enum Order {
    Listening(Listening),
    /// What somebody says, and the level of what is sent there.
    Sound(StreamId, Box<[i16; 160]>, f32),
    Heard(TurnId, Heard),
    End,
}

/// Tells the thread, which ends with the last of these.
#[derive(Clone)]
pub(crate) struct Ears(Arc<Way>);

/// The way to the thread.
struct Way {
    orders: Sender<Order>,
    load: Arc<Load>,
}

impl Drop for Way {
    fn drop(&mut self) {
        let _ = self.orders.send(Order::End);
    }
}

/// How far the thread is behind.
#[derive(Default)]
struct Load {
    blocks: AtomicUsize,
    is_lost: AtomicBool,
}

impl Ears {
    /// Starts the thread.
    pub(crate) fn start(
        recogniser: Arc<dyn Recogniser>,
        clock: Clock,
        inputs: Inputs,
    ) -> std::io::Result<Ears> {
        let (orders, given) = channel();
        let load = Arc::<Load>::default();
        let thread = Thread {
            recogniser,
            clock,
            inputs,
            orders: orders.clone(),
            load: load.clone(),
            turns: BTreeMap::new(),
            streams: BTreeMap::new(),
            timers: Timers::default(),
        };
        std::thread::Builder::new().name("ears".into()).spawn(move || thread.run(&given))?;
        Ok(Ears(Arc::new(Way { orders, load })))
    }

    pub(crate) fn tell(&self, told: Listening) {
        // The thread is gone only when the program ends.
        let _ = self.0.orders.send(Order::Listening(told));
    }

    /// 20 ms of what somebody says, and the level of what is sent there meanwhile, in dB of full scale.
    pub(crate) fn hear(&self, stream: StreamId, samples: Box<[i16; 160]>, sent: f32) {
        let Way { orders, load } = &*self.0;
        if load.blocks.fetch_add(1, Ordering::Relaxed) >= BLOCKS_MAX {
            load.blocks.fetch_sub(1, Ordering::Relaxed);
            load.is_lost.store(true, Ordering::Relaxed);
            return;
        }
        let _ = orders.send(Order::Sound(stream, samples, sent));
    }
}

/// One turn.
struct Listener {
    call: CallId,
    stream: StreamId,
    ear: Ear,
    /// Where what it hears is recognised.
    recognised: Box<dyn Stream>,
    until: Mono,
}

struct Thread {
    recogniser: Arc<dyn Recogniser>,
    clock: Clock,
    inputs: Inputs,
    orders: Sender<Order>,
    load: Arc<Load>,
    turns: BTreeMap<TurnId, Listener>,
    streams: BTreeMap<StreamId, TurnId>,
    timers: Timers<TurnId>,
}

impl Thread {
    fn run(mut self, given: &Receiver<Order>) {
        recogniser::yield_to_sound();
        loop {
            let patience = self.timers.next().map_or(TURN_MAX, |at| self.clock.until(at));
            match given.recv_timeout(patience) {
                Ok(Order::End) | Err(RecvTimeoutError::Disconnected) => return,
                Ok(order) => self.obey(order),
                Err(RecvTimeoutError::Timeout) => {}
            }
            if self.load.is_lost.swap(false, Ordering::Relaxed) {
                tracing::warn!("those who listen are behind: callers have keys alone");
                for turn in self.turns.keys().copied().collect::<Vec<_>>() {
                    self.give_up(turn);
                }
            }
            let now = self.clock.mono();
            while let Some(turn) = self.timers.pop_due(now) {
                self.with(turn, now, |ear| ear.handle_timeout(now));
            }
        }
    }

    fn obey(&mut self, order: Order) {
        let now = self.clock.mono();
        match order {
            Order::Listening(Listening::Begin { turn, call, stream, terms }) => {
                self.begin(now, turn, call, stream, terms);
            }
            Order::Listening(Listening::PromptBegins(turn)) => {
                self.with(turn, now, |ear| ear.handle(now, speech::Input::PromptBegins));
            }
            Order::Listening(Listening::PromptEnds(turn)) => {
                self.with(turn, now, |ear| ear.handle(now, speech::Input::PromptEnds));
            }
            Order::Listening(Listening::End(turn)) => self.forget(turn),
            Order::Sound(stream, samples, sent) => {
                self.load.blocks.fetch_sub(1, Ordering::Relaxed);
                let Some(turn) = self.streams.get(&stream).copied() else { return };
                if let Some(listener) = self.turns.get_mut(&turn) {
                    listener.recognised.hear(&*samples);
                }
                let sound = speech::Input::Audio { heard: &samples, sent };
                self.with(turn, now, |ear| ear.handle(now, sound));
            }
            Order::Heard(turn, heard) => match heard {
                Heard::Frames(frames) => {
                    self.with(turn, now, |ear| ear.handle(now, speech::Input::Frames(&frames)));
                }
                Heard::Partial(text) => {
                    self.with(turn, now, |ear| ear.handle(now, speech::Input::Partial(&text)));
                }
                Heard::Text(text) => {
                    self.with(turn, now, |ear| ear.handle(now, speech::Input::Text(&text)));
                }
                Heard::Lost => self.give_up(turn),
                Heard::Finished => {}
            },
            Order::End => {}
        }
    }

    fn begin(
        &mut self,
        now: Mono,
        turn: TurnId,
        call: CallId,
        stream: StreamId,
        terms: speech::Turn,
    ) {
        if let Some(former) = self.streams.get(&stream).copied() {
            self.forget(former);
        }
        let orders = self.orders.clone();
        let sink = Box::new(move |heard| {
            // The thread is gone only when the program ends.
            let _ = orders.send(Order::Heard(turn, heard));
        });
        // One that is late or gone is tried by one caller at a time: else nobody would see it well again.
        let can = match self.recogniser.health() {
            Health::Well => true,
            Health::Late(_) | Health::Gone => self.turns.is_empty(),
        };
        let stream_of = can.then(|| self.recogniser.open(sink));
        let Some(Ok(recognised)) = stream_of else {
            return self.tell(call, turn, speech::Output::Over(Outcome::Deaf));
        };
        let ear = Ear::new(now, terms);
        let listener = Listener { call, stream, ear, recognised, until: now + TURN_MAX };
        self.streams.insert(stream, turn);
        self.turns.insert(turn, listener);
        self.with(turn, now, |_| {});
    }

    /// Hands an ear to `act`, and does what it says.
    fn with(&mut self, turn: TurnId, now: Mono, act: impl FnOnce(&mut Ear)) {
        let Some(listener) = self.turns.get_mut(&turn) else { return };
        act(&mut listener.ear);
        let call = listener.call;
        while let Some(output) = listener.ear.poll_output() {
            let is_over = matches!(output, speech::Output::Over(_));
            self.inputs.send(Input::Speech { call, turn, what: output });
            if is_over {
                return self.forget(turn);
            }
        }
        if now >= listener.until {
            return self.give_up(turn);
        }
        let next = listener.ear.next_timeout().map_or(listener.until, |at| at.min(listener.until));
        self.timers.arm(turn, next);
    }

    /// Nothing more is heard in this turn.
    fn give_up(&mut self, turn: TurnId) {
        if let Some(listener) = self.turns.get(&turn) {
            self.tell(listener.call, turn, speech::Output::Over(Outcome::Deaf));
            self.forget(turn);
        }
    }

    fn tell(&self, call: CallId, turn: TurnId, what: speech::Output) {
        self.inputs.send(Input::Speech { call, turn, what });
    }

    fn forget(&mut self, turn: TurnId) {
        self.timers.disarm(&turn);
        if let Some(listener) = self.turns.remove(&turn) {
            self.streams.remove(&listener.stream);
        }
    }
}

#[cfg(test)]
mod tests;
