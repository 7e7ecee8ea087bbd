//! The tables of the language, as they may be written in any file of a dialplan.
//!
//! Each key has its words in English (the comment) and in Russian: the reference (docs/dialplan.md)
//! and the JSON Schema are made of them. `(needed)` marks a key that its table cannot be without,
//! whatever tables of defaults say.

mod clinics;
mod keeping;
mod line;
mod organisations;
mod outside;
mod people;
mod prompts;
mod time;
mod trunks;
mod wall;

use crate::findings::Findings;
use crate::read::{Names, tables};
use crate::source::At;

pub(crate) use clinics::{AccountTable, ClinicDefaults, ClinicTable, ContactTable, RetiredTable};
pub(crate) use line::{
    CallBackTable, ChoiceTable, ClosedTable, EscalateTable, MenuDefaults, MenuTable, OverflowTable,
    QueueDefaults, QueueTable, RegionTable, ServeTable, ServiceTable,
};
pub(crate) use organisations::OrganisationTable;
pub(crate) use outside::OutsideTable;
pub(crate) use people::{
    AgentDefaults, AgentTable, FeaturesTable, GroupTable, MayCallTable, SiteTable,
};
pub(crate) use prompts::PromptTable;
pub(crate) use time::{HolidaysTable, ScheduleTable};
pub(crate) use trunks::{RegisterTable, TrunkTable};
pub(crate) use wall::{CountThreshold, QueueWallTable, TimeThreshold};

use keeping::{PrivacyTable, RecordingTable};
use line::CallersTable;
use wall::WallTable;

type List<T> = Vec<At<T>>;

tables! {
    /// A whole dialplan, or one of its files.
    Root {
        /// The region.
        region: RegionTable = "Регион.",
        /// The line itself.
        service: ServiceTable = "Сама линия.",
        /// Callers who are known by their numbers: blocked ones, or such with a way of their own.
        callers: Names<CallersTable> = "Звонящие, известные по номеру: нежелательные или те, для кого есть свой путь.",
        /// What a clinic does not say itself.
        clinic_defaults: ClinicDefaults = "То, чего поликлиника не говорит сама.",
        /// Clinic lines. They can stand in CSV files as well.
        clinics: Names<ClinicTable> = "Линии поликлиник. Могут стоять и в файлах CSV.",
        /// Retired numbers: an announcement, then on to the line.
        retired: Names<RetiredTable> = "Старые номера: объявление, затем линия.",
        /// Telephones outside to which calls can be sent: `"outside:NAME"`.
        outside: Names<OutsideTable> = "Внешние телефоны, на которые можно отправить звонок: `\"outside:ИМЯ\"`.",
        /// Words of the region's own: announcements with their names, and other words or sounds for those that come with the line.
        prompts: Names<PromptTable> = "Свои тексты и записи региона: объявления с именами, а также замена тем, что поставляются с линией.",
        /// The production calendar: days that differ from "Monday to Friday are working days".
        holidays: HolidaysTable = "Производственный календарь: дни, которые отличаются от правила «понедельник — пятница рабочие».",
        /// Schedules: a schedule holds while all that it says holds.
        schedules: Names<ScheduleTable> = "Расписания: расписание действует, пока верно всё, что в нём сказано.",
        /// What a menu does not say itself.
        menu_defaults: MenuDefaults = "То, чего меню не говорит само.",
        /// Menus of the robot.
        menus: Names<MenuTable> = "Меню робота.",
        /// What a queue does not say itself.
        queue_defaults: QueueDefaults = "То, чего очередь не говорит сама.",
        /// Queues, one for each topic.
        queues: Names<QueueTable> = "Очереди, по одной на тему.",
        /// Organisations that are told of cases.
        organisations: Names<OrganisationTable> = "Организации, которым сообщают об обращениях.",
        /// Talks that are recorded.
        recording: RecordingTable = "Какие разговоры записываются.",
        /// What is kept of those who call.
        privacy: PrivacyTable = "Что хранится о тех, кто звонил.",
        /// When the wallboard warns and when it alarms.
        wall: WallTable = "Когда табло предупреждает и когда поднимает тревогу.",
        /// Groups of agents.
        groups: Names<GroupTable> = "Группы сотрудников.",
        /// Sites where agents sit.
        sites: Names<SiteTable> = "Площадки, на которых сидят сотрудники.",
        /// What holds for the phones of all agents.
        agent_defaults: AgentDefaults = "Что верно для телефонов всех сотрудников.",
        /// Agents, by number: `[agents.201]`, or several alike: `[agents.201-205]`.
        agents: Names<AgentTable> = "Сотрудники по номерам: `[agents.201]` или несколько одинаковых: `[agents.201-205]`.",
        /// Connections to carriers and PBXes.
        trunks: Names<TrunkTable> = "Транки: соединения с операторами связи и АТС.",
        /// What agents dial to change their duty, or to watch the talks of others.
        features: FeaturesTable = "Что сотрудник набирает, чтобы начать смену, уйти на перерыв или подключиться к чужому разговору.",
    }
}

impl Root {
    /// Adds what stands in another file.
    pub(crate) fn merge(&mut self, other: Root, findings: &mut Findings) {
        self.region.merge_once("region", other.region, findings);
        self.service.merge_once("service", other.service, findings);
        self.callers.merge_names("list of callers", other.callers, findings);
        self.clinic_defaults.merge_once("clinic_defaults", other.clinic_defaults, findings);
        self.clinics.merge_names("clinic", other.clinics, findings);
        self.retired.merge_names("retired number", other.retired, findings);
        self.outside.merge_names("number outside", other.outside, findings);
        self.prompts.merge_names("prompt", other.prompts, findings);
        self.holidays.merge_once("holidays", other.holidays, findings);
        self.schedules.merge_names("schedule", other.schedules, findings);
        self.menu_defaults.merge_once("menu_defaults", other.menu_defaults, findings);
        self.menus.merge_names("menu", other.menus, findings);
        self.queue_defaults.merge_once("queue_defaults", other.queue_defaults, findings);
        self.queues.merge_names("queue", other.queues, findings);
        self.organisations.merge_names("organisation", other.organisations, findings);
        self.recording.merge_once("recording", other.recording, findings);
        self.privacy.merge_once("privacy", other.privacy, findings);
        self.wall.merge_once("wall", other.wall, findings);
        self.groups.merge_names("group", other.groups, findings);
        self.sites.merge_names("site", other.sites, findings);
        self.agent_defaults.merge_once("agent_defaults", other.agent_defaults, findings);
        self.agents.merge_names("agent", other.agents, findings);
        self.trunks.merge_names("trunk", other.trunks, findings);
        self.features.merge_once("features", other.features, findings);
    }
}
