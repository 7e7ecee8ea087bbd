//! Stories of turns, told in the order in which a caller, a line and a recogniser make them.

use super::*;
use crate::alphabet::{LABELS, Label};
use crate::grammar::ChoiceId;
use crate::spoken;
use crate::voice::SILENT;

/// A caller at a menu: what is said goes to the detector at once, and to the recogniser's frames later, in
/// chunks of 300 ms.
struct World {
    ear: Ear,
    now: Mono,
    /// Frames that the recogniser has not given yet.
    late: VecDeque<Frame>,
    /// Frames that it has given.
    given: usize,
    noise: u32,
    millis: usize,
    /// The level of the prompt that is sent, in dB of full scale.
    sent: f32,
    told: Vec<(u64, Output)>,
    /// A server recognises: it gives texts, and no frames.
    is_server: bool,
}

fn menu() -> Expects {
    let words = [(1, "врача на дом"), (2, "запись"), (2, "записаться"), (6, "оператор"), (7, "да")];
    let words = words.map(|(id, text)| (ChoiceId(id), text));
    Expects::Phrases(Arc::new(Grammar::new(words).unwrap()))
}

impl World {
    fn new(barge_in: BargeIn) -> World {
        World::expecting(menu(), barge_in)
    }

    fn expecting(expects: Expects, barge_in: BargeIn) -> World {
        let (thresholds, timeouts) = (Thresholds::default(), Timeouts::of(&expects));
        let turn = Turn { expects, thresholds, timeouts, barge_in };
        World {
            ear: Ear::new(Mono::START, turn),
            now: Mono::START,
            late: VecDeque::new(),
            given: 0,
            noise: 1,
            millis: 0,
            sent: SILENT,
            told: Vec::new(),
            is_server: false,
        }
    }

    fn with_server(self) -> World {
        World { is_server: true, ..self }
    }

    /// The server tells what it has of an utterance.
    fn partial(&mut self, text: &str) -> &mut World {
        self.tell(Input::Partial(text))
    }

    /// The server tells an utterance that is over for it.
    fn text(&mut self, text: &str) -> &mut World {
        self.tell(Input::Text(text))
    }

    fn prompt_begins(&mut self) -> &mut World {
        self.tell(Input::PromptBegins)
    }

    fn prompt_ends(&mut self) -> &mut World {
        self.tell(Input::PromptEnds)
    }

    /// Silence on the line for so long; the recogniser gives blanks.
    fn silence(&mut self, millis: usize) -> &mut World {
        self.sound(millis, 0.0, None)
    }

    /// The caller says this, a letter in 60 ms.
    fn says(&mut self, text: &str) -> &mut World {
        let letters: Vec<char> = text.chars().collect();
        self.sound(letters.len() * 60, 6000.0, Some(&letters))
    }

    /// Somebody whom the recogniser hears and the detector does not.
    fn behind(&mut self, text: &str) -> &mut World {
        let letters: Vec<char> = text.chars().collect();
        self.sound(letters.len() * 60, 40.0, Some(&letters))
    }

    /// The prompt comes back, and the recogniser writes something of it.
    fn echo(&mut self, text: &str) -> &mut World {
        let letters: Vec<char> = text.chars().collect();
        self.sent = -16.0;
        self.sound(letters.len() * 60, 400.0, Some(&letters));
        self.sent = SILENT;
        self
    }

    /// A cough: a burst of noise without a pitch.
    fn coughs(&mut self) -> &mut World {
        self.sound(300, -12_000.0, None)
    }

