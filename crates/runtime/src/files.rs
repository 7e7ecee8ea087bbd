//! Open files: each stream holds two sockets, each connection one.

use std::fs::File;

use rustix::process::{Resource, getrlimit, setrlimit};

/// Lets this process open as many files as the system allows: the usual limit of 1024 is kept low
/// only for programs that use `select`.
pub(crate) fn raise_limit() {
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current == limit.maximum {
        return;
    }
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!(%error, "the limit of open files stays as it is");
    }
}

/// A file held open for nothing, so that with every other one in use a connection can still be
/// accepted, and closed: left waiting, it would wake the thread for ever.
#[derive(Debug)]
pub(crate) struct Spare(Option<File>);

impl Spare {
    pub(crate) fn new() -> Spare {
        Spare(File::open("/dev/null").ok())
    }

    /// Does something that needs one file, with the spare one, and takes it back.
    pub(crate) fn lend(&mut self, use_it: impl FnOnce()) {
        self.0 = None;
        use_it();
        *self = Spare::new();
    }
}
