"""Models of T-one's interface with random weights: a large streaming conformer, as T-one is one, and a
small network of causal convolutions. They recognise nothing; they are there to be computed.

    python models.py FOLDER [--half]
    python models.py crates/recogniser/tests/models --tiny
"""

import math
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

CHUNK, FRAMES, LABELS = 2400, 10, 35
WINDOW, HOP, MELS = 256, 80, 40


class Graph:
    """An ONNX graph that grows by operations; every tensor but the weights has a name made here."""

    def __init__(self, kind, seed):
        self.kind, self.random = kind, np.random.default_rng(seed)
        self.nodes, self.weights, self.parameters = [], [], 0

    def op(self, name, *inputs, outputs=1, **attributes):
        names = [f"t{len(self.nodes)}_{n}" for n in range(outputs)]
        self.nodes.append(helper.make_node(name, list(inputs), names, **attributes))
        return names[0] if outputs == 1 else names

    def constant(self, values, kind=None):
        values = np.asarray(values, dtype=kind or self.kind)
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(values, name))
        self.parameters += values.size
        return name

    def random_weight(self, *shape, fan_in):
        return self.constant(self.random.normal(size=shape) / math.sqrt(fan_in))

    def whole(self, *values):
        return self.constant(values, np.int64)

    def cast(self, tensor, kind):
        return self.op("Cast", tensor, to=helper.np_dtype_to_tensor_dtype(np.dtype(kind)))

    def silu(self, tensor):
        return self.op("Mul", tensor, self.op("Sigmoid", tensor))

    def last(self, tensor, count, axis):
        """The last of an axis, which is what a stream keeps."""
        ends = self.whole(-count), self.whole(np.iinfo(np.int64).max), self.whole(axis)
        return self.op("Slice", tensor, *ends)

    def batch_norm(self, tensor, width):
        # Its statistics are fp32 in an fp16 model, too.
        vary = lambda middle: self.constant(middle + 0.1 * self.random.random(width), np.float32)
        return self.op("BatchNormalization", tensor, vary(1), vary(0), vary(0), vary(1))

    def layer_norm(self, tensor, width):
        wide = self.cast(tensor, np.float32)
        centred = self.op("Sub", wide, self.op("ReduceMean", wide, axes=[-1]))
        variance = self.op("ReduceMean", self.op("Mul", centred, centred), axes=[-1])
        deviation = self.op("Sqrt", self.op("Add", variance, self.constant(1e-5, np.float32)))
        scale = self.constant(1 + 0.1 * self.random.random(width), np.float32)
        scaled = self.op("Mul", self.op("Div", centred, deviation), scale)
        return self.cast(scaled, self.kind)


