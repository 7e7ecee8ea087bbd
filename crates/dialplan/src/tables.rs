//! The tables of the language, as they may be written in any file of a dialplan.

use std::time::Duration;

use crate::findings::Findings;
use crate::plan::{AgentKind, RingOrder, Srtp, SrtpKeys};
use crate::read::{
    Count, DateRange, Days, Hours, KeyLabel, Many, Name, Names, NumberText, Outcome, Range, SipUri,
    TargetText, Text, tables,
};
use crate::source::At;

type List<T> = Vec<At<T>>;

tables! {
    /// A whole dialplan, or one of its files.
    Root {
        region: RegionTable,
        service: ServiceTable,
        clinic_defaults: ClinicDefaults,
        clinics: Names<ClinicTable>,
        retired: Names<RetiredTable>,
        holidays: HolidaysTable,
        schedules: Names<ScheduleTable>,
        menu_defaults: MenuDefaults,
        menus: Names<MenuTable>,
        queue_defaults: QueueDefaults,
        queues: Names<QueueTable>,
        groups: Names<GroupTable>,
        sites: Names<SiteTable>,
        agent_defaults: AgentDefaults,
        agents: Names<AgentTable>,
        trunks: Names<TrunkTable>,
        features: FeaturesTable,
    }

    /// `[region]`
    RegionTable {
        name: Text,
        time_zone: Text,
        area_code: Text,
        national_prefix: Text,
        international_prefix: Text,
        country_code: Text,
    }

    /// `[service]`
    ServiceTable {
        numbers: List<NumberText>,
        start: TargetText,
    }

    /// `[clinic_defaults]`: what a clinic does not say itself.
    ClinicDefaults {
        order: RingOrder,
        ring_for: Duration,
        forward_on: List<Outcome>,
        forward_to: TargetText,
        anchored: bool,
        srtp: Srtp,
        srtp_keys: SrtpKeys,
    }

    /// `[clinics.NAME]`
    ClinicTable {
        title: Text,
        numbers: List<NumberText>,
        ring: List<Text>,
        accounts: List<AccountTable>,
        order: RingOrder,
        ring_for: Duration,
        forward_on: List<Outcome>,
        forward_to: TargetText,
        begin_with: TargetText,
        anchored: bool,
        contact: ContactTable,
    }

    /// One of a clinic's `accounts`.
    AccountTable {
        user: Text,
        password: Text,
        password_env: Text,
        password_file: Text,
    }

    /// A clinic's `contact`.
    ContactTable {
        name: Text,
        phone: NumberText,
    }

    /// `[retired.NAME]`
    RetiredTable {
        numbers: List<NumberText>,
        announce: Name,
        then: TargetText,
    }

    /// `[holidays]`: the production calendar.
    HolidaysTable {
        off: Many<DateRange>,
        short: Many<DateRange>,
        working: Many<DateRange>,
    }

    /// `[schedules.NAME]`
    ScheduleTable {
        hours: Many<Hours>,
        days: Many<Days>,
        dates: Many<DateRange>,
        time_zone: Text,
        when: Many<Name>,
        except: Many<Name>,
        either: Many<Name>,
    }

    /// `[menu_defaults]`: what a menu does not say itself.
    MenuDefaults {
        wait: Duration,
        repeat: Count,
        wrong_key: Name,
        no_key: Name,
    }

    /// `[menus.NAME]`
    MenuTable {
        say: List<Name>,
        wait: Duration,
        repeat: Count,
        wrong_key: Name,
        no_key: Name,
        otherwise: TargetText,
        choice: List<ChoiceTable>,
    }

    /// `[[menus.NAME.choice]]`
    ChoiceTable {
        key: KeyLabel,
        words: List<Text>,
        say: List<Name>,
        to: TargetText,
    }

    /// `[queue_defaults]`: what a queue does not say itself.
    QueueDefaults {
        serve: List<ServeTable>,
        ring_for: Duration,
        wrap_up: Duration,
        music: Name,
        announce_every: Duration,
        waiting_max: Count,
        overflow: OverflowTable,
        closed: ClosedTable,
    }

    /// `[queues.NAME]`
    QueueTable {
        topic: Text,
        serve: List<ServeTable>,
        head_start: Duration,
        answer_within: Duration,
        ring_for: Duration,
        wrap_up: Duration,
        music: Name,
        announce_every: Duration,
        waiting_max: Count,
        overflow: OverflowTable,
        closed: ClosedTable,
    }

    /// One of a queue's `serve`.
    ServeTable {
        group: Name,
        when: Name,
        after: Duration,
    }

    /// A queue's `overflow`.
    OverflowTable {
        after: Duration,
        say: Name,
        to: TargetText,
    }

    /// A queue's `closed`.
    ClosedTable {
        say: Name,
        to: TargetText,
    }

    /// `[groups.NAME]`
    GroupTable {
        title: Text,
        agents: List<Range>,
        may_call: MayCallTable,
    }

    /// A group's `may_call`.
    MayCallTable {
        numbers: List<Text>,
        when: Name,
        at_once: Count,
        a_day: Count,
    }

    /// `[sites.NAME]`
    SiteTable {
        title: Text,
    }

    /// `[agent_defaults]`: what holds for the phones of all agents.
    AgentDefaults {
        srtp: Srtp,
        srtp_keys: SrtpKeys,
    }

    /// `[agents.201]`, or several alike: `[agents.201-205]`.
    AgentTable {
        name: Text,
        kind: AgentKind,
        site: Name,
        password: Text,
        password_env: Text,
        password_file: Text,
        duty_on_register: bool,
    }

    /// `[trunks.NAME]`
    TrunkTable {
        from: List<Text>,
        certificate: List<Text>,
        to: List<SipUri>,
        register: RegisterTable,
        caller_number: NumberText,
        area_code: Text,
        early_media: bool,
        anchored: bool,
        srtp: Srtp,
        srtp_keys: SrtpKeys,
        keep_alive: Duration,
        calls_max: Count,
    }

    /// A trunk's `register`.
    RegisterTable {
        registrar: SipUri,
        user: Text,
        password: Text,
        password_env: Text,
        password_file: Text,
        expires: Duration,
    }

    /// `[features]`: what agents dial.
    FeaturesTable {
        on_duty: NumberText,
        off_duty: NumberText,
        breaks: BreaksTable,
    }

    /// The `breaks` of `[features]`.
    BreaksTable {
        rest: NumberText,
        meal: NumberText,
        paperwork: NumberText,
    }
}

impl Root {
    /// Adds what stands in another file.
    pub(crate) fn merge(&mut self, other: Root, findings: &mut Findings) {
        self.region.merge_once("region", other.region, findings);
        self.service.merge_once("service", other.service, findings);
        self.clinic_defaults.merge_once("clinic_defaults", other.clinic_defaults, findings);
        self.clinics.merge_names("clinic", other.clinics, findings);
        self.retired.merge_names("retired number", other.retired, findings);
        self.holidays.merge_once("holidays", other.holidays, findings);
        self.schedules.merge_names("schedule", other.schedules, findings);
        self.menu_defaults.merge_once("menu_defaults", other.menu_defaults, findings);
        self.menus.merge_names("menu", other.menus, findings);
        self.queue_defaults.merge_once("queue_defaults", other.queue_defaults, findings);
        self.queues.merge_names("queue", other.queues, findings);
        self.groups.merge_names("group", other.groups, findings);
        self.sites.merge_names("site", other.sites, findings);
        self.agent_defaults.merge_once("agent_defaults", other.agent_defaults, findings);
        self.agents.merge_names("agent", other.agents, findings);
        self.trunks.merge_names("trunk", other.trunks, findings);
        self.features.merge_once("features", other.features, findings);
    }
}
