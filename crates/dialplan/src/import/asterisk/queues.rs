//! Queues with their members.

use super::conf::{left, lines};
use super::{File, LeftOut};

/// A queue.
#[derive(Clone, Debug, Default)]
pub(super) struct Queue {
    pub(super) name: String,
    /// Numbers of its members.
    pub(super) members: Vec<String>,
    /// Keys of line122 and their values.
    pub(super) settings: Vec<(&'static str, String)>,
}

/// Keys that mean the same in both, and whether they are seconds.
const SAME: [(&str, &str, bool); 4] = [
    ("timeout", "ring_for", true),
    ("wrapuptime", "wrap_up", true),
    ("announce-frequency", "announce_every", true),
    ("maxlen", "waiting_max", false),
];

/// Reads `queues.conf`.
pub(super) fn read(file: File<'_>, left_out: &mut Vec<LeftOut>) -> Vec<Queue> {
    let mut queues: Vec<Queue> = Vec::new();
    for line in lines(file) {
        if line.section == "general" {
            continue;
        }
        if queues.last().is_none_or(|queue| queue.name != line.section) {
            queues.push(Queue { name: line.section.to_owned(), ..Queue::default() });
        }
        let Some(queue) = queues.last_mut() else { continue };
        let same = SAME.iter().find(|(key, ..)| *key == line.key);
        match (line.key, same) {
            ("member", _) => match number_of(line.value) {
                Some(number) => queue.members.push(number),
                None => left_out.push(left(file.name, &line, "no agent's number in it")),
            },
            // Zero is "never" and "no ceiling" there; the same is not to write it here.
            (_, Some(_)) if line.value == "0" => {}
            (_, Some((_, key, seconds))) if line.value.parse::<u32>().is_ok() => {
                let value =
                    if *seconds { format!("\"{}s\"", line.value) } else { line.value.into() };
                queue.settings.push((key, value));
            }
            ("strategy", _) if line.value != "ringall" => {}
            ("strategy", _) => {
                left_out.push(left(file.name, &line, "a call rings one agent at a time"));
            }
            ("musicclass" | "music", _) => {
                left_out.push(left(file.name, &line, "name a prompt: music = \"music/calm\""));
            }
            _ => left_out.push(left(file.name, &line, "not known")),
        }
    }
    queues
}

/// The number in `PJSIP/201`, `Local/201@from-queue/n,0,Name`.
fn number_of(member: &str) -> Option<String> {
    let interface = member.split(',').next()?;
    let (_, rest) = interface.split_once('/')?;
    let number: String = rest.chars().take_while(char::is_ascii_digit).collect();
    (!number.is_empty()).then_some(number)
}
