//! What other systems hold, taken over.

use std::collections::BTreeSet;

use dialplan::PromptName;
use dialplan::import::asterisk::{File, asterisk};
use dialplan::import::{Imported, calendar};
use proptest::prelude::*;

const EXTENSIONS: &str = r#"
[globals]
REGISTRY=PJSIP/registry1

[from-trunk]
exten => 122,1,Answer()           ; the line
 same => n,Goto(ivr-main,s,1)
exten => 9122,1,Goto(ivr-main,s,1)
exten => 270001,1,NoOp(Поликлиника № 1)
 same => n,Dial(${REGISTRY}&PJSIP/second@pbx1.example,60,t)
 same => n,Goto(ivr-main,s,1)
exten => 627766,1,Playback(number-changed)
 same => n,Goto(ivr-main,s,1)
exten => 624836,1,Playback(number-changed)
 same => n,Hangup()
exten => _X.,1,Hangup()
include => parkedcalls

[ivr-main]
exten => s,1,Background(welcome&custom/choices)
 same => n,WaitExten(8)
exten => 1,1(ivrsel-1),Goto(ext-queues,400,1)
exten => 2,1,Queue(appointment,t)
exten => 3,1,Voicemail(100)
exten => t,1,Goto(ext-queues,400,1)

[ext-queues]
exten => 400,1,GotoIfTime(20:00-08:00,*,*,*?night,s,1)
 same => n,Queue(400,t,,)
"#;

const QUEUES: &str = "
[general]
persistentmembers = yes
[400]
strategy=ringall
timeout=20
wrapuptime=30
maxlen=0
musicclass=default
member=Local/201@from-queue/n,0,Иванова,hint:201@ext-local
member => PJSIP/202
[appointment]
strategy=rrmemory
maxlen=50
member => SIP/203
";

fn imported() -> Imported {
    asterisk(
        &[File { name: "extensions.conf", text: EXTENSIONS }],
        &[File { name: "queues.conf", text: QUEUES }],
    )
}

#[test]
fn what_maps_is_taken_over_and_loads() {
    let toml = imported().toml;
    let region = "[region]\nname = \"x\"\ntime_zone = \"Europe/Moscow\"\narea_code = \"4812\"\n";
    // The passwords come from the environment, which a test does not have.
    let own = toml.replace("password_env = \"LINE122_AGENT_", "password = \"x");
    let prompts: BTreeSet<PromptName> =
        ["welcome", "custom/choices", "number-changed", "music/calm"].map(PromptName::from).into();
    let loaded = dialplan::load_str(&[("a.toml", region), ("b.toml", &own)], &prompts);
    let (plan, _) = loaded.unwrap_or_else(|findings| {
        panic!("{}\n{toml}", findings.iter().map(|f| format!("{f}\n")).collect::<String>())
    });
    assert_eq!(plan.service.start.to_string(), "menu:ivr-main");
    assert!(plan.destination("9-122").is_some());
    let clinic = &plan.clinics["270001"];
    assert_eq!((clinic.ring.len(), clinic.ring_for.as_secs()), (2, 60));
    assert_eq!(clinic.forward_to.to_string(), "menu:ivr-main");
    assert_eq!(plan.retired["627766"].then.to_string(), "menu:ivr-main");
    assert_eq!(plan.retired["624836"].then.to_string(), "hangup");
    let menu = &plan.menus["ivr-main"];
    let choices: Vec<_> =
        menu.choices.iter().map(|c| format!("{} {}", c.key.label(), c.to)).collect();
    assert_eq!(choices, ["1 queue:400", "2 queue:appointment"]);
    assert_eq!(menu.otherwise.to_string(), "queue:400");
    assert_eq!(plan.groups["400"].agents.len(), 2);
    assert_eq!(plan.queues["400"].ring_for.as_secs(), 20);
    assert_eq!(plan.queues["appointment"].waiting_max, 50);
}

#[test]
fn what_does_not_map_is_listed_with_its_line() {
    let told: Vec<_> = imported().left_out.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "extensions.conf:16: Hangup(): patterns of numbers: write each number out",
            "extensions.conf:17: include => parkedcalls: included contexts are not followed: name \
             numbers once",
            "extensions.conf:24: Voicemail(100): there is no voice mail: a case is written",
            "extensions.conf:24: Voicemail(100): this key leads nowhere that is known",
            "extensions.conf:28: GotoIfTime(20:00-08:00,*,*,*?night,s,1): write a schedule: \
             [schedules.NAME], and `when`",
            "queues.conf:5: strategy => ringall: a call rings one agent at a time",
            "queues.conf:9: musicclass => default: name a prompt: music = \"music/calm\"",
        ]
    );
}

#[test]
fn the_production_calendar() {
    const XML: &str = "\u{feff}<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<calendar year=\"2026\" lang=\"ru\" country=\"ru\">
  <holidays><holiday id=\"1\" title=\"Новогодние каникулы\"/></holidays>
  <days>
    <day d=\"01.02\" t=\"1\" h=\"1\"/><day d=\"01.01\" t=\"1\" h=\"1\"/>
    <day d=\"01.03\" t=\"1\"/><day d=\"02.23\" t=\"1\"/>
    <day d=\"04.30\" t=\"2\"/>
    <day d=\"11.01\" t=\"3\"/>
    <day d=\"13.01\" t=\"1\"/>
  </days>
</calendar>";
    let imported = calendar("2026.xml", XML).unwrap();
    assert_eq!(
        imported.toml,
        "[holidays]\noff = [\"2026-01-01..2026-01-03\", \"2026-02-23\"]\nshort = [\"2026-04-30\"]\n\
         working = [\"2026-11-01\"]\n"
    );
    let left_out: Vec<_> = imported.left_out.iter().map(ToString::to_string).collect();
    assert_eq!(
        left_out,
        [
            "2026.xml:9: day d=\"13.01\" t=\"1\": neither a day off (1), a short (2) nor a working day (3)"
        ]
    );
    for (xml, why) in [
        ("", "no days: is it a calendar of xmlcalendar?"),
        ("<calendar><day/></calendar>", "`calendar` has no `year`"),
        ("<calendar year=\"soon\"/>", "\"soon\" is no year"),
        ("<day d=\"01.01\" t=\"1\"/>", "a `day` outside of `calendar`"),
    ] {
        assert_eq!(calendar("x.xml", xml), Err(why.to_owned()));
    }
    assert!(calendar("x.xml", "<calendar year=\"2026\"><").unwrap_err().starts_with("not XML"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Whatever is in the files, what comes out is TOML.
    #[test]
    fn any_text(cuts in prop::collection::vec((any::<prop::sample::Index>(), "\\PC{0,6}"), 0..6)) {
        let mut text: Vec<char> = EXTENSIONS.chars().collect();
        for (at, piece) in cuts {
            let at = at.index(text.len());
            text.splice(at..(at + 3).min(text.len()), piece.chars());
        }
        let text: String = text.into_iter().collect();
        for files in [[File { name: "e", text: &text }].as_slice(), &[]] {
            let imported = asterisk(files, &[File { name: "q", text: &text }]);
            prop_assert!(imported.toml.parse::<toml::Table>().is_ok(), "{}", imported.toml);
        }
        let _ = calendar("c", &text);
    }
}
