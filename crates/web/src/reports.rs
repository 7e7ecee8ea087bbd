//! `/reports`: what became of the calls, for who is logged in. The page asks the API.

use axum::Router;
use axum::routing::get;

use crate::page;

/// The page of reports.
pub(crate) fn router() -> Router {
    Router::new()
        .route("/reports", get(page::reports))
        .route("/reports.js", get(page::reports_script))
        .route("/reports.css", get(page::reports_style))
}
