//! What numbers and contexts lead to.

use std::collections::{BTreeMap, BTreeSet};

use super::LeftOut;
use super::conf::{Extensions, Step};

/// How often one extension may lead to another before it is given up.
const HOPS_MAX: usize = 16;

/// Applications that a line122 needs no word for.
const SILENT: [&str; 10] = [
    "answer",
    "noop",
    "wait",
    "ringing",
    "progress",
    "verbose",
    "waitexten",
    "gosub",
    "macro",
    "set",
];
/// Of these the ones that may do something that is lost.
const TOLD: [&str; 3] = ["gosub", "macro", "set"];

/// Where a call goes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum To {
    Menu(String),
    Queue(String),
    Announce(String),
    Hangup,
}

/// A menu: a context with `Background` in its start.
#[derive(Clone, Debug, Default)]
pub(super) struct Menu {
    pub(super) say: Vec<String>,
    pub(super) choices: BTreeMap<String, To>,
    pub(super) otherwise: Option<To>,
}

/// Phones that ring, and what then.
#[derive(Clone, Debug)]
pub(super) struct Ringing {
    pub(super) phones: Vec<String>,
    pub(super) seconds: Option<String>,
    pub(super) then: Option<To>,
}

/// What could be taken over.
#[derive(Clone, Debug, Default)]
pub(super) struct Routes {
    /// Numbers that lead to a menu or a queue.
    pub(super) numbers: BTreeMap<String, To>,
    /// Numbers that ring phones.
    pub(super) clinics: BTreeMap<String, Ringing>,
    /// Numbers with an announcement: the prompt, and where the call goes then.
    pub(super) retired: BTreeMap<String, (String, To)>,
    pub(super) menus: BTreeMap<String, Menu>,
    /// Queues that something leads to.
    pub(super) queues: BTreeSet<String>,
}

/// Looks where everything leads.
pub(super) fn routes(extensions: &Extensions, left_out: &mut Vec<LeftOut>) -> Routes {
    let mut finder = Finder { extensions, left_out, routes: Routes::default() };
    for (context, extens) in &extensions.contexts {
        for (exten, steps) in extens {
            let is_number = exten.len() > 1 && exten.bytes().all(|b| b.is_ascii_digit());
            if is_number {
                finder.number(exten, steps);
            } else if exten == "s" && !finder.is_menu(context) {
                // It is looked at when a number leads to it.
            } else if exten.starts_with('_') {
                finder.leave_out(&steps[0], "patterns of numbers: write each number out");
            }
        }
    }
    finder.routes
}

struct Finder<'a> {
    extensions: &'a Extensions,
    left_out: &'a mut Vec<LeftOut>,
    routes: Routes,
}

