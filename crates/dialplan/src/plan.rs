//! The compiled dialplan.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use ambient::Wall;
use serde::{Deserialize, Serialize};

use crate::{
    AgentId, Calendar, CallBackRule, CallersId, ClinicId, DaysCounted, Escalation, GroupId,
    MayCall, MenuId, Network, Number, Numbering, Organisation, OrganisationId, Outside, OutsideId,
    Places, Privacy, Prompt, PromptName, QueueId, Recording, RetiredId, Schedule, ScheduleId,
    Secret, SiteId, TrunkId,
};

/// A dialplan with every reference checked: looking up a name that it holds never fails.
#[derive(Clone, Debug)]
pub struct Dialplan {
    /// A short hash of the files, named in each call's record.
    pub version: Arc<str>,
    /// Where everything was written.
    pub places: Places,
    /// The region.
    pub region: Region,
    /// The line itself.
    pub service: Service,
    /// What each number leads to; numbers in normal form.
    pub numbers: HashMap<Number, Destination>,
    /// Callers whose calls to the line begin somewhere else.
    pub callers: BTreeMap<CallersId, Callers>,
    /// The list in which a caller stands; numbers in normal form.
    pub callers_by_number: HashMap<Number, CallersId>,
    /// Clinic lines.
    pub clinics: BTreeMap<ClinicId, Clinic>,
    /// Retired numbers.
    pub retired: BTreeMap<RetiredId, Retired>,
    /// Telephones outside to which calls can be sent.
    pub outside: BTreeMap<OutsideId, Outside>,
    /// Words of the region's own.
    pub prompts: BTreeMap<PromptName, Prompt>,
    /// The robot's menus.
    pub menus: BTreeMap<MenuId, Menu>,
    /// The queues.
    pub queues: BTreeMap<QueueId, Queue>,
    /// Organisations that are told of cases.
    pub organisations: BTreeMap<OrganisationId, Organisation>,
    /// Groups of agents.
    pub groups: BTreeMap<GroupId, Group>,
    /// Sites of agents.
    pub sites: BTreeMap<SiteId, Site>,
    /// The agents.
    pub agents: BTreeMap<AgentId, Agent>,
    /// How media is protected with agents' phones.
    pub agent_media: MediaSecurity,
    /// How media is protected with clinics' phones that we call ourselves.
    pub clinic_media: MediaSecurity,
    /// Who may register, by the user name of the phone: agents and clinics' phones.
    pub accounts: BTreeMap<Box<str>, Account>,
    /// Trunks.
    pub trunks: BTreeMap<TrunkId, Trunk>,
    /// Schedules.
    pub schedules: BTreeMap<ScheduleId, Schedule>,
    /// The production calendar.
    pub calendar: Arc<Calendar>,
    /// What is kept of those who call.
    pub privacy: Privacy,
    /// What agents dial to change their duty.
    pub features: Features,
}

/// How media is protected with one kind of phones, or on a trunk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MediaSecurity {
    /// Whether it is.
    pub srtp: Srtp,
    /// Where keys may be sent in session descriptions.
    pub keys: SrtpKeys,
}

/// Whether media is protected (SRTP).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Srtp {
    /// Never.
    #[default]
    Off,
    /// If the other side can.
    Preferred,
    /// Calls without it are refused.
    Required,
}

/// Where keys of SRTP may be sent in session descriptions (RFC 4568 §7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SrtpKeys {
    /// Where signalling is protected by TLS.
    #[default]
    OverTls,
    /// Also where anybody on the way can read them.
    Anywhere,
}

/// The region.
#[derive(Clone, Debug)]
pub struct Region {
    /// Its name.
    pub name: Box<str>,
    /// Its time zone; schedules are read in it.
    pub zone: jiff::tz::TimeZone,
    /// How it dials.
    pub numbering: Numbering,
    /// Languages in which the robot speaks, the first one unless the caller chooses: codes of ISO 639
    /// such as `ru`.
    pub languages: Vec<Box<str>>,
}

/// The line itself.
#[derive(Clone, Debug)]
pub struct Service {
    /// Its numbers in normal form; the first is shown to those we call.
    pub numbers: Vec<Number>,
    /// Where its calls begin.
    pub start: Target,
}

/// Callers whose calls to the line begin somewhere else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callers {
    /// Its name, in its own key.
    pub id: CallersId,
    /// Who they are; agents see it.
    pub title: Box<str>,
    /// Where their calls begin; [`Target::Hangup`] refuses them.
    pub to: Target,
}

