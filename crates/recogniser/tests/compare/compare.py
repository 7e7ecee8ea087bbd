"""The engine's numbers beside ONNX Runtime's, and what they cost.

    pip install onnx onnxruntime numpy
    cargo build --release -p recogniser --example chunks
    python crates/recogniser/tests/compare/models.py MODELS --half
    python crates/recogniser/tests/compare/compare.py MODELS/*.onnx

Fails if a log-probability differs by more than 2e-3.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import onnxruntime

ROOT = Path(__file__).parents[4]
PROGRAM = ROOT / "target/release/examples/chunks"
CHUNK, LABELS = 2400, 35
# Beyond it the engine believes no model; speech/src/alphabet.rs.
FLOOR = -8.0
ALLOWED = 2e-3


def sound(seconds, seed=7):
    """Something between noise and a voice, loud and quiet."""
    random = np.random.default_rng(seed)
    at = np.arange(seconds * 8000) / 8000
    voice = sum(np.sin(2 * np.pi * 130 * n * at) / n for n in range(1, 20))
    loud = np.clip(np.sin(2 * np.pi * 2.3 * at), 0, 1)
    wave = 3000 * voice * loud + 200 * random.normal(size=at.size)
    return np.clip(np.round(wave), -32768, 32767).astype(np.int16)


def reference(model, samples):
    """Log-probabilities by ONNX Runtime, and the ms of a chunk on one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    inputs = {each.name: each for each in session.get_inputs()}
    kind = np.float16 if inputs["state"].type == "tensor(float16)" else np.float32
    state = np.zeros((1, inputs["state"].shape[1]), kind)
    # The stream begins after 300 ms of silence, and ends with two chunks of it.
    padded = np.concatenate([np.zeros(CHUNK), samples, np.zeros(-len(samples) % CHUNK + 2 * CHUNK)])
    rows, begun = [], time.perf_counter()
    chunks = padded.astype(np.int32).reshape(-1, CHUNK)
    for chunk in chunks:
        given = {"signal": chunk.reshape(1, CHUNK, 1), "state": state}
        logprobs, state = session.run(["logprobs", "state_next"], given)
        rows.append(logprobs[0])
    each = (time.perf_counter() - begun) * 1e3 / len(chunks)
    return np.clip(np.concatenate(rows[1:]).astype(np.float32), FLOOR, 0), each


def main():
    samples = sound(12)
    worst = 0
    with tempfile.TemporaryDirectory() as folder:
        pcm, out = Path(folder) / "sound.pcm", Path(folder) / "out"
        samples.tofile(pcm)
        for model in sys.argv[1:]:
            expected, each = reference(model, samples)
            said = subprocess.run([PROGRAM, model, pcm, out, "8"], check=True, capture_output=True)
            found = np.fromfile(out, np.float32).reshape(-1, LABELS)
            difference = np.abs(found - expected).max()
            same = (found.argmax(1) == expected.argmax(1)).mean()
            worst = max(worst, difference)
            costs = ", ".join(line for line in said.stdout.decode().splitlines())
            print(f"{Path(model).name}: greatest difference {difference:.1e}, same best label "
                  f"{same:.1%}; ONNX Runtime {each:.2f} ms a chunk; {costs}")
    sys.exit(worst > ALLOWED)


if __name__ == "__main__":
    main()
