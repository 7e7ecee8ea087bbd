//! A thread that runs a model for its share of the streams.

// What recognises is driven by real time, unlike what understands.
#![allow(clippy::disallowed_methods)]

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Instant;

use speech::CHUNK_SAMPLES;

use super::engine::{Engine, Turn};
use crate::health::Pulse;
use crate::place::Place;
use crate::{Heard, NoRoom, Sink, Stream, yield_to_sound};

/// Chunks of one stream that wait: three seconds. What comes beyond is lost.
pub(crate) const CHUNKS_MAX: usize = 10;
/// Chunks that are run at once; more bring no more speed, and the first waits for the last.
const BATCH_MAX: usize = 8;
/// Orders that wait for a thread.
const ORDERS_MAX: usize = 4096;

type Chunk = Box<[i16; CHUNK_SAMPLES]>;

enum Order {
    Open { id: usize, sink: Sink, shared: Arc<Shared> },
    Chunk { id: usize, chunk: Chunk, at: Instant },
    Finish { id: usize },
    Close { id: usize },
}

/// What a stream and its thread both see.
struct Shared {
    /// Chunks that are on their way.
    waiting: AtomicUsize,
    /// Audio was thrown away.
    is_lost: AtomicBool,
}

pub(super) struct Worker {
    orders: SyncSender<Order>,
}

impl Worker {
    pub(super) fn start(
        nth: usize,
        engine: Arc<dyn Engine>,
        fresh: Vec<f32>,
        pulse: Arc<Pulse>,
    ) -> std::io::Result<Worker> {
        let (orders, given) = sync_channel(ORDERS_MAX);
        let lanes = Lanes { engine, fresh, pulse, all: BTreeMap::new() };
        thread::Builder::new().name(format!("recogniser-{nth}")).spawn(|| lanes.work(given))?;
        Ok(Worker { orders })
    }

    pub(super) fn open(&self, id: usize, sink: Sink, place: Place) -> Result<ModelStream, NoRoom> {
        let shared =
            Arc::new(Shared { waiting: AtomicUsize::new(0), is_lost: AtomicBool::new(false) });
        let order = Order::Open { id, sink, shared: Arc::clone(&shared) };
        self.orders.try_send(order).map_err(|_| NoRoom)?;
        let orders = self.orders.clone();
        Ok(ModelStream { id, orders, shared, filling: Vec::new(), _place: place })
    }
}

/// A stream, as the one who feeds it has it.
pub(super) struct ModelStream {
    id: usize,
    orders: SyncSender<Order>,
    shared: Arc<Shared>,
    /// The chunk that is not full yet.
    filling: Vec<i16>,
    _place: Place,
}

impl Stream for ModelStream {
    fn hear(&mut self, samples: &[i16]) {
        for part in samples.chunks(CHUNK_SAMPLES) {
            self.filling.extend_from_slice(part);
            if self.filling.len() >= CHUNK_SAMPLES {
                let rest = self.filling.split_off(CHUNK_SAMPLES);
                let full = std::mem::replace(&mut self.filling, rest);
                self.send(full);
            }
        }
    }

    fn finish(&mut self) {
        // What is left, and silence behind it, for a model is behind what it hears.
        let mut last = std::mem::take(&mut self.filling);
        last.resize(2 * CHUNK_SAMPLES, 0);
        let behind = last.split_off(CHUNK_SAMPLES);
        self.send(last);
        self.send(behind);
        self.order(Order::Finish { id: self.id });
    }
}

impl ModelStream {
    fn send(&mut self, chunk: Vec<i16>) {
        let Ok(chunk) = Chunk::try_from(chunk.into_boxed_slice()) else { return };
        if self.shared.is_lost.load(Ordering::Relaxed) {
            return;
        }
        if self.shared.waiting.fetch_add(1, Ordering::Relaxed) >= CHUNKS_MAX {
            self.shared.is_lost.store(true, Ordering::Relaxed);
            return;
        }
        self.order(Order::Chunk { id: self.id, chunk, at: Instant::now() });
    }

    fn order(&self, order: Order) {
        match self.orders.try_send(order) {
            Ok(()) => {}
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {
                self.shared.is_lost.store(true, Ordering::Relaxed);
            }
        }
    }
}

