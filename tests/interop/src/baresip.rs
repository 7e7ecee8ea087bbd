//! baresip: a telephone with a microphone and a loudspeaker.

mod control;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use crate::audio::{self, wav};
use crate::block::Host;
use crate::line::Line;
use crate::process::Process;
use crate::wait::{PATIENCE, until};

use control::Control;

/// A telephone that is registered with an account of the line.
#[derive(Debug)]
pub struct Baresip {
    process: Process,
    control: Control,
    folder: PathBuf,
    /// What follows the @ in URIs of the line.
    domain: String,
}

/// How it is registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// Over UDP.
    Udp,
    /// Over TCP.
    Tcp,
    /// Over TLS.
    Tls,
}

/// How its media is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protection {
    /// Not at all.
    Open,
    /// By keys in the description, if the other side wants (RFC 8643).
    Srtp,
    /// The same; otherwise it has no call.
    SrtpMandatory,
}

/// How long the microphone has something to say.
const SPEAKS: Duration = Duration::from_secs(60);

impl Baresip {
    /// A telephone that hums this tone, rings until it is told to answer, and has registered.
    #[must_use]
    #[track_caller]
    pub fn register(line: &Line, user: &str, hertz: f64) -> Baresip {
        let sound = audio::tone(hertz, SPEAKS.as_secs() as usize * audio::RATE);
        Baresip::register_with(line, user, Link::Udp, "PCMA", &sound)
    }

    /// A telephone on this link, with this codec (`PCMA`, `PCMU`) and this to say.
    ///
    /// # Panics
    /// If it does not register.
    #[must_use]
    #[track_caller]
    pub fn register_with(
        line: &Line,
        user: &str,
        link: Link,
        codec: &str,
        says: &[i16],
    ) -> Baresip {
        Baresip::start(line, user, link, (codec, Protection::Open), 60, says).registered()
    }

    /// A telephone over TLS that protects its media.
    #[must_use]
    #[track_caller]
    pub fn register_protected(
        line: &Line,
        user: &str,
        protection: Protection,
        says: &[i16],
    ) -> Baresip {
        Baresip::start(line, user, Link::Tls, ("PCMA", protection), 60, says).registered()
    }

    /// A telephone of a citizen over TLS that protects its media.
    #[must_use]
    #[track_caller]
    pub fn citizen_protected(line: &Line, protection: Protection, says: &[i16]) -> Baresip {
        Baresip::start(line, "+79101234567", Link::Tls, ("PCMA", protection), 0, says)
    }

    #[track_caller]
    fn registered(self) -> Baresip {
        let phone = self;
        // It may have registered before it is listened to, so its own words count, not its events.
        until("baresip registers", PATIENCE, || {
            phone.process.output().contains(" 200 OK (").then_some(())
        });
        phone
    }

    /// A telephone of a citizen, without an account: nobody registers.
    #[must_use]
    #[track_caller]
    pub fn citizen(line: &Line, says: &[i16]) -> Baresip {
        Baresip::citizen_on(line, Link::Udp, "PCMA", says)
    }

    /// A telephone of a citizen on this link and with this codec.
    #[must_use]
    #[track_caller]
    pub fn citizen_on(line: &Line, link: Link, codec: &str, says: &[i16]) -> Baresip {
        Baresip::start(line, "+79101234567", link, (codec, Protection::Open), 0, says)
    }

    #[track_caller]
    fn start(
        line: &Line,
        user: &str,
        link: Link,
        media: (&str, Protection),
        register_every: u32,
        says: &[i16],
    ) -> Baresip {
        let domain = match link {
            Link::Udp => line.sip().to_string(),
            Link::Tcp => format!("{};transport=tcp", line.sip()),
            Link::Tls => format!("{};transport=tls", line.tls()),
        };
        let host = line.host();
        let folder = line.folder().join(format!("baresip-{user}-{}", host.ip()));
        std::fs::create_dir(&folder).expect("the folder of a test can be written");
        let write = |name: &str, text: &str| {
            std::fs::write(folder.join(name), text).expect("the folder of a test can be written");
        };
        wav::write(&folder.join("says.wav"), says);
        write("config", &config(&host, &folder));
        write("accounts", &account(user, &domain, media, register_every));
        write("contacts", "");
        let mut command = Command::new("baresip");
        command.arg("-f").arg(&folder);
        let mut process = Process::start(command, &folder.join("baresip.log"));
        let address = host.port(CONTROL_PORT);
        let control = until("baresip listens", PATIENCE, || {
            if process.ends_within(Duration::ZERO).is_some() {
                panic!("baresip ended:\n{}", process.output());
            }
            Control::connect(address)
        });
        Baresip { process, control, folder, domain }
    }
}

/// What a person does with it.
impl Baresip {
    /// Dials.
    #[track_caller]
    pub fn dial(&mut self, number: &str) {
        let uri = format!("sip:{number}@{}", self.domain);
        self.command("dial", &uri);
    }

    /// Waits until it rings; gives the caller's display name and URI.
    #[track_caller]
    pub fn wait_ringing(&mut self) -> (String, String) {
        let event = self.wait_event("CALL_INCOMING");
        let text = |key: &str| event[key].as_str().unwrap_or_default().to_owned();
        (text("peerdisplayname"), text("peeruri"))
    }

    /// Rings, is picked up, and talks.
    #[track_caller]
    pub fn accept(&mut self) {
        self.command("accept", "");
        self.wait_event("CALL_ESTABLISHED");
    }

    /// Hangs up, or refuses what rings.
    #[track_caller]
    pub fn hang_up(&mut self) {
        self.command("hangup", "");
    }

    /// Puts the far end on hold.
    #[track_caller]
    pub fn hold(&mut self) {
        self.command("hold", "");
    }

