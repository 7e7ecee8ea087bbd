//! Keeps recorded talks on disk, encrypted, and reads them back.
//!
//! A [`Recorder`] writes on a thread of its own what the media engines give, so that no packet waits
//! for a disk. Each part of a call is a file in the [`Archive`], sealed with a key of its own, which
//! stands in the file's head, sealed with the key of the line ([`KeyFile`]). Blocks are
//! authenticated one by one: what the program had written when it died can be read to its last half
//! second, and what was altered, put elsewhere or cut off is found.
//!
//! ```text
//!   head: magic, file's number, law     192 octets, with two places for the sealed key
//!   about: who talked when, as JSON     sealed, its length in the head
//!   blocks of half a second             sealed, 8016 octets each, the last one shorter
//!   end: samples in all                 sealed, 24 octets; only of a talk that came to its end
//! ```

mod archive;
mod file;
mod head;
mod keys;
mod recorder;
mod seal;
mod wav;
mod write;

pub use archive::{Archive, Kept, SaidToRobot};
pub use file::{Finding, Part, ReadError};
pub use keys::{KeyError, KeyFile, Rewrapped};
pub use recorder::{Order, Recorder, Trouble, WAITING_MAX};
pub use wav::Wave;
