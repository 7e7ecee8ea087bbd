//! The built-in SIP phone: `line122 call` and `line122 phone`.
//!
//! The phone is a value as the switch is one ([`ua::Ua`]), and the same runtime drives it.

mod ear;
mod registration;
mod screen;
mod ua;

use std::io::IsTerminal;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs, UdpSocket};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ambient::Entropy;
use media::Library;
use runtime::{Clock, MediaSettings, Parts, Remote, Running, SipSettings, Sockets, os_entropy};
use sip::Transport;
use tokio::sync::mpsc;

use crate::failure::Failure;
use crate::language::Language;
use ear::Ear;
use screen::Screen;
use ua::{News, SILENCE, UaSettings, VOICE};

pub(crate) use ua::Ua;

/// Samples in a second.
const RATE: usize = 8000;
/// Ports for RTP that a phone takes from: enough to find a free pair among several phones.
const PORTS: u16 = 256;
/// Where those ranges lie.
const PORTS_FROM: u64 = 40_000;
const PORTS_UPTO: u64 = 60_000;
/// How long hanging up may take.
const END_LIMIT: Duration = Duration::from_secs(5);

/// What `line122 call` and `line122 phone` were asked to do.
#[derive(Debug, Default)]
pub(crate) struct PhoneOptions {
    pub(crate) server: String,
    pub(crate) tcp: bool,
    pub(crate) user: String,
    pub(crate) password: Option<String>,
    pub(crate) dial: Option<String>,
    pub(crate) keys: String,
    pub(crate) answer: bool,
    pub(crate) record: Option<PathBuf>,
    pub(crate) play: Option<PathBuf>,
    pub(crate) seconds: Option<u64>,
}

/// Runs the phone until its call, or its owner, ends it.
pub(crate) fn run(options: PhoneOptions, language: Language) -> Result<(), Failure> {
    let server = resolve(&options.server)?;
    let local = local_address(server)?;
    let mut entropy = os_entropy()?;
    let library = library(&options)?;
    let ear = Ear::new(options.record.clone())?;
    let mut addresses = SipSettings::default();
    let any_port = SocketAddr::new(local, 0);
    if options.tcp {
        addresses.tcp.push(any_port);
    } else {
        addresses.udp.push(any_port);
    }
    let sockets = Sockets::bind(&addresses)?;
    let settings = UaSettings {
        server,
        transport: if options.tcp { Transport::Tcp } else { Transport::Udp },
        domain: options.server.clone(),
        user: options.user.clone(),
        password: options.password.clone(),
        register: options.dial.is_none(),
        answer: options.answer,
        dial: options.dial.clone(),
        keys: options.keys.clone(),
        talk: options.seconds.map(Duration::from_secs),
        repeats_voice: options.play.is_none(),
    };
    let tokio = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (tell, told) = mpsc::unbounded_channel();
    let parts = Parts {
        recogniser: None,
        recorder: None,
        sockets,
        media: media_settings(local, &mut entropy),
        library: Arc::new(library),
        identity: None,
        entropy: entropy.fork(),
        clock: Clock::start(),
        tokio: tokio.handle().clone(),
    };
    let news = move |news| {
        // The screen is gone only when the phone ends.
        let _ = tell.send(news);
    };
    let phone = runtime::start(
        parts,
        |now, listeners| Ok(Ua::new(now, settings, listeners, entropy, news)),
        |_| Ok(None),
    )?;
    let screen = Screen::new(language, &options);
    tokio.block_on(attend(phone, told, screen, ear))
}

