//! What an admin reads when a dialplan is wrong: the words are part of the interface.

mod common;

use common::{BASE, lines, load};
use dialplan::Severity;

/// What is said of [`BASE`] with `more.toml` beside it.
fn says(more: &str) -> String {
    match load(&[("base.toml", BASE), ("more.toml", more)]) {
        Ok((_, warnings)) => lines(&warnings),
        Err(findings) => lines(&findings),
    }
}

/// What is said of [`BASE`] with one text in place of another.
fn says_with(before: &str, after: &str) -> String {
    assert!(BASE.contains(before), "{before}");
    match load(&[("base.toml", &BASE.replace(before, after))]) {
        Ok((_, warnings)) => lines(&warnings),
        Err(findings) => lines(&findings),
    }
}

#[test]
fn the_base_is_right() {
    assert_eq!(says(""), "");
}

/// Each change of [`BASE`] gives this finding.
fn check_changes(changes: &[(&str, &str, &str)]) {
    for (before, after, expected) in changes {
        assert_eq!(says_with(before, after), format!("base.toml:{expected}\n"), "{after}");
    }
}

#[test]
fn unknown_keys_and_sections() {
    check_changes(&[
        (
            "otherwise =",
            "otherwize =",
            "25:1: unknown key \"otherwize\" in [menus.main]; did you mean \"otherwise\"?",
        ),
        (
            "[queue_defaults]",
            "[queue_default]",
            "33:2: unknown key \"queue_default\" in a dialplan; did you mean \"queue_defaults\"?",
        ),
        (
            "password = ",
            "pasword = ",
            "52:1: unknown key \"pasword\" in [agents.201-203]; did you mean \"password\"?",
        ),
        ("[region]", "[reg]", "1:2: unknown key \"reg\" in a dialplan; did you mean \"region\"?"),
    ]);
    assert_eq!(
        says("[features]\nbreaks = { lunch = \"*12\" }\n"),
        "more.toml:2:12: unknown key \"lunch\" in [features.breaks]; \
         known are \"rest\", \"meal\" and \"paperwork\"\n"
    );
}

#[test]
fn what_agents_may_call_outside() {
    let group = |may_call: &str| {
        says_with(
            "agents = [\"201-203\"]",
            &format!("agents = [\"201-203\"]\nmay_call = {{ {may_call} }}"),
        )
    };
    for right in ["\"region\", \"country\"", "\"+7495\", \"8-800\", \"115\", \"810375\""] {
        assert_eq!(group(&format!("numbers = [{right}]")), "");
    }
    let wrong = [
        ("numbers = [\"regoin\"]", "\"regoin\" names no numbers; did you mean \"region\"?"),
        (
            "numbers = [\"12345\"]",
            "\"12345\" names no numbers; write \"region\", \"country\", \"emergency\", the \
             beginning of numbers such as \"+7495\" or \"8-495\", or a short number",
        ),
        (
            "numbers = []",
            "`may_call` of group \"operators\" names no numbers; name some, such as \"region\", or \
             remove `may_call`",
        ),
        (
            "when = \"day\"",
            "`may_call` of group \"operators\" has no `numbers`; add numbers = [\"region\"]",
        ),
        ("numbers = [\"region\"], when = \"dya\"", "no schedule \"dya\"; add [schedules.dya]"),
        ("numbers = [\"region\"], a_day = 0", "0 makes no sense here; write 1 to 10000"),
        ("numbers = [\"region\"], at_wonce = 1", "unknown key \"at_wonce\""),
    ];
    for (may_call, expected) in wrong {
        let said = group(may_call);
        assert!(said.contains(expected), "{may_call}: {said}");
    }
}

#[test]
fn who_may_watch_talks() {
    let watched = |group: &str, code: &str| {
        says(&format!(
            "[groups.curators]\ntitle = \"x\"\nagents = [\"201\"]\nmonitors = [\"{group}\"]\n\
             [features]\non_duty = \"*11\"\nmonitor = \"{code}\"\n"
        ))
    };
    assert_eq!(watched("operators", "*55"), "");
    let group = watched("operaters", "*55");
    assert!(group.contains("no group \"operaters\"; did you mean \"operators\"?"), "{group}");
    let code = watched("operators", "*11");
    assert!(
        code.contains(
            "`monitor` is *11, which leads somewhere already; choose a code that nothing else \
             has, such as \"*55\""
        ),
        "{code}"
    );
    let other =
        says("[groups.curators]\ntitle = \"x\"\nagents = [\"201\"]\nmonitors = [\"operators\"]\n");
    assert!(
        other.contains(
            "group \"curators\" has `monitors`, and there is no code; add `monitor = \"*55\"` to \
             [features]"
        ),
        "{other}"
    );
    let taken = says("[features]\non_duty = \"*55201\"\nmonitor = \"*55\"\n");
    assert!(
        taken.contains("the number *55201 leads to `on_duty` and to `monitor` of agent 201"),
        "{taken}"
    );
}

