//! Streams against servers that speak the documented protocols, in this process.

use std::net::SocketAddr;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use recogniser::{Health, Heard, NoRoom, Protocol, Recogniser, Server, Stream};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, accept_async};

type Socket = WebSocketStream<TcpStream>;

/// A server on a port of its own; each connection is served by this function.
fn serve<F>(serve: fn(Socket) -> F) -> (Runtime, SocketAddr)
where
    F: Future<Output = ()> + Send + 'static,
{
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    runtime.spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let socket = accept_async(socket).await.unwrap();
            tokio::spawn(serve(socket));
        }
    });
    (runtime, address)
}

/// vosk-server: an answer for each message; it takes the last word octet by octet.
async fn vosk(mut socket: Socket) {
    let config = socket.next().await.unwrap().unwrap().into_text().unwrap();
    let config: serde_json::Value = serde_json::from_str(&config).unwrap();
    assert_eq!(config["config"]["sample_rate"], 8000);
    let mut samples = 0;
    while let Some(Ok(message)) = socket.next().await {
        let answer = match &message {
            Message::Binary(octets) => {
                assert!(octets.len() % 2 == 0);
                samples += octets.len() / 2;
                match samples {
                    ..8000 => r#"{"partial" : ""}"#,
                    8000..16_000 => r#"{"partial" : "вызвать"}"#,
                    16_000..16_800 => r#"{"result": [], "text" : "вызвать врача"}"#,
                    _ => r#"{"partial" : "на"}"#,
                }
            }
            Message::Text(text) if text.as_str() == r#"{"eof" : 1}"# => r#"{"text" : "на дом"}"#,
            Message::Close(_) => return,
            other => panic!("{other:?}"),
        };
        socket.send(Message::text(answer)).await.unwrap();
        if message.is_text() {
            let _ = socket.close(None).await;
            return;
        }
    }
}

