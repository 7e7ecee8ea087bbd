//! The running line, as the web pages see it.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ambient::{Mono, Now};
use dialplan::{AgentId, Number, QueueId};
use journal::{CallBackId, CallId, CallRecord, CaseId, Closing, Duty};
use recorder::{Recorder, Trouble};
use records::Recent;
use runtime::{Figures, Remote};
use sip::Transport;
use switch::{BanView, Card, Status, Switch, Vouched};
use tokio::sync::Mutex;
use web::{BoxFuture, Ended, Line, Sample, SipSocket, Warning};

/// How old a status may be that is shown again: the switch is asked at most four times a second,
/// however many look.
const FRESH: Duration = Duration::from_millis(250);
/// How long the signalling thread may take to answer before it counts as dead.
const PATIENCE: Duration = Duration::from_secs(2);

/// Asks the switch for its state, and keeps the answer for a moment.
pub(crate) struct LineView {
    pub(crate) remote: Remote<Switch>,
    pub(crate) recent: Recent,
    pub(crate) journal_failing: Arc<AtomicBool>,
    pub(crate) recorder: Recorder,
    pub(crate) hears_for_trial: bool,
    pub(crate) last: Mutex<Option<(Mono, Arc<Status>)>>,
}

impl LineView {
    /// Asks the switch; `None` if it does not answer in time.
    async fn ask<T: Send + 'static>(
        &self,
        look: impl FnOnce(&mut Switch, Now) -> T + Send + 'static,
    ) -> Option<T> {
        tokio::time::timeout(PATIENCE, self.remote.with(look)).await.ok().flatten()
    }
}

impl Line for LineView {
    fn status(&self) -> BoxFuture<'_, Option<Arc<Status>>> {
        Box::pin(async {
            let mut last = self.last.lock().await;
            let now = self.remote.clock().mono();
            if let Some((at, status)) = &*last
                && now.since(*at) < FRESH
            {
                return Some(status.clone());
            }
            let status = self.ask(|switch, now| switch.status(now)).await.map(Arc::new)?;
            *last = Some((now, status.clone()));
            Some(status)
        })
    }

    fn ended(&self) -> Vec<Ended> {
        self.recent.newest().iter().map(ended).collect()
    }

    fn samples(&self) -> Vec<Sample> {
        let trouble = self.recorder.trouble();
        let mut samples = samples(self.remote.figures());
        samples.push(Sample {
            name: "recording_trouble",
            help: "1 while talks are not recorded that should be.",
            value: if trouble.is_some() { 1.0 } else { 0.0 },
        });
        samples
    }

    fn warnings(&self) -> Vec<Warning> {
        let journal = Warning {
            kind: "journal",
            english:
                "The journal cannot be written: new calls are refused, and nothing is promised. \
                      The log says why."
                    .into(),
            russian:
                "Журнал не записывается: новые звонки не принимаются. Причина — в журнале работы."
                    .into(),
        };
        let journal = Some(journal).filter(|_| !self.is_durable());
        journal.into_iter().chain(self.recorder.trouble().map(|why| of_recording(&why))).collect()
    }

    fn hears_for_trial(&self) -> bool {
        self.hears_for_trial
    }

    fn open_sip(&self, remote: SocketAddr, is_secure: bool, who: Vouched) -> Option<SipSocket> {
        let transport = if is_secure { Transport::Wss } else { Transport::Ws };
        let (socket, from_line) = self.remote.open_websocket(transport, remote, who)?;
        Some(SipSocket { to_line: Box::new(move |message| socket.receive(message)), from_line })
    }

    fn change_duty(&self, agent: AgentId, duty: Duty) -> BoxFuture<'_, Option<()>> {
        Box::pin(self.ask(move |switch, now| switch.change_duty(now, agent, duty)))
    }

    fn end_wrap_up(&self, agent: AgentId) -> BoxFuture<'_, Option<()>> {
        Box::pin(self.ask(move |switch, now| switch.end_wrap_up(now, agent)))
    }

    fn take_only(&self, agent: AgentId, queues: Option<Vec<QueueId>>) -> BoxFuture<'_, Option<()>> {
        Box::pin(self.ask(move |switch, now| switch.take_only(now, agent, queues)))
    }

    fn close_queue(&self, queue: QueueId, closing: Option<Closing>) -> BoxFuture<'_, Option<()>> {
        Box::pin(self.ask(move |switch, now| switch.close_queue(now, queue, closing)))
    }

    fn move_waiting(
        &self,
        call: CallId,
        queue: QueueId,
        first: bool,
    ) -> BoxFuture<'_, Option<bool>> {
        Box::pin(self.ask(move |switch, now| switch.move_waiting(now, call, &queue, first)))
    }

    fn card(&self, call: CallId, agent: AgentId) -> BoxFuture<'_, Option<Option<Card>>> {
        Box::pin(self.ask(move |switch, now| switch.card(now, call, &agent)))
    }

    fn bans(&self) -> BoxFuture<'_, Option<Vec<BanView>>> {
        Box::pin(self.ask(|switch, now| switch.bans(now)))
    }

    fn lift_bans(&self, address: IpAddr) -> BoxFuture<'_, Option<usize>> {
        Box::pin(self.ask(move |switch, _| switch.lift_bans(address)))
    }

    fn call_back_about(
        &self,
        case: CaseId,
        caller: Number,
        queue: QueueId,
    ) -> BoxFuture<'_, Option<Option<(CallBackId, bool)>>> {
        Box::pin(self.ask(move |switch, now| switch.call_back_about(now, case, caller, queue)))
    }

    fn withdraw_call_back(&self, id: CallBackId, by: String) -> BoxFuture<'_, Option<bool>> {
        Box::pin(self.ask(move |switch, now| switch.withdraw_call_back(now, id, &by)))
    }

    fn is_durable(&self) -> bool {
        !self.journal_failing.load(Ordering::Relaxed)
    }
}

