//! How a page is looked at, and by which network.

use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;

use crate::page::Page;

impl Page {
    /// The size of its window, in CSS pixels; one below 600 is a telephone's.
    #[track_caller]
    pub fn size(&self, width: u32, height: u32) {
        let size = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600,
        });
        self.ask("Emulation.setDeviceMetricsOverride", size);
    }

    /// What its user prefers: a dark page, or a light one.
    #[track_caller]
    pub fn dark(&self, is_dark: bool) {
        let value = if is_dark { "dark" } else { "light" };
        let feature = json!({ "name": "prefers-color-scheme", "value": value });
        self.ask("Emulation.setEmulatedMedia", json!({ "features": [feature] }));
    }

    /// The language of its user: `ru`, `en`. Counts for pages that are loaded from now on.
    #[track_caller]
    pub fn language(&self, language: &str) {
        let headers = json!({ "headers": { "Accept-Language": language } });
        self.ask("Network.setExtraHTTPHeaders", headers);
    }

    /// Cuts its network, or gives it back.
    #[track_caller]
    pub fn network(&self, is_there: bool) {
        let conditions = json!({
            "offline": !is_there, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1,
            "packetLoss": if is_there { 0 } else { 100 },
        });
        self.ask("Network.emulateNetworkConditions", conditions);
    }

    /// What it asks of these addresses (`*` for any characters) is lost from now on; nothing else is.
    #[track_caller]
    pub fn loses(&self, addresses: &[&str]) {
        self.ask("Network.setBlockedURLs", json!({ "urls": addresses }));
    }

    /// Writes a picture of the window into a PNG file; of the whole page with `is_whole`.
    ///
    /// # Panics
    /// If the file cannot be written.
    #[track_caller]
    pub fn screenshot(&self, file: &Path, is_whole: bool) {
        let asked = json!({ "format": "png", "captureBeyondViewport": is_whole });
        let asked = if is_whole { self.whole(asked) } else { asked };
        let taken = self.ask("Page.captureScreenshot", asked);
        let bytes = BASE64_STANDARD.decode(taken["data"].as_str().unwrap_or_default());
        let bytes = bytes.expect("Chromium writes base64");
        std::fs::write(file, bytes).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    }

    #[track_caller]
    fn whole(&self, mut asked: serde_json::Value) -> serde_json::Value {
        let size = &self.ask("Page.getLayoutMetrics", json!({}))["cssContentSize"];
        asked["clip"] = json!({
            "x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1,
        });
        asked
    }
}
