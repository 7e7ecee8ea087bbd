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
            &format!("key = \"1\"\nwords = [{first}]\n"),
            &format!(
                "[menus.other]\nsay = [\"welcome\"]\notherwise = \"menu:main\"\n[[menus.other.choice]]\n\
                 key = \"1\"\nwords = [\"врач\"]\nto = \"menu:main\"\n\
                 [[menus.other.choice]]\nkey = \"2\"\nwords = [{second}]\nto = \"menu:main\"\n\
                 [retired.more]\nnumbers = [\"62-00-00\"]\nannounce = \"changed\"\nthen = \"menu:other\"\n"
            ),
        )
    };
    // The same word in another menu, or twice in one choice, is no fault.
    assert_eq!(words("\"врач\", \"Врач\"", "\"запись\""), "");
    assert_eq!(
        words("\"врач\"", "\"вакцинация\", \"ВРАЧ\""),
        "more.toml:10:24: two choices of menu \"other\" share \"ВРАЧ\"; let each choice have words \
         of its own (first here: more.toml:6:10)\n"
    );
    assert!(words("\"х\"", "\"Ёж\", \"еж\"").is_empty());
    let misheard = |said: &str| {
        format!(
            "more.toml:10:10: warning: {said}; callers will be misheard; let one of the choices have \
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
        "more.toml:10:10: warning: nobody can say this in menu \"other\": 'c' is no letter of the \
         Russian alphabet; write it in Russian letters, as it is said\n"
    );
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
