"""The trained network as an ONNX file, checked in onnxruntime: chunk by chunk it says what it says of the whole."""

import copy

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import helper, numpy_helper
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from . import ends, line, shards
from .network import CHUNK, Network, Streaming

OPSET = 17
AGREE_WITHIN = 2e-2


def export(work):
    """Writes small.onnx into the work folder."""
    network = Network()
    network.load_state_dict(ends.weights(work))
    network.eval()
    file = work / "small.onnx"
    write(network, file)
    worst = compare(network, file, work)
    print(f"{file}: {file.stat().st_size / 1e6:.1f} MB, chunks and whole agree to {worst:.1e}")
    if worst > AGREE_WITHIN:
        raise SystemExit("the exported model does not say what the network says")


def write(network, file):
    """Writes the streaming form of `network` with its norms folded into its convolutions."""
    streaming = Streaming(folded(network)).eval()
    inputs = (torch.zeros(2, CHUNK, 1, dtype=torch.int32), torch.zeros(2, streaming.state_size, dtype=torch.float16))
    names = ["signal", "state", "logprobs", "state_next"]
    torch.onnx.export(
        streaming, inputs, file, input_names=names[:2], output_names=names[2:], opset_version=OPSET, dynamo=False,
        dynamic_axes={name: {0: "batch"} for name in names},
    )
    model = onnx.load(file)
    weights_in_half(model.graph)
    onnx.checker.check_model(model)
    onnx.save(model, file)


def weights_in_half(graph):
    """Lays the convolutions' weights down in 16 bits; they are widened at load, and all is computed in 32."""
    for tensor in graph.initializer:
        if len(tensor.dims) != 4 or ".spectrum." in tensor.name:
            continue
        wide = f"{tensor.name}/wide"
        for node in graph.node:
            for place, name in enumerate(node.input):
                if name == tensor.name:
                    node.input[place] = wide
        tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float16), tensor.name))
        graph.node.insert(0, helper.make_node("Cast", [tensor.name], [wide], to=onnx.TensorProto.FLOAT))


def folded(network):
    """A copy without batch norms: each is part of the convolution before it."""
    network = copy.deepcopy(network).eval()
    network.stem, network.stem_norm = fuse_conv_bn_eval(network.stem, network.stem_norm), nn.Identity()
    for block in network.blocks:
        for layer in ("widen", "narrow"):
            setattr(block, layer, fuse_conv_bn_eval(getattr(block, layer), getattr(block, f"{layer}_norm")))
            setattr(block, f"{layer}_norm", nn.Identity())
    return network


class Runner:
    """A model of T-one's interface in onnxruntime."""

    def __init__(self, file):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
        state = self.session.get_inputs()[1]
        self.state_size = state.shape[1]
        self.state_type = np.float16 if "float16" in state.type else np.float32

    def hear(self, samples):
        """Log probabilities (frames, labels) of int16 samples; a chunk of silence is added so that all is said."""
        padded = np.concatenate([samples, np.zeros(CHUNK + -len(samples) % CHUNK, samples.dtype)]).astype(np.int32)
        state = np.zeros((1, self.state_size), self.state_type)
        heard = []
        for start in range(0, len(padded), CHUNK):
            chunk = padded[start : start + CHUNK].reshape(1, CHUNK, 1)
            logprobs, state = self.session.run(None, {"signal": chunk, "state": state})
            heard.append(logprobs[0])
        return np.concatenate(heard)


def compare(network, file, work):
    """The greatest difference of probabilities between the file in chunks and the network on the whole."""
    runner, worst = Runner(file), 0.0
    rng = np.random.default_rng(5)
    surroundings = line.Surroundings(rng)
    for samples, _ in shards.load(work / "shards")[:: 997][:8]:
        call = np.round(line.call(samples / np.float32(32768), rng, surroundings) * 32767).astype(np.int16)
        streamed = runner.hear(call)
        padded = np.zeros(len(streamed) * 240, np.float32)
        padded[: len(call)] = call / np.float32(32768)
        with torch.no_grad():
            whole = network(network.features(torch.from_numpy(padded)[None]))[0].numpy()
        worst = max(worst, float(np.abs(np.exp(streamed) - np.exp(whole)).max()))
    return worst