/// What a number leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// The line.
    Service,
    /// A clinic's line.
    Clinic(ClinicId),
    /// A retired number.
    Retired(RetiredId),
    /// An agent's extension; only agents may call it.
    Agent(AgentId),
    /// A feature code; only agents may call it.
    Feature(Feature),
}

/// What a feature code does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feature {
    /// Goes on duty, and comes back from a break.
    OnDuty,
    /// Goes off duty.
    OffDuty,
    /// Goes on a break, with its reason.
    Break(BreakReason),
}

/// Why an agent is on a break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BreakReason {
    /// A short rest.
    Rest,
    /// A meal.
    Meal,
    /// Paperwork, calls to clinics.
    Paperwork,
    /// Set by the system: the agent let calls ring.
    NoAnswer,
}

/// Where a call goes next.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Target {
    /// A menu.
    Menu(MenuId),
    /// A queue.
    Queue(QueueId),
    /// The phones of a clinic.
    Clinic(ClinicId),
    /// The phones of the clinic whose line was called: a choice of a menu that many clinics share.
    OwnClinic,
    /// A telephone outside.
    Outside(OutsideId),
    /// Words, then the end.
    Announce(PromptName),
    /// The end for now: the caller is rung back for the queue. Only a queue leads there.
    CallBack,
    /// The end.
    Hangup,
}

impl std::fmt::Display for Target {
    /// As the dialplan writes it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Target::Menu(id) => write!(f, "menu:{id}"),
            Target::Queue(id) => write!(f, "queue:{id}"),
            Target::Clinic(id) => write!(f, "clinic:{id}"),
            Target::OwnClinic => f.write_str("clinic"),
            Target::Outside(id) => write!(f, "outside:{id}"),
            Target::Announce(prompt) => write!(f, "announce:{prompt}"),
            Target::CallBack => f.write_str("callback"),
            Target::Hangup => f.write_str("hangup"),
        }
    }
}

/// Which outcomes of ringing a clinic send the call on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ForwardOn {
    /// Nobody answered in time.
    pub no_answer: bool,
    /// Busy or rejected.
    pub busy: bool,
    /// No phone registered, no route, an error.
    pub unreachable: bool,
}

/// In which order a clinic's phones ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RingOrder {
    /// All at once.
    Parallel,
    /// One after another, each for its share of the time.
    InOrder,
}

/// A clinic's line.
#[derive(Clone, Debug)]
pub struct Clinic {
    /// Its name, in its own key.
    pub id: ClinicId,
    /// Shown to operators.
    pub title: Box<str>,
    /// Its numbers, also as a diverting number.
    pub numbers: Vec<Number>,
    /// The phones to ring, in the order of the dialplan.
    pub ring: Vec<Phone>,
    /// In which order they ring.
    pub order: RingOrder,
    /// How long the clinic has before the call goes on.
    pub ring_for: Duration,
    /// When the call goes on.
    pub forward_on: ForwardOn,
    /// Where it goes.
    pub forward_to: Target,
    /// A line that begins with a menu; `None` rings the clinic first.
    pub begin_with: Option<MenuId>,
    /// Media through the engine instead of directly between the parties.
    pub anchored: bool,
    /// Whom to call about what is stuck.
    pub contact: Option<Contact>,
}

/// A phone of a clinic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phone {
    /// One that registers here, by its user name in [`Dialplan::accounts`].
    Registered(Box<str>),
    /// One at an address: a SIP URI.
    At(Box<str>),
}

/// A person to turn to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Who it is.
    pub name: Box<str>,
    /// The person's number.
    pub phone: Number,
}

/// A number that is no longer in use.
#[derive(Clone, Debug)]
pub struct Retired {
    /// Its name, in its own key.
    pub id: RetiredId,
    /// The numbers.
    pub numbers: Vec<Number>,
    /// The announcement.
    pub announce: PromptName,
    /// Where the call goes after it.
    pub then: Target,
}

/// A key of the telephone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "char", try_from = "char")]
pub struct Key(u8);

impl Key {
    /// The key with this label: `0`–`9`, `*`, `#`, `A`–`D`.
    #[must_use]
    pub fn new(label: char) -> Option<Key> {
        match label.to_ascii_uppercase() {
            c @ ('0'..='9' | '*' | '#' | 'A'..='D') => Some(Key(c as u8)),
            _ => None,
        }
    }
    /// The label.
    #[must_use]
    pub fn label(self) -> char {
        self.0 as char
    }
}

impl From<Key> for char {
    fn from(key: Key) -> char {
        key.label()
    }
}

impl TryFrom<char> for Key {
    type Error = String;
    fn try_from(label: char) -> Result<Key, String> {
        Key::new(label).ok_or_else(|| format!("no telephone key {label:?}"))
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Key({})", self.label())
    }
}

