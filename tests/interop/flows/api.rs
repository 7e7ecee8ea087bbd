//! The API as other programs see it: by a client that is generated from its own description, and under
//! kill -9.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use interop::{Line, Web, root};
use serde_json::{Value, json};

/// What makes a client in Python of a description; `cargo xtask test` installs it.
fn generator() -> PathBuf {
    let program = root().join("target/api-client/bin/openapi-python-client");
    assert!(program.is_file(), "no {}: cargo xtask test installs it", program.display());
    program
}

#[test]
fn a_client_made_of_the_description_works_with_cases() {
    let line = Line::demo();
    let (status, document) = line.get("/api/v1/openapi.json").expect("the web port answers");
    assert_eq!(status, 200);
    line.write_file("openapi.json", &document);
    let run = |program: PathBuf, arguments: &[&str]| {
        let command = Command::new(program)
            .args(arguments)
            .current_dir(line.folder())
            .env("PYTHONPATH", line.folder())
            .output()
            .expect("the program can be started");
        let said = String::from_utf8_lossy(&command.stdout).into_owned();
        let error = String::from_utf8_lossy(&command.stderr);
        assert!(command.status.success(), "{said}{error}");
        said
    };
    let made = ["generate", "--path", "openapi.json", "--meta", "none"];
    let made = [&made[..], &["--output-path", "line122_client"]].concat();
    // It knows no sound, which is of no use to it either; all else it must understand.
    let said = run(generator(), &made);
    assert!(!said.contains("will not be generated"), "{said}");
    let script = root().join("tests/interop/api/client.py");
    let address = format!("http://{}/api/v1", line.web().0);
    let token = line.token("mis", "curator");
    let arguments = [script.to_str().unwrap_or_default(), &address, &token];
    let said = run(generator().with_file_name("python3"), &arguments);
    assert!(said.starts_with("done "), "{said}");
    assert!(!line.log().contains("9123456789"), "numbers stand in the audit alone");
}

/// Asks, and waits where the rate of the token wants it.
fn ask(web: Web, request: &str, headers: &str, body: &str) -> Option<(u16, String)> {
    loop {
        let answer = web.ask(request, headers, body)?;
        if answer.0 != 429 {
            return Some(answer);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Sends a case with a mark; its number if the line answered.
pub(crate) fn open(web: Web, token: &str, mark: usize) -> Option<String> {
    let body = json!({ "topic": "home-visit", "text": format!("Просьба {mark}") }).to_string();
    let headers = format!("Authorization: Bearer {token}\r\nIdempotency-Key: {mark}\r\n");
    let (status, answer) = ask(web, "POST /api/v1/cases", &headers, &body)?;
    let case: Value = serde_json::from_str(&answer).ok()?;
    assert_eq!(status, 201, "{answer}");
    Some(case["id"].as_str()?.to_owned())
}

#[test]
fn every_answer_stands_after_kill_9() {
    const ROUNDS: u64 = 5;
    let mut line = Line::demo();
    let token = line.token("mis", "curator");
    let web = line.web();
    let mut answered: Vec<Option<String>> = Vec::new();
    for round in 0..ROUNDS {
        let first = answered.len();
        let cases: Vec<String> = std::thread::scope(|scope| {
            let tries = || (first..).map_while(|mark| open(web, &token, mark)).collect();
            let writing = scope.spawn(tries);
            std::thread::sleep(Duration::from_millis(150 + 90 * round));
            line.kill();
            writing.join().expect("the writer ends when the line does")
        });
        answered.extend(cases.into_iter().map(Some));
        // The one that was on its way may have been written or not.
        answered.push(None);
        line.start_again();
    }
    let number = answered.iter().flatten().count();
    assert!(number > 5, "the line answers between the kills");
    for (mark, case) in answered.iter().enumerate() {
        let again = open(web, &token, mark).expect("the line answers");
        assert!(
            case.as_ref().is_none_or(|case| *case == again),
            "it stands, and is not done again"
        );
    }
    let headers = format!("Authorization: Bearer {token}\r\n");
    let list = ask(web, "GET /api/v1/cases?limit=500", &headers, "");
    let all: Value = serde_json::from_str(&list.expect("the web port answers").1).expect("JSON");
    assert_eq!(all["cases"].as_array().map(Vec::len), Some(answered.len().min(500)));
}
