"""What a telephone line does to a voice: 8 kHz mono samples in [-1, 1] in, the same out."""

import subprocess
from functools import cache

import numpy as np
from scipy import signal

RATE = 8000
PACKET = RATE // 50
A_LAW = 87.6


class Surroundings:
    """Noises and handsets made beforehand, for making them anew for each voice takes longer than all the rest."""

    NOISES = 60
    HANDSETS = 120
    NOISE_SECONDS = 12

    def __init__(self, rng, babble=()):
        self.noises = [noise(self.NOISE_SECONDS * RATE, rng, babble) for _ in range(self.NOISES)]
        self.handsets = [handset(rng) for _ in range(self.HANDSETS)]

    def noise(self, length, rng):
        """A stretch of one of the noises."""
        track = self.noises[rng.integers(len(self.noises))]
        return np.resize(np.roll(track, rng.integers(len(track))), length)

    def handset(self, rng):
        """One of the handsets."""
        return self.handsets[rng.integers(len(self.handsets))]


def call(voice, rng, surroundings):
    """A voice through a random line, as in training; silence before and after it belongs to the call."""
    voice = np.concatenate([_silence(rng.uniform(0.1, 0.7)), voice, _silence(rng.uniform(0.45, 0.8))])
    loud = _loudness(voice)
    if rng.random() < 0.5:
        voice = room(voice, rng)
    if rng.random() < 0.7:
        voice = np.convolve(voice, surroundings.handset(rng), "same").astype(np.float32)
    if rng.random() < 0.85:
        voice = noisy(voice, rng.uniform(0, 28), surroundings.noise(len(voice), rng), loud)
    voice = band(voice, rng.integers(10, 18) * 20, rng.integers(61, 74) * 50)
    voice = voice * (10 ** (rng.uniform(-38, -10) / 20) / max(loud, 1e-4))
    if rng.random() < 0.12:
        voice = clipped(voice, rng)
    if rng.random() < 0.2:
        voice = lossy(voice, rng.uniform(0.005, 0.06), rng)
    return a_law(np.clip(voice, -1, 1))


def measured(voice, rng, line, babble=()):
    """A voice through a line of the evaluation: clean, snr15, snr10, snr5 or loss3."""
    voice = np.concatenate([_silence(0.3), voice, _silence(0.6)])
    loud = _loudness(voice)
    if line.startswith("snr"):
        voice = noisy(voice, float(line[3:]), noise(len(voice), rng, babble), loud)
    voice = band(voice, 300, 3400) * (10 ** (-22 / 20) / max(loud, 1e-4))
    if line == "loss3":
        voice = lossy(voice, 0.03, rng)
    return a_law(np.clip(voice, -1, 1))


def band(voice, low, high):
    """What the line lets through, in hertz."""
    return signal.sosfilt(_band(int(low), int(high)), voice).astype(np.float32)


def a_law(voice):
    """G.711 A-law and back."""
    return _a_law_table()[np.round(voice * 32767).astype(np.int32) + 32768]


def room(voice, rng):
    """Echoes of a room: exponentially fading noise as its response."""
    length = int(rng.uniform(0.08, 0.5) * RATE)
    response = rng.standard_normal(length) * np.exp(-6.9 * np.arange(length) / length)
    response *= rng.uniform(0.05, 0.4) / np.sqrt((response**2).sum())
    response[0] += 1.0
    return signal.fftconvolve(voice, response)[: len(voice)].astype(np.float32)


def handset(rng):
    """The colour of a handset as a filter: a random smooth curve of up to 10 dB."""
    places = np.array([0, 300, 700, 1200, 1800, 2500, 3200, 4000])
    gains = 10 ** (np.clip(np.cumsum(rng.normal(0, 3.0, len(places))), -10, 10) / 20)
    return signal.firwin2(49, places, gains, fs=RATE).astype(np.float32)


def noisy(voice, snr, added, loud):
    """`added` noise so many decibels under the loud parts of the voice."""
    scale = loud / (np.sqrt((added**2).mean()) + 1e-9) / 10 ** (snr / 20)
    return (voice + added * scale).astype(np.float32)


