"""A network that begins where a model of this recipe ended: with its checkpoint, or with the exported file."""

import onnx
import torch
from onnx import numpy_helper
from torch import nn

from .network import Network


def network(file, hear):
    """The network of a checkpoint or an ONNX file. `hear` gives a network features, on which norms are measured."""
    if file.suffix != ".onnx":
        begun = Network()
        begun.load_state_dict(torch.load(file, weights_only=True)["average"])
        return begun
    return _of_export(file, hear)


def _of_export(file, hear):
    """An exported network has its norms folded into the convolutions before them: they are laid beside them again."""
    prefix = "network."
    weights = {
        tensor.name.removeprefix(prefix): torch.from_numpy(numpy_helper.to_array(tensor).copy()).float()
        for tensor in onnx.load(file).graph.initializer if tensor.name.startswith(prefix)
    }
    begun = Network()
    biases = {}
    for name, module in begun.named_modules():
        if isinstance(module, nn.BatchNorm2d):
            biases[module] = weights.pop(f"{name.removesuffix('_norm')}.bias", None)
    missing, unexpected = begun.load_state_dict(weights, strict=False)
    unknown = [name for name in missing if "_norm." not in name]
    if unknown or unexpected or None in biases.values():
        raise SystemExit(f"{file} is no model of this recipe: {[*unknown, *unexpected][:3]}")
    _measure(begun, biases, hear(begun))
    return begun


def _measure(begun, biases, features):
    """Sets each norm so that it changes nothing but by its bias, while it knows the mean and the spread of what it gets."""
    def set_norm(norm, inputs):
        frames = inputs[0]
        mean, variance = frames.mean(dim=(0, 2, 3)), frames.var(dim=(0, 2, 3), unbiased=False)
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(variance)
        norm.weight.copy_((variance + norm.eps).sqrt())
        norm.bias.copy_(biases[norm] + mean)

    hooks = [norm.register_forward_pre_hook(set_norm) for norm in biases]
    with torch.no_grad():
        begun.eval()(features)
    for hook in hooks:
        hook.remove()
