//! Queues.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::{Context, entries, seconds};
use crate::plan::{Closed, Overflow};
use crate::read::{Field, Name};
use crate::source::{At, Spot};
use crate::tables::{ClosedTable, OverflowTable, QueueDefaults, QueueTable, ServeTable};
use crate::{DaysCounted, Queue, QueueId, Tier};

const RING_FOR: Duration = seconds(15);
const RING_FOR_LIMITS: (Duration, Duration) = (seconds(5), seconds(120));
const WRAP_UP: Duration = seconds(30);
const WRAP_UP_LIMITS: (Duration, Duration) = (seconds(0), seconds(3600));
/// Announcements closer together annoy more than they tell.
const ANNOUNCE_LIMITS: (Duration, Duration) = (seconds(15), seconds(3600));
const HEAD_START_LIMITS: (Duration, Duration) = (seconds(0), seconds(86_400));
const ANSWER_LIMITS: (Duration, Duration) = (seconds(60), seconds(90 * 86_400));
const URGENT_WITHIN: Duration = seconds(3 * 3600);
const AFTER_LIMITS: (Duration, Duration) = (seconds(0), seconds(86_400));
/// Bytes of a script.
const SCRIPT_MAX: usize = 32 * 1024;
const WAITING_MAX: usize = 1000;
/// The ceiling of `waiting_max`.
const WAITING_CEILING: usize = 100_000;
/// The most groups that may serve one queue.
const TIERS_MAX: usize = 32;

