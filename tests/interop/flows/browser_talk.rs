//! A citizen with a telephone who talks with a desk.

use interop::Line;
use interop::browser::Desk;

use crate::desks::Citizen;

/// What the citizen hums.
pub(crate) const CITIZEN: f64 = 1000.0;

/// A citizen who dials 122, and whom this desk answers; it hums with this tone.
#[track_caller]
pub(crate) fn talk(line: &Line, desk: &Desk, hertz: f64) -> Citizen {
    let citizen = calls(line);
    desk.answers();
    both_hear(&citizen, desk, hertz);
    citizen
}

/// A citizen who dials 122 and hums.
#[track_caller]
pub(crate) fn calls(line: &Line) -> Citizen {
    let citizen = Citizen::dials(line, "122");
    citizen.desk.sound.hum(CITIZEN);
    citizen
}

/// From now on each hears the other.
#[track_caller]
pub(crate) fn both_hear(citizen: &Citizen, desk: &Desk, hertz: f64) {
    citizen.desk.sound.forget();
    citizen.desk.sound.wait_tone(hertz);
    desk.wait_tone(CITIZEN);
}