#[test]
fn references_to_nothing() {
    check_changes(&[
        ("queue:doctor", "queue:docter", "28:6: no queue \"docter\"; did you mean \"doctor\"?"),
        ("queue:doctor", "menu:doctor", "28:6: no menu \"doctor\"; did you mean \"queue:doctor\"?"),
        (
            "queue:doctor",
            "quue:doctor",
            "28:6: \"quue:doctor\" is no place for a call; did you mean \"queue:doctor\"?",
        ),
        (
            "queue:doctor",
            "doctor",
            "28:6: \"doctor\" is no place for a call; write \"menu:NAME\", \"queue:NAME\", \
             \"clinic:NAME\", \"outside:NAME\", \"request:QUEUE\", \"announce:PROMPT\" or \
             \"hangup\"",
        ),
        (
            "queue:doctor",
            "announce:goodby",
            "28:6: no prompt \"goodby\"; did you mean \"goodbye\"?",
        ),
        (
            "say = [\"welcome\"]",
            "say = [\"wellcome\"]",
            "24:8: no prompt \"wellcome\"; did you mean \"welcome\"?",
        ),
        (
            "group = \"operators\" }]\n\n[queues.op",
            "group = \"operatrs\" }]\n\n[queues.op",
            "39:20: no group \"operatrs\"; did you mean \"operators\"?",
        ),
        (
            "agents = [\"201-203\"]",
            "agents = [\"201-204\"]",
            "47:11: no agent 204; add [agents.204], or correct the number",
        ),
        (
            "Europe/Moscow",
            "Europe/Moskow",
            "3:13: no time zone \"Europe/Moskow\"; did you mean \"Europe/Moscow\"?",
        ),
        (
            "Europe/Moscow",
            "Moscow",
            "3:13: no time zone \"Moscow\"; did you mean \"Europe/Moscow\"?",
        ),
        ("kind =", "site = \"centre\"\nkind =", "51:8: no site \"centre\"; add [sites.centre]"),
    ]);
}

#[test]
fn values_that_are_none() {
    check_changes(&[
        (
            "after = \"10m\"",
            "after = \"10 minutes\"",
            "35:22: \"10 minutes\" is not a duration; \
             write a duration such as \"60s\", \"10m\", \"3h\" or \"5d\"",
        ),
        (
            "after = \"10m\"",
            "after = 10",
            "35:22: `queue_defaults.overflow.after` is a bare number; \
             write a duration such as \"60s\", \"10m\", \"3h\" or \"5d\"",
        ),
        ("after = \"10m\"", "after = \"30d\"", "35:22: 30d makes no sense here; write 0s to 1d"),
        (
            "\"122\"",
            "\"one-two-two\"",
            "7:12: \"one-two-two\" is not a telephone number; \
             write digits, such as \"9-122\", \"62-77-66\" or \"8-800-234-35-22\"",
        ),
        (
            "numbers = [\"122\", \"9-122\"]",
            "numbers = \"122\"",
            "7:11: `service.numbers` is a text; write a list in [brackets]",
        ),
        ("\"4812\"", "\"48-12\"", "4:13: \"48-12\" is not a code; write one to 6 digits"),
        (
            "sip:registry@pbx1.example",
            "sip:registry@",
            "16:9: \"sip:registry@\" is neither a SIP URI nor an account of this clinic; \
             write a URI such as \"sip:registry@pbx1.example\"",
        ),
        (
            "agents = [\"201-203\"]",
            "agents = [\"203-201\"]",
            "47:11: \"203-201\" names no agents; begin with the smaller number; at most 1000 agents",
        ),
        (
            "kind = \"operator\"",
            "kind = \"operater\"",
            "51:8: `agents.201-203.kind` cannot be \"operater\"; did you mean \"operator\"?",
        ),
        (
            "key = \"0\"",
            "key = \"10\"",
            "30:7: \"10\" is not a key; write one key of the telephone, such as \"1\", \"*\" or \"#\"",
        ),
        (
            "title = \"Операторы\"",
            "title = \"\"",
            "46:9: `groups.operators.title` is empty; write one line of at most 500 characters",
        ),
    ]);
}