    fn sound(&mut self, millis: usize, amplitude: f32, letters: Option<&[char]>) -> &mut World {
        let frames = millis / 30;
        for nth in 0..frames {
            let letter = letters.and_then(|letters| letters.get(nth / 2)).filter(|_| nth % 2 == 0);
            let label = letter.and_then(|c| Label::of(*c)).unwrap_or(Label::BLANK);
            let mut values = [-7.0; LABELS];
            values[label.index()] = -0.05;
            self.late.push_back(Frame::new(values));
        }
        for _ in 0..millis / 20 {
            let mut block = [0; BLOCK];
            for (n, sample) in block.iter_mut().enumerate() {
                self.noise = self.noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let noise = self.noise as f32 / u32::MAX as f32 * 2.0 - 1.0;
                let phase = ((self.millis * 8 + n) % 67) as f32 / 67.0;
                let voice = ((-phase * 6.0).exp() - 0.16) * amplitude.max(0.0);
                *sample = (voice + noise * (20.0 - amplitude.min(0.0))) as i16;
            }
            self.now += BLOCK_TIME;
            self.millis += 20;
            self.tell(Input::Audio { heard: &block, sent: self.sent });
            // A chunk is recognised 240 ms after its end.
            let ready = self.millis.saturating_sub(240) / 300 * 10;
            if ready > self.given && !self.is_server {
                let chunk: Vec<Frame> =
                    (self.given..ready).filter_map(|_| self.late.pop_front()).collect();
                self.given = ready;
                self.tell(Input::Frames(&chunk));
            }
            while self.ear.next_timeout().is_some_and(|at| at <= self.now) {
                self.ear.handle_timeout(self.now);
                self.drain();
            }
        }
        self
    }

    fn tell(&mut self, input: Input<'_>) -> &mut World {
        self.ear.handle(self.now, input);
        self.drain();
        self
    }

    fn drain(&mut self) {
        let at = self.now.since_start().as_millis() as u64;
        while let Some(output) = self.ear.poll_output() {
            self.told.push((at, output));
        }
    }

    /// What was told, in words.
    fn told(&self) -> Vec<String> {
        self.told
            .iter()
            .map(|(_, output)| match output {
                Output::SpeechStarted => "speech".to_owned(),
                Output::StopPrompt => "stop".to_owned(),
                Output::Over(Outcome::Understood(found)) => {
                    format!("understood {}", found.choice.0)
                }
                Output::Over(Outcome::Ask(found)) => format!("ask {}", found.choice.0),
                Output::Over(Outcome::Numbers(words, _)) => {
                    format!("number {}", spoken::digits(words).unwrap_or_default())
                }
                Output::Over(Outcome::NoMatch(heard)) => format!("no match: {}", heard.text),
                Output::Over(Outcome::NoInput) => "no input".to_owned(),
                Output::Over(Outcome::Deaf) => "deaf".to_owned(),
            })
            .collect()
    }

    /// When the turn was over, in ms.
    fn over_at(&self) -> u64 {
        self.told.last().map(|(at, _)| *at).unwrap_or_default()
    }
}

#[test]
fn a_caller_answers_after_the_prompt() {
    let mut world = World::new(BargeIn::Voice);
    world.prompt_begins().silence(2400).prompt_ends().silence(600).says("врача на дом");
    let said = world.millis as u64;
    world.silence(1500);
    assert_eq!(world.told(), ["speech", "understood 1"]);
    // Of it 240 ms are the recogniser's delay, up to 300 the chunk, 120 the timeout.
    assert!(world.over_at() - said <= 660, "{} ms after the last word", world.over_at() - said);
}

#[test]
fn a_caller_talks_over_the_prompt() {
    let mut world = World::new(BargeIn::Voice);
    world.prompt_begins().silence(1500).says("оператор").prompt_ends().silence(1500);
    assert_eq!(world.told(), ["speech", "stop", "understood 6"]);
    assert!(world.told[1].0 <= 1500 + 320, "stopped within 320 ms of voice: {:?}", world.told[1]);
}

#[test]
fn a_short_word_is_heard() {
    let mut world = World::new(BargeIn::Voice);
    world.silence(600).says("да").silence(1500);
    assert_eq!(world.told(), ["speech", "understood 7"]);
}

#[test]
fn echo_and_a_cough_do_not_stop_the_prompt() {
    let mut world = World::new(BargeIn::Voice);
    world.prompt_begins().echo("здравствуйте вы позвонили").coughs().silence(900);
    assert_eq!(world.told(), Vec::<String>::new());
    // The no-input timer waits for the prompt's end, RFC 6787 §9.4.14.
    world.echo("назовите что случилось").silence(9000);
    assert_eq!(world.told(), Vec::<String>::new());
    world.prompt_ends().silence(7900);
    assert_eq!(world.told(), Vec::<String>::new());
    world.silence(200);
    assert_eq!(world.told(), ["no input"]);
}

