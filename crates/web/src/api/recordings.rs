//! Recorded talks: which there are, and their sound. Whoever hears one is written down first.

use std::ops::Range;
use std::sync::Arc;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Extension, Path, Query, State};
use axum::http::header::{
    ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, RANGE,
};
use axum::http::{Extensions, HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use journal::{CallId, CallRecord, RecordedOf, Recording, StepKind};
use recorder::{ReadError, Wave};
use records::Role;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::access::{self, Asker};
use super::problem::{self, Problem, ProblemView};
use super::wire::StepView;
use super::{Api, time};
use crate::connections::Peer;

/// Octets of sound that are read and sent at once: four seconds.
const PIECE: u64 = 64 * 1024;

/// The recordings of a call.
#[derive(Serialize, ToSchema)]
pub(crate) struct Recordings {
    /// In their order: a call that went back to a queue has several.
    recordings: Vec<RecordingView>,
}

/// A recorded talk of a call.
#[derive(Serialize, ToSchema)]
#[schema(as = Recording)]
pub(crate) struct RecordingView {
    /// Counts the parts of a call, from 1.
    part: u32,
    began_at: String,
    /// How long it is.
    seconds: f64,
    /// Bytes of its file.
    size: u64,
    /// Of a talk.
    topic: Option<String>,
    /// The agent with whom a talk began.
    agent: Option<String>,
    /// The menu in which the caller spoke with the robot.
    menu: Option<String>,
    /// `running`, `whole`, `gaps` (silence where the disk was too slow) or `cut` (it ends before the
    /// talk).
    state: String,
    /// When it is erased.
    keep_until: String,
    /// What happened to the call meanwhile: hold, transfers, keys.
    marks: Vec<StepView>,
}

/// Which sound is asked for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SoundQuery {
    /// Only this part; all one after another if not given.
    part: Option<u32>,
}

/// The recordings of a call.
#[utoipa::path(
    get, path = "/calls/{call}/recordings", operation_id = "list_recordings", tag = "calls",
    params(("call" = String, Path, description = "Its identity.")),
    responses((status = 200, body = Recordings), (status = "default", body = ProblemView, content_type = "application/problem+json"))
)]
pub(crate) async fn list(
    State(api): State<Arc<Api>>,
    Extension(asker): Extension<Asker>,
    Path(call): Path<String>,
) -> Result<Response, Problem> {
    asker.may(Role::Curator)?;
    asker.sees_line()?;
    let call: CallId = call.parse().map_err(|_| problem::UNKNOWN)?;
    access::note(&api, &asker, "read", format!("recordings of call {call}")).await?;
    let found = api.casework.ask(move |books| books.recordings_of(call)).await?;
    let record = api.records.ask(move |reader| reader.call(call)).await?.map(|call| call.record);
    let recordings = found.iter().map(|one| RecordingView::of(one, record.as_ref())).collect();
    Ok(Json(Recordings { recordings }).into_response())
}

/// The sound of a call's recordings as a WAV file: stereo, 8 kHz, A-law or µ-law; the citizen is on the
/// left. Stretches of it are given to who asks with `Range`.
#[utoipa::path(
    get, path = "/calls/{call}/recording", operation_id = "read_recording", tag = "calls",
    params(("call" = String, Path, description = "Its identity."), SoundQuery),
    responses(
        (status = 200, content_type = "audio/wav", body = Vec<u8>),
        (status = 206, content_type = "audio/wav", body = Vec<u8>),
        (status = "default", body = ProblemView, content_type = "application/problem+json")
    )
)]
pub(crate) async fn sound(
    State(api): State<Arc<Api>>,
    Extension(asker): Extension<Asker>,
    extensions: Extensions,
    Path(call): Path<String>,
    query: Result<Query<SoundQuery>, axum::extract::rejection::QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    asker.may(Role::Curator)?;
    asker.sees_line()?;
    let call: CallId = call.parse().map_err(|_| problem::UNKNOWN)?;
    let Query(SoundQuery { part }) = query.map_err(|_| problem::MALFORMED)?;
    let archive = api.recordings.clone();
    let wave = tokio::task::spawn_blocking(move || archive.wave(call, part));
    let wave = wave.await.map_err(|_| problem::UNAVAILABLE)?.map_err(|error| unread(&error))?;
    let wanted = match wanted(&headers, wave.len()) {
        Wanted::All => None,
        Wanted::Some(range) => Some(range),
        Wanted::Nothing => {
            let range = [(CONTENT_RANGE, format!("bytes */{}", wave.len()))];
            return Ok((StatusCode::RANGE_NOT_SATISFIABLE, range).into_response());
        }
    };
    let range = wanted.clone().unwrap_or(0..wave.len());
    let from = extensions.get::<Peer>();
    let from = from.map(|peer| format!(" from {}", peer.ip())).unwrap_or_default();
    let which = part.map(|part| format!(" part {part}")).unwrap_or_default();
    let bytes = format!("bytes {}-{}", range.start, range.end.saturating_sub(1));
    let what = format!("recording of call {call}{which} {bytes}{from}");
    // Without a line in the audit nobody hears anything.
    access::note(&api, &asker, "listen", what).await?;
    let described = [
        (CONTENT_TYPE, "audio/wav".to_owned()),
        (ACCEPT_RANGES, "bytes".to_owned()),
        (CONTENT_LENGTH, (range.end - range.start).to_string()),
        (CONTENT_DISPOSITION, format!("inline; filename=\"{call}.wav\"")),
    ];
    let of = wanted.map(|range| {
        (CONTENT_RANGE, format!("bytes {}-{}/{}", range.start, range.end - 1, wave.len()))
    });
    let status = if of.is_some() { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK };
    let mut response = (status, described, Body::from_stream(pieces(wave, range))).into_response();
    if let Some((name, value)) = of
        && let Ok(value) = value.parse()
    {
        response.headers_mut().insert(name, value);
    }
    Ok(response)
}

