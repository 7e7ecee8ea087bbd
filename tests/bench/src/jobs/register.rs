//! A registration with digest: a request, its challenge, the request again, its answer.

use std::error::Error;
use std::fmt::Write;
use std::net::SocketAddr;

use crate::lab::Lab;
use crate::proxies::{ACCOUNTS, Proxies, SIDES, Side};
use crate::report::Row;
use crate::sipp::Load;

const PHONE: &str = include_str!("../../scenarios/phone.xml");

/// Registrations a second at which CPU time is compared.
const RATES: [u32; 2] = [1000, 2000];

/// CPU time of a registration at fixed rates.
///
/// # Errors
/// If registrations fail.
pub(crate) fn measure(lab: &Lab) -> Result<Vec<Row>, Box<dyn Error>> {
    let nobody = SocketAddr::from(([127, 0, 0, 2], 15060));
    let proxies = Proxies::start(lab, nobody);
    // What a program does once only is not the cost of a registration.
    for side in SIDES {
        load(1000, 1000).run(lab, proxies.address(side))?;
    }
    RATES.into_iter().map(|rate| cpu(lab, &proxies, rate)).collect()
}

fn cpu(lab: &Lab, proxies: &Proxies, rate: u32) -> Result<Row, Box<dyn Error>> {
    let count = rate * u32::try_from(lab.load.as_secs())?;
    let mut used = SIDES.map(|side| proxies.cpu(side));
    let samples = lab.in_turns(&[0, 1], |&side, _| {
        let outcome = load(rate, count).run(lab, proxies.address(SIDES[side]))?;
        if outcome.failed > 0 {
            return Err(format!("{} of {count} registrations failed", outcome.failed).into());
        }
        let now = proxies.cpu(SIDES[side]);
        let cost = (now - used[side]) / outcome.succeeded as f64;
        used[side] = now;
        Ok::<_, Box<dyn Error>>(cost)
    })?;
    Ok(Row {
        what: "CPU of a registration",
        load: format!("{rate} registrations/s"),
        unit: "ms",
        sides: SIDES.map(Side::name).into_iter().zip(samples).collect(),
    }
    .tell())
}

fn load(rate: u32, count: u32) -> Load {
    let mut users = "SEQUENTIAL\n".to_owned();
    for user in ACCOUNTS {
        let _ = writeln!(users, "{user};[authentication username={user} password=bench-{user}]");
    }
    let at = SocketAddr::from(([127, 0, 0, 3], 15060));
    Load { users: Some(users), ..Load::from(PHONE, at, rate, count) }
}
