//! The flows of a line, with the real program and real phones.
#![allow(clippy::disallowed_methods, reason = "drives programs in real time, decides no call")]

mod api;
mod clinic_lines;
mod desks;
mod dtls;
mod guard;
mod hostile_media;
mod hostile_scans;
mod hostile_streams;
mod ipv6;
mod keys;
mod kill;
mod long_waits;
mod mutual_tls;
mod overload;
mod pages;
mod passing;
mod phones;
mod queue;
mod recordings;
mod registration;
mod replan;
mod restart;
mod robot;
mod siege;
mod srtp;
mod talk;
mod tls;
mod transfer;
mod trunks;
mod words;
