//! A microphone and a loudspeaker as plain sockets: exactly what is sent, exactly what is heard.

mod microphone;
mod packet;
mod receive;
mod sdp;

use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::audio::{self, Law, RATE};
use crate::block::Host;
use crate::wait::{PATIENCE, until};

pub use microphone::Background;
pub use packet::Packet;
pub use sdp::Sdp;

use microphone::Microphone;

/// The first RTP port of a host.
const FIRST_PORT: u16 = 4000;
/// Samples of a packet: 20 ms.
pub const PACKET: usize = 160;

/// RTP of one party, both ways. It sends to where the first packet came from, as phones behind NAT
/// do, unless it is told an address.
#[derive(Debug)]
pub struct Sound {
    local: SocketAddr,
    law: Law,
    events: Option<u8>,
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    socket: UdpSocket,
    heard: Mutex<Vec<Packet>>,
    sent: Mutex<Vec<Duration>>,
    microphone: Mutex<Microphone>,
    over: AtomicBool,
}

/// The way of the sound.
impl Sound {
    /// A phone that speaks A-law and sends keys as telephone events 101.
    #[must_use]
    pub fn open(host: &Host) -> Sound {
        Sound::with(host, Law::A, Some(101))
    }

    /// A phone that speaks this law, and sends keys by RFC 4733 with this payload type or as tones.
    ///
    /// # Panics
    /// If the host has no port left.
    #[must_use]
    pub fn with(host: &Host, law: Law, events: Option<u8>) -> Sound {
        let socket = (FIRST_PORT..FIRST_PORT + 100)
            .step_by(2)
            .find_map(|port| UdpSocket::bind(host.port(port)).ok())
            .expect("a host has enough ports");
        Sound::on(socket, law, events)
    }

    /// The same on a socket that is bound already.
    ///
    /// # Panics
    /// If the system refuses a socket's options.
    #[must_use]
    pub fn on(socket: UdpSocket, law: Law, events: Option<u8>) -> Sound {
        let local = socket.local_addr().expect("a bound socket has an address");
        let shared = Arc::new(Shared {
            socket,
            heard: Mutex::default(),
            sent: Mutex::default(),
            microphone: Mutex::new(Microphone::new(law, events)),
            over: AtomicBool::default(),
        });
        let (ear, mouth) = (shared.clone(), shared.clone());
        receive::stamp(&shared.socket);
        let threads = vec![
            std::thread::spawn(move || receive::run(&ear)),
            std::thread::spawn(move || microphone::run(&mouth)),
        ];
        Sound { local, law, events, shared, threads }
    }

    /// Where it receives.
    #[must_use]
    pub fn local(&self) -> SocketAddr {
        self.local
    }

    /// Its session description: its law first, then the other, and its telephone events.
    #[must_use]
    pub fn sdp(&self) -> Sdp {
        let laws = match self.law {
            Law::A => vec![Law::A, Law::Mu],
            Law::Mu => vec![Law::Mu, Law::A],
        };
        Sdp { local: self.local, laws, events: self.events, direction: "sendrecv" }
    }
}

/// The microphone.
impl Sound {
    fn microphone(&self) -> MutexGuard<'_, Microphone> {
        self.shared.microphone.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends to this address from now on.
    pub fn talk_to(&self, address: SocketAddr) {
        self.microphone().target = Some(address);
    }

    /// What is sent while nothing is said.
    pub fn background(&self, background: Background) {
        self.microphone().background = background;
    }

    /// A steady tone from now on.
    pub fn hum(&self, hertz: f64) {
        self.background(Background::Tone(hertz));
    }

    /// Says samples, after what is still to be said.
    pub fn say(&self, samples: &[i16]) {
        self.microphone().say(samples);
    }

    /// Presses a key for 100 ms in the way of this phone: an event or a tone.
    pub fn press(&self, key: char) {
        self.microphone().press(key);
    }

    /// Goes on as another source, as after a change of the far device (RFC 3550 §8.2).
    pub fn change_source(&self) {
        self.microphone().change_source();
    }

    /// Every n-th packet is lost on the way; 0 for none.
    pub fn lose_every(&self, n: u64) {
        self.microphone().lose_every = n;
    }

    /// Each second packet is overtaken by its successor.
    pub fn reorder(&self, on: bool) {
        self.microphone().reorder = on;
    }

    /// When each packet was sent, since the Unix epoch.
    #[must_use]
    pub fn sent(&self) -> Vec<Duration> {
        self.shared.sent.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The loudspeaker.
impl Sound {
    /// All packets so far.
    #[must_use]
    pub fn packets(&self) -> Vec<Packet> {
        self.shared.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Everything heard so far, in the order of the sender.
    #[must_use]
    pub fn heard(&self) -> Vec<i16> {
        packet::samples(&self.packets())
    }

    /// What came from one time to another, since the Unix epoch, in the order of the sender.
    #[must_use]
    pub fn heard_between(&self, from: Duration, to: Duration) -> Vec<i16> {
        let mut packets = self.packets();
        packets.retain(|packet| (from..to).contains(&packet.at));
        packet::samples(&packets)
    }

    /// What was heard in the last stretch of this length.
    #[must_use]
    pub fn heard_last(&self, length: Duration) -> Vec<i16> {
        let heard = self.heard();
        let samples = length.as_millis() as usize * RATE / 1000;
        heard[heard.len().saturating_sub(samples)..].to_vec()
    }

    /// Forgets what was heard.
    pub fn forget(&self) {
        self.shared.heard.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Waits until so much was heard since the start or the last [`Sound::forget`].
    ///
    /// # Panics
    /// If it was not in time.
    #[track_caller]
    pub fn wait_heard(&self, length: Duration) {
        let packets = length.as_millis() as usize / 20;
        until(&format!("{length:?} of sound at {}", self.local), PATIENCE + length, || {
            (self.packets().len() >= packets).then_some(())
        });
    }

    /// Waits until the last 300 ms are mostly this tone.
    ///
    /// # Panics
    /// If they are not in time.
    #[track_caller]
    pub fn wait_tone(&self, hertz: f64) {
        until(&format!("a tone of {hertz} Hz at {}", self.local), PATIENCE, || {
            let last = self.heard_last(Duration::from_millis(300));
            (last.len() >= 2000 && audio::tone_share(&last, hertz) > 0.8).then_some(())
        });
    }

    /// Waits until the prompt was heard, since the start or the last [`Sound::forget`].
    ///
    /// # Panics
    /// If it was not in time.
    #[track_caller]
    pub fn wait_prompt(&self, name: &str) {
        let mut search = audio::Search::prompt(name);
        until(&format!("the prompt {name:?} at {}", self.local), PATIENCE * 2, || {
            search.finds_in(&self.heard()).then_some(())
        });
    }

    /// Waits until half a second of this music is heard.
    ///
    /// # Panics
    /// If it is not in time.
    #[track_caller]
    pub fn wait_music(&self, name: &str) {
        until(&format!("the music {name:?} at {}", self.local), PATIENCE, || {
            let heard = self.heard_last(Duration::from_millis(500));
            audio::is_part_of(&heard, name).then_some(())
        });
    }
}

impl Drop for Sound {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            // Its panic has been shown already.
            let _ = thread.join();
        }
    }
}
