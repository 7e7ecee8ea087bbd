//! The way of one call through the dialplan, step by step, with the line behind each step and why
//! another way was not taken.
//!
//! Nothing is called and nobody is asked: it is a walk over the compiled dialplan, which takes its
//! decisions where the running line takes them ([`decide`](crate::decide)). What it cannot know is
//! part of the [`Question`]: which keys are pressed, who is on duty, what the clinic's phones do. Of
//! time passes what the dialplan says: ringing, silence and waiting; prompts take none.

mod english;
mod menus;
mod moments;
mod question;
mod russian;
mod step;
mod waiting;
mod walk;

pub use question::{
    ClinicDoes, Deed, KEYS_MAX, OnDuty, Question, agents, clock, keys, moment, words,
};
pub(crate) use step::span;
pub use step::{End, Explanation, Other, Step, What, WhyNot};
pub use walk::explain;
