//! Who turns callers' speech into letters, as the settings say.

use std::path::PathBuf;
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
    /// The same, if it is a model of our own, that can hear a recording again.
    pub(crate) model: Option<Arc<Model>>,
    /// It is the small model, which must not decide about real callers.
    pub(crate) is_for_trial: bool,
}

/// Starts the recogniser; `None` if callers have keys alone.
pub(crate) fn start(settings: &Settings) -> Result<Option<Hearing>, Failure> {
    let of = &settings.speech;
    let is_demo = settings.paths.dialplan.ends_with(DEMO);
    let (model, is_for_trial) = match of.recogniser {
        RecogniserKind::Auto if !is_demo => return Ok(None),
        RecogniserKind::Off => return Ok(None),
        RecogniserKind::Auto | RecogniserKind::Embedded => {
            (recogniser::embedded(&model_settings(of)?).map_err(refused)?, true)
        }
        RecogniserKind::Model => (model(of)?, false),
        RecogniserKind::Vosk => return Ok(Some(served(server(of, Protocol::Vosk)?))),
        RecogniserKind::TOne => return Ok(Some(served(server(of, Protocol::TOne)?))),
    };
    let model = Arc::new(model);
    Ok(Some(Hearing { recogniser: model.clone(), model: Some(model), is_for_trial }))
}

fn served(server: Server) -> Hearing {
    Hearing { recogniser: Arc::new(server), model: None, is_for_trial: false }
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
    Model::load(&file, &model_settings(of)?, Some(&proof)).map_err(refused)
}

fn model_settings(of: &Speech) -> Result<ModelSettings, Failure> {
    let runtime = of.onnx_runtime.0.clone().map_or(Ok(Runtime::Tract), onnx_runtime)?;
    Ok(ModelSettings { runtime, threads: of.threads, streams_max: of.streams_max })
}

#[cfg(feature = "ort")]
fn onnx_runtime(library: PathBuf) -> Result<Runtime, Failure> {
    Ok(Runtime::OnnxRuntime(library))
}

#[cfg(not(feature = "ort"))]
fn onnx_runtime(_: PathBuf) -> Result<Runtime, Failure> {
    let remedy = "speech.onnx_runtime: this program was built without it; leave it empty, or build \
                  the program with `cargo build --release --package line122 --features ort`";
    Err(Failure::Usage(remedy.to_owned()))
}

fn server(of: &Speech, protocol: Protocol) -> Result<Server, Failure> {
    Server::new(&of.server, protocol, of.streams_max)
        .map_err(|why| Failure::Usage(format!("speech.server: {why}")))
}

fn refused(why: Refused) -> Failure {
    Failure::Usage(format!("speech.model: {why}"))
}
