//! The dialplan's text.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::queues::Queue;
use super::routes::{Routes, To};
use crate::import::toml_text::{key, list, quoted};

/// Everything that was taken over.
pub(super) fn toml(routes: &Routes, queues: &[Queue]) -> String {
    let mut text = String::from(
        "# Taken over from Asterisk. Look through it, add [region], and give each prompt a sound.\n",
    );
    let start = service(routes, &mut text);
    clinics(routes, start, &mut text);
    for (number, (prompt, to)) in &routes.retired {
        let _ = write!(
            text,
            "\n[retired.{number}]\nnumbers = {}\nannounce = {}\nthen = {}\n",
            list([number]),
            quoted(prompt),
            target(to)
        );
    }
    menus(routes, &mut text);
    staff(queues, &mut text);
    text
}

/// The line begins where most of the numbers lead; numbers that lead elsewhere are told of.
fn service<'a>(routes: &'a Routes, text: &mut String) -> Option<&'a To> {
    let mut by_start: BTreeMap<&To, Vec<&String>> = BTreeMap::new();
    for (number, to) in &routes.numbers {
        by_start.entry(to).or_default().push(number);
    }
    let (start, numbers) = by_start.iter().max_by_key(|(_, numbers)| numbers.len())?;
    let _ = write!(text, "\n[service]\nnumbers = {}\nstart = {}\n", list(numbers), target(start));
    for (other, numbers) in by_start.iter().filter(|(to, _)| to != &start) {
        for number in numbers {
            let _ = writeln!(text, "# {number} led to {}: there is one line", target(other));
        }
    }
    Some(start)
}

fn clinics(routes: &Routes, start: Option<&To>, text: &mut String) {
    for (number, ringing) in &routes.clinics {
        let _ = write!(
            text,
            "\n[clinics.{number}]\ntitle = {}\nnumbers = {}\nring = {}\n",
            quoted(number),
            list([number]),
            list(&ringing.phones)
        );
        if let Some(seconds) = &ringing.seconds {
            let _ = writeln!(text, "ring_for = \"{seconds}s\"");
        }
        if let Some(to) = ringing.then.as_ref().or(start) {
            let _ = writeln!(text, "forward_to = {}", target(to));
        }
    }
}

fn menus(routes: &Routes, text: &mut String) {
    for (name, menu) in &routes.menus {
        let name = key(name);
        let otherwise = menu.otherwise.as_ref().unwrap_or(&To::Hangup);
        let _ = write!(
            text,
            "\n[menus.{name}]\nsay = {}\notherwise = {}\n",
            list(&menu.say),
            target(otherwise)
        );
        for (label, to) in &menu.choices {
            let _ = write!(
                text,
                "\n[[menus.{name}.choice]]\nkey = {}\nto = {}\n",
                quoted(label),
                target(to)
            );
        }
    }
}

/// Queues, a group for each, and the agents of all.
fn staff(queues: &[Queue], text: &mut String) {
    let mut agents = BTreeSet::new();
    for queue in queues {
        let name = key(&queue.name);
        let _ = write!(
            text,
            "\n[queues.{name}]\ntopic = {0}\nserve = [{{ group = {0} }}]\nmusic = \"music/calm\"\n\
             overflow = {{ after = \"15m\", to = \"hangup\" }}\n",
            quoted(&queue.name)
        );
        for (key, value) in &queue.settings {
            let _ = writeln!(text, "{key} = {value}");
        }
        let _ = write!(
            text,
            "\n[groups.{name}]\ntitle = {}\nagents = {}\n",
            quoted(&queue.name),
            list(&queue.members)
        );
        agents.extend(&queue.members);
    }
    for agent in agents {
        let _ = write!(
            text,
            "\n[agents.{agent}]\nname = \"{agent}\"\nkind = \"operator\"\n\
             password_env = \"LINE122_AGENT_{agent}\"\n"
        );
    }
}

fn target(to: &To) -> String {
    match to {
        To::Menu(name) => quoted(&format!("menu:{name}")),
        To::Queue(name) => quoted(&format!("queue:{name}")),
        To::Announce(prompt) => quoted(&format!("announce:{prompt}")),
        To::Hangup => quoted("hangup"),
    }
}
