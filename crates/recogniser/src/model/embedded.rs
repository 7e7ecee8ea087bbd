//! The small model that is part of the program: for demonstrations and tests, not for citizens, since it has
//! learnt from synthesisers alone. Its card is `models/small.md`.

use super::{Model, Proof, Refused, Settings};

/// Made by the recipe in `training`.
const MODEL: &[u8] = include_bytes!("../../models/small.onnx");
/// A voice that it has never heard in training.
const PROOF: &[u8] = include_bytes!("../../../../training/fixtures/doctor.wav");
const SAYS: &str = "врача на дом";

/// Loads the embedded model and proves it.
///
/// # Errors
/// If it does not recognise its recording here.
pub fn embedded(settings: &Settings) -> Result<Model, Refused> {
    let proof = Proof::of_octets(PROOF, "the recording of the embedded model", SAYS)?;
    Model::of_octets(MODEL, settings, Some(&proof))
}
