"""The network: a small causal convolutional CTC network with T-one's streaming interface.

Offline and streaming run the same layers; streaming hands each layer the end of its previous input, which is the state.
Frames are (batch, channels, 1, time): with channels last in memory, training takes a little over half of what
one-dimensional convolutions take on a CPU.
"""

import math

import torch
from torch import nn
from torch.nn import functional

from . import normal

RATE = 8000
CHUNK = 2400
HOP = 80
WINDOW = 256
BANDS = 40
LOWEST_HZ, HIGHEST_HZ = 150, 3700
# Quieter than the steps of A-law: what lies under it is silence.
POWER_FLOOR = 1e-5
# Three frames of 10 ms make one of 30 ms.
STRIDE = 3
STEM_KERNEL = 9
KERNEL = 9
DILATIONS = (1, 1, 2, 1, 2, 1, 2, 1)
WIDTH = 256
# What a line sounds like while nobody speaks is known after about so long.
BACKGROUND_SECONDS = 1.5
CHUNK_FRAMES = CHUNK // HOP


class Spectrum(nn.Module):
    """Log powers of mel bands, normalised by the statistics of the training set."""

    def __init__(self):
        super().__init__()
        time = torch.arange(WINDOW, dtype=torch.float64)
        angle = 2 * math.pi / WINDOW * time * torch.arange(WINDOW // 2 + 1, dtype=torch.float64)[:, None]
        hann = torch.hann_window(WINDOW, dtype=torch.float64)
        waves = torch.cat([angle.cos() * hann, angle.sin() * hann]).float()
        self.register_buffer("waves", waves[:, None])
        self.register_buffer("bands", _mel_bands())
        self.register_buffer("mean", torch.zeros(BANDS, 1))
        self.register_buffer("deviation", torch.ones(BANDS, 1))

    def forward(self, signal):
        """(batch, samples) with WINDOW - HOP samples of the past before them -> (batch, BANDS, 1, samples / HOP)."""
        parts = functional.conv1d(signal[:, None], self.waves, stride=HOP)
        real, imaginary = parts.chunk(2, dim=1)
        power = torch.matmul(self.bands, real * real + imaginary * imaginary)
        return ((torch.log(power + POWER_FLOOR) - self.mean) / self.deviation).unsqueeze(2)


class Background(nn.Module):
    """The fading mean of each band up to now: what the voice stands out from, and how loud the line is."""

    def __init__(self):
        super().__init__()
        keep = math.exp(-HOP / RATE / BACKGROUND_SECONDS)
        ages = torch.arange(CHUNK_FRAMES)[:, None] - torch.arange(CHUNK_FRAMES)
        self.register_buffer("parts", torch.where(ages >= 0, (1 - keep) * keep ** ages.clamp(min=0), 0.0).T.contiguous())
        self.register_buffer("kept", keep ** torch.arange(1.0, CHUNK_FRAMES + 1))

    def forward(self, features, before):
        """(a chunk of features or less of it, the mean before them (batch, BANDS, 1, 1)) -> the mean at each of them."""
        frames = features.shape[3]
        return torch.matmul(features, self.parts[:frames, :frames]) + before * self.kept[:frames]

    def whole(self, features):
        """The means of a whole voice, from nothing heard before."""
        mean, means = features.new_zeros(*features.shape[:3], 1), []
        for chunk in features.split(CHUNK_FRAMES, dim=3):
            means.append(self(chunk, mean))
            mean = means[-1][:, :, :, -1:]
        return torch.cat(means, dim=3)


class Block(nn.Module):
    """A convolution in time for each channel, then two layers across channels, around which the input passes."""

    past = property(lambda self: (KERNEL - 1) * self.time.dilation[1])

    def __init__(self, width, dilation):
        super().__init__()
        self.time = nn.Conv2d(width, width, (1, KERNEL), dilation=(1, dilation), groups=width, bias=False)
        self.widen = nn.Conv2d(width, 2 * width, 1, bias=False)
        self.widen_norm = nn.BatchNorm2d(2 * width)
        self.narrow = nn.Conv2d(2 * width, width, 1, bias=False)
        self.narrow_norm = nn.BatchNorm2d(width)

    def forward(self, frames, before):
        """(frames, the `past` frames before them) -> frames."""
        hidden = self.time(torch.cat([before, frames], dim=3))
        hidden = functional.silu(self.widen_norm(self.widen(hidden)))
        return frames + self.narrow_norm(self.narrow(hidden))


class Network(nn.Module):
    """Voice to log probabilities of letters, a frame of 30 ms each."""

    def __init__(self, width=WIDTH):
        super().__init__()
        self.spectrum = Spectrum()
        self.background = Background()
        self.stem = nn.Conv2d(2 * BANDS, width, (1, STEM_KERNEL), stride=(1, STRIDE), bias=False)
        self.stem_norm = nn.BatchNorm2d(width)
        self.blocks = nn.ModuleList(Block(width, dilation) for dilation in DILATIONS)
        self.head = nn.Conv2d(width, normal.LABELS, 1)

    def features(self, signal):
        """(batch, samples) in [-1, 1] -> features, with silence before the beginning."""
        return self.spectrum(functional.pad(signal, (WINDOW - HOP, 0)))

    def forward(self, features):
        """Features of whole utterances -> (batch, frames, LABELS)."""
        features = over(features, self.background.whole(features)).contiguous(memory_format=torch.channels_last)
        hidden = self.enter(features, features.new_zeros(len(features), 2 * BANDS, 1, STEM_KERNEL - STRIDE))
        for block in self.blocks:
            hidden = block(hidden, hidden.new_zeros(len(hidden), hidden.shape[1], 1, block.past))
        return self.leave(hidden)

    def enter(self, features, before):
        """The first layer: three frames of features over their background become one."""
        return functional.silu(self.stem_norm(self.stem(torch.cat([before, features], dim=3))))

    def leave(self, hidden):
        """The last layer: log probabilities of labels."""
        return functional.log_softmax(self.head(hidden).squeeze(2).transpose(1, 2), dim=-1)


class Streaming(nn.Module):
    """T-one's interface: signal int32 (B, 2400, 1) and state (B, S) in, logprobs (B, 10, 35) and the next state out."""

    def __init__(self, network, state_type=torch.float16):
        super().__init__()
        self.network = network
        self.state_type = state_type
        width = network.head.in_channels
        self.shapes = [(1, WINDOW - HOP), (BANDS, 1), (2 * BANDS, STEM_KERNEL - STRIDE)]
        self.shapes += [(width, block.past) for block in network.blocks]
        self.state_size = sum(rows * columns for rows, columns in self.shapes)

    def forward(self, signal, state):
        pasts = [
            part.reshape(-1, rows, 1, columns)
            for part, (rows, columns) in zip(
                state.float().split([rows * columns for rows, columns in self.shapes], dim=1), self.shapes
            )
        ]
        samples = torch.cat([pasts[0], signal.float().transpose(1, 2).unsqueeze(2) / 32768], dim=3)
        features = self.network.spectrum(samples[:, 0, 0])
        background = self.network.background(features, pasts[1])
        features = over(features, background)
        states = [
            _end(samples, pasts[0]), _end(background, pasts[1]), _end(torch.cat([pasts[2], features], dim=3), pasts[2])
        ]
        hidden = self.network.enter(features, pasts[2])
        for block, past in zip(self.network.blocks, pasts[3:]):
            states.append(_end(torch.cat([past, hidden], dim=3), past))
            hidden = block(hidden, past)
        state_next = torch.cat([part.flatten(1) for part in states], dim=1).to(self.state_type)
        return self.network.leave(hidden), state_next


def over(features, background):
    """Features as they are, and what of them stands out from the background."""
    return torch.cat([features, features - background], dim=1)


def frames_of(samples):
    """Whole frames of 30 ms in so many samples."""
    return samples // (HOP * STRIDE)


def _end(frames, past):
    return frames[:, :, :, -past.shape[3] :]


def _mel_bands():
    """(BANDS, frequencies): triangles evenly spaced on the mel scale."""
    mel = lambda hertz: 2595 * math.log10(1 + hertz / 700)
    corners = torch.linspace(mel(LOWEST_HZ), mel(HIGHEST_HZ), BANDS + 2)
    corners = 700 * (10 ** (corners / 2595) - 1)
    hertz = torch.arange(WINDOW // 2 + 1) * RATE / WINDOW
    low, middle, high = corners[:-2, None], corners[1:-1, None], corners[2:, None]
    bands = torch.minimum((hertz - low) / (middle - low), (high - hertz) / (high - middle)).clamp(min=0)
    return bands / (bands.sum(dim=1, keepdim=True) + 1e-9)
