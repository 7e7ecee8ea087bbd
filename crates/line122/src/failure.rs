use std::fmt;
use std::process::ExitCode;

use runtime::StartError;

use crate::settings::SettingsError;

/// Why the program ends: one line for the person who started it.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Settings, arguments or a dialplan cannot be used: exit code 2.
    Usage(String),
    /// The system or a defect stopped it: exit code 1.
    Runtime(String),
    /// It is not as it was asked to be, such as a case of a dialplan: exit code 1.
    Untrue(String),
}

impl Failure {
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Failure::Usage(_) => ExitCode::from(2),
            Failure::Runtime(_) | Failure::Untrue(_) => ExitCode::from(1),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Usage(text) | Failure::Runtime(text) | Failure::Untrue(text) => {
                f.write_str(text)
            }
        }
    }
}

impl From<SettingsError> for Failure {
    fn from(error: SettingsError) -> Failure {
        Failure::Usage(error.to_string())
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Failure {
        match error {
            StartError::File { .. } | StartError::Tls { .. } | StartError::NoCertificate => {
                Failure::Usage(error.to_string())
            }
            StartError::InUse { .. } | StartError::Bind { .. } | StartError::System(_) => {
                Failure::Runtime(error.to_string())
            }
        }
    }
}

impl From<records::DatabaseError> for Failure {
    fn from(error: records::DatabaseError) -> Failure {
        Failure::Runtime(error.to_string())
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Failure {
        Failure::Runtime(error.to_string())
    }
}
