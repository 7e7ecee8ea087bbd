//! A real Chromium for tests, driven by its DevTools protocol: pages are clicked, typed into, looked at and listened
//! to as people do it. Every call waits for its answer; what does not come in time fails the test, and says what the
//! page shows.
//!
//! ```text
//!   let browser = Setup::new().microphone("tone.wav").start();
//!   let page = browser.page();                  cookies of its own
//!   page.go("http://127.0.0.1:8122/desk");
//!   page.fill("[name=name]", "201");
//!   page.click("#login-form button");
//!   page.wait("the desk is drawn", "!document.querySelector('#inside').hidden");
//! ```
//!
//! What a page's script throws or complains of fails the test too, when the page goes.
#![allow(clippy::disallowed_methods, reason = "drives a browser in real time, decides no call")]

mod browser;
mod connection;
mod family;
mod input;
mod look;
mod page;
mod program;

pub use browser::{Browser, Setup};
pub use family::family;
pub use page::{PATIENCE, Page};
pub use program::find;
