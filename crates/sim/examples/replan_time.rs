//! How long a new dialplan of a large region takes: beside the line, in it, and to be freed.
#![allow(clippy::disallowed_methods, reason = "it measures")]
#![allow(clippy::print_stdout, reason = "for the one who measures")]

use std::fmt::Write;
use std::sync::Arc;
use std::time::Instant;

use ambient::{Entropy, Mono, Now};
use dialplan::Dialplan;
use switch::{NextPlan, Switch};

const CLINICS: usize = 10_000;
const MENUS: usize = 500;
const QUEUES: usize = 400;
const AGENTS: usize = 4_000;

/// A region's dialplan; `title` makes every clinic of it another one.
fn region(title: &str) -> Dialplan {
    let mut text = String::from(
        "[region]\nname = \"Область\"\ntime_zone = \"Europe/Moscow\"\narea_code = \"4812\"\n\
         [service]\nnumbers = [\"122\"]\nstart = \"menu:m0\"\n\
         [clinic_defaults]\nforward_to = \"menu:m0\"\n\
         [queue_defaults]\nmusic = \"music/calm\"\noverflow = { to = \"hangup\" }\n\
         closed = { to = \"hangup\" }\n",
    );
    for n in 0..CLINICS {
        let _ = writeln!(
            text,
            "[clinics.c{n}]\ntitle = \"{title} {n}\"\nnumbers = [\"+7481{:07}\"]\n\
             ring = [\"sip:registry@10.{}.{}.{}\"]",
            2_000_000 + n,
            n / 65_536,
            n / 256 % 256,
            n % 256
        );
    }
    for n in 0..MENUS {
        let _ = writeln!(
            text,
            "[menus.m{n}]\nsay = [\"welcome\"]\notherwise = \"queue:q{}\"\n\
             [[menus.m{n}.choice]]\nkey = \"1\"\nto = \"queue:q{}\"",
            n % QUEUES,
            (n + 1) % QUEUES
        );
    }
    for n in 0..QUEUES {
        let _ = writeln!(
            text,
            "[queues.q{n}]\ntopic = \"{n}\"\nserve = [{{ group = \"g{}\" }}]",
            n % 40
        );
    }
    for n in 0..40 {
        let agents = (0..AGENTS).skip(n).step_by(40).map(|agent| format!("\"{}\"", 30_000 + agent));
        let agents: Vec<String> = agents.collect();
        let _ = writeln!(text, "[groups.g{n}]\ntitle = \"{n}\"\nagents = [{}]", agents.join(", "));
    }
    for n in 0..AGENTS {
        let _ = writeln!(
            text,
            "[agents.{0}]\nname = \"{0}\"\nkind = \"operator\"\npassword = \"p-{0}\"",
            30_000 + n
        );
    }
    let prompts = ["welcome".into(), "music/calm".into()].into();
    match dialplan::load_str(&[("region.toml", &text)], &prompts) {
        Ok((plan, _)) => plan,
        Err(findings) => panic!("{}", findings[0]),
    }
}

fn main() {
    let now = Now { mono: Mono::START, wall: sim::world::NOON };
    let began = Instant::now();
    let first = Arc::new(region("Поликлиника"));
    println!("check and compile   {:>9.2?}", began.elapsed());
    let config = sim::world::settings();
    let mut switch =
        Switch::new(now, first.clone(), config, Entropy::from_number(1)).expect("it fits");
    let mut running = first;
    for title in ["Амбулатория", "Больница", "Поликлиника"] {
        let plan = Arc::new(region(title));
        let began = Instant::now();
        let next = NextPlan::prepare(running, plan.clone()).expect("it fits");
        let prepared = began.elapsed();
        let began = Instant::now();
        let former = switch.replace_plan(now, next).expect("it fits");
        while switch.poll_output().is_some() {}
        let held = began.elapsed();
        running = plan;
        let began = Instant::now();
        drop(former);
        println!(
            "beside the line {prepared:>9.2?}   the line is held {held:>9.2?}   freed {:>9.2?}",
            began.elapsed()
        );
    }
}
