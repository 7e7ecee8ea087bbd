//! `line122 test`: the cases beside a dialplan.

use std::io::Write;
use std::path::{Path, PathBuf};

use dialplan::Dialplan;
use dialplan::cases::{Case, Coverage, FOLDER, Verdict, coverage, load_cases, run};
use serde_json::json;

use crate::check::{self, Format};
use crate::explain::{self, Quotes};
use crate::failure::Failure;
use crate::language::Language;
use crate::settings::Settings;

/// What `test` is asked.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Its folder; the one of the settings if not given
    folder: Option<PathBuf>,
    /// How findings are written
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
}

/// Runs the cases of a dialplan. If one of them does not hold, the exit code is 1.
pub(crate) fn test(
    options: &Options,
    settings: &Settings,
    language: Language,
) -> Result<(), Failure> {
    let (folder, plan) = check::named(options.folder.as_deref(), settings)?;
    let cases = load_cases(folder, &plan).map_err(|findings| {
        check::show(&findings);
        Failure::Usage(format!("{}: errors: {}", folder.join(FOLDER).display(), findings.len()))
    })?;
    if cases.is_empty() {
        let shown = folder.join(FOLDER);
        return Err(Failure::Usage(language.pick(
            format!("{}: there are no cases", shown.display()),
            format!("{}: проверок нет", shown.display()),
        )));
    }
    let verdicts: Vec<Verdict> = cases.iter().map(|case| run(&plan, case)).collect();
    let coverage = coverage(&plan, &verdicts);
    let results = Results { plan: &plan, cases: &cases, verdicts: &verdicts, coverage: &coverage };
    let mut out = std::io::stdout().lock();
    match options.format {
        Format::Json => writeln!(out, "{:#}", results.as_json(language))?,
        Format::Text => results.print(&mut out, folder, language)?,
    }
    let failed = verdicts.iter().filter(|verdict| !verdict.misses.is_empty()).count();
    if failed > 0 {
        let (all, shown) = (cases.len(), folder.display());
        return Err(Failure::Untrue(language.pick(
            format!("{shown}: {failed} of {all} cases do not hold"),
            format!("{shown}: не выполнено проверок: {failed} из {all}"),
        )));
    }
    Ok(())
}

struct Results<'a> {
    plan: &'a Dialplan,
    cases: &'a [Case],
    verdicts: &'a [Verdict],
    coverage: &'a Coverage,
}

impl Results<'_> {
    fn print(&self, out: &mut dyn Write, folder: &Path, language: Language) -> std::io::Result<()> {
        let mut quotes = Quotes::of(folder);
        for (case, verdict) in self.cases.iter().zip(self.verdicts) {
            if verdict.misses.is_empty() {
                continue;
            }
            writeln!(out, "{}/{}: {}", folder.display(), case.place, case.name)?;
            for miss in &verdict.misses {
                let nothing = language.pick("nothing of the kind", "ничего такого").to_owned();
                let instead = miss.instead.as_ref().map_or(nothing, ToString::to_string);
                let (expected, place) = (&miss.expected, &miss.place);
                let text = language.pick(
                    format!("expected {expected} ({place}); came {instead}"),
                    format!("ожидалось {expected} ({place}); вышло {instead}"),
                );
                writeln!(out, "  {text}")?;
            }
            writeln!(out)?;
            explain::print(out, self.plan, &verdict.way, &mut quotes, language)?;
            writeln!(out)?;
        }
        let Coverage { all, missed } = self.coverage;
        let (cases, reached) = (self.cases.len(), all - missed.len());
        let text = language.pick(
            format!("cases: {cases}; reached {reached} of {all} menus, keys, queues, clinics"),
            format!(
                "проверок: {cases}; затронуто {reached} из {all} меню, клавиш, очередей, поликлиник"
            ),
        );
        writeln!(out, "{text}")?;
        for thing in missed {
            let place = self.plan.places.of(thing).map(ToString::to_string).unwrap_or_default();
            let text = language.pick("no case reaches", "ни одна проверка не касается");
            writeln!(out, "  {text} {} ({place})", thing.name(self.plan))?;
        }
        Ok(())
    }

    fn as_json(&self, language: Language) -> serde_json::Value {
        let cases = self.cases.iter().zip(self.verdicts).map(|(case, verdict)| {
            let misses = verdict.misses.iter().map(|miss| {
                json!({
                    "expected": miss.expected.to_string(),
                    "instead": miss.instead.as_ref().map(ToString::to_string),
                    "place": miss.place,
                })
            });
            json!({
                "name": &*case.name,
                "place": case.place,
                "holds": verdict.misses.is_empty(),
                "misses": misses.collect::<Vec<_>>(),
                "way": explain::as_json(self.plan, &verdict.way, language),
            })
        });
        let missed = self.coverage.missed.iter().map(
            |thing| json!({ "thing": thing.name(self.plan), "place": self.plan.places.of(thing) }),
        );
        json!({
            "version": &*self.plan.version,
            "cases": cases.collect::<Vec<_>>(),
            "coverage": {
                "all": self.coverage.all,
                "missed": missed.collect::<Vec<_>>(),
            },
        })
    }
}
