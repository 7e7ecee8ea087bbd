//! Stories of a centre's day, under virtual time.

mod ceilings;
mod checker;
mod closing;
mod duty;
mod offers;
mod plan;
mod random;
mod replan;
mod restart;
mod shifts;
mod waiting;
mod world;
