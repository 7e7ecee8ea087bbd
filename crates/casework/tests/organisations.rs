//! Organisations are told: a real server for webhooks and a real mail server on loopback.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ambient::{Entropy, Wall};
use cases::{Actor, CaseId, Owner, What};
use casework::{Casework, MailSettings, NewCase, Surroundings, signature};
use dialplan::Dialplan;
use journal::{CallId, Entry, LeftRequest, Sequence};
use records::{Books, CasesAsked, JournalWriter, Place, Recent, Waiting};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

const PATIENCE: Duration = Duration::from_secs(30);

fn plan(ministry: SocketAddr) -> Arc<Dialplan> {
    let text = format!(
        r#"
[region]
name = "Область"
time_zone = "Europe/Moscow"
area_code = "4812"
[service]
numbers = ["122"]
start = "queue:drugs"
[queue_defaults]
music = "music"
overflow = {{ after = "10m", to = "hangup" }}
serve = [{{ group = "operators" }}]
[queues.drugs]
topic = "Лекарства"
urgent = true
answer_within = "3h"
notify = ["ministry", "pharmacy"]
[queues.visit]
topic = "Вызов врача"
notify = ["ministry"]
[organisations.ministry]
title = "Министерство"
webhook = "http://{ministry}/line122?from=122"
password = "key"
[organisations.pharmacy]
title = "Аптека"
email = "duty@pharmacy.example"
[groups.operators]
title = "Операторы"
agents = ["201"]
[agents.201]
name = "Анна"
kind = "operator"
password = "secret"
"#
    );
    let prompts = ["music"].map(dialplan::PromptName::from).into();
    match dialplan::load_str(&[("line.toml", &text)], &prompts) {
        Ok((plan, _)) => Arc::new(plan),
        Err(findings) => panic!("{findings:?}"),
    }
}

/// What a server was sent, one after the other.
type Taken = Arc<Mutex<Vec<Request>>>;

#[derive(Clone, Debug)]
struct Request {
    head: String,
    body: String,
}

impl Request {
    fn header(&self, name: &str) -> String {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let mut values = lines.filter(|(key, _)| key.eq_ignore_ascii_case(name));
        values.next().expect("the header is there").1.to_owned()
    }

    fn event(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// A web server that answers with these statuses, and then with 204; 0 ends the connection unanswered.
async fn web_server(statuses: &[u16]) -> (SocketAddr, Taken) {
    web_server_of(statuses, |_| true).await
}

/// The same, whose statuses are for these requests alone; all others get 204.
async fn web_server_of(statuses: &[u16], for_which: fn(&Request) -> bool) -> (SocketAddr, Taken) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (taken, mut statuses) = (Taken::default(), VecDeque::from(statuses.to_vec()));
    let seen = taken.clone();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let request = read_request(&mut stream).await;
            let status = if for_which(&request) { statuses.pop_front() } else { None };
            let status = status.unwrap_or(204);
            seen.lock().unwrap().push(request);
            if status != 0 {
                let answer = format!("HTTP/1.1 {status} So\r\nContent-Length: 0\r\n\r\n");
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        }
    });
    (address, taken)
}

async fn read_request(stream: &mut TcpStream) -> Request {
    let mut bytes = Vec::new();
    loop {
        let mut buffer = [0; 4096];
        let length = stream.read(&mut buffer).await.unwrap();
        assert!(length > 0, "a whole request");
        bytes.extend_from_slice(&buffer[..length]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let request = Request { head: head.to_owned(), body: body.to_owned() };
        if body.len() == request.header("content-length").parse::<usize>().unwrap() {
            return request;
        }
    }
}

/// A mail server that refuses the first letters for now, and takes all others.
async fn mail_server(refuses: usize) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let letters: Arc<Mutex<Vec<String>>> = Arc::default();
    let taken = letters.clone();
    tokio::spawn(async move {
        for connection in 0.. {
            let (stream, _) = listener.accept().await.unwrap();
            if let Some(letter) = take_letter(stream, connection < refuses).await {
                taken.lock().unwrap().push(letter);
            }
        }
    });
    (address, letters)
}

