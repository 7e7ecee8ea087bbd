//! Waiting for sockets: one epoll for each driving thread, and a bell that other threads ring.
//!
//! Level-triggered, so that a socket which holds one packet costs one receive, not a second one
//! that says it is empty; waiting with nanoseconds, so that RTP is paced.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use rustix::event::{EventfdFlags, Timespec, eventfd};

/// How many ready sockets one wait tells.
const BATCH: usize = 256;

/// An epoll instance.
#[derive(Debug)]
pub(crate) struct Poller {
    epoll: OwnedFd,
    bell: Bell,
}

/// What a wait told, kept by the thread so that nothing is allocated for each wait.
pub(crate) struct Batch {
    events: Vec<epoll::Event>,
}

/// A socket that can go on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ready {
    /// As given to [`Poller::add`].
    pub(crate) token: u64,
    /// There is something to read, or the end of it.
    pub(crate) readable: bool,
    /// There is room to write.
    pub(crate) writable: bool,
    /// An error waits to be read, or both directions are closed.
    pub(crate) error: bool,
}

/// What a socket is watched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Interest {
    pub(crate) read: bool,
    pub(crate) write: bool,
}

impl Interest {
    /// As after [`Poller::add`].
    pub(crate) const READ: Interest = Interest { read: true, write: false };
}

/// The token of the bell.
const BELL: u64 = u64::MAX;

impl Batch {
    pub(crate) fn new() -> Batch {
        Batch { events: Vec::with_capacity(BATCH) }
    }

    /// What is ready.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Ready> + '_ {
        self.events.iter().map(|event| {
            let flags = event.flags;
            Ready {
                token: event.data.u64(),
                readable: flags.intersects(EventFlags::IN | EventFlags::HUP),
                writable: flags.contains(EventFlags::OUT),
                error: flags.intersects(EventFlags::ERR | EventFlags::HUP),
            }
        })
    }
}

impl Poller {
    pub(crate) fn new() -> io::Result<Poller> {
        let epoll = epoll::create(CreateFlags::CLOEXEC)?;
        let bell = Bell::new()?;
        epoll::add(&epoll, &bell.0.fd, EventData::new_u64(BELL), EventFlags::IN)?;
        Ok(Poller { epoll, bell })
    }

    /// The bell that ends a wait.
    pub(crate) fn bell(&self) -> Bell {
        self.bell.clone()
    }

    /// Tells `token` when the socket can be read. A socket leaves by being closed.
    pub(crate) fn add(&self, socket: impl AsFd, token: u64) -> io::Result<()> {
        Ok(epoll::add(&self.epoll, socket, EventData::new_u64(token), EventFlags::IN)?)
    }

    /// Tells something else from now on.
    pub(crate) fn watch(
        &self,
        socket: impl AsFd,
        token: u64,
        interest: Interest,
    ) -> io::Result<()> {
        let mut flags = EventFlags::empty();
        flags.set(EventFlags::IN, interest.read);
        flags.set(EventFlags::OUT, interest.write);
        Ok(epoll::modify(&self.epoll, socket, EventData::new_u64(token), flags)?)
    }

    /// Waits until a socket is ready, the bell rings or `timeout` has passed. Says whether the bell
    /// rang; the sockets are in `batch`.
    pub(crate) fn wait(&self, batch: &mut Batch, timeout: Option<Duration>) -> io::Result<bool> {
        let timeout = timeout.map(|t| Timespec {
            tv_sec: i64::try_from(t.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: t.subsec_nanos().into(),
        });
        batch.events.clear();
        let spare = rustix::buffer::spare_capacity(&mut batch.events);
        match epoll::wait(&self.epoll, spare, timeout.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let Some(at) = batch.events.iter().position(|event| event.data.u64() == BELL) else {
            return Ok(false);
        };
        batch.events.swap_remove(at);
        self.bell.silence();
        Ok(true)
    }
}

/// Wakes a thread that waits on its [`Poller`].
#[derive(Clone, Debug)]
pub(crate) struct Bell(Arc<BellState>);

#[derive(Debug)]
struct BellState {
    fd: OwnedFd,
    /// Rung and not yet heard: ringing again would only cost a system call.
    rung: AtomicBool,
}

impl Bell {
    fn new() -> io::Result<Bell> {
        let fd = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        Ok(Bell(Arc::new(BellState { fd, rung: AtomicBool::new(false) })))
    }

    /// Wakes the thread. Put into the mailbox first, then ring.
    pub(crate) fn ring(&self) {
        if !self.0.rung.swap(true, Ordering::AcqRel) {
            // It can only fail when the counter is full, and then the thread wakes anyway.
            let _ = rustix::io::write(&self.0.fd, &1u64.to_ne_bytes());
        }
    }

    /// Before the mailbox is emptied: what is put there from now on rings anew.
    fn silence(&self) {
        let mut count = [0; 8];
        let _ = rustix::io::read(&self.0.fd, &mut count);
        self.0.rung.swap(false, Ordering::AcqRel);
    }
}
