//! The signalling thread: it owns the core, all SIP sockets, and nothing is shared with it.

mod bind;
mod connection;
mod driver;
mod streams;
mod stun;
mod tls;
mod udp;
mod websockets;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use ambient::{Entropy, Now};
use bytes::Bytes;
use journal::Sequence;
use records::JournalWriter;
use sip::{Listener, Transport};
use switch::{Input, Vouched};
use tokio::sync::{mpsc, oneshot};

pub use bind::{SipSettings, Sockets};
pub use connection::Patience;
pub use streams::StreamLimits;
pub(crate) use tls::Tls;
pub use tls::{TlsFiles, accepting};
pub use websockets::WebSocket;
pub(crate) use websockets::{Arrival, Arrivals, arrivals};

use crate::StartError;
use crate::clock::Clock;
use crate::core::Core;
use crate::dns::Dns;
use crate::ears::Ears;
use crate::figures::Figures;
use crate::mail::{Outside, Renewal, mailbox};
use crate::media_threads::{MediaSettings, MediaShared, MediaThreads};

/// How the signalling thread ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The core said that no call is left.
    Drained,
    /// A defect: the thread panicked, or could not wait for its sockets. The log says where.
    Failed,
}

/// Where a thread tells its end; each tells it at most once.
pub(crate) type EndingSender = mpsc::UnboundedSender<Ending>;

/// What the line is made of, before it starts.
pub struct Parts {
    /// The bound sockets.
    pub sockets: Sockets,
    /// Ports and threads of the media.
    pub media: MediaSettings,
    /// All prompts.
    pub library: Arc<media::Library>,
    /// The certificate for DTLS; without one there is none.
    pub identity: Option<media::Identity>,
    /// Who turns speech into letters; without one, callers have keys alone.
    pub recogniser: Option<Arc<dyn recogniser::Recogniser>>,
    /// Where recorded talks go; without it none is recorded.
    pub recorder: Option<recorder::Recorder>,
    /// Seeds the media threads; the core has its own.
    pub entropy: Entropy,
    /// The shared clock.
    pub clock: Clock,
    /// Where DNS is asked.
    pub tokio: tokio::runtime::Handle,
}

/// A running signalling thread with its media threads.
pub struct Running<C> {
    outside: Outside<C>,
    clock: Clock,
    figures: Arc<Figures>,
    endings: mpsc::UnboundedReceiver<Ending>,
}

/// What other threads may do with a running core.
pub struct Remote<C> {
    outside: Outside<C>,
    clock: Clock,
    figures: Arc<Figures>,
}

/// Starts all threads.
///
/// `core` makes the core; it is given the listeners. `journal` opens the journal, and is handed what
/// tells the core that an entry is durable.
///
/// # Errors
/// If a thread cannot be started, the journal cannot be opened, or the core cannot be made.
pub fn start<C: Core>(
    parts: Parts,
    core: impl FnOnce(Now, Vec<Listener>) -> Result<C, StartError>,
    journal: impl FnOnce(Box<dyn Fn(Sequence) + Send>) -> Result<Option<JournalWriter>, StartError>,
) -> Result<Running<C>, StartError> {
    let Parts { sockets, media, library, identity, recogniser, recorder, entropy, clock, tokio } =
        parts;
    crate::files::raise_limit();
    let figures = Arc::<Figures>::default();
    let (outside, events, mailbox) = mailbox(sockets.poller.bell());
    let (ending, endings) = mpsc::unbounded_channel();
    let ears = recogniser.map(|recogniser| Ears::start(recogniser, clock, outside.inputs()));
    let ears = ears.transpose()?;
    let shared = MediaShared {
        ears: ears.clone(),
        library,
        identity,
        clock,
        events,
        recorder: recorder.clone(),
        figures: figures.clone(),
        ending: ending.clone(),
    };
    let media = MediaThreads::start(&media, entropy, &shared)?;
    let durable = outside.inputs();
    let journal = journal(Box::new(move |upto| durable.send(Input::Persisted(upto))))?;
    let dns = Dns::new(tokio, outside.inputs());
    let core = core(clock.now(), sockets.listeners())?;
    let driver = driver::Driver {
        core,
        clock,
        sockets,
        mailbox,
        media,
        dns,
        journal,
        ears,
        recorder,
        figures: figures.clone(),
        browsers: websockets::WebSockets::default(),
        failed: VecDeque::new(),
        drained: false,
    };
    std::thread::Builder::new().name("signalling".into()).spawn(move || {
        let ended = match catch_unwind(AssertUnwindSafe(|| driver.run())) {
            Ok(Ok(())) => Ending::Drained,
            Ok(Err(error)) => {
                tracing::error!(%error, "signalling cannot wait for its sockets");
                Ending::Failed
            }
            // The panic hook has logged what and where.
            Err(_) => Ending::Failed,
        };
        let _ = ending.send(ended);
    })?;
    Ok(Running { outside, clock, figures, endings })
}

impl<C: Core> Running<C> {
    /// A handle for other threads.
    #[must_use]
    pub fn remote(&self) -> Remote<C> {
        Remote { outside: self.outside.clone(), clock: self.clock, figures: self.figures.clone() }
    }

    /// Waits for the end of the signalling thread, or for the failure of any.
    pub async fn ended(&mut self) -> Ending {
        self.endings.recv().await.unwrap_or(Ending::Failed)
    }
}

impl<C: Core> Remote<C> {
    /// Refuses new calls from now on and ends after the last one, at the latest after `limit`.
    pub fn drain(&self, limit: Duration) {
        self.outside.input(Input::Drain { deadline: self.clock.mono() + limit });
    }

    /// Uses the certificates that these files hold now for every TLS session that begins; those in
    /// progress go on. Reads the files on the caller's thread.
    ///
    /// # Errors
    /// If a file cannot be used: then nothing changes.
    pub fn reload_tls(&self, files: &TlsFiles) -> Result<(), StartError> {
        self.outside.renew(Renewal::Tls(Tls::load(files)?));
        Ok(())
    }

    /// Plays from these prompts from now on; what plays goes on. A later [`Remote::with`] finds them in
    /// use.
    pub fn set_prompts(&self, library: Arc<media::Library>) {
        self.outside.renew(Renewal::Prompts(library));
    }

    /// Does something with the core on its own thread, between two inputs; short, for no packet is
    /// handled meanwhile. `None` if the thread has ended.
    pub async fn with<T: Send + 'static>(
        &self,
        look: impl FnOnce(&mut C, Now) -> T + Send + 'static,
    ) -> Option<T> {
        let (tell, told) = oneshot::channel();
        self.outside.look(Box::new(move |core, now| {
            let _ = tell.send(look(core, now));
        }));
        told.await.ok()
    }

    /// The web server has a browser that speaks SIP (RFC 7118), and knows who it is: the connection, and what is to
    /// be sent over it until that ends. `None` if the signalling thread has too much to do, or has ended.
    #[must_use]
    pub fn open_websocket(
        &self,
        transport: Transport,
        remote: SocketAddr,
        who: Vouched,
    ) -> Option<(WebSocket, mpsc::Receiver<Bytes>)> {
        self.outside.browsers().open(transport, remote, who)
    }

    /// Figures of the drivers.
    #[must_use]
    pub fn figures(&self) -> &Figures {
        &self.figures
    }

    /// The shared clock.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.clock
    }
}

impl<C> Clone for Remote<C> {
    fn clone(&self) -> Self {
        Remote { outside: self.outside.clone(), clock: self.clock, figures: self.figures.clone() }
    }
}
