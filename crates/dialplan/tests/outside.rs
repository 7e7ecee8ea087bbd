//! Telephones outside to which the dialplan sends calls.

mod common;

use std::time::Duration;

use ambient::Wall;
use common::{BASE, good, lines, load};
use dialplan::explain::{ClinicDoes, End, Question, explain};
use dialplan::{ForwardCause, Target};

const TRUNK: &str = "[trunks.carrier]\nto = [\"sip:sbc.example\"]\n";
const DUTY: &str = "[outside.duty]\ntitle = \"Дежурный врач\"\nnumber = \"8-4812-30-00-01\"\n\
                    otherwise = \"queue:operator\"\n";

/// A number that leads there.
const FRONT: &str = "[retired.old]\nnumbers = [\"62-00-00\"]\nannounce = \"changed\"\n\
                     then = \"outside:duty\"\n";

fn says(more: &str) -> String {
    match load(&[("base.toml", BASE), ("more.toml", more)]) {
        Ok((_, warnings)) => lines(&warnings),
        Err(findings) => lines(&findings),
    }
}

#[test]
fn calls_can_be_sent_to_it() {
    let plan = good(&format!("{TRUNK}{DUTY}{FRONT}"));
    let duty = &plan.outside["duty"];
    assert_eq!(duty.number.as_str(), "+74812300001");
    assert_eq!((duty.ring_for, duty.at_once, duty.a_day), (Duration::from_secs(60), 10, 500));
    assert_eq!(plan.retired["old"].then, Target::Outside("duty".into()));
    let mut question = Question::new("62-00-00", Wall::from_unix_millis(1_768_435_200_000));
    question.clinic = ClinicDoes::Answers;
    assert_eq!(explain(&plan, &question).end, End::Outside("duty".into()));
    // Nobody there takes it: it goes on.
    question.clinic = ClinicDoes::DoesNot(ForwardCause::NoAnswer);
    assert_eq!(explain(&plan, &question).end, End::Served("operator".into()));
}

#[test]
fn it_costs_no_more_than_a_call_within_the_country() {
    let with = |number: &str| {
        let duty = DUTY.replace("8-4812-30-00-01", number);
        says(&format!("{TRUNK}{duty}{FRONT}"))
    };
    for good in ["103", "115", "8-800-200-00-00", "8-916-000-00-00", "30-00-01"] {
        assert_eq!(with(good), "", "{good}");
    }
    for dear in ["8-809-505-00-00", "810-1-212-000-00-00", "8-840-226-00-00", "8-10-44-20"] {
        assert!(with(dear).contains("lies abroad or is a paid service; every caller"), "{dear}");
    }
}

#[test]
fn what_is_wrong_with_it_is_told() {
    for (more, expected) in [
        (
            format!("{DUTY}{FRONT}"),
            "more.toml:1:10: no trunk leads to outside \"duty\"; add `to` to a trunk: to = \
             [\"sip:sbc1.carrier.example\"]\n",
        ),
        (
            format!("{TRUNK}{}{FRONT}", DUTY.replace("8-4812-30-00-01", "27-00-01")),
            "more.toml:5:10: +74812270001 is a number of this dialplan; send the call there by \
             name: \"menu:NAME\", \"clinic:NAME\" (given here: base.toml:15:12)\n",
        ),
        (
            format!("{TRUNK}{}{FRONT}", DUTY.replace("otherwise = \"queue:operator\"\n", "")),
            "more.toml:3:10: outside \"duty\" has no `otherwise`; add otherwise = \"hangup\"\n",
        ),
        (
            format!("{TRUNK}{}{FRONT}", DUTY.replace("queue:operator", "outside:duty")),
            "more.toml:6:13: calls go round without end: outside:duty → outside:duty; let one of \
             them lead to an announcement or to hangup\n",
        ),
        (
            format!("{TRUNK}{DUTY}"),
            "more.toml:3:10: warning: no call can reach outside:duty; let a menu or a number lead \
             there, or remove it\n",
        ),
        (
            format!("{TRUNK}{DUTY}{}", FRONT.replace("outside:duty", "outside:dutty")),
            "more.toml:10:8: no outside \"dutty\"; did you mean \"duty\"?\n",
        ),
        (
            format!("{TRUNK}{DUTY}{}", FRONT.replace("outside:duty", "clinic:duty")),
            "more.toml:10:8: no clinic \"duty\"; did you mean \"outside:duty\"?\n",
        ),
        (FRONT.to_owned(), "more.toml:4:8: no outside \"duty\"; add [outside.duty]\n"),
    ] {
        assert_eq!(says(&more), expected, "{more}");
    }
}
