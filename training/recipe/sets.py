"""The evaluation sets: WAV files and a list, by class of voice and line; see README.md for the list's columns.

Nothing in them is trained on: sentences are held out; `unseen` and `development` are held-out voices, and `real` is a
human voice that is only ever tested.
"""

import csv
import random
from pathlib import Path

import numpy as np
import soundfile

from . import foreign, grammar, line, menus, shards, voices, warp

LINES = ("clean", "snr15", "snr10", "snr5", "loss3")
CHOICES_SHOWN = 6
COLUMNS = ("file", "text", "voices", "line", "kind", "menu", "choices", "expected")
SOUNDS = Path("/usr/share/asterisk/sounds")
REAL_VOICE = SOUNDS / "ru_RU_f_IvrvoiceRU"
# Parts of the human recordings that name none of the menu's words: letters, spelling names.
REAL_OTHER = ("letters", "phonetic")
# People who speak other languages: the longest recordings of each that are no longer than a caller speaks.
FOREIGNERS = ("en_US_f_Allison", "es_MX_f_Allison", "fr_CA_f_June", "it_IT_m_Carlo")
FOREIGN_SENTENCES = 25
FOREIGN_SECONDS_MAX = 10
HOLD = Path("/usr/share/asterisk/moh")
HOLD_SECONDS = 15
HOLD_PARTS = 4
# What is told in numbers, by the rules of the grammar, and how many of each.
TOLD = ("telephone", "birth-date", "house")
TOLD_COUNT = 8
SEEN_ESPEAK = ("m1", "f4", "klatt2", "max", "anika")
SEEN_SPEAKERS = (warp.Speaker(1.0, 1.0), warp.Speaker(1.8, 1.22))


def make(work):
    """Writes work/sets: the list anew, the audio beside it."""
    folder = work / "sets"
    if (folder / "list.tsv").exists():
        print(f"{folder} is there already")
        return
    rows = []
    for name, said in classes(work):
        rows += _write(folder, name, said)
        print(f"sets: {name}, {len(rows)} files so far", flush=True)
    with (folder / "list.tsv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, delimiter="\t", lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows)


def classes(work):
    """Each class of voices with what it says: (kind, menu, expected, text, clean samples)."""
    test, development = _script("test"), _script("development")
    yield "seen", _synthetic(test, SEEN_ESPEAK, SEEN_SPEAKERS, 11)
    yield "unseen", _synthetic(test, voices.HELD_OUT_TEST, warp.HELD_OUT_TEST, 12)
    yield "development", _synthetic(development, voices.HELD_OUT_DEVELOPMENT, warp.HELD_OUT_DEVELOPMENT, 13)
    if REAL_VOICE.exists():
        yield "real", _real()
        yield "foreign", _others(_foreign())
        yield "hold", _others(_hold())
    if (work / "own-test").exists():
        yield "own", [("own", "-", "-", text, samples / np.float32(32768))
                      for samples, text in shards.load(work / "own-test")]


def _script(part):
    """What is said in a class of synthetic voices: (kind, menu, expected, text)."""
    listed = menus.all_menus()
    lines = [("other" if choice == "-" else "sentence", "main", choice, text)
             for choice, text in grammar.held_out(part)]
    for menu, kind in (("main", "word"), ("yes-no", "yes-no"), ("digit", "digit")):
        lines += [(kind, menu, choice, phrase) for choice, phrases in listed[menu].items() for phrase in phrases]
    rng, rules = random.Random(part), grammar.Grammar.shipped()
    return lines + [(kind, kind, "-", rules.say(kind, rng)) for kind in TOLD for _ in range(TOLD_COUNT)]


def _synthetic(script, variants, speakers, seed):
    """Every line of the script by two variants of espeak-ng and one warped speaker, and sounds that are no speech."""
    rng = random.Random(seed)
    said = []
    for kind, menu, expected, text in script:
        for variant in rng.sample(variants, 2):
            if heard := voices.espeak(text, variant, rng.randint(125, 190), rng.randint(25, 80)):
                said.append((kind, menu, expected, text, shards.telephone_rate(*heard)))
    for (kind, menu, expected, text), heard in zip(script, voices.festival([text for *_, text in script])):
        if heard is not None:
            samples = warp.speak(*heard, [rng.choice(speakers)])[0]
            said.append((kind, menu, expected, text, shards.telephone_rate(samples, heard[1])))
    return said + _sounds(variants, rng, seed)


def _sounds(variants, rng, seed):
    numpy_rng = np.random.default_rng(seed)
    sounds = []
    for _ in range(12):
        sounds.append(("other", "main", "-", "", line.cough(numpy_rng)))
        sounds.append(("other", "main", "-", "", line.music(numpy_rng)))
        language, text = foreign.sentence(rng)
        if heard := voices.espeak(text, rng.choice(variants), rng.randint(125, 190), rng.randint(25, 80), language):
            sounds.append(("other", "main", "-", "", shards.telephone_rate(*heard)))
    return sounds


def _real():
    said = [(menu, menu, choice, choice, _recording(REAL_VOICE / f"{file}.wav"))
            for menu, file, choice in menus.real_voice()]
    others = [file for part in REAL_OTHER for file in sorted((REAL_VOICE / part).glob("*.wav"))]
    return said + [("other", "main", "-", "", _recording(file)) for file in others]


def _others(sounds):
    """Sounds that name no choice, as lines of the main menu."""
    return [("other", "main", "-", "", samples) for samples in sounds]


def _foreign():
    for voice in FOREIGNERS:
        said = [_recording(file) for file in sorted((SOUNDS / voice).glob("*.wav"))]
        short = [samples for samples in said if len(samples) <= FOREIGN_SECONDS_MAX * line.RATE]
        yield from sorted(short, key=len)[-FOREIGN_SENTENCES:]


def _hold():
    """Parts of the music that other systems play to those whom they hold, evenly spaced."""
    for file in sorted(HOLD.glob("*.wav")):
        samples = _recording(file)
        length = HOLD_SECONDS * line.RATE
        for part in range(HOLD_PARTS):
            start = (len(samples) - length) * part // HOLD_PARTS
            yield samples[start : start + length]


def _recording(file):
    samples, rate = soundfile.read(file, dtype="float32")
    return shards.telephone_rate(voices.trim(samples), rate)


def _write(folder, name, said):
    """Every line of the class through every line of the telephone; returns the rows of the list."""
    listed = menus.all_menus()
    rng = np.random.default_rng(len(name))
    babble = [samples for *_, samples in said[:40]]
    rows = []
    for condition in LINES:
        (folder / name / condition).mkdir(parents=True, exist_ok=True)
        for number, (kind, menu, expected, text, samples) in enumerate(said):
            file = f"{name}/{condition}/{number:04}.wav"
            heard = line.measured(samples, rng, condition, babble)
            soundfile.write(folder / file, heard, line.RATE, subtype="PCM_16")
            choices = _choices(listed.get(menu, {}), expected, number)
            rows.append((file, text, name, condition, kind, menu, ",".join(choices), expected))
    return rows


def _choices(menu, expected, seed):
    """What is to choose from: at most six, the expected one among them."""
    others = [choice for choice in menu if choice != expected]
    if len(menu) <= CHOICES_SHOWN:
        return list(menu)
    return sorted([expected, *random.Random(seed).sample(others, CHOICES_SHOWN - 1)])
