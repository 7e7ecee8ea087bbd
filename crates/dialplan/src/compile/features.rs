//! What agents dial to change their duty, or to watch the talks of others.

use std::collections::BTreeMap;

use super::{Context, entries};
use crate::plan::{BreakReason, Feature};
use crate::read::{Field, NumberText};
use crate::source::At;
use crate::{Agent, AgentId, Destination, Features, Number};

impl Context<'_> {
    /// All feature codes; none is needed, since the desk in the browser can do the same.
    pub(super) fn features(&mut self, agents: &BTreeMap<AgentId, Agent>) -> Features {
        let table = self.root.features.or_empty();
        let breaks = table.breaks.or_empty();
        let codes: [(&Field<NumberText>, Feature); 5] = [
            (&table.on_duty, Feature::OnDuty),
            (&table.off_duty, Feature::OffDuty),
            (&breaks.rest, Feature::Break(BreakReason::Rest)),
            (&breaks.meal, Feature::Break(BreakReason::Meal)),
            (&breaks.paperwork, Feature::Break(BreakReason::Paperwork)),
        ];
        let mut features = Features { codes: BTreeMap::new(), monitor: None };
        for (code, feature) in codes {
            let Some(code) = code.given() else { continue };
            let Some(number) = self.number(code) else { continue };
            self.book.give(&number, code.spot, Destination::Feature(feature), self.findings);
            features.codes.insert(number, feature);
        }
        features.monitor = self.monitor(&table.monitor, agents);
        self.monitors_can(&features);
        features
    }

    /// The code that watches talks: with the number of each agent behind it, a number of its own.
    fn monitor(
        &mut self,
        code: &Field<NumberText>,
        agents: &BTreeMap<AgentId, Agent>,
    ) -> Option<Number> {
        let code = code.given()?;
        let prefix = self.number(code)?;
        if let Some(first) = self.book.spot(&prefix) {
            self.findings
                .error(code.spot, format!("`monitor` is {prefix}, which leads somewhere already"))
                .remedy("choose a code that nothing else has, such as \"*55\"")
                .elsewhere(first, "here");
            return None;
        }
        for agent in agents.keys() {
            let written =
                At { spot: code.spot, value: NumberText(format!("{prefix}{agent}").into()) };
            if let Some(number) = self.number(&written) {
                let to = Destination::Monitor(agent.clone());
                self.book.give(&number, code.spot, to, self.findings);
            }
        }
        Some(prefix)
    }

    /// Who may watch talks needs a code to do it with.
    fn monitors_can(&mut self, features: &Features) {
        if features.monitor.is_some()
            || !matches!(self.root.features.or_empty().monitor, Field::Absent)
        {
            return;
        }
        for (name, _, table) in entries(&self.root.groups) {
            if let Some(at) = table.monitors.given().filter(|at| !at.value.is_empty()) {
                self.findings
                    .warning(
                        at.spot,
                        format!("group \"{name}\" has `monitors`, and there is no code"),
                    )
                    .remedy("add `monitor = \"*55\"` to [features]");
            }
        }
    }
}
