use std::fmt;
use std::str::FromStr;

use dialplan::{AgentId, MenuId, QueueId};
use serde::{Deserialize, Serialize};

use crate::CallId;

/// A part of a call that is recorded: one talk, from its beginning to its end, or what the caller says to
/// the robot. A call that goes back to a queue, or on after a restart of the program, has a further part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedPart {
    /// The call.
    pub call: CallId,
    /// Counts the parts of a call, from 1.
    pub part: u32,
    /// When it began, in milliseconds since the Unix epoch.
    pub at: i64,
    /// What of the call it is.
    #[serde(flatten)]
    pub of: RecordedOf,
    /// When it is to be erased, in milliseconds since the Unix epoch.
    pub keep_until: i64,
}

/// What of a call is recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum RecordedOf {
    /// A talk.
    Talk {
        /// The queue whose rule says that it is recorded.
        queue: QueueId,
        /// The agent with whom it began.
        agent: AgentId,
    },
    /// What the caller says to the robot.
    Robot {
        /// The menu with which it began.
        menu: MenuId,
    },
}

impl fmt::Display for RecordedOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RecordedOf::Talk { queue, agent } => write!(f, "{queue}  {agent}"),
            RecordedOf::Robot { menu } => write!(f, "menu:{menu}"),
        }
    }
}

/// What is kept of a recorded part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    /// Whose talk it is.
    pub about: RecordedPart,
    /// How it is.
    pub state: RecordingState,
    /// How long it is, in milliseconds.
    pub lasts: u64,
    /// Octets of its file.
    pub size: u64,
}

/// How a recording is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RecordingState {
    /// It is being written.
    Running,
    /// It is whole, to the end of the talk.
    Whole,
    /// To the end of the talk, with silence where the disk was too slow.
    Gaps,
    /// It ends before the talk: the disk took no more, or the program died.
    Cut,
}

impl fmt::Display for RecordingState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            RecordingState::Running => "running",
            RecordingState::Whole => "whole",
            RecordingState::Gaps => "gaps",
            RecordingState::Cut => "cut",
        })
    }
}

impl FromStr for RecordingState {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<RecordingState, &'static str> {
        match text {
            "running" => Ok(RecordingState::Running),
            "whole" => Ok(RecordingState::Whole),
            "gaps" => Ok(RecordingState::Gaps),
            "cut" => Ok(RecordingState::Cut),
            _ => Err("running, whole, gaps or cut"),
        }
    }
}
