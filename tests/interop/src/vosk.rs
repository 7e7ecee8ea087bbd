//! A recognition server that speaks vosk-server's protocol, and says what it was told to whenever a voice has
//! fallen silent.

use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use tokio_tungstenite::tungstenite::{Message, accept};

use crate::audio::loudness;

/// What is louder is a voice.
const VOICE: f64 = 300.0;
/// Samples of voice that are an utterance, and of silence that end it.
const UTTERANCE: usize = 2400;
const PAUSE: usize = 4800;

/// The running server.
#[derive(Debug)]
pub struct Vosk {
    address: SocketAddr,
    open: Arc<Open>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Open {
    sockets: Mutex<Vec<TcpStream>>,
    is_over: AtomicBool,
}

impl Vosk {
    /// Serves at an address; everybody says `text`.
    ///
    /// # Panics
    /// If the address is taken.
    #[must_use]
    pub fn start(address: SocketAddr, text: &'static str) -> Vosk {
        let listener = TcpListener::bind(address).expect("the address is free");
        let open = Arc::<Open>::default();
        let served = open.clone();
        let thread = std::thread::spawn(move || {
            for socket in listener.incoming().map_while(Result::ok) {
                if served.is_over.load(Ordering::Relaxed) {
                    return;
                }
                let kept = socket.try_clone().expect("a socket can be kept");
                served.sockets.lock().unwrap_or_else(PoisonError::into_inner).push(kept);
                std::thread::spawn(move || talk(socket, text));
            }
        });
        Vosk { address, open, thread: Some(thread) }
    }

    /// Calls that are heard, or were.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.open.sockets.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Breaks all connections off, and takes none from now on.
    pub fn goes_away(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.open.is_over.store(true, Ordering::Relaxed);
        // Whoever waits for the next call sees that there is none.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        for socket in self.open.sockets.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            let _ = socket.shutdown(Shutdown::Both);
        }
    }
}

impl Drop for Vosk {
    fn drop(&mut self) {
        self.end();
    }
}

/// One call, until either side breaks it off.
fn talk(socket: TcpStream, text: &str) {
    let Ok(mut socket) = accept(socket) else { return };
    let (mut voice, mut pause) = (0, 0);
    while let Ok(message) = socket.read() {
        let Message::Binary(octets) = message else { continue };
        let samples = octets.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]]));
        let samples: Vec<i16> = samples.collect();
        if loudness(&samples) > VOICE {
            (voice, pause) = (voice + samples.len(), 0);
        } else {
            pause += samples.len();
        }
        let answer = match voice {
            ..UTTERANCE => r#"{"partial" : ""}"#.to_owned(),
            UTTERANCE.. if pause < PAUSE => format!(r#"{{"partial" : "{text}"}}"#),
            UTTERANCE.. => {
                voice = 0;
                format!(r#"{{"text" : "{text}"}}"#)
            }
        };
        if socket.send(Message::text(answer)).is_err() {
            return;
        }
    }
}