class Stream:
    """A graph with a state that is one row of numbers, and is cut into pieces."""

    def __init__(self, kind, seed, state_kind):
        self.graph, self.state_kind = Graph(kind, seed), state_kind
        self.place, self.next = 0, []

    def piece(self, *shape):
        graph, size = self.graph, math.prod(shape)
        begin, end = graph.whole(self.place), graph.whole(self.place + size)
        self.place += size
        cut = graph.op("Slice", "state", begin, end, graph.whole(1))
        return graph.op("Reshape", graph.cast(cut, graph.kind), graph.whole(-1, *shape))

    def keep(self, tensor):
        flat = self.graph.op("Flatten", tensor)
        self.next.append(self.graph.cast(flat, self.state_kind))

    def features(self):
        """Log-mel features, [B, MELS, 30]."""
        graph = self.graph
        signal = graph.cast("signal", np.float32)
        signal = graph.op("Mul", signal, graph.constant(1 / 32768, np.float32))
        signal = graph.op("Reshape", signal, graph.whole(-1, 1, CHUNK))
        before = graph.cast(self.piece(1, WINDOW - HOP), np.float32)
        signal = graph.op("Concat", before, signal, axis=2)
        self.keep(graph.last(signal, WINDOW - HOP, 2))
        turns = 2 * np.pi * np.outer(np.arange(WINDOW // 2 + 1), np.arange(WINDOW)) / WINDOW
        waves = np.concatenate([np.cos(turns), np.sin(turns)]) * np.hanning(WINDOW)
        spectrum = graph.op("Conv", signal, graph.constant(waves[:, None], np.float32), strides=[HOP])
        square = graph.op("Mul", spectrum, spectrum)
        cosines, sines = graph.op("Split", square, outputs=2, axis=1)
        power = graph.op("Add", cosines, sines)
        bank = np.abs(graph.random.normal(size=(MELS, WINDOW // 2 + 1))) / 100
        mels = graph.op("MatMul", graph.constant(bank, np.float32), power)
        floor = graph.op("Add", mels, graph.constant(1e-5, np.float32))
        return graph.cast(graph.op("Log", floor), graph.kind)

    def stem(self, width, reach=9):
        """Ten frames of the chunk, [B, width, 10]."""
        graph = self.graph
        features = graph.op("Concat", self.piece(MELS, reach - 3), self.features(), axis=2)
        self.keep(graph.last(features, reach - 3, 2))
        weight = graph.random_weight(width, MELS, reach, fan_in=8 * MELS * reach)
        return graph.silu(graph.batch_norm(graph.op("Conv", features, weight, strides=[3]), width))

    def depthwise(self, frames, width, reach, dilation=1):
        graph, context = self.graph, (reach - 1) * dilation
        frames = graph.op("Concat", self.piece(width, context), frames, axis=2)
        self.keep(graph.last(frames, context, 2))
        weight = graph.random_weight(width, 1, reach, fan_in=reach)
        return graph.op("Conv", frames, weight, group=width, dilations=[dilation])

    def model(self, frames, width, state):
        """Finishes: log-probabilities of frames [B, 10, width], and a state of so many numbers."""
        graph = self.graph
        logits = graph.op("MatMul", frames, graph.random_weight(width, LABELS, fan_in=width / 4))
        logits = graph.cast(logits, np.float32)
        names = [graph.op("LogSoftmax", logits, axis=-1)]
        rest = state - self.place
        if rest > 0:
            self.keep(self.piece(rest))
        names.append(graph.op("Concat", *self.next, axis=1))
        for name, wanted in zip(names, ["logprobs", "state_next"]):
            graph.nodes.append(helper.make_node("Identity", [name], [wanted]))
        kind = helper.np_dtype_to_tensor_dtype(np.dtype(self.state_kind))
        value = helper.make_tensor_value_info
        inputs = [value("signal", TensorProto.INT32, ["B", CHUNK, 1]), value("state", kind, ["B", state])]
        outputs = [
            value("logprobs", TensorProto.FLOAT, ["B", FRAMES, LABELS]),
            value("state_next", kind, ["B", state]),
        ]
        whole = helper.make_graph(graph.nodes, "stream", inputs, outputs, graph.weights)
        print(f"{graph.parameters / 1e6:.2f} M parameters, a state of {state}")
        return helper.make_model(whole, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)


def conformer(kind, width=384, layers=21, heads=6, past=10, reach=7, state=219_729):
    """As large as T-one, and of the same parts: feed-forward, attention to the past, convolution."""
    stream = Stream(kind, 122, kind)
    graph = stream.graph

    def linear(tensor, inner, outer):
        return graph.op("MatMul", tensor, graph.random_weight(inner, outer, fan_in=inner))

    def half_forward(frames):
        inner = graph.silu(linear(graph.layer_norm(frames, width), width, 4 * width))
        outer = graph.op("Mul", linear(inner, 4 * width, width), graph.constant(0.5))
        return graph.op("Add", frames, outer)

    def by_heads(tensor, order):
        cut = graph.op("Reshape", tensor, graph.whole(0, -1, heads, width // heads))
        return graph.op("Transpose", cut, perm=order)

    def attention(frames):
        normal = graph.layer_norm(frames, width)
        query, key, value = (linear(normal, width, width) for _ in range(3))
        kept = []
        for tensor in (key, value):
            tensor = graph.op("Concat", stream.piece(past, width), tensor, axis=1)
            stream.keep(graph.last(tensor, past, 1))
            kept.append(tensor)
        query = by_heads(query, [0, 2, 1, 3])
        key, value = by_heads(kept[0], [0, 2, 3, 1]), by_heads(kept[1], [0, 2, 1, 3])
        scores = graph.op("MatMul", query, key)
        scores = graph.op("Mul", scores, graph.constant(1 / math.sqrt(width // heads)))
        mixed = graph.op("MatMul", graph.op("Softmax", scores, axis=-1), value)
        mixed = graph.op("Transpose", mixed, perm=[0, 2, 1, 3])
        mixed = graph.op("Reshape", mixed, graph.whole(0, -1, width))
        return graph.op("Add", frames, linear(mixed, width, width))

    def convolution(frames):
        inner = linear(graph.layer_norm(frames, width), width, 2 * width)
        one, gate = graph.op("Split", inner, outputs=2, axis=2)
        inner = graph.op("Mul", one, graph.op("Sigmoid", gate))
        inner = graph.op("Transpose", inner, perm=[0, 2, 1])
        inner = graph.silu(graph.batch_norm(stream.depthwise(inner, width, reach), width))
        inner = graph.op("Transpose", inner, perm=[0, 2, 1])
        return graph.op("Add", frames, linear(inner, width, width))

    frames = graph.op("Transpose", stream.stem(width), perm=[0, 2, 1])
    for _ in range(layers):
        frames = half_forward(convolution(attention(half_forward(frames))))
        frames = graph.layer_norm(frames, width)
    return stream.model(frames, width, state)


def small(width=192, reach=9, dilations=(1, 1, 2, 1, 2, 1)):
    """Of the shape of the embedded model: fp32, with a state of fp16."""
    stream = Stream(np.float32, 1, np.float16)
    graph = stream.graph
    frames = stream.stem(width)
    for dilation in dilations:
        inner = stream.depthwise(frames, width, reach, dilation)
        for inside, outside in [(width, 2 * width), (2 * width, width)]:
            weight = graph.random_weight(outside, inside, 1, fan_in=inside)
            inner = graph.op("Conv", inner, weight)
            inner = graph.silu(inner) if outside > width else inner
        frames = graph.op("Add", frames, inner)
    frames = graph.op("Transpose", frames, perm=[0, 2, 1])
    return stream.model(frames, width, stream.place)


def tiny(kind):
    """The first samples of each 30 ms taken for logits, and a state that is kept: a fixture of the tests."""
    stream = Stream(kind, 0, kind)
    graph = stream.graph
    signal = graph.cast("signal", np.float32)
    frames = graph.op("Reshape", signal, graph.whole(-1, FRAMES, CHUNK // FRAMES))
    frames = graph.op("Slice", frames, graph.whole(0), graph.whole(4), graph.whole(2))
    frames = graph.op("Mul", graph.cast(frames, kind), graph.constant(0.001))
    return stream.model(frames, 4, 4)


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    if "--tiny" in sys.argv:
        onnx.save(tiny(np.float32), folder / "tiny.onnx")
        onnx.save(tiny(np.float16), folder / "tiny-half.onnx")
        return
    onnx.save(small(), folder / "small.onnx")
    onnx.save(conformer(np.float32), folder / "conformer.onnx")
    if "--half" in sys.argv:
        onnx.save(conformer(np.float16), folder / "conformer-half.onnx")


if __name__ == "__main__":
    main()
