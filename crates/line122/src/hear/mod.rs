//! `line122 hear`: what the robot would understand of a recording, and why.

mod picture;
mod told;

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ambient::Mono;
use dialplan::{Menu, MenuId};
use recogniser::model::{Settings as ModelSettings, read_wav};
use recogniser::{Model, ModelFile, Refused};
use speech::ear::{Expects, Timeouts};
use speech::voice::{BLOCK, BLOCK_TIME, Block, VoiceDetector};
use speech::{
    BargeIn, CHUNK_FRAMES, CHUNK_SAMPLES, ChoiceId, Ear, Frame, Grammar, Input, Output, Thresholds,
    Trace, Turn,
};

use crate::check;
use crate::failure::Failure;
use crate::language::Language;
use crate::settings::Settings;

/// What `hear` is asked.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The recording: WAV, 8 kHz, 16 bits, one channel, at most a minute
    recording: PathBuf,
    /// The menu of the dialplan whose words are listened for
    #[arg(long, value_name = "NAME", default_value = "main")]
    menu: String,
    /// The model: ONNX with the interface of T-one; if not given, the embedded one
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// What its SHA-256 must be
    #[arg(long, value_name = "HEX", requires = "model", value_parser = sha256)]
    sha256: Option<[u8; 32]>,
    /// Where a picture of the scores over time is written
    #[arg(long, value_name = "FILE")]
    picture: Option<PathBuf>,
}

impl Options {
    fn model(&self) -> Result<Model, Refused> {
        let settings = ModelSettings::default();
        match &self.model {
            Some(path) => {
                let file = ModelFile { path: path.clone(), sha256: self.sha256 };
                Model::load(&file, &settings, None)
            }
            None => recogniser::embedded(&settings),
        }
    }
}

/// A hash as `sha256sum` prints it.
fn sha256(text: &str) -> Result<[u8; 32], String> {
    let digits: Option<Vec<u32>> = text.chars().map(|digit| digit.to_digit(16)).collect();
    let octet = |pair: &[u32]| (pair.iter().fold(0, |octet, digit| octet << 4 | digit)) as u8;
    let octets: Option<Vec<u8>> = digits.map(|digits| digits.chunks(2).map(octet).collect());
    let octets = octets.filter(|_| text.len() == 64).and_then(|octets| octets.try_into().ok());
    octets.ok_or_else(|| "64 hexadecimal digits are expected".to_owned())
}

/// What was heard of a recording.
struct Hearing {
    /// The scores over time.
    trace: Trace,
    /// What the voice detector made of each 20 ms.
    voice: Vec<Block>,
    /// What the listener said, and when.
    said: Vec<(Duration, Output)>,
    thresholds: Thresholds,
}

/// Plays a recording to a menu, and tells what is understood.
pub(crate) fn hear(
    options: &Options,
    settings: &Settings,
    language: Language,
) -> Result<(), Failure> {
    let (_, plan) = check::named(None, settings)?;
    let menu = plan.menus.get(&MenuId::from(&*options.menu)).ok_or_else(|| {
        let names: Vec<String> = plan.menus.keys().map(ToString::to_string).collect();
        let (menu, names) = (&options.menu, names.join(", "));
        Failure::Usage(language.pick(
            format!("no menu \"{menu}\"; there are {names}"),
            format!("нет меню \"{menu}\"; есть {names}"),
        ))
    })?;
    let samples = read_wav(&options.recording).map_err(Failure::Usage)?;
    let grammar = Arc::new(grammar(menu)?);
    let model = options.model().map_err(|why| Failure::Usage(why.to_string()))?;
    let frames = model.hear_all(&samples).map_err(Failure::Runtime)?;
    let hearing = listen(&samples, &frames, &grammar);
    write!(std::io::stdout(), "{}", told::tell(&hearing, menu, language))?;
    if let Some(path) = &options.picture {
        let shown = path.display();
        std::fs::write(path, picture::draw(&hearing, language))
            .map_err(|why| Failure::Usage(format!("{shown}: {why}")))?;
        writeln!(std::io::stdout(), "{}: {shown}", language.pick("drawn", "рисунок"))?;
    }
    Ok(())
}

/// The words of a menu; each choice has its number in the menu.
fn grammar(menu: &Menu) -> Result<Grammar, Failure> {
    let phrases = (0..)
        .zip(&menu.choices)
        .flat_map(|(nth, choice)| choice.words.iter().map(move |words| (ChoiceId(nth), &**words)));
    Grammar::new(phrases).map_err(|bad| Failure::Usage(bad.to_string()))
}

/// Hears a recording as a call is heard: sound as it comes, frames when their chunk is complete.
fn listen(samples: &[i16], frames: &[Frame], grammar: &Arc<Grammar>) -> Hearing {
    let (thresholds, timeouts) = (Thresholds::default(), Timeouts::default());
    let expects = Expects::Phrases(Arc::clone(grammar));
    let turn = Turn { expects, thresholds, timeouts, barge_in: BargeIn::Voice };
    let mut ear = Ear::new(Mono::START, turn);
    let (mut detector, mut voice) = (VoiceDetector::default(), Vec::new());
    let mut said = Vec::new();
    let mut chunks = frames.chunks(CHUNK_FRAMES);
    let blocks = frames.len() / CHUNK_FRAMES * CHUNK_SAMPLES / BLOCK;
    for nth in 0..blocks {
        let block: [i16; BLOCK] =
            std::array::from_fn(|n| samples.get(nth * BLOCK + n).copied().unwrap_or_default());
        voice.push(detector.hear(&block, false));
        let since = BLOCK_TIME * (nth as u32 + 1);
        let now = Mono::START + since;
        ear.handle(now, Input::Audio(&block));
        if (nth + 1) % (CHUNK_SAMPLES / BLOCK) == 0
            && let Some(chunk) = chunks.next()
        {
            ear.handle(now, Input::Frames(chunk));
        }
        if ear.next_timeout().is_some_and(|at| at <= now) {
            ear.handle_timeout(now);
        }
        while let Some(output) = ear.poll_output() {
            said.push((since, output));
        }
    }
    let mut trace = Trace::new(Arc::clone(grammar));
    frames.iter().for_each(|frame| trace.hear(frame));
    Hearing { trace, voice, said, thresholds }
}
