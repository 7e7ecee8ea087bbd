//! The streams of an engine, by slot and by id.

use std::collections::HashMap;

use crate::StreamId;
use crate::stream::Stream;

/// Streams of one engine; what is opened beyond is refused. A core is to play to 3 000 and can
/// send to about 8 000.
pub const STREAMS_MAX: usize = 10_000;

/// A slab of streams: slots are small numbers that the wheel and bridges keep.
#[derive(Debug, Default)]
pub(crate) struct Streams {
    slots: Vec<Option<Box<Stream>>>,
    free: Vec<u32>,
    /// Only looked up, for every packet.
    index: HashMap<StreamId, u32>,
}

impl Streams {
    /// Adds a stream; `None` at the ceiling or if there is one of that id.
    pub(crate) fn insert(&mut self, stream: Stream) -> Option<u32> {
        if self.index.len() >= STREAMS_MAX || self.index.contains_key(&stream.id) {
            return None;
        }
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            (self.slots.len() - 1) as u32
        });
        self.index.insert(stream.id, slot);
        self.slots[slot as usize] = Some(Box::new(stream));
        Some(slot)
    }

    /// Takes a stream out.
    pub(crate) fn remove(&mut self, slot: u32) -> Option<Box<Stream>> {
        let stream = self.slots.get_mut(slot as usize)?.take()?;
        self.index.remove(&stream.id);
        self.free.push(slot);
        Some(stream)
    }

    /// The slot of a stream.
    pub(crate) fn slot(&self, id: StreamId) -> Option<u32> {
        self.index.get(&id).copied()
    }

    /// The stream in a slot.
    pub(crate) fn get(&mut self, slot: u32) -> Option<&mut Stream> {
        self.slots.get_mut(slot as usize)?.as_deref_mut()
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.index.len()
    }
}
