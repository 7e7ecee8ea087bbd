//! Prompts that come back on the line: whether the robot takes itself for a caller, and whether callers who
//! speak over it are heard.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use recogniser::Model;
use recogniser::model::read_wav;
use speech::ear::Expects;
use speech::{BargeIn, SAMPLE_RATE, Thresholds};

use crate::Case;
use crate::figures::{Share, Times};
use crate::meant::Fate;
use crate::play::{Listening, Sound};

/// How much quieter the echo is than the prompt, in dB.
pub(crate) const LEVELS: [i32; 3] = [-12, -20, -26];
/// How long it takes to come back.
const WAY: usize = SAMPLE_RATE as usize * 120 / 1000;
/// Shorter prompts are pieces of sentences.
const PROMPT_MIN: usize = 2 * SAMPLE_RATE as usize;
/// Callers speak over the prompt from this moment on.
const SPEAKS: usize = SAMPLE_RATE as usize * 3 / 2;
/// Which prompt they speak over.
const SPOKEN_OVER: &str = "main-choices";

/// A prompt as callers hear it.
pub(crate) struct Prompt {
    name: String,
    samples: Vec<i16>,
}

/// The sentences among the prompts.
pub(crate) fn prompts() -> Result<Vec<Prompt>, Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../prompts/ru");
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(&folder)? {
        let path = entry?.path();
        let is_folder = path.is_dir() && !path.ends_with("music");
        let inner =
            if is_folder { fs::read_dir(&path)?.collect::<Result<Vec<_>, _>>()? } else { vec![] };
        files.extend(inner.into_iter().map(|entry| entry.path()));
        files.push(path);
    }
    files.sort();
    let wavs = files.into_iter().filter(|path| path.extension().is_some_and(|kind| kind == "wav"));
    let mut prompts = Vec::new();
    for path in wavs {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        prompts.push(Prompt { name, samples: read_wav(&path)? });
    }
    prompts.retain(|prompt| prompt.samples.len() >= PROMPT_MIN);
    Ok(prompts)
}

/// What is heard at one level of echo: each prompt alone, and callers who speak over one.
pub(crate) struct Echoes<'a> {
    alone: Vec<Sound>,
    over: Vec<(&'a Case, Sound)>,
    /// How long the prompt plays that is spoken over.
    plays: Duration,
}

/// What comes of callers who speak over a prompt.
#[derive(Default)]
pub(crate) struct SpokenOver {
    /// Those for whom it stopped.
    pub(crate) stopped: Share,
    /// From the begin of their speech.
    pub(crate) after: Times,
    /// Those whose choice was taken, or named in the question.
    pub(crate) right: Share,
    /// Those who got another one.
    pub(crate) wrong: Share,
}

impl<'a> Echoes<'a> {
    /// Hears it all; `cases` are of clean lines.
    pub(crate) fn hear(
        model: &Model,
        prompts: &[Prompt],
        level: i32,
        cases: &[&'a Case],
    ) -> Result<Echoes<'a>, Box<dyn Error>> {
        let mut alone = Vec::new();
        for prompt in prompts {
            let mut sound = echo(&prompt.samples, level);
            sound.truncate(prompt.samples.len());
            alone.push(Sound::hear(model, sound)?.beside(&prompt.samples));
        }
        let Some(prompt) = prompts.iter().find(|prompt| prompt.name == SPOKEN_OVER) else {
            return Err(format!("there is no prompt {SPOKEN_OVER}").into());
        };
        let mut over = Vec::new();
        for case in cases {
            let said = &case.recording.samples;
            let mut samples = echo(&prompt.samples, level);
            samples.resize(SPEAKS + said.len(), 0);
            // The prompt stops a while after the speech began, and its echo with it.
            let stops = SPEAKS + said.len().min(SAMPLE_RATE as usize);
            samples[stops..].fill(0);
            for (sample, said) in samples[SPEAKS..].iter_mut().zip(said) {
                *sample = sample.saturating_add(*said);
            }
            let sound = Sound::of_recording(model, &samples)?;
            over.push((*case, sound.beside(&prompt.samples)));
        }
        let plays = Duration::from_secs_f64(prompt.samples.len() as f64 / f64::from(SAMPLE_RATE));
        Ok(Echoes { alone, over, plays })
    }

    /// How often prompts stopped though nobody spoke.
    pub(crate) fn stopped_by_itself(
        &self,
        expects: &Expects,
        thresholds: Thresholds,
        barge_in: BargeIn,
    ) -> Share {
        let is_stopped = |sound: &&Sound| {
            let expects = expects.clone();
            let listening = Listening { expects, thresholds, barge_in, prompt: None };
            listening.play_echo(sound).stopped.is_some()
        };
        Share { count: self.alone.iter().filter(is_stopped).count(), of: self.alone.len() }
    }

    /// What came of the callers who spoke over the prompt.
    pub(crate) fn spoken_over(&self, thresholds: Thresholds, barge_in: BargeIn) -> SpokenOver {
        let mut all = SpokenOver::default();
        for (case, sound) in &self.over {
            let (expects, prompt) = (case.expects.clone(), Some(self.plays));
            let played = Listening { expects, thresholds, barge_in, prompt }.play(sound);
            all.stopped.of += 1;
            all.right.of += 1;
            all.wrong.of += 1;
            if let Some(stopped) = played.stopped {
                all.stopped.count += 1;
                let begin = case.recording.speech.map_or(Duration::ZERO, |(begin, _)| begin);
                let lead = Duration::from_secs_f64(SPEAKS as f64 / f64::from(SAMPLE_RATE));
                all.after.add(lead + begin, stopped);
            }
            let fate = played.over.map(|(_, outcome)| case.meant.fate(&outcome));
            all.right.count += usize::from(matches!(fate, Some(Fate::Right | Fate::AskedRight)));
            all.wrong.count += usize::from(fate == Some(Fate::Wrong));
        }
        all
    }
}

/// What comes back of a prompt, on a line that is not quite silent.
fn echo(prompt: &[i16], level: i32) -> Vec<i16> {
    let factor = 10.0_f64.powf(f64::from(level) / 20.0);
    let mut noise = 1_u32;
    let mut hiss = move || {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(noise) / f64::from(u32::MAX) * 32.0 - 16.0
    };
    let silence = std::iter::repeat_n(0, WAY);
    let came = silence.chain(prompt.iter().copied());
    came.map(|sample| (f64::from(sample) * factor + hiss()) as i16).collect()
}
