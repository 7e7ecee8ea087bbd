//! The browser's process.

use std::ffi::OsString;
use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;

use serde_json::json;
use tempfile::TempDir;

use crate::connection::Connection;
use crate::family::family;
use crate::page::Page;
use crate::program::find;

/// Without these a headless Chromium on a loopback address would not do what one with people does.
const ARGUMENTS: [&str; 12] = [
    "--headless=new",
    "--no-first-run",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--hide-scrollbars",
    "--mute-audio",
    "--autoplay-policy=no-user-gesture-required",
    "--remote-debugging-port=0",
];

/// A browser before its start.
#[derive(Debug, Default)]
pub struct Setup {
    arguments: Vec<OsString>,
    is_by_networks: bool,
}

/// A running browser; it ends when this value goes.
#[derive(Debug)]
pub struct Browser {
    process: Child,
    connection: Arc<Connection>,
    // Removed after the process that writes there.
    _profile: TempDir,
}

impl Setup {
    /// Without a microphone.
    #[must_use]
    pub fn new() -> Setup {
        Setup::default()
    }

    /// With a microphone that plays this WAV file again and again, and may be used without asking.
    #[must_use]
    pub fn microphone(mut self, file: &Path) -> Setup {
        let mut plays = OsString::from("--use-file-for-fake-audio-capture=");
        plays.push(file);
        self.arguments.extend([
            "--use-fake-device-for-media-stream".into(),
            "--use-fake-ui-for-media-stream".into(),
            plays,
        ]);
        self
    }

    /// Speech goes by the computer's networks alone, not by loopback.
    #[must_use]
    pub fn by_networks(mut self) -> Setup {
        self.is_by_networks = true;
        self
    }

    /// Speech goes by TCP alone.
    #[must_use]
    pub fn without_udp(mut self) -> Setup {
        self.arguments.push("--webrtc-ip-handling-policy=disable_non_proxied_udp".into());
        self
    }

    /// Starts it.
    ///
    /// # Panics
    /// If there is no Chromium, or it does not start.
    #[must_use]
    #[track_caller]
    pub fn start(self) -> Browser {
        let program = find().expect("Chromium: `apt install chromium`, or name it in CHROMIUM");
        let profile = tempfile::tempdir().expect("the folder for temporary files can be written");
        let mut command = Command::new(program);
        command.args(ARGUMENTS).args(self.arguments).arg("about:blank");
        command.arg(format!("--user-data-dir={}", profile.path().display()));
        if !self.is_by_networks {
            command.arg("--allow-loopback-in-peer-connection");
        }
        // Its sandbox refuses to be started by root, who tests in a container.
        command.arg("--no-sandbox");
        let mut process = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("Chromium can be started");
        let words = process.stderr.take().expect("the pipe was asked for");
        let mut lines = BufReader::new(words).lines().map_while(Result::ok);
        let address =
            lines.find_map(|line| Some(line.strip_prefix("DevTools listening on ")?.to_owned()));
        // It would wait if nobody read on.
        std::thread::spawn(move || lines.for_each(drop));
        let Some(address) = address else {
            let _ = process.kill();
            panic!("Chromium did not start: {:?}", process.wait());
        };
        let connection = Arc::new(Connection::open(&address));
        Browser { process, connection, _profile: profile }
    }
}

impl Browser {
    /// A new page with cookies of its own.
    #[must_use]
    #[track_caller]
    pub fn page(&self) -> Page {
        let ask = |method, params| {
            self.connection.ask(None, method, params).unwrap_or_else(|error| panic!("{error}"))
        };
        let context = ask("Target.createBrowserContext", json!({}))["browserContextId"].clone();
        let rights = json!({ "permissions": ["audioCapture"], "browserContextId": context });
        ask("Browser.grantPermissions", rights);
        Page::open(&self.connection, context.as_str().unwrap_or_default())
    }

    /// It does nothing until [`Browser::wakes`], as on a laptop that is shut: no word to anybody, no connection closed.
    ///
    /// # Panics
    /// If its processes cannot be stopped.
    #[track_caller]
    pub fn sleeps(&self) {
        self.signal("-STOP");
    }

    /// It goes on.
    ///
    /// # Panics
    /// If its processes cannot be woken.
    #[track_caller]
    pub fn wakes(&self) {
        self.signal("-CONT");
    }

    #[track_caller]
    fn signal(&self, signal: &str) {
        let done = self.try_signal(signal);
        assert!(done.is_ok_and(|status| status.success()), "kill {signal}");
    }

    fn try_signal(&self, signal: &str) -> io::Result<ExitStatus> {
        let family = family(self.process.id());
        Command::new("kill").arg(signal).args(family.iter().map(u32::to_string)).status()
    }

    /// Ends it at once, as a power cut does.
    pub fn kill(&mut self) {
        // It may have ended by itself; those whom it started would write to its profile for a while yet.
        if self.process.try_wait().is_ok_and(|ended| ended.is_none()) {
            let _ = self.try_signal("-KILL");
            let _ = self.process.wait();
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.kill();
    }
}
