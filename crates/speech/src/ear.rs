//! One listener's turn: from the first word of a question to what the answer was.
//!
//! The terms are those of MRCPv2 (RFC 6787). The start of speech is heard by the voice detector or by the
//! recogniser, whichever comes first; the end of speech by the recogniser's blanks, counted in its own
//! frames, so that a recogniser that is late does not cut anybody off. A server that gives texts finds the
//! end of speech itself; what it does not find is told by the clock. Hard timers run by the clock.
//! Keys are not heard here: they always act, and end the turn.

mod texts;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use ambient::Mono;

use crate::alphabet::{FRAME, Frame};
use crate::grammar::{ChoiceId, Grammar};
use crate::greedy::Greedy;
use crate::number_reader::{NumberGrammar, NumberReader};
use crate::spoken::NumberWord;
use crate::spotter::{Spotter, Thresholds, Verdict};
use crate::text;
use crate::tokens::Pause;
use crate::voice::{BLOCK, BLOCK_TIME, VoiceDetector};
use texts::Texts;

/// The detector heard a voice, and the recogniser has had no letter for so long since: it was none.
const FALSE_START: Duration = Duration::from_millis(1200);
/// A recogniser is behind by so much, or more: for so long after the end of a prompt its letters may be of
/// the prompt's echo.
const BEHIND: u32 = 20;
/// A phrase over a prompt is the caller's, and not the echo's, if the detector heard a voice so short a
/// time ago.
const VOICE_RECENT: Duration = Duration::from_millis(1500);
/// A voice that pauses for no longer goes on: over an echo only its vowels are heard.
const VOICE_PAUSE: Duration = Duration::from_millis(600);
/// A server's text is behind the voice by so much at most: the silence that ends an utterance for it, 600 ms of
/// T-one's, up to a second of vosk's, and the model, its chunks and the way.
const TEXT_BEHIND: Duration = Duration::from_secs(2);
/// No letter for so much longer than a silence may be is one, though the recogniser is not sure of it.
const LETTERLESS: Duration = Duration::from_millis(500);
/// What the recogniser writes may be of so much before: its delay, and the begin of its first chunk.
const OF_BEFORE: Duration = Duration::from_millis(300);
/// So many letters are speech.
const FEW: usize = 3;
/// Outputs that wait to be taken are few; see [`Ear::poll_output`].
const OUTPUTS_MAX: usize = 8;

/// What may stop a prompt before its end. A key of the menu always does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BargeIn {
    /// No speech.
    Off,
    /// Speech that lasts (RFC 6787 §8.4.2 kill-on-barge-in, by voice).
    #[default]
    Voice,
    /// A phrase that is sure; anything else said is taken for talk in the room.
    Keyword,
}

/// How long is waited for what (RFC 6787 §9.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// No-Input-Timeout, §9.4.6: for speech to begin, from the end of the prompt on.
    pub no_input: Duration,
    /// Recognition-Timeout, §9.4.7: for speech to end, from its begin on. The hard timer.
    pub recognition: Duration,
    /// Speech-Complete-Timeout, §9.4.15: silence after which a phrase that is sure is taken.
    pub complete: Duration,
    /// Speech-Incomplete-Timeout, §9.4.16: silence after which whatever was said is all.
    pub incomplete: Duration,
}

impl Timeouts {
    /// Those that fit what is listened for: who dictates a number stops between its groups, and takes longer.
    #[must_use]
    pub fn of(expects: &Expects) -> Timeouts {
        let (recognition, incomplete) = match expects {
            Expects::Phrases(_) => (Duration::from_secs(10), Duration::from_millis(600)),
            Expects::Numbers(_) => (Duration::from_secs(25), Duration::from_millis(1500)),
        };
        let (no_input, complete) = (Duration::from_secs(8), Duration::from_millis(120));
        Timeouts { no_input, recognition, complete, incomplete }
    }
}

/// What is listened for in a turn.
#[derive(Clone, Debug)]
pub enum Expects {
    /// One of these phrases.
    Phrases(Arc<Grammar>),
    /// A number, a date or a house; in pieces, with pauses between them.
    Numbers(Arc<NumberGrammar>),
}

/// The terms of a turn.
#[derive(Clone, Debug)]
pub struct Turn {
    /// What is listened for.
    pub expects: Expects,
    /// From which scores on.
    pub thresholds: Thresholds,
    /// How long.
    pub timeouts: Timeouts,
    /// What may stop the prompt.
    pub barge_in: BargeIn,
}

