"""The engine's numbers beside ONNX Runtime's, and what they cost.

    pip install onnx onnxruntime numpy
    cargo build --release -p recogniser --features model --example chunks
    python crates/recogniser/tests/compare/models.py MODELS --half
    python crates/recogniser/tests/compare/compare.py MODELS/*.onnx

Fails if a log-probability differs by more than 2e-3. The engine computes a model of 16 bits in 32, and ONNX Runtime in 16: it
is held to what ONNX Runtime says of the same model widened to 32.

    python crates/recogniser/tests/compare/compare.py --keep

writes down what ONNX Runtime says of the models that the tests have: to be run when the embedded model is another one.
"""

import subprocess
import sys
import tempfile
import time
import wave
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

ROOT = Path(__file__).parents[4]
PROGRAM = ROOT / "target/release/examples/chunks"
CHUNK, LABELS = 2400, 35
# Beyond it the engine believes no model; speech/src/alphabet.rs.
FLOOR = -8.0
ALLOWED = 2e-3
MODELS = ROOT / "crates/recogniser/tests/models"
KEPT = [MODELS / "tiny.onnx", MODELS / "tiny-half.onnx", ROOT / "crates/recogniser/models/small.onnx"]
RECORDING = ROOT / "training/fixtures/doctor.wav"


def sound(seconds, seed=7):
    """Something between noise and a voice, loud and quiet."""
    random = np.random.default_rng(seed)
    at = np.arange(seconds * 8000) / 8000
    voice = sum(np.sin(2 * np.pi * 130 * n * at) / n for n in range(1, 20))
    loud = np.clip(np.sin(2 * np.pi * 2.3 * at), 0, 1)
    wave = 3000 * voice * loud + 200 * random.normal(size=at.size)
    return np.clip(np.round(wave), -32768, 32767).astype(np.int16)


def widened(model):
    """The model with all that is computed in 16 bits computed in 32. What goes in and out stays as it is, as the engine keeps it."""
    model = onnx.load(model)
    graph = model.graph
    half, full = TensorProto.FLOAT16, TensorProto.FLOAT
    widen = lambda tensor: numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float32), tensor.name)
    for tensor in graph.initializer:
        if tensor.data_type == half:
            tensor.CopyFrom(widen(tensor))
    del graph.value_info[:]
    for attribute in (attribute for node in graph.node for attribute in node.attribute):
        if attribute.name == "to" and attribute.i == half:
            attribute.i = full
        if attribute.t.data_type == half:
            attribute.t.CopyFrom(widen(attribute.t))
    is_half = lambda value: value.type.tensor_type.elem_type == half
    ends = {value.name: f"{value.name}/wide" for value in [*graph.input, *graph.output] if is_half(value)}
    for node in graph.node:
        node.input[:] = [ends.get(name, name) for name in node.input]
        node.output[:] = [ends.get(name, name) for name in node.output]
    for value in filter(is_half, graph.input):
        graph.node.insert(0, helper.make_node("Cast", [value.name], [ends[value.name]], to=full))
    for value in filter(is_half, graph.output):
        graph.node.append(helper.make_node("Cast", [ends[value.name]], [value.name], to=half))
    onnx.checker.check_model(model)
    return model.SerializeToString()


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


def keep():
    """Writes beside the tests' models what ONNX Runtime says of a recording: little-endian float32."""
    with wave.open(str(RECORDING)) as recording:
        samples = np.frombuffer(recording.readframes(recording.getnframes()), "<i2")
    for model in KEPT:
        file = MODELS / f"{model.stem}.logprobs"
        reference(widened(model), samples)[0].astype("<f4").tofile(file)
        print(f"{file.relative_to(ROOT)}: {file.stat().st_size / 1e3:.0f} kB")


def main():
    if sys.argv[1:] == ["--keep"]:
        return keep()
    samples = sound(12)
    worst = 0
    with tempfile.TemporaryDirectory() as folder:
        pcm, out = Path(folder) / "sound.pcm", Path(folder) / "out"
        samples.tofile(pcm)
        for model in sys.argv[1:]:
            in_half, each = reference(model, samples)
            expected, _ = reference(widened(model), samples)
            said = subprocess.run([PROGRAM, model, pcm, out, "8"], check=True, capture_output=True)
            found = np.fromfile(out, np.float32).reshape(-1, LABELS)
            difference = np.abs(found - expected).max()
            same = (found.argmax(1) == expected.argmax(1)).mean()
            worst = max(worst, difference)
            costs = ", ".join(line for line in said.stdout.decode().splitlines())
            rounded = np.abs(in_half - expected).max()
            print(f"{Path(model).name}: greatest difference {difference:.1e}, same best label {same:.1%}; what the file's own "
                  f"precision makes {rounded:.1e}; ONNX Runtime {each:.2f} ms a chunk; {costs}")
    sys.exit(worst > ALLOWED)


if __name__ == "__main__":
    main()
