//! `/metrics` in the text format of Prometheus.

use std::fmt::Write;

use records::Load;
use switch::Status;

use crate::line::Sample;
use crate::process;

/// All figures as text.
pub(crate) fn render(status: &Status, samples: &[Sample]) -> String {
    let mut out = String::with_capacity(8 << 10);
    for sample in counters(status).iter().chain(samples).chain(&process::samples()) {
        head(&mut out, sample.name, sample.help);
        let _ = writeln!(out, "line122_{} {}", sample.name, sample.value);
    }
    queues(&mut out, status);
    agents(&mut out, status);
    trunks(&mut out, status);
    out
}

/// What there is to do with cases.
#[allow(clippy::cast_precision_loss)] // counts stay far below 2^53
pub(crate) fn of_cases(load: &Load) -> [Sample; 4] {
    let sample = |name, help, value: i64| Sample { name, help, value: value as f64 };
    [
        sample("cases_open", "Cases without an answer.", load.cases_open),
        sample("cases_overdue", "Cases whose due time has passed.", load.cases_overdue),
        sample("letters_waiting", "Letters to organisations that wait.", load.letters_waiting),
        sample(
            "letters_given_up",
            "Letters to organisations that were tried in vain for too long.",
            load.letters_given_up,
        ),
    ]
}

fn head(out: &mut String, name: &str, help: &str) {
    let kind = if name.ends_with("_total") { "counter" } else { "gauge" };
    let _ = writeln!(out, "# HELP line122_{name} {help}\n# TYPE line122_{name} {kind}");
}

#[allow(clippy::cast_precision_loss)] // counts stay far below 2^53
fn counters(status: &Status) -> Vec<Sample> {
    let c = &status.counters;
    let sample = |name, help, value: u64| Sample { name, help, value: value as f64 };
    vec![
        Sample {
            name: "uptime_seconds",
            help: "Time since the start.",
            value: status.uptime.as_secs_f64(),
        },
        sample("draining", "1 while new calls are refused before the end.", status.draining.into()),
        sample("calls_live", "Calls that this system answered or is about to.", c.calls_live),
        sample(
            "calls_proxied_live",
            "Calls between others that pass through.",
            c.calls_proxied_live,
        ),
        sample("calls_total", "Calls accepted.", c.calls_total),
        sample("calls_refused_total", "Calls refused before they began.", c.calls_refused_total),
        sample("calls_answered_total", "Calls that an agent answered.", c.calls_answered_total),
        sample(
            "calls_answered_by_clinic_total",
            "Calls that the clinic's own phone answered.",
            c.calls_answered_by_clinic_total,
        ),
        sample("calls_abandoned_total", "Callers who left while waiting.", c.calls_abandoned_total),
        sample(
            "calls_forwarded_from_clinics_total",
            "Calls that a clinic's line passed on.",
            c.calls_forwarded_from_clinics_total,
        ),
        sample(
            "calls_broken_total",
            "Calls that ended because media or signalling broke.",
            c.calls_broken_total,
        ),
        sample(
            "calls_resumed_total",
            "Calls that went on after a restart of this program.",
            c.calls_resumed_total,
        ),
        sample(
            "calls_failed_total",
            "Calls that a defect of this program ended; the log says which.",
            c.calls_failed_total,
        ),
        sample("contacts", "Registered contacts of phones.", c.contacts),
        sample("sip_transactions_live", "SIP transactions in progress.", c.transactions_live),
        sample("legs_live", "INVITE usages in progress.", c.legs_live),
        sample("sip_messages_in_total", "SIP messages received.", c.messages_in_total),
        sample("sip_messages_out_total", "SIP messages sent.", c.messages_out_total),
        sample("bans", "Sources that are banned now.", c.bans_live),
        sample("bans_total", "Bans imposed.", c.bans_total),
        sample(
            "packets_unread_total",
            "SIP packets of banned sources, or more than are read from strangers.",
            c.packets_unread_total,
        ),
        sample(
            "outgoing_refused_total",
            "Calls and transfers of agents to numbers outside that they may not call.",
            c.outgoing_refused_total,
        ),
        sample("offences_total", "What was counted against unknown sources.", c.offences_total),
    ]
}

fn queues(out: &mut String, status: &Status) {
    type Value = fn(&queue::snapshot::QueueView) -> f64;
    #[allow(clippy::cast_precision_loss)]
    let families: [(&str, &str, Value); 5] = [
        ("queue_waiting", "Calls that wait in the queue.", |q| q.waiting as f64),
        ("queue_offered", "Calls that are offered to an agent.", |q| q.offered as f64),
        ("queue_longest_wait_seconds", "How long the first has waited.", |q| {
            q.longest_wait.as_secs_f64()
        }),
        ("queue_agents_on_duty", "Agents on duty who serve the queue.", |q| q.on_duty as f64),
        ("queue_agents_free", "Agents who could take a call now.", |q| q.free as f64),
    ];
    for (name, help, value) in families {
        head(out, name, help);
        for queue in &status.centre.queues {
            let label = escape(queue.queue.as_str());
            let _ = writeln!(out, "line122_{name}{{queue=\"{label}\"}} {}", value(queue));
        }
    }
}

fn agents(out: &mut String, status: &Status) {
    head(out, "agents", "Agents by what they do.");
    let mut counts = std::collections::BTreeMap::<String, u64>::new();
    for agent in &status.centre.agents {
        let state = crate::agent_state::agent_state(agent);
        *counts.entry(state.to_owned()).or_default() += 1;
    }
    for (state, count) in counts {
        let _ = writeln!(out, "line122_agents{{state=\"{state}\"}} {count}");
    }
}

fn trunks(out: &mut String, status: &Status) {
    head(out, "trunk_calls", "Calls of the trunk in progress.");
    for trunk in &status.trunks {
        let label = escape(&trunk.trunk);
        let _ = writeln!(out, "line122_trunk_calls{{trunk=\"{label}\"}} {}", trunk.calls);
    }
    head(out, "trunk_alive", "1 if the trunk works; absent if it is not watched.");
    for trunk in &status.trunks {
        if let Some(alive) = trunk.alive {
            let label = escape(&trunk.trunk);
            let _ = writeln!(out, "line122_trunk_alive{{trunk=\"{label}\"}} {}", u8::from(alive));
        }
    }
}

/// A label's value, as the format wants it.
fn escape(label: &str) -> String {
    label.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_figure_has_help_and_type_and_says_it_once() {
        let text = render(&Status::default(), &[]);
        let mut seen = std::collections::BTreeSet::new();
        for line in text.lines().filter(|line| line.starts_with("# TYPE ")) {
            let mut words = line.split(' ').skip(2);
            let (name, kind) = (words.next().unwrap(), words.next().unwrap());
            assert!(seen.insert(name.to_owned()), "{name} twice");
            assert!(text.contains(&format!("# HELP {name} ")));
            assert_eq!(kind == "counter", name.ends_with("_total"), "{name}");
        }
        assert!(seen.contains("line122_calls_live") && seen.contains("line122_queue_waiting"));
    }

    #[test]
    fn labels_cannot_break_the_format() {
        assert_eq!(escape("a\"b\\c\nd"), "a\\\"b\\\\c\\nd");
    }
}