fn of_recording(trouble: &Trouble) -> Warning {
    let (english, russian) = match trouble {
        Trouble::Full => ("the disk is full".to_owned(), "на диске нет места".to_owned()),
        Trouble::Slow => ("the disk is too slow".into(), "диск не успевает".into()),
        Trouble::Disk(why) => (format!("the disk fails ({why})"), format!("сбой диска ({why})")),
        Trouble::Keys(why) => {
            (format!("the keys cannot be used ({why})"), format!("ключи недоступны ({why})"))
        }
    };
    Warning {
        kind: "recording",
        english: format!("Talks are not recorded as they should be: {english}. Calls go on."),
        russian: format!("Разговоры записываются не полностью: {russian}. Звонки идут."),
    }
}

fn ended(record: &CallRecord) -> Ended {
    let first = record.steps.first().map_or(0, |step| step.at);
    let last = record.steps.last().map_or(first, |step| step.at);
    Ended {
        call: record.call.to_string(),
        at: last,
        caller: record.caller.as_ref().map(Number::masked).unwrap_or_default(),
        dialled: record.dialled.to_string(),
        outcome: record.outcome,
        agent: record.agent.as_ref().map(ToString::to_string),
        seconds: u64::try_from(last.saturating_sub(first)).unwrap_or(0) / 1000,
    }
}

#[allow(clippy::cast_precision_loss)] // counts stay far below 2^53
fn samples(figures: &Figures) -> Vec<Sample> {
    let count = |name, help, value: u64| Sample { name, help, value: value as f64 };
    let seconds = |name, help, nanos: u64| Sample { name, help, value: nanos as f64 / 1e9 };
    let f = figures;
    vec![
        count("udp_datagrams_in_total", "SIP datagrams received.", f.datagrams_in.get()),
        count("udp_datagrams_out_total", "SIP datagrams sent.", f.datagrams_out.get()),
        count("connections", "TCP and TLS connections.", f.connections.get()),
        count(
            "flows_failed_total",
            "SIP packets that could not be delivered, and connections that ended.",
            f.flows_failed.get(),
        ),
        count("dns_queries_total", "Questions to DNS.", f.dns_queries.get()),
        count("dns_refused_total", "Questions to DNS beyond the ceiling.", f.dns_refused.get()),
        seconds(
            "signalling_slowest_input_seconds",
            "The longest time that the signalling thread took for one input.",
            f.slowest_input_nanos.get(),
        ),
        count("media_packets_in_total", "RTP and RTCP packets received.", f.media_in.get()),
        count("media_packets_out_total", "RTP and RTCP packets sent.", f.media_out.get()),
        count(
            "media_packets_unsent_total",
            "RTP and RTCP packets that the kernel did not take.",
            f.media_unsent.get(),
        ),
        count("media_streams", "Streams that hold ports.", f.media_streams.get()),
        count(
            "media_refused_total",
            "Streams for which no ports were left.",
            f.media_refused.get(),
        ),
        seconds(
            "media_latest_wakeup_seconds",
            "The longest delay with which a media thread was woken.",
            f.media_latest_nanos.get(),
        ),
    ]
}
