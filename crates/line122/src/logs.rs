use std::io::{self, IsTerminal};

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

use crate::failure::Failure;
use crate::settings::LogFormat;

/// Writes events to stderr from now on, panics included.
pub(crate) fn start(level: &str, format: LogFormat) -> Result<(), Failure> {
    let filter = filter(level).ok_or_else(|| {
        let remedy = "use error, warn, info, debug, trace, or a list such as info,sip=debug";
        Failure::Usage(format!("log.level: \"{level}\" is no level; {remedy}"))
    })?;
    let layer = fmt::layer().with_writer(io::stderr).with_ansi(io::stderr().is_terminal());
    let layer = match format {
        LogFormat::Text => layer.with_target(false).compact().boxed(),
        LogFormat::Json => layer.json().boxed(),
    };
    tracing_subscriber::registry().with(layer.with_filter(filter)).init();
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let payload = panic.payload();
        let what = (payload.downcast_ref::<&str>().copied())
            .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
            .unwrap_or("panic");
        let thread = std::thread::current().name().unwrap_or("unnamed").to_owned();
        tracing::error!(place, thread, "defect: {what}");
    }));
    Ok(())
}

/// A level, and others for some parts of the program. A word alone that is no level would be taken
/// for the name of a part that does not exist, and everything else be silent.
fn filter(text: &str) -> Option<Targets> {
    let is_level = |part: &str| !part.is_empty() && part.parse::<LevelFilter>().is_ok();
    let is_known = |part: &str| part.contains('=') || is_level(part.trim());
    text.split(',').all(is_known).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_level_is_not_taken_for_silence() {
        for good in ["info", "WARN", "off", "info,sip=debug", "sip=trace"] {
            assert!(filter(good).is_some(), "{good}");
        }
        for bad in ["loud", "", "info,sip", "sip=loud"] {
            assert!(filter(bad).is_none(), "{bad}");
        }
    }
}
