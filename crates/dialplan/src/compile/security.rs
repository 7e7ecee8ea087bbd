//! Whether media is protected.

use super::Context;
use crate::plan::{MediaSecurity, Srtp, SrtpKeys};
use crate::read::Field;

impl Context<'_> {
    /// From the keys `srtp` and `srtp_keys` of a table; `unless` holds where `srtp` is not written.
    pub(super) fn media_security(
        &mut self,
        srtp: &Field<Srtp>,
        keys: &Field<SrtpKeys>,
        unless: Srtp,
    ) -> MediaSecurity {
        let srtp = *srtp.value().unwrap_or(&unless);
        if let Some(keys) = keys.given() {
            if srtp == Srtp::Off {
                self.findings
                    .error(keys.spot, "srtp_keys says where keys may go, but srtp is off")
                    .remedy("write srtp = \"preferred\" or \"required\", or remove srtp_keys");
            } else if keys.value == SrtpKeys::Anywhere {
                self.findings
                    .warning(
                        keys.spot,
                        "keys of SRTP are sent where whoever reads the signalling can hear the call",
                    )
                    .remedy("connect by TLS and remove srtp_keys");
            }
        }
        MediaSecurity { srtp, keys: *keys.value().unwrap_or(&SrtpKeys::OverTls) }
    }
}
