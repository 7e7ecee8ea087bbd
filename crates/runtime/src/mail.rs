//! What other threads put before the signalling thread.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, SyncSender, TrySendError, channel, sync_channel};

use ambient::Now;
use media::Library;
use switch::Input;

use crate::poll::Bell;
use crate::signalling::{Arrival, Arrivals, Tls, arrivals};

/// Something to do with the core on its own thread.
pub(crate) type Look<C> = Box<dyn FnOnce(&mut C, Now) + Send>;

/// Media events that wait for the signalling thread. Callers can multiply them by pressing keys, so
/// at the ceiling the media thread waits: its packets are late, but no key and no end of a stream is
/// lost. The signalling thread never waits for a media thread, so they cannot wait for each other.
pub(crate) const MEDIA_EVENTS_MAX: usize = 65_536;

/// Hands what the media threads tell to the signalling thread.
#[derive(Clone, Debug)]
pub(crate) struct MediaEvents {
    sender: SyncSender<media::Event>,
    bell: Bell,
}

impl MediaEvents {
    pub(crate) fn send(&self, event: media::Event) {
        // The receiver is gone only when the program ends.
        if let Err(TrySendError::Full(event)) = self.sender.try_send(event) {
            self.bell.ring();
            let _ = self.sender.send(event);
        }
        self.bell.ring();
    }
}

/// Hands inputs to the signalling thread: DNS answers, what is durable, the order to drain.
///
/// Not bounded here: DNS answers are as many as questions that may be open, and journal answers as
/// many as entries of calls, which have a ceiling.
#[derive(Clone, Debug)]
pub(crate) struct Inputs {
    sender: Sender<Input>,
    bell: Bell,
}

impl Inputs {
    pub(crate) fn send(&self, input: Input) {
        // The receiver is gone only when the program ends.
        let _ = self.sender.send(input);
        self.bell.ring();
    }
}

/// What the drivers use from now on.
#[derive(Debug)]
pub(crate) enum Renewal {
    /// Certificates.
    Tls(Tls),
    /// Prompts.
    Prompts(Arc<Library>),
}

/// Hands anything to the signalling thread.
pub(crate) struct Outside<C> {
    inputs: Inputs,
    looks: Sender<Look<C>>,
    renewals: Sender<Renewal>,
    browsers: Arrivals,
}

impl<C> Outside<C> {
    pub(crate) fn browsers(&self) -> &Arrivals {
        &self.browsers
    }

    pub(crate) fn renew(&self, renewal: Renewal) {
        let _ = self.renewals.send(renewal);
        self.inputs.bell.ring();
    }
    pub(crate) fn inputs(&self) -> Inputs {
        self.inputs.clone()
    }
    pub(crate) fn input(&self, input: Input) {
        self.inputs.send(input);
    }
    pub(crate) fn look(&self, look: Look<C>) {
        let _ = self.looks.send(look);
        self.inputs.bell.ring();
    }
}

impl<C> Clone for Outside<C> {
    fn clone(&self) -> Self {
        Outside {
            inputs: self.inputs.clone(),
            looks: self.looks.clone(),
            renewals: self.renewals.clone(),
            browsers: self.browsers.clone(),
        }
    }
}

/// The signalling thread's side.
pub(crate) struct Mailbox<C> {
    pub(crate) inputs: Receiver<Input>,
    pub(crate) media: Receiver<media::Event>,
    pub(crate) looks: Receiver<Look<C>>,
    pub(crate) renewals: Receiver<Renewal>,
    pub(crate) browsers: Receiver<Arrival>,
}

pub(crate) fn mailbox<C>(bell: Bell) -> (Outside<C>, MediaEvents, Mailbox<C>) {
    let (sender, inputs) = channel();
    let (look_sender, looks) = channel();
    let (renewal_sender, renewals) = channel();
    let (media_sender, media) = sync_channel(MEDIA_EVENTS_MAX);
    let events = MediaEvents { sender: media_sender, bell: bell.clone() };
    let (browsers, browser_arrivals) = arrivals(bell.clone());
    let inputs_sender = Inputs { sender, bell };
    let outside =
        Outside { inputs: inputs_sender, looks: look_sender, renewals: renewal_sender, browsers };
    let mailbox = Mailbox { inputs, media, looks, renewals, browsers: browser_arrivals };
    (outside, events, mailbox)
}

#[cfg(test)]
mod tests {
    use media::{Event, StreamId};

    use super::*;
    use crate::poll::Poller;

    #[test]
    fn at_the_ceiling_a_media_thread_waits_and_nothing_is_lost() {
        let poller = Poller::new().unwrap();
        let (_outside, events, mailbox) = mailbox::<()>(poller.bell());
        let closed = |n: usize| Event::OpenFailed { stream: StreamId(n as u64) };
        for n in 0..MEDIA_EVENTS_MAX {
            events.send(closed(n));
        }
        let past = closed(MEDIA_EVENTS_MAX);
        let refused = events.sender.try_send(past.clone());
        assert_eq!(refused, Err(TrySendError::Full(past.clone())), "one past it has no room");
        std::thread::scope(|scope| {
            // Without a reader this would not return.
            scope.spawn(|| events.send(past));
            for n in 0..=MEDIA_EVENTS_MAX {
                assert_eq!(mailbox.media.recv(), Ok(closed(n)));
            }
        });
    }
}