#[test]
fn what_is_missing() {
    check_changes(&[
        (
            "numbers = [\"122\", \"9-122\"]",
            "numbers = []",
            "7:11: the service has no number; write at least \"122\"",
        ),
        ("say = [\"welcome\"]\n", "", "23:8: menu \"main\" has no `say`; add say = [\"welcome\"]"),
        (
            "say = [\"welcome\"]",
            "say = []",
            "24:7: menu \"main\" says nothing; name at least one prompt",
        ),
        (
            "title = \"Поликлиника № 1\"\n",
            "",
            "13:10: clinic \"first\" has no `title`; add title = \"Поликлиника № 1\"",
        ),
        (
            "ring = [\"sip:registry@pbx1.example\"]\n",
            "",
            "13:10: clinic \"first\" has no phone to ring; \
             add ring = [\"sip:registry@pbx1.example\"], or accounts",
        ),
        (
            "forward_to = \"menu:main\"\n",
            "",
            "12:10: clinic \"first\" has no `forward_to`; add forward_to = \"menu:main\"",
        ),
        (
            "serve = [{ group = \"operators\" }]\n\n[queues.op",
            "serve = []\n\n[queues.op",
            "39:9: nobody serves queue \"doctor\"; name one to 32 groups",
        ),
        (
            "agents = [\"201-203\"]",
            "agents = [\"201\"]",
            "49:9: agents 202, 203 are in no group and would never get a call; \
             add to the `agents` of a group",
        ),
        (
            "password = \"secret-{number}\"\n",
            "",
            "49:9: [agents.201-203] has no password; add password, password_env or password_file",
        ),
    ]);
    let choices = BASE.find("[[menus.main.choice]]").unwrap()..BASE.find("[queue_def").unwrap();
    assert_eq!(
        says_with(&BASE[choices], ""),
        "base.toml:23:8: menu \"main\" has no `choice`; add [[menus.NAME.choice]] with key and to\n"
    );
    assert_eq!(
        load(&[("empty.toml", "")]).map_err(|findings| lines(&findings)).unwrap_err(),
        "dialplan: there is no [region]; add [region] with name, time_zone and area_code\n\
         dialplan: there is no [service]; add [service] with numbers and start\n"
    );
}

#[test]
fn what_stands_twice() {
    check_changes(&[
        (
            "key = \"0\"",
            "key = \"1\"",
            "30:7: key 1 is used twice in menu \"main\"; \
             give each choice a key of its own (first here: base.toml:27:7)",
        ),
        (
            "\"9-122\"",
            "\"8 (4812) 27-00-01\"",
            "15:12: the number +74812270001 leads to the service and to clinic \"first\"; \
             a number leads to one place: remove one of them (first here: base.toml:7:19)",
        ),
        (
            "\"9-122\"",
            "\"201\"",
            "49:9: the number 201 leads to the service and to agent 201; \
             a number leads to one place: remove one of them (first here: base.toml:7:19)",
        ),
    ]);
    for (more, expected) in [
        (
            "[region]\nname = \"x\"",
            "1:1: [region] is already in another file; \
             keep one of them (first here: base.toml:1:1)",
        ),
        (
            "[clinics.first]\ntitle = \"x\"",
            "1:10: clinic \"first\" is already in another file; \
             give one of them another name (first here: base.toml:13:10)",
        ),
        (
            "[features]\non_duty = \"*11\"\noff_duty = \"*11\"",
            "3:12: the number *11 leads to `on_duty` and to `off_duty`; \
             a number leads to one place: remove one of them (first here: more.toml:2:11)",
        ),
        (
            "[agents.203]\nname = \"x\"\nkind = \"curator\"\npassword = \"x\"",
            "1:9: agent 203 stands in two tables; keep one of them (first here: base.toml:49:9)",
        ),
    ] {
        assert_eq!(says(more), format!("more.toml:{expected}\n"));
    }
}

