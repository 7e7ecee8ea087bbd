use std::path::PathBuf;

/// Where Chromium is looked for, beside the variable `CHROMIUM`.
const PLACES: [&str; 4] = [
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/opt/google/chrome/chrome",
];

/// Where a Chromium is, if there is one. The variable `CHROMIUM` names another.
#[must_use]
pub fn find() -> Option<PathBuf> {
    let named = std::env::var_os("CHROMIUM").map(PathBuf::from);
    named.into_iter().chain(PLACES.map(PathBuf::from)).find(|path| path.exists())
}
