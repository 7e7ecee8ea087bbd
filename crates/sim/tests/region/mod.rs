//! Dialplans that nobody would write: menus, queues and clinics that lead anywhere, at any hour.

use std::fmt::Write;

use ambient::Entropy;
use dialplan::Dialplan;

const MENUS: usize = 4;
const QUEUES: usize = 4;
const GROUPS: [(&str, &str); 4] =
    [("a", "201-203"), ("b", "203-205"), ("c", "211"), ("d", "211-213")];
const SCHEDULES: [&str; 4] = ["day", "night", "workdays", "never"];

const BASE: &str = r#"
[region]
name = "Область"
time_zone = "Asia/Yekaterinburg"
area_code = "4812"
[trunks.loopback]
from = ["127.0.0.0/8"]
[agents.201-205]
name = "Оператор {number}"
kind = "operator"
password = "demo-{number}"
duty_on_register = true
[agents.211-213]
name = "Волонтёр {number}"
kind = "volunteer"
password = "demo-{number}"
duty_on_register = true
[features]
breaks = { rest = "*12" }
[schedules.day]
hours = "08:00-20:00"
[schedules.night]
hours = "20:00-08:00"
[schedules.workdays]
days = "Mon-Fri"
when = "day"
[schedules.never]
days = "Sat"
when = "workdays"
"#;

/// What comes later in this order may be led to by itself, so that nothing goes round.
#[derive(Clone, Copy)]
enum Station {
    Menu(usize),
    Queue(usize),
}

/// A dialplan from a seed.
pub(crate) fn generated(seed: u64) -> Dialplan {
    let text = Generator { entropy: Entropy::from_number(seed), text: BASE.to_owned() }.write();
    match dialplan::load_str(&[("generated.toml", &text)], &sim::region::prompts()) {
        Ok((plan, _)) => plan,
        Err(findings) => {
            let findings: String = findings.iter().map(|finding| format!("{finding}\n")).collect();
            panic!("seed {seed}:\n{findings}\n{text}")
        }
    }
}

struct Generator {
    entropy: Entropy,
    text: String,
}

impl Generator {
    fn write(mut self) -> String {
        let mut stations: Vec<Station> =
            (0..MENUS).map(Station::Menu).chain((0..QUEUES).map(Station::Queue)).collect();
        for at in (1..stations.len()).rev() {
            let with = self.below(at + 1);
            stations.swap(at, with);
        }
        let start = self.target(&stations);
        self.line(&format!("[service]\nnumbers = [\"122\"]\nstart = \"{start}\""));
        for (at, station) in stations.iter().enumerate() {
            let (all, later) = (&stations[..], &stations[at + 1..]);
            match station {
                Station::Menu(id) => self.menu(*id, all, later),
                Station::Queue(id) => self.queue(*id, later),
            }
        }
        let known = self.target(&stations);
        self.line(&format!(
            "[callers.known]\ntitle = \"Свои\"\nnumbers = [\"00-90-01\"]\nto = \"{known}\"\n\
             [callers.blocked]\ntitle = \"Розыгрыши\"\nnumbers = [\"00-99-01\"]\nto = \"hangup\""
        ));
        for (name, agents) in GROUPS {
            self.line(&format!("[groups.{name}]\ntitle = \"{name}\"\nagents = [\"{agents}\"]"));
        }
        for id in 0..3 {
            self.clinic(id, &stations);
        }
        let to = self.target(&stations);
        self.line(&format!(
            "[menus.own]\nsay = [\"clinic-menu\"]\nwait = \"5s\"\notherwise = \"clinic\"\n\
             [[menus.own.choice]]\nkey = \"1\"\nto = \"clinic\"\n\
             [[menus.own.choice]]\nkey = \"2\"\nto = \"{to}\""
        ));
        let then = self.target(&stations);
        self.line(&format!(
            "[retired.old]\nnumbers = [\"62-77-66\"]\nannounce = \"number-changed\"\nthen = \"{then}\""
        ));
        self.text
    }

