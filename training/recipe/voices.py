"""The free Russian voices of Debian: espeak-ng's variants and festvox-ru.

Both run as child processes: libespeak crashes now and then, and a crash shall cost one sentence, not the run.
"""

import subprocess
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
import soundfile

# Variants that no caller sounds like.
UNLIKE_PEOPLE = {
    "whisper", "whisperf", "Demonic", "croak", "robosoft", "robosoft2", "robosoft3", "robosoft4", "robosoft5",
    "robosoft6", "robosoft7", "robosoft8", "announcer", "UniRobot", "anikaRobot", "fast", "RicishayMax",
    "RicishayMax2", "RicishayMax3", "Tweaky",
}
# Variants kept for measuring, never trained on: three lower and three higher voices, two of the Klatt kind.
HELD_OUT_TEST = ("f5", "m7", "klatt4", "Michael", "belinda", "linda")
HELD_OUT_DEVELOPMENT = ("f2", "m3", "boris", "steph2")
SYNTHESIS_SECONDS_MAX = 30


@cache
def espeak_variants():
    """Names of the variants to train on."""
    held = UNLIKE_PEOPLE | set(HELD_OUT_TEST) | set(HELD_OUT_DEVELOPMENT)
    listing = subprocess.run(["espeak-ng", "--voices=variant"], capture_output=True, text=True, check=True).stdout
    names = {Path(line.split()[-1]).name for line in listing.splitlines()[1:] if "!v/" in line}
    return sorted(names - held)


def espeak(text, variant, speed=160, pitch=50, language="ru"):
    """`text` by espeak-ng as (samples, rate); None if it crashed. Speed in words a minute, pitch 0 to 99."""
    voice = f"{language}+{variant}" if variant else language
    command = ["espeak-ng", "-v", voice, "-s", str(speed), "-p", str(pitch), "--stdout", text]
    try:
        wav = subprocess.run(command, capture_output=True, timeout=SYNTHESIS_SECONDS_MAX).stdout
    except subprocess.TimeoutExpired:
        return None
    if len(wav) <= 44:
        return None
    # The header of a WAV on a pipe does not know its length, so it is skipped.
    return trim(np.frombuffer(wav[44 : len(wav) // 2 * 2], "<i2").astype(np.float32) / 32768), 22050


def festival(texts, voice="msu_ru_nsh_clunits"):
    """`texts` by festvox-ru, each as (samples, rate), or None where Festival failed."""
    with tempfile.TemporaryDirectory() as folder:
        said = []
        waiting = list(enumerate(texts))
        while waiting:
            script = [f"(voice_{voice})"]
            script += [f'(utt.save.wave (utt.synth (Utterance Text "{text}")) "{folder}/{n}.wav" (quote riff))'
                       for n, text in waiting]
            (Path(folder) / "say.scm").write_text("\n".join(script), encoding="utf-8")
            subprocess.run(["festival", "--batch", f"{folder}/say.scm"], capture_output=True,
                           timeout=SYNTHESIS_SECONDS_MAX * len(texts))
            done = [n for n, _ in waiting if (Path(folder) / f"{n}.wav").exists()]
            # After a crash the run goes on behind the sentence that caused it.
            after = (max(done) if done else waiting[0][0] - 1) + 1
            waiting = [(n, text) for n, text in waiting if n > after]
        for n in range(len(texts)):
            file = Path(folder) / f"{n}.wav"
            said.append(_read(file) if file.exists() else None)
        return said


def trim(samples, floor=0.004):
    """`samples` without the silence before and after; empty if there is nothing but silence."""
    loud = np.flatnonzero(np.abs(samples) > floor)
    return samples[loud[0] : loud[-1] + 1] if len(loud) else samples[:0]


def _read(file):
    try:
        samples, rate = soundfile.read(file, dtype="float32")
    except soundfile.LibsndfileError:
        return None
    samples = trim(samples)
    return (samples, rate) if len(samples) else None
