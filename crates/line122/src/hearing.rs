//! Who turns callers' speech into letters, as the settings say.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use recogniser::model::{ModelFile, Proof, Runtime, Settings as ModelSettings};
use recogniser::{Model, Protocol, Recogniser, Refused, Server};

use crate::failure::Failure;
use crate::language::Language;
use crate::settings::{RecogniserKind, Settings, Speech};

/// The folder of the dialplan that is no region's.
const DEMO: &str = "dialplans/demo";

/// What is heard with.
pub(crate) struct Hearing {
    pub(crate) recogniser: Arc<dyn Recogniser>,
    /// What hears a recording again.
    pub(crate) again: Again,
    /// Callers are heard by the small model, which must not decide about real ones.
    pub(crate) is_for_trial: bool,
}

/// A model that hears recordings, and which it is.
pub(crate) struct Again {
    pub(crate) model: Arc<Model>,
    pub(crate) which: Which,
}

/// Which model hears a recording: whoever looks at what was understood is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    /// The one in this file.
    File(PathBuf),
    /// The small one that is part of the program.
    Embedded,
    /// The same, since a server hears callers, and takes no recordings.
    EmbeddedForServer,
}

impl Which {
    /// Its name, with what is to be thought of it.
    pub(crate) fn told(&self, language: Language) -> String {
        let small = language.pick(
            "the small embedded one, for trying out, not for real callers",
            "маленькая встроенная, только для знакомства, не для настоящих звонящих",
        );
        match self {
            Which::File(file) => file.display().to_string(),
            Which::Embedded => small.to_owned(),
            Which::EmbeddedForServer => language.pick(
                format!("{small}; the server that hears callers was not asked"),
                format!("{small}; сервер, который слышит звонящих, не спрашивали"),
            ),
        }
    }
}

/// Starts the recogniser; `None` if callers have keys alone.
pub(crate) fn start(settings: &Settings) -> Result<Option<Hearing>, Failure> {
    let of = &settings.speech;
    let protocol = match of.recogniser {
        RecogniserKind::Auto if is_for_real_callers(&settings.paths.dialplan) => return Ok(None),
        RecogniserKind::Off => return Ok(None),
        RecogniserKind::Auto | RecogniserKind::Embedded | RecogniserKind::Model => None,
        RecogniserKind::Vosk => Some(Protocol::Vosk),
        RecogniserKind::TOne => Some(Protocol::TOne),
    };
    // A server that cannot be is told of before anything is loaded.
    let server = protocol.map(|protocol| server(of, protocol)).transpose()?;
    let again = again(settings, None)?;
    Ok(Some(match server {
        Some(server) => Hearing { recogniser: Arc::new(server), again, is_for_trial: false },
        None => Hearing {
            recogniser: again.model.clone(),
            is_for_trial: again.which == Which::Embedded,
            again,
        },
    }))
}

/// Loads what hears a recording: this model, or that of the settings, or else the embedded one.
pub(crate) fn again(settings: &Settings, given: Option<ModelFile>) -> Result<Again, Failure> {
    let of = &settings.speech;
    let (model, which) = match (given, of.recogniser) {
        (Some(file), _) => {
            let model = Model::load(&file, &model_settings(of)?, None);
            (model.map_err(|why| Failure::Usage(why.to_string()))?, Which::File(file.path))
        }
        (None, RecogniserKind::Model) => {
            (model(of)?, Which::File(of.model.0.clone().unwrap_or_default()))
        }
        (None, RecogniserKind::Vosk | RecogniserKind::TOne) => {
            (embedded(&ModelSettings::default())?, Which::EmbeddedForServer)
        }
        (None, RecogniserKind::Auto | RecogniserKind::Off | RecogniserKind::Embedded) => {
            (embedded(&model_settings(of)?)?, Which::Embedded)
        }
    };
    Ok(Again { model: Arc::new(model), which })
}

fn embedded(settings: &ModelSettings) -> Result<Model, Failure> {
    recogniser::embedded(settings).map_err(refused)
}

/// Whether real callers come by this dialplan, for all that is known.
pub(crate) fn is_for_real_callers(dialplan: &Path) -> bool {
    !dialplan.ends_with(DEMO)
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