/// What happens.
#[derive(Clone, Copy, Debug)]
pub enum Input<'a> {
    /// A prompt begins to play; the input timers wait for its end (Start-Input-Timers: false, §9.4.14).
    PromptBegins,
    /// It was played to its end, or stopped.
    PromptEnds,
    /// 20 ms of what comes from the caller.
    Audio {
        /// What is heard.
        heard: &'a [i16; BLOCK],
        /// The level of what was sent to the caller meanwhile, in dB of full scale;
        /// [`SILENT`](crate::voice::SILENT) for nothing.
        sent: f32,
    },
    /// The recogniser's frames, in order, each once.
    Frames(&'a [Frame]),
    /// What a server has recognised so far; replaces what it said before.
    Partial(&'a str),
    /// What a server has recognised of an utterance that is over.
    Text(&'a str),
}

/// What comes of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Speech has begun (START-OF-INPUT, §9.12). It may come again in a turn, after a noise that was
    /// taken for speech.
    SpeechStarted,
    /// The prompt is to stop. Its [`Input::PromptEnds`] is expected.
    StopPrompt,
    /// The turn is over (RECOGNITION-COMPLETE, §9.15); nothing comes after it.
    Over(Outcome),
}

/// How a turn ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// A phrase, surely (Completion-Cause 000, or 008 at the hard timer).
    Understood(Understood),
    /// A phrase, perhaps: the caller is to be asked.
    Ask(Understood),
    /// Number words (000).
    Numbers(Vec<NumberWord>, Heard),
    /// Speech, and none of the phrases (001, 015).
    NoMatch(Heard),
    /// Silence (002).
    NoInput,
    /// The recogniser is gone, or so late that it is no help: the menu says to press keys. An [`Ear`] never
    /// says so, but who feeds it.
    Deaf,
}

/// A phrase that was heard.
#[derive(Clone, Debug, PartialEq)]
pub struct Understood {
    /// Where it leads.
    pub choice: ChoiceId,
    /// The phrase.
    pub phrase: String,
    /// Log-probability of a letter against the best free way.
    pub score: f32,
    /// What was said around it.
    pub heard: Heard,
}

/// What was heard, for an operator's eyes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// As the recogniser would write it; of a small model it has many wrong letters.
    pub text: String,
}

/// One listener's turn.
#[derive(Clone, Debug)]
pub struct Ear {
    turn: Turn,
    phase: Phase,
    detector: VoiceDetector,
    search: Search,
    /// The recogniser's text of frames.
    greedy: Greedy,
    /// A server's text, and how it came about.
    text: Option<String>,
    texts: Texts,
    /// Frames without a letter since the last one; none before the first letter.
    silence: Pause,
    has_letters: bool,
    /// Frames since the last letter.
    letterless: u32,
    /// Sound so far, and the recogniser's frames of it.
    heard: Duration,
    frames: u32,
    /// How long ago the detector heard a voice; `None` if it has not.
    voice_ago: Option<Duration>,
    /// Frames that may still be of a prompt's echo.
    echo_frames: u32,
    /// A prompt plays.
    is_prompt: bool,
    /// When the last one ended.
    prompt_ended: Option<Mono>,
    outputs: VecDeque<Output>,
}

#[derive(Clone, Debug)]
enum Search {
    Phrases(Spotter),
    Numbers(NumberReader),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Nothing was said yet; the timer runs when there is no prompt.
    Waits {
        until: Option<Mono>,
    },
    /// Speech goes on: to this hard timer, or, unless there are frames to tell its end, until there was no
    /// sign of it for so long.
    Hears {
        until: Mono,
        quiet: Mono,
    },
    Over,
}

impl Ear {
    /// Begins a turn; the no-input timer runs from now on unless a prompt begins.
    #[must_use]
    pub fn new(now: Mono, turn: Turn) -> Ear {
        Ear {
            phase: Phase::Waits { until: Some(now + turn.timeouts.no_input) },
            detector: VoiceDetector::default(),
            search: Search::new(&turn.expects),
            greedy: Greedy::default(),
            text: None,
            texts: Texts::default(),
            silence: Pause::default(),
            has_letters: false,
            letterless: 0,
            heard: Duration::ZERO,
            frames: 0,
            voice_ago: None,
            echo_frames: 0,
            is_prompt: false,
            prompt_ended: None,
            outputs: VecDeque::new(),
            turn,
        }
    }

