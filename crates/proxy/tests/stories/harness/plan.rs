//! The dialplan of the tests: a small region on loopback.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use dialplan::plan::MediaSecurity;
use dialplan::{
    Account, AccountOwner, Agent, AgentKind, BreakReason, Clinic, ClinicId, Destination, Dialplan,
    Feature, Features, ForwardOn, Number, Numbering, Phone, Region, Retired, RingOrder, Secret,
    Service, Target, Trunk, TrunkKind,
};

pub fn number(text: &str) -> Number {
    Numbering::russia("4812").normalise(text).unwrap()
}

pub fn menu() -> Target {
    Target::Menu("main".into())
}

pub fn clinic(id: &str, numbers: &[&str], ring: &[Phone]) -> Clinic {
    Clinic {
        words: Vec::new(),
        ask: Vec::new(),
        id: id.into(),
        title: id.into(),
        numbers: numbers.iter().map(|text| number(text)).collect(),
        ring: ring.to_vec(),
        order: RingOrder::Parallel,
        ring_for: Duration::from_secs(60),
        forward_on: ForwardOn { no_answer: true, busy: true, unreachable: true },
        forward_to: menu(),
        begin_with: None,
        anchored: false,
        contact: None,
    }
}

pub fn at(uri: &str) -> Phone {
    Phone::At(uri.into())
}

pub fn trunk(id: &str, from: &[&str], to: &[&str]) -> Trunk {
    Trunk {
        id: id.into(),
        kind: TrunkKind::Address,
        from: from.iter().map(|network| network.parse().unwrap()).collect(),
        to: to.iter().map(|uri| Box::from(*uri)).collect(),
        caller_number: None,
        numbering: Numbering::russia("4812"),
        certificate: Vec::new(),
        early_media: false,
        media: MediaSecurity::default(),
        anchored: false,
        guests: false,
        keep_alive: None,
        calls_max: 100,
    }
}

/// Agents 201 and 202; clinic `first` (270001) at 127.0.0.1:5091; `menu` (270002) begins with the
/// menu; `phones` (270003) registers as `phones-1` and `phones-2`; everybody on loopback is a trunk.
pub fn demo() -> Dialplan {
    let mut plan = Dialplan {
        robot_recording: None,
        version: "test".into(),
        places: dialplan::Places::default(),
        region: Region {
            name: "test".into(),
            zone: jiff::tz::TimeZone::UTC,
            languages: Vec::new(),
            numbering: Numbering::russia("4812"),
        },
        service: Service { numbers: vec![number("122"), number("9122")], start: menu() },
        numbers: HashMap::new(),
        callers: BTreeMap::new(),
        callers_by_number: HashMap::new(),
        clinics: BTreeMap::new(),
        calendar: Default::default(),
        privacy: Default::default(),
        organisations: Default::default(),
        retired: BTreeMap::new(),
        prompts: BTreeMap::new(),
        outside: BTreeMap::new(),
        menus: BTreeMap::new(),
        queues: BTreeMap::new(),
        groups: BTreeMap::new(),
        sites: BTreeMap::new(),
        agents: BTreeMap::new(),
        agent_media: MediaSecurity::default(),
        clinic_media: MediaSecurity::default(),
        accounts: BTreeMap::new(),
        trunks: BTreeMap::new(),
        schedules: BTreeMap::new(),
        features: Features { codes: BTreeMap::new(), monitor: None },
        wall: dialplan::Wall::default(),
    };
    for text in ["122", "9122"] {
        plan.numbers.insert(number(text), Destination::Service);
    }
    for id in ["201", "202"] {
        plan.agents.insert(
            id.into(),
            Agent {
                id: id.into(),
                name: id.into(),
                kind: AgentKind::Operator,
                site: None,
                duty_on_register: true,
            },
        );
        account(&mut plan, id, AccountOwner::Agent(id.into()));
        plan.numbers.insert(number(id), Destination::Agent(id.into()));
    }
    plan.numbers.insert(number("*11"), Destination::Feature(Feature::OnDuty));
    plan.numbers.insert(number("*13"), Destination::Feature(Feature::Break(BreakReason::Rest)));
    let retired = Retired {
        id: "old".into(),
        numbers: vec![number("627766")],
        announce: "changed".into(),
        then: menu(),
    };
    plan.numbers.insert(number("627766"), Destination::Retired("old".into()));
    plan.retired.insert("old".into(), retired);
    add(&mut plan, clinic("first", &["270001"], &[at("sip:registry@127.0.0.1:5091")]));
    let mut second = clinic("menu", &["270002"], &[at("sip:registry@127.0.0.1:5092")]);
    second.begin_with = Some("clinic".into());
    add(&mut plan, second);
    let phones = ["phones-1", "phones-2"];
    let ring = phones.map(|user| Phone::Registered(user.into()));
    add(&mut plan, clinic("phones", &["270003"], &ring));
    for user in phones {
        account(&mut plan, user, AccountOwner::Clinic("phones".into()));
    }
    add_trunk(&mut plan, trunk("loopback", &["127.0.0.0/8"], &[]));
    plan
}

pub fn account(plan: &mut Dialplan, user: &str, owner: AccountOwner) {
    let password = Secret::from(format!("demo-{user}").as_str());
    plan.accounts.insert(user.into(), Account { password, owner });
}

/// Adds or replaces a clinic.
pub fn add(plan: &mut Dialplan, clinic: Clinic) {
    for number in &clinic.numbers {
        plan.numbers.insert(number.clone(), Destination::Clinic(clinic.id.clone()));
    }
    plan.clinics.insert(clinic.id.clone(), clinic);
}

pub fn add_trunk(plan: &mut Dialplan, trunk: Trunk) {
    plan.trunks.insert(trunk.id.clone(), trunk);
}

/// Changes a clinic of a plan.
pub fn change(plan: &mut Dialplan, id: &str, change: impl FnOnce(&mut Clinic)) {
    change(plan.clinics.get_mut(&ClinicId::from(id)).unwrap());
}
