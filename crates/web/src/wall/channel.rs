//! What all viewers of the wall are told: a picture, then patches; written once for all of them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use tokio::sync::broadcast;

use super::patch::patch;

/// Patches that are kept for those who come again: at one a second, two minutes.
const KEPT_MAX: usize = 120;
/// Patches that a slow viewer may be behind before it gets the whole picture instead.
const BEHIND_MAX: usize = 32;

/// Something that viewers are told.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    /// Names it: who comes again shows the last one.
    pub(crate) id: FrameId,
    /// JSON: `now` with `full` or `patch`.
    pub(crate) data: Arc<str>,
}

/// Of one run of the channel, and the place in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FrameId {
    run: u64,
    place: u64,
}

impl std::fmt::Display for FrameId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:x}-{}", self.run, self.place)
    }
}

impl std::str::FromStr for FrameId {
    type Err = std::num::ParseIntError;
    fn from_str(text: &str) -> Result<FrameId, Self::Err> {
        let (run, place) = text.split_once('-').unwrap_or((text, ""));
        Ok(FrameId { run: u64::from_str_radix(run, 16)?, place: place.parse()? })
    }
}

/// The channel.
#[derive(Debug)]
pub(crate) struct Channel {
    shared: Mutex<Shared>,
    sender: broadcast::Sender<Frame>,
}

#[derive(Debug)]
struct Shared {
    last: FrameId,
    /// When the picture was true, in milliseconds since the line's start.
    now: u64,
    /// The last picture; none before the first one.
    picture: Option<Value>,
    patches: VecDeque<Frame>,
    /// Somebody draws pictures.
    drawn: bool,
}

/// A viewer's end.
pub(crate) struct Viewer {
    /// What it is told first: nothing, what it has missed, or the whole picture.
    pub(crate) first: Vec<Frame>,
    /// What it is told then.
    pub(crate) next: broadcast::Receiver<Frame>,
    /// Nobody draws pictures: who asked must begin to.
    pub(crate) must_draw: bool,
}

impl Channel {
    /// A channel without a picture. `run` tells it from those of other times.
    pub(crate) fn new(run: u64) -> Channel {
        let last = FrameId { run, place: 0 };
        let shared = Shared { last, now: 0, picture: None, patches: VecDeque::new(), drawn: false };
        Channel { shared: Mutex::new(shared), sender: broadcast::channel(BEHIND_MAX).0 }
    }

    /// Tells the picture as it is now; nothing if it is the same.
    pub(crate) fn tell(&self, now: u64, picture: Value) {
        // Sent under the lock: whoever comes to see has either the picture before and this patch, or
        // the picture after.
        let mut shared = self.shared();
        let (key, value) = match &shared.picture {
            None => ("full", Some(picture.clone())),
            Some(before) => ("patch", patch(before, &picture)),
        };
        shared.now = now;
        let Some(value) = value else { return };
        shared.picture = Some(picture);
        shared.last.place += 1;
        let frame =
            Frame { id: shared.last, data: json!({ "now": now, key: value }).to_string().into() };
        if key == "patch" {
            if shared.patches.len() == KEPT_MAX {
                shared.patches.pop_front();
            }
            shared.patches.push_back(frame.clone());
        }
        // Nobody may be there.
        let _ = self.sender.send(frame);
    }

    /// Somebody comes to see who was told `last`, if anything.
    pub(crate) fn view(&self, last: Option<FrameId>) -> Viewer {
        let mut shared = self.shared();
        let must_draw = !std::mem::replace(&mut shared.drawn, true);
        let first = match last.and_then(|last| shared.missed(last)) {
            Some(missed) => missed,
            None => shared.whole().into_iter().collect(),
        };
        Viewer { first, next: self.sender.subscribe(), must_draw }
    }

    /// Whether anybody sees.
    pub(crate) fn is_seen(&self) -> bool {
        self.sender.receiver_count() > 0
    }

