//! Test cases beside a dialplan: calls, and what must become of them.
//!
//! They stand in `tests/*.toml` of the dialplan's folder:
//!
//! ```toml
//! [[case]]
//! name = "Ночью вызов врача ждёт дежурного"
//! to = "9-122"
//! at = "2026-12-31 23:30"
//! keys = "1"
//! on_duty = ["221"]
//! expect = { queue = "home-visit", served_by = ["curators"] }
//! ```
//!
//! Each is put to [`explain`](crate::explain), so that a case says what the running line does.

mod coverage;
mod read;
mod run;
mod tables;

pub use coverage::{Coverage, coverage};
pub use read::{CASES_MAX, FOLDER, load_cases, load_cases_str};
pub use run::{Case, Ending, Expected, Miss, Verdict, run};
