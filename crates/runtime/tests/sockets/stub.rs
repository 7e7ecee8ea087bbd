//! A core that does what the test says and tells what it is handed.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use ambient::{Entropy, Mono, Now};
use media::Library;
use runtime::{
    Clock, Core, Ending, MediaSettings, Parts, Remote, Running, SipSettings, Sockets, start,
};
use sip::{Flow, Listener, Packet, Transport};
use switch::{Input, Offence, Output};

/// How long a test waits for what must come; the machine may be busy.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
/// How long a test waits to see that nothing comes.
pub(crate) const MOMENT: Duration = Duration::from_millis(300);

pub(crate) struct Stub {
    out: VecDeque<Output>,
    seen: Sender<Input>,
    echoes: bool,
}

impl Stub {
    pub(crate) fn send(&mut self, flow: Flow, payload: impl Into<bytes::Bytes>) {
        self.out.push_back(Output::Packet(Packet { flow, payload: payload.into() }));
    }
    pub(crate) fn wants(&mut self, output: Output) {
        self.out.push_back(output);
    }
}

impl Core for Stub {
    fn handle(&mut self, _now: Now, input: Input) {
        match &input {
            Input::Packet { flow, payload } if self.echoes => {
                assert_ne!(&payload[..], b"PANIC", "the test asked for it");
                self.send(flow.clone(), payload.clone());
            }
            Input::Drain { .. } => self.out.push_back(Output::Drained),
            _ => {}
        }
        let _ = self.seen.send(input);
    }
    fn handle_timeout(&mut self, _now: Now) {}
    fn poll_output(&mut self) -> Option<Output> {
        self.out.pop_front()
    }
    fn next_timeout(&self) -> Option<Mono> {
        None
    }
}

/// A running stub. Dropping it ends its threads.
pub(crate) struct Bench {
    pub(crate) tokio: tokio::runtime::Runtime,
    pub(crate) line: Running<Stub>,
    pub(crate) remote: Remote<Stub>,
    pub(crate) listeners: Vec<Listener>,
    pub(crate) seen: Receiver<Input>,
}

impl Bench {
    /// Starts with settings; it echoes packets if `echoes`.
    pub(crate) fn new(sip: &SipSettings, echoes: bool) -> Bench {
        Bench::with_media(sip, echoes, 50_000..=50_099, Library::default())
    }

    pub(crate) fn with_media(
        sip: &SipSettings,
        echoes: bool,
        ports: std::ops::RangeInclusive<u16>,
        library: Library,
    ) -> Bench {
        let tokio = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let sockets = Sockets::bind(sip).unwrap();
        let listeners = sockets.listeners();
        let address = [127, 0, 0, 1].into();
        let parts = Parts {
            recogniser: None,
            recorder: None,
            sockets,
            media: MediaSettings { address, advertise: None, ports, threads: 2 },
            library: Arc::new(library),
            identity: None,
            entropy: Entropy::from_number(1),
            clock: Clock::start(),
            tokio: tokio.handle().clone(),
        };
        let (sender, seen) = channel();
        let stub = Stub { out: VecDeque::new(), seen: sender, echoes };
        let line = start(parts, |_, _| Ok(stub), |_| Ok(None)).unwrap();
        Bench { tokio, remote: line.remote(), line, listeners, seen }
    }

    /// Where the stub listens with a transport.
    pub(crate) fn address(&self, transport: Transport) -> SocketAddr {
        self.listeners.iter().find(|l| l.transport == transport).unwrap().bound
    }

    /// Does something with the stub on its thread.
    pub(crate) fn with<T: Send + 'static>(
        &self,
        look: impl FnOnce(&mut Stub) -> T + Send + 'static,
    ) -> T {
        self.tokio.block_on(self.remote.with(|stub, _| look(stub))).expect("the thread lives")
    }

    /// The next thing that the stub was handed.
    pub(crate) fn next(&self) -> Input {
        self.seen.recv_timeout(PATIENCE).expect("nothing came")
    }

    /// Nothing comes.
    pub(crate) fn is_quiet(&self) -> bool {
        matches!(self.seen.recv_timeout(MOMENT), Err(RecvTimeoutError::Timeout))
    }

    /// The next thing is a message.
    pub(crate) fn message(&self) -> (Flow, bytes::Bytes) {
        match self.next() {
            Input::Packet { flow, payload } => (flow, payload),
            other => panic!("no message but {other:?}"),
        }
    }

    /// The next thing is a lost flow.
    pub(crate) fn failed(&self) -> Flow {
        match self.next() {
            Input::FlowFailed(flow) => flow,
            other => panic!("no lost flow but {other:?}"),
        }
    }

    /// The next thing is told of a connection that misbehaved.
    pub(crate) fn suspect(&self) -> Offence {
        match self.next() {
            Input::Suspect { what, .. } => what,
            other => panic!("nothing suspect but {other:?}"),
        }
    }

    pub(crate) fn ending(&mut self) -> Ending {
        self.tokio.block_on(async {
            tokio::time::timeout(PATIENCE, self.line.ended()).await.expect("it goes on")
        })
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.remote.drain(Duration::ZERO);
    }
}

/// Addresses of the loopback with ports that the kernel chooses.
pub(crate) fn loopback() -> SocketAddr {
    ([127, 0, 0, 1], 0).into()
}

/// A small request.
pub(crate) fn options(call: &str) -> Vec<u8> {
    format!(
        "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n\
         To: <sip:a@b>\r\nCall-ID: {call}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 4\r\n\r\nbody"
    )
    .into_bytes()
}
