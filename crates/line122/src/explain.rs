//! `line122 explain`: the way of a call that might come.

mod quote;

use std::io::Write;
use std::path::PathBuf;

use dialplan::explain::{ClinicDoes, Explanation, OnDuty, Question, clock};
use dialplan::{ClinicId, Dialplan, ForwardCause, TrunkId};
use serde_json::json;

use crate::check::{self, Format};
use crate::failure::Failure;
use crate::language::Language;
use crate::settings::Settings;
use crate::store;

pub(crate) use quote::Quotes;

/// The call that is asked about.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Its folder; the one of the settings if not given
    folder: Option<PathBuf>,
    /// The dialled number
    #[arg(long = "to", value_name = "NUMBER")]
    called: String,
    /// The caller's number; withheld if not given
    #[arg(long = "from", value_name = "NUMBER")]
    caller: Option<String>,
    /// When, in the region's time: "2026-12-31 23:30"; now if not given
    #[arg(long = "at", value_name = "TIME")]
    moment: Option<String>,
    /// The clinic whose own PBX passed the call on: clinic:NAME
    #[arg(long = "origin", value_name = "CLINIC")]
    diverted: Option<String>,
    /// The trunk that brings the call, if numbers are written in another way there
    #[arg(long)]
    trunk: Option<String>,
    /// Keys one after another, each after a menu's words; "-" is silence
    #[arg(
        long = "keys",
        value_name = "KEYS",
        default_value = "",
        hide_default_value = true,
        allow_hyphen_values = true
    )]
    pressed: String,
    /// What the caller says to the robot, one answer after another, after the keys; - is silence
    #[arg(long = "say", value_name = "WORDS", allow_hyphen_values = true)]
    said: Vec<String>,
    /// Who is on duty: 201-205,211; everybody if not given
    #[arg(long, value_name = "AGENTS")]
    on_duty: Option<String>,
    /// Whoever is on duty talks already
    #[arg(long)]
    all_busy: bool,
    /// What a clinic's phones do when they ring
    #[arg(long, value_enum, default_value_t, value_name = "WHAT")]
    clinic: Clinic,
    /// How findings are written
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
}

/// What a clinic's phones do.
#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
enum Clinic {
    #[default]
    NoAnswer,
    Busy,
    Unreachable,
    Answers,
}

/// Tells the way of a call.
pub(crate) fn tell(
    options: &Options,
    settings: &Settings,
    language: Language,
) -> Result<(), Failure> {
    let (folder, plan) = check::named(options.folder.as_deref(), settings)?;
    let question = options.question(&plan)?;
    let explanation = dialplan::explain::explain(&plan, &question);
    let mut out = std::io::stdout().lock();
    match options.format {
        Format::Json => writeln!(out, "{:#}", as_json(&plan, &explanation, language))?,
        Format::Text => {
            let from =
                question.from.as_deref().unwrap_or(language.pick("withheld", "скрытый номер"));
            let (to, at) = (&question.to, clock(&plan, question.at));
            writeln!(out, "{from} → {to}, {at}, {} {}\n", folder.display(), plan.version)?;
            print(&mut out, &plan, &explanation, &mut Quotes::of(folder), language)?;
        }
    }
    Ok(())
}

/// Writes the steps of a call, each with its line.
pub(crate) fn print(
    out: &mut dyn Write,
    plan: &Dialplan,
    explanation: &Explanation,
    quotes: &mut Quotes<'_>,
    language: Language,
) -> std::io::Result<()> {
    for step in &explanation.steps {
        let at = clock(plan, step.at);
        let time = at.split(' ').next_back().unwrap_or_default();
        writeln!(out, "{time}  {}", language.pick(step.english(plan), step.russian(plan)))?;
        if let Some(place) = &step.place {
            writeln!(out, "          {place}: {}", quotes.line(place))?;
        }
        for other in &step.others {
            let text = language.pick(other.english(plan), other.russian(plan));
            let place = other.place.as_ref().map(|place| format!(" ({place})"));
            writeln!(out, "          – {text}{}", place.unwrap_or_default())?;
        }
    }
    let end = language.pick(explanation.end.english(), explanation.end.russian());
    writeln!(out, "= {end}")
}

/// The way of a call for programs.
pub(crate) fn as_json(
    plan: &Dialplan,
    explanation: &Explanation,
    language: Language,
) -> serde_json::Value {
    let steps = explanation.steps.iter().map(|step| {
        let others = step.others.iter().map(|other| {
            json!({
                "text": language.pick(other.english(plan), other.russian(plan)),
                "place": other.place,
            })
        });
        json!({
            "at": clock(plan, step.at),
            "text": language.pick(step.english(plan), step.russian(plan)),
            "place": step.place,
            "others": others.collect::<Vec<_>>(),
        })
    });
    json!({
        "version": &*plan.version,
        "steps": steps.collect::<Vec<_>>(),
        "end": explanation.end,
    })
}

impl Options {
    fn question(&self, plan: &Dialplan) -> Result<Question, Failure> {
        let at = match &self.moment {
            Some(text) => dialplan::explain::moment(plan, text).ok_or_else(|| {
                Failure::Usage(format!("--at: \"{text}\" is no time such as \"2026-12-31 23:30\""))
            })?,
            None => store::now(),
        };
        let usage = |text: String| Failure::Usage(text);
        let mut does = dialplan::explain::keys(&self.pressed)
            .ok_or_else(|| usage("--keys: keys such as 1, # or - are expected".into()))?;
        let said = dialplan::explain::words(self.said.iter().map(String::as_str));
        does.extend(said.ok_or_else(|| usage("--say: nobody answers so often".into()))?);
        let origin = self.diverted.as_deref().map(|name| clinic(plan, name)).transpose()?;
        let trunk = self.trunk.as_deref().map(|name| {
            let id = TrunkId::from(name);
            plan.trunks.contains_key(&id).then_some(id).ok_or(usage(format!("no trunk \"{name}\"")))
        });
        let on_duty = match &self.on_duty {
            Some(text) => OnDuty::These(
                dialplan::explain::agents(plan, text)
                    .map_err(|why| usage(format!("--on-duty: {why}")))?,
            ),
            None => OnDuty::Everybody,
        };
        Ok(Question {
            trunk: trunk.transpose()?,
            from: self.caller.as_deref().map(Box::from),
            origin,
            does,
            on_duty,
            all_busy: self.all_busy,
            clinic: match self.clinic {
                Clinic::Answers => ClinicDoes::Answers,
                Clinic::NoAnswer => ClinicDoes::DoesNot(ForwardCause::NoAnswer),
                Clinic::Busy => ClinicDoes::DoesNot(ForwardCause::Busy),
                Clinic::Unreachable => ClinicDoes::DoesNot(ForwardCause::Unreachable),
            },
            ..Question::new(&self.called, at)
        })
    }
}

fn clinic(plan: &Dialplan, name: &str) -> Result<ClinicId, Failure> {
    let name = name.strip_prefix("clinic:").unwrap_or(name);
    let id = ClinicId::from(name);
    let known = plan.clinics.contains_key(&id);
    known.then_some(id).ok_or_else(|| Failure::Usage(format!("no clinic \"{name}\"")))
}
