"""Training: CTC on the shards, with another telephone line at each hearing. Goes on from its checkpoint."""

import copy
import math
import random
import time

import numpy as np
import torch
from torch.nn import functional

from . import ends, line, normal, shards
from . import start as beginning
from .network import Network, frames_of

BATCH_SECONDS = 40
RATE_TOP = 2.5e-3
# Of a network that has learnt before.
RATE_TOP_AGAIN = 1e-3
RATE_END = 0.02
WARM_STEPS = 200
AVERAGE = 0.998
GRADIENT_MAX = 2.0
SAVE_SECONDS = 120
BFLOAT = torch.cpu._is_avx512_bf16_supported()
# Share of own recordings in what is heard, however few they are.
OWN_SHARE = 0.5
# The first steps hear short sentences on clean lines: where letters are is found sooner.
EASY_STEPS = 500
EASY_SECONDS = 2.5
# So many steps have the same noises and handsets.
SURROUNDINGS_STEPS = 150


def train(work, minutes, start=None):
    """Trains for `minutes` of a core in all; the average of the weights is what is kept."""
    torch.set_num_threads(1)
    voices = shards.load(work / "shards")
    own = shards.load(work / "own") if (work / "own").exists() else []
    if not voices and not own:
        raise SystemExit("no voices: run the stage `voices` first")
    state = State.resume(work / "checkpoint.pt")
    if state is None:
        ends.forget(work)
        state = State.begin(voices or own, start)
    print(f"{len(voices) + len(own)} utterances, {state.parameters() / 1e6:.2f} M parameters, from step {state.step}")
    rng = np.random.default_rng(state.step)
    last_saved = time.monotonic()
    losses = []
    batches = iter(())
    surroundings = None
    while state.seconds < minutes * 60:
        begun = time.process_time()
        if (batch := next(batches, None)) is None:
            heard = _hearing(voices, own, rng)
            if state.step < EASY_STEPS:
                heard = [utterance for utterance in heard if len(utterance[0]) < EASY_SECONDS * line.RATE] or heard
            batches = iter(_batches(heard, rng))
            continue
        if surroundings is None or state.step % SURROUNDINGS_STEPS == 0:
            surroundings = _surroundings(voices or own, rng)
        losses.append(_step(state, batch, surroundings, rng, state.seconds / (minutes * 60)))
        state.seconds += time.process_time() - begun
        if time.monotonic() - last_saved > SAVE_SECONDS:
            last_saved = time.monotonic()
            state.save(work / "checkpoint.pt")
            print(f"training {state.seconds / 60:.1f} of {minutes:.0f} min, step {state.step}, heard "
                  f"{state.heard / 3600:.1f} h, loss {np.mean(losses[-100:]):.3f}", flush=True)
    state.save(work / "checkpoint.pt")
    ends.keep(work, state)
    print(f"trained: {state.step} steps, {state.heard / 3600:.1f} h heard, loss {np.mean(losses[-100:] or [0]):.3f}")


