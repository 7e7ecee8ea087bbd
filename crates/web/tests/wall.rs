//! The wall's channel over HTTP: who may see it, and what comes.
#![allow(clippy::disallowed_methods, reason = "waits for a real server")]

use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ambient::{Entropy, Wall};
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use casework::{Casework, Surroundings};
use dialplan::{Dialplan, Number, PromptName, QueueId};
use http_body_util::BodyExt;
use journal::{
    CallBackId, CallId, CallRecord, CaseId, Entry, HangupBy, Origin, Outcome, Sequence, Step,
    StepKind,
};
use queue::QueueView;
use recorder::{Archive, KeyFile};
use records::{Books, JournalWriter, Place, Recent, Role, Token};
use serde_json::{Value, json};
use switch::{BanView, Status};
use tower_service::Service;
use web::{Accounts, Api, BoxFuture, Door, Ended, Line, Records, Sample};

/// 22 November 2026, 12:00 in Moscow.
const NOW: Wall = Wall::from_unix_millis(1_795_338_000_000);
const DAY: i64 = 24 * 3_600_000;

const PLAN: &str = r#"
[region]
name = "Область"
time_zone = "Europe/Moscow"
area_code = "4812"
[service]
numbers = ["122"]
start = "queue:doctor"
[queues.doctor]
topic = "Врач"
serve = [{ group = "operators" }]
music = "music"
overflow = { to = "hangup" }
[groups.operators]
title = "Операторы"
agents = ["201"]
[agents.201]
name = "Анна"
kind = "operator"
password = "secret"
"#;

/// A line in which one more waits each time that somebody looks.
struct Growing(AtomicUsize);

impl Line for Growing {
    fn status(&self) -> BoxFuture<'_, Option<Arc<Status>>> {
        let waiting = self.0.fetch_add(1, Ordering::Relaxed);
        let queue = QueueView {
            queue: "doctor".into(),
            topic: "Врач".into(),
            waiting,
            offered: 0,
            longest_wait: Duration::ZERO,
            on_duty: 1,
            free: 0,
            closed: None,
        };
        let mut status = Status::default();
        status.centre.queues.push(queue);
        Box::pin(async { Some(Arc::new(status)) })
    }
    fn ended(&self) -> Vec<Ended> {
        Vec::new()
    }
    fn samples(&self) -> Vec<Sample> {
        Vec::new()
    }
    fn bans(&self) -> BoxFuture<'_, Option<Vec<BanView>>> {
        Box::pin(async { None })
    }
    fn lift_bans(&self, _: IpAddr) -> BoxFuture<'_, Option<usize>> {
        Box::pin(async { None })
    }
    fn call_back_about(
        &self,
        _: CaseId,
        _: Number,
        _: QueueId,
    ) -> BoxFuture<'_, Option<Option<(CallBackId, bool)>>> {
        Box::pin(async { None })
    }
    fn withdraw_call_back(&self, _: CallBackId, _: String) -> BoxFuture<'_, Option<bool>> {
        Box::pin(async { None })
    }
    fn is_durable(&self) -> bool {
        true
    }
}

fn plan() -> Arc<Dialplan> {
    let prompts = ["music"].map(PromptName::from).into();
    Arc::new(dialplan::load_str(&[("line.toml", PLAN)], &prompts).unwrap().0)
}

/// A call at a time, answered after ten seconds.
fn record(at: i64, n: u64) -> Entry {
    let step = |after, what| Step { at: at + after, what };
    Entry::Ended(CallRecord {
        call: CallId::new(Wall::from_unix_millis(at), &mut Entropy::from_number(n)),
        sip_call_id: "a".into(),
        caller: plan().region.numbering.normalise("8-912-345-67-89"),
        dialled: plan().service.numbers[0].clone(),
        trunk: None,
        origin: Origin::Direct,
        queue: Some("doctor".into()),
        agent: Some("201".into()),
        steps: vec![
            step(0, StepKind::Queued("doctor".into())),
            step(10_000, StepKind::Connected("201".into())),
            step(60_000, StepKind::Ended),
        ],
        outcome: Outcome::Answered,
        hangup_by: HangupBy::Caller,
        dialplan: "v".into(),
    })
}

struct World {
    router: Router,
    _folder: tempfile::TempDir,
}

fn accounts(folder: &Path) -> Accounts {
    let file = folder.join("accounts.toml");
    let password = web::accounts::hash_password("корова и забор").unwrap();
    let text = format!("[ivanova]\nrole = \"supervisor\"\npassword = \"{password}\"\n");
    std::fs::write(&file, text).unwrap();
    Accounts::new(Some(file))
}

