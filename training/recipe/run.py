"""The stages of the recipe in their order; see make.py."""

import argparse
import sys
from pathlib import Path

from . import grammar

STAGES = ("voices", "train", "export", "sets", "evaluate")
# Run only when named: what it makes is committed.
APART = ("fixtures",)
# Shards of each kind of voice, and minutes of training.
SIZES = {
    "tiny": ({"espeak": 1, "festvox": 1, "other": 1}, 2),
    "small": ({"espeak": 36, "festvox": 20, "other": 6}, 60),
    "full": ({"espeak": 360, "festvox": 240, "other": 40}, 480),
}


def main():
    parser = argparse.ArgumentParser(prog="make.py", description="The recipe of the small keyword model.")
    parser.add_argument("stages", nargs="*", choices=[*STAGES, *APART, []], help=f"of {', '.join(STAGES)}; all without any")
    parser.add_argument("--work", type=Path, required=True, help="folder of everything made (default target/speech)")
    parser.add_argument("--size", choices=SIZES, default="full", help="how much speech and training")
    parser.add_argument("--minutes", type=float, help="minutes of training instead of the size's")
    parser.add_argument("--own", type=Path, help="folder of own recordings with transcripts.tsv: train on them too")
    parser.add_argument("--start", type=Path, help="checkpoint or exported model to start from instead of nothing")
    parser.add_argument("--model", type=Path, help="ONNX file to evaluate (default: the one exported)")
    arguments = parser.parse_args()
    for stage in arguments.stages or STAGES:
        print(f"== {stage}", flush=True)
        RUN[stage](arguments)


def voices(arguments):
    from . import own, shards

    shards.make(arguments.work / "shards", SIZES[arguments.size][0], grammar.Grammar.shipped())
    if arguments.own:
        own.take(arguments.own, arguments.work)


def train(arguments):
    from . import train as training

    training.train(arguments.work, arguments.minutes or SIZES[arguments.size][1], arguments.start)


def export(arguments):
    from . import export as exporting

    exporting.export(arguments.work)


def sets(arguments):
    from . import sets as making

    making.make(arguments.work)


def evaluate(arguments):
    from . import evaluate as measuring

    measuring.evaluate(arguments.work, arguments.model or arguments.work / "small.onnx")


def fixtures(_):
    from . import fixtures as making

    making.make()


RUN = {"fixtures": fixtures, "voices": voices, "train": train, "export": export, "sets": sets, "evaluate": evaluate}

if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("\nstopped; the same command goes on")
