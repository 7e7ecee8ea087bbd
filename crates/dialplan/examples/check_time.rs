//! How long the check of a large dialplan takes, and the lookup of a number, by the number of clinics:
//! `cargo run --release -p dialplan --example check_time`.
#![allow(clippy::print_stdout, reason = "a program that tells its figures")]
#![allow(clippy::disallowed_methods, reason = "measures real time")]

use std::collections::BTreeSet;
use std::fmt::Write;
use std::hint::black_box;
use std::time::{Duration, Instant};

use dialplan::{Dialplan, PromptName, load_str};

/// How often each is measured; the median is told.
const ROUNDS: usize = 7;
const MENUS: usize = 500;
const LOOKUPS: u32 = 1_000_000;

const REGION: &str = r#"
[region]
name = "Область"
time_zone = "Europe/Moscow"
area_code = "4812"

[service]
numbers = ["122", "9-122"]
start = "menu:m0"

[clinic_defaults]
forward_to = "menu:m0"

[queue_defaults]
music = "music"
overflow = { after = "10m", to = "hangup" }

[queues.operator]
topic = "Оператор"
serve = [{ group = "operators" }]

[groups.operators]
title = "Операторы"
agents = ["201"]

[agents.201]
name = "Оператор"
kind = "operator"
password = "example-201"
"#;

fn main() {
    println!("clinics  check from TOML  check from CSV  lookup of a number");
    for clinics in [10, 1000, 10_000] {
        let (toml, csv) = (in_toml(clinics), in_csv(clinics));
        let menus = menus();
        let check = |name: &str, text: &str| {
            median(|| {
                let files = [("region.toml", REGION), ("menus.toml", &menus), (name, text)];
                black_box(plan(&files));
            })
        };
        let of_toml = check("clinics.toml", &toml);
        let of_csv = check("clinics.csv", &csv);
        let plan = plan(&[("region.toml", REGION), ("menus.toml", &menus), ("clinics.csv", &csv)]);
        let lookup = median(|| {
            for n in 0..LOOKUPS {
                let dialled = number(n as usize % clinics);
                black_box(plan.destination(black_box(&dialled)));
            }
        });
        println!(
            "{clinics:>7}  {:>12} ms  {:>11} ms  {:>15} ns",
            of_toml.as_millis(),
            of_csv.as_millis(),
            (lookup / LOOKUPS).as_nanos()
        );
    }
}

fn median(mut run: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let begun = Instant::now();
            run();
            begun.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[ROUNDS / 2]
}

fn plan(files: &[(&str, &str)]) -> Dialplan {
    let prompts: BTreeSet<PromptName> = ["welcome", "music"].map(PromptName::from).into();
    match load_str(files, &prompts) {
        Ok((plan, _)) => plan,
        Err(findings) => panic!("{}", findings[0]),
    }
}

/// A number of its own for each clinic.
fn number(clinic: usize) -> String {
    format!("8495{clinic:07}")
}

fn in_toml(clinics: usize) -> String {
    let mut text = String::new();
    for n in 0..clinics {
        let _ = write!(
            text,
            "[clinics.c{n}]\ntitle = \"Поликлиника № {n}\"\nnumbers = [\"{}\"]\n\
             ring = [\"sip:registry@pbx{n}.example\"]\n\
             contact = {{ name = \"старший регистратор\", phone = \"8-499-{n:07}\" }}\n",
            number(n)
        );
    }
    text
}

fn in_csv(clinics: usize) -> String {
    let mut text = String::from("name;title;numbers;ring;contact;contact_phone\n");
    for n in 0..clinics {
        let _ = writeln!(
            text,
            "c{n};Поликлиника № {n};{};sip:registry@pbx{n}.example;старший регистратор;8-499-{n:07}",
            number(n)
        );
    }
    text
}

/// Menus of nine choices, each of which leads to the next menu but one.
fn menus() -> String {
    let mut text = String::new();
    for n in 0..MENUS {
        let _ = write!(text, "[menus.m{n}]\nsay = [\"welcome\"]\notherwise = \"queue:operator\"\n");
        for key in 1..=9 {
            let to = (n + key) % MENUS;
            let _ = write!(
                text,
                "[[menus.m{n}.choice]]\nkey = \"{key}\"\nwords = [\"слово {key}\"]\nto = \"menu:m{to}\"\n"
            );
        }
    }
    text
}
