//! The words of the journal: what happened to calls, as it is kept and told.
//!
//! Only types; the crate `records` keeps them on disk.

mod agent;
mod binding;
mod call;
mod call_back;
mod entry;
mod identity;
mod leg;
mod outside;
mod quality;
mod queue;
mod recording;
mod request;
mod restored;

pub use agent::{AgentState, Duty};
pub use binding::SavedBinding;
pub use call::{CallRecord, HangupBy, Origin, Outcome, Step, StepKind, Watching};
pub use call_back::{CallBack, CallBackEnd, CallBackId, CallBackReason, CallBackTry, TryOutcome};
pub use dialplan::ForwardCause;
pub use entry::{Arrived, Entry, Sequence};
pub use identity::{CallId, CaseId};
pub use leg::{KeptLeg, SavedDialog, SavedFlow, SavedLeg, Side, Who};
pub use outside::{Charged, OutsideCount};
pub use quality::{Direction, Heard, Quality};
pub use queue::{Closing, QueueState};
pub use recording::{RecordedOf, RecordedPart, Recording, RecordingState};
pub use request::LeftRequest;
pub use restored::{LiveCall, OpenCallBack, Restored};

#[cfg(test)]
mod tests {
    use ambient::{Entropy, Wall};
    use dialplan::Key;

    use super::*;

    #[test]
    fn entries_are_written_as_people_read_them() {
        let call =
            CallId::new(Wall::from_unix_millis(1_795_316_000_000), &mut Entropy::from_number(1));
        let json = serde_json::to_string(&call).unwrap();
        assert_eq!(json, format!("\"{call}\""));
        assert_eq!(serde_json::from_str::<CallId>(&json).unwrap(), call);

        let step = StepKind::Key(Key::new('#').unwrap());
        assert_eq!(serde_json::to_string(&step).unwrap(), r##"{"key":"#"}"##);
        assert!(serde_json::from_str::<StepKind>(r#"{"key":"Q"}"#).is_err());
    }
}