/// A menu of the robot.
#[derive(Clone, Debug)]
pub struct Menu {
    /// Its name, in its own key.
    pub id: MenuId,
    /// Played in order; any key of the menu stops it (barge-in).
    pub say: Vec<PromptName>,
    /// How long to wait for a key after the prompts.
    pub wait: Duration,
    /// How often it is said again after silence or a wrong key.
    pub repeat: u32,
    /// Said before the repetition after a key that is not in the menu.
    pub wrong_key: Option<PromptName>,
    /// Said before the repetition after silence.
    pub no_key: Option<PromptName>,
    /// Where the call goes after the last repetition.
    pub otherwise: Target,
    /// The choices.
    pub choices: Vec<MenuChoice>,
}

/// One choice of a menu.
#[derive(Clone, Debug)]
pub struct MenuChoice {
    /// The key.
    pub key: Key,
    /// Spoken keywords, for the recogniser.
    pub words: Vec<Box<str>>,
    /// Said when it was chosen, such as «Соединяем вас с оператором».
    pub say: Vec<PromptName>,
    /// Where it leads.
    pub to: Target,
}

/// A queue.
#[derive(Clone, Debug)]
pub struct Queue {
    /// Its name, in its own key.
    pub id: QueueId,
    /// The topic, shown to operators.
    pub topic: Box<str>,
    /// Who serves it, and from when on.
    pub serve: Vec<Tier>,
    /// Head start of its calls over those of other queues.
    pub head_start: Duration,
    /// How long an agent's phone rings.
    pub ring_for: Duration,
    /// Time for the agent's paperwork after a talk.
    pub wrap_up: Duration,
    /// Music or messages while waiting.
    pub music: PromptName,
    /// How often place and expected wait are announced; `None` for never.
    pub announce_every: Option<Duration>,
    /// Ceiling of waiting calls; one more goes where `overflow` says.
    pub waiting_max: usize,
    /// What becomes of calls that wait too long or are too many.
    pub overflow: Overflow,
    /// What becomes of calls while nobody who serves the queue is on duty.
    pub closed: Closed,
    /// By when a request is to be answered; [`Dialplan::due`] tells the moment.
    pub answer_within: Option<Duration>,
    /// Which days count for that and for `escalate`.
    pub days: DaysCounted,
    /// Its requests are urgent.
    pub urgent: bool,
    /// By when a request is to be answered that is urgent beyond its topic.
    pub urgent_within: Duration,
    /// Organisations that are told of its cases.
    pub notify: Vec<OrganisationId>,
    /// Who is told of a request that stays open, in the order of time.
    pub escalate: Vec<Escalation>,
    /// How its callers are rung back.
    pub call_back: CallBackRule,
    /// Its talks are recorded; `None` if they are not.
    pub recording: Option<Recording>,
    /// How long records of its calls and requests keep who called; `None` for ever.
    pub keep_records: Option<Duration>,
}

/// Agents who serve a queue.
#[derive(Clone, Debug)]
pub struct Tier {
    /// The group.
    pub group: GroupId,
    /// Only while this schedule holds.
    pub when: Option<ScheduleId>,
    /// Only for calls that have waited so long.
    pub after: Duration,
}

/// What becomes of calls that cannot wait here.
#[derive(Clone, Debug)]
pub struct Overflow {
    /// After so long a wait; `None` for never.
    pub after: Option<Duration>,
    /// What they are told first.
    pub say: Option<PromptName>,
    /// Where they go.
    pub to: Target,
}

/// What becomes of calls while nobody is on duty for them.
#[derive(Clone, Debug)]
pub struct Closed {
    /// What they are told first.
    pub say: Option<PromptName>,
    /// Where they go.
    pub to: Target,
}

/// A group of agents.
#[derive(Clone, Debug)]
pub struct Group {
    /// Its name, in its own key.
    pub id: GroupId,
    /// Shown to people.
    pub title: Box<str>,
    /// Its agents.
    pub agents: Vec<AgentId>,
    /// What they may call outside; without, nothing.
    pub may_call: Option<MayCall>,
}

/// A site.
#[derive(Clone, Debug)]
pub struct Site {
    /// Its name, in its own key.
    pub id: SiteId,
    /// Shown to people.
    pub title: Box<str>,
}

/// Who an agent is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AgentKind {
    /// Permanent staff.
    Operator,
    /// A volunteer, with some topics.
    Volunteer,
    /// Takes what others cannot answer.
    Curator,
}

