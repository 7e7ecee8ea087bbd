//! What callers get of the thread that listens, whatever becomes of the recogniser.

use std::sync::Mutex;

use ambient::{Entropy, Wall};
use speech::ear::{Expects, Timeouts};
use speech::{BargeIn, Grammar, Output, Thresholds};

use super::*;
use crate::mail::{Mailbox, mailbox};
use crate::poll::Poller;

/// Nothing takes longer.
const PATIENCE: Duration = Duration::from_secs(20);
/// What comes at all comes sooner.
const MOMENT: Duration = Duration::from_millis(300);

/// A recogniser that does what a test says.
struct Scripted {
    health: Mutex<Health>,
    has_room: AtomicBool,
    /// Held by who wants it to hang.
    hangs: Arc<Mutex<()>>,
    /// Blocks that its streams were given.
    given: Arc<AtomicUsize>,
    opened: Sender<recogniser::Sink>,
}

struct ScriptedStream {
    hangs: Arc<Mutex<()>>,
    given: Arc<AtomicUsize>,
}

impl Recogniser for Scripted {
    fn open(&self, sink: recogniser::Sink) -> Result<Box<dyn Stream>, recogniser::NoRoom> {
        if !self.has_room.load(Ordering::SeqCst) {
            return Err(recogniser::NoRoom);
        }
        self.opened.send(sink).unwrap();
        Ok(Box::new(ScriptedStream { hangs: self.hangs.clone(), given: self.given.clone() }))
    }

    fn health(&self) -> Health {
        *self.health.lock().unwrap()
    }
}

impl Stream for ScriptedStream {
    fn hear(&mut self, samples: &[i16]) {
        let _waits = self.hangs.lock().unwrap();
        self.given.fetch_add(samples.len() / 160, Ordering::SeqCst);
    }

    fn finish(&mut self) {}
}

fn call(turn: u64) -> CallId {
    CallId::new(Wall::from_unix_millis(0), &mut Entropy::from_number(turn))
}

/// The thread between a scripted recogniser and the signalling thread.
struct World {
    recogniser: Arc<Scripted>,
    ears: Ears,
    mailbox: Mailbox<()>,
    opened: Receiver<recogniser::Sink>,
    _poller: Poller,
}

impl World {
    fn new() -> World {
        let (opened_sender, opened) = channel();
        let recogniser = Arc::new(Scripted {
            health: Mutex::new(Health::Well),
            has_room: AtomicBool::new(true),
            hangs: Arc::default(),
            given: Arc::default(),
            opened: opened_sender,
        });
        let poller = Poller::new().unwrap();
        let (outside, _events, mailbox) = mailbox::<()>(poller.bell());
        let ears = Ears::start(recogniser.clone(), Clock::start(), outside.inputs()).unwrap();
        World { recogniser, ears, mailbox, opened, _poller: poller }
    }

    fn is(&self, health: Health) {
        *self.recogniser.health.lock().unwrap() = health;
    }

    /// A turn of the call and the stream of the same number begins.
    fn begins(&self, turn: u64) {
        self.begins_on(turn, turn);
    }

    fn begins_on(&self, turn: u64, stream: u64) {
        let expects = Expects::Phrases(Arc::new(Grammar::yes_no()));
        let timeouts = Timeouts { no_input: Duration::from_secs(60), ..Timeouts::of(&expects) };
        let thresholds = Thresholds::default();
        let terms = speech::Turn { expects, thresholds, timeouts, barge_in: BargeIn::Voice };
        let (call, stream) = (call(turn), StreamId(stream));
        self.ears.tell(Listening::Begin { turn: TurnId(turn), call, stream, terms });
    }

    /// The recogniser hears another caller: what it says of him goes into this.
    fn is_heard(&self) -> recogniser::Sink {
        self.opened.recv_timeout(PATIENCE).expect("nobody is heard")
    }

    /// What is told of which turn.
    fn told(&self) -> (u64, Output) {
        match self.mailbox.inputs.recv_timeout(PATIENCE).expect("nothing is told") {
            Input::Speech { call: of, turn, what } => {
                assert_eq!(of, call(turn.0));
                (turn.0, what)
            }
            other => panic!("{other:?}"),
        }
    }

    /// A turn's caller has keys alone.
    fn is_deaf(&self, turn: u64) {
        assert_eq!(self.told(), (turn, Output::Over(Outcome::Deaf)));
    }

