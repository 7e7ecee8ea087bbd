//! A desk behind a firewall that lets no UDP through: its speech goes by a TURN server (RFC 8656), here coturn.

use std::net::TcpStream;
use std::process::Command;

use interop::browser::{Desk, Turn, humming, humming_without_udp};
use interop::process::Process;
use interop::{Folder, Host, PATIENCE, Setup, until};

use crate::browser_talk::{both_hear, calls, talk};

const AGENT: f64 = 700.0;
const OTHER: f64 = 500.0;
const SECRET: &str = "a secret of 122 and its TURN server";
const PORT: u16 = 3478;

/// The server of a region, which believes the line's credentials.
fn coturn(host: &Host, folder: &Folder) -> Process {
    let at = host.port(PORT);
    let ip = at.ip().to_string();
    let mut command = Command::new("turnserver");
    command.args(["-n", "--listening-ip", &ip, "--relay-ip", &ip]);
    command.args(["--listening-port", &PORT.to_string(), "--no-udp", "--no-tls", "--no-dtls"]);
    command.args(["--realm", "line122", "--use-auth-secret", "--static-auth-secret", SECRET]);
    // The line of a test is on loopback.
    command.args(["--allow-loopback-peers", "--no-cli", "--verbose", "--log-file", "stdout"]);
    command.arg("--pidfile").arg(folder.path().join("coturn.pid"));
    command.arg("--userdb").arg(folder.path().join("coturn.db"));
    let process = Process::start(command, &folder.path().join("coturn.log"));
    until("coturn listens", PATIENCE, || TcpStream::connect(at).ok());
    process
}

#[test]
fn a_desk_without_udp_talks_by_a_turn_server() {
    let _turn = Turn::take();
    let setup = Setup::demo().with_short_menu();
    let (folder, host) = (Folder::new(), setup.host());
    let relay = coturn(&host, &folder);
    let line = setup
        .set("web.turn", format!("turn:{}?transport=tcp", host.port(PORT)))
        .file("turn.secret", SECRET)
        .set("web.turn_secret", "turn.secret")
        .start();
    let browser = humming_without_udp(&line, AGENT);
    let desk = Desk::on_duty(&line, &browser, "201");
    let citizen = talk(&line, &desk, AGENT);
    citizen.hangs_up();
    desk.wait_free();
    let log = relay.output();
    assert!(log.contains("ALLOCATE processed, success"), "{log}");
}

#[test]
fn where_speech_has_no_way_the_call_goes_to_somebody_else() {
    let _turn = Turn::take();
    let line = Setup::demo().with_short_menu().start();
    let (shut, open) = (humming_without_udp(&line, AGENT), humming(&line, OTHER));
    let desk = Desk::on_duty(&line, &shut, "201");
    let citizen = calls(&line);
    desk.page.click("#answer");
    let other = Desk::on_duty(&line, &open, "202");
    desk.page.wait_text("#message", "Ваша сеть не пропускает речь");
    desk.page.wait_hidden("#call");
    other.answers();
    both_hear(&citizen, &other, OTHER);
    citizen.hangs_up();
    other.wait_free();
}
