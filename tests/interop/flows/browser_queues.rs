//! A supervisor at `/supervisor` closes a queue, and opens it again.

use interop::Setup;
use interop::browser::{Desk, Turn, humming};

use crate::browser_watch::leads_the_shift;
use crate::desks::Citizen;

#[test]
fn a_supervisor_closes_a_queue_and_opens_it_again() {
    let _turn = Turn::take();
    let line = Setup::demo().with_admin().start();
    let browser = humming(&line, 700.0);
    let desk = Desk::on_duty(&line, &browser, "201");
    let supervisor = leads_the_shift(&line, &browser);
    supervisor.click("#queues button:has(b)");
    supervisor.wait_visible("#queue");
    supervisor.wait_text("#queue-title", "Запись на приём");
    supervisor.click("#queue-door button");
    supervisor.wait_text("#message", "Очередь «Запись на приём» закрыта");
    supervisor.wait_text("#queues", "закрыта");

    let citizen = Citizen::dials_until_bye(&line, "122");
    citizen.presses('2');
    citizen.sipp.finish();
    desk.wait_state("waiting");

    supervisor.click("#undo");
    supervisor.wait_text("#message", "всё как было");
    let citizen = Citizen::dials(&line, "122");
    citizen.presses('2');
    desk.wait_ringing();
    citizen.hangs_up();
}
