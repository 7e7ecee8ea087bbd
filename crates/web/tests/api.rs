//! The API over real books: as another program sees it.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use ambient::{Entropy, Wall};
use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use casework::{Casework, Surroundings};
use dialplan::{AgentId, Dialplan, Number, QueueId};
use http_body_util::BodyExt;
use journal::{
    CallBack, CallBackEnd, CallBackId, CallBackReason, CallId, CallRecord, CaseId, Entry, HangupBy,
    Origin, Outcome, RecordedOf, RecordedPart, Recording, RecordingState, Sequence, Step, StepKind,
};
use recorder::{Archive, KeyFile, Order, Recorder};
use records::{Books, JournalWriter, Place, Recent, Role, Token};
use serde_json::{Value, json};
use switch::{BanView, Status};
use tower_service::Service;
use web::{Accounts, Api, BoxFuture, Door, Ended, Line, Records, Sample};

const NOW: Wall = Wall::from_unix_millis(1_795_338_000_000);

const PLAN: &str = r#"
[region]
name = "Область"
time_zone = "Europe/Moscow"
area_code = "4812"
[service]
numbers = ["122"]
start = "queue:drugs"
[queue_defaults]
music = "music"
overflow = { after = "10m", to = "hangup" }
[queues.drugs]
topic = "Лекарства"
serve = [{ group = "operators" }]
urgent = true
answer_within = "3h"
notify = ["ministry"]
[queues.visit]
topic = "Вызов врача"
serve = [{ group = "operators" }]
[organisations.ministry]
title = "Министерство"
webhook = "https://ministry.example/122"
password = "key"
[groups.operators]
title = "Операторы"
agents = ["201"]
[agents.201]
name = "Анна"
kind = "operator"
password = "secret"
"#;

/// A line without calls, which writes what is promised into its journal.
struct Writing {
    journal: Mutex<(JournalWriter, Sequence)>,
    open: Mutex<BTreeMap<Number, CallBackId>>,
}

impl Line for Writing {
    fn status(&self) -> BoxFuture<'_, Option<Arc<Status>>> {
        Box::pin(async { Some(Arc::default()) })
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
    fn take_only(&self, _: AgentId, _: Option<Vec<QueueId>>) -> BoxFuture<'_, Option<()>> {
        Box::pin(async { Some(()) })
    }
    fn call_back_about(
        &self,
        case: CaseId,
        caller: Number,
        queue: QueueId,
    ) -> BoxFuture<'_, Option<Option<(CallBackId, bool)>>> {
        Box::pin(async move { Some(self.open(case, caller, queue)) })
    }
    fn withdraw_call_back(&self, id: CallBackId, by: String) -> BoxFuture<'_, Option<bool>> {
        Box::pin(async move { Some(self.withdraw(id, by)) })
    }
    fn is_durable(&self) -> bool {
        true
    }
}

impl Writing {
    fn append(&self, entry: Entry) {
        let (journal, last) = &mut *self.journal.lock().unwrap();
        last.0 += 1;
        journal.append(*last, entry);
    }

    /// As the switch does: one call-back for a number.
    fn open(&self, case: CaseId, caller: Number, queue: QueueId) -> Option<(CallBackId, bool)> {
        if caller.as_str().starts_with("+7809") {
            return None;
        }
        let mut open = self.open.lock().unwrap();
        if let Some(id) = open.get(&caller) {
            return Some((*id, false));
        }
        let id = CallBackId(CallId::new(NOW, &mut Entropy::from_number(open.len() as u64 + 7)));
        open.insert(caller.clone(), id);
        let (why, at) = (CallBackReason::Case, NOW.unix_millis());
        let (origin, case) = (Origin::Direct, Some(case));
        let call_back = CallBack { id, why, caller, queue, since: at, origin, at, case };
        self.append(Entry::CallBackOpened(call_back));
        Some((id, true))
    }

    fn withdraw(&self, call_back: CallBackId, by: String) -> bool {
        let mut open = self.open.lock().unwrap();
        let before = open.len();
        open.retain(|_, id| *id != call_back);
        let how = CallBackEnd::Withdrawn { by };
        let was_open = open.len() < before;
        if was_open {
            self.append(Entry::CallBackClosed { call_back, at: NOW.unix_millis(), how });
        }
        was_open
    }
}

/// The API with its books in a folder.
struct World {
    place: Place,
    archive: Archive,
    api: Router,
    _folder: tempfile::TempDir,
}

/// An answer.
struct Answer {
    status: StatusCode,
    headers: axum::http::HeaderMap,
    body: Value,
    bytes: Vec<u8>,
}

async fn read(response: axum::response::Response) -> Answer {
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes().to_vec();
    let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    Answer { status: parts.status, headers: parts.headers, body, bytes }
}

