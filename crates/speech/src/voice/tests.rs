use super::*;

/// Noise that repeats itself from run to run.
struct Noise(u32);

impl Noise {
    fn sample(&mut self, amplitude: f32) -> f32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 as f32 / u32::MAX as f32 * 2.0 - 1.0) * amplitude
    }
}

/// A voice: pulses of 120 Hz, smoothed as by a throat, with syllables of 200 ms.
fn voice(at: usize, amplitude: f32) -> f32 {
    let phase = (at % 67) as f32 / 67.0;
    let syllable = 0.6 + 0.4 * (at as f32 / 1600.0 * std::f32::consts::TAU).sin();
    ((-phase * 6.0).exp() - 0.16) * amplitude * syllable
}

/// Feeds seconds of sound; says after which time speech was sustained for the first time.
fn sustained_after(
    detector: &mut VoiceDetector,
    millis: usize,
    echo_for: usize,
    mut sound: impl FnMut(usize) -> f32,
) -> Option<usize> {
    let mut first = None;
    for block in 0..millis / 20 {
        let samples =
            std::array::from_fn(|n| sound(block * BLOCK + n).clamp(-32_000.0, 32_000.0) as i16);
        let heard = detector.hear(&samples, block * 20 < echo_for);
        if heard.is_sustained && first.is_none() {
            first = Some(block * 20 + 20);
        }
    }
    first
}

#[test]
fn a_voice_is_heard_within_300_ms_over_a_quiet_line() {
    let (mut detector, mut noise) = (VoiceDetector::default(), Noise(1));
    assert_eq!(sustained_after(&mut detector, 2000, 0, |_| noise.sample(30.0)), None);
    let after =
        sustained_after(&mut detector, 1000, 0, |at| voice(at, 6000.0) + noise.sample(30.0));
    assert!(after.is_some_and(|after| (240..=320).contains(&after)), "{after:?}");
}

#[test]
fn steady_noise_is_never_speech_and_a_voice_above_it_is() {
    let (mut detector, mut noise) = (VoiceDetector::default(), Noise(2));
    assert_eq!(sustained_after(&mut detector, 5000, 0, |_| noise.sample(1500.0)), None);
    assert_eq!(sustained_after(&mut detector, 600, 0, |_| noise.sample(500.0)), None);
    let after =
        sustained_after(&mut detector, 1000, 0, |at| voice(at, 9000.0) + noise.sample(500.0));
    assert!(after.is_some(), "the floor falls when the noise does");
}

#[test]
fn a_cough_is_no_speech() {
    let (mut detector, mut noise) = (VoiceDetector::default(), Noise(3));
    sustained_after(&mut detector, 1000, 0, |_| noise.sample(30.0));
    let cough = |at: usize, noise: &mut Noise| {
        let loud = if at < 2800 { 12_000.0 } else { 30.0 };
        noise.sample(loud)
    };
    let after = sustained_after(&mut detector, 1500, 0, |at| cough(at, &mut noise));
    assert_eq!(after, None);
}

#[test]
fn a_prompts_own_echo_is_not_speech_but_a_caller_over_it_is() {
    let (mut detector, mut noise) = (VoiceDetector::default(), Noise(4));
    detector.prompt_begins();
    // The echo of a prompt, 25 dB down.
    let after =
        sustained_after(&mut detector, 4000, 400, |at| voice(at, 500.0) + noise.sample(20.0));
    assert_eq!(after, None);
    let caller = sustained_after(&mut detector, 600, 0, |at| {
        voice(at, 500.0) + voice(at * 5 / 4, 5000.0) + noise.sample(20.0)
    });
    assert!(caller.is_some());
}

#[test]
fn the_mains_hum_is_no_voice() {
    let mut detector = VoiceDetector::default();
    let hum = |at: usize| (at as f32 * 50.0 / 8000.0 * std::f32::consts::TAU).sin() * 800.0;
    assert_eq!(sustained_after(&mut detector, 3000, 0, hum), None);
}
