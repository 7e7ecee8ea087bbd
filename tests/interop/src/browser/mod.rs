//! People with nothing but a browser: a citizen at `/call`, an agent at `/desk`.

mod caller;
mod desk;
mod ear;
mod turn;

use std::path::PathBuf;

use chromium::Browser;

pub use caller::Caller;
pub use desk::Desk;
pub use ear::Ear;
pub use turn::Turn;

use crate::audio::wav;
use crate::line::Line;

/// Samples a second of the microphone's file: what browsers work with.
const RATE: usize = 48_000;
/// What is hummed, and the pause after it. A tone without an end is noise, which browsers suppress.
const HUM: usize = RATE * 6 / 10;
const PAUSE: usize = RATE * 2 / 10;
/// How often before the file begins again.
const TIMES: usize = 10;
/// A tone begins and ends softly, for so many samples.
const EDGE: usize = RATE / 100;

/// A browser whose microphone hums this tone.
///
/// # Panics
/// If there is no Chromium.
#[must_use]
#[track_caller]
pub fn humming(line: &Line, hertz: f64) -> Browser {
    chromium::Setup::new().microphone(&hum(line, hertz)).start()
}

/// The same, of a computer that reaches the line by its networks and not within itself.
///
/// # Panics
/// If there is no Chromium.
#[must_use]
#[track_caller]
pub fn humming_by_networks(line: &Line, hertz: f64) -> Browser {
    chromium::Setup::new().microphone(&hum(line, hertz)).by_networks().start()
}

/// The same, behind a firewall that lets no UDP through.
///
/// # Panics
/// If there is no Chromium.
#[must_use]
#[track_caller]
pub fn humming_without_udp(line: &Line, hertz: f64) -> Browser {
    chromium::Setup::new().microphone(&hum(line, hertz)).without_udp().start()
}

/// The file of a microphone.
fn hum(line: &Line, hertz: f64) -> PathBuf {
    let file = line.folder().join(format!("hum-{hertz}.wav"));
    let phase = |at: usize| (std::f64::consts::TAU * hertz * at as f64 / RATE as f64).sin();
    let edge = |at: usize| (at.min(HUM - at) as f64 / EDGE as f64).min(1.0);
    let hum = (0..HUM).map(|at| (12_000.0 * edge(at) * phase(at)) as i16);
    let once: Vec<i16> = hum.chain(std::iter::repeat_n(0, PAUSE)).collect();
    wav::write_at(&file, RATE, &once.repeat(TIMES));
    file
}
