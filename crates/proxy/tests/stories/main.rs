//! What callers, clinics, phones and carriers live through, under virtual time.

mod clinic_line;
mod dialogs;
mod harness;
mod loops;
mod lossy;
mod origins;
mod registrar;
mod replan;
mod routing;
mod strangers;
mod trunks;
