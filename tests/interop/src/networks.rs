//! A test that changes networks has a machine's worth of them for itself.

use std::net::Ipv4Addr;
use std::process::Command;

/// Set in the test that runs inside.
const INSIDE: &str = "LINE122_OWN_NETWORKS";

/// The networks of one test: loopback, and those that it joins and leaves.
#[derive(Debug)]
pub struct Networks(());

/// A network that is joined, as Wi-Fi is, or a mobile network.
#[derive(Debug)]
pub struct Joined(&'static str);

/// Runs a test where it may change networks: once more as a process of its own, with no network but its own.
/// `name` is the test's whole name.
///
/// # Panics
/// If the test fails there, or the system gives no networks: root may make them, or whoever may make user namespaces.
#[track_caller]
pub fn alone(name: &str, test: impl FnOnce(&Networks)) {
    if std::env::var_os(INSIDE).is_some() {
        ip(&["link", "set", "lo", "up"]);
        return test(&Networks(()));
    }
    let program = std::env::current_exe().expect("the test has a file");
    let mut command = Command::new("unshare");
    // Root of the new networks, and nobody outside.
    command.args(["--net", "--user", "--map-root-user", "--kill-child", "--fork", "--"]);
    command.arg(program).args(["--exact", name, "--nocapture"]).env(INSIDE, "1");
    let status = command.status().expect("unshare (util-linux) can be started");
    assert!(status.success(), "{name} in networks of its own: {status}");
}

impl Networks {
    /// Joins the network of this number.
    #[must_use]
    #[track_caller]
    pub fn join(&self, name: &'static str, number: u8) -> Joined {
        let there = format!("{name}-there");
        let address = format!("{}/24", Ipv4Addr::new(10, 122, number, 2));
        ip(&["link", "add", name, "type", "veth", "peer", "name", &there]);
        ip(&["address", "add", &address, "dev", name]);
        ip(&["link", "set", &there, "up"]);
        ip(&["link", "set", name, "up"]);
        let gateway = Ipv4Addr::new(10, 122, number, 1).to_string();
        ip(&["route", "add", "default", "via", &gateway, "dev", name]);
        Joined(name)
    }
}

impl Joined {
    /// It is gone, with all that came and went by it.
    #[track_caller]
    pub fn leave(self) {
        ip(&["link", "delete", self.0]);
    }
}

#[track_caller]
fn ip(arguments: &[&str]) {
    let done = Command::new("ip").args(arguments).output().expect("ip (iproute2) can be started");
    let why = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "ip {}: {why}", arguments.join(" "));
}
