"""The few recordings of training/fixtures, for the tests of the program: unseen voices, a file each for what tests tell.

They have the columns of the evaluation's list, and are committed, so this stage runs only when they shall change.
"""

import csv
from pathlib import Path

import numpy as np
import soundfile

from . import foreign, line, menus, sets, shards, voices

FOLDER = Path(__file__).parents[1] / "fixtures"
# File, voice, line, kind, menu, expected choice, text.
SAID = (
    ("doctor", "belinda", "clean", "word", "main", "doctor", "врача на дом"),
    ("doctor-noise", "m7", "snr10", "word", "main", "doctor", "вызвать врача"),
    ("doctor-sentence", "f5", "clean", "sentence", "main", "doctor", "а врача на дом можно"),
    ("doctor-sentence-loss", "linda", "loss3", "sentence", "main", "doctor", "нужен врач на дом ребёнок кашляет"),
    ("appointment", "Michael", "clean", "word", "main", "appointment", "записаться на приём"),
    ("appointment-sentence", "belinda", "snr15", "sentence", "main", "appointment", "можно записаться на приём с дочкой"),
    ("vaccination", "klatt4", "clean", "word", "main", "vaccination", "прививка"),
    ("medicine", "f5", "clean", "word", "main", "medicine", "лекарства"),
    ("information", "m7", "clean", "word", "main", "information", "справка"),
    ("operator", "linda", "clean", "word", "main", "operator", "оператор"),
    ("operator-loss", "belinda", "loss3", "word", "main", "operator", "оператор"),
    ("yes", "f5", "clean", "yes-no", "yes-no", "yes", "да"),
    ("no", "m7", "clean", "yes-no", "yes-no", "no", "нет"),
    ("not-right", "belinda", "clean", "yes-no", "yes-no", "no", "неверно"),
    ("three", "linda", "clean", "digit", "digit", "три"),
    ("eight", "Michael", "clean", "digit", "digit", "восемь"),
    ("phone-number", "belinda", "clean", "number", "-", "-", "два восемь один пять ноль шесть"),
    ("birthday", "m7", "clean", "number", "-", "-", "двадцать пятое марта"),
    ("other", "f5", "clean", "other", "main", "-", "какой сегодня день недели"),
)
# The same, written behind the others, whose noise stays as it was.
SAID_LATER = (
    ("birth-date", "f5", "clean", "number", "-", "-", "пятое марта тысяча девятьсот сорок седьмого года"),
    ("clinic", "belinda", "clean", "other", "main", "-", "вторая поликлиника"),
    ("swearing", "m7", "clean", "other", "main", "-", "да пошли вы к чёрту со своим роботом"),
)


def make():
    """Writes the recordings and their list."""
    FOLDER.mkdir(exist_ok=True)
    rng = np.random.default_rng(122)
    listed = menus.all_menus()
    rows = []
    rows += _said(SAID, listed, rng)
    german = shards.telephone_rate(*voices.espeak(foreign.SENTENCES["de"][0], "f5", language="de"))
    rows.append(_write("german", german, "clean", "other", "main", "-", "", listed, rng))
    rows.append(_write("cough", line.cough(rng), "clean", "other", "main", "-", "", listed, rng))
    rows += _said(SAID_LATER, listed, rng)
    with (FOLDER / "list.tsv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, delimiter="\t", lineterminator="\n")
        writer.writerow(sets.COLUMNS)
        writer.writerows(rows)


def _said(what, listed, rng):
    rows = []
    for name, voice, condition, kind, menu, expected, *text in what:
        said = text[0] if text else expected
        heard = shards.telephone_rate(*voices.espeak(said, voice, speed=150, pitch=45))
        rows.append(_write(name, heard, condition, kind, menu, expected, said, listed, rng))
    return rows


def _write(name, samples, condition, kind, menu, expected, text, listed, rng):
    soundfile.write(FOLDER / f"{name}.wav", line.measured(samples, rng, condition), line.RATE, subtype="PCM_16")
    choices = ",".join(listed.get(menu, {}))
    return (f"{name}.wav", text, "unseen", condition, kind, menu, choices, expected)
