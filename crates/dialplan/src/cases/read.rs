//! Reads the cases of a dialplan; every reference is checked.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::run::{Case, Expected};
use super::tables::{CaseTable, CasesRoot, ExpectTable};
use crate::explain::{ClinicDoes, Deed, OnDuty, Question, keys, moment, words};
use crate::findings::Findings;
use crate::read::{self, Field, Name, TargetText, Text};
use crate::source::{At, SourceFile, Sources, Spot};
use crate::{AgentId, Diagnostic, Dialplan, ForwardCause, Place, PromptName, Target};

/// The folder of the cases within the dialplan's.
pub const FOLDER: &str = "tests";
/// The most cases of a dialplan.
pub const CASES_MAX: usize = 10_000;

/// Reads the cases in the folder `tests` of a dialplan's folder, in the order of files and lines;
/// without that folder there are none.
///
/// # Errors
/// All findings.
pub fn load_cases(folder: &Path, plan: &Dialplan) -> Result<Vec<Case>, Vec<Diagnostic>> {
    let folder = folder.join(FOLDER);
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    cases_of(&crate::load::read_folder(&folder)?, plan)
}

/// The same from memory: names of files and their texts.
///
/// # Errors
/// All findings.
pub fn load_cases_str(
    files: &[(&str, &str)],
    plan: &Dialplan,
) -> Result<Vec<Case>, Vec<Diagnostic>> {
    let file = |(name, text): &(&str, &str)| SourceFile::new(PathBuf::from(name), (*text).into());
    let sources =
        Sources { folder: PathBuf::from(FOLDER), files: files.iter().map(file).collect() };
    cases_of(&sources, plan)
}

fn cases_of(sources: &Sources, plan: &Dialplan) -> Result<Vec<Case>, Vec<Diagnostic>> {
    let mut findings = Findings::default();
    let mut cases = Vec::new();
    for (index, file) in sources.files.iter().enumerate() {
        if file.path.extension() == Some(OsStr::new("md")) {
            continue;
        }
        let root: CasesRoot = read::file(index, file, &mut findings);
        let mut reader = Reader { sources, plan, findings: &mut findings };
        for case in root.case.value().into_iter().flatten() {
            if cases.len() == CASES_MAX {
                let message = format!("more than {CASES_MAX} cases");
                reader.findings.error(case.spot, message).remedy("remove some");
                break;
            }
            cases.extend(reader.case(case));
        }
    }
    if findings.any_error() { Err(findings.into_diagnostics(sources)) } else { Ok(cases) }
}

struct Reader<'a> {
    sources: &'a Sources,
    plan: &'a Dialplan,
    findings: &'a mut Findings,
}

