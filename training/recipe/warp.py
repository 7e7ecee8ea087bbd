"""Other speakers out of one natural voice: pitch, formants and tempo changed by the WORLD vocoder."""

from dataclasses import dataclass

import numpy as np
import pyworld

FRAME_MS = 8.0


@dataclass(frozen=True)
class Speaker:
    """Factors on the natural voice. Formants above 1 make a shorter vocal tract; intonation stretches the melody."""

    pitch: float
    formants: float
    tempo: float = 1.0
    intonation: float = 1.0


# The natural voice is a man's. These speakers are kept for measuring: their corner of pitch and formants is not trained.
HELD_OUT_TEST = (Speaker(1.62, 1.13), Speaker(0.84, 0.93), Speaker(1.22, 1.08, 1.08))
HELD_OUT_DEVELOPMENT = (Speaker(1.45, 1.18), Speaker(0.93, 0.97))
# How near a trained speaker may come to a held-out one, in both factors at once.
NEAR_PITCH = 0.09
NEAR_FORMANTS = 0.025


def draw(rng):
    """A speaker to train on: a man, a woman or a child, not near one that is held out."""
    while True:
        kind = rng.random()
        if kind < 0.35:
            speaker = Speaker(rng.uniform(0.72, 1.2), rng.uniform(0.86, 1.06), rng.uniform(0.82, 1.25),
                              rng.uniform(0.6, 1.5))
        else:
            speaker = Speaker(rng.uniform(1.3, 2.2), rng.uniform(1.04, 1.28), rng.uniform(0.82, 1.25),
                              rng.uniform(0.6, 1.5))
        if not any(_near(speaker, held) for held in HELD_OUT_TEST + HELD_OUT_DEVELOPMENT):
            return speaker


def speak(samples, rate, speakers):
    """`samples` as each of `speakers` would say it. One analysis serves all of them."""
    signal = samples.astype(np.float64)
    pitch, times = pyworld.dio(signal, rate, frame_period=FRAME_MS)
    pitch = pyworld.stonemask(signal, pitch, times, rate)
    envelope = pyworld.cheaptrick(signal, pitch, times, rate)
    breath = pyworld.d4c(signal, pitch, times, rate)
    return [_synthesise(pitch, envelope, breath, rate, speaker) for speaker in speakers]


def _synthesise(pitch, envelope, breath, rate, speaker):
    voiced = pitch > 0
    middle = np.exp(np.log(pitch[voiced]).mean()) if voiced.any() else 100.0
    melody = np.where(voiced, middle * (np.maximum(pitch, 1) / middle) ** speaker.intonation * speaker.pitch, 0.0)
    samples = pyworld.synthesize(
        melody, _stretched(envelope, speaker.formants), _stretched(breath, speaker.formants), rate,
        FRAME_MS / speaker.tempo,
    )
    return samples.astype(np.float32)


def _stretched(frames, factor):
    """Spectra whose frequency axis is stretched by `factor`."""
    bins = frames.shape[1]
    source = np.minimum(np.arange(bins) / factor, bins - 1)
    low = np.minimum(source.astype(int), bins - 2)
    share = source - low
    return np.ascontiguousarray(frames[:, low] * (1 - share) + frames[:, low + 1] * share)


def _near(one, other):
    return abs(one.pitch - other.pitch) < NEAR_PITCH and abs(one.formants - other.formants) < NEAR_FORMANTS
