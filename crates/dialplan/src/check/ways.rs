//! The ways of calls: loops without end, and what no call can reach.

use std::collections::BTreeMap;

use crate::compile::entries;
use crate::findings::Findings;
use crate::read::{Field, TargetText};
use crate::source::{At, Spot};
use crate::tables::Root;

/// The most stations of a loop that are told.
const TOLD_MAX: usize = 8;

/// A station of calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Station<'a> {
    Service,
    Clinic(&'a str),
    Retired(&'a str),
    Callers(&'a str),
    Menu(&'a str),
    Queue(&'a str),
    Outside(&'a str),
}

/// A way on from a station.
#[derive(Clone, Copy, Debug)]
struct Way {
    to: usize,
    /// Where it is written.
    spot: Spot,
    /// It is taken without the caller doing anything.
    by_itself: bool,
}

/// All stations and ways.
pub(super) struct Ways<'a> {
    stations: Vec<(Station<'a>, Spot)>,
    index: BTreeMap<Station<'a>, usize>,
    ways: Vec<Vec<Way>>,
    /// The clinics whose line begins with a menu.
    begins_with: BTreeMap<usize, Vec<usize>>,
    /// Menus that lead back to the clinic whose line was called, and where that is written.
    own_clinic: Vec<(usize, Spot)>,
}

impl<'a> Ways<'a> {
    pub(super) fn new(root: &'a Root) -> Ways<'a> {
        let mut ways = Ways {
            stations: Vec::new(),
            index: BTreeMap::new(),
            ways: Vec::new(),
            begins_with: BTreeMap::new(),
            own_clinic: Vec::new(),
        };
        ways.add_stations(root);
        ways.add_ways(root);
        ways
    }

    fn add_stations(&mut self, root: &'a Root) {
        if let Some(service) = root.service.given() {
            self.station(Station::Service, service.spot);
        }
        for (name, spot, _) in entries(&root.clinics) {
            self.station(Station::Clinic(name), spot);
        }
        for (name, spot, _) in entries(&root.retired) {
            self.station(Station::Retired(name), spot);
        }
        for (name, spot, _) in entries(&root.callers) {
            self.station(Station::Callers(name), spot);
        }
        for (name, spot, _) in entries(&root.menus) {
            self.station(Station::Menu(name), spot);
        }
        for (name, spot, _) in entries(&root.queues) {
            self.station(Station::Queue(name), spot);
        }
        for (name, spot, _) in entries(&root.outside) {
            self.station(Station::Outside(name), spot);
        }
    }

    fn add_ways(&mut self, root: &'a Root) {
        if let Some(service) = root.service.value() {
            self.way(Station::Service, &service.start, true);
        }
        let defaults = root.clinic_defaults.or_empty();
        for (name, _, table) in entries(&root.clinics) {
            let from = Station::Clinic(name);
            let forwards = table.forward_on.or(&defaults.forward_on).value();
            if forwards.is_none_or(|outcomes| !outcomes.is_empty()) {
                self.way(from, table.forward_to.or(&defaults.forward_to), true);
            }
            // The menu comes before the clinic: a call that is sent to the clinic rings it.
            let begin_with = table.begin_with.or(&defaults.begin_with);
            self.way(from, begin_with, false);
            if let Some(TargetText::Menu(menu)) = begin_with.value()
                && let Some(menu) = self.index.get(&Station::Menu(menu))
                && let Some(clinic) = self.index.get(&from)
            {
                self.begins_with.entry(*menu).or_default().push(*clinic);
            }
        }
        for (name, _, table) in entries(&root.retired) {
            self.way(Station::Retired(name), &table.then, true);
        }
        for (name, _, table) in entries(&root.callers) {
            self.way(Station::Callers(name), &table.to, true);
        }
        for (name, _, table) in entries(&root.menus) {
            self.way(Station::Menu(name), &table.otherwise, true);
            self.way(Station::Menu(name), &table.then, false);
            for choice in table.choice.value().map(Vec::as_slice).unwrap_or_default() {
                self.way(Station::Menu(name), &choice.value.to, false);
            }
        }
        for (name, _, table) in entries(&root.outside) {
            self.way(Station::Outside(name), &table.otherwise, true);
        }
        let defaults = root.queue_defaults.or_empty();
        for (name, _, table) in entries(&root.queues) {
            if let Some(overflow) = table.overflow.or(&defaults.overflow).value() {
                self.way(Station::Queue(name), &overflow.to, true);
            }
            if let Some(closed) = table.closed.or(&defaults.closed).value() {
                self.way(Station::Queue(name), &closed.to, true);
            }
        }
    }

    fn station(&mut self, station: Station<'a>, spot: Spot) {
        self.index.insert(station, self.stations.len());
        self.stations.push((station, spot));
        self.ways.push(Vec::new());
    }

    fn way(&mut self, from: Station<'a>, to: &'a Field<TargetText>, by_itself: bool) {
        let Some(At { spot, value }) = to.given() else { return };
        let spot = *spot;
        let station = match value {
            TargetText::OwnClinic => return self.ways_to_own_clinic(from, spot, by_itself),
            TargetText::Menu(name) => Station::Menu(name),
            TargetText::Queue(name) => Station::Queue(name),
            TargetText::Clinic(name) => Station::Clinic(name),
            TargetText::Outside(name) => Station::Outside(name),
            // Whose number is not known waits there, and never twice, so that nobody goes round so.
            TargetText::Request(name) => {
                return self.join(from, Station::Queue(name), spot, false);
            }
            TargetText::Announce(_) | TargetText::CallBack | TargetText::Hangup => return,
        };
        self.join(from, station, spot, by_itself);
    }

    /// A station that does not exist has been told where the reference was looked up.
    fn join(&mut self, from: Station<'a>, to: Station<'a>, spot: Spot, by_itself: bool) {
        if let (Some(from), Some(to)) = (self.index.get(&from), self.index.get(&to)) {
            self.ways[*from].push(Way { to: *to, spot, by_itself });
        }
    }

    /// From a menu back to each clinic whose line begins with it.
    fn ways_to_own_clinic(&mut self, from: Station<'a>, spot: Spot, by_itself: bool) {
        let Some(menu) = self.index.get(&from).copied() else { return };
        let clinics = self.begins_with.get(&menu).map(Vec::as_slice).unwrap_or_default();
        self.ways[menu].extend(clinics.iter().map(|clinic| Way { to: *clinic, spot, by_itself }));
        self.own_clinic.push((menu, spot));
    }

    /// Tells loops that a caller who does nothing would never leave.
    pub(super) fn loops(&self, findings: &mut Findings) {
        #[derive(Clone, Copy, PartialEq, Eq)]
        enum Seen {
            Not,
            OnTheWay,
            Done,
        }
        let mut seen = vec![Seen::Not; self.stations.len()];
        for start in 0..self.stations.len() {
            if seen[start] != Seen::Not {
                continue;
            }
            // Depth first, without recursion: the way can be as long as the dialplan.
            let mut way: Vec<(usize, usize)> = vec![(start, 0)];
            seen[start] = Seen::OnTheWay;
            while let Some((station, next)) = way.last_mut() {
                let Some(step) = self.ways[*station].get(*next) else {
                    seen[*station] = Seen::Done;
                    way.pop();
                    continue;
                };
                *next += 1;
                match seen[step.to] {
                    _ if !step.by_itself => {}
                    Seen::Done => {}
                    Seen::Not => {
                        seen[step.to] = Seen::OnTheWay;
                        way.push((step.to, 0));
                    }
                    Seen::OnTheWay => {
                        let first = way.iter().position(|(on, _)| *on == step.to).unwrap_or(0);
                        let stations: Vec<usize> = way[first..].iter().map(|(on, _)| *on).collect();
                        self.tell_loop(&stations, step.spot, findings);
                    }
                }
            }
        }
    }

    fn tell_loop(&self, stations: &[usize], last_way: Spot, findings: &mut Findings) {
        let mut names: Vec<String> =
            stations.iter().take(TOLD_MAX).map(|at| self.stations[*at].0.to_string()).collect();
        if stations.len() > TOLD_MAX {
            names.push("…".to_owned());
        }
        names.push(self.stations[stations[0]].0.to_string());
        let finding =
            findings.error(last_way, format!("calls go round without end: {}", names.join(" → ")));
        finding.remedy("let one of them lead to an announcement or to hangup");
        for at in stations.iter().skip(1).take(TOLD_MAX) {
            let (station, spot) = self.stations[*at];
            finding.elsewhere(spot, station.to_string());
        }
    }

    /// Warns of menus and queues that no number leads to.
    pub(super) fn unreachable(&self, findings: &mut Findings) {
        let reached = self.reached_from(|station| match station {
            Station::Service | Station::Clinic(_) | Station::Retired(_) | Station::Callers(_) => {
                true
            }
            Station::Menu(_) | Station::Queue(_) | Station::Outside(_) => false,
        });
        for ((station, spot), reached) in self.stations.iter().zip(reached) {
            if !reached {
                findings
                    .warning(*spot, format!("no call can reach {station}"))
                    .remedy("let a menu or a number lead there, or remove it");
            }
        }
    }
}

impl Ways<'_> {
    /// Tells of menus that lead back to the clinic whose line was called, though calls come to them that
    /// called no clinic.
    pub(super) fn nobodys_clinic(&self, findings: &mut Findings) {
        let reached = self.reached_from(|station| match station {
            Station::Service | Station::Retired(_) | Station::Callers(_) => true,
            Station::Clinic(_) | Station::Menu(_) | Station::Queue(_) | Station::Outside(_) => {
                false
            }
        });
        for (menu, spot) in &self.own_clinic {
            if reached[*menu] {
                let name = &self.stations[*menu].0;
                findings
                    .error(*spot, format!("calls come to {name} that called no clinic's line"))
                    .remedy("let only clinics begin with it, or name a clinic: \"clinic:NAME\"");
            }
        }
    }

    /// What calls reach that begin at these stations.
    fn reached_from(&self, begins: impl Fn(&Station<'_>) -> bool) -> Vec<bool> {
        let mut reached = vec![false; self.stations.len()];
        let stations = self.stations.iter().enumerate();
        let mut to_visit: Vec<usize> =
            stations.filter(|(_, (station, _))| begins(station)).map(|(at, _)| at).collect();
        while let Some(at) = to_visit.pop() {
            if !std::mem::replace(&mut reached[at], true) {
                to_visit.extend(self.ways[at].iter().map(|way| way.to));
            }
        }
        reached
    }
}

impl std::fmt::Display for Station<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Station::Service => f.write_str("service"),
            Station::Clinic(name) => write!(f, "clinic:{name}"),
            Station::Retired(name) => write!(f, "retired:{name}"),
            Station::Callers(name) => write!(f, "callers:{name}"),
            Station::Menu(name) => write!(f, "menu:{name}"),
            Station::Queue(name) => write!(f, "queue:{name}"),
            Station::Outside(name) => write!(f, "outside:{name}"),
        }
    }
}