class State:
    """All that a run needs to go on."""

    def __init__(self, network, rate):
        self.network, self.rate = network, rate
        self.average = copy.deepcopy(network).eval()
        self.optimizer = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=0.01, betas=(0.9, 0.98))
        self.step, self.seconds, self.heard = 0, 0.0, 0.0

    @classmethod
    def begin(cls, voices, start):
        if start:
            state = cls(beginning.network(start, lambda network: _features(network, voices)), RATE_TOP_AGAIN)
            # It knows where letters are.
            state.step = EASY_STEPS
            return state
        network = Network()
        _measure_features(network, voices)
        return cls(network, RATE_TOP)

    @classmethod
    def resume(cls, file):
        if not file.exists():
            return None
        saved = torch.load(file, weights_only=True)
        state = cls(Network(), saved["rate"])
        state.network.load_state_dict(saved["network"])
        state.average.load_state_dict(saved["average"])
        state.optimizer.load_state_dict(saved["optimizer"])
        state.step, state.seconds, state.heard = saved["step"], saved["seconds"], saved["heard"]
        return state

    def save(self, file):
        partial = file.with_suffix(".part")
        torch.save({
            "network": self.network.state_dict(), "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(), "step": self.step, "seconds": self.seconds, "heard": self.heard,
            "rate": self.rate,
        }, partial)
        partial.rename(file)

    def parameters(self):
        return sum(weights.numel() for weights in self.network.parameters())

    def average_in(self):
        """Moves the averaged weights towards the present ones; statistics of batches are taken as they are."""
        keep = min(AVERAGE, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for kept, new in zip(self.average.state_dict().values(), self.network.state_dict().values()):
                if kept.dtype.is_floating_point:
                    kept.lerp_(new, 1 - keep)
                else:
                    kept.copy_(new)


def _step(state, batch, surroundings, rng, progress):
    rate = state.rate * min(1, (state.step + 1) / WARM_STEPS)
    rate *= RATE_END + (1 - RATE_END) * 0.5 * (1 + math.cos(math.pi * min(progress, 1)))
    for group in state.optimizer.param_groups:
        group["lr"] = rate
    signals, lengths = _signals(batch, surroundings, rng, easy=state.step < EASY_STEPS)
    state.network.train()
    with torch.no_grad():
        features = _masked(state.network.features(signals), rng)
    labels = [normal.codes(text) for _, text in batch]
    frames = torch.tensor([frames_of(length) for length in lengths])
    # By frame, not by letter: a cough has no letters, and shall weigh no more than its time.
    # Half the time of single precision, where the processor computes in it.
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=BFLOAT):
        logprobs = state.network(features)
    loss = functional.ctc_loss(
        logprobs.float().transpose(0, 1),
        torch.tensor([code for text in labels for code in text]), frames,
        torch.tensor([len(text) for text in labels]),
        blank=normal.BLANK, reduction="sum", zero_infinity=True,
    ) / frames.sum()
    state.optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(state.network.parameters(), GRADIENT_MAX)
    state.optimizer.step()
    state.step += 1
    state.heard += sum(lengths) / line.RATE
    state.average_in()
    return loss.item()


def _surroundings(voices, rng):
    return line.Surroundings(rng, [voices[place][0] / np.float32(32768) for place in rng.integers(len(voices), size=30)])


def _signals(batch, surroundings, rng, easy):
    """The batch through lines of its own, padded to one length."""
    heard = []
    for samples, _ in batch:
        voice = samples / np.float32(32768)
        heard.append(line.measured(voice, rng, "clean") if easy else line.call(voice, rng, surroundings))
    unit = line.RATE * 3 // 100
    longest = -(-max(map(len, heard)) // unit) * unit
    signals = torch.zeros(len(heard), longest)
    for place, voice in enumerate(heard):
        signals[place, : len(voice)] = torch.from_numpy(voice)
    return signals, [len(voice) for voice in heard]


def _masked(features, rng):
    """Some bands and some moments are taken away, so that the network leans on none."""
    _, bands, _, frames = features.shape
    for one in features:
        for _ in range(2):
            width = rng.integers(0, 7)
            start = rng.integers(0, bands - width)
            one[start : start + width] = 0
        for _ in range(max(1, frames // 120)):
            width = rng.integers(0, 12)
            start = rng.integers(0, max(1, frames - width))
            one[:, :, start : start + width] = 0
    return features


def _hearing(voices, own, rng):
    """What one round hears: everything once, and own recordings as often as their share wants."""
    if not own:
        return voices
    share = OWN_SHARE if voices else 1.0
    count = int(len(voices) * share / (1 - share)) if voices else len(own)
    return voices + [own[place] for place in rng.integers(len(own), size=count)]


def _batches(utterances, rng):
    """Utterances of like length together, BATCH_SECONDS each, in random order."""
    order = sorted(utterances, key=lambda utterance: len(utterance[0]) + rng.integers(4000))
    batches, batch = [], []
    for utterance in order:
        if batch and max(len(utterance[0]), 8000) * (len(batch) + 1) > BATCH_SECONDS * line.RATE:
            batches.append(batch)
            batch = []
        batch.append(utterance)
    batches.append(batch)
    random.Random(int(rng.integers(1 << 30))).shuffle(batches)
    return batches


def _features(network, voices):
    """What the network's layers get of some voices, one after another: (1, BANDS, 1, time)."""
    rng = np.random.default_rng(0)
    surroundings = _surroundings(voices, rng)
    with torch.no_grad():
        return torch.cat([
            network.features(_signals([voices[place]], surroundings, rng, easy=False)[0])
            for place in rng.integers(len(voices), size=300)
        ], dim=3)


def _measure_features(network, voices):
    frames = _features(network, voices)[0, :, 0]
    with torch.no_grad():
        network.spectrum.mean.copy_(frames.mean(dim=1, keepdim=True))
        network.spectrum.deviation.copy_(frames.std(dim=1, keepdim=True))
