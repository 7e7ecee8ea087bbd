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

/// Feeds seconds of sound; says after which time a voice was sustained for the first time.
fn sustained_after(
    detector: &mut VoiceDetector,
    millis: usize,
    sound: impl FnMut(usize) -> f32,
) -> Option<usize> {
    sustained_over(detector, millis, |_| SILENT, sound)
}

/// The same while something is sent: its level in a block.
fn sustained_over(
    detector: &mut VoiceDetector,
    millis: usize,
    sent: impl Fn(usize) -> f32,
    mut sound: impl FnMut(usize) -> f32,
) -> Option<usize> {
    let mut first = None;
    for block in 0..millis / 20 {
        let samples =
            std::array::from_fn(|n| sound(block * BLOCK + n).clamp(-32_000.0, 32_000.0) as i16);
        let heard = detector.hear(&samples, sent(block));
        if heard.is_sustained && first.is_none() {
            first = Some(block * 20 + 20);
        }
    }
    first
}

#[test]
fn a_voice_is_heard_within_300_ms_over_a_quiet_line() {
    let (mut detector, mut noise) = (VoiceDetector::default(), Noise(1));
    assert_eq!(sustained_after(&mut detector, 2000, |_| noise.sample(30.0)), None);
    let after = sustained_after(&mut detector, 1000, |at| voice(at, 6000.0) + noise.sample(30.0));
    assert!(after.is_some_and(|after| (200..=300).contains(&after)), "{after:?}");
}

#[test]
fn steady_noise_is_never_speech_and_a_voice_above_it_is() {
    let (mut detector, mut noise) = (VoiceDetector::default(), Noise(2));
    assert_eq!(sustained_after(&mut detector, 5000, |_| noise.sample(1500.0)), None);
    assert_eq!(sustained_after(&mut detector, 600, |_| noise.sample(500.0)), None);
    let after = sustained_after(&mut detector, 1000, |at| voice(at, 9000.0) + noise.sample(500.0));
    assert!(after.is_some(), "the floor falls when the noise does");
}

#[test]
fn a_cough_is_no_speech() {
    let (mut detector, mut noise) = (VoiceDetector::default(), Noise(3));
    sustained_after(&mut detector, 1000, |_| noise.sample(30.0));
    let cough = |at: usize, noise: &mut Noise| {
        let loud = if at < 2800 { 12_000.0 } else { 30.0 };
        noise.sample(loud)
    };
    let after = sustained_after(&mut detector, 1500, |at| cough(at, &mut noise));
    assert_eq!(after, None);
}

/// A prompt: words of 400 ms with pauses between them, each as loud as its own.
fn prompt(at: usize) -> f32 {
    let loud = [9000.0, 5000.0, 12_000.0, 7000.0][at / 4800 % 4];
    if at % 4800 < 3200 { voice(at, loud) } else { 0.0 }
}

fn level(sound: impl Fn(usize) -> f32, block: usize) -> f32 {
    let power: f32 = (0..BLOCK).map(|n| (sound(block * BLOCK + n) / 32_768.0).powi(2)).sum::<f32>();
    10.0 * (power / BLOCK as f32 + 1e-10).log10()
}

/// What comes back of the prompt after 120 ms, so many times quieter.
fn echo(at: usize, quieter: f32) -> f32 {
    at.checked_sub(960).map_or(0.0, prompt) / quieter
}

#[test]
fn a_prompts_own_echo_is_not_speech_but_a_caller_over_it_is() {
    // 12, 20 and 26 dB down; the caller is as loud as the prompt, and later the more of it comes back.
    for (quieter, latest) in [(4.0, 500), (10.0, 400), (20.0, 300)] {
        let (mut detector, mut noise) = (VoiceDetector::default(), Noise(4));
        detector.prompt_begins();
        let sent = |block| level(prompt, block);
        let alone = |at| echo(at, quieter) + noise.sample(20.0);
        assert_eq!(sustained_over(&mut detector, 4800, sent, alone), None, "{quieter}");
        // The prompt goes on where it was.
        let begun = 4800 * 8;
        let sent = |block| level(|at| prompt(begun + at), block);
        let caller = |at| {
            let said = if at < 4000 { voice(at * 5 / 4, 9000.0) } else { 0.0 };
            echo(begun + at, quieter) + said + noise.sample(20.0)
        };
        let after = sustained_over(&mut detector, 1000, sent, caller);
        assert!(after.is_some_and(|after| after <= latest), "{quieter}: {after:?}");
    }
}

#[test]
fn a_cough_over_an_echo_is_no_speech() {
    let (mut detector, mut noise) = (VoiceDetector::default(), Noise(5));
    detector.prompt_begins();
    let cough = |at: usize| {
        let loud = if (16_000..18_800).contains(&at) { 12_000.0 } else { 20.0 };
        echo(at, 4.0) + noise.sample(loud)
    };
    assert_eq!(sustained_over(&mut detector, 4000, |block| level(prompt, block), cough), None);
}

#[test]
fn what_is_said_in_a_prompts_first_moments_does_not_stop_it() {
    let (mut detector, mut noise) = (VoiceDetector::default(), Noise(6));
    detector.prompt_begins();
    let said = |at: usize| {
        let said = if at < 4000 { voice(at * 5 / 4, 9000.0) } else { 0.0 };
        said + echo(at, 10.0) + noise.sample(20.0)
    };
    assert_eq!(sustained_over(&mut detector, 4800, |block| level(prompt, block), said), None);
}

#[test]
fn the_mains_hum_is_no_voice() {
    let mut detector = VoiceDetector::default();
    let hum = |at: usize| (at as f32 * 50.0 / 8000.0 * std::f32::consts::TAU).sin() * 800.0;
    assert_eq!(sustained_after(&mut detector, 3000, hum), None);
}