#[test]
fn calls_that_would_go_round_without_end() {
    check_changes(&[
        (
            "otherwise = \"queue:operator\"",
            "otherwise = \"menu:main\"",
            "25:13: calls go round without end: menu:main → menu:main; \
             let one of them lead to an announcement or to hangup",
        ),
        (
            "to = \"hangup\" }",
            "to = \"menu:main\" }",
            "35:34: calls go round without end: menu:main → queue:operator → menu:main; \
             let one of them lead to an announcement or to hangup (queue:operator: base.toml:41:9)",
        ),
    ]);
    let clinics = "[clinics.a]\ntitle = \"A\"\nnumbers = [\"1\"]\nring = [\"sip:a\"]\n\
                   forward_to = \"clinic:b\"\n\
                   [clinics.b]\ntitle = \"B\"\nnumbers = [\"2\"]\nring = [\"sip:b\"]\n\
                   forward_to = \"clinic:a\"\n";
    assert_eq!(
        says(clinics),
        "more.toml:10:14: calls go round without end: clinic:a → clinic:b → clinic:a; \
         let one of them lead to an announcement or to hangup (clinic:b: more.toml:6:10)\n"
    );
    let queues = "[queues.a]\ntopic = \"A\"\nserve = [{ group = \"operators\" }]\n\
                  overflow = { after = \"60s\", to = \"queue:b\" }\n\
                  [queues.b]\ntopic = \"B\"\nserve = [{ group = \"operators\" }]\n\
                  overflow = { after = \"60s\", to = \"queue:a\" }\n";
    assert_eq!(
        says(queues),
        "more.toml:8:34: calls go round without end: queue:a → queue:b → queue:a; \
         let one of them lead to an announcement or to hangup (queue:b: more.toml:5:9)\n"
    );
    // A caller who presses keys may go round as often as he likes.
    let menu = "[clinics.a]\ntitle = \"A\"\nnumbers = [\"1\"]\nring = [\"sip:a\"]\n\
                begin_with = \"menu:own\"\nforward_to = \"menu:own\"\n\
                [menus.own]\nsay = [\"welcome\"]\notherwise = \"queue:operator\"\n\
                [[menus.own.choice]]\nkey = \"1\"\nto = \"clinic:a\"\n";
    assert_eq!(says(menu), "");
    // A clinic that never forwards ends the way.
    assert_eq!(says(&clinics.replace("title = \"B\"", "title = \"B\"\nforward_on = []")), "");
}

#[test]
fn schedules_and_holidays() {
    assert_eq!(
        says(
            "[schedules.a]\nhours = \"8-20\"\ndays = \"Mon-Fry\"\ndates = [\"2026-02-30\"]\n\
             when = \"b\"\n[schedules.c]\nexcept = [\"d\"]\n[schedules.d]\neither = [\"c\"]\n"
        ),
        "more.toml:2:9: \"8-20\" are no hours of the day; write hours such as \"08:00-20:00\"; \
         \"20:00-08:00\" ends on the next day\n\
         more.toml:3:8: \"Mon-Fry\" are no days; \
         write days such as \"Mon-Fri\", \"пн-пт, вс\", \"working\" or \"off\"\n\
         more.toml:4:10: \"2026-02-30\" are no dates; \
         write a date such as \"2026-12-31\" or \"31.12.2026\", \
         or dates such as \"2026-12-31..2027-01-08\"; \"31.12\" is that day of every year\n\
         more.toml:5:8: no schedule \"b\"; known are \"a\", \"c\" and \"d\"\n\
         more.toml:9:11: schedule \"c\" depends on itself; remove one of the references\n"
    );
    assert_eq!(
        says("[holidays]\noff = [\"2026-01-01..2026-01-08\", \"01.05\"]\nworking = 2026-01-03\n"),
        "more.toml:2:34: the production calendar differs from year to year; \
         write the year: \"01.01.2027-08.01.2027\"\n\
         more.toml:3:11: 2026-01-03 is two kinds of day in [holidays]; \
         a day is one of off, short and working\n"
    );
}