/// An agent; the password of the phone is in [`Dialplan::accounts`].
#[derive(Clone, Debug)]
pub struct Agent {
    /// The extension and user name.
    pub id: AgentId,
    /// Shown to people.
    pub name: Box<str>,
    /// Who it is.
    pub kind: AgentKind,
    /// Where the agent sits.
    pub site: Option<SiteId>,
    /// On duty as soon as the phone registers.
    pub duty_on_register: bool,
}

/// An account with which phones register.
#[derive(Clone, Debug)]
pub struct Account {
    /// Its password.
    pub password: Secret,
    /// Whose phone it is.
    pub owner: AccountOwner,
}

/// Whose phone registers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountOwner {
    /// An agent's.
    Agent(AgentId),
    /// A clinic's.
    Clinic(ClinicId),
}

/// A trunk.
#[derive(Clone, Debug)]
pub struct Trunk {
    /// Its name, in its own key.
    pub id: TrunkId,
    /// How it is known and reached.
    pub kind: TrunkKind,
    /// Networks whose requests are this trunk's; of networks inside each other the narrowest decides.
    pub from: Vec<Network>,
    /// Names of which its TLS certificate must show one, in lower case; with any, its address alone
    /// proves nothing.
    pub certificate: Vec<Box<str>>,
    /// SIP URIs to reach it, in the order of failover; empty for a trunk that only brings calls.
    pub to: Vec<Box<str>>,
    /// The number shown on calls that leave by it.
    pub caller_number: Option<Number>,
    /// How its callers dial: the region's numbering, with an area code of the trunk's own.
    pub numbering: Numbering,
    /// Prompts are played before the answer (183), where the carrier wants it.
    pub early_media: bool,
    /// Media of clinic-answered calls passes through the engine.
    pub anchored: bool,
    /// How media is protected.
    pub media: MediaSecurity,
    /// How often it is asked with OPTIONS whether it lives; `None` for never.
    pub keep_alive: Option<Duration>,
    /// Ceiling of calls at once.
    pub calls_max: usize,
}

/// How a trunk is known.
#[derive(Clone, Debug)]
pub enum TrunkKind {
    /// By its source address.
    Address,
    /// We register with it.
    Register {
        /// The registrar's URI.
        registrar: Box<str>,
        /// User name.
        user: Box<str>,
        /// Password.
        password: Secret,
        /// Asked-for time of a binding.
        expires: Duration,
    },
}

/// A day of the region's calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day(jiff::civil::Date);

/// What agents dial to change their duty.
#[derive(Clone, Debug)]
pub struct Features {
    /// Code and what it does, in normal form.
    pub codes: BTreeMap<Number, Feature>,
}

impl Dialplan {
    /// Whether the schedule holds now; no schedule always holds.
    #[must_use]
    pub fn holds(&self, schedule: Option<&ScheduleId>, at: Wall) -> bool {
        schedule.is_none_or(|id| {
            self.schedules.get(id).is_some_and(|s| s.holds_at(at, &self.region.zone))
        })
    }

    /// What an agent may call outside, by each group that the agent is in.
    pub fn may_call<'a>(&'a self, agent: &'a AgentId) -> impl Iterator<Item = &'a MayCall> {
        let of_agent = |group: &&Group| group.agents.contains(agent);
        self.groups.values().filter(of_agent).filter_map(|group| group.may_call.as_ref())
    }

    /// The day in the region, for counting by the day.
    #[must_use]
    pub fn day(&self, at: Wall) -> Day {
        // Milliseconds that no calendar can express are one day.
        let at = jiff::Timestamp::from_millisecond(at.unix_millis()).unwrap_or_default();
        Day(self.region.zone.to_datetime(at).date())
    }

    /// The list in which a caller stands. A call that comes to the line (dialled, passed on by a clinic,
    /// or after a retired number's announcement) begins where the list says.
    #[must_use]
    pub fn callers_of(&self, caller: &Number) -> Option<&Callers> {
        self.callers.get(self.callers_by_number.get(caller)?)
    }

    /// What a number leads to that was dialled in the region.
    #[must_use]
    pub fn destination(&self, dialled: &str) -> Option<&Destination> {
        self.numbers.get(&self.region.numbering.normalise(dialled)?)
    }

    /// The trunk that requests from this address belong to: the one with the narrowest network
    /// around it.
    #[must_use]
    pub fn trunk_at(&self, source: IpAddr) -> Option<&Trunk> {
        let inside = |trunk: &&Trunk| {
            trunk.from.iter().filter(|n| n.contains(source)).map(|n| n.prefix()).max()
        };
        let by_address = self.trunks.values().filter(|trunk| trunk.certificate.is_empty());
        by_address.max_by_key(inside).filter(|trunk| inside(trunk).is_some())
    }
}
