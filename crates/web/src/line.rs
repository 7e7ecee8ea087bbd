use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;

use dialplan::{Number, QueueId};
use journal::{CallBackId, CaseId};
use serde::Serialize;
use switch::{BanView, Status};

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
    /// What people must know: it does not work as it should, and calls go on.
    fn warnings(&self) -> Vec<Warning> {
        Vec::new()
    }
    /// Whether new calls can be kept and promised: false while the journal cannot be written.
    fn is_durable(&self) -> bool;
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