impl Reader<'_> {
    fn case(&mut self, At { spot, value: table }: &At<CaseTable>) -> Option<Case> {
        let owner = (*spot, "the case");
        let name = table.name.need("name", "\"Ночью отвечает дежурный\"", owner, self.findings);
        let to = table.to.need("to", "\"9-122\"", owner, self.findings);
        let at = table.at.need("at", "\"2026-12-31 23:30\"", owner, self.findings);
        let at = at.and_then(|at| self.moment(at));
        let expect = table.expect.need("expect", "{ end = \"served\" }", owner, self.findings);
        let expected = expect.map(|expect| self.expected(expect)).unwrap_or_default();
        let trunk =
            table.trunk.given().and_then(|name| self.known("trunk", name, &self.plan.trunks));
        let origin = table.origin.given().and_then(|origin| self.origin(origin));
        let mut does = table.keys.given().map_or(Some(Vec::new()), |keys| self.keys(keys))?;
        does.extend(table.says.given().map_or(Some(Vec::new()), |says| self.says(says))?);
        let on_duty = self.on_duty(table);
        Some(Case {
            name: name?.value.0.clone(),
            place: self.place(*spot),
            question: Question {
                trunk,
                from: table.from.value().map(|from| from.0.clone()),
                origin,
                does,
                on_duty,
                all_busy: *table.all_busy.value().unwrap_or(&false),
                clinic: *table
                    .clinic
                    .value()
                    .unwrap_or(&ClinicDoes::DoesNot(ForwardCause::NoAnswer)),
                ..Question::new(&to?.value.0, at?)
            },
            expected,
        })
    }

    fn moment(&mut self, written: &At<Text>) -> Option<ambient::Wall> {
        let at = moment(self.plan, &written.value.0);
        if at.is_none() {
            self.findings
                .error(written.spot, format!("\"{}\" is no time", written.value.0.escape_debug()))
                .remedy("write the region's time: \"2026-12-31 23:30\"");
        }
        at
    }

    fn keys(&mut self, written: &At<Text>) -> Option<Vec<Deed>> {
        let pressed = keys(&written.value.0);
        if pressed.is_none() {
            self.findings
                .error(written.spot, format!("\"{}\" are no keys", written.value.0.escape_debug()))
                .remedy("write keys one after another, such as \"1#\"; \"-\" is silence");
        }
        pressed
    }

    fn says(&mut self, written: &At<Vec<At<Text>>>) -> Option<Vec<Deed>> {
        let said = words(written.value.iter().map(|answer| &*answer.value.0));
        if said.is_none() {
            self.findings
                .error(written.spot, "nobody answers so often")
                .remedy("write one answer for each menu");
        }
        said
    }

    fn origin(&mut self, written: &At<TargetText>) -> Option<crate::ClinicId> {
        match self.target(written)? {
            Target::Clinic(clinic) => Some(clinic),
            Target::Menu(_)
            | Target::Queue(_)
            | Target::OwnClinic
            | Target::Outside(_)
            | Target::Request(_)
            | Target::Announce(_)
            | Target::CallBack
            | Target::Hangup => {
                self.findings
                    .error(written.spot, "a call is passed on by a clinic only")
                    .remedy("write origin = \"clinic:NAME\"");
                None
            }
        }
    }

    fn on_duty(&mut self, table: &CaseTable) -> OnDuty {
        let Some(written) = table.on_duty.value() else { return OnDuty::Everybody };
        let mut agents = std::collections::BTreeSet::new();
        for At { spot, value } in written {
            for number in &value.0 {
                let id = AgentId::from(number.as_str());
                if !self.plan.agents.contains_key(&id) {
                    self.findings
                        .error(*spot, format!("no agent {number}"))
                        .remedy("name agents of the dialplan");
                }
                agents.insert(id);
            }
        }
        OnDuty::These(agents)
    }

    fn expected(&mut self, At { spot, value: table }: &At<ExpectTable>) -> Vec<(Expected, Place)> {
        let mut expected = Vec::new();
        if let Some(end) = table.end.given() {
            expected.push((Expected::End(end.value), end.spot));
        }
        if let Some(name) = table.queue.given() {
            let queue = self.known("queue", name, &self.plan.queues);
            expected.extend(queue.map(|queue| (Expected::Queue(queue), name.spot)));
        }
        if let Some(list) = table.passes.given() {
            let stations = list.value.iter().filter_map(|target| self.station(target)).collect();
            expected.push((Expected::Passes(stations), list.spot));
        }
        if let Some(list) = table.hears.given() {
            let words = list.value.iter().map(|name| PromptName::from(&*name.value.0)).collect();
            expected.push((Expected::Hears(words), list.spot));
        }
        if let Some(list) = table.served_by.given() {
            let groups = &self.plan.groups;
            let names = list.value.iter().filter_map(|name| self.known("group", name, groups));
            expected.push((Expected::ServedBy(names.collect()), list.spot));
        }
        let is_written = [
            matches!(table.end, Field::Absent),
            matches!(table.queue, Field::Absent),
            matches!(table.passes, Field::Absent),
            matches!(table.hears, Field::Absent),
            matches!(table.served_by, Field::Absent),
        ]
        .contains(&false);
        if !is_written {
            self.findings
                .error(*spot, "the case expects nothing")
                .remedy("write end, queue, passes, hears or served_by");
        }
        expected.into_iter().map(|(what, spot)| (what, self.place(spot))).collect()
    }

    /// A menu, a queue or a clinic.
    fn station(&mut self, written: &At<TargetText>) -> Option<Target> {
        match self.target(written)? {
            Target::OwnClinic
            | Target::Request(_)
            | Target::Announce(_)
            | Target::CallBack
            | Target::Hangup => {
                self.findings
                    .error(written.spot, "a call passes menus, queues, clinics and numbers outside")
                    .remedy("write what it hears into `hears`, and its end into `end`");
                None
            }
            station @ (Target::Menu(_)
            | Target::Queue(_)
            | Target::Clinic(_)
            | Target::Outside(_)) => Some(station),
        }
    }

    fn target(&mut self, At { spot, value }: &At<TargetText>) -> Option<Target> {
        let name = |name: &str| At { spot: *spot, value: Name(name.into()) };
        match value {
            TargetText::Menu(text) => {
                self.known("menu", &name(text), &self.plan.menus).map(Target::Menu)
            }
            TargetText::Queue(text) => {
                self.known("queue", &name(text), &self.plan.queues).map(Target::Queue)
            }
            TargetText::Clinic(text) => {
                self.known("clinic", &name(text), &self.plan.clinics).map(Target::Clinic)
            }
            TargetText::Outside(text) => {
                self.known("number outside", &name(text), &self.plan.outside).map(Target::Outside)
            }
            TargetText::Request(text) => {
                self.known("queue", &name(text), &self.plan.queues).map(Target::Request)
            }
            TargetText::Announce(text) => Some(Target::Announce((&**text).into())),
            TargetText::OwnClinic => Some(Target::OwnClinic),
            TargetText::CallBack => Some(Target::CallBack),
            TargetText::Hangup => Some(Target::Hangup),
        }
    }

    /// The name of a thing of the dialplan.
    fn known<Id, T>(
        &mut self,
        what: &str,
        At { spot, value: Name(name) }: &At<Name>,
        things: &std::collections::BTreeMap<Id, T>,
    ) -> Option<Id>
    where
        Id: Ord + Clone + std::borrow::Borrow<str>,
    {
        let known = things.get_key_value(&**name).map(|(id, _)| id.clone());
        if known.is_none() {
            self.findings
                .error(*spot, format!("no {what} \"{}\"", name.escape_debug()))
                .suggest(name, things.keys().map(std::borrow::Borrow::borrow))
                .or_remedy("name one of the dialplan");
        }
        known
    }

    fn place(&self, spot: Spot) -> Place {
        let file = format!("{FOLDER}/{}", self.sources.files[spot.file].name());
        Place { file: file.into(), line: self.sources.line(spot) }
    }
}