#[test]
fn with_barge_in_off_talk_over_the_prompt_is_nothing() {
    let mut world = World::new(BargeIn::Off);
    world.prompt_begins().silence(900).says("оператор").silence(900).prompt_ends();
    world.silence(1500);
    assert_eq!(world.told(), Vec::<String>::new());
    world.says("запись").silence(1500);
    assert_eq!(world.told(), ["speech", "understood 2"]);
}

#[test]
fn with_barge_in_by_keyword_only_a_phrase_stops_the_prompt() {
    let mut world = World::new(BargeIn::Keyword);
    world.prompt_begins().silence(900).says("подожди я говорю").silence(900);
    assert_eq!(world.told(), Vec::<String>::new());
    world.says("оператор").silence(1200);
    assert_eq!(world.told(), ["speech", "stop", "understood 6"]);
}

#[test]
fn other_words_are_no_match_and_kept_for_the_operator() {
    let mut world = World::new(BargeIn::Voice);
    world.silence(600).says("у меня болит голова").silence(1500);
    assert_eq!(world.told(), ["speech", "no match: у меня болит голова"]);
}

#[test]
fn a_recogniser_that_is_late_cuts_nobody_off_whom_it_has_begun_to_hear() {
    let mut world = World::new(BargeIn::Voice);
    world.silence(600).says("врача на ");
    world.is_server = true;
    world.says("дом").silence(4000);
    assert_eq!(world.told(), ["speech"]);
    world.is_server = false;
    world.silence(600);
    assert_eq!(world.told(), ["speech", "understood 1"]);
}

#[test]
fn a_half_right_word_is_asked() {
    let mut world = World::new(BargeIn::Voice);
    world.silence(600).says("сапись").silence(1500);
    assert_eq!(world.told(), ["speech", "ask 2"]);
}

#[test]
fn people_who_talk_behind_the_caller_do_not_keep_the_turn_open() {
    let mut world = World::new(BargeIn::Voice);
    let begun = world.silence(600).millis;
    world.says("врача на дом");
    let spoken = world.millis;
    for _ in 0..8 {
        world.behind(" мы говорим о другом");
    }
    assert_eq!(world.told(), ["speech", "understood 1"]);
    let late = world.over_at() - spoken as u64;
    assert!((1100..2500).contains(&late), "{late} ms after the caller's last word");
    assert!(world.told[0].0 > begun as u64);
}

#[test]
fn who_is_too_quiet_for_the_detector_is_heard_to_the_end() {
    let mut world = World::new(BargeIn::Voice);
    // Somebody near the telephone shouts, and is silent.
    world.silence(600).sound(600, 6000.0, None).silence(4000);
    world.behind("скажите мне пожалуйста вот что я хотела бы узнать запись").silence(1500);
    assert_eq!(world.told(), ["speech", "speech", "understood 2"]);
}

#[test]
fn who_never_stops_is_cut_by_the_hard_timer() {
    let mut world = World::new(BargeIn::Voice);
    world.silence(600);
    for _ in 0..20 {
        world.says("и говорит и говорит и говорит ");
    }
    let told = world.told();
    assert!(told.len() == 2 && told[1].starts_with("no match"), "{told:?}");
    let begun = world.told[0].0;
    assert_eq!(world.over_at() - begun, 10_000);
}

#[test]
fn a_noise_without_letters_is_waited_out() {
    let mut world = World::new(BargeIn::Voice);
    // Somebody hums: a voice for the detector, and blanks for the recogniser.
    world.silence(600).sound(600, 6000.0, None).silence(2400).says("запись").silence(1500);
    assert_eq!(world.told(), ["speech", "speech", "understood 2"]);
}

#[test]
fn a_number_is_told_in_pieces() {
    let mut world = World::expecting(Expects::Numbers(Arc::default()), BargeIn::Voice);
    world.silence(600).says("сорок два").silence(480).says("ноль пять").silence(2400);
    assert_eq!(world.told(), ["speech", "number 4205"]);
}

#[test]
fn who_dictates_slowly_is_not_cut() {
    let mut world = World::expecting(Expects::Numbers(Arc::default()), BargeIn::Voice);
    world.silence(600);
    for group in [
        "восемь",
        "девятьсот двенадцать",
        "триста сорок пять",
        "шестьдесят семь",
        "восемьдесят девять",
    ] {
        world.says(group).silence(1200);
    }
    assert_eq!(world.told(), ["speech"]);
    world.silence(1200);
    assert_eq!(world.told(), ["speech", "number 89123456789"]);
    assert!(world.over_at() - world.told[0].0 > 10_000, "longer than a menu would hear");
}

