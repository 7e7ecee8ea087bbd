//! The worked example of the documentation, in both languages: from an empty folder to a line with three
//! clinics that takes calls. Its files are those of the page.

#[allow(dead_code, reason = "each test file uses its part")]
mod common;

use dialplan::Dialplan;
use dialplan::explain::{End, Question, explain};
use journal::{Origin, Outcome};
use sim::World;
use sim::world::{Making, NOON, settings};

use common::secs;

/// The files that the page has its reader write.
fn files(page: &str) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(sim::region::root().join("docs").join(page)).unwrap();
    let blocks = text.split("\n```").skip(1).step_by(2);
    blocks
        .filter_map(|block| {
            let (kind, body) = block.split_once('\n')?;
            match kind {
                "toml" => {
                    let name = body.lines().next()?.strip_prefix("# ")?;
                    Some((name.to_owned(), body.to_owned()))
                }
                "csv" => Some(("clinics.csv".to_owned(), body.to_owned())),
                _ => None,
            }
        })
        .collect()
}

/// What comes of them on a disk, with the prompts of this repository.
fn written(page: &str) -> Dialplan {
    let folder = tempfile::tempdir().unwrap();
    let files = files(page);
    assert_eq!(files.len(), 4, "{page}");
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let prompts = sim::region::prompts();
    let (plan, warnings) = dialplan::load(folder.path(), &prompts).unwrap_or_else(|findings| {
        panic!("{}", findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    });
    let warnings: Vec<_> = warnings.iter().map(ToString::to_string).collect();
    assert!(warnings.is_empty(), "{}", warnings.join("\n"));
    plan
}

const PAGES: [&str; 2] = ["dialplan.md", "dialplan.ru.md"];

#[test]
fn it_makes_a_line_with_three_clinics() {
    for page in PAGES {
        let plan = written(page);
        assert_eq!(plan.clinics.len(), 3);
        for number in ["00-10-01", "00-10-02", "00-10-03", "00-10-04", "122", "9-122"] {
            let way = explain(&plan, &Question::new(number, NOON));
            assert_eq!(way.menus().next().map(|menu| menu.as_str()), Some("main"), "{number}");
            assert_eq!(way.end, End::Served("operator".into()), "{number}");
        }
    }
}

/// The line of a page, whose operators have the passwords of the simulator's phones.
fn world(page: &str, seed: u64) -> World {
    let mut plan = written(page);
    for (user, account) in &mut plan.accounts {
        account.password = format!("demo-{user}").as_str().into();
    }
    let tap = sim::tap::Tap::default();
    let making = Making { seed, begins: NOON, plan, full_media: 1000, full_phones: true, tap };
    let mut world = World::make(making, settings());
    world.keeps_journal = true;
    world
}

#[test]
fn a_citizen_who_calls_the_line_is_answered() {
    for (seed, page) in (611..).zip(PAGES) {
        let mut world = world(page, seed);
        let operator = world.agent("201");
        let citizen = world.citizen();
        world.run_for(secs(1));
        world.dial(citizen, "122");
        world.run_for(secs(1));
        world.press(citizen, "1");
        assert!(world.run_until(secs(10), |w| w.phone(operator).rings()), "{page}");
        world.answer(operator);
        world.run_for(secs(2));
        assert!(world.phone(citizen).talks() && world.phone(operator).talks(), "{page}");
    }
}

#[test]
fn a_call_to_a_clinic_rings_it_for_a_minute_and_comes_to_the_menu_then() {
    for (seed, page) in (621..).zip(PAGES) {
        let mut world = world(page, seed);
        let operator = world.agent("202");
        let clinic = world.clinic_phone();
        let citizen = world.citizen();
        world.run_for(secs(1));
        world.dial(citizen, "00-10-01");
        assert!(world.run_until(secs(2), |w| w.phone(clinic).rings()), "{page}");
        world.run_for(secs(57));
        assert!(world.phone(clinic).rings(), "{page}");
        world.run_for(secs(5));
        assert!(!world.phone(clinic).rings(), "{page}");
        world.press(citizen, "0");
        assert!(world.run_until(secs(10), |w| w.phone(operator).rings()), "{page}");
        world.answer(operator);
        world.run_for(secs(2));
        world.hang_up(citizen);
        world.run_for(secs(2));
        let record = world.records().last().expect("a record");
        assert_eq!(record.outcome, Outcome::Answered, "{page}");
        let from = matches!(&record.origin, Origin::Clinic { clinic, .. } if clinic.as_str() == "poliklinika-1");
        assert!(from, "{page}: {:?}", record.origin);
    }
}