/// Shows what happens and passes on what the owner types.
async fn attend(
    mut phone: Running<Ua>,
    mut news: mpsc::UnboundedReceiver<News>,
    mut screen: Screen,
    mut ear: Ear,
) -> Result<(), Failure> {
    screen.begin();
    let remote = phone.remote();
    let mut typed = typed_lines();
    loop {
        tokio::select! {
            Some(news) = news.recv() => {
                if let News::Heard(samples) = &news {
                    ear.hear(samples)?;
                    screen.meter(&ear);
                } else {
                    screen.show(&news);
                }
            }
            Some(line) = typed.recv() => obey(&remote, line).await,
            _ = tokio::signal::ctrl_c() => remote.drain(END_LIMIT),
            _ = phone.ended() => break,
        }
    }
    while let Ok(news) = news.try_recv() {
        match &news {
            News::Heard(samples) => ear.hear(samples)?,
            news => screen.show(news),
        }
    }
    screen.sum_up(&ear);
    ear.finish()?;
    screen.verdict()
}

/// A line from the keyboard: keys of the telephone, `q` to hang up, nothing to answer.
async fn obey(remote: &Remote<Ua>, line: String) {
    let line = line.trim().to_owned();
    let _ = remote
        .with(move |phone, now| match line.as_str() {
            "" => phone.answer(now),
            "q" => phone.end(now),
            keys => {
                let is_key = |c: &char| matches!(c, '0'..='9' | '*' | '#' | 'A'..='D' | 'a'..='d');
                let keys: String = keys.chars().filter(is_key).collect();
                phone.press(now, &keys);
            }
        })
        .await;
}

/// What the owner types, if there is an owner at a terminal.
fn typed_lines() -> mpsc::UnboundedReceiver<String> {
    let (sender, lines) = mpsc::unbounded_channel();
    if std::io::stdin().is_terminal() {
        // Reading a terminal cannot be cancelled; the thread ends with the program.
        std::thread::spawn(move || {
            for line in std::io::stdin().lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
    }
    lines
}

fn resolve(server: &str) -> Result<SocketAddr, Failure> {
    let has_port = server.parse::<SocketAddr>().is_ok()
        || server.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    let with_port = if has_port { server.to_owned() } else { format!("{server}:5060") };
    with_port
        .to_socket_addrs()
        .ok()
        .and_then(|mut found| found.next())
        .ok_or_else(|| Failure::Usage(format!("--server {server}: no such host and port")))
}

/// Our address on the way to the server.
fn local_address(server: SocketAddr) -> Result<IpAddr, Failure> {
    let any: SocketAddr =
        if server.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0u16; 8], 0).into() };
    let socket = UdpSocket::bind(any)?;
    socket.connect(server)?;
    Ok(socket.local_addr()?.ip())
}

fn media_settings(local: IpAddr, entropy: &mut Entropy) -> MediaSettings {
    let first = PORTS_FROM + entropy.below(PORTS_UPTO - PORTS_FROM);
    let first = u16::try_from(first).unwrap_or(u16::MAX - PORTS);
    MediaSettings { address: local, advertise: None, ports: first..=first + PORTS, threads: 1 }
}

/// What the phone says: a file, a beep now and then for one that answers, or nothing.
fn library(options: &PhoneOptions) -> Result<Library, Failure> {
    let mut library = Library::default();
    library.add_samples(SILENCE, &[0; RATE]);
    match &options.play {
        Some(path) => {
            let bad = |why: String| Failure::Usage(format!("--play {}: {why}", path.display()));
            let bytes = std::fs::read(path).map_err(|error| bad(error.to_string()))?;
            let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
            library.add(VOICE, extension, bytes).map_err(|error| bad(error.to_string()))?;
        }
        None if options.dial.is_none() => library.add_samples(VOICE, &beep()),
        None => library.add_samples(VOICE, &[0; RATE]),
    }
    Ok(library)
}

/// A short tone, then two seconds of silence: the caller hears that the talk works.
fn beep() -> Vec<i16> {
    const HERTZ: f64 = 440.0;
    const AMPLITUDE: f64 = 6000.0;
    let tone = (0..RATE / 5).map(|n| {
        #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)]
        let sample =
            (AMPLITUDE * (std::f64::consts::TAU * HERTZ * n as f64 / RATE as f64).sin()) as i16;
        sample
    });
    tone.chain(std::iter::repeat_n(0, 2 * RATE)).collect()
}