    /// Something happened.
    pub fn handle(&mut self, now: Mono, input: Input<'_>) {
        if self.phase == Phase::Over {
            return;
        }
        match input {
            Input::PromptBegins => self.prompt_begins(),
            Input::PromptEnds => self.prompt_ends(now),
            Input::Audio { heard, sent } => self.audio(now, heard, sent),
            Input::Frames(frames) => {
                for frame in frames {
                    self.frame(now, frame);
                }
            }
            Input::Partial(text) => self.text(now, text, false),
            Input::Text(text) => self.text(now, text, true),
        }
    }

    /// What is to be done next.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When [`Ear::handle_timeout`] is to be called.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Mono> {
        match self.phase {
            Phase::Waits { until } => until,
            // A recogniser that is late must not cut anybody off whom it has begun to hear.
            Phase::Hears { until, .. } if self.has_letters => Some(until),
            Phase::Hears { until, quiet } => Some(until.min(quiet)),
            Phase::Over => None,
        }
    }

    /// The time of [`Ear::next_timeout`] has come.
    pub fn handle_timeout(&mut self, now: Mono) {
        if self.next_timeout().is_none_or(|at| now < at) {
            return;
        }
        match self.phase {
            Phase::Waits { .. } => self.over(Outcome::NoInput),
            // Whatever there is by now: success-maxtime or no-match-maxtime.
            Phase::Hears { until, .. } if now >= until => self.decide(),
            Phase::Hears { .. } if self.text.is_some() => self.decide(),
            Phase::Hears { .. } => self.was_no_speech(now),
            Phase::Over => {}
        }
    }

    fn prompt_begins(&mut self) {
        self.is_prompt = true;
        self.detector.prompt_begins();
        if let Phase::Waits { until } = &mut self.phase {
            *until = None;
        }
    }

    fn prompt_ends(&mut self, now: Mono) {
        self.is_prompt = false;
        self.prompt_ended = Some(now);
        if let Phase::Waits { until } = &mut self.phase {
            *until = Some(now + self.turn.timeouts.no_input);
            self.echo_frames = BEHIND;
        }
    }

    fn audio(&mut self, now: Mono, heard: &[i16; BLOCK], sent: f32) {
        self.heard += BLOCK_TIME;
        let is_voice = self.detector.hear(heard, sent).is_sustained;
        let begins = is_voice && self.voice_ago.is_none_or(|ago| ago > Duration::ZERO);
        let is_another = self.voice_ago.is_none_or(|ago| ago > VOICE_PAUSE);
        self.voice_ago = match self.voice_ago {
            _ if is_voice => Some(Duration::ZERO),
            ago => ago.map(|ago| ago + BLOCK_TIME),
        };
        if is_voice {
            self.goes_on(now, TEXT_BEHIND);
        }
        if !begins || !self.waits() {
            return;
        }
        // The recogniser is behind: the letters of this voice are still to come, and those it had were of
        // something before, perhaps of the prompt's own words.
        if is_another && (self.is_prompt || self.echo_frames > 0) {
            self.forget();
        }
        if !self.is_prompt || self.turn.barge_in == BargeIn::Voice {
            self.has_letters = false;
            self.silence = Pause::default();
            self.speech(now);
        }
    }

    fn frame(&mut self, now: Mono, frame: &Frame) {
        if self.phase == Phase::Over {
            return;
        }
        self.frames = self.frames.saturating_add(1);
        self.search.hear(frame);
        let letter = self.greedy.hear(frame).filter(|&letter| letter != ' ');
        self.has_letters |= letter.is_some();
        self.letterless = if letter.is_some() { 0 } else { self.letterless.saturating_add(1) };
        self.silence.step(frame);
        let silence = FRAME * self.silence.frames();
        match (self.phase, self.has_letters) {
            (Phase::Waits { .. }, _) => self.letters(now),
            (Phase::Hears { .. }, true) => self.after_silence(silence),
            (Phase::Hears { .. }, false) => {
                if silence >= FALSE_START && self.voice_ago != Some(Duration::ZERO) {
                    self.was_no_speech(now);
                }
            }
            (Phase::Over, _) => {}
        }
    }

    /// Whether the recogniser hears speech where the detector did not: a quiet voice, or a short word. Over
    /// a prompt its letters prove nothing, since it hears the echo as well as we do.
    fn letters(&mut self, now: Mono) {
        let recent = self.voice_ago.is_some_and(|ago| ago < VOICE_RECENT);
        let speaks = match (self.is_prompt, self.turn.barge_in) {
            (false, _) if self.echo_frames > 0 => {
                self.echo_frames -= 1;
                if self.echo_frames == 0 {
                    self.forget();
                }
                false
            }
            (false, _) => {
                let letters = self.greedy.text().chars().filter(|c| *c != ' ').count();
                letters >= FEW || self.search.is_sure(&self.turn)
            }
            (true, BargeIn::Keyword) => recent && self.search.is_sure(&self.turn),
            (true, BargeIn::Off | BargeIn::Voice) => false,
        };
        if speaks {
            self.speech(now);
        }
    }

    /// Forgets what was heard so far.
    fn forget(&mut self) {
        self.search = Search::new(&self.turn.expects);
        self.greedy = Greedy::default();
        self.has_letters = false;
        self.silence = Pause::default();
    }

    /// Whether the silence so far is long enough for what was said.
    fn after_silence(&mut self, silence: Duration) {
        let Timeouts { complete, incomplete, .. } = self.turn.timeouts;
        // In noise a model may not be sure of silence for so long; who speaks is heard in letters.
        let is_letterless = FRAME * self.letterless >= incomplete + LETTERLESS;
        // Letters without the voice that began are of people behind the caller, or of a television.
        let is_background = self.voice_ago.is_some_and(|ago| {
            let voice_ended = self.heard.saturating_sub(ago);
            FRAME * self.frames >= voice_ended + incomplete + LETTERLESS + OF_BEFORE
        });
        if silence >= incomplete
            || is_letterless
            || is_background
            || silence >= complete && self.search.is_complete(&self.turn)
        {
            self.decide();
        }
    }

    /// What a server has recognised of an utterance, or all of it when it has found its end.
    fn text(&mut self, now: Mono, text: &str, is_whole: bool) {
        if !self.is_callers(now, is_whole) {
            return self.texts.refuse(text, is_whole);
        }
        let Some(said) = self.texts.take(text, is_whole) else { return };
        let mut search = Search::new(&self.turn.expects);
        search.hear_text(&said);
        let needs_phrase = self.is_prompt && self.turn.barge_in == BargeIn::Keyword;
        if needs_phrase && self.waits() && !search.is_sure(&self.turn) {
            return;
        }
        self.search = search;
        self.text = Some(said.clone());
        self.speech(now);
        match (is_whole, &self.turn.expects) {
            (false, _) => self.goes_on(now, TEXT_BEHIND),
            (true, Expects::Numbers(_)) if said.chars().count() < text::TEXT_MAX => {
                self.texts.keep(said);
                // The server tells of an utterance some time after its end.
                let ago = self.voice_ago.filter(|ago| *ago < TEXT_BEHIND).unwrap_or_default();
                self.goes_on(now, self.turn.timeouts.incomplete.saturating_sub(ago));
            }
            (true, Expects::Numbers(_) | Expects::Phrases(_)) => self.decide(),
        }
    }

    /// Whether a server's text is of the caller. Over a prompt, and as long behind it as a text may be late, it
    /// proves nothing, since the server hears the echo as well as we do: the detector must have heard a voice.
    fn is_callers(&self, now: Mono, is_whole: bool) -> bool {
        if !self.waits() {
            return true;
        }
        if self.is_prompt && self.turn.barge_in == BargeIn::Off {
            return false;
        }
        // What goes on is told as soon as frames are; an utterance that began as an echo may still be corrected.
        let behind = if is_whole || self.texts.has_echo() { TEXT_BEHIND } else { FRAME * BEHIND };
        let is_over_echo =
            self.is_prompt || self.prompt_ended.is_some_and(|ended| now < ended + behind);
        let recent = if is_whole { TEXT_BEHIND } else { VOICE_RECENT };
        !is_over_echo || self.voice_ago.is_some_and(|ago| ago < recent)
    }

    fn waits(&self) -> bool {
        matches!(self.phase, Phase::Waits { .. })
    }

    /// There is a sign of speech; for so long no other is needed.
    fn goes_on(&mut self, now: Mono, patience: Duration) {
        if let Phase::Hears { quiet, .. } = &mut self.phase {
            *quiet = now + patience;
        }
    }

    /// What was taken for speech was a noise: the caller has as long as before.
    fn was_no_speech(&mut self, now: Mono) {
        self.phase = Phase::Waits { until: Some(now + self.turn.timeouts.no_input) };
    }

    /// Speech has begun: once.
    fn speech(&mut self, now: Mono) {
        if !self.waits() {
            return;
        }
        self.phase =
            Phase::Hears { until: now + self.turn.timeouts.recognition, quiet: now + TEXT_BEHIND };
        // A voice of long ago has nothing to do with this speech.
        self.voice_ago = self.voice_ago.filter(|ago| *ago < VOICE_RECENT);
        self.tell(Output::SpeechStarted);
        if self.is_prompt {
            self.tell(Output::StopPrompt);
        }
    }

    fn decide(&mut self) {
        let text = match &self.text {
            Some(text) => text.clone(),
            None => self.greedy.text().to_owned(),
        };
        // A voice of which nobody can make a letter said nothing: no-match is for words.
        self.over(match self.search.outcome(&self.turn, Heard { text }) {
            Outcome::NoMatch(heard) if heard.text.is_empty() => Outcome::NoInput,
            outcome => outcome,
        });
    }

    fn over(&mut self, outcome: Outcome) {
        self.phase = Phase::Over;
        self.tell(Output::Over(outcome));
    }

    fn tell(&mut self, output: Output) {
        // Only somebody who never takes them comes to the ceiling, and misses the oldest.
        if self.outputs.len() == OUTPUTS_MAX {
            self.outputs.pop_front();
        }
        self.outputs.push_back(output);
    }
}

