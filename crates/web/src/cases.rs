//! `/cases` and `/cases/NUMBER`: the cases for who is logged in. The page asks the API.

use axum::Router;
use axum::routing::get;

use crate::page;

/// The pages of cases.
pub(crate) fn router() -> Router {
    Router::new()
        .route("/cases", get(page::cases))
        .route("/cases/{case}", get(page::cases))
        .route("/cases.js", get(page::cases_script))
        .route("/inside.js", get(page::inside_script))
}
