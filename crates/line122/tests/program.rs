//! The program as its user sees it: its words, its exit codes, its signals.
#![allow(clippy::disallowed_methods, reason = "a real program in real time")]

#[allow(dead_code, reason = "each test file uses its part")]
mod common;

use std::io::Read;
use std::net::UdpSocket;
use std::process::{Command, Output};

use common::{Line, complains, demo, line122, run, stderr, until, workspace};

#[test]
fn mistakes_in_settings_are_one_line_with_the_place_and_the_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("my.toml");
    std::fs::write(&file, "[sip]\nudb = []\n").unwrap();
    let file = file.to_str().unwrap();
    complains(&run(&["--config", file]), 2, &["my.toml:2:1: ", "did you mean sip.udp?"]);
    complains(&run(&["--set", "sip.calls_max=x"]), 2, &["--set", "sip.calls_max"]);
    complains(&run(&["--config", "/nowhere.toml"]), 2, &["/nowhere.toml"]);
    complains(&run(&["--dialplan", "/nowhere"]), 2, &["/nowhere", "--dialplan"]);
    complains(&run(&["--prompts", "/nowhere"]), 2, &["/nowhere/manifest.toml", "paths.prompts"]);
    complains(&run(&["--log", "loud"]), 2, &["log.level", "info"]);
    complains(&run(&["--set", "sip.tls=127.0.0.1:0"]), 2, &["sip.tls_certificate"]);
    let data = ["--data", "/dev/null/data", "--sip", "127.0.0.1:0", "--web", "127.0.0.1:0"];
    complains(&run(&data), 2, &["/dev/null/data", "paths.data"]);
    complains(&run(&["phone"]), 2, &["--user", "--password"]);
}

#[test]
fn a_port_in_use_is_one_line_with_the_setting() {
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = udp.local_addr().unwrap().to_string();
    complains(&run(&["--sip", &address]), 1, &[&address, "in use", "sip.udp"]);
    let web = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = web.local_addr().unwrap().to_string();
    let arguments = ["--sip", "127.0.0.1:0", "--web", &address];
    complains(&run(&arguments), 1, &[&address, "in use", "web.listen"]);
}

#[test]
fn config_shows_every_setting_with_its_origin() {
    let output = line122()
        .args(["--web", "127.0.0.1:1", "config"])
        .env("LINE122__SIP__REALM", "example")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    for (setting, origin) in [
        ("listen = \"127.0.0.1:1\"", "# --web"),
        ("realm = \"example\"", "# LINE122__SIP__REALM"),
        ("udp = [\"127.0.0.1:5060\"]", "# default"),
    ] {
        let line = text.lines().find(|line| line.starts_with(setting));
        assert!(line.is_some_and(|line| line.ends_with(origin)), "{setting} {origin}\n{text}");
    }
}

#[test]
fn check_says_whether_a_dialplan_is_in_order() {
    let good = run(&["check", "dialplans/demo"]);
    assert!(good.status.success(), "{}", stderr(&good));
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("dialplan.toml"), "[service]\nstart = \"menu:no\"\n")
        .unwrap();
    let path = folder.path().to_str().unwrap();
    let bad = run(&["check", path]);
    assert_eq!(bad.status.code(), Some(2));
    assert!(stderr(&bad).contains("dialplan.toml:"), "{}", stderr(&bad));

    let findings = |output: &Output| -> serde_json::Value {
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        json["findings"].clone()
    };
    let bad = run(&["check", path, "--format", "json"]);
    assert_eq!(bad.status.code(), Some(2), "{bad:?}");
    let found = findings(&bad);
    let missing = found.as_array().unwrap().iter().find(|one| one["message"] == "no menu \"no\"");
    let missing = missing.unwrap_or_else(|| panic!("{found}"));
    assert_eq!(missing["severity"], "error");
    assert_eq!(missing["place"], serde_json::json!([2, 9]));

    // A menu that no call comes to: said, and no reason to refuse the dialplan.
    let doubtful = demo();
    let line = doubtful.path().join("line.toml");
    let text = std::fs::read_to_string(&line).unwrap();
    let forgotten = "\n[menus.forgotten]\nsay = [\"welcome\"]\notherwise = \"queue:operator\"\n\
                     [[menus.forgotten.choice]]\nkey = \"1\"\nto = \"queue:operator\"\n";
    std::fs::write(&line, text + forgotten).unwrap();
    let path = doubtful.path().to_str().unwrap();
    let check = |more: &[&str]| run(&[&["check", path, "--format", "json"][..], more].concat());
    assert_eq!(check(&[]).status.code(), Some(0), "{:?}", check(&[]));
    assert_eq!(findings(&check(&[]))[0]["severity"], "warning");
    assert_eq!(check(&["--strict"]).status.code(), Some(2));
}

