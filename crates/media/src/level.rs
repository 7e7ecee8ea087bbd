//! One loudness for all prompts, whoever recorded them.

/// The loudness of speech in every prompt: −20 dB below full scale, RMS.
const TARGET: f32 = 0.1;
/// The highest sample: −1 dB.
const CEILING: f32 = 0.891;
/// A quiet recording is raised by at most 24 dB: more would make a prompt of its noise.
const GAIN_MAX: f32 = 15.8;
/// The softest speech that reaches the common loudness so, in dB below full scale.
pub(crate) const RAISED_MIN: f32 = -44.0;
/// Loudness is measured by blocks of 50 ms.
const BLOCK: usize = 400;
/// A block under −50 dB is a pause.
const SILENCE: f32 = 1e-5;
/// A block 10 dB under the mean is a pause between words.
const PAUSE: f32 = 0.1;
/// The limiter lowers its gain so many samples before and after a peak: 5 ms.
const REACH: usize = 40;

/// Brings speech to the common loudness without clipping.
pub(crate) fn level(samples: &mut [f32]) {
    if let Some(power) = speech_power(samples, BLOCK) {
        let gain = (TARGET / power.sqrt()).min(GAIN_MAX);
        samples.iter_mut().for_each(|sample| *sample *= gain);
    }
    limit(samples);
}

/// Samples as 16 bits.
pub(crate) fn to_linear(samples: &[f32]) -> Vec<i16> {
    samples.iter().map(|sample| (sample * 32_767.0).round() as i16).collect()
}

/// Mean square of the blocks that are not pauses; `None` of silence.
pub(crate) fn speech_power(samples: &[f32], block: usize) -> Option<f32> {
    let power = |block: &[f32]| block.iter().map(|s| s * s).sum::<f32>() / block.len() as f32;
    let blocks: Vec<f32> = samples.chunks(block).map(power).filter(|&p| p > SILENCE).collect();
    let gate = PAUSE * mean(blocks.iter().copied())?;
    mean(blocks.iter().copied().filter(|&power| power > gate))
}

fn mean(values: impl Iterator<Item = f32>) -> Option<f32> {
    let (count, sum) = values.fold((0_u32, 0.0), |(count, sum), value| (count + 1, sum + value));
    (count > 0).then(|| sum / count as f32)
}

/// Turns the gain down around peaks, smoothly, so that no sample is over the ceiling: the least
/// gain within reach, averaged over the same reach, is never above what the sample itself needs.
fn limit(samples: &mut [f32]) {
    let length = samples.len();
    let within = |at: usize| at.saturating_sub(REACH)..(at + REACH + 1).min(length);
    let mut least = vec![1.0_f32; length];
    let mut limited = false;
    for (at, sample) in samples.iter().enumerate().filter(|(_, sample)| sample.abs() > CEILING) {
        limited = true;
        let needed = CEILING / sample.abs();
        least[within(at)].iter_mut().for_each(|gain| *gain = gain.min(needed));
    }
    if !limited {
        return;
    }
    // Sums up to each sample, so that an average is one subtraction.
    let mut sums = vec![0.0_f64; length + 1];
    for (at, gain) in least.iter().enumerate() {
        sums[at + 1] = sums[at] + f64::from(*gain);
    }
    for (at, sample) in samples.iter_mut().enumerate() {
        let reach = within(at);
        let sum = sums[reach.end] - sums[reach.start];
        *sample *= (sum / reach.len() as f64) as f32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn speechlike(amplitude: f32) -> Vec<f32> {
        // Half a second of tone, half a second of near silence, four times.
        (0..32_000)
            .map(|n| {
                let loud = if n / 4000 % 2 == 0 { amplitude } else { amplitude * 0.001 };
                loud * (n as f32 * 0.5).sin()
            })
            .collect()
    }

    fn decibels(power: f32) -> f32 {
        10.0 * power.log10()
    }

    #[test]
    fn loud_and_quiet_recordings_become_equal() {
        for amplitude in [0.02, 0.2, 0.9] {
            let mut samples = speechlike(amplitude);
            level(&mut samples);
            let loudness = decibels(speech_power(&samples, BLOCK).unwrap());
            assert!((loudness + 20.0).abs() < 0.5, "{amplitude}: {loudness}");
        }
    }

    #[test]
    fn peaks_are_limited_and_not_clipped() {
        let mut samples = speechlike(0.1);
        for at in (100..32_000).step_by(1000) {
            samples[at] = 1.0;
        }
        level(&mut samples);
        let peak = samples.iter().fold(0.0, |peak: f32, s| peak.max(s.abs()));
        assert!(peak <= CEILING * 1.0001, "{peak}");
    }

    #[test]
    fn silence_stays_silent() {
        let mut samples = vec![0.0; 8000];
        level(&mut samples);
        assert!(samples.iter().all(|&sample| sample == 0.0));
        let mut hiss = vec![0.001; 8000];
        level(&mut hiss);
        assert!(hiss.iter().all(|&sample| sample < 0.002));
    }
}
