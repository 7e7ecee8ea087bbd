//! `line122 hear`: what the robot would understand of a recording, and why.

mod picture;
mod told;

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ambient::Mono;
use dialplan::{Dialplan, Menu, MenuId};
use journal::CallId;
use recogniser::ModelFile;
use recogniser::model::read_wav;
use speech::voice::{BLOCK, BLOCK_TIME, Block, SILENT, VoiceDetector};
use speech::{
    CHUNK_FRAMES, CHUNK_SAMPLES, Ear, Frame, Grammar, Input, Output, SAMPLE_RATE, Thresholds,
    Trace, Turn,
};

use crate::check;
use crate::failure::Failure;
use crate::hearing::{self, Again, Which};
use crate::language::Language;
use crate::recordings;
use crate::settings::Settings;

/// What `hear` is asked.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The recording: WAV, 8 kHz, 16 bits, one channel, at most a minute
    #[arg(value_name = "FILE", required_unless_present = "call")]
    recording: Option<PathBuf>,
    /// What this call's caller said to the robot, where the dialplan has that recorded; who hears it is
    /// written down
    #[arg(long, value_name = "CALL", conflicts_with = "recording")]
    call: Option<CallId>,
    /// Which part of the call's recording; the first with the robot if not given
    #[arg(long, value_name = "N", requires = "call")]
    part: Option<u32>,
    /// The menu of the dialplan whose words are listened for; that of the call, or "main"
    #[arg(long, value_name = "NAME")]
    menu: Option<String>,
    /// The model: ONNX with the interface of T-one; if not given, that of the settings, or the embedded one
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
    fn model(&self) -> Option<ModelFile> {
        let path = self.model.clone()?;
        Some(ModelFile { path, sha256: self.sha256 })
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
    /// By which model.
    which: Which,
    /// The scores over time.
    trace: Trace,
    /// What the voice detector made of each 20 ms.
    voice: Vec<Block>,
    /// What the listener said, and when.
    said: Vec<(Duration, Output)>,
    thresholds: Thresholds,
}

/// What a recording is an answer to.
struct Question<'a> {
    plan: &'a Dialplan,
    menu: &'a Menu,
}

/// Plays a recording to a menu, and tells what is understood.
pub(crate) fn hear(
    options: &Options,
    settings: &Settings,
    language: Language,
) -> Result<(), Failure> {
    let (_, plan) = check::named(None, settings)?;
    let (samples, menu) = match (&options.recording, options.call) {
        (Some(file), _) => (read_wav(file).map_err(Failure::Usage)?, None),
        (None, Some(call)) => {
            let (samples, menu) = recordings::said(settings, (call, options.part), language)?;
            (samples, Some(menu))
        }
        (None, None) => (Vec::new(), None),
    };
    let menu = match &options.menu {
        Some(name) => MenuId::from(&**name),
        None => menu.unwrap_or_else(|| MenuId::from("main")),
    };
    let menu = plan.menus.get(&menu).ok_or_else(|| {
        let names: Vec<String> = plan.menus.keys().map(ToString::to_string).collect();
        let names = names.join(", ");
        Failure::Usage(language.pick(
            format!("no menu \"{menu}\"; there are {names}"),
            format!("нет меню \"{menu}\"; есть {names}"),
        ))
    })?;
    let turn = ivr::turn::of_menu(menu).ok_or_else(|| {
        let menu = &menu.id;
        Failure::Usage(language.pick(
            format!("menu \"{menu}\" has no words; add words to its choices"),
            format!("в меню \"{menu}\" нет слов; добавьте words его пунктам"),
        ))
    })?;
    let question = Question { plan: &plan, menu };
    let again = hearing::again(settings, options.model())?;
    let hearing = hear_again(&again, (menu, turn), &samples).map_err(Failure::Runtime)?;
    write!(std::io::stdout(), "{}", told::tell(&hearing, &question, language))?;
    if let Some(path) = &options.picture {
        let shown = path.display();
        std::fs::write(path, picture::draw(&hearing, language))
            .map_err(|why| Failure::Usage(format!("{shown}: {why}")))?;
        writeln!(std::io::stdout(), "{}: {shown}", language.pick("drawn", "рисунок"))?;
    }
    Ok(())
}

/// What the robot understood of a recording, as SVG.
///
/// # Errors
/// If the menu is gone, or listens for nothing, or the model fails.
pub(crate) fn picture_of(
    again: &Again,
    plan: &Dialplan,
    (samples, menu): (&[i16], &MenuId),
    language: Language,
) -> Result<String, String> {
    let menu = plan.menus.get(menu).ok_or_else(|| format!("no menu \"{menu}\""))?;
    let turn = ivr::turn::of_menu(menu).ok_or_else(|| format!("{} has no words", menu.id))?;
    Ok(picture::draw(&hear_again(again, (menu, turn), samples)?, language))
}

fn hear_again(
    again: &Again,
    (menu, turn): (&Menu, Turn),
    samples: &[i16],
) -> Result<Hearing, String> {
    // Callers fall silent on the line; a recording ends, sooner than a number is taken for told. A model may
    // hear something yet where it breaks off.
    let silence = turn.timeouts.incomplete + Duration::from_secs(1);
    let behind = silence.as_millis() as usize * SAMPLE_RATE as usize / 1000;
    let samples: Vec<i16> = samples.iter().copied().chain(std::iter::repeat_n(0, behind)).collect();
    let frames = again.model.hear_all(&samples)?;
    // A number has no phrases: its letters are shown, and what was understood.
    let grammar = menu.grammar.clone().unwrap_or_default();
    Ok(listen(&samples, &frames, (turn, grammar), again.which.clone()))
}

/// Hears a recording as a call is heard: sound as it comes, frames when their chunk is complete.
fn listen(
    samples: &[i16],
    frames: &[Frame],
    (turn, grammar): (Turn, Arc<Grammar>),
    which: Which,
) -> Hearing {
    let thresholds = turn.thresholds;
    let mut ear = Ear::new(Mono::START, turn);
    let (mut detector, mut voice) = (VoiceDetector::default(), Vec::new());
    let mut said = Vec::new();
    let mut chunks = frames.chunks(CHUNK_FRAMES);
    let blocks = frames.len() / CHUNK_FRAMES * CHUNK_SAMPLES / BLOCK;
    for nth in 0..blocks {
        let block: [i16; BLOCK] =
            std::array::from_fn(|n| samples.get(nth * BLOCK + n).copied().unwrap_or_default());
        voice.push(detector.hear(&block, SILENT));
        let since = BLOCK_TIME * (nth as u32 + 1);
        let now = Mono::START + since;
        ear.handle(now, Input::Audio { heard: &block, sent: SILENT });
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
    let mut trace = Trace::new(grammar);
    frames.iter().for_each(|frame| trace.hear(frame));
    Hearing { which, trace, voice, said, thresholds }
}