#[test]
fn the_way_of_a_call_is_told_with_the_lines_behind_it() {
    let call = ["explain", "dialplans/demo", "--to", "9-122", "--at", "2026-12-31 23:30"];
    let told = run(&[&call[..], &["--keys", "-1"]].concat());
    assert!(told.status.success(), "{told:?}");
    let text = String::from_utf8(told.stdout).unwrap();
    for part in
        ["line.toml:", "start = \"menu:main\"", "no key within 8 s", "key 2 would lead to queue"]
    {
        assert!(text.contains(part), "{part}\n{text}");
    }
    let json = run(&[&call[..], &["--keys", "1", "--format", "json"]].concat()).stdout;
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(json["end"]["served"], "home-visit");
    assert_eq!(json["steps"][0]["place"]["file"], "line.toml");
    complains(&run(&[&call[..4], &["--at", "tomorrow"]].concat()), 2, &["tomorrow"]);
}

#[test]
fn cases_beside_a_dialplan_hold_or_are_told() {
    let good = run(&["test", "dialplans/demo"]);
    assert!(good.status.success(), "{good:?}");
    let folder = tempfile::tempdir().unwrap();
    let files =
        ["line.toml", "clinics.toml", "agents.toml", "trunks.toml", "doctor.md", "drugs.md"];
    for file in files {
        std::fs::copy(workspace().join("dialplans/demo").join(file), folder.path().join(file))
            .unwrap();
    }
    let path = folder.path().to_str().unwrap();
    complains(&run(&["test", path]), 2, &["no cases"]);
    std::fs::create_dir(folder.path().join("tests")).unwrap();
    let case = "[[case]]\nname = \"Врач\"\nto = \"122\"\nat = \"2026-12-31 13:00\"\nkeys = \"2\"\n\
                expect = { queue = \"home-visit\" }\n";
    std::fs::write(folder.path().join("tests/calls.toml"), case).unwrap();
    let bad = run(&["test", path]);
    complains(&bad, 1, &["1 of 1 cases"]);
    let text = String::from_utf8(bad.stdout).unwrap();
    for part in
        ["queue = \"home-visit\" (tests/calls.toml:6); came queue = \"appointment\"", "key 2"]
    {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert!(text.contains("no case reaches clinic:poliklinika-1 (clinics.toml:"), "{text}");
}

#[test]
fn a_dialplan_is_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let picture = folder.path().join("demo.svg");
    let drawn = run(&["draw", "dialplans/demo", "--picture", picture.to_str().unwrap()]);
    assert!(drawn.status.success(), "{drawn:?}");
    assert!(std::fs::read_to_string(picture).unwrap().starts_with("<svg"));
}

