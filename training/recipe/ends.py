"""Where trainings have ended. One that goes on for more minutes ends elsewhere, and the mean of the last two ends hears
better than either: what each has learnt of its last hours alone is halved."""

import torch

# So many of the last ends make the model.
MEANT = 2


def keep(work, state):
    """Lays down the weights with which a training of so many minutes has ended."""
    folder = work / "ends"
    folder.mkdir(exist_ok=True)
    torch.save(state.average.state_dict(), folder / f"{round(state.seconds / 60):05}.pt")


def forget(work):
    """Those of another training are no ends of one that begins."""
    for end in (work / "ends").glob("*.pt"):
        end.unlink()


def weights(work):
    """The mean of the last ends; of a training that has not ended its checkpoint."""
    last = sorted((work / "ends").glob("*.pt"))[-MEANT:]
    if not last:
        return torch.load(work / "checkpoint.pt", weights_only=True)["average"]
    ends = [torch.load(end, weights_only=True) for end in last]
    return {name: _mean([end[name] for end in ends]) for name in ends[0]}


def _mean(tensors):
    return torch.stack(tensors).mean(0) if tensors[0].dtype.is_floating_point else tensors[0]
