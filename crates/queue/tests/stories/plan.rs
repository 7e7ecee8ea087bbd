//! Dialplans made by hand, as small as a test needs them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use dialplan::plan::{AgentKind, MediaSecurity};
use dialplan::{
    Agent, Closed, Dialplan, Features, Group, Numbering, Overflow, Queue, Region, Service, Target,
    Tier,
};

pub(crate) const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A dialplan with nobody in it.
pub(crate) fn empty() -> Dialplan {
    Dialplan {
        robot_recording: None,
        version: "test".into(),
        places: dialplan::Places::default(),
        region: Region {
            name: "Тестовая область".into(),
            zone: jiff::tz::TimeZone::UTC,
            numbering: Numbering::russia("4812"),
            languages: Vec::new(),
        },
        service: Service { numbers: Vec::new(), start: Target::Hangup },
        numbers: HashMap::new(),
        callers: BTreeMap::new(),
        callers_by_number: HashMap::new(),
        clinics: BTreeMap::new(),
        retired: BTreeMap::new(),
        outside: BTreeMap::new(),
        prompts: BTreeMap::new(),
        menus: BTreeMap::new(),
        queues: BTreeMap::new(),
        organisations: BTreeMap::new(),
        groups: BTreeMap::new(),
        sites: BTreeMap::new(),
        agents: BTreeMap::new(),
        agent_media: MediaSecurity::default(),
        clinic_media: MediaSecurity::default(),
        accounts: BTreeMap::new(),
        trunks: BTreeMap::new(),
        schedules: BTreeMap::new(),
        calendar: Arc::default(),
        privacy: dialplan::Privacy::default(),
        features: Features { codes: BTreeMap::new(), monitor: None },
        wall: dialplan::Wall::default(),
    }
}

/// Adds a group and those of its agents who are not known yet; they are on duty on registering.
pub(crate) fn add_group(plan: &mut Dialplan, name: &str, agents: &[&str]) {
    for agent in agents {
        plan.agents.entry((*agent).into()).or_insert_with(|| Agent {
            id: (*agent).into(),
            name: format!("Оператор {agent}").into(),
            kind: AgentKind::Operator,
            site: None,
            duty_on_register: true,
        });
    }
    let group = Group {
        id: name.into(),
        title: name.into(),
        agents: agents.iter().map(|agent| (*agent).into()).collect(),
        may_call: None,
        monitors: Vec::new(),
    };
    plan.groups.insert(name.into(), group);
}

/// Adds a queue that these groups serve, each after so many seconds of waiting.
pub(crate) fn add_queue<'a>(
    plan: &'a mut Dialplan,
    name: &str,
    serve: &[(&str, u64)],
) -> &'a mut Queue {
    let tier = |(group, after): &(&str, u64)| Tier {
        group: (*group).into(),
        when: None,
        after: secs(*after),
    };
    let queue = Queue {
        id: name.into(),
        topic: name.into(),
        serve: serve.iter().map(tier).collect(),
        head_start: Duration::ZERO,
        ring_for: secs(15),
        wrap_up: secs(30),
        music: "music".into(),
        announce_every: None,
        waiting_max: 50,
        overflow: Overflow { after: None, say: None, to: Target::Announce("call-later".into()) },
        closed: Closed { say: None, to: Target::Announce("nobody-here".into()) },
        answer_within: None,
        days: dialplan::DaysCounted::Every,
        urgent: false,
        urgent_within: secs(3 * 3600),
        script: None,
        notify: Vec::new(),
        escalate: Vec::new(),
        call_back: dialplan::CallBackRule::default(),
        recording: None,
        keep_records: None,
        wall: dialplan::QueueWall::default(),
    };
    plan.queues.entry(name.into()).or_insert(queue)
}
