"""Keyword scoring over the network's output: how well a phrase, with the ends of its words, fits anywhere in a call.

A phrase is aligned with the frames by CTC's rules, best path only. Its score is the logarithm of how much likelier the
best free path is over the same frames, by letter: 0 means that nothing fits better, -1 is doubtful.
"""

from dataclasses import dataclass

import numpy as np

from . import normal

NEVER = -1e9
SPACE = normal.INDEX[" "]


@dataclass(frozen=True)
class Thresholds:
    """From `sure` on a choice is taken; from `ask` on it is confirmed; `margin` is what it must be ahead to be sure."""

    sure: float
    ask: float
    margin: float


def decide(scores, thresholds):
    """(what is done, choice): `take`, `confirm` or `again` with the best choice; scores: choice to score."""
    ranked = sorted(scores, key=scores.get, reverse=True)
    best = scores[ranked[0]]
    ahead = best - scores[ranked[1]] if len(ranked) > 1 else -NEVER
    if best >= thresholds.sure and ahead >= thresholds.margin:
        return "take", ranked[0]
    return ("confirm" if best >= thresholds.ask else "again"), ranked[0]


def choice_scores(logprobs, menu):
    """The best score of each choice's phrases; menu: choice to phrases."""
    phrases = [(choice, phrase) for choice, words in menu.items() for phrase in words]
    scores = {}
    for (choice, _), score in zip(phrases, phrase_scores(logprobs, [phrase for _, phrase in phrases])):
        scores[choice] = max(score, scores.get(choice, NEVER))
    return scores


def phrase_scores(logprobs, phrases):
    """The score of each phrase in (frames, labels) log probabilities."""
    symbols, skips, lasts = _lattice(phrases)
    edge = np.full((1, logprobs.shape[1]), -20.0, np.float32)
    edge[0, SPACE] = 0
    frames = np.concatenate([edge, logprobs, edge])
    # Relative to the best free path, which has the best label of each frame.
    frames = frames - frames.max(axis=1, keepdims=True)
    emitted = frames[:, symbols]
    paths = np.full(symbols.shape, NEVER)
    best = np.full(len(phrases), NEVER)
    rows = np.arange(len(phrases))
    step, skip = np.full_like(paths, NEVER), np.full_like(paths, NEVER)
    for frame in emitted:
        step[:, 1:] = paths[:, :-1]
        skip[:, 2:] = np.where(skips[:, 2:], paths[:, :-2], NEVER)
        paths = np.maximum(np.maximum(paths, step), skip)
        # A phrase may begin at any frame.
        paths[:, 0] = np.maximum(paths[:, 0], 0)
        paths += frame
        best = np.maximum(best, paths[rows, lasts])
    return best / np.array([len(phrase) for phrase in phrases])


def _lattice(phrases):
    """CTC states of « phrase » with spaces around it and blanks between letters, padded to one length."""
    spelt = [[SPACE, *normal.codes(phrase), SPACE] for phrase in phrases]
    longest = max(map(len, spelt)) * 2 - 1
    symbols = np.full((len(phrases), longest), normal.BLANK)
    skips = np.zeros((len(phrases), longest), bool)
    for row, labels in enumerate(spelt):
        symbols[row, 0 : len(labels) * 2 : 2][: len(labels)] = labels
        for place in range(1, len(labels)):
            # Between two equal letters the blank is what parts them.
            skips[row, place * 2] = labels[place] != labels[place - 1]
    return symbols, skips, np.array([len(labels) * 2 - 2 for labels in spelt])
