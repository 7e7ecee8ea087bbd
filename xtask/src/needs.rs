//! The programs beside which tests and benchmarks start the real system.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::Failure;

/// A program and the Debian package that has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Need {
    program: &'static str,
    package: &'static str,
}

/// Plays carriers, clinics and crowds of callers.
pub(crate) const SIPP: Need = Need { program: "sipp", package: "sip-tester" };
/// A real phone.
pub(crate) const BARESIP: Need = Need { program: "baresip", package: "baresip-core" };
/// The far end of a DTLS handshake.
pub(crate) const OPENSSL: Need = Need { program: "openssl", package: "openssl" };
/// The certificate authority of tests.
pub(crate) const PEBBLE: Need = Need { program: "pebble", package: "pebble" };
/// A server for the journal.
pub(crate) const POSTGRESQL: Need = Need { program: "initdb", package: "postgresql" };
/// A registrar and proxy to be compared with.
pub(crate) const KAMAILIO: Need = Need { program: "kamailio", package: "kamailio" };
/// The browser of citizens and agents; the variable `CHROMIUM` names another one.
pub(crate) const CHROMIUM: Need = Need { program: "chromium", package: "chromium" };
/// A relay for browsers behind firewalls.
pub(crate) const COTURN: Need = Need { program: "turnserver", package: "coturn" };
/// Networks for tests that change them.
pub(crate) const IPROUTE: Need = Need { program: "ip", package: "iproute2" };
/// A media relay to be compared with.
pub(crate) const RTPENGINE: Need = Need { program: "rtpengine", package: "rtpengine-daemon" };

/// Installs what is missing, where this user may; gives what is missing still.
///
/// # Errors
/// If apt fails.
pub(crate) fn provide(needs: &[Need]) -> Result<Vec<Need>, Failure> {
    let missing = missing(needs);
    if missing.is_empty() || !is_root() || !is_debian() {
        return Ok(missing);
    }
    let packages: Vec<_> = missing.iter().map(|need| need.package).collect();
    println!("installing {}", packages.join(" "));
    apt(&["update"])?;
    apt(&[&["install", "--yes", "--no-install-recommends"], packages.as_slice()].concat())?;
    Ok(self::missing(needs))
}

/// Installs what makes a client in Python of the API's description, in the target folder.
///
/// # Errors
/// If it cannot be installed.
pub(crate) fn provide_client_generator() -> Result<(), Failure> {
    provide_python("api-client", "openapi-python-client", "0.29.1")
}

/// Installs a provider of OpenID Connect for tests, in the target folder.
///
/// # Errors
/// If it cannot be installed.
pub(crate) fn provide_openid() -> Result<(), Failure> {
    provide_python("openid", "oidc-provider-mock", "0.3.4")
}

/// Installs a program from PyPI in a folder of its own in the target folder.
fn provide_python(folder: &str, program: &str, version: &str) -> Result<(), Failure> {
    let folder = crate::root().join("target").join(folder);
    if folder.join("bin").join(program).is_file() {
        return Ok(());
    }
    let package = format!("{program}=={version}");
    println!("installing {package}");
    // Debian's Python comes without what a virtual environment needs.
    let has_venv = run(Command::new("python3").args(["-c", "import ensurepip, venv"])).is_ok();
    if !has_venv && is_root() && is_debian() {
        apt(&["update"])?;
        apt(&["install", "--yes", "--no-install-recommends", "python3-venv"])?;
    }
    run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    run(Command::new(folder.join("bin/pip")).args(["install", "--quiet", &package]))
}

/// Fetches axe, which looks for what keeps people with disabilities out of a page, into the target folder. The package
/// of Python's is nothing but its wrapping: who has Python needs no npm beside it.
///
/// # Errors
/// If it cannot be fetched.
pub(crate) fn provide_axe() -> Result<(), Failure> {
    const PACKAGE: &str = "axe-playwright-python==0.1.8";
    let target = crate::root().join("target");
    let folder = target.join("axe");
    if folder.join("axe_playwright_python/axe.min.js").is_file() {
        return Ok(());
    }
    println!("fetching {PACKAGE}");
    let mut pip = Command::new(target.join("api-client/bin/pip"));
    run(pip.args(["install", "--quiet", "--no-deps", PACKAGE, "--target"]).arg(&folder))
}

fn run(command: &mut Command) -> Result<(), Failure> {
    let why = match command.stdin(Stdio::null()).status() {
        Ok(status) if status.success() => return Ok(()),
        Ok(status) => status.to_string(),
        Err(error) => error.to_string(),
    };
    Err(Failure(format!("{command:?}: {why}; python3-venv and a way to PyPI are needed")))
}

/// What to tell a person who has to install them.
pub(crate) fn instruction(missing: &[Need]) -> String {
    let programs: Vec<_> = missing.iter().map(|need| need.program).collect();
    let packages: Vec<_> = missing.iter().map(|need| need.package).collect();
    format!("{}; on Debian or Ubuntu: apt install {}", programs.join(" and "), packages.join(" "))
}

fn missing(needs: &[Need]) -> Vec<Need> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<_> = std::env::split_paths(&path).chain(postgresql_folders()).collect();
    let there = |program| folders.iter().any(|folder| folder.join(program).is_file());
    let named = |need| need == CHROMIUM && std::env::var_os("CHROMIUM").is_some();
    needs.iter().copied().filter(|need| !there(need.program) && !named(*need)).collect()
}

/// Debian keeps the programs of each version of PostgreSQL by themselves.
fn postgresql_folders() -> impl Iterator<Item = PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    versions.map(|version| version.path().join("bin"))
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// Debian and all that descend from it, Ubuntu among them.
fn is_debian() -> bool {
    Path::new("/etc/debian_version").exists()
}

fn apt(arguments: &[&str]) -> Result<(), Failure> {
    let status = Command::new("apt-get")
        .arg("--quiet")
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null())
        .status()?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure(format!("apt-get {}: {status}", arguments.join(" "))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_instruction_names_programs_and_packages() {
        assert_eq!(
            instruction(&[SIPP, BARESIP]),
            "sipp and baresip; on Debian or Ubuntu: apt install sip-tester baresip-core"
        );
        assert_eq!(instruction(&[SIPP]), "sipp; on Debian or Ubuntu: apt install sip-tester");
    }
}