impl Context<'_> {
    /// All queues.
    pub(super) fn queues(&mut self) -> BTreeMap<QueueId, Queue> {
        let defaults = self.root.queue_defaults.or_empty();
        self.queue_defaults(defaults);
        let mut queues = BTreeMap::new();
        for (name, spot, table) in entries(&self.root.queues) {
            let id = QueueId::from(&**name);
            if let Some(queue) = self.queue(id.clone(), spot, table, defaults) {
                queues.insert(id, queue);
            }
        }
        queues
    }

    /// Defaults are checked even if every queue says it itself.
    fn queue_defaults(&mut self, defaults: &QueueDefaults) {
        if let Some(name) = defaults.music.given() {
            self.prompt(name);
        }
        let owner = |spot| (spot, "[queue_defaults]");
        if let Some(written) = defaults.serve.given() {
            self.tiers(&defaults.serve, owner(written.spot));
        }
        if let Some(written) = defaults.overflow.given() {
            self.overflow(&defaults.overflow, owner(written.spot));
        }
        if let Some(written) = defaults.closed.given() {
            self.closed(written);
        }
        self.duration_if_given(&defaults.answer_within, ANSWER_LIMITS);
        self.escalate(&defaults.escalate);
        self.call_back(&defaults.call_back);
    }

    fn queue(
        &mut self,
        id: QueueId,
        spot: Spot,
        table: &QueueTable,
        defaults: &QueueDefaults,
    ) -> Option<Queue> {
        let what = format!("queue \"{id}\"");
        let owner = (spot, what.as_str());
        let topic = table.topic.need("topic", "\"Вызов врача на дом\"", owner, self.findings);
        let serve = self.tiers(table.serve.or(&defaults.serve), owner);
        let music = table.music.or(&defaults.music);
        let music = music.need("music", "\"music/calm\"", owner, self.findings);
        let music = music.and_then(|name| self.prompt(name));
        let overflow = self.overflow(table.overflow.or(&defaults.overflow), owner);
        let closed = match table.closed.or(&defaults.closed) {
            Field::Given(written) => self.closed(written),
            Field::Bad => None,
            Field::Absent => {
                overflow.as_ref().map(|o| Closed { say: o.say.clone(), to: o.to.clone() })
            }
        };
        let head_start = self.duration(&table.head_start, Duration::ZERO, HEAD_START_LIMITS);
        let announce_every = table.announce_every.or(&defaults.announce_every);
        let waiting_max = self.count(
            table.waiting_max.or(&defaults.waiting_max),
            WAITING_MAX,
            (1, WAITING_CEILING),
        );
        Some(Queue {
            head_start,
            ring_for: self.duration(
                table.ring_for.or(&defaults.ring_for),
                RING_FOR,
                RING_FOR_LIMITS,
            ),
            wrap_up: self.duration(table.wrap_up.or(&defaults.wrap_up), WRAP_UP, WRAP_UP_LIMITS),
            announce_every: self.duration_if_given(announce_every, ANNOUNCE_LIMITS),
            answer_within: self
                .duration_if_given(table.answer_within.or(&defaults.answer_within), ANSWER_LIMITS),
            days: match table.working_days.or(&defaults.working_days).value() {
                Some(true) => DaysCounted::Working,
                Some(false) | None => DaysCounted::Every,
            },
            urgent: table.urgent.value().is_some_and(|urgent| *urgent),
            urgent_within: self.duration(&table.urgent_within, URGENT_WITHIN, ANSWER_LIMITS),
            script: table.script.given().and_then(|name| self.script(name)),
            notify: self.notify(&table.notify),
            escalate: self.escalate(table.escalate.or(&defaults.escalate)),
            call_back: self.call_back(table.call_back.or(&defaults.call_back)),
            recording: self.recording(&id, table),
            keep_records: self.keep_records(table),
            wall: self.queue_thresholds(&table.wall),
            waiting_max,
            topic: topic?.value.0.clone(),
            serve: serve?,
            music: music?,
            overflow: overflow?,
            closed: closed?,
            id,
        })
    }

    /// The text of a script.
    fn script(&mut self, written: &At<Name>) -> Option<Arc<str>> {
        let text = self.scripts.get(&*written.value.0).copied();
        let Some(text) = text else {
            let name = written.value.0.escape_debug();
            self.findings
                .error(written.spot, format!("no file \"{name}\" beside the dialplan"))
                .suggest(&written.value.0, self.scripts.keys().copied())
                .or_remedy("name a Markdown file in the dialplan's folder, such as \"doctor.md\"");
            return None;
        };
        if text.len() > SCRIPT_MAX {
            self.findings
                .error(written.spot, format!("the script is longer than {SCRIPT_MAX} bytes"))
                .remedy("agents read it while they talk: keep what they need then");
        }
        Some(text.into())
    }

    fn tiers(
        &mut self,
        written: &Field<Vec<At<ServeTable>>>,
        owner: (Spot, &str),
    ) -> Option<Vec<Tier>> {
        let written = written.need("serve", "[{ group = \"operators\" }]", owner, self.findings)?;
        let wrong = match written.value.len() {
            0 => Some(format!("nobody serves {}", owner.1)),
            1..=TIERS_MAX => None,
            _ => Some(format!("more than {TIERS_MAX} groups serve {}", owner.1)),
        };
        if let Some(wrong) = wrong {
            self.findings
                .error(written.spot, wrong)
                .remedy(format!("name one to {TIERS_MAX} groups"));
        }
        Some(written.value.iter().filter_map(|tier| self.tier(tier)).collect())
    }

    fn tier(&mut self, At { spot, value }: &At<ServeTable>) -> Option<Tier> {
        let owner = (*spot, "an entry of `serve`");
        let group = value.group.need("group", "\"operators\"", owner, self.findings)?;
        if !self.known("group", group.spot, &group.value.0, &self.root.groups) {
            return None;
        }
        let when = self.schedule_if_known(&value.when);
        Some(Tier {
            group: group.value.0.as_ref().into(),
            when,
            after: self.duration(&value.after, Duration::ZERO, AFTER_LIMITS),
        })
    }

    fn overflow(
        &mut self,
        written: &Field<OverflowTable>,
        owner: (Spot, &str),
    ) -> Option<Overflow> {
        let At { spot, value } = written.need(
            "overflow",
            "{ after = \"10m\", to = \"hangup\" }",
            owner,
            self.findings,
        )?;
        let to = value.to.need("to", "\"hangup\"", (*spot, "`overflow`"), self.findings);
        let to = to.and_then(|target| self.target_of_queue(target));
        let say = value.say.given().and_then(|name| self.prompt(name));
        let after = self.duration_if_given(&value.after, AFTER_LIMITS);
        Some(Overflow { after, say, to: to? })
    }

    fn closed(&mut self, At { spot, value }: &At<ClosedTable>) -> Option<Closed> {
        let to = value.to.need("to", "\"hangup\"", (*spot, "`closed`"), self.findings);
        let to = to.and_then(|target| self.target_of_queue(target));
        let say = value.say.given().and_then(|name| self.prompt(name));
        Some(Closed { say, to: to? })
    }
}