    /// A turn's caller is understood, when the recogniser says so.
    fn is_understood(&self, turn: u64, mut says: recogniser::Sink) {
        says(Heard::Text("да".to_owned()));
        assert_eq!(self.told(), (turn, Output::SpeechStarted));
        let told = self.told();
        assert!(
            matches!(told, (of, Output::Over(Outcome::Understood(_))) if of == turn),
            "{told:?}"
        );
    }

    fn is_silent(&self) {
        let told = self.mailbox.inputs.recv_timeout(MOMENT);
        assert!(told.is_err(), "{told:?}");
    }

    fn sound(&self, stream: u64) {
        self.ears.hear(StreamId(stream), Box::new([0; 160]), speech::voice::SILENT);
    }

    /// Waits until the thread has taken all sound that waited.
    fn sound_is_taken(&self) {
        let load = &self.ears.0.load;
        for _ in 0..2000 {
            if load.blocks.load(Ordering::SeqCst) == 0 {
                return;
            }
            std::thread::park_timeout(Duration::from_millis(10));
        }
        panic!("{} blocks wait", load.blocks.load(Ordering::SeqCst));
    }
}

#[test]
fn each_caller_is_heard_and_told_of_alone() {
    let world = World::new();
    world.begins(1);
    let one = world.is_heard();
    world.begins(2);
    let two = world.is_heard();
    world.sound(1);
    world.sound(3);
    world.is_understood(2, two);
    world.is_understood(1, one);
    assert_eq!(world.recogniser.given.load(Ordering::SeqCst), 1, "nobody listens to stream 3");
}

#[test]
fn a_recogniser_that_is_late_or_gone_is_tried_by_one_caller_at_a_time() {
    for health in [Health::Late(Duration::from_secs(1)), Health::Gone] {
        let world = World::new();
        world.is(health);
        world.begins(1);
        let one = world.is_heard();
        world.begins(2);
        world.is_deaf(2);
        world.begins(3);
        world.is_deaf(3);
        assert!(world.opened.try_recv().is_err(), "they are not heard at all");
        world.is_understood(1, one);
        world.begins(4);
        let four = world.is_heard();
        world.is(Health::Well);
        world.begins(5);
        let five = world.is_heard();
        world.is_understood(5, five);
        world.is_understood(4, four);
    }
}

#[test]
fn for_whom_there_is_no_room_has_keys_and_the_others_are_heard() {
    let world = World::new();
    world.begins(1);
    let one = world.is_heard();
    world.recogniser.has_room.store(false, Ordering::SeqCst);
    world.begins(2);
    world.is_deaf(2);
    world.is_understood(1, one);
    world.recogniser.has_room.store(true, Ordering::SeqCst);
    world.begins(3);
    let three = world.is_heard();
    world.is_understood(3, three);
}

#[test]
fn who_is_lost_has_keys_and_the_others_are_heard() {
    let world = World::new();
    world.begins(1);
    let mut one = world.is_heard();
    world.begins(2);
    let two = world.is_heard();
    one(Heard::Lost);
    world.is_deaf(1);
    one(Heard::Text("да".to_owned()));
    one(Heard::Lost);
    world.is_silent();
    world.is_understood(2, two);
}

#[test]
fn when_sound_is_thrown_away_all_have_keys_and_the_next_are_heard_again() {
    let world = World::new();
    world.begins(1);
    let one = world.is_heard();
    world.begins(2);
    let _two = world.is_heard();
    let hangs = world.recogniser.hangs.lock().unwrap();
    world.sound(1);
    world.sound_is_taken();
    (0..BLOCKS_MAX).for_each(|_| world.sound(1));
    let is_lost = || world.ears.0.load.is_lost.load(Ordering::SeqCst);
    assert!(!is_lost(), "there is room for so many");
    world.sound(2);
    assert!(is_lost(), "and not for one more");
    drop(hangs);
    world.is_deaf(1);
    world.is_deaf(2);
    drop(one);
    world.sound_is_taken();
    world.begins(3);
    let three = world.is_heard();
    world.sound(3);
    world.is_understood(3, three);
    assert!(!is_lost());
}

#[test]
fn a_turn_that_nobody_wants_any_more_says_nothing() {
    let world = World::new();
    world.begins(1);
    let mut one = world.is_heard();
    world.ears.tell(Listening::End(TurnId(1)));
    one(Heard::Text("да".to_owned()));
    world.is_silent();
    // Nor does one after which another began on the same stream.
    world.begins_on(2, 7);
    let mut two = world.is_heard();
    world.begins_on(3, 7);
    let three = world.is_heard();
    two(Heard::Text("да".to_owned()));
    two(Heard::Lost);
    world.is_silent();
    world.is_understood(3, three);
}