/// T-one's server: ready before each message; a phrase when it is over; an empty message is the end.
async fn t_one(mut socket: Socket) {
    loop {
        socket.send(Message::text(r#"{"event":"ready"}"#)).await.unwrap();
        let Some(Ok(Message::Binary(octets))) = socket.next().await else { return };
        if octets.is_empty() {
            let phrase = r#"{"event":"transcript","phrase":{"text":"запись","start_time":0.1,"end_time":1.0}}"#;
            socket.send(Message::text(phrase)).await.unwrap();
            let _ = socket.close(None).await;
            return;
        }
    }
}

/// It closes in the middle.
async fn hangs_up(mut socket: Socket) {
    for _ in 0..3 {
        let _ = socket.next().await;
    }
}

/// It speaks something else.
async fn babbles(mut socket: Socket) {
    let _ = socket.send(Message::text("<html>")).await;
    while let Some(Ok(_)) = socket.next().await {}
}

/// It takes audio and never answers.
async fn is_silent(mut socket: Socket) {
    while let Some(Ok(_)) = socket.next().await {}
}

/// T-one's server that is ready once, and never again.
async fn hangs(mut socket: Socket) {
    socket.send(Message::text(r#"{"event":"ready"}"#)).await.unwrap();
    is_silent(socket).await;
}

/// It answers, each time a second late.
async fn is_slow(mut socket: Socket) {
    let _config = socket.next().await;
    let (mut sends, mut hears) = socket.split();
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Some(at) = told.recv().await {
            tokio::time::sleep_until(at).await;
            let _ = sends.send(Message::text(r#"{"partial" : ""}"#)).await;
        }
    });
    while let Some(Ok(_)) = hears.next().await {
        let _ = tell.send(tokio::time::Instant::now() + Duration::from_secs(1));
    }
}

fn open(server: &Server) -> (Box<dyn Stream>, Receiver<Heard>) {
    let (tell, heard) = channel();
    let stream = server.open(Box::new(move |what| drop(tell.send(what)))).unwrap();
    (stream, heard)
}

/// What is heard until the stream is over.
fn all(heard: &Receiver<Heard>) -> Vec<Heard> {
    let mut all = Vec::new();
    loop {
        match heard.recv_timeout(Duration::from_secs(20)) {
            Ok(what) => {
                let is_last = matches!(what, Heard::Finished | Heard::Lost);
                all.push(what);
                if is_last {
                    return all;
                }
            }
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                panic!("it does not end: {all:?}")
            }
        }
    }
}

fn text(text: &str) -> Heard {
    Heard::Text(text.to_owned())
}

/// Speaks so many samples, at ten times the speed of speech.
fn speak(stream: &mut dyn Stream, samples: usize) {
    for _ in 0..samples / 160 {
        stream.hear(&[1000; 160]);
        std::thread::park_timeout(Duration::from_millis(2));
    }
}

#[test]
fn a_call_is_heard_by_vosk_server() {
    let (_runtime, address) = serve(vosk);
    let server = Server::new(&format!("ws://{address}"), Protocol::Vosk, 4).unwrap();
    let (mut stream, heard) = open(&server);
    speak(&mut *stream, 20_000);
    stream.finish();
    let mut all = all(&heard);
    all.dedup();
    let partial = |text: &str| Heard::Partial(text.to_owned());
    assert_eq!(
        all,
        [partial("вызвать"), text("вызвать врача"), partial("на"), text("на дом"), Heard::Finished]
    );
    assert_eq!(server.health(), Health::Well);
}

#[test]
fn a_call_is_heard_by_t_ones_server() {
    let (_runtime, address) = serve(t_one);
    let server = Server::new(&format!("ws://{address}/api/ws"), Protocol::TOne, 4).unwrap();
    let (mut stream, heard) = open(&server);
    speak(&mut *stream, 9000);
    stream.finish();
    assert_eq!(all(&heard), [text("запись"), Heard::Finished]);
}

#[test]
fn a_server_that_is_not_there_is_gone() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let server = Server::new(&format!("ws://{nobody}"), Protocol::Vosk, 4).unwrap();
    let (mut stream, heard) = open(&server);
    speak(&mut *stream, 800);
    assert_eq!(all(&heard), [Heard::Lost]);
    assert_eq!(server.health(), Health::Gone);
}

#[test]
fn a_server_that_goes_or_babbles_loses_the_stream() {
    let (_runtime, address) = serve(hangs_up);
    let server = Server::new(&format!("ws://{address}"), Protocol::Vosk, 4).unwrap();
    let (mut stream, heard) = open(&server);
    speak(&mut *stream, 8000);
    assert_eq!(all(&heard), [Heard::Lost]);
    let (_other, address) = serve(babbles);
    let server = Server::new(&format!("ws://{address}"), Protocol::TOne, 4).unwrap();
    let (_stream, heard) = open(&server);
    assert_eq!(all(&heard), [Heard::Lost]);
}

#[test]
fn a_server_that_never_answers_does_not_hold_a_stream_for_ever() {
    let (_runtime, address) = serve(is_silent);
    let server = Server::new(&format!("ws://{address}"), Protocol::Vosk, 4).unwrap();
    let (mut stream, heard) = open(&server);
    speak(&mut *stream, 1600);
    stream.finish();
    assert_eq!(all(&heard), [Heard::Lost]);
}

/// Speaks as people do until the stream is lost; how much was said by then.
fn speak_until_lost(server: &Server) -> Duration {
    const BLOCK: Duration = Duration::from_millis(20);
    let (mut stream, heard) = open(server);
    for said in 0..1000 {
        stream.hear(&[1000; 160]);
        match heard.recv_timeout(BLOCK) {
            Ok(Heard::Lost) => return BLOCK * said,
            Ok(other) => panic!("{other:?}"),
            Err(_) => {}
        }
    }
    panic!("it is not lost");
}

#[test]
fn a_server_that_takes_calls_and_says_nothing_is_late_and_loses_them() {
    let (_runtime, address) = serve(is_silent);
    let server = Server::new(&format!("ws://{address}"), Protocol::Vosk, 4).unwrap();
    let after = speak_until_lost(&server);
    assert!((1..8).contains(&after.as_secs()), "{after:?}");
    assert!(matches!(server.health(), Health::Late(_)), "{:?}", server.health());
    let (_other, address) = serve(hangs);
    let server = Server::new(&format!("ws://{address}"), Protocol::TOne, 4).unwrap();
    let after = speak_until_lost(&server);
    assert!((1..8).contains(&after.as_secs()), "{after:?}");
    assert!(matches!(server.health(), Health::Late(_)), "{:?}", server.health());
}

#[test]
fn a_server_that_answers_slowly_is_late_and_loses_nothing() {
    let (_runtime, address) = serve(is_slow);
    let server = Server::new(&format!("ws://{address}"), Protocol::Vosk, 4).unwrap();
    let (mut stream, heard) = open(&server);
    for _ in 0..200 {
        stream.hear(&[1000; 160]);
        let told = heard.recv_timeout(Duration::from_millis(20));
        assert_eq!(told, Err(RecvTimeoutError::Timeout));
    }
    assert!(matches!(server.health(), Health::Late(_)), "{:?}", server.health());
}

#[test]
fn a_server_that_is_not_spoken_to_owes_no_answer() {
    let (_runtime, address) = serve(vosk);
    let server = Server::new(&format!("ws://{address}"), Protocol::Vosk, 4).unwrap();
    let (_stream, heard) = open(&server);
    assert_eq!(heard.recv_timeout(Duration::from_secs(3)), Err(RecvTimeoutError::Timeout));
    assert_eq!(server.health(), Health::Well);
}

#[test]
fn what_comes_faster_than_it_goes_is_lost() {
    let (_runtime, address) = serve(is_silent);
    let server = Server::new(&format!("ws://{address}"), Protocol::Vosk, 4).unwrap();
    let (mut stream, heard) = open(&server);
    // A minute at once, before a connection can have been made.
    stream.hear(&[0; 800]);
    for _ in 0..60_000 {
        stream.hear(&[0; 800]);
    }
    assert_eq!(all(&heard), [Heard::Lost]);
}

#[test]
fn there_is_room_for_so_many() {
    let (_runtime, address) = serve(is_silent);
    let server = Server::new(&format!("ws://{address}"), Protocol::Vosk, 2).unwrap();
    let (first, _second) = (open(&server), open(&server));
    assert_eq!(server.open(Box::new(drop)).err(), Some(NoRoom));
    drop(first);
    assert!(server.open(Box::new(drop)).is_ok());
}

#[test]
fn an_address_must_be_one() {
    assert!(Server::new("http://127.0.0.1:2700", Protocol::Vosk, 1).is_err());
    assert!(Server::new("wss://example.org", Protocol::Vosk, 1).is_err());
}
