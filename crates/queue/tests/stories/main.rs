//! Stories of a centre's day, under virtual time.

mod duty;
mod offers;
mod plan;
mod waiting;
mod world;
