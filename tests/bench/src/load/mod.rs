//! What loads a server: phones in any number, their voices, and exact times.

mod calm;
mod crowd;
mod deadlines;
mod phones;
mod spread;
mod stamped;
mod voices;

pub(crate) use calm::Calm;
pub(crate) use crowd::Crowd;
pub(crate) use deadlines::Deadlines;
pub(crate) use phones::{CallKey, News};
pub(crate) use spread::Spread;
pub(crate) use voices::Figures;
