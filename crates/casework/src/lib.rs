//! Cases of the running line: kept in the books, watched, and told to organisations; those that the
//! robot opens, too.
//!
//! [`Casework`] is what pages and the API ask. Each change is checked by the core (`cases`), and is
//! durable, together with the letters to organisations and with the answer to the program that asked for
//! it, before anybody is told. [`run`] makes the marks of the watch and sends the letters until it is
//! dropped; whatever was not sent then is in the books, and goes out after the next start.

mod deliver;
mod desk;
mod letters;
mod mail;
mod requests;
mod trouble;
mod watching;
mod webhook;

pub use desk::{Casework, Clock, Done, Happened, NewCase, Request, Surroundings};
pub use letters::letters;
pub use mail::MailSettings;
pub use trouble::Trouble;
pub use webhook::signature;

use std::convert::Infallible;
use std::sync::Arc;

/// Opens the robot's cases, watches all, and sends the letters.
pub async fn run(casework: Arc<Casework>, mail: Option<MailSettings>) -> Infallible {
    let opening = requests::open_cases(casework.clone());
    let watching = watching::watch(casework.clone());
    let delivering = deliver::deliver(casework, mail);
    tokio::select! {
        never = opening => never,
        never = watching => never,
        never = delivering => never,
    }
}
