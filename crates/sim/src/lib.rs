//! A virtual world for the line: the cores that run live, in virtual time, from a seed.
//!
//! [`World`] holds one [`switch::Switch`] with one [`media::Engine`], a network, a clock and phones
//! ([`Phone`]): real SIP endpoints with real RTP, driven by the test. Nothing here reads a clock or
//! opens a socket, so a run of an hour takes a moment and is the same each time.
//!
//! ```text
//! let mut world = World::demo(122);
//! let operator = world.agent("201");
//! let citizen = world.citizen();
//! world.dial(citizen, "122");
//! world.run_for(Duration::from_secs(2));
//! world.press(citizen, "1");
//! world.run_for(Duration::from_secs(1));
//! assert!(world.phone(operator).rings());
//! ```

pub mod check;
pub mod disk;
pub mod dns;
pub mod dress;
pub mod ears;
pub mod gateway;
pub mod ladder;
pub mod net;
pub mod phone;
pub mod population;
pub mod region;
pub mod run;
pub mod sparse;
pub mod tap;
pub mod tape;
pub mod voice;
pub mod wire;
pub mod world;

pub use gateway::Gateway;
pub use net::Weather;
pub use phone::{Phone, PhoneId};
pub use world::World;