impl Drop for ModelStream {
    fn drop(&mut self) {
        // If there is no room for the word, the thread sees that nobody is left who shares the stream.
        let _ = self.orders.try_send(Order::Close { id: self.id });
    }
}

/// All streams of one thread.
struct Lanes {
    engine: Arc<dyn Engine>,
    fresh: Vec<f32>,
    pulse: Arc<Pulse>,
    all: BTreeMap<usize, Lane>,
}

struct Lane {
    sink: Sink,
    shared: Arc<Shared>,
    state: Vec<f32>,
    waiting: VecDeque<(Chunk, Instant)>,
    is_finished: bool,
}

impl Lanes {
    fn work(mut self, orders: Receiver<Order>) {
        yield_to_sound();
        // Ends when the model and all its streams are dropped.
        while let Ok(first) = orders.recv() {
            self.take(first);
            loop {
                while let Ok(next) = orders.try_recv() {
                    self.take(next);
                }
                self.drop_what_is_lost();
                if !self.run_batch() {
                    break;
                }
            }
        }
    }

    fn take(&mut self, order: Order) {
        match order {
            Order::Open { id, sink, shared } => {
                let (state, waiting) = (self.fresh.clone(), VecDeque::new());
                let lane = Lane { sink, shared, state, waiting, is_finished: false };
                self.all.insert(id, lane);
            }
            Order::Chunk { id, chunk, at } => {
                if let Some(lane) = self.all.get_mut(&id) {
                    lane.waiting.push_back((chunk, at));
                }
            }
            Order::Finish { id } => {
                if let Some(lane) = self.all.get_mut(&id) {
                    lane.is_finished = true;
                }
            }
            Order::Close { id } => {
                self.all.remove(&id);
            }
        }
    }

    fn drop_what_is_lost(&mut self) {
        self.all.retain(|_, lane| {
            let is_lost = lane.shared.is_lost.load(Ordering::Relaxed);
            if is_lost {
                (lane.sink)(Heard::Lost);
            } else if lane.is_finished && lane.waiting.is_empty() {
                (lane.sink)(Heard::Finished);
            }
            let is_over = is_lost || lane.is_finished && lane.waiting.is_empty();
            !is_over && Arc::strong_count(&lane.shared) > 1
        });
    }

    /// Runs the chunks that have waited longest, one of each stream; says whether there were any.
    fn run_batch(&mut self) -> bool {
        let mut ready: Vec<(Instant, usize)> = self
            .all
            .iter()
            .filter_map(|(id, lane)| lane.waiting.front().map(|(_, at)| (*at, *id)))
            .collect();
        ready.sort_unstable();
        ready.truncate(BATCH_MAX);
        if ready.is_empty() {
            return false;
        }
        let mut chosen: Vec<(&mut Lane, Chunk, Instant)> = Vec::with_capacity(ready.len());
        for (id, lane) in &mut self.all {
            if ready.iter().any(|(_, ready)| ready == id)
                && let Some((chunk, at)) = lane.waiting.pop_front()
            {
                lane.shared.waiting.fetch_sub(1, Ordering::Relaxed);
                chosen.push((lane, chunk, at));
            }
        }
        let mut frames = vec![Vec::new(); chosen.len()];
        let mut batch: Vec<Turn<'_>> = chosen
            .iter_mut()
            .zip(&mut frames)
            .map(|((lane, chunk, _), frames)| Turn { chunk, state: &mut lane.state, frames })
            .collect();
        let run = self.engine.run(&mut batch);
        drop(batch);
        if let Err(why) = &run {
            tracing::error!(%why, "the model fails: what is said is not recognised");
        }
        let now = Instant::now();
        for ((lane, _, at), frames) in chosen.into_iter().zip(frames) {
            if run.is_ok() {
                self.pulse.beat(now.saturating_duration_since(at));
                (lane.sink)(Heard::Frames(frames));
            } else {
                lane.shared.is_lost.store(true, Ordering::Relaxed);
            }
        }
        true
    }
}

#[cfg(test)]
mod tests;
