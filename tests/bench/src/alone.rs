//! A network of our own: no other traffic, and every port is free.

use std::error::Error;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// Set for the program that runs in the network of its own.
const MARK: &str = "LINE122_BENCH_ALONE";

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