    /// Nobody draws any more, unless somebody sees after all; says whether it is so. The next picture is
    /// told whole.
    pub(crate) fn rest(&self) -> bool {
        let mut shared = self.shared();
        if self.is_seen() {
            return false;
        }
        shared.drawn = false;
        shared.picture = None;
        shared.patches.clear();
        true
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    /// What came after a frame, if all of it is at hand.
    fn missed(&self, last: FrameId) -> Option<Vec<Frame>> {
        if last.run != self.last.run || last.place > self.last.place || self.picture.is_none() {
            return None;
        }
        let behind = usize::try_from(self.last.place - last.place).ok()?;
        let first = self.patches.len().checked_sub(behind)?;
        Some(self.patches.range(first..).cloned().collect())
    }

    fn whole(&self) -> Option<Frame> {
        let picture = self.picture.as_ref()?;
        let data = json!({ "now": self.now, "full": picture }).to_string().into();
        Some(Frame { id: self.last, data })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wall::patch::tests::apply;

    fn told(frame: &Frame, shown: &mut Value) {
        let event: Value = serde_json::from_str(&frame.data).unwrap();
        match (&event["full"], &event["patch"]) {
            (Value::Null, patch) => apply(shown, patch),
            (full, _) => *shown = full.clone(),
        }
    }

    fn see(viewer: &mut Viewer, shown: &mut Value, last: &mut Option<FrameId>) {
        let mut frames = std::mem::take(&mut viewer.first);
        frames.extend(std::iter::from_fn(|| viewer.next.try_recv().ok()));
        for frame in frames {
            told(&frame, shown);
            *last = Some(frame.id);
        }
    }

    proptest! {
        /// Whoever looks at whatever time, and is away for whatever time, sees the picture as it is.
        #[test]
        fn whoever_comes_and_comes_again_sees_the_picture(
            pictures in prop::collection::vec(prop::collection::btree_map("[a-d]", 0..3_u32, 0..4), 1..200),
            comes in 0..50_usize,
            leaves in 0..100_usize,
            away in 0..180_usize,
        ) {
            let channel = Channel::new(1);
            let (mut viewer, mut shown, mut last) = (None, Value::Null, None);
            for (n, picture) in pictures.iter().enumerate() {
                if n == comes || n == comes + leaves + away {
                    viewer = Some(channel.view(last));
                }
                if n == comes + leaves {
                    viewer = None;
                }
                let picture = json!(picture);
                channel.tell(n as u64, picture.clone());
                if let Some(viewer) = &mut viewer {
                    see(viewer, &mut shown, &mut last);
                    prop_assert_eq!(&shown, &picture);
                }
            }
        }
    }

    #[test]
    fn who_comes_again_hears_what_was_missed_and_no_more() {
        let channel = Channel::new(7);
        assert!(channel.view(None).must_draw, "the first to come");
        channel.tell(1, json!({ "a": 1 }));
        let first = channel.view(None).first.remove(0);
        assert_eq!(&*first.data, r#"{"full":{"a":1},"now":1}"#);
        channel.tell(2, json!({ "a": 1 }));
        channel.tell(3, json!({ "a": 2 }));
        let again = channel.view(Some(first.id));
        assert!(!again.must_draw);
        let data: Vec<_> = again.first.iter().map(|frame| &*frame.data).collect();
        assert_eq!(data, [r#"{"now":3,"patch":{"a":2}}"#], "nothing changed at 2");
        let up_to_date = channel.view(Some(again.first[0].id));
        assert!(up_to_date.first.is_empty());
        for strange in ["7-99", "8-1", "", "x-1", "7-"] {
            let viewer = channel.view(strange.parse().ok());
            assert!(viewer.first[0].data.starts_with(r#"{"full""#), "{strange}");
        }
        assert_eq!(first.id.to_string().parse(), Ok(first.id));
    }

    #[test]
    fn who_was_away_too_long_sees_the_whole_picture() {
        let channel = Channel::new(1);
        for n in 0..=KEPT_MAX {
            channel.tell(0, json!({ "n": n }));
        }
        let missed = |place| channel.view(Some(FrameId { run: 1, place })).first;
        assert_eq!(missed(1).len(), KEPT_MAX);
        channel.tell(0, json!({ "n": "more" }));
        assert_eq!(missed(1).len(), 1);
        assert!(missed(1)[0].data.contains("full"));
    }

    #[test]
    fn nothing_is_kept_when_nobody_sees() {
        let channel = Channel::new(1);
        let viewer = channel.view(None);
        channel.tell(0, json!({ "n": 1 }));
        assert!(!channel.rest(), "somebody sees");
        drop(viewer);
        assert!(channel.rest());
        let again = channel.view(Some(FrameId { run: 1, place: 1 }));
        assert!(again.must_draw && again.first.is_empty());
        channel.tell(0, json!({ "n": 1 }));
        assert!(again.next.len() == 1);
    }
}
