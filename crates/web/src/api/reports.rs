//! Reports of a day, a week or a month: one at a time, on a connection of their own.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use ambient::Wall;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Path, Query, State};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use dialplan::Dialplan;
use report::{Asked, FORMULAS, Kind, Period, Report};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use utoipa::{IntoParams, ToSchema};

use super::Api;
use super::access::Asker;
use super::problem::{self, Problem, ProblemView};
use crate::language::Language;
use crate::reader::Records;

/// Within how many seconds a call is to be answered, unless it is said otherwise, and at most.
const WITHIN: u64 = 20;
const WITHIN_MAX: u64 = 3600;

/// Makes reports. A month of a large line takes seconds of one core and of the database: only one is made
/// at a time, and nobody who asks for something else waits behind it.
pub(crate) struct Reports {
    records: Records,
    turn: Mutex<()>,
}

/// Which report is asked for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReportQuery {
    /// A day in the period, such as `2026-11-20`, or `last`; the period that runs if not given.
    day: Option<String>,
    /// Only calls that waited first in this queue.
    topic: Option<String>,
    /// Only calls to this clinic.
    clinic: Option<String>,
    /// Only agents of this group, and calls that rang with them.
    group: Option<String>,
    /// Within how many seconds a call is to be answered; 20 if not given.
    within: Option<u64>,
}

/// A report, and what its figures mean.
#[derive(Serialize, ToSchema)]
#[schema(as = ReportWithFormulas)]
pub(crate) struct ReportView {
    #[serde(flatten)]
    report: Report,
    /// The name and the formula of each figure, in the language that was asked for.
    formulas: BTreeMap<&'static str, FormulaView>,
}

/// What a figure means.
#[derive(Serialize, ToSchema)]
#[schema(as = Formula)]
pub(crate) struct FormulaView {
    name: String,
    formula: String,
}

impl Reports {
    /// Reports over the same records as `records`.
    pub(crate) fn new(records: &Records) -> Reports {
        Reports { records: records.apart(), turn: Mutex::default() }
    }

    /// Makes a report.
    async fn make(
        &self,
        plan: Arc<Dialplan>,
        now: Wall,
        kind: &str,
        query: &ReportQuery,
    ) -> Result<Report, Problem> {
        let asked = query.asked(kind, &plan, now)?;
        let _turn = self.turn.lock().await;
        let made = move |reader: &mut records::Reader| report::gather(reader, &plan, asked, now);
        Ok(self.records.ask(made).await?)
    }
}

impl ReportQuery {
    fn asked(&self, kind: &str, plan: &Dialplan, now: Wall) -> Result<Asked, Problem> {
        let kind: Kind = kind.parse().map_err(|_| problem::UNKNOWN)?;
        let period = Period::named(kind, self.day.as_deref(), now, &plan.region.zone);
        let within = self.within.unwrap_or(WITHIN);
        if within > WITHIN_MAX {
            return Err(problem::WRONG.of("within"));
        }
        Ok(Asked {
            period: period.map_err(|_| problem::WRONG.of("day"))?,
            within: Duration::from_secs(within),
            topic: known(self.topic.as_deref(), &plan.queues)
                .ok_or(problem::NO_SUCH.of("topic"))?,
            clinic: known(self.clinic.as_deref(), &plan.clinics)
                .ok_or(problem::NO_SUCH.of("clinic"))?,
            group: known(self.group.as_deref(), &plan.groups)
                .ok_or(problem::NO_SUCH.of("group"))?,
        })
    }
}

/// A name of the dialplan, if one is given; `None` for one that it does not have.
fn known<Id: Ord + Clone + std::borrow::Borrow<str>, T>(
    name: Option<&str>,
    of: &BTreeMap<Id, T>,
) -> Option<Option<Id>> {
    match name.filter(|name| !name.is_empty()) {
        None => Some(None),
        Some(name) => of.get_key_value(name).map(|(id, _)| Some(id.clone())),
    }
}

impl ReportView {
    fn new(report: Report, language: report::Language) -> ReportView {
        let within = report.target.within;
        let formulas = FORMULAS.iter().map(|of| {
            let (name, formula) = of.in_words(within, language);
            (of.figure, FormulaView { name, formula })
        });
        ReportView { formulas: formulas.collect(), report }
    }
}

/// A picture of a report.
fn picture(report: &Report, language: report::Language) -> Response {
    ([(CONTENT_TYPE, "image/svg+xml")], report::draw(report, language)).into_response()
}

type Asking = Result<Query<ReportQuery>, QueryRejection>;

/// What became of the calls of a day, a week or a month; each figure with its formula.
#[utoipa::path(
    get, path = "/reports/{period}", operation_id = "read_report", tag = "reports",
    params(("period" = String, Path, description = "`day`, `week` or `month`."), ReportQuery),
    responses((status = 200, body = ReportView), (status = "default", body = ProblemView, content_type = "application/problem+json"))
)]
pub(crate) async fn read(
    State(api): State<Arc<Api>>,
    Extension(asker): Extension<Asker>,
    Path(period): Path<String>,
    query: Asking,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    asker.sees_line()?;
    let report = api.report(&period, query).await?;
    Ok(Json(ReportView::new(report, Language::wanted(&headers).into())).into_response())
}

/// The same as a picture.
#[utoipa::path(
    get, path = "/reports/{period}/picture", operation_id = "draw_report", tag = "reports",
    params(("period" = String, Path, description = "`day`, `week` or `month`."), ReportQuery),
    responses((status = 200, body = String, content_type = "image/svg+xml"), (status = "default", body = ProblemView, content_type = "application/problem+json"))
)]
pub(crate) async fn draw(
    State(api): State<Arc<Api>>,
    Extension(asker): Extension<Asker>,
    Path(period): Path<String>,
    query: Asking,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    asker.sees_line()?;
    let report = api.report(&period, query).await?;
    Ok(picture(&report, Language::wanted(&headers).into()))
}

impl Api {
    /// The report that a request asks for.
    async fn report(&self, period: &str, query: Asking) -> Result<Report, Problem> {
        let Query(query) = query.map_err(|_| problem::MALFORMED)?;
        self.reports.make(self.casework.plan(), self.casework.now(), period, &query).await
    }
}

impl From<Language> for report::Language {
    fn from(language: Language) -> report::Language {
        match language {
            Language::Russian => report::Language::Russian,
            Language::English => report::Language::English,
        }
    }
}
