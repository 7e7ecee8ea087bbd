//! All calls of a span of time as one file, written while they are read.

use std::io::{self, Write};
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use export::{CallsFile, Format};
use futures_util::stream;
use records::{CallsAsked, DatabaseError};
use serde::Deserialize;
use tokio::sync::mpsc;
use utoipa::{IntoParams, ToSchema};

use super::access::{self, Asker};
use super::problem::{self, Problem, ProblemView};
use super::{Api, time};

/// Bytes that are gathered before they are sent, and how many such pieces may be on the way.
const PIECE: usize = 64 * 1024;
const PIECES: usize = 8;

/// Which calls are asked for, and how they are written.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ExportQuery {
    /// `csv` if not given.
    format: Option<FormatName>,
    /// Arrived at this time or later (RFC 3339).
    from: Option<String>,
    /// Arrived before this time.
    until: Option<String>,
}

/// How a file is written.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum FormatName {
    /// Comma-separated values; times are the region's.
    Csv,
    /// Apache Parquet.
    Parquet,
}

/// Calls that have ended, as a file; for readers with masked numbers. A file that breaks off in the midst was
/// ended by a trouble of the records.
#[utoipa::path(
    get, path = "/calls/export", operation_id = "export_calls", tag = "calls", params(ExportQuery),
    responses(
        (status = 200, description = "The file.", content((String = "text/csv"), (Vec<u8> = "application/vnd.apache.parquet"))),
        (status = "default", body = ProblemView, content_type = "application/problem+json")
    )
)]
pub(crate) async fn calls(
    State(api): State<Arc<Api>>,
    Extension(asker): Extension<Asker>,
    query: Result<Query<ExportQuery>, QueryRejection>,
) -> Result<Response, Problem> {
    asker.sees_line()?;
    let Query(query) = query.map_err(|_| problem::MALFORMED)?;
    let at = |text: &Option<String>, field| match text {
        Some(text) => time::read(text).map(Some).ok_or(problem::WRONG.of(field)),
        None => Ok(None),
    };
    let asked = CallsAsked {
        from: at(&query.from, "from")?,
        until: at(&query.until, "until")?,
        ..CallsAsked::default()
    };
    let Ok(permit) = api.exports.clone().try_acquire_owned() else {
        return Err(problem::TOO_MANY);
    };
    let whole = asker.sees_numbers();
    if whole {
        access::note(&api, &asker, "read", "calls export".to_owned()).await?;
    }
    let (format, kind, name) = match query.format.unwrap_or(FormatName::Csv) {
        FormatName::Csv => (Format::Csv, "text/csv; charset=utf-8", "calls.csv"),
        FormatName::Parquet => (Format::Parquet, "application/vnd.apache.parquet", "calls.parquet"),
    };
    let (pieces, sent) = mpsc::channel(PIECES);
    let (plan, records) = (api.casework.plan(), api.records.apart());
    tokio::spawn(async move {
        let broken = pieces.clone();
        let written = records
            .ask(move |reader| {
                let out = io::BufWriter::with_capacity(PIECE, Pieces(pieces));
                let Ok(mut file) = CallsFile::new(format, &plan, whole, out) else { return Ok(()) };
                let read = reader.each_call(&asked, |call| match file.put(&call) {
                    Ok(()) => Ok(()),
                    // Nobody reads any more.
                    Err(_) => Err(Stop::Left),
                });
                match read {
                    Ok(()) => drop(file.finish()),
                    Err(Stop::Left) => {}
                    Err(Stop::Trouble(error)) => return Err(error),
                }
                Ok(())
            })
            .await;
        drop(permit);
        if written.is_err() {
            // The connection is to break, so that half a file is not taken for a whole one.
            let _ = broken.send(Err(io::Error::other("the records cannot be read"))).await;
        }
    });
    let body = stream::unfold(sent, async |mut sent| sent.recv().await.map(|piece| (piece, sent)));
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers = [(CONTENT_TYPE, kind.to_owned()), (CONTENT_DISPOSITION, disposition)];
    Ok((headers, Body::from_stream(body)).into_response())
}

/// Why not all calls were read.
enum Stop {
    Left,
    Trouble(DatabaseError),
}

impl From<DatabaseError> for Stop {
    fn from(error: DatabaseError) -> Stop {
        Stop::Trouble(error)
    }
}

/// Sends what is written, on a thread that may wait for whoever reads.
#[derive(Debug)]
struct Pieces(mpsc::Sender<io::Result<Bytes>>);

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let piece = Bytes::copy_from_slice(bytes);
        match self.0.blocking_send(Ok(piece)) {
            Ok(()) => Ok(bytes.len()),
            Err(_) => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
