//! The media threads, as the signalling thread sees them.

mod filter;
mod ports;
mod thread;

use std::collections::HashMap;
use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};

use ambient::Entropy;
use media::{Command, Engine, Event, Identity, Library, StreamId};
use recorder::Recorder;

use crate::StartError;
use crate::advertise::reachable_address;
use crate::clock::Clock;
use crate::ears::Ears;
use crate::figures::Figures;
use crate::mail::MediaEvents;
use crate::poll::{Bell, Poller};
use crate::signalling::{Ending, EndingSender};
use ports::Ports;
use thread::{MediaThread, StreamSockets};

/// Where RTP is spoken.
#[derive(Clone, Debug)]
pub struct MediaSettings {
    /// The address to bind.
    pub address: IpAddr,
    /// The address that others are told instead.
    pub advertise: Option<IpAddr>,
    /// Ports for RTP and RTCP; each stream takes two.
    pub ports: RangeInclusive<u16>,
    /// Threads; at least one.
    pub threads: usize,
}

/// The running threads. Dropping it ends them.
pub(crate) struct MediaThreads {
    threads: Vec<(Sender<Order>, Bell)>,
    /// On which thread each stream lives.
    homes: HashMap<StreamId, usize>,
}

/// What a thread is told.
#[derive(Debug)]
pub(crate) enum Order {
    /// Something about one of its streams.
    Command(Command),
    /// The prompts from now on.
    Prompts(Arc<Library>),
}

/// What the threads share.
#[derive(Clone)]
pub(crate) struct MediaShared {
    pub(crate) ears: Option<Ears>,
    pub(crate) library: Arc<Library>,
    pub(crate) identity: Option<Identity>,
    pub(crate) clock: Clock,
    pub(crate) events: MediaEvents,
    pub(crate) recorder: Option<Recorder>,
    pub(crate) figures: Arc<Figures>,
    pub(crate) ending: EndingSender,
}

impl MediaThreads {
    pub(crate) fn start(
        settings: &MediaSettings,
        mut entropy: Entropy,
        shared: &MediaShared,
    ) -> Result<MediaThreads, StartError> {
        let count = settings.threads.max(1);
        let advertised = settings.advertise.unwrap_or_else(|| reachable_address(settings.address));
        let mut threads = Vec::with_capacity(count);
        for index in 0..count {
            let ports = Ports::new(settings.address, &settings.ports, index, count);
            let sockets = StreamSockets::new(ports, advertised);
            threads.push(spawn(index, sockets, entropy.fork(), shared.clone())?);
        }
        Ok(MediaThreads { threads, homes: HashMap::new() })
    }

    /// Passes a command to the thread of its stream. Gives an event if the command cannot reach it.
    pub(crate) fn command(&mut self, command: Command) -> Option<Event> {
        let stream = command.stream();
        if let Command::Open { group, .. } = &command {
            // Streams of one group share a thread, for they may be bridged.
            let home = group.0 % self.threads.len() as u64;
            self.homes.insert(stream, usize::try_from(home).unwrap_or(0));
        }
        let home = *self.homes.get(&stream)?; // else it crossed the stream's end
        let (sender, bell) = &self.threads[home];
        let opens = matches!(command, Command::Open { .. });
        if sender.send(Order::Command(command)).is_err() {
            self.homes.remove(&stream);
            return opens.then_some(Event::OpenFailed { stream });
        }
        bell.ring();
        None
    }

    /// All threads play from these prompts from now on; what a command names that comes later is there.
    pub(crate) fn set_prompts(&self, library: &Arc<Library>) {
        for (sender, bell) in &self.threads {
            // A thread that has ended has been told of.
            let _ = sender.send(Order::Prompts(library.clone()));
            bell.ring();
        }
    }

    /// Forgets where a stream lived that is gone.
    pub(crate) fn note(&mut self, event: &Event) {
        if let Event::Closed { stream, .. } | Event::OpenFailed { stream } = event {
            self.homes.remove(stream);
        }
    }
}

impl Drop for MediaThreads {
    fn drop(&mut self) {
        for (sender, bell) in self.threads.drain(..) {
            drop(sender);
            bell.ring();
        }
    }
}

fn spawn(
    index: usize,
    sockets: StreamSockets,
    entropy: Entropy,
    shared: MediaShared,
) -> Result<(Sender<Order>, Bell), StartError> {
    let (sender, commands) = channel();
    let poller = Poller::new()?;
    let bell = poller.bell();
    let MediaShared { ears, library, identity, clock, events, recorder, figures, ending } = shared;
    std::thread::Builder::new().name(format!("media-{index}")).spawn(move || {
        let run = || {
            let engine = Engine::new(library, entropy);
            let engine = match identity {
                Some(identity) => engine.with_identity(identity),
                None => engine,
            };
            let thread = MediaThread {
                engine,
                clock,
                poller,
                commands,
                events,
                ears,
                recorder,
                sockets,
                figures,
            };
            thread.run()
        };
        match catch_unwind(AssertUnwindSafe(run)) {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::error!(%error, "a media thread cannot wait for its sockets");
                let _ = ending.send(Ending::Failed);
            }
            // The panic hook has logged what and where.
            Err(_) => drop(ending.send(Ending::Failed)),
        }
    })?;
    Ok((sender, bell))
}
