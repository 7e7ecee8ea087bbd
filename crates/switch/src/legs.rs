//! Legs: one INVITE usage each (RFC 3261 §12–15), with offer and answer, reliable provisionals,
//! session timers, hold and REFER.
