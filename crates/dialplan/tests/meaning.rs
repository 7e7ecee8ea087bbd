//! What a dialplan means where it says little: defaults, and how things are found.

mod common;

use common::good;
use dialplan::plan::{Srtp, SrtpKeys};
use dialplan::{Number, Phone, Target, TrunkKind};

#[test]
fn of_networks_inside_each_other_the_narrowest_decides() {
    let plan = good(
        "[trunks.carrier]\nfrom = [\"10.0.0.0/8\", \"2001:db8::/32\"]\n\
         [trunks.hospital]\nfrom = [\"10.1.0.0/16\", \"2001:db8:1::/48\"]\narea_code = \"48131\"\n\
         [trunks.pbx]\nfrom = [\"10.1.1.7\"]\n",
    );
    let trunk = |ip: &str| plan.trunk_at(ip.parse().unwrap()).map_or("-", |t| t.id.as_str());
    assert_eq!(trunk("10.2.0.1"), "carrier");
    assert_eq!(trunk("10.1.2.1"), "hospital");
    assert_eq!(trunk("10.1.1.7"), "pbx");
    assert_eq!(trunk("2001:db8:2::1"), "carrier");
    assert_eq!(trunk("2001:db8:1::1"), "hospital");
    assert_eq!(trunk("192.0.2.1"), "-");

    let normal = |trunk: &str, dialled| plan.trunks[trunk].numbering.normalise(dialled);
    assert_eq!(normal("carrier", "27-00-01").unwrap().as_str(), "+74812270001");
    assert_eq!(normal("hospital", "2-70-01").unwrap().as_str(), "+74813127001");
}

#[test]
fn a_clinic_that_says_nothing_rings_all_its_phones_for_a_minute_and_always_forwards() {
    let plan = good(
        "[clinics.second]\ntitle = \"Поликлиника № 2\"\nnumbers = [\"27-00-02\"]\n\
         accounts = [{ user = \"r1\", password = \"a\" }, { user = \"r2\", password = \"b\" }]\n",
    );
    let clinic = &plan.clinics["second"];
    assert_eq!(clinic.ring, [Phone::Registered("r1".into()), Phone::Registered("r2".into())]);
    assert_eq!(clinic.ring_for.as_secs(), 60);
    let on = clinic.forward_on;
    assert!(on.no_answer && on.busy && on.unreachable);
    assert_eq!(clinic.forward_to, Target::Menu("main".into()));
    assert!(!clinic.anchored && clinic.begin_with.is_none() && clinic.contact.is_none());
}

#[test]
fn a_queue_that_says_nothing_uses_the_defaults() {
    let plan = good("");
    let queue = &plan.queues["doctor"];
    assert_eq!((queue.ring_for.as_secs(), queue.wrap_up.as_secs()), (15, 30));
    assert!(queue.head_start.is_zero() && queue.announce_every.is_none());
    assert_eq!(queue.waiting_max, 1000);
    // Without `closed` calls that nobody is there for go where those go that waited too long.
    assert_eq!(queue.closed.to, queue.overflow.to);
    let menu = &plan.menus["main"];
    assert_eq!((menu.wait.as_secs(), menu.repeat), (8, 2));
}

#[test]
fn an_agent_goes_on_duty_by_a_code_unless_the_dialplan_says_otherwise() {
    let plan = good("");
    assert!(!plan.agents["201"].duty_on_register);
    assert_eq!(&*plan.agents["202"].name, "Оператор 202");
    assert_eq!(&*plan.accounts["202"].password, "secret-202");
}

#[test]
fn a_trunk_may_register_with_its_carrier() {
    let plan = good(
        "[trunks.carrier]\nto = [\"sip:carrier.example\"]\ncaller_number = \"8-800-234-35-22\"\n\
         register = { registrar = \"sip:carrier.example\", user = \"u\", password = \"p\" }\n",
    );
    let trunk = &plan.trunks["carrier"];
    assert_eq!(trunk.caller_number.as_ref().map(Number::as_str), Some("+78002343522"));
    match &trunk.kind {
        TrunkKind::Register { user, password, expires, .. } => {
            assert_eq!((&**user, &**password, expires.as_secs()), ("u", "p", 600));
        }
        TrunkKind::Address => panic!("it registers"),
    }
    assert!(!format!("{trunk:?}").contains("\"p\""));
}

#[test]
fn media_is_protected_where_it_says_so() {
    let plan = good("[trunks.plain]\nfrom = [\"192.0.2.1\"]\n");
    assert_eq!(plan.trunks["plain"].media.srtp, Srtp::Off);
    assert_eq!((plan.agent_media.srtp, plan.clinic_media.srtp), (Srtp::Preferred, Srtp::Off));
    assert_eq!(plan.agent_media.keys, SrtpKeys::OverTls);
    let plan = good(
        "[trunks.safe]\nfrom = [\"192.0.2.1\"]\nsrtp = \"required\"\n\
         [agent_defaults]\nsrtp = \"off\"\n",
    );
    assert_eq!(plan.trunks["safe"].media.srtp, Srtp::Required);
    assert_eq!((plan.agent_media.srtp, plan.clinic_media.srtp), (Srtp::Off, Srtp::Off));
}

#[test]
fn a_trunk_that_is_known_by_its_certificate_is_not_known_by_its_address() {
    let plan = good(
        "[trunks.shown]\nfrom = [\"10.0.0.0/8\"]\ncertificate = [\"SIP.Carrier.example\"]\n\
         [trunks.near]\nfrom = [\"10.0.0.0/7\"]\n",
    );
    assert_eq!(*plan.trunks["shown"].certificate, ["sip.carrier.example".into()]);
    let at = plan.trunk_at("10.1.1.1".parse().unwrap()).unwrap();
    assert_eq!(at.id.as_str(), "near");
}
