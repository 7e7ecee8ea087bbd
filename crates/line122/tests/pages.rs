//! Who may see and change the dialplan in a browser.
#![allow(clippy::disallowed_methods, reason = "a real program in real time")]

#[allow(dead_code, reason = "each test file uses its part")]
mod common;

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Stdio;

use common::{Line, demo, line122};
use serde_json::{Value, json};

/// A browser that keeps its cookie and its session's word.
struct Browser<'a> {
    line: &'a Line,
    cookie: String,
    csrf: String,
}

impl Browser<'_> {
    fn new(line: &Line) -> Browser<'_> {
        Browser { line, cookie: String::new(), csrf: String::new() }
    }

    fn ask(&mut self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let body = body.map(Value::to_string).unwrap_or_default();
        let mut stream = TcpStream::connect(&self.line.web).unwrap();
        let (cookie, csrf, length) = (&self.cookie, &self.csrf, body.len());
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: line.example\r\nConnection: close\r\n\
             Cookie: {cookie}\r\nX-CSRF-Token: {csrf}\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        if let Some(line) = head.lines().find(|line| line.starts_with("set-cookie: ")) {
            assert!(line.contains("HttpOnly") && line.contains("SameSite=Strict"), "{line}");
            self.cookie = line["set-cookie: ".len()..].split(';').next().unwrap().to_owned();
        }
        (head[9..12].parse().unwrap(), serde_json::from_str(body).unwrap_or_default())
    }

    fn log_in(&mut self, name: &str, password: &str) -> u16 {
        let (status, told) =
            self.ask("POST", "/session", Some(&json!({ "name": name, "password": password })));
        self.csrf = told["csrf"].as_str().unwrap_or_default().to_owned();
        status
    }
}

fn hash(password: &str) -> String {
    let mut child = line122()
        .arg("password")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    writeln!(child.stdin.take().unwrap(), "{password}").unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn admins_change_the_dialplan_supervisors_look_and_strangers_do_neither() {
    let folder = demo();
    let accounts = folder.path().join("accounts.txt");
    let mut text = String::new();
    for (name, role) in [("ivanov", "admin"), ("petrova", "supervisor")] {
        let hash = hash(&format!("password of {name}"));
        text += &format!("[{name}]\nrole = \"{role}\"\npassword = \"{hash}\"\n");
    }
    fs::write(&accounts, text).unwrap();
    let set = format!("web.accounts={}", accounts.display());
    let line = Line::start(&["--dialplan", folder.path().to_str().unwrap(), "--set", &set]);

    let mut stranger = Browser::new(&line);
    assert_eq!(stranger.ask("GET", "/dialplan/api", None).0, 401);
    assert_eq!(stranger.ask("GET", "/api/dialplan", None).0, 403, "not by that name");
    for _ in 0..5 {
        assert_eq!(stranger.log_in("sidorov", "password of ivanov"), 401);
    }
    assert_eq!(stranger.log_in("sidorov", "password of ivanov"), 429);

    let mut supervisor = Browser::new(&line);
    assert_eq!(supervisor.log_in("petrova", "password of petrova"), 200);
    let (status, overview) = supervisor.ask("GET", "/dialplan/api", None);
    assert_eq!((status, &overview["running"]), (200, &json!(1)));
    assert_eq!(supervisor.ask("GET", "/dialplan/api/versions/1/files", None).0, 403);
    assert_eq!(supervisor.ask("GET", "/dialplan/api/picture", None).0, 200);

    let mut admin = Browser::new(&line);
    assert_eq!(admin.log_in("ivanov", "password of ivanov"), 200);
    let (status, mut files) = admin.ask("GET", "/dialplan/api/versions/1/files", None);
    assert_eq!(status, 200);
    let text = files["clinics.toml"].as_str().unwrap();
    let changed = text.replace("ring_for = \"60s\"", "ring_for = \"45s\"");
    files["clinics.toml"] = json!(changed);
    let proposal = json!({
        "by": { "who": "somebody else", "comment": "by browser", "replaces": 1 },
        "folder": "", "files": files, "write_back": true,
    });
    let (status, preview) = admin.ask("POST", "/dialplan/api/preview", Some(&proposal));
    assert_eq!((status, &preview["changes"][0]["kind"]), (200, &json!("clinic")));
    assert_eq!(supervisor.ask("POST", "/dialplan/api/apply", Some(&proposal)).0, 403);
    let csrf = std::mem::take(&mut admin.csrf);
    assert_eq!(admin.ask("POST", "/dialplan/api/apply", Some(&proposal)).0, 403, "another site");
    admin.csrf = csrf;
    let (status, version) = admin.ask("POST", "/dialplan/api/apply", Some(&proposal));
    assert_eq!((status, &version["number"], &version["who"]), (200, &json!(2), &json!("ivanov")));
    let on_disk = fs::read_to_string(folder.path().join("clinics.toml")).unwrap();
    assert_eq!(on_disk, changed, "the folder has what runs");
    assert_eq!(admin.ask("POST", "/dialplan/api/apply", Some(&proposal)).0, 409, "overtaken");

    assert_eq!(admin.ask("DELETE", "/session", None).0, 204);
    assert_eq!(admin.ask("GET", "/dialplan/api", None).0, 401);
    // Whoever is taken out of the file is out.
    fs::write(&accounts, "").unwrap();
    assert_eq!(supervisor.ask("GET", "/dialplan/api", None).0, 401);
    let (status, page) = line.get("/dialplan");
    assert_eq!(status, 200);
    assert!(page.contains("/dialplan.js"), "{page}");
}
