//! Starts the real program and drives it with real phones: SIPp for exact signalling, baresip as a
//! telephone with a microphone and a loudspeaker, Chromium as a citizen or an agent without one, and
//! plain RTP sockets where each packet counts.
//!
//! ```text
//!   let line = Line::demo();                        the program, on loopback addresses of its own
//!   let citizen = line.host();                      one more address of that block
//!   let sound = Sound::open(&citizen);              microphone and loudspeaker there
//!   let call = Scenario::call("122", &sound)        what SIPp does
//!       .answered().hears_bye();
//!   let sipp = Sipp::start(&line, &citizen, call);
//!   sound.press('1');
//! ```
//!
//! Each test has a block of loopback addresses (127.x.y.0/24), so tests run side by side with fixed
//! ports. Everything a test writes lies in its own folder, which is kept if the test fails.
#![allow(clippy::disallowed_methods, reason = "drives programs in real time, decides no call")]
#![allow(clippy::print_stdout, reason = "a failing test shows what the programs wrote")]

pub mod audio;
pub mod baresip;
pub mod block;
pub mod browser;
pub mod folder;
pub mod line;
pub mod networks;
pub mod process;
pub mod program;
pub mod rtp;
pub mod rtpengine;
pub mod setup;
pub mod sip;
pub mod sipp;
pub mod stream;
pub mod tls;
pub mod vosk;
pub mod wait;
pub mod web;

pub use baresip::Baresip;
pub use block::{Block, Host};
pub use folder::Folder;
pub use line::Line;
pub use program::root;
pub use rtp::Sound;
pub use setup::Setup;
pub use sipp::{Scenario, Sipp};
pub use wait::{PATIENCE, until};
pub use web::Web;
