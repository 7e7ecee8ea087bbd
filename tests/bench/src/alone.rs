//! A network of our own: no other traffic, and every port is free.

use std::error::Error;
use std::os::unix::process::CommandExt;
use std::process::Command;

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// Set for the program that runs in the network of its own.
const MARK: &str = "LINE122_BENCH_ALONE";

/// Sockets and files that a server may have open: two sockets for each stream of 11 000 calls, and
/// some.
const FILES: u64 = 65_536;

/// Lets the programs that are started have many sockets open, where this user may raise the limit:
/// root only before it enters a namespace.
pub(crate) fn allow_files() {
    let raised = getrlimit(Resource::RLIMIT_NOFILE)
        .and_then(|(_, hard)| setrlimit(Resource::RLIMIT_NOFILE, FILES.max(hard), FILES.max(hard)));
    if raised.is_err() && std::env::var_os(MARK).is_none() {
        println!("the limit of open files cannot be raised: the largest loads may be refused");
    }
}

/// Starts this program again in a network namespace where only loopback is.
///
/// Where the system refuses namespaces, it goes on in the machine's network and says so.
///
/// # Errors
/// If loopback cannot be switched on.
pub(crate) fn enter() -> Result<(), Box<dyn Error>> {
    if std::env::var_os(MARK).is_some() {
        let done = Command::new("ip").args(["link", "set", "lo", "up"]).status()?;
        return if done.success() { Ok(()) } else { Err("loopback stays down".into()) };
    }
    // For all but root a namespace of users gives the right to one of networks.
    let unshare = ["--net", "--map-root-user"];
    if Command::new("unshare").args(unshare).arg("true").status().is_ok_and(|done| done.success()) {
        let mut again = Command::new("unshare");
        again.args(unshare).arg(std::env::current_exe()?).args(std::env::args_os().skip(1));
        return Err(again.env(MARK, "1").exec().into());
    }
    println!("no network namespace here: other traffic on loopback may disturb");
    Ok(())
}