impl<'a> Finder<'a> {
    fn steps(&self, context: &str, exten: &str) -> Option<&'a [Step]> {
        self.extensions.contexts.get(context)?.get(exten).map(Vec::as_slice)
    }

    fn is_menu(&self, context: &str) -> bool {
        let steps = self.steps(context, "s").unwrap_or_default();
        steps.iter().any(|step| matches!(&*step.app, "background" | "read"))
    }

    /// A number of its own: it leads to the line, to phones, or tells something.
    fn number(&mut self, number: &str, steps: &[Step]) {
        let mut said: Option<String> = None;
        for (at, step) in steps.iter().enumerate() {
            match &*step.app {
                "dial" => {
                    let then = self.follow(&steps[at + 1..], 0);
                    let ringing = self.ringing(step, then);
                    self.routes.clinics.insert(number.to_owned(), ringing);
                    return;
                }
                "playback" => said = step.arguments.first().cloned(),
                _ => {
                    let Some(to) = self.follow(&steps[at..=at], 0) else { continue };
                    match said {
                        Some(said) => {
                            self.routes.retired.insert(number.to_owned(), (said, to)).map(drop)
                        }
                        None => self.routes.numbers.insert(number.to_owned(), to).map(drop),
                    };
                    return;
                }
            }
        }
        if let Some(said) = said {
            self.routes.retired.insert(number.to_owned(), (said, To::Hangup));
        }
    }

    fn ringing(&mut self, step: &Step, then: Option<To>) -> Ringing {
        let mut phones = Vec::new();
        for phone in step.arguments.first().into_iter().flat_map(|phones| phones.split('&')) {
            match phone.split_once('/') {
                Some((_, peer)) if !peer.is_empty() && !peer.contains("${") => {
                    let peer = peer.replace('/', "-");
                    let has_host = peer.contains('@');
                    let host = if has_host { "" } else { "@pbx.example" };
                    phones.push(format!("sip:{peer}{host}"));
                }
                _ => self.leave_out(step, "no phone in it"),
            }
        }
        let seconds = step.arguments.get(1).filter(|s| s.parse::<u32>().is_ok()).cloned();
        Ringing { phones, seconds, then }
    }

    /// Where these steps lead; `None` if nothing in them leads on.
    fn follow(&mut self, steps: &[Step], hops: usize) -> Option<To> {
        if hops > HOPS_MAX {
            return None;
        }
        let mut said = None;
        for step in steps {
            let first = step.arguments.first().map(String::as_str).unwrap_or_default();
            match &*step.app {
                "queue" => {
                    self.routes.queues.insert(first.to_owned());
                    return Some(To::Queue(first.to_owned()));
                }
                "goto" => return self.goto(step, hops),
                "playback" => said = Some(first.to_owned()),
                "hangup" => return Some(said.map_or(To::Hangup, To::Announce)),
                "voicemail" => self.leave_out(step, "there is no voice mail: a case is written"),
                "gotoiftime" => {
                    self.leave_out(step, "write a schedule: [schedules.NAME], and `when`")
                }
                "background" | "read" | "dial" => {
                    self.leave_out(step, "not where a call is led on")
                }
                app if SILENT.contains(&app) => {
                    if TOLD.contains(&app) {
                        self.leave_out(step, "not known here");
                    }
                }
                _ => self.leave_out(step, "not known here"),
            }
        }
        said.map(To::Announce)
    }

    fn goto(&mut self, step: &Step, hops: usize) -> Option<To> {
        let (context, exten) = match step.arguments.as_slice() {
            [context, exten, _] => (context, exten),
            _ => {
                self.leave_out(step, "leads within its own extension");
                return None;
            }
        };
        if exten == "s" && self.is_menu(context) {
            self.menu(context, hops);
            return Some(To::Menu(context.clone()));
        }
        let Some(steps) = self.steps(context, exten) else {
            self.leave_out(step, "leads to nothing in these files");
            return None;
        };
        self.follow(steps, hops + 1)
    }

    fn menu(&mut self, context: &str, hops: usize) {
        if self.routes.menus.contains_key(context) {
            return;
        }
        self.routes.menus.insert(context.to_owned(), Menu::default());
        let mut menu = Menu::default();
        for step in self.steps(context, "s").unwrap_or_default() {
            match &*step.app {
                "background" => {
                    let files =
                        step.arguments.first().into_iter().flat_map(|files| files.split('&'));
                    menu.say.extend(files.map(str::to_owned));
                }
                app if SILENT.contains(&app) => {}
                "goto" | "queue" | "hangup" => {}
                _ => self.leave_out(step, "not known here"),
            }
        }
        let extens = self.extensions.contexts.get(context);
        for (exten, steps) in extens.into_iter().flatten() {
            let mut labels = exten.chars();
            let key = labels.next().and_then(crate::Key::new).filter(|_| labels.next().is_none());
            if key.is_some() {
                match self.follow(steps, hops + 1) {
                    Some(to) => drop(menu.choices.insert(exten.clone(), to)),
                    None => self.leave_out(&steps[0], "this key leads nowhere that is known"),
                }
            } else if exten == "t" {
                menu.otherwise = self.follow(steps, hops + 1);
            }
        }
        self.routes.menus.insert(context.to_owned(), menu);
    }

    fn leave_out(&mut self, step: &Step, why: &str) {
        self.left_out.push(LeftOut {
            file: step.file.clone(),
            line: step.line,
            text: step.text.as_str().into(),
            why: why.into(),
        });
    }
}
