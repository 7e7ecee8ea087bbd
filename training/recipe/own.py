"""A region's own recordings: read with their transcripts, a tenth of the speakers kept for testing.

The list is transcripts.tsv in the recordings' folder: file, text and, if known, speaker, parted by tabs.
"""

import csv
import zlib

import soundfile

from . import normal, shards, voices

TESTED_OF = 10


def take(folder, work):
    """Reads the list into work/own and work/own-test; tells of each line that cannot be used."""
    parts = {"own": [], "own-test": []}
    with (folder / "transcripts.tsv").open(encoding="utf-8") as file:
        for number, row in enumerate(csv.reader(file, delimiter="\t"), 1):
            if not row or row[0].startswith("#"):
                continue
            try:
                samples, rate = soundfile.read(folder / row[0], dtype="float32", always_2d=True)
                text = normal.spell(row[1])
            except (soundfile.LibsndfileError, ValueError, IndexError) as trouble:
                print(f"transcripts.tsv:{number}: left out: {trouble}")
                continue
            speaker = row[2] if len(row) > 2 else row[0]
            # A speaker is tested or trained on, never both, and the same one at each run.
            part = "own-test" if zlib.crc32(speaker.encode()) % TESTED_OF == 0 else "own"
            parts[part].append((shards.telephone_rate(voices.trim(samples.mean(axis=1)), rate), text))
    for part, utterances in parts.items():
        (work / part).mkdir(parents=True, exist_ok=True)
        shards.save(work / part / "recordings.npz", utterances)
    print(f"own recordings: {len(parts['own'])} to train on, {len(parts['own-test'])} to test on")
