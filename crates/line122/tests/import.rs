//! What other systems hold is taken over by command, and is a dialplan then.
#![allow(clippy::disallowed_methods, reason = "a real program in real time")]

#[allow(dead_code, reason = "each test file uses its part")]
mod common;

use std::path::Path;

use common::{complains, line122, run, stderr};

const EXTENSIONS: &str = "\
[from-trunk]
exten => 122,1,Goto(ivr-main,s,1)
exten => _X.,1,Hangup()
[ivr-main]
exten => s,1,Background(welcome)
 same => n,WaitExten(8)
exten => 1,1,Goto(ext-queues,400,1)
exten => t,1,Goto(ext-queues,400,1)
[ext-queues]
exten => 400,1,Queue(400,t)
";
const QUEUES: &str = "[400]\ntimeout=20\nmember => PJSIP/202\n";
const REGION: &str = "\
[region]
name = \"Смоленская область\"
time_zone = \"Europe/Moscow\"
area_code = \"4812\"
";
const CALENDAR: &str = "<?xml version=\"1.0\"?><calendar year=\"2026\" lang=\"ru\" country=\"ru\">
<days><day d=\"01.01\" t=\"1\"/><day d=\"13.01\" t=\"9\"/></days></calendar>";

fn written(folder: &Path, name: &str, text: &[u8]) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn files_of_asterisk_become_a_dialplan_that_the_check_passes() {
    let folder = tempfile::tempdir().unwrap();
    // A comment in the encoding of old Windows.
    let extensions = [b"; \xcf\xee\xeb\xe8\xea\xeb\xe8\xed\xe8\xea\xe0\n", EXTENSIONS.as_bytes()];
    let extensions = written(folder.path(), "extensions.conf", &extensions.concat());
    let queues = written(folder.path(), "queues.conf", QUEUES.as_bytes());
    let output = run(&["import", "asterisk", &extensions, &queues]);
    assert!(output.status.success(), "{output:?}");
    let left_out = stderr(&output);
    assert!(left_out.contains("extensions.conf:4: Hangup()"), "{left_out}");
    assert!(left_out.ends_with("lines left out: 1\n"), "{left_out}");

    let mine = tempfile::tempdir().unwrap();
    written(mine.path(), "region.toml", REGION.as_bytes());
    written(mine.path(), "asterisk.toml", &output.stdout);
    let mut check = line122();
    let check = check.args(["check", mine.path().to_str().unwrap()]);
    let checked = check.output().unwrap();
    assert!(stderr(&checked).contains("LINE122_AGENT_202"), "{}", stderr(&checked));
    let checked = check.env("LINE122_AGENT_202", "long enough to be one").output().unwrap();
    assert!(checked.status.success(), "{}", stderr(&checked));
}

#[test]
fn the_production_calendar_becomes_holidays() {
    let folder = tempfile::tempdir().unwrap();
    let file = written(folder.path(), "2026.xml", CALENDAR.as_bytes());
    let output = run(&["import", "calendar", &file]);
    assert!(output.status.success(), "{output:?}");
    let toml: toml::Table = String::from_utf8(output.stdout.clone()).unwrap().parse().unwrap();
    assert!(toml.contains_key("holidays"), "{toml}");
    assert!(stderr(&output).contains("2026.xml:2: "), "{}", stderr(&output));
}

#[test]
fn what_cannot_be_read_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let not_xml = written(folder.path(), "2026.xml", b"{}");
    complains(&run(&["import", "calendar", &not_xml]), 2, &["2026.xml", "xmlcalendar"]);
    complains(&run(&["import", "asterisk", "/nowhere.conf"]), 2, &["/nowhere.conf"]);
}
