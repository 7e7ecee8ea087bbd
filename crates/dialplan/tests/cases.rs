//! Test cases beside a dialplan.

mod common;

use common::{good, lines};
use dialplan::Dialplan;
use dialplan::cases::{Verdict, coverage, load_cases_str, run};

fn verdicts(plan: &Dialplan, text: &str) -> Vec<Verdict> {
    match load_cases_str(&[("calls.toml", text)], plan) {
        Ok(cases) => cases.iter().map(|case| run(plan, case)).collect(),
        Err(findings) => panic!("{}", lines(&findings)),
    }
}

fn findings(plan: &Dialplan, text: &str) -> String {
    match load_cases_str(&[("calls.toml", text)], plan) {
        Ok(_) => panic!("nothing is told"),
        Err(findings) => lines(&findings),
    }
}

#[test]
fn a_case_that_holds_and_one_that_does_not() {
    let plan = good("");
    let verdicts = verdicts(
        &plan,
        r#"
[[case]]
name = "Врач"
to = "122"
at = "2026-12-31 13:00"
keys = "1"
expect = { queue = "doctor", served_by = ["operators"], hears = ["welcome"], end = "served" }

[[case]]
name = "Оператор"
to = "9-122"
at = "2026-12-31 13:00"
keys = "1"
on_duty = []
[case.expect]
queue = "operator"
served_by = ["operators"]
passes = ["queue:doctor", "menu:main"]
hears = ["music"]
end = "served"
"#,
    );
    assert!(verdicts[0].misses.is_empty(), "{:?}", verdicts[0].misses);
    let told: Vec<String> = verdicts[1]
        .misses
        .iter()
        .map(|miss| {
            let instead = miss.instead.as_ref().map(ToString::to_string);
            format!("{}: {}, not {}", miss.place, instead.unwrap_or_default(), miss.expected)
        })
        .collect();
    assert_eq!(
        told,
        [
            "tests/calls.toml:20: end = \"nobody-on-duty\", not end = \"served\"",
            "tests/calls.toml:16: queue = \"doctor\", not queue = \"operator\"",
            "tests/calls.toml:18: passes = [\"menu:main\", \"queue:doctor\"], not passes = \
             [\"queue:doctor\", \"menu:main\"]",
            "tests/calls.toml:19: hears = [\"welcome\"], not hears = [\"music\"]",
            "tests/calls.toml:17: , not served_by = [\"operators\"]",
        ]
    );
}

#[test]
fn what_no_case_reaches() {
    let plan = good("");
    let text = r#"
[[case]]
name = "Врач"
to = "122"
at = "2026-12-31 13:00"
keys = "1"
expect = { end = "served" }
"#;
    let missed = |text| {
        let coverage = coverage(&plan, &verdicts(&plan, text));
        assert_eq!(coverage.all, 7, "a menu, its two keys, two queues, a clinic, a retired number");
        coverage.missed.iter().map(|thing| thing.name(&plan)).collect::<Vec<_>>()
    };
    assert_eq!(missed(text), ["menu:main 0", "queue:operator", "clinic:first", "retired:appeals"]);
    let more = text.replace("122", "27-00-01").replace("\"1\"", "\"0\"");
    assert_eq!(missed(&format!("{text}{more}")), ["retired:appeals"]);
}

#[test]
fn everything_that_is_wrong_with_cases_is_told() {
    let plan = good("");
    let told = findings(
        &plan,
        r#"
[[case]]
to = "122"
at = "tomorrow"
keys = "x"
expect = { queue = "docter", end = "server" }

[[case]]
name = "Ничего"
too = "122"
to = "122"
at = "2026-12-31 13:00"
on_duty = ["299"]
origin = "queue:doctor"
expect = {}
"#,
    );
    assert_eq!(
        told,
        "\
calls.toml:2:1: the case has no `name`; add name = \"Ночью отвечает дежурный\"
calls.toml:4:6: \"tomorrow\" is no time; write the region's time: \"2026-12-31 23:30\"
calls.toml:5:8: \"x\" are no keys; write keys one after another, such as \"1#\"; \"-\" is silence
calls.toml:6:20: no queue \"docter\"; did you mean \"doctor\"?
calls.toml:6:36: `case.expect.end` cannot be \"server\"; did you mean \"served\"?
calls.toml:10:1: unknown key \"too\" in [case]; did you mean \"to\"?
calls.toml:13:12: no agent 299; name agents of the dialplan
calls.toml:14:10: a call is passed on by a clinic only; write origin = \"clinic:NAME\"
calls.toml:15:10: the case expects nothing; write end, queue, passes, hears or served_by
"
    );
}