fn plan() -> Arc<Dialplan> {
    let prompts = ["music"].map(dialplan::PromptName::from).into();
    let (plan, _) = dialplan::load_str(&[("line.toml", PLAN)], &prompts).unwrap();
    Arc::new(plan)
}

fn record() -> CallRecord {
    let plan = plan();
    let number = |text| plan.region.numbering.normalise(text).unwrap();
    CallRecord {
        call: CallId::new(NOW, &mut Entropy::from_number(1)),
        sip_call_id: "abc".into(),
        caller: Some(number("8-912-345-67-89")),
        dialled: number("122"),
        trunk: None,
        origin: Origin::Direct,
        queue: Some("drugs".into()),
        agent: None,
        steps: vec![journal::Step {
            at: NOW.unix_millis(),
            what: journal::StepKind::Queued("drugs".into()),
        }],
        outcome: Outcome::Abandoned,
        hangup_by: HangupBy::Caller,
        dialplan: "v".into(),
    }
}

/// A file with a supervisor and somebody of an organisation.
fn accounts(folder: &Path) -> PathBuf {
    let file = folder.join("accounts.toml");
    let password = web::accounts::hash_password("корова и забор").unwrap();
    let text = format!(
        "[ivanova]\nrole = \"supervisor\"\npassword = \"{password}\"\n\
         [petrova]\nrole = \"organisation\"\norganisation = \"ministry\"\npassword = \"{password}\"\n"
    );
    std::fs::write(&file, text).unwrap();
    file
}