def noise(length, rng, babble=()):
    """White, coloured, swelling or mains noise, or several people talking."""
    kind = rng.integers(0, 5)
    if kind == 4 and len(babble) > 3:
        total = np.zeros(length, np.float32)
        for _ in range(rng.integers(2, 6)):
            talk = babble[rng.integers(len(babble))]
            total += np.roll(np.resize(talk, length), rng.integers(length))
        return total
    white = rng.standard_normal(length)
    if kind == 0:
        return white.astype(np.float32)
    if kind == 3:
        times = np.arange(length) / RATE
        hum = sum(np.sin(2 * np.pi * 50 * n * times + rng.uniform(0, 6)) / n for n in (1, 2, 3, 5, 6, 7, 9, 10, 12))
        return (hum + 0.5 * white).astype(np.float32)
    spectrum = np.fft.rfft(white)
    spectrum /= np.maximum(np.arange(len(spectrum)) * RATE / length, 40) ** rng.uniform(0.3, 1.1)
    coloured = np.fft.irfft(spectrum, length)
    if kind == 2:
        knots = max(3, length // 4000)
        coloured *= np.interp(np.arange(length), np.linspace(0, length, knots), rng.uniform(0.15, 1.5, knots))
    return coloured.astype(np.float32)


def clipped(voice, rng):
    """An overdriven microphone."""
    peak = np.abs(voice).max() + 1e-9
    return np.clip(voice * rng.uniform(2, 5), -peak, peak)


def lossy(voice, share, rng):
    """Lost packets, concealed as telephones do it: the last packet again, fading; then silence. Losses come in bursts."""
    voice = voice.copy()
    fade = 0.0
    lost = False
    for start in range(PACKET, len(voice) - PACKET + 1, PACKET):
        lost = rng.random() < (0.35 if lost else share * 0.67)
        if not lost:
            fade = 0.0
            continue
        fade = 0.8 if fade == 0.0 else fade * 0.5
        voice[start : start + PACKET] = voice[start - PACKET : start] * fade
    return voice


def coded(voice, codec):
    """The voice through sox's gsm or amr-nb; unchanged if sox cannot."""
    raw = ["-t", "raw", "-r", str(RATE), "-e", "signed", "-b", "16", "-c", "1"]
    try:
        packed = _sox([*raw, "-", "-t", codec, "-"], (np.clip(voice, -1, 1) * 32767).astype("<i2").tobytes())
        samples = np.frombuffer(_sox(["-t", codec, "-", *raw, "-"], packed), "<i2")
    except (OSError, subprocess.SubprocessError):
        return voice
    return samples.astype(np.float32) / 32768 if len(samples) else voice


def cough(rng):
    """One to three bursts of coloured noise with the decay of a cough."""
    bursts = []
    for _ in range(rng.integers(1, 4)):
        length = int(rng.uniform(0.12, 0.4) * RATE)
        rise = np.minimum(np.arange(length) / (0.012 * RATE), 1) * np.exp(-4 * np.arange(length) / length)
        throat = signal.lfilter([1], [1, -1.2 * np.cos(rng.uniform(0.5, 1.2)), 0.6], rng.standard_normal(length))
        bursts += [throat * rise, np.zeros(int(rng.uniform(0.05, 0.3) * RATE))]
    return _level(np.concatenate(bursts))


def music(rng):
    """A few bars of chords: music on hold."""
    beat = rng.uniform(0.2, 0.6)
    tune = []
    for _ in range(rng.integers(4, 10)):
        times = np.arange(int(beat * RATE)) / RATE
        root = 110 * 2 ** (rng.integers(0, 24) / 12)
        chord = sum(np.sin(2 * np.pi * root * step * part * times) / part
                    for step in (1, 2 ** (rng.choice((3, 4)) / 12), 1.5) for part in (1, 2, 3))
        tune.append(chord * np.exp(-rng.uniform(0.5, 5) * times))
    return _level(np.concatenate(tune))


def _sox(arguments, data):
    return subprocess.run(["sox", *arguments], input=data, capture_output=True, check=True, timeout=20).stdout


def _loudness(voice):
    peak = np.abs(voice).max()
    return float(np.sqrt((voice[np.abs(voice) > 0.02 * peak] ** 2).mean())) if peak > 0 else 0.1


def _level(voice):
    return (voice / (np.abs(voice).max() + 1e-9) * 0.5).astype(np.float32)


def _silence(seconds):
    return np.zeros(int(seconds * RATE), np.float32)


@cache
def _band(low, high):
    return signal.butter(3, [low, high], "bandpass", fs=RATE, output="sos")


@cache
def _a_law_table():
    """What each 16-bit sample becomes: 128 levels for each sign, fine near zero."""
    size = np.abs(np.arange(-32768, 32768)) / 32768
    linear = 1 + np.log(A_LAW)
    bent = np.where(size < 1 / A_LAW, A_LAW * size / linear, (1 + np.log(np.maximum(A_LAW * size, 1))) / linear)
    level = (np.minimum(np.floor(bent * 128), 127) + 0.5) / 128
    flat = np.where(level < 1 / linear, level * linear / A_LAW, np.exp(level * linear - 1) / A_LAW)
    return (np.sign(np.arange(-32768, 32768)) * flat).astype(np.float32)
