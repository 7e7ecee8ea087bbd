//! The non-INVITE client transaction: RFC 3261 §17.1.2.

mod bench;

use bench::{Bench, Sent, from_us, response, tcp, udp};
use sip::{Flow, Method, NextHop};

fn asking(flow: &Flow) -> (Bench, Sent) {
    let mut bench = Bench::new();
    bench.request(from_us(Method::Options), NextHop::Flow(flow.clone()));
    let sent = bench.sent_one();
    (bench, sent)
}

#[test]
fn timers_e_and_f_the_request_is_sent_again_until_64_t1() {
    let (mut bench, _) = asking(&udp());
    bench.run_for(31_999);
    assert_eq!(
        bench.sent_at(),
        [500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]
    );
    bench.run_for(1);
    assert_eq!(bench.told(), ["Timeout", "client done"]);
    assert!(bench.is_idle());
}

#[test]
fn in_proceeding_it_is_sent_again_every_t2_and_timer_f_still_runs() {
    let (mut bench, options) = asking(&udp());
    bench.receive(&udp(), &response(&options.message, 100));
    bench.run_for(31_999);
    assert_eq!(
        bench.sent_at(),
        [500, 4500, 8500, 12_500, 16_500, 20_500, 24_500, 28_500],
        "the timer that ran was set in Trying"
    );
    bench.receive(&udp(), &response(&options.message, 182));
    bench.run_for(1);
    assert_eq!(bench.told(), ["100", "182", "Timeout", "client done"]);
    assert!(bench.is_idle());
}

#[test]
fn timer_k_a_final_response_is_told_once() {
    for (status, provisional) in [(200, false), (404, true)] {
        let (mut bench, options) = asking(&udp());
        if provisional {
            bench.receive(&udp(), &response(&options.message, 100));
            bench.told();
        }
        bench.receive(&udp(), &response(&options.message, status));
        bench.receive(&udp(), &response(&options.message, status));
        bench.receive(&udp(), &response(&options.message, 100));
        bench.fail(&options.flow);
        assert_eq!(bench.told(), [status.to_string()]);
        bench.run_for(4999);
        assert!(bench.sent().is_empty() && bench.told().is_empty());
        bench.run_for(1);
        assert_eq!(bench.told(), ["client done"]);
        assert!(bench.is_idle());
    }
}

#[test]
fn over_tcp_nothing_is_sent_again_and_the_answer_ends_it() {
    let (mut bench, options) = asking(&tcp());
    bench.run_for(10_000);
    assert!(bench.sent().is_empty());
    bench.receive(&tcp(), &response(&options.message, 200));
    assert_eq!(bench.told(), ["200", "client done"]);
    assert!(bench.is_idle());
}

#[test]
fn section_17_1_4_transport_errors() {
    let (mut bench, options) = asking(&udp());
    bench.fail(&options.flow);
    assert_eq!(bench.told(), ["Transport", "client done"]);
    assert!(bench.is_idle());

    let (mut bench, options) = asking(&tcp());
    bench.receive(&tcp(), &response(&options.message, 100));
    bench.fail(&tcp());
    assert_eq!(bench.told(), ["100"], "it has arrived: Timer F decides");
    bench.run_for(32_000);
    assert_eq!(bench.told(), ["Timeout", "client done"]);
}
