use std::path::PathBuf;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::cases;
use crate::check;
use crate::draw;
use crate::explain;
use crate::export;
use crate::failure::Failure;
use crate::hear;
use crate::import::ImportCommand;
use crate::language::Language;
use crate::phone::PhoneOptions;
use crate::prompts::PromptsCommand;
use crate::recordings::command::RecordingsCommand;
use crate::report;
use crate::settings::Given;
use crate::staffing;
use crate::token::TokenCommand;
use crate::whatif;

/// A call-routing engine for regional medical help lines (number 122)
#[derive(Debug, Parser)]
#[command(version, disable_help_subcommand = true)]
pub(crate) struct Arguments {
    /// Settings file; ./line122.toml if it exists
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) config: Option<PathBuf>,
    /// Folder of the dialplan
    #[arg(long, value_name = "DIR", global = true)]
    dialplan: Option<String>,
    /// Folder of the prompts
    #[arg(long, value_name = "DIR", global = true)]
    prompts: Option<String>,
    /// Folder of the journal
    #[arg(long, value_name = "DIR", global = true)]
    data: Option<String>,
    /// Address of SIP over UDP and TCP, such as 0.0.0.0:5060
    #[arg(long, value_name = "ADDRESS", global = true)]
    sip: Option<String>,
    /// Address of the web pages
    #[arg(long, value_name = "ADDRESS", global = true)]
    web: Option<String>,
    /// How much is logged: error, warn, info, debug, trace
    #[arg(long, value_name = "LEVEL", global = true)]
    log: Option<String>,
    /// Any setting: --set sip.realm=example.org
    #[arg(long, value_name = "KEY=VALUE", global = true, value_parser = key_and_value)]
    set: Vec<(String, String)>,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the line (without a command the same)
    Run,
    /// Show the effective settings and where each comes from
    Config,
    /// Check a dialplan
    Check(check::Options),
    /// Tell the way of a call that might come, with the lines of the dialplan behind it
    Explain(explain::Options),
    /// Run the cases beside a dialplan, and tell what none of them reaches
    Test(cases::Options),
    /// Draw a dialplan as SVG
    Draw(draw::Options),
    /// Say what the robot would understand of a recording, and why
    Hear(hear::Options),
    /// Say what a dialplan would change of the running one, and whom that touches
    Plan {
        /// Its folder; the one of the settings if not given
        folder: Option<PathBuf>,
    },
    /// Put a dialplan in place of the running one; calls in progress keep theirs
    Apply {
        /// Its folder; the one of the settings if not given
        folder: Option<PathBuf>,
        #[command(flatten)]
        how: ApplyArguments,
    },
    /// Show which dialplans were applied, by whom and when
    History,
    /// Apply a dialplan of before again
    Rollback {
        /// Its number, as `history` shows it
        #[arg(value_name = "N")]
        number: u64,
        #[command(flatten)]
        how: ApplyArguments,
    },
    /// Print what stands for a password in the file that `web.accounts` names
    Password,
    /// Make a second factor for an account of the file that `web.accounts` names, and show it for an authenticator
    SecondFactor {
        /// The account
        #[arg(value_name = "NAME")]
        account: String,
    },
    /// Print the JSON Schema of the dialplan, for editors
    Schema,
    /// Write a dialplan's text from the files of other systems
    Import {
        #[command(subcommand)]
        what: ImportCommand,
    },
    /// Show who is banned for misbehaving, or lift a ban
    Bans {
        #[command(subcommand)]
        what: Option<BansCommand>,
    },
    /// Call a number with the built-in phone
    Call {
        /// The number
        number: String,
        /// Keys to press after the answer; a comma waits two seconds
        #[arg(long, default_value = "", hide_default_value = true)]
        keys: String,
        /// Our number, as the line is told
        #[arg(long, value_name = "NUMBER", default_value = "+70000000122")]
        from: String,
        #[command(flatten)]
        phone: PhoneArguments,
    },
    /// Foresee waiting times if more calls come or more agents work
    Whatif(whatif::Options),
    /// Write the calls of the journal as CSV, as `whatif` reads it
    Calls,
    /// Tell what became of the calls of a day, a week or a month
    Report(report::Options),
    /// Tell how many agents each hour of the next week needs
    Staffing(staffing::Options),
    /// Write the records for other programs
    Export(export::Options),
    /// Say which programs may use the API
    Token {
        #[command(subcommand)]
        what: TokenCommand,
    },
    /// Back up the records; the line may run meanwhile
    Backup {
        /// A new file
        #[arg(value_name = "FILE")]
        to: PathBuf,
    },
    /// Put a backup in the place of the records; the line must not run
    Restore {
        /// The file of the backup
        #[arg(value_name = "FILE")]
        backup: PathBuf,
    },
    /// Erase old calls and cases, and write down that it was done
    Erase {
        /// Calls that arrived so many days ago or longer, and cases that were closed then
        #[arg(long, value_name = "DAYS")]
        older_than: u32,
    },
    /// Work with recorded talks
    Recordings {
        #[command(subcommand)]
        what: RecordingsCommand,
    },
    /// Check what callers hear, or take pieces of it from elsewhere
    Prompts {
        #[command(subcommand)]
        what: PromptsCommand,
    },
    /// Register as an agent's phone and wait for calls
    Phone {
        /// Answer by itself
        #[arg(long)]
        answer: bool,
        #[command(flatten)]
        phone: PhoneArguments,
    },
}