impl World {
    fn new() -> World {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::sqlite(folder.path());
        let (journal, _) = JournalWriter::open(&place, NOW, Recent::default(), |_| {}).unwrap();
        let today = [-3_600_000, -7_200_000];
        let calls = today.into_iter().chain([-7 * DAY, -14 * DAY, -15 * DAY]);
        for (after, n) in calls.zip(1..) {
            journal.append(Sequence(n), record(NOW.unix_millis() + after, n));
        }
        // Durable before anybody asks.
        drop(journal);
        let mut books = Books::open(&place).unwrap();
        for (name, organisation) in [("reader", None), ("ministry", Some("ministry".into()))] {
            let hash = web::api::token_hash(name);
            let name = name.to_owned();
            let role = Role::Reader;
            let token = Token { name, role, organisation, made_at: 0, revoked_at: None };
            books.add_token(&token, &hash).unwrap();
        }
        let plan = plan();
        let surroundings = Surroundings {
            clock: Box::new(|| NOW),
            plan: Box::new(move || plan.clone()),
            entropy: Entropy::from_number(1),
            public_url: String::new(),
        };
        let casework = Arc::new(Casework::new(books, surroundings));
        let keys = KeyFile::at(&folder.path().join("recording.key"));
        let archive = Archive::new(&folder.path().join("recordings"), keys);
        let line = Arc::new(Growing(AtomicUsize::new(1)));
        let api = Arc::new(Api::new(casework, Records::new(place), archive, line));
        let door = Arc::new(Door::new(accounts(folder.path()), || NOW));
        let router = web::wall::router(api, door.clone()).merge(door.routes());
        World { router, _folder: folder }
    }

    async fn send(&self, request: Request<Body>) -> axum::response::Response {
        self.router.clone().call(request).await.unwrap()
    }

    async fn watch(&self, headers: &[(&str, &str)]) -> (StatusCode, Body) {
        let mut request = Request::get("/api/wall/stream");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.send(request.body(Body::empty()).unwrap()).await;
        (response.status(), response.into_body())
    }
}

/// The next event: its id and what it says.
async fn next(body: &mut Body) -> (String, Value) {
    let frame = tokio::time::timeout(Duration::from_secs(10), body.frame()).await.unwrap();
    let bytes = frame.unwrap().unwrap().into_data().unwrap();
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    let line = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim();
    (line("id:").to_owned(), serde_json::from_str(line("data:")).unwrap())
}

const READER: (&str, &str) = ("authorization", "Bearer reader");

#[tokio::test]
async fn it_is_for_staff_and_for_readers_of_the_whole_line() {
    let world = World::new();
    assert_eq!(world.watch(&[]).await.0, StatusCode::UNAUTHORIZED);
    let wrong = ("authorization", "Bearer wrong");
    assert_eq!(world.watch(&[wrong]).await.0, StatusCode::UNAUTHORIZED);
    let organisation = ("authorization", "Bearer ministry");
    assert_eq!(world.watch(&[organisation]).await.0, StatusCode::FORBIDDEN);
    assert_eq!(world.watch(&[READER]).await.0, StatusCode::OK);
    let login = Request::post("/session").header("content-type", "application/json");
    let body = Body::from(json!({ "name": "ivanova", "password": "корова и забор" }).to_string());
    let signed = world.send(login.body(body).unwrap()).await;
    let cookie = signed.headers()["set-cookie"].to_str().unwrap().to_owned();
    let cookie = cookie.split(';').next().unwrap();
    assert_eq!(world.watch(&[("cookie", cookie)]).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_viewer_sees_the_whole_and_then_what_changes() {
    let world = World::new();
    let (_, mut body) = world.watch(&[READER]).await;
    let (first, whole) = next(&mut body).await;
    assert_eq!(whole["full"]["queues"]["doctor"]["waiting"], 1);
    let (second, change) = next(&mut body).await;
    assert_eq!(change["patch"]["queues"], json!({ "doctor": { "waiting": 2 } }));
    assert!(change.get("full").is_none() && first != second);

    // Who comes again hears only what was missed, and all see the same.
    let (_, mut again) = world.watch(&[READER, ("last-event-id", &first)]).await;
    assert_eq!(next(&mut again).await, (second, change));
    let (_, mut other) = world.watch(&[READER, ("last-event-id", "strange")]).await;
    assert!(next(&mut other).await.1.get("full").is_some());
    let told = next(&mut other).await;
    while next(&mut body).await != told {}
}

#[tokio::test]
async fn the_figures_of_the_day_come_from_the_records() {
    let world = World::new();
    let (_, mut body) = world.watch(&[READER]).await;
    let mut told = next(&mut body).await.1["full"].take();
    while told.get("day").is_none() {
        told = next(&mut body).await.1["patch"].take();
    }
    assert_eq!((&told["day"]["calls"], &told["day"]["answered"]), (&json!(2), &json!(2)));
    assert_eq!(told["day"]["service_level"], 100.0);
    let today: Vec<u64> = serde_json::from_value(told["curve"]["today"].take()).unwrap();
    assert_eq!((today.len(), today[10 * 4], today[11 * 4]), (12 * 4 + 1, 1, 1));
    // Of the weeks before two had a call on this weekday; that of another weekday is none of them.
    let usual: Vec<f64> = serde_json::from_value(told["curve"]["usual"].take()).unwrap();
    assert_eq!((usual.len(), usual[12 * 4], usual.iter().sum::<f64>()), (96, 1.0, 1.0));
    assert_eq!(told["tasks"]["cases"], 0);
    assert!(!told.to_string().contains("345"), "no numbers");
}
