use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use dialplan::{AgentId, Number, QueueId};
use journal::{CallBackId, CallId, CaseId, Closing, Duty};
use serde::Serialize;
use switch::{BanView, Card, Status, Vouched};
use tokio::sync::mpsc;

/// A future of a trait's method.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The running line, as far as pages need it.
pub trait Line: Send + Sync + 'static {
    /// The state now, or as it was a moment ago; `None` if the line does not answer any more.
    fn status(&self) -> BoxFuture<'_, Option<Arc<Status>>>;
    /// The calls that ended last, newest first.
    fn ended(&self) -> Vec<Ended>;
    /// Figures of the drivers.
    fn samples(&self) -> Vec<Sample>;
    /// Sources that are banned now; `None` if the line does not answer any more.
    fn bans(&self) -> BoxFuture<'_, Option<Vec<BanView>>>;
    /// Lifts the bans of an address; says how many there were.
    fn lift_bans(&self, address: IpAddr) -> BoxFuture<'_, Option<usize>>;
    /// Has a citizen called back about a case, see [`switch::Switch::call_back_about`]; the outer
    /// `None` if the line does not answer any more.
    fn call_back_about(
        &self,
        case: CaseId,
        caller: Number,
        queue: QueueId,
    ) -> BoxFuture<'_, Option<Option<(CallBackId, bool)>>>;
    /// Closes a call-back by hand; says whether it was open.
    fn withdraw_call_back(&self, id: CallBackId, by: String) -> BoxFuture<'_, Option<bool>>;
    /// A browser speaks SIP over WebSocket (RFC 7118); `None` if there is no room.
    fn open_sip(&self, _: SocketAddr, _is_secure: bool, _who: Vouched) -> Option<SipSocket> {
        None
    }
    /// An agent says at the desk whether at work; `None` if the line does not answer any more, as of one that is
    /// only shown.
    fn change_duty(&self, _: AgentId, _: Duty) -> BoxFuture<'_, Option<()>> {
        gone()
    }
    /// An agent has done the paperwork; `None` as above.
    fn end_wrap_up(&self, _: AgentId) -> BoxFuture<'_, Option<()>> {
        gone()
    }
    /// Which queues an agent takes from now on, see [`switch::Switch::take_only`]; `None` as above.
    fn take_only(&self, _: AgentId, _queues: Option<Vec<QueueId>>) -> BoxFuture<'_, Option<()>> {
        gone()
    }
    /// Closes a queue, or opens it again, see [`switch::Switch::close_queue`]; `None` as above.
    fn close_queue(&self, _: QueueId, _: Option<Closing>) -> BoxFuture<'_, Option<()>> {
        gone()
    }
    /// Leads a caller who waits elsewhere, see [`switch::Switch::move_waiting`]; the outer `None` as above.
    fn move_waiting(&self, _: CallId, _: QueueId, _first: bool) -> BoxFuture<'_, Option<bool>> {
        gone()
    }
    /// What the desk of an agent shows of a call, see [`switch::Switch::card`]; the outer `None` as above.
    fn card(&self, _: CallId, _: AgentId) -> BoxFuture<'_, Option<Option<Card>>> {
        gone()
    }
    /// What people must know: it does not work as it should, and calls go on.
    fn warnings(&self) -> Vec<Warning> {
        Vec::new()
    }
    /// Whether callers are heard by a model that must not decide about real ones: pages say so.
    fn hears_for_trial(&self) -> bool {
        false
    }
    /// Whether new calls can be kept and promised: false while the journal cannot be written.
    fn is_durable(&self) -> bool;
}

/// The answer of a line that does not answer any more.
fn gone<T: Send + 'static>() -> BoxFuture<'static, Option<T>> {
    Box::pin(async { None })
}

/// A browser's way to the line and back.
pub struct SipSocket {
    /// Takes a message of the browser; `false` if there is too much to do, and the connection must be closed.
    pub to_line: Box<dyn Fn(Bytes) -> bool + Send>,
    /// What the browser is to be sent; its end is the end of the connection.
    pub from_line: mpsc::Receiver<Bytes>,
}

/// A call that ended.
#[derive(Clone, Debug, Serialize)]
pub struct Ended {
    /// The call.
    pub call: String,
    /// When it ended, in milliseconds since the Unix epoch.
    pub at: i64,
    /// The caller's number, masked.
    pub caller: String,
    /// The dialled number.
    pub dialled: String,
    /// How it ended.
    pub outcome: journal::Outcome,
    /// The agent who talked.
    pub agent: Option<String>,
    /// From the first step to the last, in seconds.
    pub seconds: u64,
}

/// Something that does not work as it should.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// One word: `journal`, `recording`.
    pub kind: &'static str,
    /// In English.
    #[serde(rename = "en")]
    pub english: String,
    /// In Russian.
    #[serde(rename = "ru")]
    pub russian: String,
}

/// A figure with its meaning, as `/metrics` tells it.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// The name, without `line122_`. A name that ends in `_total` only grows.
    pub name: &'static str,
    /// What it means.
    pub help: &'static str,
    /// Its value.
    pub value: f64,
}