/// RFC 5321, as far as one letter needs it.
async fn take_letter(stream: TcpStream, refuses: bool) -> Option<String> {
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    let mut letter = Vec::new();
    writer.write_all(b"220 mail.example\r\n").await.ok()?;
    while let Ok(Some(line)) = lines.next_line().await {
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let answer: &[u8] = match verb.as_str() {
            "DATA" => b"354 go on\r\n",
            "RCPT" if refuses => b"451 later\r\n",
            "QUIT" => b"221 bye\r\n",
            _ => b"250 ok\r\n",
        };
        letter.push(line);
        writer.write_all(answer).await.ok()?;
        if verb == "DATA" {
            while let Ok(Some(line)) = lines.next_line().await {
                if line == "." {
                    writer.write_all(b"250 taken\r\n").await.ok()?;
                    return Some(letter.join("\n"));
                }
                letter.push(line);
            }
        }
    }
    None
}

struct World {
    place: Place,
    plan: Arc<Dialplan>,
    /// Milliseconds by which the clock is ahead.
    ahead: Arc<Mutex<i64>>,
    _folder: tempfile::TempDir,
}

impl World {
    fn new(ministry: SocketAddr) -> World {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::sqlite(folder.path());
        drop(JournalWriter::open(&place, now(), Recent::default(), |_| {}).unwrap());
        World { place, plan: plan(ministry), ahead: Arc::default(), _folder: folder }
    }

    /// The line starts, or starts again.
    fn casework(&self, seed: u64) -> Arc<Casework> {
        let (plan, ahead) = (self.plan.clone(), self.ahead.clone());
        let clock = move || Wall::from_unix_millis(now().unix_millis() + *ahead.lock().unwrap());
        let surroundings = Surroundings {
            clock: Box::new(clock),
            plan: Box::new(move || plan.clone()),
            entropy: Entropy::from_number(seed),
            public_url: "https://122.example/".into(),
        };
        Arc::new(Casework::new(Books::open(&self.place).unwrap(), surroundings))
    }

    /// The time passes.
    fn pass(&self, time: Duration) {
        *self.ahead.lock().unwrap() += i64::try_from(time.as_millis()).unwrap();
    }

    /// Letters that wait, and letters that were given up.
    fn left(&self) -> (i64, i64) {
        Books::open(&self.place).unwrap().letters_left().unwrap()
    }

    /// Waits until nothing is left to be sent, while the time passes fast.
    async fn until_sent(&self) {
        until(|| {
            self.pass(Duration::from_secs(1));
            self.left().0 == 0
        })
        .await;
    }
}