impl World {
    fn new() -> World {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::sqlite(folder.path());
        let (journal, _) = JournalWriter::open(&place, NOW, Recent::default(), |_| {}).unwrap();
        let what = StepKind::Listened {
            menu: "main".into(),
            is_yes_no: false,
            since: NOW.unix_millis(),
            said_until: NOW.unix_millis(),
        };
        let step = Step { at: NOW.unix_millis(), what };
        journal.append(Sequence(1), Entry::Stepped { call: record().call, step });
        journal.append(Sequence(2), Entry::Ended(record()));
        // Durable before anybody asks.
        drop(journal);
        let (journal, _) = JournalWriter::open(&place, NOW, Recent::default(), |_| {}).unwrap();
        let journal = Mutex::new((journal, Sequence(0)));
        let line = Writing { journal, open: Mutex::default() };
        let mut books = Books::open(&place).unwrap();
        for (name, role, organisation) in [
            ("reader", Role::Reader, None),
            ("operator", Role::Operator, None),
            ("curator", Role::Curator, None),
            ("admin", Role::Admin, None),
            ("ministry", Role::Operator, Some("ministry".into())),
        ] {
            let name = name.to_owned();
            let hash = web::api::token_hash(&name);
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
        keys.make_if_none().unwrap();
        let archive = Archive::new(&folder.path().join("recordings"), keys);
        let api = Api::new(casework, Records::new(place.clone()), archive.clone(), Arc::new(line))
            .with_ears(Some(Arc::new(|said, steps, _| {
                let recorder::SaidToRobot { menu, samples, .. } = &said[0];
                Ok(format!("<svg>{menu} {}, turns: {}</svg>", samples.len(), steps.len()))
            })));
        let known = Accounts::new(Some(accounts(folder.path()))).with_agents(self::plan);
        let door = Arc::new(Door::new(known, || NOW));
        World {
            place,
            archive,
            api: web::api::router(Arc::new(api), door.clone()).merge(door.routes()),
            _folder: folder,
        }
    }

    async fn ask(&self, token: &str, method: Method, path: &str, body: Option<Value>) -> Answer {
        self.ask_with(token, method, path, body, &[]).await
    }

    async fn ask_with(
        &self,
        token: &str,
        method: Method,
        path: &str,
        body: Option<Value>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/api/v1{path}"))
            .header("authorization", format!("Bearer {token}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let mut api = self.api.clone();
        let response = api.call(request.body(body).unwrap()).await.unwrap();
        read(response).await
    }

    async fn get(&self, token: &str, path: &str) -> Answer {
        self.ask(token, Method::GET, path, None).await
    }

    async fn post(&self, token: &str, path: &str, body: Value) -> Answer {
        self.ask(token, Method::POST, path, Some(body)).await
    }

    /// Opens a case about drugs; gives its number.
    async fn opened(&self) -> String {
        let new = json!({ "topic": "drugs", "phone": "8 912 345-67-89", "text": "Нет инсулина" });
        let answer = self.post("operator", "/cases", new).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
        answer.body["id"].as_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn a_case_comes_to_its_end_by_the_api() {
    let world = World::new();
    let id = world.opened().await;
    let case = world.get("operator", &format!("/cases/{id}")).await.body;
    assert_eq!(case["urgency"], "urgent");
    assert_eq!(case["title"], "Лекарства");
    assert_eq!(case["phone"], "+79123456789");
    assert_eq!(case["owner"], "group:operators");
    assert_eq!(case["opened_by"], "token:operator");
    assert_eq!(case["due"], "2026-11-22T12:00:00Z", "in three hours");
    let found = world.get("operator", "/cases?phone=89123456789&state=open,handed-over").await;
    assert_eq!(found.body["cases"][0]["id"], *id);
    let step = |path: &str, body| {
        let path = format!("/cases/{id}/{path}");
        let world = &world;
        async move { world.post("operator", &path, body).await }
    };
    let to = json!({ "version": 1, "to": "organisation:ministry", "note": "срочно" });
    assert_eq!(step("hand-over", to).await.body["state"], "handed-over");
    let noted = step("notes", json!({ "text": "Звонили в аптеку" })).await;
    assert_eq!(noted.body["version"], 3);
    let helped = || json!({ "version": 3, "result": "helped" });
    assert_eq!(step("close", helped()).await.body["type"], "urn:line122:problem:not-answered");
    let answer = json!({ "version": 3, "text": "Привезут завтра" });
    assert_eq!(step("answer", answer).await.body["state"], "answered");
    let stale = step("close", helped()).await;
    assert_eq!((stale.status, &stale.body["version"]), (StatusCode::CONFLICT, &json!(4)));
    let closed = step("close", json!({ "version": 4, "result": "helped" })).await;
    assert_eq!(closed.body["closing"]["result"], "helped");
    let reopened = json!({ "version": 5, "why": "не привезли" });
    assert_eq!(step("reopen", reopened.clone()).await.status, StatusCode::FORBIDDEN);
    let reopened = world.post("curator", &format!("/cases/{id}/reopen"), reopened).await;
    assert_eq!(reopened.body["state"], "open");
    let changes = world.get("operator", &format!("/cases/{id}/changes")).await.body;
    let what: Vec<_> = changes["changes"].as_array().unwrap().iter().map(|c| &c["what"]).collect();
    assert_eq!(what, ["opened", "handed-over", "noted", "answered", "closed", "reopened"]);
    // The ministry hears of all, and a note it hears while it has the case.
    assert_eq!(Books::open(&world.place).unwrap().letters_left().unwrap(), (6, 0));
}

#[tokio::test]
async fn a_citizen_is_called_back_about_a_case() {
    let world = World::new();
    let case = world.opened().await;
    let path = format!("/cases/{case}/call-back");
    let noted = world.post("operator", &path, json!({})).await;
    assert_eq!((noted.status, &noted.body["version"]), (StatusCode::OK, &json!(2)));
    let open = world.get("operator", "/call-backs").await.body;
    let [call_back] = open["call_backs"].as_array().unwrap().as_slice() else { panic!("{open}") };
    assert_eq!((&call_back["why"], &call_back["case"]), (&json!("case"), &json!(case)));
    assert_eq!(
        (&call_back["phone"], &call_back["topic"]),
        (&json!("+79123456789"), &json!("drugs"))
    );
    // Who is to be called anyway is called once.
    assert_eq!(world.post("operator", &path, json!({})).await.status, StatusCode::OK);
    let open = world.get("operator", "/call-backs").await.body;
    assert_eq!(open["call_backs"].as_array().unwrap().len(), 1);

    let path = format!("/call-backs/{}", call_back["id"].as_str().unwrap());
    let withdraw = |token| world.ask(token, Method::DELETE, &path, None);
    assert_eq!(withdraw("operator").await.status, StatusCode::FORBIDDEN);
    assert_eq!(withdraw("curator").await.status, StatusCode::NO_CONTENT);
    assert_eq!(withdraw("curator").await.status, StatusCode::NOT_FOUND);
    let open = world.get("operator", "/call-backs").await.body;
    assert_eq!(open["call_backs"], json!([]));
}

#[tokio::test]
async fn nobody_is_called_back_without_a_number_that_the_line_calls() {
    let world = World::new();
    for (phone, kind) in [(Value::Null, "empty"), (json!("8-809-555-00-00"), "not-called")] {
        let new = json!({ "topic": "drugs", "phone": phone, "text": "Нет инсулина" });
        let case = world.post("operator", "/cases", new).await.body;
        let path = format!("/cases/{}/call-back", case["id"].as_str().unwrap());
        let answer = world.post("operator", &path, json!({})).await;
        assert_eq!(answer.body["type"], format!("urn:line122:problem:{kind}"), "{}", answer.body);
        let path = format!("/cases/{}", case["id"].as_str().unwrap());
        assert_eq!(world.get("operator", &path).await.body["version"], 1);
    }
}

#[tokio::test]
async fn calls_are_found_by_what_became_of_them() {
    let world = World::new();
    let found = async |query: &str| {
        let answer = world.get("reader", &format!("/calls?{query}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{query}: {}", answer.body);
        answer.body["calls"].as_array().unwrap().len()
    };
    assert_eq!(found("topic=drugs&outcome=abandoned&order=newest").await, 1);
    for other in ["topic=visit", "agent=201", "outcome=answered", "recorded=true"] {
        assert_eq!(found(other).await, 0, "{other}");
    }
    for wrong in ["outcome=vanished", "order=oldest"] {
        let answer = world.get("reader", &format!("/calls?{wrong}")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
}

#[tokio::test]
async fn admins_read_who_has_looked_at_what() {
    let world = World::new();
    let case = world.opened().await;
    world.get("operator", &format!("/cases/{case}")).await;
    for nobody in ["reader", "operator", "curator", "ministry"] {
        assert_eq!(world.get(nobody, "/audit").await.status, StatusCode::FORBIDDEN, "{nobody}");
    }
    let found = world.get("admin", &format!("/audit?subject={case}&what=read&who=operator")).await;
    let [entry] = found.body["entries"].as_array().unwrap().as_slice() else {
        panic!("{}", found.body)
    };
    assert_eq!((&entry["who"], &entry["what"]), (&json!("token:operator"), &json!("read")));
    assert_eq!(entry["subject"], format!("case {case}"));
    // Who reads it stands in it.
    let first = world.get("admin", "/audit?limit=1").await.body;
    assert_eq!(first["entries"][0]["who"], "token:admin");
    let next = first["next"].as_str().unwrap();
    let second = world.get("admin", &format!("/audit?limit=1&cursor={next}")).await;
    assert_eq!(second.status, StatusCode::OK);
    assert_eq!(
        world.get("admin", "/audit?cursor=x").await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
}

#[tokio::test]
async fn who_is_logged_in_at_a_page_works_without_a_token() {
    let world = World::new();
    let id = world.opened().await;
    let send = async |method: Method, path: &str, headers: &[(&str, &str)], body: Value| {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers.iter().chain(&[("content-type", "application/json")]) {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.to_string())).unwrap();
        let response = world.api.clone().call(request).await.unwrap();
        read(response).await
    };
    let login = json!({ "name": "ivanova", "password": "корова и забор" });
    let signed = send(Method::POST, "/session", &[], login).await;
    let cookie = signed.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap();
    let path = format!("/api/v1/cases/{id}");
    let none = json!({});
    let nobody = send(Method::GET, &path, &[], none.clone()).await;
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
    let case = send(Method::GET, &path, &[("cookie", cookie)], none.clone()).await;
    assert_eq!(case.body["text"], "Нет инсулина");
    let note = || json!({ "text": "позвонить утром" });
    let notes = format!("{path}/notes");
    // Another site can make a browser send the cookie, but does not know the word.
    let forged = send(Method::POST, &notes, &[("cookie", cookie)], note()).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    let word = signed.body["csrf"].as_str().unwrap();
    let own = [("cookie", cookie), ("x-csrf-token", word)];
    assert_eq!(send(Method::POST, &notes, &own, note()).await.body["version"], 2);
    let changes = world.get("operator", &format!("/cases/{id}/changes")).await.body;
    assert_eq!(changes["changes"][1]["by"], "account:ivanova");
    let names = send(Method::GET, "/api/v1/names", &own, none).await.body;
    assert_eq!(names["topics"][0]["title"], "Лекарства");

    // Who is of an organisation sees its cases, and those of nobody else.
    let login = json!({ "name": "petrova", "password": "корова и забор" });
    let signed = send(Method::POST, "/session", &[], login).await;
    let cookie = signed.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap();
    let theirs = [("cookie", cookie)];
    let see = |path: &'static str| send(Method::GET, path, &theirs, json!({}));
    assert_eq!(see("/api/v1/cases").await.body["cases"], json!([]));
    let over = json!({ "version": 2, "to": "organisation:ministry" });
    assert!(send(Method::POST, &format!("{path}/hand-over"), &own, over).await.status.is_success());
    assert_eq!(see("/api/v1/cases").await.body["cases"][0]["id"], *id);
    assert_eq!(see("/api/v1/calls").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn who_is_invited_comes_to_the_desk_until_it_is_taken_back() {
    let world = World::new();
    let send = async |method: Method, path: &str, cookie: &str, body: Value| {
        let request = Request::builder().method(method).uri(path).header("cookie", cookie);
        let request = request.header("content-type", "application/json");
        let request = request.body(Body::from(body.to_string())).unwrap();
        read(world.api.clone().call(request).await.unwrap()).await
    };
    let invite = |body| world.post("curator", "/invitations", body);
    let wrong = [
        (json!({ "agent": "999", "days": 7 }), "no-such-name"),
        (json!({ "agent": "201", "topics": ["other"], "days": 7 }), "no-such-name"),
        (json!({ "agent": "201", "days": 0 }), "wrong"),
        (json!({ "agent": "201", "days": 93 }), "wrong"),
    ];
    for (body, problem) in wrong {
        let told = invite(body).await.body["type"].as_str().unwrap().to_owned();
        assert_eq!(told, format!("urn:line122:problem:{problem}"));
    }
    let made = invite(json!({ "agent": "201", "topics": ["drugs"], "days": 7 })).await;
    assert_eq!(made.status, StatusCode::CREATED);
    let id = made.body["id"].as_str().unwrap();
    let (_, secret) = made.body["path"].as_str().unwrap().split_once("#invitation=").unwrap();
    let listed = world.get("curator", "/invitations").await.body;
    assert_eq!(listed["invitations"][0]["id"], id);
    // Nobody learns the secret again, and operators do not invite.
    assert_eq!(listed["invitations"][0].get("path"), None);
    assert_eq!(world.get("operator", "/invitations").await.status, StatusCode::FORBIDDEN);

    let come = |secret: &str| {
        let body = json!({ "invitation": secret });
        send(Method::POST, "/session/invitation", "", body)
    };
    assert_eq!(come("l122_no").await.status, StatusCode::UNAUTHORIZED);
    let signed = come(secret).await;
    assert_eq!((&signed.body["role"], &signed.body["agent"]), (&json!("agent"), &json!("201")));
    let cookie = signed.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap();
    let cases = || send(Method::GET, "/api/v1/cases", cookie, json!({}));
    assert_eq!(cases().await.status, StatusCode::OK);
    let path = format!("/invitations/{id}");
    let revoke = || world.ask("curator", Method::DELETE, &path, None);
    assert_eq!(revoke().await.status, StatusCode::NO_CONTENT);
    assert_eq!(cases().await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(come(secret).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(revoke().await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_request_that_is_repeated_does_nothing_twice() {
    let world = World::new();
    let new = || Some(json!({ "topic": "visit", "text": "Температура" }));
    let key = [("idempotency-key", "8f14e45f")];
    let ask = |body| world.ask_with("operator", Method::POST, "/cases", body, &key);
    let first = ask(new()).await;
    assert_eq!(first.status, StatusCode::CREATED);
    let place = format!("/api/v1/cases/{}", first.body["id"].as_str().unwrap());
    assert_eq!(first.headers["location"], *place);
    let again = ask(new()).await;
    assert_eq!((again.status, &again.body), (StatusCode::CREATED, &first.body));
    assert_eq!(again.headers["idempotent-replayed"], "true");
    let other = ask(Some(json!({ "topic": "visit", "text": "Иначе" }))).await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY);
    let all = world.get("operator", "/cases").await.body;
    assert_eq!(all["cases"].as_array().unwrap().len(), 1);
    // The key is another's with another token.
    let curator = world.ask_with("curator", Method::POST, "/cases", new(), &key).await;
    assert_ne!(curator.body["id"], first.body["id"]);
}

#[tokio::test]
async fn a_role_may_what_it_may_and_an_organisation_sees_its_own() {
    let world = World::new();
    let id = world.opened().await;
    let case = format!("/cases/{id}");
    assert_eq!(world.get("nobody", &case).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(world.get("reader", &case).await.status, StatusCode::FORBIDDEN);
    assert_eq!(world.get("ministry", &case).await.status, StatusCode::NOT_FOUND);
    assert_eq!(world.get("ministry", "/calls").await.status, StatusCode::FORBIDDEN);
    let due = json!({ "version": 1, "due": "2026-12-01T00:00:00Z", "why": "поставка" });
    let move_due = |token| world.ask(token, Method::PATCH, &case, Some(due.clone()));
    assert_eq!(move_due("operator").await.status, StatusCode::FORBIDDEN);
    assert_eq!(move_due("curator").await.body["due"], "2026-12-01T00:00:00Z");
    let to = json!({ "version": 2, "to": "organisation:ministry" });
    world.post("operator", &format!("{case}/hand-over"), to).await;
    assert_eq!(world.get("ministry", "/cases").await.body["cases"][0]["id"], *id);
    let answer = json!({ "version": 3, "text": "Привезут" });
    let answered = world.post("ministry", &format!("{case}/answer"), answer).await;
    assert_eq!(answered.body["answer"]["by"], "organisation:ministry");
    Books::open(&world.place).unwrap().revoke_token("ministry", 1).unwrap();
    assert_eq!(world.get("ministry", &case).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn what_shows_a_citizen_is_in_the_audit() {
    let world = World::new();
    let id = world.opened().await;
    world.get("operator", &format!("/cases/{id}")).await;
    world.get("operator", "/cases?phone=89123456789").await;
    world.get("operator", "/calls").await;
    world.get("reader", "/calls").await;
    let accesses = Books::open(&world.place).unwrap().accesses(0, 100).unwrap();
    let told: Vec<_> = accesses.iter().map(|one| (&*one.what, &*one.subject)).collect();
    let case = format!("case {id}");
    let search = "cases phone=+79123456789 topic= owner=";
    assert_eq!(told, [("read", &*case), ("search", search), ("search", "calls phone=")]);
    assert!(accesses.iter().all(|one| one.who == "token:operator"));
}

#[tokio::test]
async fn calls_are_read_and_readers_see_no_numbers() {
    let world = World::new();
    let calls = world.get("operator", "/calls?phone=89123456789").await.body;
    let call = &calls["calls"][0];
    assert_eq!((&call["phone"], &call["outcome"]), (&json!("+79123456789"), &json!("abandoned")));
    assert_eq!(call["steps"][0]["what"], "queued");
    assert_eq!(call["steps"][0]["of"], "drugs");
    let id = call["id"].as_str().unwrap();
    let seen = world.get("reader", &format!("/calls/{id}")).await.body;
    assert!(seen["phone"].as_str().unwrap().contains('•') || seen["phone"] != call["phone"]);
    let search = world.get("reader", "/calls?phone=89123456789").await;
    assert_eq!(search.status, StatusCode::FORBIDDEN);
    let journal = world.get("curator", &format!("/calls/{id}/journal")).await.body;
    assert_eq!(journal["entries"][1]["entry"], "ended");
    assert_eq!(world.get("operator", "/call-backs").await.body["call_backs"], json!([]));
    assert_eq!(world.get("reader", "/agents").await.body["agents"], json!([]));
}

#[tokio::test]
async fn a_report_tells_its_formulas_and_is_drawn() {
    let world = World::new();
    let day = world.get("reader", "/reports/day").await;
    assert_eq!(day.status, StatusCode::OK, "{}", day.body);
    assert_eq!(
        (&day.body["first_day"], &day.body["running"]),
        (&json!("2026-11-22"), &json!(true))
    );
    let total = &day.body["total"];
    assert_eq!((&total["offered"], &total["abandoned"]), (&json!(1), &json!(1)));
    assert_eq!(day.body["by_topic"][0]["title"], "Лекарства");
    let formula = day.body["formulas"]["service_level"]["formula"].as_str().unwrap();
    assert!(formula.contains("отвечены за 20 с"), "{formula}");
    let last = world.get("reader", "/reports/week?day=last&topic=drugs&within=30").await.body;
    assert_eq!((&last["total"]["calls"], &last["last_day"]), (&json!(0), &json!("2026-11-15")));
    let picture = world.get("reader", "/reports/day/picture").await;
    assert_eq!(picture.headers["content-type"], "image/svg+xml");
    assert!(picture.bytes.starts_with(b"<svg"));
    for (path, status) in [
        ("/reports/year", StatusCode::NOT_FOUND),
        ("/reports/day?day=yesterday", StatusCode::UNPROCESSABLE_ENTITY),
        ("/reports/day?topic=drugz", StatusCode::UNPROCESSABLE_ENTITY),
        ("/reports/day?within=9999", StatusCode::UNPROCESSABLE_ENTITY),
        ("/reports/day?colour=red", StatusCode::BAD_REQUEST),
    ] {
        assert_eq!(world.get("reader", path).await.status, status, "{path}");
    }
    assert_eq!(world.get("ministry", "/reports/day").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn calls_are_exported_as_a_file() {
    let world = World::new();
    let csv = world.get("operator", "/calls/export").await;
    let text = String::from_utf8(csv.bytes).unwrap();
    assert!(text.starts_with("call,arrived,ended,caller,"), "{text}");
    assert!(text.lines().count() == 2 && text.contains("+79123456789"), "{text}");
    let masked = String::from_utf8(world.get("reader", "/calls/export").await.bytes).unwrap();
    assert!(masked.lines().count() == 2 && !masked.contains("+79123456789"), "{masked}");
    let parquet = world.get("operator", "/calls/export?format=parquet").await;
    assert_eq!(parquet.headers["content-type"], "application/vnd.apache.parquet");
    assert!(parquet.bytes.starts_with(b"PAR1") && parquet.bytes.ends_with(b"PAR1"));
    let none = world.get("operator", "/calls/export?until=2026-01-01T00:00:00Z").await.bytes;
    assert_eq!(String::from_utf8(none).unwrap().lines().count(), 1);
    let wrong = world.get("operator", "/calls/export?format=xlsx").await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert_eq!(world.get("ministry", "/calls/export").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn problems_are_told_in_the_language_of_who_asks() {
    let world = World::new();
    let asked = [
        ("/cases/ffffffffffffffff", None, StatusCode::NOT_FOUND, "unknown", Value::Null),
        ("/cases?state=lost", None, StatusCode::UNPROCESSABLE_ENTITY, "wrong", json!("state")),
        ("/cases?colour=red", None, StatusCode::BAD_REQUEST, "malformed", Value::Null),
        ("/nothing", None, StatusCode::NOT_FOUND, "unknown", Value::Null),
        ("/cases", Some(json!({})), StatusCode::BAD_REQUEST, "malformed", Value::Null),
        (
            "/cases",
            Some(json!({ "topic": "drugz", "text": "a" })),
            StatusCode::UNPROCESSABLE_ENTITY,
            "no-such-name",
            json!("topic"),
        ),
        (
            "/cases",
            Some(json!({ "topic": "drugs", "text": " " })),
            StatusCode::UNPROCESSABLE_ENTITY,
            "empty",
            json!("text"),
        ),
        (
            "/cases",
            Some(json!({ "topic": "drugs", "text": "a".repeat(70_000) })),
            StatusCode::PAYLOAD_TOO_LARGE,
            "too-large",
            Value::Null,
        ),
    ];
    for (path, body, status, kind, field) in asked {
        let method = if body.is_some() { Method::POST } else { Method::GET };
        let english = [("accept-language", "en-GB,en;q=0.9")];
        let answer = world.ask_with("operator", method.clone(), path, body.clone(), &english).await;
        assert_eq!(answer.status, status, "{path}");
        assert_eq!(answer.headers["content-type"], "application/problem+json", "{path}");
        assert_eq!(answer.body["type"], format!("urn:line122:problem:{kind}"), "{path}");
        assert_eq!(answer.body["field"], field, "{path}");
        assert!(answer.body["title"].as_str().unwrap().is_ascii());
        let russian = world.ask("operator", method, path, body).await.body;
        assert!(russian["title"].as_str().unwrap().contains(|c| ('а'..='я').contains(&c)));
    }
}

#[tokio::test]
async fn a_program_that_asks_too_much_waits() {
    let world = World::new();
    let mut statuses = Vec::new();
    for _ in 0..400 {
        statuses.push(world.get("reader", "/agents").await.status);
    }
    assert!(statuses.contains(&StatusCode::TOO_MANY_REQUESTS));
    assert_eq!(world.get("operator", "/agents").await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_document_describes_what_is_answered() {
    let world = World::new();
    let document = world.get("nobody", "/openapi.json").await.body;
    assert_eq!(document["openapi"], "3.1.0");
    let id = world.opened().await;
    let case = world.get("operator", &format!("/cases/{id}")).await.body;
    let described = &document["components"]["schemas"]["Case"]["properties"];
    for key in case.as_object().unwrap().keys() {
        assert!(described.get(key).is_some(), "{key}");
    }
    let text = document.to_string();
    for place in text.split("\"$ref\":\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(document.pointer(place).is_some(), "{place} is described nowhere");
    }
    let operations = document["paths"].as_object().unwrap().values();
    let ids = operations.flat_map(|path| path.as_object().unwrap().values());
    assert_eq!(ids.filter(|one| one.get("operationId").is_some()).count(), 34);
}

#[tokio::test]
async fn who_listens_hears_of_cases_and_of_the_line() {
    let world = World::new();
    let request = Request::get("/api/v1/events").header("authorization", "Bearer reader");
    let mut api = world.api.clone();
    let response = api.call(request.body(Body::empty()).unwrap()).await.unwrap();
    let mut body = response.into_body();
    let mut next = async || {
        let frame = body.frame().await.unwrap().unwrap();
        String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap()
    };
    assert!(next().await.starts_with("event: line\ndata: {\"calls\":[]"));
    let id = world.opened().await;
    let event = next().await;
    assert!(event.starts_with("event: case\n") && event.contains(&id), "{event}");
    assert!(!event.contains("7912345") && !event.contains("инсулин"), "{event}");
}

/// A recorded talk of a second, known to the books.
fn recorded(world: &World) -> Vec<u8> {
    recorded_of(world, RecordedOf::Talk { queue: "drugs".into(), agent: "201".into() })
}

/// A recording of a second, known to the books.
fn recorded_of(world: &World, of: RecordedOf) -> Vec<u8> {
    let said: Vec<u8> = (0..16_000).map(|n: u32| (n.wrapping_mul(31) ^ (n >> 8)) as u8).collect();
    let at = NOW.unix_millis();
    let about = RecordedPart { call: record().call, part: 1, at, of, keep_until: at + 86_400_000 };
    let recorder = Recorder::start(world.archive.clone(), 0, |_| {}).unwrap();
    let recording = media::RecordingId(1);
    let (law, of) = (media::Law::A, about.clone());
    recorder.order(Order::Begin { recording, about: of, law });
    for (number, octets) in (0..).zip(said.chunks(8000)) {
        let (octets, last) = (octets.into(), number == 1);
        recorder.order(Order::Block(media::RecordedBlock { recording, number, octets, last }));
    }
    drop(recorder);
    let kept = Recording { about, state: RecordingState::Whole, lasts: 1000, size: 16_300 };
    Books::open(&world.place).unwrap().note_recording(&kept).unwrap();
    said
}

#[tokio::test]
async fn a_recording_is_heard_by_curators_and_each_hearing_is_written_down() {
    let world = World::new();
    let said = recorded(&world);
    let call = record().call;
    let listed = world.get("curator", &format!("/calls/{call}/recordings")).await;
    assert_eq!(listed.body["recordings"][0]["state"], "whole");
    assert_eq!(listed.body["recordings"][0]["seconds"], 1.0);
    assert_eq!(listed.body["recordings"][0]["agent"], "201");
    let path = format!("/calls/{call}/recording");
    let whole = world.get("curator", &path).await;
    assert_eq!(
        (whole.status, &whole.headers["content-type"]),
        (StatusCode::OK, &"audio/wav".parse().unwrap())
    );
    assert!(whole.bytes.starts_with(b"RIFF") && whole.bytes[58..] == said);
    let range = [("range", "bytes=8050-8065")];
    let some = world.ask_with("curator", Method::GET, &path, None, &range).await;
    assert_eq!(some.status, StatusCode::PARTIAL_CONTENT);
    assert_eq!(some.headers["content-range"], "bytes 8050-8065/16058");
    assert_eq!(some.bytes, said[7992..8008]);
    let behind = [("range", "bytes=16058-")];
    let behind = world.ask_with("curator", Method::GET, &path, None, &behind).await;
    assert_eq!(behind.status, StatusCode::RANGE_NOT_SATISFIABLE);

    for token in ["operator", "reader", "ministry"] {
        assert_eq!(world.get(token, &path).await.status, StatusCode::FORBIDDEN, "{token}");
    }
    assert_eq!(world.get("nobody", &path).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(world.get("curator", &format!("{path}?part=2")).await.status, StatusCode::NOT_FOUND);
    let heard = Books::open(&world.place).unwrap().accesses(0, 100).unwrap();
    let heard: Vec<_> = heard.iter().filter(|access| access.what == "listen").collect();
    let subjects: Vec<_> = heard.iter().map(|access| access.subject.as_str()).collect();
    let of = |bytes: &str| format!("recording of call {call} bytes {bytes}");
    assert_eq!(subjects, [of("0-16057"), of("8050-8065")]);
    assert!(heard.iter().all(|access| access.who == "token:curator"));
}

#[tokio::test]
async fn what_the_robot_heard_is_drawn_and_each_look_is_written_down() {
    let world = World::new();
    let call = record().call;
    let path = format!("/calls/{call}/heard");
    assert_eq!(world.get("curator", &path).await.status, StatusCode::NOT_FOUND);
    recorded_of(&world, RecordedOf::Robot { menu: "main".into() });
    assert_eq!(world.get("operator", &path).await.status, StatusCode::FORBIDDEN);
    let request = Request::get(format!("/api/v1{path}")).header("authorization", "Bearer curator");
    let mut api = world.api.clone();
    let heard = api.call(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(heard.headers()["content-type"], "image/svg+xml");
    let picture = heard.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(picture, "<svg>main 8000, turns: 1</svg>");
    let accesses = Books::open(&world.place).unwrap().accesses(0, 100).unwrap();
    let said = format!("what call {call} said to the robot");
    assert!(accesses.iter().any(|access| access.what == "listen" && access.subject == said));
}

#[tokio::test]
async fn an_altered_recording_is_broken_off() {
    let world = World::new();
    recorded(&world);
    let call = record().call;
    let day = &world.archive.days().unwrap()[0];
    let file = world.archive.folder().join(day).join(format!("{call}-1.l122"));
    let mut octets = std::fs::read(&file).unwrap();
    let place = octets.len() - 100;
    octets[place] ^= 1;
    std::fs::write(&file, octets).unwrap();
    let request = Request::get(format!("/api/v1/calls/{call}/recording"))
        .header("authorization", "Bearer curator");
    let mut api = world.api.clone();
    let response = api.call(request.body(Body::empty()).unwrap()).await.unwrap();
    assert!(response.into_body().collect().await.is_err(), "the connection ends in the midst");
}