#[test]
fn trunks() {
    assert_eq!(
        says(
            "[trunks.a]\nfrom = [\"10.0.0.0/8\", \"10.0.0.1/8\", \"pbx\"]\n\
             [trunks.b]\nfrom = [\"10.0.0.0/8\"]\n\
             [trunks.c]\n\
             [trunks.d]\nto = [\"carrier\"]\ncalls_max = 0\nkeep_alive = \"1s\"\n\
             register = { user = \"x\", password = \"a\", password_env = \"b\" }\n"
        ),
        "more.toml:2:23: \"10.0.0.1/8\" has bits outside its prefix; the network is 10.0.0.0/8; \
         write an address such as \"192.0.2.7\", or a network \"192.0.2.0/24\"\n\
         more.toml:2:37: \"pbx\" is not an IP address or network; \
         write an address such as \"192.0.2.7\", or a network \"192.0.2.0/24\"\n\
         more.toml:4:9: 10.0.0.0/8 belongs to two trunks; \
         a request must belong to one trunk: remove one of them (first here: more.toml:2:9)\n\
         more.toml:5:9: trunk \"c\" neither brings nor takes calls; \
         add from = [\"192.0.2.0/24\"], to = [\"sip:carrier.example\"] or register\n\
         more.toml:7:7: \"carrier\" is not a SIP URI; \
         write a SIP URI such as \"sip:registry@pbx1.example\"\n\
         more.toml:8:13: 0 makes no sense here; write 1 to 100000\n\
         more.toml:9:14: 1s makes no sense here; write 5s to 1h\n\
         more.toml:10:12: `register` has no `registrar`; add registrar = \"sip:carrier.example\"\n\
         more.toml:10:12: `register` has more than one password; \
         keep one of password, password_env and password_file\n"
    );
}

#[test]
fn accounts_of_clinics() {
    assert_eq!(
        says(
            "[clinics.second]\ntitle = \"x\"\nnumbers = [\"27-00-02\"]\nring = [\"27001\"]\n\
             accounts = [\n  { user = \"270001\", password = \"x\" },\n  \
             { user = \"201\", password = \"x\" },\n  \
             { user = \"регистратура\", password_env = \"NOT_SET\" },\n]\n"
        ),
        "more.toml:4:9: \"27001\" is neither a SIP URI nor an account of this clinic; \
         did you mean \"270001\"?\n\
         more.toml:7:12: the user name \"201\" is taken; \
         give each phone a user name of its own (first here: base.toml:49:9)\n\
         more.toml:8:12: \"регистратура\" cannot be a user name; \
         use Latin letters, digits, hyphens and dots\n\
         more.toml:8:43: the environment has no variable NOT_SET; \
         set it for the server, or write the password here\n"
    );
}

#[test]
fn warnings_do_not_stop_the_line() {
    for (more, expected) in [
        (
            "[trunks.all]\nfrom = [\"0.0.0.0/0\"]",
            "2:9: warning: trunk \"all\" lets the whole internet call the line and its clinics \
             without authentication; name the carrier's networks only",
        ),
        (
            "[groups.idle]\ntitle = \"x\"\nagents = [\"201\"]",
            "1:9: warning: group \"idle\" serves no queue; \
             name it in the `serve` of a queue, or remove it",
        ),
        (
            "[schedules.idle]\nhours = \"08:00-20:00\"",
            "1:12: warning: schedule \"idle\" is used nowhere; name it in a `when`, or remove it",
        ),
        (
            "[queues.idle]\ntopic = \"x\"\nserve = [{ group = \"operators\" }]",
            "1:9: warning: no call can reach queue:idle; \
             let a menu or a number lead there, or remove it",
        ),
    ] {
        let (_, warnings) = load(&[("base.toml", BASE), ("more.toml", more)]).unwrap();
        assert_eq!(lines(&warnings), format!("more.toml:{expected}\n"));
        assert!(warnings.iter().all(|warning| warning.severity == Severity::Warning));
    }
    assert_eq!(
        says_with("secret-{number}", "secret"),
        "base.toml:49:9: warning: agents 201-203 share one password; \
         put {number} into it, or write a table for each agent\n"
    );
}

#[test]
fn text_that_is_not_toml() {
    check_changes(&[
        ("[region]", "[region", "1:8: not TOML: unclosed table, expected `]`"),
        (
            "name = \"Область\"",
            "name = \"Область",
            "2:16: not TOML: invalid basic string, expected `\"`",
        ),
        ("[groups.operators]", "[queues.operator]", "45:9: not TOML: duplicate key"),
    ]);
}

