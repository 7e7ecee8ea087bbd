//! People whom many flows need.

use std::time::Duration;

use interop::sip::register;
use interop::{Host, Line, Scenario, Sipp, Sound};

/// A phone that SIPp plays: its address and its sound.
pub(crate) struct Desk {
    pub(crate) host: Host,
    pub(crate) sound: Sound,
}

impl Desk {
    /// A phone without an account, such as a citizen's or a clinic's.
    pub(crate) fn at(host: Host) -> Desk {
        Desk { sound: Sound::open(&host), host }
    }

    /// An agent's phone, registered and so on duty.
    #[track_caller]
    pub(crate) fn of_agent(line: &Line, user: &str) -> Desk {
        let desk = Desk::at(line.host());
        register(line, &desk.host, user, "");
        desk
    }

    /// Does what the scenario says.
    #[must_use]
    #[track_caller]
    pub(crate) fn plays(&self, line: &Line, scenario: Scenario) -> Sipp {
        Sipp::start(line, &self.host, scenario)
    }

    /// Rings and answers; tells `talks`; the far end hangs up.
    #[must_use]
    #[track_caller]
    pub(crate) fn talks_until_bye(&self, line: &Line) -> Sipp {
        self.plays(line, self.talking().hears_bye())
    }

    /// Rings, answers and tells `talks`.
    pub(crate) fn talking(&self) -> Scenario {
        Scenario::callee()
            .rings()
            .waits(Duration::from_millis(200))
            .answers(self.sound.sdp())
            .tells("talks")
    }
}

/// A citizen who dials a number, and hangs up when nudged.
pub(crate) struct Citizen {
    pub(crate) desk: Desk,
    pub(crate) sipp: Sipp,
}

impl Citizen {
    /// Dials, and is answered.
    #[track_caller]
    pub(crate) fn dials(line: &Line, number: &str) -> Citizen {
        Citizen::dials_as(line, number, |call| call.answered().nudged().hangs_up())
    }

    /// Dials, is answered, and waits for the far end's BYE.
    #[track_caller]
    pub(crate) fn dials_until_bye(line: &Line, number: &str) -> Citizen {
        Citizen::dials_as(line, number, |call| call.answered().hears_bye())
    }

    #[track_caller]
    pub(crate) fn dials_as(
        line: &Line,
        number: &str,
        then: impl FnOnce(Scenario) -> Scenario,
    ) -> Citizen {
        let desk = Desk::at(line.host());
        let call = then(Scenario::call(number, desk.sound.sdp()));
        let sipp = desk.plays(line, call);
        Citizen { desk, sipp }
    }

    /// Waits for the robot, and presses a key.
    #[track_caller]
    pub(crate) fn presses(&self, key: char) {
        self.desk.sound.wait_heard(Duration::from_millis(100));
        self.desk.sound.press(key);
    }

    /// Hangs up; the call's Call-ID.
    #[track_caller]
    pub(crate) fn hangs_up(mut self) -> String {
        self.sipp.nudge();
        let call_id = self.sipp.call_id().to_owned();
        self.sipp.finish();
        call_id
    }
}
