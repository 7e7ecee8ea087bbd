//! A recording is played to a listener as a call is: sound every 20 ms, frames when their chunk is complete.

use std::error::Error;
use std::time::Duration;

use ambient::Mono;
use recogniser::Model;
use speech::ear::{Expects, Timeouts};
use speech::voice::{BLOCK, BLOCK_TIME, SILENT};
use speech::{
    BargeIn, CHUNK_FRAMES, CHUNK_SAMPLES, Ear, FRAME, Frame, Input, Outcome, Output, SAMPLE_RATE,
    Thresholds, Turn,
};

/// What is behind a recording: as long as it takes to decide.
const BEHIND: usize = 3 * SAMPLE_RATE as usize;
/// The part of a recording in which nobody speaks yet.
const BEFORE: usize = SAMPLE_RATE as usize * 3 / 10;

/// Sound, and what the recogniser makes of it.
pub(crate) struct Sound {
    samples: Vec<i16>,
    /// Levels of the prompt that is sent meanwhile, of each block.
    sent: Vec<f32>,
    pub(crate) frames: Vec<Frame>,
}

impl Sound {
    /// Hears a sound to its end.
    pub(crate) fn hear(model: &Model, samples: Vec<i16>) -> Result<Sound, Box<dyn Error>> {
        let frames = model.hear_all(&samples)?;
        Ok(Sound { samples, sent: Vec::new(), frames })
    }

    /// Hears a recording, and after it the line as it was before it, as long as it takes to decide.
    pub(crate) fn of_recording(model: &Model, samples: &[i16]) -> Result<Sound, Box<dyn Error>> {
        let before = &samples[..BEFORE.min(samples.len())];
        // Backwards and forwards again, so that the noise has no seam.
        let line = before.iter().rev().chain(before).copied();
        let behind = line.cycle().take(BEHIND);
        Sound::hear(model, samples.iter().copied().chain(behind).collect())
    }

    /// The same, while a prompt is sent.
    pub(crate) fn beside(self, prompt: &[i16]) -> Sound {
        Sound { sent: prompt.chunks(BLOCK).map(level).collect(), ..self }
    }

    fn time(&self) -> Duration {
        BLOCK_TIME * (self.samples.len() / BLOCK) as u32
    }
}

/// What a listener said, and when.
#[derive(Clone, Debug, Default)]
pub(crate) struct Played {
    /// The start of the speech that was decided on.
    pub(crate) started: Option<Duration>,
    /// When the prompt was stopped.
    pub(crate) stopped: Option<Duration>,
    /// The end of speech as the recogniser's blanks tell it.
    pub(crate) ended: Option<Duration>,
    /// When it was over, and how.
    pub(crate) over: Option<(Duration, Outcome)>,
}

/// How a turn is listened to.
pub(crate) struct Listening {
    pub(crate) expects: Expects,
    pub(crate) thresholds: Thresholds,
    pub(crate) barge_in: BargeIn,
    /// How long a prompt plays, from the begin of the sound on.
    pub(crate) prompt: Option<Duration>,
}

impl Listening {
    /// A turn without a prompt.
    pub(crate) fn after_prompt(expects: Expects, thresholds: Thresholds) -> Listening {
        Listening { expects, thresholds, barge_in: BargeIn::Voice, prompt: None }
    }

    /// Plays a sound to a listener, until it is over.
    pub(crate) fn play(&self, sound: &Sound) -> Played {
        let timeouts = Timeouts::of(&self.expects);
        let (expects, barge_in) = (self.expects.clone(), self.barge_in);
        let turn = Turn { expects, thresholds: self.thresholds, timeouts, barge_in };
        let mut ear = Ear::new(Mono::START, turn);
        let mut played = Played::default();
        let mut prompt = self.prompt;
        if prompt.is_some() {
            ear.handle(Mono::START, Input::PromptBegins);
        }
        let mut chunks = sound.frames.chunks(CHUNK_FRAMES);
        let mut given = 0;
        for (nth, block) in (1_u32..).zip(sound.samples.chunks_exact(BLOCK)) {
            let since = BLOCK_TIME * nth;
            let now = Mono::START + since;
            if let Ok(heard) = block.try_into() {
                let sent = sound.sent.get(nth as usize - 1).copied();
                let sent = sent.filter(|_| prompt.is_some()).unwrap_or(SILENT);
                ear.handle(now, Input::Audio { heard, sent });
            }
            if (nth as usize * BLOCK).is_multiple_of(CHUNK_SAMPLES)
                && let Some(chunk) = chunks.next()
            {
                given += chunk.len();
                ear.handle(now, Input::Frames(chunk));
            }
            if prompt.is_some_and(|until| until <= since) {
                prompt = None;
                ear.handle(now, Input::PromptEnds);
            }
            while ear.next_timeout().is_some_and(|at| at <= now) {
                ear.handle_timeout(now);
            }
            while let Some(output) = ear.poll_output() {
                match output {
                    Output::SpeechStarted => played.started = Some(since),
                    Output::StopPrompt => {
                        played.stopped = Some(since);
                        prompt = None;
                        ear.handle(now, Input::PromptEnds);
                    }
                    Output::Over(outcome) => {
                        played.ended = ended(&sound.frames[..given]);
                        played.over = Some((since, outcome));
                        return played;
                    }
                }
            }
        }
        played
    }

    /// Plays a prompt's echo: only what happens until its end.
    pub(crate) fn play_echo(mut self, sound: &Sound) -> Played {
        self.prompt = Some(sound.time());
        self.play(sound)
    }
}

/// When the last frame ended in which something was said.
fn ended(frames: &[Frame]) -> Option<Duration> {
    const SILENT: f32 = 0.9;
    let last = frames.iter().rposition(|frame| frame.silence() <= SILENT)?;
    Some(FRAME * (last as u32 + 1))
}

/// In dB of full scale.
fn level(block: &[i16]) -> f32 {
    let power = block.iter().map(|&sample| (f32::from(sample) / 32_768.0).powi(2)).sum::<f32>();
    10.0 * (power / block.len() as f32 + 1e-10).log10()
}