    fn menu(&mut self, id: usize, all: &[Station], later: &[Station]) {
        let otherwise = self.target(later);
        let (wait, repeat) = (5 + self.below(4), self.below(3));
        self.line(&format!(
            "[menus.m{id}]\nsay = [\"main-choices\"]\nwait = \"{wait}s\"\nrepeat = {repeat}\n\
             otherwise = \"{otherwise}\""
        ));
        if self.one_in(2) {
            self.line("wrong_key = \"wrong-key\"\nno_key = \"no-key\"");
        }
        let mut keys = vec!['0', '1', '2', '3', '*', '#'];
        for _ in 0..=self.below(3) {
            let at = self.below(keys.len());
            let key = keys.remove(at);
            let to = match self.below(10) {
                0 => format!("clinic:c{}", 1 + self.below(2)),
                _ => self.target(all),
            };
            self.line(&format!("[[menus.m{id}.choice]]\nkey = \"{key}\"\nto = \"{to}\""));
            if self.one_in(3) {
                self.line("say = [\"connecting-clinic\"]");
            }
        }
    }

    fn queue(&mut self, id: usize, later: &[Station]) {
        let (overflow, closed) = (self.target(later), self.target(later));
        let after = 25 + 30 * self.below(12);
        let say = if self.one_in(2) { ", say = \"all-busy\"" } else { "" };
        self.line(&format!(
            "[queues.q{id}]\ntopic = \"Тема {id}\"\nmusic = \"music/calm\"\n\
             overflow = {{ after = \"{after}s\", to = \"{overflow}\"{say} }}"
        ));
        if self.one_in(2) {
            let say = if self.one_in(2) { ", say = \"nobody-on-duty\"" } else { "" };
            self.line(&format!("closed = {{ to = \"{closed}\"{say} }}"));
        }
        let mut rows = Vec::new();
        for _ in 0..=self.below(3) {
            let (group, _) = GROUPS[self.below(GROUPS.len())];
            let mut row = format!("group = \"{group}\"");
            if self.one_in(2) {
                let schedule = SCHEDULES[self.below(SCHEDULES.len())];
                let _ = write!(row, ", when = \"{schedule}\"");
            }
            if self.one_in(3) {
                let _ = write!(row, ", after = \"{}s\"", 10 + 30 * self.below(4));
            }
            rows.push(format!("{{ {row} }}"));
        }
        self.line(&format!("serve = [{}]", rows.join(", ")));
    }

    fn clinic(&mut self, id: usize, stations: &[Station]) {
        let to = self.target(stations);
        let ring_for = 5 + self.below(40);
        self.line(&format!(
            "[clinics.c{id}]\ntitle = \"Поликлиника {id}\"\nnumbers = [\"27-00-0{id}\"]\n\
             ring = [\"sip:registry@127.0.0.1:5091\"]\nring_for = \"{ring_for}s\"\n\
             forward_to = \"{to}\""
        ));
        match self.below(4) {
            0 => self.line("forward_on = [\"no-answer\"]"),
            1 => self.line("forward_on = [\"busy\", \"unreachable\"]"),
            _ => {}
        }
        match self.below(4) {
            // Only what begins with this menu leads to it.
            _ if id == 0 => self.line("begin_with = \"menu:own\""),
            0 => {
                let menu = self.below(MENUS);
                self.line(&format!("begin_with = \"menu:m{menu}\""));
            }
            1 => self.line("anchored = true"),
            _ => {}
        }
    }

    /// One of these, or an end.
    fn target(&mut self, stations: &[Station]) -> String {
        if stations.is_empty() || self.one_in(6) {
            let ends = ["announce:overload", "hangup"];
            return ends[self.below(ends.len())].to_owned();
        }
        match stations[self.below(stations.len())] {
            Station::Menu(id) => format!("menu:m{id}"),
            Station::Queue(id) if self.one_in(5) => format!("request:q{id}"),
            Station::Queue(id) => format!("queue:q{id}"),
        }
    }

    fn line(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.entropy.below(bound as u64)).unwrap_or(0)
    }

    fn one_in(&mut self, chances: usize) -> bool {
        self.below(chances) == 0
    }
}