/// Writes a file, and gives its path.
fn written(folder: &tempfile::TempDir, name: &str, text: &str) -> String {
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

/// The history of an hour.
fn forty_calls() -> String {
    let calls: String =
        (10..50).map(|n| format!("2026-11-16 09:{n}:00,appointment,20,180,answered\n")).collect();
    format!("arrived,queue,waited,talked,outcome\n{calls}")
}

#[test]
fn what_would_be_is_told_and_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| written(&folder, name, text);
    let calls = file("calls.csv", &forty_calls());
    let shift = |group: &str| format!("[[shift]]\ngroup = \"{group}\"\nagents = 3\n");
    let agents = file("agents.toml", &shift("operators"));
    let picture = folder.path().join("day.svg").display().to_string();
    let ask = |agents: &str| {
        run(&[
            "whatif",
            "--calls",
            &calls,
            "--agents",
            agents,
            "--grow",
            "3",
            "--more",
            "operators=2",
            "--plays",
            "5",
            "--picture",
            &picture,
        ])
    };
    let output = ask(&agents);
    assert!(output.status.success(), "{}", stderr(&output));
    let told = String::from_utf8(output.stdout).unwrap();
    let hour = told.lines().find(|line| line.starts_with("  9:00")).expect("the hour of the calls");
    let duty: Vec<&str> = hour.split('│').nth(2).unwrap().split_whitespace().collect();
    assert_eq!(duty, ["3.0", "5.0"], "{told}");
    assert!(std::fs::read_to_string(&picture).unwrap().contains("</svg>"));

    let unknown = ask(&file("unknown.toml", &shift("doctors")));
    complains(&unknown, 2, &["unknown.toml", "doctors", "operators"]);
}

/// Forty calls an hour of 180 s, 30 s of paperwork and 5 s of ringing are a load of 2.39 for three agents.
#[test]
fn what_would_be_in_a_region_stands_beside_erlang_c() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| written(&folder, name, text);
    let calls = file("calls.csv", &forty_calls());
    let agents = file("agents.toml", "[[shift]]\ngroup = \"operators\"\nagents = 3\n");
    let picture = folder.path().join("day.svg").display().to_string();
    let files = ["--calls", &calls, "--agents", &agents, "--picture", &picture, "--plays", "5"];
    let output = run(&[&["whatif", "--region", "dialplans/smolensk"][..], &files].concat());
    assert!(output.status.success(), "{}", stderr(&output));
    let told = String::from_utf8(output.stdout).unwrap();
    let region = std::fs::read_to_string("../../dialplans/smolensk/line.toml").unwrap();
    let name = region.lines().find_map(|line| line.strip_prefix("name = \"")).unwrap();
    let name = name.split('"').next().unwrap();
    assert!(told.lines().next().unwrap().contains(name), "{told}");
    assert_eq!(told.matches("Erlang C").count(), 3, "two columns and what they mean: {told}");
    let hour = told.lines().find(|line| line.starts_with("  9:00")).expect("the hour of the calls");
    let columns: Vec<Vec<&str>> =
        hour.split('│').map(|column| column.split_whitespace().collect()).collect();
    assert_eq!(columns[2], ["3.0"], "{told}");
    // By the formula alone, computed elsewhere.
    assert_eq!((columns[3][1], columns[4][1]), ("230.6", "38.6"), "{told}");
    assert!(std::fs::read_to_string(&picture).unwrap().contains("Erlang C"));
}

#[test]
fn the_start_tells_where_and_what_to_try() {
    let line = Line::start(&[]);
    for part in ["122", "270001", "627766", "201", "demo-NUMBER", "line122 call 122 --keys 1"] {
        assert!(line.greeting.contains(part), "{part} is missing:\n{}", line.greeting);
    }
    assert_eq!(line.get("/healthz").0, 200);
    assert_eq!(line.get("/readyz").0, 200);
    let (status, page) = line.get("/");
    assert_eq!(status, 200);
    assert!(page.to_lowercase().contains("content-security-policy: default-src 'none'"));
    assert!(line.get("/metrics").1.contains("\nline122_calls_live 0\n"));
    assert_eq!(line.get("/nowhere").0, 404);
}

