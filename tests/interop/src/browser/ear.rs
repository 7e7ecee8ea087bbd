//! What a browser's loudspeaker plays of a call.

use chromium::Page;

use crate::audio::{self, RATE};
use crate::wait::PATIENCE;

/// Taps remote tracks: the last second of each at 8 kHz, by connections. A tap is opened when somebody asks, and until it
/// is shut costs about as much as the talk itself.
const TAP: &str = "(() => { \
    const tracks = new Map(), ears = new Map(), Real = window.RTCPeerConnection; \
    const shut = (one) => { ears.get(one)?.context.close(); ears.delete(one); }; \
    window.RTCPeerConnection = class extends Real { \
        constructor(...all) { \
            super(...all); \
            this.addEventListener('track', ({ track }) => { shut(this); tracks.set(this, track); }); \
        } \
        close() { shut(this); tracks.delete(this); super.close(); } \
    }; \
    const ear = (one, track) => { \
        if (ears.has(one)) return ears.get(one); \
        const context = new AudioContext({ sampleRate: 8000 }), analyser = context.createAnalyser(); \
        analyser.fftSize = 8192; \
        context.createMediaStreamSource(new MediaStream([track])).connect(analyser); \
        ears.set(one, { context, analyser }); \
        return ears.get(one); \
    }; \
    window.shutEars = () => [...ears.keys()].forEach(shut); \
    window.heardOfLate = () => [...tracks].map(([one, track]) => { \
        const { analyser } = ear(one, track), samples = new Float32Array(analyser.fftSize); \
        analyser.getFloatTimeDomainData(samples); \
        return Array.from(samples, (one) => Math.round(Math.max(-1, Math.min(1, one)) * 32767)); \
    }); })()";
/// A stretch in which a tone is looked for, and the step to the next.
const STRETCH: usize = RATE / 5;
const STEP: usize = RATE / 20;
/// A stretch that is quieter says nothing.
const SILENCE: f64 = 100.0;

/// Listens at the loudspeaker of a page.
#[derive(Debug)]
pub struct Ear;

impl Ear {
    /// For the documents that the page loads from now on.
    #[track_caller]
    pub fn put(page: &Page) {
        page.prepare(TAP);
    }

    /// About the last second of each connection.
    #[must_use]
    #[track_caller]
    pub fn heard(page: &Page) -> Vec<Vec<i16>> {
        let all = page.evaluate("window.heardOfLate()");
        let sample = |one: &serde_json::Value| one.as_i64().unwrap_or_default() as i16;
        let all = all.as_array().expect("a list of connections").iter();
        all.map(|one| one.as_array().into_iter().flatten().map(sample).collect()).collect()
    }

    /// Listens no more, until it is asked again.
    #[track_caller]
    pub fn shut(page: &Page) {
        page.evaluate("window.shutEars()");
    }

    /// Waits until this tone is heard.
    ///
    /// # Panics
    /// If it is not in time.
    #[track_caller]
    pub fn wait_tone(page: &Page, hertz: f64) {
        page.wait_for(&format!("a tone of {hertz} Hz is heard"), PATIENCE, || {
            Ear::heard(page).iter().any(|heard| has_tone(heard, hertz)).then_some(())
        });
    }

    /// Waits until this tone, which was waited for before, is not heard any more.
    ///
    /// # Panics
    /// If it goes on.
    #[track_caller]
    pub fn wait_no_tone(page: &Page, hertz: f64) {
        page.wait_for(&format!("no tone of {hertz} Hz is heard"), PATIENCE, || {
            (!Ear::heard(page).iter().any(|heard| has_tone(heard, hertz))).then_some(())
        });
    }

    /// Waits until anything is heard.
    ///
    /// # Panics
    /// If there is silence.
    #[track_caller]
    pub fn wait_sound(page: &Page) {
        page.wait_for("anything is heard", PATIENCE, || {
            Ear::heard(page).iter().any(|heard| audio::loudness(heard) > SILENCE).then_some(())
        });
    }

    /// Waits until half a second of this music is heard.
    ///
    /// # Panics
    /// If it is not in time.
    #[track_caller]
    pub fn wait_music(page: &Page, name: &str) {
        page.wait_for(&format!("the music {name:?} is heard"), PATIENCE, || {
            let heard = Ear::heard(page);
            let mut ends = heard.iter().map(|one| &one[one.len().saturating_sub(RATE / 2)..]);
            ends.any(|end| audio::is_part_of(end, name)).then_some(())
        });
    }
}

fn has_tone(heard: &[i16], hertz: f64) -> bool {
    let stretches = (0..heard.len().saturating_sub(STRETCH)).step_by(STEP);
    stretches.map(|at| &heard[at..at + STRETCH]).any(|stretch| {
        audio::loudness(stretch) > SILENCE && audio::tone_share(stretch, hertz) > 0.7
    })
}