#[test]
fn a_number_ends_though_the_recogniser_is_not_sure_of_the_silence() {
    let mut world = World::expecting(Expects::Numbers(Arc::default()), BargeIn::Voice);
    world.silence(600).says("сорок два").silence(900);
    let mut unsure = [-7.0; LABELS];
    unsure[Label::BLANK.index()] = -0.2;
    world.is_server = true;
    for _ in 0..4 {
        world.silence(300).tell(Input::Frames(&[Frame::new(unsure); 10]));
    }
    assert_eq!(world.told(), ["speech"]);
    world.silence(300).tell(Input::Frames(&[Frame::new(unsure); 10]));
    assert_eq!(world.told(), ["speech", "number 42"]);
}

#[test]
fn a_servers_text_is_understood() {
    let mut world = World::new(BargeIn::Voice).with_server();
    world.silence(300).partial("запи").text("Записаться, пожалуйста");
    assert_eq!(world.told(), ["speech", "understood 2"]);
}

#[test]
fn a_servers_text_of_the_echo_neither_stops_the_prompt_nor_chooses() {
    for barge_in in [BargeIn::Voice, BargeIn::Keyword, BargeIn::Off] {
        let mut world = World::new(barge_in).with_server();
        world.prompt_begins().echo("если вам нужен врач").partial("если вам нужен");
        world.partial("если вам нужен врача на дом").text("если вам нужен врача на дом");
        world.echo("или запись к врачу").coughs().text("запись");
        world.echo("или оператор").partial("или опера");
        // What it hears of the prompt's end it tells when that is over.
        world.prompt_ends().silence(400).partial("или оператор");
        world.silence(900).partial("или оператор").text("или оператор");
        assert_eq!(world.told(), Vec::<String>::new(), "{barge_in:?}");
        world.silence(800).says("запись").silence(700).text("запись");
        assert_eq!(world.told(), ["speech", "understood 2"], "{barge_in:?}");
    }
}

#[test]
fn an_echo_that_a_server_corrects_late_is_still_one() {
    let mut world = World::new(BargeIn::Voice).with_server();
    world.prompt_begins().echo("назовите что случилось").partial("назовите").prompt_ends();
    world.silence(1900).partial("назовите оператор").silence(200).partial("назовите оператор");
    assert_eq!(world.told(), Vec::<String>::new());
}

#[test]
fn a_server_hears_who_talks_over_the_prompt() {
    let mut world = World::new(BargeIn::Voice).with_server();
    world.prompt_begins().echo("если вам нужен врач").partial("если вам нужен врача");
    world.says("оператор");
    assert_eq!(world.told(), ["speech", "stop"], "by the detector");
    // The server corrects what it has told of the echo, and has the caller's word behind it.
    world.prompt_ends().partial("если вы нужен врача опера").silence(900);
    world.text("если вы нужен врача оператор");
    assert_eq!(world.told(), ["speech", "stop", "understood 6"]);
    // The same server without partial texts; it tells of an utterance long after its end.
    let mut world = World::new(BargeIn::Voice).with_server();
    world.prompt_begins().silence(1500).says("оператор").prompt_ends().silence(1700);
    world.text("оператор");
    assert_eq!(world.told(), ["speech", "stop", "understood 6"]);
}

#[test]
fn with_barge_in_by_keyword_a_servers_phrase_stops_the_prompt_if_there_was_a_voice() {
    let mut world = World::new(BargeIn::Keyword).with_server();
    world.prompt_begins().silence(900).says("подожди").silence(700).text("подожди");
    assert_eq!(world.told(), Vec::<String>::new());
    world.says("оператор").silence(1800).text("оператор");
    assert_eq!(world.told(), ["speech", "stop", "understood 6"]);
}

#[test]
fn with_barge_in_off_a_servers_text_of_talk_over_the_prompt_is_nothing() {
    let mut world = World::new(BargeIn::Off).with_server();
    world.prompt_begins().silence(900).says("оператор").partial("оператор").silence(700);
    world.text("оператор").prompt_ends().silence(1500);
    assert_eq!(world.told(), Vec::<String>::new());
    world.says("запись").silence(700).text("запись");
    assert_eq!(world.told(), ["speech", "understood 2"]);
}

