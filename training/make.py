#!/usr/bin/env python3
"""Makes the small embedded keyword model: one command, from nothing to a measured ONNX file.

    python3 training/make.py                        the whole recipe
    python3 training/make.py --size small           a first model within about an hour of one core
    python3 training/make.py --own recordings/      goes on from a region's own recordings
    python3 training/make.py evaluate               one stage alone

Interrupt it whenever you like: the same command goes on. This file needs Python alone; it makes a virtual environment
from requirements.txt and runs the recipe in it.
"""

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
NEEDED = {"espeak-ng": "espeak-ng", "festival": "festival festvox-ru", "sox": "sox"}


def main():
    work = work_folder(sys.argv[1:])
    missing = [packages for program, packages in NEEDED.items() if not on_path(program)]
    if missing:
        sys.exit("needed from Debian: apt-get install hunspell-ru " + " ".join(missing))
    python = environment(work / "venv")
    os.environ["PYTHONPATH"] = str(HERE)
    # PyTorch on one core beside other work must not take all the others.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.execv(python, [str(python), "-W", "ignore", "-m", "recipe.run", "--work", str(work), *without_work(sys.argv[1:])])


def environment(folder):
    """The Python of a virtual environment that has what requirements.txt names."""
    requirements = HERE / "requirements.txt"
    mark = folder / hashlib.sha256(requirements.read_bytes()).hexdigest()[:16]
    python = folder / "bin" / "python"
    if not mark.exists():
        print(f"making {folder} from {requirements.name}", flush=True)
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--no-cache-dir", "-r", requirements], check=True)
        mark.touch()
    return python


def work_folder(arguments):
    if "--work" in arguments:
        return Path(arguments[arguments.index("--work") + 1]).resolve()
    return HERE.parent / "target" / "speech"


def without_work(arguments):
    if "--work" not in arguments:
        return arguments
    place = arguments.index("--work")
    return arguments[:place] + arguments[place + 2 :]


def on_path(program):
    return any((Path(folder) / program).exists() for folder in os.get_exec_path())


if __name__ == "__main__":
    main()
