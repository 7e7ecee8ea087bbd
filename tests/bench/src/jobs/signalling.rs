//! A proxied call, INVITE to BYE: a citizen calls a clinic, and the clinic answers.

use std::error::Error;
use std::net::SocketAddr;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::lab::Lab;
use crate::proxies::{Proxies, SIDES, Side};
use crate::report::Row;
use crate::sample::Sample;
use crate::sipp::{Load, answer};

const CALLER: &str = include_str!("../../scenarios/caller.xml");
const CLINIC: &str = include_str!("../../scenarios/clinic.xml");

/// Calls a second at which CPU time is compared.
const RATES: [u32; 2] = [1000, 2000];
/// Calls at once when as many are made as the server can bear.
const AT_ONCE: u32 = 100;
/// Live calls at which the cost of a further one is compared.
const CROWDS: [u32; 2] = [100, 10_000];
/// Calls that are held while memory is looked at.
const HELD: u32 = 10_000;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// All that is known of a proxied call: CPU, rate, memory, and what size costs.
///
/// # Errors
/// If calls fail.
pub(crate) fn measure(lab: &Lab) -> Outcome<Vec<Row>> {
    let mut rows = Vec::new();
    {
        let clinic = address("127.0.0.2:15060");
        let proxies = Proxies::start(lab, clinic);
        let _clinic = answer(lab, CLINIC, clinic, Duration::ZERO);
        // What a program does once only is not the cost of a call.
        for side in SIDES {
            Load::from(CALLER, caller(), 1000, 1000).run(lab, proxies.address(side))?;
        }
        for rate in RATES {
            rows.push(cpu(lab, &proxies, rate)?);
        }
        rows.push(highest_rate(lab, &proxies)?);
        rows.extend(size(lab, &proxies)?);
    }
    rows.push(memory(lab, "memory of a ringing call", Duration::from_secs(15), Duration::ZERO)?);
    rows.push(memory(lab, "memory of a talk", Duration::ZERO, Duration::from_secs(60))?);
    Ok(rows)
}

fn address(text: &str) -> SocketAddr {
    text.parse().expect("an address")
}

fn caller() -> SocketAddr {
    address("127.0.0.3:15060")
}

/// CPU time of a call at a fixed rate. What a call leaves behind (its timers run on for half a
/// minute) is paid within the rounds that follow, so each round counts from the end of the one
/// before.
fn cpu(lab: &Lab, proxies: &Proxies, rate: u32) -> Outcome<Row> {
    let calls = rate * u32::try_from(lab.load.as_secs())?;
    let mut used = SIDES.map(|side| proxies.cpu(side));
    let samples = lab.in_turns(&[0, 1], |&side, _| {
        let outcome =
            Load::from(CALLER, caller(), rate, calls).run(lab, proxies.address(SIDES[side]))?;
        if outcome.failed > 0 {
            return Err(format!("{} of {calls} calls failed", outcome.failed).into());
        }
        let now = proxies.cpu(SIDES[side]);
        let cost = (now - used[side]) / outcome.succeeded as f64;
        used[side] = now;
        Ok::<_, Box<dyn Error>>(cost)
    })?;
    Ok(row("CPU of a call", format!("{rate} calls/s"), "ms", samples))
}

/// Calls a second when a hundred are always in progress, so that the server is never idle.
fn highest_rate(lab: &Lab, proxies: &Proxies) -> Outcome<Row> {
    let mut load = Load::from(CALLER, caller(), 50_000, 20_000);
    load.at_once = Some(AT_ONCE);
    let mut samples = [Sample::default(), Sample::default()];
    for _ in 0..lab.rounds.min(3) {
        for (side, sample) in SIDES.into_iter().zip(&mut samples) {
            let outcome = load.run(lab, proxies.address(side))?;
            if outcome.failed > 0 {
                return Err(format!("{} calls failed", outcome.failed).into());
            }
            sample.add(outcome.succeeded as f64 / outcome.took.as_secs_f64());
        }
    }
    Ok(row("highest rate", format!("{AT_ONCE} at once"), "calls/s", samples.into()))
}

/// CPU time of a call while few and while many others are in progress.
fn size(lab: &Lab, proxies: &Proxies) -> Outcome<Vec<Row>> {
    CROWDS.into_iter().map(|crowd| cpu_in_a_crowd(lab, proxies, crowd)).collect()
}

fn cpu_in_a_crowd(lab: &Lab, proxies: &Proxies, crowd: u32) -> Outcome<Row> {
    const RATE: u32 = 500;
    let mut samples = [Sample::default(), Sample::default()];
    for (side, sample) in SIDES.into_iter().zip(&mut samples) {
        let mut held = Load::from(CALLER, address("127.0.0.4:15060"), 2000, crowd);
        let seconds = lab.rounds as u64 * (lab.load.as_secs() + 2);
        held.pause = Duration::from_secs(crowd as u64 / 2000 + 1 + seconds);
        let held = held.start(lab, proxies.address(side));
        sleep(Duration::from_secs(crowd as u64 / 2000 + 1));
        let calls = RATE * u32::try_from(lab.load.as_secs())?;
        for _ in 0..lab.rounds {
            let before = proxies.cpu(side);
            let outcome =
                Load::from(CALLER, caller(), RATE, calls).run(lab, proxies.address(side))?;
            sample.add((proxies.cpu(side) - before) / outcome.succeeded as f64);
        }
        let outcome = held.finish()?;
        if outcome.failed > 0 {
            return Err(format!("{} of {crowd} held calls failed", outcome.failed).into());
        }
    }
    let load = format!("{RATE} calls/s beside {crowd} talks");
    Ok(row("CPU of a call", load, "ms", samples.into()))
}

/// Memory that a call takes, in new servers: how much more they use when all ring or talk.
fn memory(lab: &Lab, what: &'static str, rings: Duration, talks: Duration) -> Outcome<Row> {
    let clinic = address("127.0.0.2:15060");
    let proxies = Proxies::start(lab, clinic);
    let _clinic = answer(lab, CLINIC, clinic, rings);
    let mut samples = [Sample::default(), Sample::default()];
    for (side, sample) in SIDES.into_iter().zip(&mut samples) {
        Load::from(CALLER, caller(), 100, 10).start(lab, proxies.address(side));
        let before = proxies.memory(side);
        let mut load = Load::from(CALLER, caller(), 2000, HELD);
        load.pause = talks;
        let started = Instant::now();
        let sipp = load.start(lab, proxies.address(side));
        // All are there after five seconds; transactions of talks are forgotten 32 seconds later.
        let look = if talks.is_zero() { 7 } else { 45 };
        sleep(Duration::from_secs(look).saturating_sub(started.elapsed()));
        sample.add((proxies.memory(side) - before) / f64::from(HELD));
        let outcome = sipp.finish()?;
        if outcome.failed > 0 {
            return Err(format!("{} of {HELD} held calls failed", outcome.failed).into());
        }
    }
    Ok(row(what, format!("{HELD} at once"), "kB", samples.into()))
}

fn row(what: &'static str, load: String, unit: &'static str, samples: Vec<Sample>) -> Row {
    let sides = SIDES.map(Side::name).into_iter().zip(samples).collect();
    Row { what, load, unit, sides }.tell()
}