#[test]
fn everything_is_told_at_once_in_the_order_of_files_and_lines() {
    let findings = load(&[
        ("b.toml", "[service]\nnumbers = [\"122\"]\nstart = \"menu:main\"\n"),
        (
            "a.toml",
            "[region]\nname = \"x\"\ntime_zone = \"UTC\"\narea_code = \"x\"\ntimezone = 1\n",
        ),
    ])
    .unwrap_err();
    assert_eq!(
        lines(&findings),
        "a.toml:4:13: \"x\" is not a code; write one to 6 digits\n\
         a.toml:5:1: unknown key \"timezone\" in [region]; did you mean \"time_zone\"?\n\
         b.toml:3:9: no menu \"main\"; add [menus.main]\n"
    );
    let first = &findings[0];
    assert_eq!((first.source_line.as_str(), first.width), ("area_code = \"x\"", 3));
}

#[test]
fn a_flood_of_findings_is_cut() {
    let mut many = String::new();
    for n in 0..300 {
        many += &format!("[menus.m{n}]\nsay = [\"nothing\"]\notherwise = \"hangup\"\n");
    }
    let findings = load(&[("base.toml", BASE), ("more.toml", &many)]).unwrap_err();
    assert_eq!(findings.len(), 201);
    assert_eq!(findings[200].to_string(), "dialplan: and 400 more errors");
}

#[test]
fn a_default_that_is_wrong_is_told_once() {
    check_changes(&[(
        "music = \"music\"",
        "music = \"muzic\"",
        "34:9: no prompt \"muzic\"; did you mean \"music\"?",
    )]);
}

#[test]
fn a_default_that_nothing_uses_is_checked_as_well() {
    check_changes(&[(
        "keys_only = \"goodbye\"",
        "wrong_key = \"wrong\"",
        "55:13: no prompt \"wrong\"; known are \"changed\", \"goodbye\", \"music\" and \"welcome\"",
    )]);
    let own = "music = \"music\"\noverflow = { to = \"hangup\" }\n";
    let queues = BASE
        .replace("topic =", &format!("{own}topic ="))
        .replace("[queue_defaults]\nmusic = \"music\"", "[queue_defaults]\nmusic = \"muzic\"");
    assert_eq!(
        load(&[("base.toml", &queues)]).map_err(|findings| lines(&findings)).unwrap_err(),
        "base.toml:34:9: no prompt \"muzic\"; did you mean \"music\"?\n"
    );
}

#[test]
fn editors_of_windows_do_no_harm() {
    let text = format!("\u{feff}{}", BASE.replace('\n', "\r\n"));
    assert_eq!(load(&[("base.toml", &text)]).map(|(_, w)| lines(&w)).unwrap(), "");
    let wrong = text.replace("queue:doctor", "queue:docter");
    let findings = load(&[("base.toml", &wrong)]).unwrap_err();
    assert_eq!(findings[0].place, Some((28, 6)));
    assert_eq!(findings[0].source_line, "to = \"queue:docter\"");
}

#[test]
fn protection_of_media_and_certificates_of_trunks() {
    assert_eq!(
        says("[trunks.a]\nfrom = [\"192.0.2.1\"]\nsrtp = \"prefered\"\n"),
        "more.toml:3:8: `trunks.a.srtp` cannot be \"prefered\"; did you mean \"preferred\"?\n"
    );
    assert_eq!(
        says("[trunks.a]\nfrom = [\"192.0.2.1\"]\nsrtp_keys = \"anywhere\"\n"),
        "more.toml:3:13: srtp_keys says where keys may go, but srtp is off; write \
         srtp = \"preferred\" or \"required\", or remove srtp_keys\n"
    );
    assert_eq!(
        says("[agent_defaults]\nsrtp_keys = \"anywhere\"\n"),
        "more.toml:2:13: warning: keys of SRTP are sent where whoever reads the signalling can hear the \
         call; connect by TLS and remove srtp_keys\n"
    );
    assert_eq!(
        says("[trunks.a]\ncertificate = [\"sip:carrier.example\"]\n"),
        "more.toml:2:16: \"sip:carrier.example\" is no domain; write the name in the trunk's \
         certificate, such as \"sip.carrier.example\"\n"
    );
    assert_eq!(
        says(
            "[trunks.a]\ncertificate = [\"c.example\"]\n[trunks.b]\ncertificate = [\"C.example\"]\n"
        ),
        "more.toml:4:16: certificates of c.example belong to two trunks; a request must belong to \
         one trunk: remove one of them (first here: more.toml:2:16)\n"
    );
}
