//! What would become of the callers with more calls or other shifts.
//!
//! The queue that decides here is the one that runs live ([`queue::Centre`]), in virtual time: calls
//! come as they came by the [`History`], agents work as the [`Staff`] says, and callers hang up with
//! the patience that the history shows. One week is played many times, since one week is one draw of
//! many.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `history.rs` | the calls of the past, as CSV |
//! | `staff.rs` | who works when |
//! | `demand.rs` | what the history says of calls to come: how many, how long, how patient |
//! | `week.rs` | one play of the weeks |
//! | `figures.rs` | what came of it, by the hour |
//! | `erlang.rs` | Erlang's formula beside it |
//! | `erlang_a.rs` | the same for callers who hang up |
//! | `forecast.rs` | calls of the days to come, by the rhythm of the weeks, growth and holidays |
//! | `staffing.rs` | how many agents each hour needs |

pub mod demand;
pub mod erlang;
pub mod erlang_a;
pub mod figures;
pub mod forecast;
pub mod history;
pub mod staff;
pub mod staffing;
mod week;

use std::sync::Arc;
use std::time::Duration;

use ambient::Entropy;
use dialplan::Dialplan;

pub use figures::{Figures, Hour};
pub use history::History;
pub use staff::{More, Staff};

use demand::Demand;
use erlang::ErlangHour;
use week::Week;

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Queues, groups and agents.
    pub plan: &'a Dialplan,
    /// The calls of the past.
    pub history: &'a History,
    /// Who works when.
    pub staff: &'a Staff,
    /// By how much calls grow.
    pub grow: f64,
    /// Who comes in addition to each shift.
    pub more: &'a [More],
    /// Within which time a call is to be answered.
    pub within: Duration,
    /// How often the weeks are played.
    pub plays: u32,
    /// The draw.
    pub seed: u64,
}

/// What would be.
#[derive(Clone, Debug)]
pub struct Answer {
    /// By the hour of the day.
    pub figures: Figures,
    /// What Erlang's formula says, by the hour of the day.
    pub erlang: [ErlangHour; 24],
    /// Agents on duty by the hour of the day, on average.
    pub on_duty: [f64; 24],
    /// Agents whom the dialplan does not name.
    pub made_up: usize,
}

/// Plays the weeks. `progress` is told how many of them are over.
///
/// # Errors
/// If the shifts name what the dialplan does not know, or the dialplan is too large for the queue.
pub fn answer(question: &Question<'_>, mut progress: impl FnMut(u32)) -> Result<Answer, Problem> {
    let demand = Demand::of(question.history, question.plan, question.grow);
    let roster = question.staff.roster(question.plan, question.more, &demand)?;
    let plan = Arc::new(roster.plan.clone());
    let mut entropy = Entropy::from_number(question.seed);
    let mut figures = Figures::new(question.within, question.plays, demand.days());
    for play in 0..question.plays {
        Week::new(&plan, &roster, &demand, entropy.fork())?.play(&mut figures);
        progress(play + 1);
    }
    Ok(Answer {
        figures,
        erlang: erlang::by_hour(&demand, &roster, question.within),
        on_duty: roster.by_hour(&demand),
        made_up: roster.made_up,
    })
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// A shift is of a group that the dialplan does not have.
    #[error("the shifts name the group {name:?}; the dialplan has {known}")]
    UnknownGroup {
        /// The group.
        name: String,
        /// The dialplan's groups.
        known: String,
    },
    /// A shift goes by a schedule that the dialplan does not have.
    #[error("the shifts name the schedule {name:?}; the dialplan has {known}")]
    UnknownSchedule {
        /// The schedule.
        name: String,
        /// The dialplan's schedules.
        known: String,
    },
    /// The queue cannot hold the dialplan.
    #[error(transparent)]
    TooLarge(#[from] queue::TooLarge),
}
