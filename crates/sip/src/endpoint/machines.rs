//! The four transaction machines of RFC 3261 §17 as RFC 6026 corrected them: what each state does
//! with each input, as tables without data. `client.rs` and `server.rs` carry out what they say.

use super::timers::Timer::{self, A, B, D, E, F, G, H, I, J, K, L, M, Trying, Unanswered};

/// What a table says: the next state (`None`: terminated) and what is to be done, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step<S> {
    pub(super) next: Option<S>,
    pub(super) actions: &'static [Do],
}

/// What a machine may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Do {
    /// Start a timer (anew).
    Start(Timer),
    /// Stop a timer.
    Stop(Timer),
    /// Client: give the response to the user.
    Deliver,
    /// Client: acknowledge the refusal.
    Ack,
    /// Client: send the request again. Server: send the last response again, if there is one.
    Resend,
    /// Client: tell the user that no final response came in time.
    TimedOut,
    /// Client: tell the user that the request could not be sent.
    Undeliverable,
    /// Server: send this response and keep it for retransmissions.
    Send,
    /// Server: give the ACK to the user.
    DeliverAck,
    /// Server: the final response was not acknowledged, or not wanted any more.
    Unacknowledged,
}

const fn to<S>(next: S, actions: &'static [Do]) -> Step<S> {
    Step { next: Some(next), actions }
}

const fn end<S>(actions: &'static [Do]) -> Step<S> {
    Step { next: None, actions }
}

/// States of the INVITE client transaction (RFC 3261 §17.1.1.2, RFC 6026 §8.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum InviteClient {
    Calling,
    Proceeding,
    Accepted,
    Completed,
}

/// States of the non-INVITE client transaction (RFC 3261 §17.1.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PlainClient {
    Trying,
    Proceeding,
    Completed,
}

/// What happens to a client transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ClientInput {
    /// 1xx.
    Provisional,
    /// 2xx.
    Success,
    /// 3xx to 6xx.
    Refusal,
    /// Timer A or E: time to send again.
    Retransmit,
    /// Timer B or F: no answer.
    GiveUp,
    /// Timer D, K or M: no more retransmissions of the final response are expected.
    Expire,
    /// The transport could not deliver.
    TransportError,
}

/// States of the INVITE server transaction (RFC 3261 §17.2.1, RFC 6026 §8.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum InviteServer {
    Proceeding,
    Accepted,
    Completed,
    Confirmed,
}

/// States of the non-INVITE server transaction (RFC 3261 §17.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PlainServer {
    Trying,
    Proceeding,
    Completed,
}

/// What happens to a server transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ServerInput {
    /// The request came again.
    Request,
    /// An ACK that matches.
    Ack,
    /// The user answers 1xx.
    Provisional,
    /// The user answers 2xx.
    Success,
    /// The user answers 3xx to 6xx.
    Refusal,
    /// Timer Trying: the user has sent nothing for 200 ms; the driver of the table makes the 100.
    Silence,
    /// Timer G: time to send the refusal again.
    Retransmit,
    /// Timer H (no ACK), or no answer of the user to a non-INVITE request.
    GiveUp,
    /// Timer I, J or L: no more retransmissions are expected.
    Expire,
}

/// RFC 3261 figure 5, RFC 6026 figure 3.
pub(super) fn invite_client(state: InviteClient, input: ClientInput) -> Step<InviteClient> {
    use ClientInput as In;
    use InviteClient::{Accepted, Calling, Completed, Proceeding};
    match (state, input) {
        // §17.1.1.2: the response to the first request stops the retransmissions.
        (Calling, In::Provisional) => to(Proceeding, &[Do::Stop(A), Do::Stop(B), Do::Deliver]),
        (Calling, In::Success) => {
            to(Accepted, &[Do::Stop(A), Do::Stop(B), Do::Start(M), Do::Deliver])
        }
        (Calling, In::Refusal) => {
            to(Completed, &[Do::Stop(A), Do::Stop(B), Do::Ack, Do::Deliver, Do::Start(D)])
        }
        (Calling, In::Retransmit) => to(Calling, &[Do::Resend, Do::Start(A)]),
        (Calling | Proceeding, In::GiveUp) => end(&[Do::TimedOut]),
        (Calling, In::TransportError) => end(&[Do::Undeliverable]), // §17.1.4
        (Proceeding, In::Provisional) => to(Proceeding, &[Do::Deliver]),
        // After a CANCEL Timer B runs again (§9.1).
        (Proceeding, In::Success) => to(Accepted, &[Do::Stop(B), Do::Start(M), Do::Deliver]),
        (Proceeding, In::Refusal) => {
            to(Completed, &[Do::Stop(B), Do::Ack, Do::Deliver, Do::Start(D)])
        }
        // The request has arrived: its answer may come over another connection (§18.2.2).
        (Proceeding, In::TransportError) => to(Proceeding, &[]),
        // RFC 6026 §8.4: every 2xx goes to the user, nothing else does.
        (Accepted, In::Success) => to(Accepted, &[Do::Deliver]),
        (Accepted, In::Provisional | In::Refusal | In::TransportError) => to(Accepted, &[]),
        (Accepted | Completed, In::Expire) => end(&[]),
        // §17.1.1.2: the ACK was lost; send it again, but do not tell the user twice.
        (Completed, In::Refusal) => to(Completed, &[Do::Ack]),
        (Completed, In::Provisional | In::Success) => to(Completed, &[]),
        // The user has its answer already; only the ACK was lost.
        (Completed, In::TransportError) => end(&[]),
        // These timers do not run in these states.
        (Calling | Proceeding, In::Expire) => to(state, &[]),
        (Proceeding | Accepted | Completed, In::Retransmit) => to(state, &[]),
        (Accepted | Completed, In::GiveUp) => to(state, &[]),
    }
}