async fn until(mut done: impl FnMut() -> bool) {
    let waiting = async {
        while !done() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect("it is done in time");
}

#[allow(clippy::disallowed_methods)] // the servers live by the same clock
fn now() -> Wall {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Wall::from_unix_millis(i64::try_from(since.as_millis()).unwrap())
}

async fn open(casework: &Casework, topic: &str) -> CaseId {
    let new = NewCase {
        topic: topic.into(),
        urgency: None,
        caller: Some("8 912 345-67-89".into()),
        clinic: None,
        call: None,
        text: "Нет инсулина".into(),
        due: None,
        owner: None,
    };
    let by = Actor::Agent("201".into());
    let done = casework.open(by, new, None, |case| case.id.to_string()).await.unwrap();
    done.body.parse().unwrap()
}

async fn change(casework: &Casework, case: CaseId, what: What) {
    let by = Actor::Agent("201".into());
    casework.change(by, case, None, |_, _, _| Ok(what), None, |_| String::new()).await.unwrap();
}

fn to_ministry() -> What {
    What::HandedOver { to: Owner::Organisation("ministry".into()), note: String::new() }
}

fn note(text: &str) -> What {
    What::Noted { text: text.into() }
}

#[tokio::test]
async fn a_webhook_is_signed_retried_with_one_mark_and_kept_in_order() {
    let (address, taken) = web_server(&[503, 0, 500]).await;
    let world = World::new(address);
    let casework = world.casework(1);
    let case = open(&casework, "visit").await;
    change(&casework, case, to_ministry()).await;
    change(&casework, case, note("первая")).await;
    let work = tokio::spawn(casework::run(casework, None));
    world.until_sent().await;
    work.abort();
    let taken = taken.lock().unwrap().clone();
    let versions: Vec<_> = taken.iter().map(|one| one.event()["version"].clone()).collect();
    assert_eq!(versions, [1, 1, 1, 1, 2, 3], "in order, and each until it was taken");
    let marks: Vec<_> = taken.iter().map(|one| one.header("webhook-id")).collect();
    assert!(marks[..4].iter().all(|mark| *mark == marks[0]));
    assert!(marks[3] != marks[4] && marks[4] != marks[5]);
    for request in &taken {
        assert!(request.head.starts_with("POST /line122?from=122 HTTP/1.1"), "{}", request.head);
        let seconds = request.header("webhook-timestamp").parse().unwrap();
        let signed = signature("key", &request.header("webhook-id"), seconds, &request.body);
        assert_eq!(request.header("webhook-signature"), signed);
    }
    let event = taken[0].event();
    assert_eq!((&event["event"], &event["title"]), (&"case.opened".into(), &"Вызов врача".into()));
    assert_eq!(event["link"], format!("https://122.example/cases/{case}"));
    // The dialplan does not allow more.
    assert!(event.get("text").is_none() && event.get("caller").is_none(), "{event}");
}

#[tokio::test]
async fn what_was_not_sent_before_a_crash_is_sent_after_it() {
    let (address, taken) = web_server(&[]).await;
    let world = World::new(address);
    let before = world.casework(1);
    let case = open(&before, "visit").await;
    // Killed before anything was sent: the letter is as durable as the case.
    drop(before);
    assert!(taken.lock().unwrap().is_empty());
    let work = tokio::spawn(casework::run(world.casework(2), None));
    world.until_sent().await;
    work.abort();
    assert_eq!(taken.lock().unwrap()[0].event()["case"], case.to_string());
    assert_eq!(taken.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn an_urgent_case_goes_out_though_another_letter_waits() {
    let (address, taken) = web_server(&[503]).await;
    let world = World::new(address);
    let casework = world.casework(1);
    let work = tokio::spawn(casework::run(casework.clone(), None));
    let ordinary = open(&casework, "visit").await;
    until(|| !taken.lock().unwrap().is_empty()).await;
    let urgent = open(&casework, "drugs").await;
    until(|| taken.lock().unwrap().len() >= 2).await;
    work.abort();
    let cases: Vec<_> =
        taken.lock().unwrap().iter().map(|one| one.event()["case"].clone()).collect();
    // The second try of the first letter comes a second and a half after the first at the earliest.
    assert_eq!(cases[..2], [ordinary.to_string(), urgent.to_string()]);
}

#[tokio::test]
async fn a_letter_tells_what_is_to_be_done_and_nothing_of_the_citizen() {
    let (web, _) = web_server(&[]).await;
    let (mail, letters) = mail_server(1).await;
    let world = World::new(web);
    let casework = world.casework(1);
    let case = open(&casework, "drugs").await;
    change(&casework, case, note("о заметках не пишут")).await;
    // As it is before it is encoded.
    let written = Books::open(&world.place).unwrap().letters(0, 10).unwrap();
    assert!(written.iter().any(|one| one.letter.body.contains("Лекарства")));
    for Waiting { letter, .. } in &written {
        let body = &letter.body;
        assert!(!body.contains("912345") && !body.contains("инсулин"), "{body}");
    }
    let settings = MailSettings {
        server: format!("smtp://{mail}"),
        login: None,
        from: "line122@region.example".into(),
    };
    let work = tokio::spawn(casework::run(casework, Some(settings)));
    world.until_sent().await;
    work.abort();
    let letters = letters.lock().unwrap().clone();
    let letter = letters.first().expect("a letter");
    assert!(letter.contains("RCPT TO:<duty@pharmacy.example>"), "{letter}");
    assert!(letter.contains(&format!("Message-ID: <{case}-1-pharmacy-m@region.example>")));
    assert_eq!(letters.len(), 1, "{letters:?}");
}

#[tokio::test]
async fn after_a_week_it_is_given_up_with_an_alarm_and_the_next_one_goes_on() {
    // That the case is overdue by now may be told first.
    let (address, taken) = web_server_of(&[500], |request| request.event()["version"] == 1).await;
    let world = World::new(address);
    let casework = world.casework(1);
    let case = open(&casework, "visit").await;
    world.pass(Duration::from_secs(7 * 86_400));
    change(&casework, case, to_ministry()).await;
    let work = tokio::spawn(casework::run(casework.clone(), None));
    world.until_sent().await;
    work.abort();
    assert_eq!(world.left(), (0, 1));
    let versions: Vec<_> =
        taken.lock().unwrap().iter().map(|one| one.event()["version"].clone()).collect();
    // Those of another lane (it is overdue by now) come when they like.
    let lane: Vec<_> = versions.iter().filter(|version| **version != 3).collect();
    assert_eq!(lane, [1, 2], "one try more, and then the next: {versions:?}");
}

#[tokio::test]
async fn the_watch_marks_each_case_once_also_after_restarts() {
    let (address, _) = web_server(&[]).await;
    let world = World::new(address);
    let case = open(&world.casework(1), "drugs").await;
    for (seed, minutes, expected) in [(2, 130, 1), (3, 10, 2), (4, 1, 2), (5, 60, 3), (6, 900, 3)] {
        world.pass(Duration::from_secs(minutes * 60));
        let work = tokio::spawn(casework::run(world.casework(seed), None));
        tokio::time::sleep(Duration::from_millis(500)).await;
        work.abort();
        let _ = work.await;
        let changes = Books::open(&world.place).unwrap().changes(case).unwrap();
        let what: Vec<_> = changes.iter().map(|change| change.what.name()).collect();
        let all = ["opened", "due-soon", "overdue"];
        assert_eq!(what, &all[..expected], "{minutes} minutes later");
    }
}

#[tokio::test]
async fn what_the_robot_took_becomes_a_case_and_the_organisations_hear_of_it() {
    let (ministry, taken) = web_server(&[]).await;
    let world = World::new(ministry);
    let at = now();
    let left = |topic: &str, seed| LeftRequest {
        call: CallId::new(at, &mut Entropy::from_number(seed)),
        caller: world.plan.region.numbering.normalise("8 912 345-67-89").unwrap(),
        topic: topic.into(),
        clinic: Some("gone".into()),
        keys: vec![dialplan::Key::new('4').unwrap()],
        said: vec!["лекарства".to_owned()],
        told: Vec::new(),
        at: at.unix_millis(),
    };
    let (writer, _) = JournalWriter::open(&world.place, now(), Recent::default(), |_| {}).unwrap();
    writer.append(Sequence(1), Entry::RequestLeft(left("visit", 1)));
    writer.append(Sequence(2), Entry::RequestLeft(left("removed", 2)));
    drop(writer);

    let casework = world.casework(1);
    let run = tokio::spawn(casework::run(casework.clone(), None));
    let all = async || {
        let asked = CasesAsked::default();
        casework.ask(move |books| books.cases(&asked, None, 10)).await.unwrap().cases
    };
    let waiting = async {
        while all().await.len() < 2 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect("the cases are opened in time");
    until(|| taken.lock().unwrap().len() == 2).await;
    run.abort();
    let mut cases = all().await;
    cases.sort_by_key(|case| case.text.len());
    let [visit, removed] = &cases[..] else { panic!("{cases:?}") };
    assert_eq!(
        (visit.topic.as_str(), &*visit.text),
        ("visit", "Заявку принял робот. Нажато: 4. Сказано: «лекарства».")
    );
    assert_eq!((visit.call, &visit.clinic), (Some(left("visit", 1).call), &None));
    assert_eq!(removed.topic.as_str(), "drugs");
    assert!(removed.text.ends_with("Тема «removed» с тех пор удалена."), "{}", removed.text);
    assert!(Books::open(&world.place).unwrap().left_requests().unwrap().is_empty());
}
