//! Every thing of a dialplan knows where it was written.

mod common;

use common::{BASE, good};
use dialplan::{Dialplan, Thing};

/// The text of the line at which a thing, or a key of it, stands.
fn line(plan: &Dialplan, thing: &Thing, key: Option<&str>, more: &str) -> Option<String> {
    let place = match key {
        None => plan.places.of(thing),
        Some(key) => plan.places.of_key(thing, key),
    }?;
    let text = if &*place.file == "base.toml" { BASE } else { more };
    assert!(matches!(&*place.file, "base.toml" | "more.toml"), "{place}");
    text.lines().nth(place.line as usize - 1).map(str::to_owned)
}

#[test]
fn things_and_keys_are_found_in_the_file_that_says_them() {
    let more = "\
[queues.night]
topic = \"Ночь\"
serve = [
  { group = \"operators\", when = \"night\" },
  { group = \"operators\", after = \"40s\" },
]
[schedules.night]
hours = \"20:00-08:00\"
[trunks.carrier]
from = [\"192.0.2.0/24\"]
[features]
on_duty = \"*11\"
";
    let plan = good(more);
    let written = |thing: Thing, key: Option<&str>| line(&plan, &thing, key, more).unwrap();
    let number = |text| Thing::Number(plan.region.numbering.normalise(text).unwrap());
    for (thing, key, expected) in [
        (Thing::Service, Some("start"), "start = \"menu:main\""),
        (number("9122"), None, "numbers = [\"122\", \"9-122\"]"),
        (number("270001"), None, "numbers = [\"27-00-01\"]"),
        (number("201"), None, "[agents.201-203]"),
        (number("*11"), None, "on_duty = \"*11\""),
        (Thing::Clinic("first".into()), None, "[clinics.first]"),
        (Thing::Clinic("first".into()), Some("forward_to"), "forward_to = \"menu:main\""),
        (Thing::Retired("appeals".into()), Some("then"), "then = \"menu:main\""),
        (Thing::Menu("main".into()), Some("otherwise"), "otherwise = \"queue:operator\""),
        (Thing::Choice("main".into(), 1), None, "[[menus.main.choice]]"),
        (Thing::Choice("main".into(), 1), Some("to"), "to = \"queue:operator\""),
        (Thing::Queue("night".into()), None, "[queues.night]"),
        (Thing::Queue("night".into()), Some("music"), "music = \"music\""),
        (Thing::Tier("night".into(), 1), None, "  { group = \"operators\", after = \"40s\" },"),
        (Thing::Schedule("night".into()), Some("hours"), "hours = \"20:00-08:00\""),
        (Thing::Group("operators".into()), None, "[groups.operators]"),
        (Thing::Agent("202".into()), None, "[agents.201-203]"),
        (Thing::Trunk("carrier".into()), None, "[trunks.carrier]"),
    ] {
        assert_eq!(written(thing.clone(), key), expected, "{thing:?} {key:?}");
    }
}

#[test]
fn what_nobody_wrote_has_no_place() {
    let plan = good("");
    let menu = Thing::Menu("main".into());
    assert_eq!(plan.places.of_key(&menu, "wait"), None);
    assert_eq!(plan.places.of_key_or_thing(&menu, "wait"), plan.places.of(&menu));
    assert_eq!(plan.places.of(&Thing::Menu("other".into())), None);
}
