//! A real Chromium that shows the wall.

use std::error::Error;
use std::net::SocketAddr;
use std::time::Duration;

use chromium::{Page, Setup};

use crate::server::TOKEN;

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

/// Shows the wall for so long; the first frames, with which the page begins, are counted apart.
pub(crate) async fn show(
    server: SocketAddr,
    lasts: Duration,
) -> Result<(Frames, Frames), Box<dyn Error>> {
    let shown = tokio::task::spawn_blocking(move || {
        let browser = Setup::new().start();
        let page = browser.page();
        page.size(1920, 1080);
        page.prepare(MEASURE);
        page.go(&format!("http://{server}/wall#token={TOKEN}"));
        std::thread::sleep(Duration::from_secs(4));
        let first = frames(&page);
        std::thread::sleep(lasts);
        Ok::<_, serde_json::Error>((first?, frames(&page)?))
    });
    Ok(shown.await??)
}

fn frames(page: &Page) -> Result<Frames, serde_json::Error> {
    let taken = page.evaluate(TAKE);
    let (drawn, long) = serde_json::from_str(taken.as_str().unwrap_or_default())?;
    Ok(Frames { drawn, long })
}
