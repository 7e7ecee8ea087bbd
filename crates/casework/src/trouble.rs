use cases::Refusal;
use records::DatabaseError;

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// There is no such case, or it is not for who asks.
    #[error("there is no such case")]
    Unknown,
    /// It may not happen to the case as it is.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The dialplan has no such thing.
    #[error("the dialplan has no such {0}")]
    NoSuch(&'static str),
    /// No telephone number.
    #[error("this is no telephone number")]
    Number,
    /// The mark of a request was given to another one before.
    #[error("this Idempotency-Key was used for another request")]
    MarkUsed,
    /// The database does not take it, or cannot be read.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The program ends.
    #[error("the line is about to end")]
    Ending,
}