#[test]
fn a_call_is_heard_over_udp_and_tcp() {
    let line = Line::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    let heard = folder.path().join("heard.wav");
    for (server, transport) in [(&line.udp, None), (&line.tcp, Some("--tcp"))] {
        let phone = line.phone(
            &[
                &["call", "122", "--seconds", "3", "--server", server][..],
                &["--record", heard.to_str().unwrap()],
                transport.as_slice(),
            ]
            .concat(),
        );
        let output = phone.wait_with_output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && text.contains("answered"), "{text}");
        let samples: Vec<i16> =
            hound::WavReader::open(&heard).unwrap().samples().map(Result::unwrap).collect();
        let loud = samples.iter().filter(|sample| sample.unsigned_abs() > 500).count();
        assert!(samples.len() > 8_000 && loud > samples.len() / 10, "{} {loud}", samples.len());
    }
}

#[test]
fn an_agent_answers_a_caller_and_both_hear_each_other() {
    let line = Line::start(&[]);
    let mut agent = line.phone(&[
        "phone",
        "--user",
        "201",
        "--password",
        "demo-201",
        "--answer",
        "--server",
        &line.udp,
    ]);
    let is_on_duty = || {
        let agents = &line.status()["centre"]["agents"];
        agents.as_array().unwrap().iter().any(|a| a["agent"] == "201" && a["duty"]["duty"] == "on")
    };
    until("registration", is_on_duty);
    let caller =
        line.phone(&["call", "122", "--keys", "1", "--seconds", "12", "--server", &line.udp]);
    until("the talk", || line.status()["counters"]["calls_answered_total"] == 1);
    let caller = caller.wait_with_output().unwrap();
    assert!(caller.status.success(), "{}", stderr(&caller));
    let pid = agent.id().to_string();
    assert!(Command::new("kill").args(["-s", "INT", &pid]).status().unwrap().success());
    let code = agent.wait().unwrap();
    let mut said = String::new();
    agent.stdout.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(code.success(), "{said}");
    assert!(said.contains("registered") && said.contains("answered"), "{said}");
    until("the record", || line.status()["ended"][0]["outcome"] == "answered");
    assert_eq!(line.status()["ended"][0]["agent"], "201");
}

#[test]
fn a_wrong_password_is_told() {
    let line = Line::start(&[]);
    let arguments = ["call", "122", "--user", "201", "--password", "no", "--server", &line.udp];
    let output = line.phone(&arguments).wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("password"), "{}", stderr(&output));
}

#[test]
fn without_calls_the_first_signal_ends_it() {
    let mut line = Line::start(&[]);
    line.signal("TERM");
    assert_eq!(line.exit_code(), Some(0));
}

#[test]
fn while_calls_last_new_ones_are_refused_and_a_second_signal_ends_it_at_once() {
    let mut line = Line::start(&[]);
    let mut first = line.phone(&["call", "122", "--server", &line.udp]);
    until("a call", || line.status()["counters"]["calls_live"] == 1);
    line.signal("TERM");
    until("draining", || line.get("/readyz").0 == 503);
    assert_eq!(line.get("/healthz").0, 200);
    let second = line.phone(&["call", "122", "--server", &line.udp]).wait_with_output().unwrap();
    assert!(stderr(&second).contains("503"), "{}", stderr(&second));
    assert!(line.child.try_wait().unwrap().is_none(), "the first call goes on");
    line.signal("INT");
    assert_eq!(line.exit_code(), Some(1));
    let _ = first.kill();
    let _ = first.wait();
}

#[test]
fn at_the_limit_the_last_calls_are_ended() {
    let mut line = Line::start(&["--set", "drain.limit=1"]);
    let first = line.phone(&["call", "122", "--server", &line.udp]);
    until("a call", || line.status()["counters"]["calls_live"] == 1);
    line.signal("TERM");
    assert_eq!(line.exit_code(), Some(0));
    let first = first.wait_with_output().unwrap();
    let text = String::from_utf8(first.stdout).unwrap();
    assert!(text.contains("the other side hung up"), "{text}");
}
