//! What an admin reads when a dialplan can be used and probably means something else.

mod common;

use common::{BASE, lines, load};

/// What is said of [`BASE`] with one text in place of another, and more beside it.
fn says(before: &str, after: &str, more: &str) -> String {
    assert!(BASE.contains(before), "{before}");
    let base = BASE.replace(before, after);
    match load(&[("base.toml", &base), ("more.toml", more)]) {
        Ok((_, warnings)) => lines(&warnings),
        Err(findings) => lines(&findings),
    }
}

const SERVED: &str = "topic = \"Врач\"\nserve = [{ group = \"operators\" }]";

/// What is said of the queue "doctor" if the groups serve it so.
fn served_so(serve: &str, schedules: &str) -> String {
    says(SERVED, &format!("topic = \"Врач\"\nserve = [{serve}]"), schedules)
}

const REMEDY: &str = "let a group serve it then, or say in the queue itself where its calls go: \
                      closed = { to = … }";

#[test]
fn hours_at_which_nobody_serves_a_topic_are_named() {
    let serve = "{ group = \"operators\", when = \"day\" }";
    let day = |schedule: &str| served_so(serve, &format!("[schedules.day]\n{schedule}\n"));
    let of_week = |hours: &str| {
        format!("base.toml:37:9: warning: nobody serves queue \"doctor\": {hours}; {REMEDY}\n")
    };
    assert_eq!(day("hours = \"08:00-20:00\""), of_week("Mon-Sun 20:00-08:00"));
    assert_eq!(day("hours = \"20:00-08:00\""), of_week("Mon-Sun 08:00-20:00"));
    assert_eq!(day("days = \"пн-пт\""), of_week("Sat-Sun 00:00-24:00"));
    assert_eq!(
        day("days = \"пн-пт\"\nhours = \"08:00-20:00\""),
        of_week("Mon-Thu 20:00-08:00, Fri 20:00-24:00, Sat-Sun 00:00-24:00, Mon 00:00-08:00")
    );
    assert_eq!(day("dates = \"01.01-08.01\""), of_week("at no hour of the week"));
    // The site's day begins two hours earlier than the region's.
    assert_eq!(
        day("hours = \"08:00-20:00\"\ntime_zone = \"Asia/Yekaterinburg\""),
        of_week("Mon-Sun 18:00-06:00")
    );
    assert_eq!(day("hours = [\"00:00-24:00\"]"), "");
}

#[test]
fn a_holiday_and_a_transferred_working_day_have_gaps_of_their_own() {
    let both =
        "{ group = \"operators\", when = \"work\" }, { group = \"operators\", when = \"rest\" }";
    let work = "[schedules.work]\ndays = \"рабочие\"\n";
    assert_eq!(served_so(both, &format!("{work}[schedules.rest]\ndays = \"off\"\n")), "");
    assert_eq!(
        served_so(both, &format!("{work}[schedules.rest]\ndays = \"сб, вс\"\n")),
        format!(
            "base.toml:37:9: warning: nobody serves queue \"doctor\" on holidays: \
             Mon-Fri 00:00-24:00; {REMEDY}\n"
        )
    );
    assert_eq!(
        served_so(
            both,
            "[schedules.work]\ndays = \"пн-пт\"\n[schedules.rest]\ndays = \"выходные\"\n"
        ),
        format!(
            "base.toml:37:9: warning: nobody serves queue \"doctor\" on working days: \
             Sat-Sun 00:00-24:00; {REMEDY}\n"
        )
    );
}

#[test]
fn a_queue_that_says_itself_what_happens_when_it_is_closed_is_not_told_of() {
    let serve = "{ group = \"operators\", when = \"day\" }]\nclosed = { to = \"hangup\" }\n#";
    assert_eq!(served_so(serve, "[schedules.day]\ndays = \"Mon-Fri\"\n"), "");
    // Who comes later, or by a second entry, serves as well.
    let serve =
        "{ group = \"operators\", when = \"day\" }, { group = \"operators\", after = \"60s\" }";
    assert_eq!(served_so(serve, "[schedules.day]\ndays = \"Mon-Fri\"\n"), "");
}