/// The sound, read piece by piece as it is taken. What turns out to be altered breaks it off.
fn pieces(
    wave: Wave,
    range: Range<u64>,
) -> impl stream::Stream<Item = Result<Bytes, ReadError>> + Send {
    let state = Some((Arc::new(wave), range));
    stream::unfold(state, |state| async move {
        let (wave, range) = state.filter(|(_, range)| !range.is_empty())?;
        let end = range.end.min(range.start + PIECE);
        let (reads, from) = (wave.clone(), range.start);
        let read = tokio::task::spawn_blocking(move || reads.read(from, end)).await.ok()?;
        match read {
            Ok(piece) => Some((Ok(piece.into()), Some((wave, end..range.end)))),
            Err(error) => {
                tracing::error!(%error, "a recording is no good");
                Some((Err(error), None))
            }
        }
    })
}

/// What part of the file is wanted (RFC 9110 §14.2).
#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    All,
    Some(Range<u64>),
    /// Nothing of the file.
    Nothing,
}

/// One range of bytes is understood; whoever wants several gets all.
fn wanted(headers: &HeaderMap, length: u64) -> Wanted {
    let text = headers.get(RANGE).and_then(|value| value.to_str().ok());
    let Some(text) = text.and_then(|text| text.strip_prefix("bytes=")) else { return Wanted::All };
    let Some((first, last)) = text.trim().split_once('-') else { return Wanted::All };
    let number = |text: &str| text.trim().parse::<u64>();
    let range = match (number(first), number(last)) {
        (Ok(first), Ok(last)) if first <= last => first..last.saturating_add(1).min(length),
        (Ok(first), Err(_)) if last.trim().is_empty() => first..length,
        // The last so many.
        (Err(_), Ok(count)) if first.trim().is_empty() => length.saturating_sub(count)..length,
        _ => return Wanted::All,
    };
    if range.is_empty() { Wanted::Nothing } else { Wanted::Some(range) }
}

fn unread(error: &ReadError) -> Problem {
    match error {
        ReadError::None => problem::UNKNOWN,
        ReadError::Disk(_)
        | ReadError::Malformed
        | ReadError::OtherKey
        | ReadError::Altered { .. }
        | ReadError::Keys(_) => {
            tracing::error!(%error, "a recording cannot be read");
            problem::UNAVAILABLE
        }
    }
}

impl RecordingView {
    fn of(recording: &Recording, record: Option<&CallRecord>) -> RecordingView {
        let Recording { about, state, lasts, size } = recording;
        let (topic, agent, menu) = match &about.of {
            RecordedOf::Talk { queue, agent } => {
                (Some(queue.to_string()), Some(agent.to_string()), None)
            }
            RecordedOf::Robot { menu } => (None, None, Some(menu.to_string())),
        };
        RecordingView {
            part: about.part,
            began_at: time::text(about.at),
            seconds: std::time::Duration::from_millis(*lasts).as_secs_f64(),
            size: *size,
            topic,
            agent,
            menu,
            state: state.to_string(),
            keep_until: time::text(about.keep_until),
            marks: record.map(|record| marks(record, about.part)).unwrap_or_default(),
        }
    }
}

/// What happened between the beginning and the end of a part.
fn marks(record: &CallRecord, part: u32) -> Vec<StepView> {
    let mut parts = 0;
    let mut within = false;
    let mut marks = Vec::new();
    for step in &record.steps {
        match step.what {
            StepKind::RecordingBegan => {
                parts += 1;
                within = parts == part;
            }
            StepKind::RecordingEnded => within = false,
            _ if within => marks.push(StepView::of(step)),
            _ => {}
        }
    }
    marks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_of_bytes_is_understood() {
        let of = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(RANGE, text.parse().unwrap());
            wanted(&headers, 1000)
        };
        assert_eq!(of("bytes=0-"), Wanted::Some(0..1000));
        assert_eq!(of("bytes=0-0"), Wanted::Some(0..1));
        assert_eq!(of("bytes=10-19"), Wanted::Some(10..20));
        assert_eq!(of("bytes=990-5000"), Wanted::Some(990..1000));
        assert_eq!(of("bytes=-10"), Wanted::Some(990..1000));
        assert_eq!(of("bytes=-5000"), Wanted::Some(0..1000));
        assert_eq!(of("bytes=1000-"), Wanted::Nothing);
        assert_eq!(of("bytes=-0"), Wanted::Nothing);
        for all in ["bytes=0-1,5-6", "bytes=9-2", "bytes=", "bytes=-", "items=0-1", "bytes=x-1"] {
            assert_eq!(of(all), Wanted::All, "{all}");
        }
        assert_eq!(of(&format!("bytes=0-{}", u64::MAX)), Wanted::Some(0..1000));
        assert_eq!(wanted(&HeaderMap::new(), 5), Wanted::All);
    }
}
