//! One stream's talk with a server.

// What recognises is driven by real time, unlike what understands.
#![allow(clippy::disallowed_methods)]

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc::Receiver;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

use super::Protocol;
use super::reply::{Reply, t_one, vosk};
use crate::health::Pulse;
use crate::{Heard, Sink};

/// A server that takes longer to answer a call is none for a conversation.
const CONNECT: Duration = Duration::from_secs(2);
/// Both servers answer each message, with nothing new as well. One that takes longer than this hangs, and nobody
/// would wait for what it says.
const ANSWER: Duration = Duration::from_secs(2);
/// After the last audio the server has so long for the rest.
const REST: Duration = Duration::from_secs(5);
/// Octets of an answer at most.
const MESSAGE_MAX: usize = 64 << 10;
/// Messages without an answer that are counted; a server that never answers is late by then.
const SENT_MAX: usize = 1000;

/// What a stream's user says.
pub(super) enum Said {
    Audio(Vec<i16>),
    Finish,
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Why a talk ended.
enum End {
    /// All was said.
    Finished,
    /// The server says what it must not or nothing, or audio was thrown away, or the stream was dropped, and
    /// then nobody cares.
    Lost,
}

pub(super) async fn talk(
    address: Arc<str>,
    protocol: Protocol,
    said: Receiver<Said>,
    sink: Sink,
    pulse: Arc<Pulse>,
) {
    let limits = WebSocketConfig::default()
        .max_message_size(Some(MESSAGE_MAX))
        .max_frame_size(Some(MESSAGE_MAX));
    let connected =
        timeout(CONNECT, connect_async_with_config(&*address, Some(limits), true)).await;
    let mut sink = sink;
    let socket = match connected {
        Ok(Ok((socket, _))) => socket,
        Ok(Err(why)) => return gone(&address, &why, &mut sink, &pulse),
        Err(late) => return gone(&address, &late, &mut sink, &pulse),
    };
    pulse.starts();
    let mut talk =
        Talk { socket, protocol, sink, pulse: Arc::clone(&pulse), sent: VecDeque::new() };
    match talk.run(said).await {
        Ok(End::Finished) => (talk.sink)(Heard::Finished),
        Ok(End::Lost) => (talk.sink)(Heard::Lost),
        Err(why) => gone(&address, &why, &mut talk.sink, &pulse),
    }
    // A server that has gone cannot be said goodbye to.
    let _ = timeout(CONNECT, talk.socket.close(None)).await;
}

fn gone(address: &str, why: &dyn std::fmt::Display, sink: &mut Sink, pulse: &Pulse) {
    tracing::warn!(server = address, %why, "the recognition server is gone");
    pulse.stops();
    sink(Heard::Lost);
}

struct Talk {
    socket: Socket,
    protocol: Protocol,
    sink: Sink,
    pulse: Arc<Pulse>,
    /// When the messages that have no answer yet were sent.
    sent: VecDeque<Instant>,
}

impl Talk {
    async fn run(&mut self, mut said: Receiver<Said>) -> Result<End, Error> {
        if self.protocol == Protocol::Vosk {
            const CONFIG: &str = r#"{"config":{"sample_rate":8000,"words":false}}"#;
            self.socket.send(Message::text(CONFIG)).await?;
        }
        loop {
            let oldest = self.sent.front().copied();
            // Only looked at if there is one.
            let answer =
                tokio::time::Instant::from_std(oldest.unwrap_or_else(Instant::now) + ANSWER);
            tokio::select! {
                next = said.recv() => match next {
                    Some(Said::Audio(samples)) => self.audio(&samples).await?,
                    Some(Said::Finish) => return self.finish().await,
                    None => return Ok(End::Lost),
                },
                message = self.socket.next() => match message {
                    Some(message) => if self.hear(&message?).is_none() {
                        return Ok(End::Lost);
                    },
                    None => return Err(Error::ConnectionClosed),
                },
                () = tokio::time::sleep_until(answer), if oldest.is_some() => {
                    tracing::warn!("the recognition server does not answer");
                    self.pulse.misses(ANSWER);
                    return Ok(End::Lost);
                }
            }
        }
    }

    async fn audio(&mut self, samples: &[i16]) -> Result<(), Error> {
        // An empty message means the end to T-one's server.
        if samples.is_empty() {
            return Ok(());
        }
        let octets: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
        if self.sent.len() < SENT_MAX {
            self.sent.push_back(Instant::now());
        }
        self.socket.send(Message::binary(octets)).await
    }

    /// Asks for the rest and waits for it.
    async fn finish(&mut self) -> Result<End, Error> {
        let last = match self.protocol {
            // Compared octet by octet.
            Protocol::Vosk => Message::text(r#"{"eof" : 1}"#),
            Protocol::TOne => Message::binary(Vec::new()),
        };
        self.socket.send(last).await?;
        let until = tokio::time::Instant::now() + REST;
        // Vosk-server answers the last word as any other, and T-one's closes; either may do the other.
        let mut answers = self.sent.len() + 1;
        while answers > 0 {
            match tokio::time::timeout_at(until, self.socket.next()).await {
                Ok(Some(Ok(message))) => {
                    if message.is_close() {
                        break;
                    }
                    if self.hear(&message).is_none() {
                        return Ok(End::Lost);
                    }
                    if self.protocol == Protocol::Vosk && message.is_text() {
                        answers -= 1;
                    }
                }
                Ok(Some(Err(Error::ConnectionClosed)) | None) => break,
                Ok(Some(Err(why))) => return Err(why),
                Err(_) => return Ok(End::Lost),
            }
        }
        Ok(End::Finished)
    }

    /// Takes what the server says; `None` if it must not say it.
    fn hear(&mut self, message: &Message) -> Option<()> {
        let text = match message {
            Message::Text(text) => text.as_str(),
            // Answered by the library.
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_) => {
                return Some(());
            }
            Message::Binary(_) => return None,
        };
        let reply = match self.protocol {
            Protocol::Vosk => vosk(text),
            Protocol::TOne => t_one(text),
        };
        let reply = reply.ok()?;
        // T-one's server says of its own when it is ready, and whether a phrase is over besides.
        let is_answer = self.protocol == Protocol::Vosk || reply == Reply::Ready;
        if is_answer && let Some(at) = self.sent.pop_front() {
            self.pulse.beat(at.elapsed());
        }
        match reply {
            Reply::Partial(text) => (self.sink)(Heard::Partial(text)),
            Reply::Text(text) => (self.sink)(Heard::Text(text)),
            Reply::Ready => {}
        }
        Some(())
    }
}
