//! A real Chromium that shows the wall, driven by its DevTools protocol.

use std::error::Error;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::server::TOKEN;

/// Where Chromium is looked for, beside the variable `CHROMIUM`.
const PLACES: [&str; 4] = [
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/opt/google/chrome/chrome",
];

/// Measures each frame before the page's own script runs: its script, and the style and layout that it
/// makes necessary.
const MEASURE: &str = "(() => { \
    const frames = window.wallFrames = []; \
    const ask = window.requestAnimationFrame.bind(window); \
    window.requestAnimationFrame = (draw) => ask((at) => { \
        const began = performance.now(); draw(at); document.body.offsetHeight; \
        frames.push(performance.now() - began); }); \
    const long = window.wallLong = []; \
    new PerformanceObserver((list) => long.push(...list.getEntries().map((one) => one.duration))) \
        .observe({ type: 'long-animation-frame' }); })()";
const TAKE: &str = "(() => { const all = JSON.stringify([window.wallFrames, window.wallLong]); \
    window.wallFrames.length = 0; window.wallLong.length = 0; return all; })()";

/// What the page took.
pub(crate) struct Frames {
    /// Milliseconds of each frame.
    pub(crate) drawn: Vec<f64>,
    /// Milliseconds of frames of 50 ms and more, painting included, as the browser counts them.
    pub(crate) long: Vec<f64>,
}

/// Where a Chromium is, if there is one.
pub(crate) fn find() -> Option<PathBuf> {
    let named = std::env::var_os("CHROMIUM").map(PathBuf::from);
    named.into_iter().chain(PLACES.map(PathBuf::from)).find(|path| path.exists())
}

/// Shows the wall for so long; the first frames, with which the page begins, are counted apart.
pub(crate) async fn show(
    program: PathBuf,
    server: SocketAddr,
    lasts: Duration,
) -> Result<(Frames, Frames), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let mut browser = Browser::start(program, folder.path()).await?;
    browser.open(&format!("http://{server}/wall#token={TOKEN}")).await?;
    tokio::time::sleep(Duration::from_secs(4)).await;
    let first = browser.frames().await?;
    tokio::time::sleep(lasts).await;
    Ok((first, browser.frames().await?))
}

struct Browser {
    process: Child,
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    session: Option<String>,
    asked: u64,
}

impl Browser {
    async fn start(program: PathBuf, folder: &std::path::Path) -> Result<Browser, Box<dyn Error>> {
        let mut process = Command::new(program)
            .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run"])
            .arg("--remote-debugging-port=0")
            .arg(format!("--user-data-dir={}", folder.display()))
            .arg("about:blank")
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()?;
        let words = process.stderr.take().ok_or("Chromium has no words")?;
        let told = tokio::task::spawn_blocking(move || {
            let mut lines = BufReader::new(words).lines().map_while(Result::ok);
            let address = lines
                .find_map(|line| line.strip_prefix("DevTools listening on ").map(str::to_owned));
            // It would wait if nobody read on.
            std::thread::spawn(move || lines.for_each(drop));
            address
        });
        let address = told.await?.ok_or("Chromium did not start")?;
        let (socket, _) = connect_async(address).await?;
        Ok(Browser { process, socket, session: None, asked: 0 })
    }

    async fn open(&mut self, url: &str) -> Result<(), Box<dyn Error>> {
        let target = self.ask("Target.createTarget", json!({ "url": "about:blank" })).await?;
        let target = json!({ "targetId": target["targetId"], "flatten": true });
        let session = self.ask("Target.attachToTarget", target).await?;
        self.session = session["sessionId"].as_str().map(str::to_owned);
        let size =
            json!({ "width": 1920, "height": 1080, "deviceScaleFactor": 1, "mobile": false });
        self.ask("Emulation.setDeviceMetricsOverride", size).await?;
        self.ask("Page.enable", json!({})).await?;
        self.ask("Page.addScriptToEvaluateOnNewDocument", json!({ "source": MEASURE })).await?;
        self.ask("Page.navigate", json!({ "url": url })).await?;
        Ok(())
    }

    async fn frames(&mut self) -> Result<Frames, Box<dyn Error>> {
        let taken = self.ask("Runtime.evaluate", json!({ "expression": TAKE })).await?;
        let taken = taken["result"]["value"].as_str().ok_or("the page measured nothing")?;
        let (drawn, long) = serde_json::from_str(taken)?;
        Ok(Frames { drawn, long })
    }

    async fn ask(&mut self, method: &str, params: Value) -> Result<Value, Box<dyn Error>> {
        self.asked += 1;
        let mut question = json!({ "id": self.asked, "method": method, "params": params });
        if let Some(session) = &self.session {
            question["sessionId"] = json!(session);
        }
        self.socket.send(Message::text(question.to_string())).await?;
        while let Some(message) = self.socket.next().await {
            let Ok(text) = message?.into_text() else { continue };
            let mut told: Value = serde_json::from_str(&text).unwrap_or_default();
            if told["id"] == self.asked {
                if told.get("error").is_some() {
                    return Err(format!("{method}: {}", told["error"]).into());
                }
                return Ok(told["result"].take());
            }
        }
        Err("Chromium is gone".into())
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
