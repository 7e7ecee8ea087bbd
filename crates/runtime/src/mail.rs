//! What other threads put before the signalling thread.

use std::sync::mpsc::{Receiver, Sender, channel};

use ambient::Now;
use switch::Input;

use crate::poll::Bell;

/// Something to do with the core on its own thread.
pub(crate) type Look<C> = Box<dyn FnOnce(&mut C, Now) + Send>;

/// Hands inputs to the signalling thread: DNS answers, media events, what is durable.
///
/// Not bounded here: DNS answers are as many as questions that may be open, journal answers as
/// many as entries of calls, which have a ceiling, and media threads hold back what a caller could
/// multiply.
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

/// Hands anything to the signalling thread.
pub(crate) struct Outside<C> {
    inputs: Inputs,
    looks: Sender<Look<C>>,
}

impl<C> Outside<C> {
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
        Outside { inputs: self.inputs.clone(), looks: self.looks.clone() }
    }
}

/// The signalling thread's side.
pub(crate) struct Mailbox<C> {
    pub(crate) inputs: Receiver<Input>,
    pub(crate) looks: Receiver<Look<C>>,
}

pub(crate) fn mailbox<C>(bell: Bell) -> (Outside<C>, Mailbox<C>) {
    let (sender, inputs) = channel();
    let (look_sender, looks) = channel();
    (Outside { inputs: Inputs { sender, bell }, looks: look_sender }, Mailbox { inputs, looks })
}