    /// Goes on with the talk.
    #[track_caller]
    pub fn resume(&mut self) {
        self.command("resume", "");
    }

    /// Presses a key (RFC 4733).
    #[track_caller]
    pub fn press(&mut self, key: char) {
        self.command("sndcode", &key.to_string());
        // The key goes on until it is let go.
        std::thread::sleep(Duration::from_millis(150));
        self.command("sndcode", "\u{4}");
    }

    /// Hands the call on to a number without asking there.
    #[track_caller]
    pub fn transfer(&mut self, number: &str) {
        let uri = format!("sip:{number}@{}", self.domain);
        self.command("transfer", &uri);
    }

    #[track_caller]
    fn command(&mut self, command: &str, parameter: &str) {
        self.control.command(command, parameter);
    }
}

/// What happens to it.
impl Baresip {
    /// Waits for an event of this type that has not been waited for yet; events before it are
    /// forgotten.
    ///
    /// # Panics
    /// If it does not come in time.
    #[track_caller]
    pub fn wait_event(&mut self, kind: &str) -> Value {
        self.wait_event_for(kind, PATIENCE)
    }

    /// The same with another patience.
    ///
    /// # Panics
    /// If it does not come in time.
    #[track_caller]
    pub fn wait_event_for(&mut self, kind: &str, patience: Duration) -> Value {
        let (control, process) = (&mut self.control, &self.process);
        let found = control.wait_event(kind, patience);
        found.unwrap_or_else(|seen| {
            panic!("baresip tells no {kind}, but {seen:?}:\n{}", process.output())
        })
    }

    /// What it has heard in its last call, as its loudspeaker got it.
    #[must_use]
    pub fn heard(&self) -> Vec<i16> {
        let entries = std::fs::read_dir(&self.folder).expect("the folder is there");
        let recorded = entries
            .map(|entry| entry.expect("the folder can be read").path())
            .filter(|path| path.to_string_lossy().ends_with("-dec.wav"));
        recorded.max().map(|path| wav::read_unfinished(&path)).unwrap_or_default()
    }

    /// Waits until a tone is heard.
    ///
    /// # Panics
    /// If it is not in time.
    #[track_caller]
    pub fn wait_tone(&self, hertz: f64) {
        until(&format!("baresip hears {hertz} Hz"), PATIENCE, || {
            let heard = self.heard();
            let last = &heard[heard.len().saturating_sub(4000)..];
            (last.len() == 4000 && audio::tone_share(last, hertz) > 0.8).then_some(())
        });
    }

    /// Waits until a prompt of the line was heard in this call.
    ///
    /// # Panics
    /// If it is not in time.
    #[track_caller]
    pub fn wait_prompt(&self, name: &str) {
        let mut search = audio::Search::prompt(name);
        until(&format!("baresip hears {name:?}"), PATIENCE * 2, || {
            search.finds_in(&self.heard()).then_some(())
        });
    }

    /// Waits until half a second of this music is heard.
    ///
    /// # Panics
    /// If it is not in time.
    #[track_caller]
    pub fn wait_music(&self, name: &str) {
        until(&format!("baresip hears the music {name:?}"), PATIENCE, || {
            let heard = self.heard();
            let last = &heard[heard.len().saturating_sub(audio::RATE / 2)..];
            audio::is_part_of(last, name).then_some(())
        });
    }

    /// What it has written.
    #[must_use]
    pub fn log(&self) -> String {
        self.process.output()
    }

    /// Its network goes, as in a power cut: it says no farewell.
    pub fn kill(&mut self) {
        self.process.kill();
    }
}

const CONTROL_PORT: u16 = 4444;
/// baresip receives RTP on all addresses of the machine, so apart from the ports of others.
const RTP_PORTS: &str = "6000-9000";
/// Where baresip's modules are installed.
const MODULES: [&str; 3] =
    ["/usr/lib/baresip/modules", "/usr/lib64/baresip/modules", "/usr/local/lib/baresip/modules"];

fn account(
    user: &str,
    domain: &str,
    (codec, protection): (&str, Protection),
    register_every: u32,
) -> String {
    let protection = match protection {
        Protection::Open => "",
        Protection::Srtp => ";mediaenc=srtp",
        Protection::SrtpMandatory => ";mediaenc=srtp-mand",
    };
    format!(
        "<sip:{user}@{domain}>;auth_user={user};auth_pass=demo-{user};regint={register_every};\
         answermode=manual;audio_codecs={codec}/8000/1{protection}\n"
    )
}

fn config(host: &Host, folder: &Path) -> String {
    let (ip, folder) = (host.ip(), folder.display());
    // Without a path baresip looks in its working folder.
    let found = MODULES.iter().find(|path| Path::new(path).is_dir());
    let modules = found.expect("baresip's modules are where distributions put them");
    format!(
        "poll_method epoll\n\
         sip_listen {sip}\n\
         net_interface {ip}\n\
         call_max_calls 4\n\
         audio_source aufile,{folder}/says.wav\n\
         audio_player aubridge,loudspeaker\n\
         audio_alert aubridge,bell\n\
         audio_txmode thread\n\
         rtp_ports {RTP_PORTS}\n\
         rtcp_mux no\n\
         jitter_buffer_delay 1-10\n\
         ringback_disabled yes\n\
         module_path {modules}\n\
         module g711.so\n\
         module srtp.so\n\
         module sndfile.so\n\
         module aubridge.so\n\
         module aufile.so\n\
         module_tmp account.so\n\
         module_app menu.so\n\
         module_app ctrl_tcp.so\n\
         ctrl_tcp_listen {control}\n\
         snd_path {folder}\n",
        sip = host.sip(),
        control = host.port(CONTROL_PORT),
    )
}