#[test]
fn words_that_two_choices_share() {
    let words = |first: &str, second: &str| {
        says(
            "key = \"1\"\n",
            &format!("key = \"1\"\nwords = [{first}]\nask = [\"welcome\"]\n"),
            &format!(
                "[menus.other]\nsay = [\"welcome\"]\notherwise = \"menu:main\"\n[[menus.other.choice]]\n\
                 key = \"1\"\nwords = [\"врач\"]\nask = [\"welcome\"]\nto = \"menu:main\"\n\
                 [[menus.other.choice]]\nkey = \"2\"\nwords = [{second}]\nask = [\"welcome\"]\nto = \"menu:main\"\n\
                 [retired.more]\nnumbers = [\"62-00-00\"]\nannounce = \"changed\"\nthen = \"menu:other\"\n"
            ),
        )
    };
    // The same word in another menu, or twice in one choice, is no fault.
    assert_eq!(words("\"врач\", \"Врач\"", "\"запись\""), "");
    assert_eq!(
        words("\"врач\"", "\"вакцинация\", \"ВРАЧ\""),
        "more.toml:11:24: two choices of menu \"other\" share \"ВРАЧ\"; let each choice have words \
         of its own (first here: more.toml:6:10)\n"
    );
    assert!(words("\"х\"", "\"Ёж\", \"еж\"").is_empty());
    let misheard = |said: &str| {
        format!(
            "more.toml:11:10: warning: {said}; callers will be misheard; let one of the choices have \
             other words (the other is here: more.toml:6:10)\n"
        )
    };
    assert_eq!(
        words("", "\"врачи\""),
        misheard(
            "\"врачи\" and \"врач\" are forms of the same words, another choice of menu \"other\""
        )
    );
    assert_eq!(
        words("", "\"зубоврачебный\""),
        misheard("\"врач\" is a part of \"зубоврачебный\", another choice of menu \"other\"")
    );
    assert_eq!(words("", "\"грач\""), "", "one letter of four is heard");
    assert_eq!(
        words("", "\"COVID\""),
        "more.toml:11:10: warning: nobody can say this in menu \"other\": 'c' is no letter of the \
         Russian alphabet; write it in Russian letters, as it is said\n"
    );
}

#[test]
fn a_menu_that_listens_can_say_that_it_does_so_no_more() {
    let said = |choice: &str| {
        let base = BASE.replace("keys_only = \"goodbye\"\n", "").replace("key = \"1\"\n", choice);
        lines(&load(&[("base.toml", &base)]).unwrap().1)
    };
    assert_eq!(said("key = \"1\"\n"), "", "it has keys alone");
    assert_eq!(
        said("key = \"1\"\nwords = [\"врач\"]\nask = [\"welcome\"]\n"),
        "base.toml:23:8: warning: menu \"main\" listens, and has no `keys_only`; name a prompt in [menu_defaults] \
         or in the menu: without, nobody tells callers that there are only keys when the recogniser is gone\n"
    );
    assert_eq!(
        says("key = \"1\"\n", "key = \"1\"\nwords = [\"врач\"]\nask = [\"welcome\"]\n", ""),
        ""
    );
    let own = "say = [\"welcome\"]\nkeys_only = \"goodbye\"\n";
    let base = BASE.replace("[menu_defaults]\nkeys_only = \"goodbye\"\n", "");
    let base = base.replace("say = [\"welcome\"]\n", own);
    let base =
        base.replace("key = \"1\"\n", "key = \"1\"\nwords = [\"врач\"]\nask = [\"welcome\"]\n");
    assert_eq!(lines(&load(&[("base.toml", &base)]).unwrap().1), "");
    // Who is asked for something is not heard either.
    let asks = "[menus.main]\nasks_for = \"house\"\nthen = \"queue:doctor\"\nsay = [\"welcome\"]\notherwise = \"queue:operator\"\n";
    let (before, rest) = BASE.split_once("[menus.main]\n").unwrap();
    let base = format!(
        "{before}{asks}{}",
        rest.split_once("[queue_defaults]").unwrap().1.replacen("\n", "[queue_defaults]\n", 1)
    );
    let base = base.replace("keys_only = \"goodbye\"\n", "");
    assert!(
        lines(&load(&[("base.toml", &base)]).unwrap().1)
            .contains("listens, and has no `keys_only`")
    );
}

#[test]
fn words_that_are_never_asked_about() {
    assert_eq!(
        says("key = \"1\"\n", "key = \"1\"\nwords = [\"врач\"]\n", ""),
        "base.toml:28:9: warning: words of menu \"main\" without `ask`; add ask = [\"…\"], what the robot asks when it \
         is not sure that this was said; without, it says the menu again\n"
    );
    assert_eq!(says("key = \"1\"\n", "key = \"1\"\nwords = []\n", ""), "");
}

#[test]
fn emergency_numbers() {
    let said = says("numbers = [\"122\", \"9-122\"]", "numbers = [\"122\", \"103\"]", "");
    assert_eq!(
        said,
        "base.toml:7:19: warning: 103 is an emergency number and leads to the service; whoever \
         dials it here would not reach the emergency service\n"
    );
}

#[test]
fn a_finding_in_full_shows_its_line() {
    let findings =
        load(&[("base.toml", &BASE.replace("to = \"queue:doctor\"", "\tto = \"queue:docter\""))]);
    assert_eq!(
        findings.unwrap_err()[0].in_full(),
        "base.toml:28:7: no queue \"docter\"; did you mean \"doctor\"?\n   28 | \tto = \"queue:docter\"\n      | \t     ^^^^^^^^^^^^^^\n"
    );
    // A finding about the whole has no line.
    let findings = load(&[("base.toml", "[service]\nnumbers = [\"122\"]\nstart = \"hangup\"\n")]);
    assert_eq!(
        findings.unwrap_err()[0].in_full(),
        "dialplan: there is no [region]; add [region] with name, time_zone and area_code\n"
    );
}
