//! What became of the calls of a day, a week or a month: figures, each with its formula.
//!
//! A [`Report`] is a pure fold over what the journal says: agents' states, then the records of calls, then
//! cases ([`Fold`]). [`gather`] feeds it from the records. Everything can be computed anew from the journal,
//! and a test does so with code of its own.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `period.rs` | days, weeks and months of the region's time zone |
//! | `call.rs` | what one record says |
//! | `line.rs` | offered, answered, abandoned, service level, waits |
//! | `clinic.rs` | the scoreboard of clinics |
//! | `agent.rs` | agents' load |
//! | `due.rs` | due times of cases |
//! | `quality.rs` | how calls were heard |
//! | `fold.rs` | all of them together |
//! | `day.rs` | a day that runs: what a wall shows |
//! | `formulas.rs` | what each figure means, in words |
//! | `picture.rs`, `canvas.rs` | the report as SVG |

mod agent;
mod call;
pub mod canvas;
mod clinic;
pub mod day;
mod due;
mod fold;
pub mod formulas;
mod gather;
mod language;
mod line;
mod period;
mod picture;
mod quality;
mod spans;

pub use agent::AgentRow;
pub use clinic::{CLINIC_WITHIN, ClinicRow};
pub use day::Day;
pub use due::{DueRow, DueTimes};
pub use fold::{Asked, Fold, Report, Row, Target};
pub use formulas::{FORMULAS, Formula};
pub use gather::gather;
pub use language::Language;
pub use line::{Line, SHORT};
pub use period::{Kind, NoSuchDay, Period};
pub use picture::draw;
pub use quality::{CallQuality, POOR, QualityRow};