#[derive(Debug, clap::Args)]
pub(crate) struct ApplyArguments {
    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,
    /// Why, for the history
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub(crate) comment: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BansCommand {
    /// Lift every ban of an address
    Lift {
        /// The address
        address: std::net::IpAddr,
    },
}

#[derive(Debug, clap::Args)]
pub(crate) struct PhoneArguments {
    /// The server's host and port
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:5060")]
    server: String,
    /// Speak SIP over TCP instead of UDP
    #[arg(long)]
    tcp: bool,
    /// The agent's number
    #[arg(long, value_name = "NUMBER")]
    user: Option<String>,
    /// The agent's password
    #[arg(long)]
    password: Option<String>,
    /// Write what is heard as WAV
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Say what is in a sound file
    #[arg(long, value_name = "FILE")]
    play: Option<PathBuf>,
    /// Hang up after so many seconds of talk
    #[arg(long, value_name = "N")]
    seconds: Option<u64>,
}

impl PhoneArguments {
    /// For a call: `from` is our number unless the phone is an agent's.
    pub(crate) fn calling(self, number: String, keys: String, from: String) -> PhoneOptions {
        PhoneOptions { dial: Some(number), keys, ..self.options(from) }
    }

    /// For waiting; it cannot be without an account.
    pub(crate) fn waiting(self, answer: bool) -> Result<PhoneOptions, Failure> {
        if self.user.is_none() || self.password.is_none() {
            let example = "line122 phone --user 201 --password demo-201";
            return Err(Failure::Usage(format!("--user and --password are needed: {example}")));
        }
        Ok(PhoneOptions { answer, ..self.options(String::new()) })
    }

    fn options(self, from: String) -> PhoneOptions {
        PhoneOptions {
            server: self.server,
            tcp: self.tcp,
            user: self.user.unwrap_or(from),
            password: self.password,
            record: self.record,
            play: self.play,
            seconds: self.seconds,
            ..PhoneOptions::default()
        }
    }
}

impl Arguments {
    /// Reads the command line; prints help or what is wrong with it, and ends the program, by itself.
    pub(crate) fn read(language: Language) -> Arguments {
        let command = language.translate(Arguments::command());
        let matches = command.get_matches();
        Arguments::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
    }

    /// What the flags set.
    pub(crate) fn settings(&self) -> Vec<Given> {
        let flags = [
            ("paths.dialplan", &self.dialplan, "--dialplan"),
            ("paths.prompts", &self.prompts, "--prompts"),
            ("paths.data", &self.data, "--data"),
            ("sip.udp", &self.sip, "--sip"),
            ("sip.tcp", &self.sip, "--sip"),
            ("web.listen", &self.web, "--web"),
            ("log.level", &self.log, "--log"),
        ];
        let given = |key: &str, value: &String, origin: &str| Given {
            key: key.into(),
            value: value.clone(),
            origin: origin.into(),
        };
        let named = flags
            .into_iter()
            .filter_map(|(key, value, flag)| Some(given(key, value.as_ref()?, flag)));
        named.chain(self.set.iter().map(|(key, value)| given(key, value, "--set"))).collect()
    }
}

fn key_and_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) => Ok((key.trim().to_lowercase(), value.trim().to_owned())),
        None => Err("KEY=VALUE is expected, such as sip.realm=example.org".into()),
    }
}