#[test]
fn a_server_hears_who_is_too_quiet_for_the_detector() {
    let mut world = World::new(BargeIn::Voice).with_server();
    world.prompt_begins().silence(900).prompt_ends().silence(700).partial("опе");
    world.silence(200).partial("оператор").silence(600).text("оператор");
    assert_eq!(world.told(), ["speech", "understood 6"], "a line without echo");
}

#[test]
fn with_a_server_a_number_is_told_in_pieces() {
    let mut world =
        World::expecting(Expects::Numbers(Arc::default()), BargeIn::Voice).with_server();
    world.silence(600).says("восемь девятьсот двенадцать").silence(700);
    world.text("восемь девятьсот двенадцать").silence(500);
    world.says("триста сорок пять").partial("триста").silence(1200).text("триста сорок пять");
    assert_eq!(world.told(), ["speech"]);
    // One whose text comes so late that the next piece is said already.
    world.says("шестьдесят семь").silence(900).says("во").text("шестьдесят семь");
    world.says("семьдесят девять").silence(1400).text("восемьдесят девять");
    assert_eq!(world.told(), ["speech"]);
    let said = world.over_at();
    world.silence(600);
    assert_eq!(world.told(), ["speech", "number 89123456789"]);
    assert!(world.over_at() > said);
}

#[test]
fn with_a_server_a_quiet_callers_number_is_waited_for() {
    let mut world =
        World::expecting(Expects::Numbers(Arc::default()), BargeIn::Voice).with_server();
    world.silence(600).text("сорок два").silence(1400).partial("ноль").silence(1900);
    world.partial("ноль пять").silence(1900);
    assert_eq!(world.told(), ["speech"]);
    // No end of it was told: the clock tells.
    world.silence(200);
    assert_eq!(world.told(), ["speech", "number 4205"]);
}

#[test]
fn with_a_server_a_caller_who_grows_quiet_is_waited_for() {
    let mut world =
        World::expecting(Expects::Numbers(Arc::default()), BargeIn::Voice).with_server();
    world.silence(600).says("восемь").silence(700).text("восемь");
    world.silence(700).partial("сорок").silence(900).text("сорок два");
    world.silence(1400).text("ноль пять");
    assert_eq!(world.told(), ["speech"]);
    world.silence(1600);
    assert_eq!(world.told(), ["speech", "number 84205"]);
}

#[test]
fn a_server_that_never_ends_to_tell_is_not_heard_for_ever() {
    let mut world =
        World::expecting(Expects::Numbers(Arc::default()), BargeIn::Voice).with_server();
    let long = "пять ".repeat(text::TEXT_MAX / 10);
    world.text(&long).text(&long);
    assert_eq!(world.told(), ["speech"], "a letter less than is looked at");
    world.text("да");
    assert_eq!(world.told().len(), 2);
}

#[test]
fn with_a_server_a_noise_without_words_is_waited_out() {
    let mut world = World::new(BargeIn::Voice).with_server();
    world.silence(600).sound(600, 6000.0, None).silence(2400);
    world.says("запись").silence(900).text("запись");
    assert_eq!(world.told(), ["speech", "speech", "understood 2"]);
    // And nobody who is silent after it has said anything wrong.
    let mut world = World::new(BargeIn::Voice).with_server();
    world.silence(600).sound(600, 6000.0, None).silence(10_300);
    assert_eq!(world.told(), ["speech", "no input"]);
}

#[test]
fn who_hums_for_as_long_as_is_listened_says_nothing() {
    for world in [World::new(BargeIn::Voice), World::new(BargeIn::Voice).with_server()] {
        let mut world = world;
        world.silence(600).sound(12_000, 6000.0, None);
        assert_eq!(world.told(), ["speech", "no input"]);
        assert_eq!(world.over_at() - world.told[0].0, 10_000);
    }
}

#[test]
fn a_turn_that_is_over_says_nothing_more() {
    let mut world = World::new(BargeIn::Voice);
    world.silence(600).says("запись").silence(1500).says("оператор").silence(12_000);
    assert_eq!(world.told(), ["speech", "understood 2"]);
    assert_eq!(world.ear.next_timeout(), None);
}
