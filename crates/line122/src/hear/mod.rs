//! `line122 hear`: what the robot would understand of a recording, and why.

mod picture;
mod told;
mod turns;

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ambient::Mono;
use dialplan::{Dialplan, Menu, MenuId};
use journal::{CallId, Step};
use recogniser::ModelFile;
use recogniser::model::read_wav;
use recorder::SaidToRobot;
use speech::ear::Expects;
use speech::voice::{BLOCK, BLOCK_TIME, Block, SILENT, VoiceDetector};
use speech::{
    CHUNK_FRAMES, CHUNK_SAMPLES, Ear, Frame, Grammar, Input, Output, SAMPLE_RATE, Thresholds,
    Trace, Turn,
};

use crate::check;
use crate::failure::Failure;
use crate::hearing::{self, Again};
use crate::language::Language;
use crate::recordings;
use crate::settings::Settings;
use crate::store;

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
    /// Which part of the call's recording; all with the robot if not given
    #[arg(long, value_name = "N", requires = "call")]
    part: Option<u32>,
    /// The menu of the dialplan whose words are listened for; those of the call, or "main"
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

/// A turn in which the robot listened, as it is heard again.
struct Heard<'a> {
    /// What was to be answered; `None` if the dialplan has no such menu any more, or it listens for nothing.
    question: Option<(Question<'a>, Hearing)>,
    menu: MenuId,
    /// When it began and when it was over, from the beginning of the call's first recording on; `None` of a
    /// recording that is one turn.
    span: Option<(Duration, Duration)>,
}

/// What was heard in a turn.
struct Hearing {
    /// The scores over time.
    trace: Trace,
    /// What the voice detector made of each 20 ms.
    voice: Vec<Block>,
    /// What the listener said, and when.
    said: Vec<(Duration, Output)>,
    thresholds: Thresholds,
    /// How long the robot itself spoke.
    words: Duration,
}

/// What is to be answered.
#[derive(Clone, Copy)]
struct Question<'a> {
    plan: &'a Dialplan,
    menu: &'a Menu,
    is_yes_no: bool,
}

/// Plays a recording to a menu, or a call's to its menus, and tells what is understood.
pub(crate) fn hear(
    options: &Options,
    settings: &Settings,
    language: Language,
) -> Result<(), Failure> {
    let (_, plan) = check::named(None, settings)?;
    let named = options.menu.as_deref().map(|name| listening(&plan, name, language)).transpose()?;
    let turns = match (&options.recording, options.call) {
        (Some(file), _) => {
            let menu = named.map_or_else(|| listening(&plan, "main", language), Ok)?;
            vec![turns::whole(menu, read_wav(file).map_err(Failure::Usage)?)]
        }
        (None, Some(call)) => {
            let said = recordings::said(settings, (call, options.part), language)?;
            turns::of_call(&said, &store::reader(settings)?.steps_of(call)?, named)
        }
        (None, None) => Vec::new(),
    };
    let again = hearing::again(settings, options.model())?;
    let heard = hear_turns(&again, &plan, turns).map_err(Failure::Runtime)?;
    let mut out = std::io::stdout().lock();
    write!(out, "{}", told::tell(&heard, &again.which, language))?;
    if let Some(path) = &options.picture {
        let shown = path.display();
        std::fs::write(path, picture::draw(&heard, &again.which, language))
            .map_err(|why| Failure::Usage(format!("{shown}: {why}")))?;
        writeln!(out, "{}: {shown}", language.pick("drawn", "рисунок"))?;
    }
    Ok(())
}

/// The menu of this name, if something can be said to it.
fn listening<'a>(
    plan: &'a Dialplan,
    name: &str,
    language: Language,
) -> Result<&'a MenuId, Failure> {
    let menu = plan.menus.get(&MenuId::from(name)).ok_or_else(|| {
        let names: Vec<String> = plan.menus.keys().map(ToString::to_string).collect();
        let names = names.join(", ");
        Failure::Usage(language.pick(
            format!("no menu \"{name}\"; there are {names}"),
            format!("нет меню \"{name}\"; есть {names}"),
        ))
    })?;
    if ivr::turn::of_menu(menu).is_none() {
        return Err(Failure::Usage(language.pick(
            format!("menu \"{name}\" has no words; add words to its choices"),
            format!("в меню \"{name}\" нет слов; добавьте words его пунктам"),
        )));
    }
    Ok(&menu.id)
}

/// What the robot understood of what was said to it in a call, as SVG.
///
/// # Errors
/// If the model fails.
pub(crate) fn picture_of(
    again: &Again,
    plan: &Dialplan,
    (said, steps): (&[SaidToRobot], &[Step]),
    language: Language,
) -> Result<String, String> {
    let heard = hear_turns(again, plan, turns::of_call(said, steps, None))?;
    Ok(picture::draw(&heard, &again.which, language))
}

fn hear_turns<'a>(
    again: &Again,
    plan: &'a Dialplan,
    turns: Vec<turns::Turned>,
) -> Result<Vec<Heard<'a>>, String> {
    let hear = |turned: turns::Turned| {
        let turns::Turned { menu, is_yes_no, samples, words, span } = turned;
        let question = plan.menus.get(&menu).map(|menu| Question { plan, menu, is_yes_no });
        let asked = question.and_then(|question| Some((question, question.turn()?)));
        let hearing = |(question, turn): (_, Turn)| {
            // Callers fall silent on the line; a recording ends, sooner than a number is taken for told. A model
            // may hear something yet where it breaks off.
            let silence = match span {
                None => turn.timeouts.incomplete + Duration::from_secs(1),
                Some(_) => Duration::ZERO,
            };
            let behind = silence.as_millis() as usize * SAMPLE_RATE as usize / 1000;
            let mut samples = samples;
            samples.extend(std::iter::repeat_n(0, behind));
            let frames = again.model.hear_all(&samples)?;
            Ok::<_, String>((question, listen(&samples, &frames, turn, words)))
        };
        Ok(Heard { question: asked.map(hearing).transpose()?, menu, span })
    };
    turns.into_iter().map(hear).collect()
}

/// Hears a recording as a call is heard: sound as it comes, frames when their chunk is complete.
fn listen(samples: &[i16], frames: &[Frame], turn: Turn, words: Duration) -> Hearing {
    let thresholds = turn.thresholds;
    let grammar = match &turn.expects {
        Expects::Phrases(grammar) => Arc::clone(grammar),
        // A number has no phrases: its letters are shown, and what was understood.
        Expects::Numbers(_) => Arc::new(Grammar::default()),
    };
    let mut ear = Ear::new(Mono::START, turn);
    let mut speaks = !words.is_zero();
    if speaks {
        ear.handle(Mono::START, Input::PromptBegins);
    }
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
        if speaks && since >= words {
            speaks = false;
            ear.handle(now, Input::PromptEnds);
        }
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
    Hearing { trace, voice, said, thresholds, words }
}

impl Question<'_> {
    /// What is listened for.
    fn turn(&self) -> Option<Turn> {
        match self.is_yes_no {
            true => Some(ivr::turn::yes_or_no(self.menu)),
            false => ivr::turn::of_menu(self.menu),
        }
    }
}
