//! The line is killed under live calls and starts again: how soon it takes new ones, and how soon all of
//! the old ones go on.

use std::error::Error;
use std::time::{Duration, Instant};

use sip::sdp::Direction;

use super::measured::Measured;
use super::patient;
use super::queue::{plan, room, staffed};
use crate::lab::Lab;
use crate::load::{Crowd, News};
use crate::report::Row;

/// Live calls when it is killed.
const LIVE: [usize; 3] = [100, 1_000, 10_000];
/// Agents who talk; everybody else waits.
const AGENTS: usize = 10;
/// From the last answer to the end of the program.
const SETTLE: Duration = Duration::from_secs(2);
/// From one attempt of a new caller to the next.
const EVERY: Duration = Duration::from_millis(20);
/// How long all of it may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Measures.
///
/// # Errors
/// If the line refuses calls, or does not come back.
pub(crate) fn measure(lab: &Lab) -> Result<Vec<Row>, Box<dyn Error>> {
    let mut measured = Measured::default();
    for _ in 0..lab.rounds {
        for live in LIVE {
            once(lab, live.min(room(AGENTS)?), &mut measured)?;
        }
    }
    Ok(measured.rows())
}

fn once(lab: &Lab, live: usize, measured: &mut Measured) -> Result<(), Box<dyn Error>> {
    let mut line = lab.line(&plan(AGENTS), &patient("2"));
    let mut crowd = staffed(&line, AGENTS)?;
    // Nobody hears anything, so that packets do not take the core.
    crowd.build_up(
        live,
        |crowd, _| crowd.dial("122", Direction::Inactive).map(drop),
        |crowd, news| {
            let News::Answered { call, .. } = news.accepted()? else { return Ok(false) };
            crowd.press(call, '1');
            Ok(true)
        },
    )?;
    crowd.go_on(Instant::now() + SETTLE, |_, _| Ok(()))?;

    line.kill();
    let begun = Instant::now();
    line.begin_again();
    let back = Back::watch(&mut crowd, begun, live + AGENTS)?;
    let at = format!("{live} live calls");
    let mut add = |what, unit, value| measured.add(what, &at, unit, value);
    add("start to the first new call's answer", "s", back.first_answer.as_secs_f64());
    add("start to the first old call's going on", "s", back.first_renewed.as_secs_f64());
    add("start to the last old call's going on", "s", back.last_renewed.as_secs_f64());
    add("sides of old calls that are lost", "sides", back.lost as f64);
    Ok(())
}

/// What the crowd sees of the new start.
#[derive(Debug, Default)]
struct Back {
    first_answer: Duration,
    first_renewed: Duration,
    last_renewed: Duration,
    lost: usize,
}

impl Back {
    /// Waits until a new caller is answered and all sides of the old calls have agreed to their new ports, or
    /// were told the end.
    fn watch(crowd: &mut Crowd, begun: Instant, sides: usize) -> Result<Back, Box<dyn Error>> {
        let mut back = Back::default();
        let mut renewed = 0;
        let mut next = begun;
        while back.first_answer.is_zero() || renewed + back.lost < sides {
            if back.first_answer.is_zero() && next <= Instant::now() {
                crowd.dial("122", Direction::Inactive)?;
                next += EVERY;
            }
            let soon = Instant::now() + Duration::from_millis(1);
            crowd.go_on(soon, |_, news| {
                match news {
                    News::Answered { .. } if back.first_answer.is_zero() => {
                        back.first_answer = begun.elapsed();
                    }
                    News::Renewed => {
                        renewed += 1;
                        back.last_renewed = begun.elapsed();
                        if renewed == 1 {
                            back.first_renewed = back.last_renewed;
                        }
                    }
                    News::Ended { .. } => back.lost += 1,
                    News::Answered { .. }
                    | News::Called { .. }
                    | News::Registered
                    | News::Refused { .. } => {}
                }
                Ok(())
            })?;
            if begun.elapsed() > PATIENCE {
                return Err(format!("only {renewed} of {sides} sides are back: {back:?}").into());
            }
        }
        Ok(back)
    }
}
