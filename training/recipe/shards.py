"""The training set: shards of clean 8 kHz voices with their texts, each made from its own seed.

A shard is a file; what is there is not made again, so an interrupted run goes on where it stopped. The line is added
while training, another one each time.
"""

import json
import random
import time
from pathlib import Path

import numpy as np
import soxr

from . import foreign, line, voices, warp

SECONDS_MAX = 9.0
SECONDS_MIN = 0.2
FESTVOX_SPEAKERS = 5
ESPEAK_SENTENCES = 200
FESTVOX_SENTENCES = 20
OTHER_SOUNDS = 60
CODED_SHARE = 0.06


def make(folder, plan, grammar):
    """Makes the shards that `plan` names and `folder` lacks; plan: kind to number of shards."""
    folder.mkdir(parents=True, exist_ok=True)
    names = interleaved(plan)
    begun, made = time.monotonic(), 0
    for place, (kind, number) in enumerate(names, 1):
        file = folder / f"{kind}-{number:03}.npz"
        if file.exists():
            continue
        save(file, KINDS[kind](number, grammar))
        made += 1
        left = (time.monotonic() - begun) / made * (len(names) - place)
        print(f"voices {place}/{len(names)}: {file.name}, about {left / 60:.0f} min left", flush=True)


def interleaved(plan):
    """The shards of `plan`, kinds mixed, so that a stopped run has some of each."""
    return sorted(
        ((kind, number) for kind, count in plan.items() for number in range(count)),
        key=lambda shard: (shard[1] + 0.5) / plan[shard[0]],
    )


def save(file, utterances):
    """Writes (samples, text) pairs as one file; it appears whole or not at all."""
    kept = [(pcm(samples), text) for samples, text in utterances if _length_fits(samples)]
    ends = np.cumsum([len(samples) for samples, _ in kept])
    audio = np.concatenate([samples for samples, _ in kept]) if kept else np.zeros(0, np.int16)
    partial = file.with_suffix(".part")
    with partial.open("wb") as out:
        np.savez(out, audio=audio, ends=ends, texts=json.dumps([text for _, text in kept]))
    partial.rename(file)


def load(folder):
    """All utterances of a folder's shards as (int16 samples, text)."""
    utterances = []
    for file in sorted(Path(folder).glob("*.npz")):
        with np.load(file) as shard:
            audio, ends, texts = shard["audio"], shard["ends"], json.loads(str(shard["texts"]))
        utterances += list(zip(np.split(audio, ends[:-1]), texts)) if texts else []
    return utterances


def pcm(samples):
    """Levelled 16-bit samples."""
    return np.round(samples / (np.abs(samples).max() + 1e-9) * 0.6 * 32767).astype(np.int16)


def telephone_rate(samples, rate, speed=1.0):
    """`samples` at 8 kHz; speed other than 1 shifts pitch, formants and tempo together."""
    return soxr.resample(samples, rate * speed, line.RATE).astype(np.float32)


def _espeak(number, grammar):
    rng = random.Random(f"espeak {number}")
    for _ in range(ESPEAK_SENTENCES):
        variant, speed, pitch = rng.choice(voices.espeak_variants()), rng.randint(105, 225), rng.randint(10, 95)
        text, stretch, codec = grammar.training(rng), rng.uniform(0.86, 1.18), _codec(rng)
        if said := voices.espeak(text, variant, speed, pitch):
            yield codec(telephone_rate(*said, stretch)), text


def _festvox(number, grammar):
    rng = random.Random(f"festvox {number}")
    texts = [grammar.training(rng) for _ in range(FESTVOX_SENTENCES)]
    for text, said in zip(texts, voices.festival(texts)):
        if said is None:
            continue
        yield telephone_rate(*said), text
        speakers = [warp.draw(rng) for _ in range(FESTVOX_SPEAKERS)]
        for samples in warp.speak(*said, speakers):
            yield _codec(rng)(telephone_rate(samples, said[1])), text


def _other(number, grammar):
    """What is no Russian speech, with an empty transcript."""
    rng = random.Random(f"other {number}")
    numpy_rng = np.random.default_rng(number)
    for _ in range(OTHER_SOUNDS):
        kind = rng.random()
        if kind < 0.2:
            yield line.cough(numpy_rng), ""
        elif kind < 0.35:
            yield line.music(numpy_rng), ""
        elif kind < 0.5:
            yield line.noise(int(rng.uniform(1, 5) * line.RATE), numpy_rng), ""
        else:
            language, text = foreign.sentence(rng)
            said = voices.espeak(text, rng.choice(voices.espeak_variants()), rng.randint(120, 200),
                                 rng.randint(20, 80), language)
            if said:
                yield telephone_rate(*said), ""


KINDS = {"espeak": _espeak, "festvox": _festvox, "other": _other}


def _codec(rng):
    if rng.random() >= CODED_SHARE:
        return lambda samples: samples
    codec = rng.choice(("gsm", "amr-nb"))
    return lambda samples: line.coded(samples, codec)


def _length_fits(samples):
    return SECONDS_MIN <= len(samples) / line.RATE <= SECONDS_MAX
