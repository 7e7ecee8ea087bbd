//! Who turns callers' speech into letters, as the settings say.

use std::sync::Arc;

use recogniser::model::{ModelFile, Proof, Runtime, Settings as ModelSettings};
use recogniser::{Model, Protocol, Recogniser, Refused, Server};

use crate::failure::Failure;
use crate::settings::{RecogniserKind, Settings, Speech};

/// The folder of the dialplan that is no region's.
const DEMO: &str = "dialplans/demo";

/// What is heard with.
pub(crate) struct Hearing {
    pub(crate) recogniser: Arc<dyn Recogniser>,
    /// It is the small model, which must not decide about real callers.
    pub(crate) is_for_trial: bool,
}

/// Starts the recogniser; `None` if callers have keys alone.
pub(crate) fn start(settings: &Settings) -> Result<Option<Hearing>, Failure> {
    let of = &settings.speech;
    let is_demo = settings.paths.dialplan.ends_with(DEMO);
    let recogniser: Arc<dyn Recogniser> = match of.recogniser {
        RecogniserKind::Auto if !is_demo => return Ok(None),
        RecogniserKind::Off => return Ok(None),
        RecogniserKind::Auto | RecogniserKind::Embedded => {
            let model = recogniser::embedded(&model_settings(of)).map_err(refused)?;
            let recogniser = Arc::new(model);
            return Ok(Some(Hearing { recogniser, is_for_trial: true }));
        }
        RecogniserKind::Model => Arc::new(model(of)?),
        RecogniserKind::Vosk => Arc::new(server(of, Protocol::Vosk)?),
        RecogniserKind::TOne => Arc::new(server(of, Protocol::TOne)?),
    };
    Ok(Some(Hearing { recogniser, is_for_trial: false }))
}

fn model(of: &Speech) -> Result<Model, Failure> {
    let needs = |key: &str| Failure::Usage(format!("speech.recogniser = \"model\" needs {key}"));
    let path = of.model.0.clone().ok_or_else(|| needs("speech.model"))?;
    // Whoever may write the file could else change what callers are understood to say.
    let sha256 = of.sha256.0.clone().ok_or_else(|| needs("speech.sha256"))?.0;
    let proof = match &of.proof.0 {
        Some(_) if of.says.is_empty() => return Err(needs("speech.says beside speech.proof")),
        Some(wav) => Proof::read(wav, &of.says).map_err(refused)?,
        None => return Err(needs("speech.proof, a recording that it must recognise")),
    };
    let file = ModelFile { path, sha256: Some(sha256) };
    Model::load(&file, &model_settings(of), Some(&proof)).map_err(refused)
}

fn model_settings(of: &Speech) -> ModelSettings {
    ModelSettings { runtime: Runtime::Tract, threads: of.threads, streams_max: of.streams_max }
}

fn server(of: &Speech, protocol: Protocol) -> Result<Server, Failure> {
    Server::new(&of.server, protocol, of.streams_max)
        .map_err(|why| Failure::Usage(format!("speech.server: {why}")))
}

fn refused(why: Refused) -> Failure {
    Failure::Usage(format!("speech.model: {why}"))
}