impl Search {
    fn new(expects: &Expects) -> Search {
        match expects {
            Expects::Phrases(grammar) => Search::Phrases(Spotter::new(Arc::clone(grammar))),
            Expects::Numbers(grammar) => Search::Numbers(NumberReader::new(Arc::clone(grammar))),
        }
    }

    fn hear(&mut self, frame: &Frame) {
        match self {
            Search::Phrases(spotter) => spotter.hear(frame),
            Search::Numbers(reader) => reader.hear(frame),
        }
    }

    fn hear_text(&mut self, text: &str) {
        match self {
            Search::Phrases(spotter) => spotter.hear_text(text),
            Search::Numbers(reader) => reader.hear_text(text),
        }
    }

    /// Whether something that is listened for was surely said.
    fn is_sure(&self, turn: &Turn) -> bool {
        match self {
            Search::Phrases(spotter) => {
                matches!(spotter.verdict(turn.thresholds), Verdict::Sure(_))
            }
            Search::Numbers(reader) => {
                reader.read().is_some_and(|read| read.score >= turn.thresholds.sure)
            }
        }
    }

    /// Whether nothing more is expected. Numbers are told with pauses, so they never are.
    fn is_complete(&self, turn: &Turn) -> bool {
        match self {
            Search::Phrases(spotter) => match spotter.verdict(turn.thresholds) {
                Verdict::Sure(hit) => !spotter.may_go_on(&hit),
                Verdict::Ask(_) | Verdict::Nothing => false,
            },
            Search::Numbers(_) => false,
        }
    }

    fn outcome(&self, turn: &Turn, heard: Heard) -> Outcome {
        match self {
            Search::Phrases(spotter) => {
                let verdict = spotter.verdict(turn.thresholds);
                let Some(hit) = verdict.hit() else { return Outcome::NoMatch(heard) };
                let phrase = spotter.grammar().phrases()[hit.phrase].text.clone();
                let found = Understood { choice: hit.choice, phrase, score: hit.score, heard };
                match verdict {
                    Verdict::Sure(_) => Outcome::Understood(found),
                    Verdict::Ask(_) | Verdict::Nothing => Outcome::Ask(found),
                }
            }
            Search::Numbers(reader) => match reader.read() {
                Some(read) if read.score >= turn.thresholds.ask => {
                    Outcome::Numbers(read.words, heard)
                }
                Some(_) | None => Outcome::NoMatch(heard),
            },
        }
    }
}

#[cfg(test)]
mod tests;