/// RFC 3261 figure 6.
pub(super) fn plain_client(state: PlainClient, input: ClientInput) -> Step<PlainClient> {
    use ClientInput as In;
    use PlainClient::{Completed, Proceeding, Trying};
    match (state, input) {
        (Trying | Proceeding, In::Provisional) => to(Proceeding, &[Do::Deliver]),
        (Trying | Proceeding, In::Success | In::Refusal) => {
            to(Completed, &[Do::Stop(E), Do::Stop(F), Do::Deliver, Do::Start(K)])
        }
        (Trying | Proceeding, In::Retransmit) => to(state, &[Do::Resend, Do::Start(E)]),
        (Trying | Proceeding, In::GiveUp) => end(&[Do::TimedOut]),
        (Trying, In::TransportError) => end(&[Do::Undeliverable]),
        // The request has arrived: its answer may come over another connection (§18.2.2).
        (Proceeding, In::TransportError) => to(Proceeding, &[]),
        (Completed, In::Expire) => end(&[]),
        // §17.1.2.2: retransmissions of the response are absorbed.
        (Completed, In::Provisional | In::Success | In::Refusal | In::TransportError) => {
            to(Completed, &[])
        }
        // These timers do not run in these states.
        (Trying | Proceeding, In::Expire) => to(state, &[]),
        (Completed, In::Retransmit | In::GiveUp) => to(Completed, &[]),
    }
}

/// RFC 3261 figure 7, RFC 6026 figure 5.
pub(super) fn invite_server(state: InviteServer, input: ServerInput) -> Step<InviteServer> {
    use InviteServer::{Accepted, Completed, Confirmed, Proceeding};
    use ServerInput as In;
    match (state, input) {
        (Proceeding, In::Request) => to(Proceeding, &[Do::Resend]),
        (Proceeding, In::Provisional | In::Silence) => {
            to(Proceeding, &[Do::Stop(Trying), Do::Send])
        }
        (Proceeding, In::Success) => to(Accepted, &[Do::Stop(Trying), Do::Send, Do::Start(L)]),
        (Proceeding, In::Refusal) => {
            to(Completed, &[Do::Stop(Trying), Do::Send, Do::Start(G), Do::Start(H)])
        }
        (Proceeding, In::Ack) => to(Proceeding, &[]), // nothing to acknowledge yet
        // RFC 6026 §8.5: retransmitted INVITEs are absorbed, the user retransmits its 2xx.
        (Accepted, In::Request) => to(Accepted, &[]),
        (Accepted, In::Success) => to(Accepted, &[Do::Send]),
        (Accepted, In::Ack) => to(Accepted, &[Do::DeliverAck]),
        (Accepted, In::Provisional | In::Refusal) => to(Accepted, &[]),
        (Completed, In::Request) => to(Completed, &[Do::Resend]),
        (Completed, In::Retransmit) => to(Completed, &[Do::Resend, Do::Start(G)]),
        (Completed, In::Ack) => to(Confirmed, &[Do::Stop(G), Do::Stop(H), Do::Start(I)]),
        (Completed, In::GiveUp) => end(&[Do::Unacknowledged]),
        // §17.2.1: any other final response passed by the user is discarded.
        (Completed | Confirmed, In::Provisional | In::Success | In::Refusal) => to(state, &[]),
        (Confirmed, In::Request | In::Ack) => to(Confirmed, &[]),
        (Accepted | Confirmed, In::Expire) => end(&[]),
        // These timers do not run in these states.
        (Accepted | Completed | Confirmed, In::Silence) => to(state, &[]),
        (Proceeding | Accepted | Confirmed, In::Retransmit | In::GiveUp) => to(state, &[]),
        (Proceeding | Completed, In::Expire) => to(state, &[]),
    }
}

/// RFC 3261 figure 8.
pub(super) fn plain_server(state: PlainServer, input: ServerInput) -> Step<PlainServer> {
    use PlainServer::{Completed, Proceeding, Trying};
    use ServerInput as In;
    match (state, input) {
        (Trying, In::Request) => to(Trying, &[]),
        (Proceeding | Completed, In::Request) => to(state, &[Do::Resend]),
        (Trying | Proceeding, In::Provisional) => to(Proceeding, &[Do::Send]),
        (Trying | Proceeding, In::Success | In::Refusal) => {
            to(Completed, &[Do::Stop(Unanswered), Do::Send, Do::Start(J)])
        }
        // The client has given up by Timer F, so an answer would come too late (RFC 4320 §4.2).
        (Trying | Proceeding, In::GiveUp) => end(&[Do::Unacknowledged]),
        (Completed, In::Provisional | In::Success | In::Refusal) => to(Completed, &[]),
        (Completed, In::Expire) => end(&[]),
        // An ACK never belongs to a request other than INVITE.
        (Trying | Proceeding | Completed, In::Ack) => to(state, &[]),
        // These timers do not run in these states.
        (Trying | Proceeding | Completed, In::Silence | In::Retransmit) => to(state, &[]),
        (Trying | Proceeding, In::Expire) => to(state, &[]),
        (Completed, In::GiveUp) => to(state, &[]),
    }
}
