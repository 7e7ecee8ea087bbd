use crate::{
    AgentState, Arrived, CallBack, CallBackTry, OutsideCount, QueueState, SavedBinding, SavedLeg,
    Step,
};

/// What the journal says about the moment at which the program ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Restored {
    /// The calls that have no record, by their arrival.
    pub calls: Vec<LiveCall>,
    /// The agents, in the order of their accounts.
    pub agents: Vec<AgentState>,
    /// The queues that somebody has closed, in the order of their names.
    pub queues: Vec<QueueState>,
    /// The accounts with their contacts, in the order of the accounts.
    pub bindings: Vec<(String, Vec<SavedBinding>)>,
    /// The call-backs that are not closed, in the order of their opening.
    pub call_backs: Vec<OpenCallBack>,
    /// The last count of the calls outside of each for whom some began, whatever its day.
    pub outside: Vec<OutsideCount>,
}

/// A call that has no record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveCall {
    /// Its beginning.
    pub arrived: Arrived,
    /// What happened since.
    pub steps: Vec<Step>,
    /// The dialog of who called, if it was answered.
    pub near: Option<SavedLeg>,
    /// The dialog of who talked with the near side.
    pub far: Option<SavedLeg>,
}

/// A call-back that is not closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenCallBack {
    /// What it is.
    pub call_back: CallBack,
    /// How often it was tried.
    pub tries: u32,
    /// The last try.
    pub last: Option<CallBackTry>,
}
