//! Stories of a centre's day, under virtual time.

mod ceilings;
mod checker;
mod duty;
mod offers;
mod plan;
mod random;
mod replan;
mod shifts;
mod waiting;
mod world;
