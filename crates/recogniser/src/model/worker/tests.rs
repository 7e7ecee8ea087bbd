use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use speech::{CHUNK_FRAMES, Frame, Label};

use super::*;
use crate::health::Health;

/// A model that says the letter whose number the first sample is, and counts chunks in its state. It waits
/// while the gate is held.
#[derive(Default)]
struct Parrot {
    gate: Mutex<()>,
    batches: Mutex<Vec<usize>>,
    fails: bool,
}

impl Engine for Parrot {
    fn run(&self, batch: &mut [Turn<'_>]) -> Result<(), String> {
        drop(self.gate.lock().unwrap());
        self.batches.lock().unwrap().push(batch.len());
        if self.fails {
            return Err("as asked".to_owned());
        }
        for turn in batch {
            turn.state[0] += 1.0;
            let letter = Label::from_index(usize::try_from(turn.chunk[0]).unwrap()).unwrap();
            turn.frames.extend([Frame::certain(letter); CHUNK_FRAMES]);
        }
        Ok(())
    }
}

struct World {
    parrot: Arc<Parrot>,
    worker: Worker,
    pulse: Arc<Pulse>,
    open: Arc<AtomicUsize>,
}

impl World {
    fn new(fails: bool) -> World {
        let parrot = Arc::new(Parrot { fails, ..Parrot::default() });
        let (pulse, open) = (Arc::<Pulse>::default(), Arc::default());
        let engine: Arc<dyn Engine> = Arc::clone(&parrot) as _;
        let worker = Worker::start(0, engine, vec![0.0], Arc::clone(&pulse)).unwrap();
        World { parrot, worker, pulse, open }
    }

    fn open(&self, id: usize) -> (ModelStream, Receiver<Heard>) {
        let (tell, heard) = channel();
        let place = Place::take(&self.open, 100).unwrap();
        let sink: Sink = Box::new(move |what| drop(tell.send(what)));
        (self.worker.open(id, sink, place).unwrap(), heard)
    }
}

fn next(heard: &Receiver<Heard>) -> Heard {
    heard.recv_timeout(Duration::from_secs(20)).expect("something is heard")
}

fn letter(heard: &Receiver<Heard>) -> char {
    match next(heard) {
        Heard::Frames(frames) => {
            assert_eq!(frames.len(), CHUNK_FRAMES);
            frames[0].best().letter().unwrap()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_stream_is_heard_by_chunks_and_to_its_end() {
    let world = World::new(false);
    let (mut stream, heard) = world.open(1);
    // 20 ms at a time, as packets come; the last chunk is not full.
    for n in 0..CHUNK_SAMPLES * 5 / 2 / 160 {
        stream.hear(&[if n < 15 { 1 } else { 2 }; 160]);
    }
    stream.finish();
    let letters = [letter(&heard), letter(&heard), letter(&heard), letter(&heard)];
    assert_eq!(letters, ['б', 'в', 'в', 'а'], "and the silence behind it");
    assert_eq!(next(&heard), Heard::Finished);
    assert_eq!(world.pulse.health(), Health::Well);
}

#[test]
fn chunks_of_many_streams_are_one_batch_and_stay_apart() {
    let world = World::new(false);
    let gate = world.parrot.gate.lock().unwrap();
    let mut streams: Vec<_> = (0..12).map(|id| world.open(id)).collect();
    for (nth, (stream, _)) in streams.iter_mut().enumerate() {
        stream.hear(&[nth as i16; CHUNK_SAMPLES]);
    }
    drop(gate);
    for (nth, (_, heard)) in streams.iter().enumerate() {
        assert_eq!(Some(letter(heard)), Label::from_index(nth).unwrap().letter().map(plain));
    }
    let batches = world.parrot.batches.lock().unwrap();
    assert_eq!(batches.iter().sum::<usize>(), 12);
    assert!(batches.len() <= 4 && batches.iter().all(|size| *size <= BATCH_MAX), "{batches:?}");
}

/// «ё» is heard as «е».
fn plain(letter: char) -> char {
    if letter == 'ё' { 'е' } else { letter }
}

#[test]
fn who_is_not_served_in_time_loses_the_stream_and_others_do_not() {
    let world = World::new(false);
    let gate = world.parrot.gate.lock().unwrap();
    let ((mut greedy, lost), (mut modest, heard)) = (world.open(1), world.open(2));
    // One chunk may be with the model already.
    for _ in 0..CHUNKS_MAX + 2 {
        greedy.hear(&[1; CHUNK_SAMPLES]);
    }
    modest.hear(&[2; CHUNK_SAMPLES]);
    drop(gate);
    while let Heard::Frames(_) = next(&lost) {}
    assert!(lost.recv_timeout(Duration::from_millis(100)).is_err(), "nothing comes after it");
    assert_eq!(letter(&heard), 'в');
}

#[test]
fn a_stream_at_its_ceiling_is_heard() {
    let world = World::new(false);
    let gate = world.parrot.gate.lock().unwrap();
    let (mut stream, heard) = world.open(1);
    (0..CHUNKS_MAX).for_each(|_| stream.hear(&[1; CHUNK_SAMPLES]));
    drop(gate);
    (0..CHUNKS_MAX).for_each(|_| assert_eq!(letter(&heard), 'б'));
}

#[test]
fn a_model_that_fails_loses_its_streams() {
    let world = World::new(true);
    let (mut stream, heard) = world.open(1);
    stream.hear(&[1; CHUNK_SAMPLES]);
    assert_eq!(next(&heard), Heard::Lost);
}

#[test]
fn a_place_is_given_back() {
    let world = World::new(false);
    let (stream, _heard) = world.open(1);
    assert_eq!(world.open.load(Ordering::Relaxed), 1);
    drop(stream);
    assert_eq!(world.open.load(Ordering::Relaxed), 0);
}
