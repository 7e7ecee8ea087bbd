use std::path::PathBuf;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::language::Language;
use crate::settings::Given;

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
    Check {
        /// Its folder; the one of the settings if not given
        folder: Option<PathBuf>,
    },
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
