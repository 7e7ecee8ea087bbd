"""Own recordings, and a model that is exported and gone on from.

They need the packages of requirements.txt: run them with the Python that make.py made,
target/speech/venv/bin/python -m unittest discover -s training/tests.
"""

import contextlib
import io
import sys
import tempfile
import types
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

try:
    import numpy as np
    import onnx
    import soundfile
    import torch

    from recipe import ends, export, own, shards, start
    from recipe.network import Network
except ImportError as missing:
    raise unittest.SkipTest(f"the recipe's packages are not here: {missing}") from missing

RATE = 8000


def voice(seconds, seed=0):
    """Some sound, int16."""
    rng = np.random.default_rng(seed)
    times = np.arange(int(seconds * RATE)) / RATE
    swell = 0.5 + 0.5 * np.sin(2 * np.pi * 3 * times)
    sound = swell * np.sin(2 * np.pi * 220 * times) + 0.05 * rng.standard_normal(len(times))
    return (sound * 9000).astype(np.int16)


def network(seed=0):
    """A network with random weights whose norms do something."""
    torch.manual_seed(seed)
    made = Network()
    for module in made.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.2)
            module.running_var.uniform_(0.5, 2)
            torch.nn.init.normal_(module.bias, 0, 0.2)
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
    return made.eval()


def heard(of, samples):
    """What a network says of a whole voice: probabilities of letters."""
    with torch.no_grad():
        return of(of.features(torch.from_numpy(samples / np.float32(32768))[None]))[0].exp().numpy()


class Ends(unittest.TestCase):
    def test_the_model_is_the_mean_of_the_last_two_ends_and_before_any_the_checkpoint(self):
        first, second, third = [network(seed) for seed in (1, 2, 3)]
        with tempfile.TemporaryDirectory() as folder:
            work = Path(folder)
            torch.save({"average": first.state_dict()}, work / "checkpoint.pt")
            self.assertTrue(torch.equal(ends.weights(work)["stem.weight"], first.stem.weight))
            # In minutes: the hundredth is after the ninetieth.
            for minutes, average in ((10, first), (90, second), (100, third)):
                ends.keep(work, types.SimpleNamespace(seconds=minutes * 60.2, average=average))
            mean = ends.weights(work)
        self.assertTrue(torch.allclose(mean["stem.weight"], (second.stem.weight + third.stem.weight) / 2))
        self.assertEqual(mean["stem_norm.num_batches_tracked"], second.stem_norm.num_batches_tracked)
        Network().load_state_dict(mean)


class OwnRecordings(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder, self.work = Path(folder.name, "recordings"), Path(folder.name, "work")
        self.folder.mkdir()

    def take(self, lines):
        (self.folder / "transcripts.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        with contextlib.redirect_stdout(io.StringIO()) as told:
            own.take(self.folder, self.work)
        parts = [[text for _, text in shards.load(self.work / part)] for part in ("own", "own-test")]
        return *parts, told.getvalue()

    def record(self, name, samples, rate=RATE):
        soundfile.write(self.folder / name, samples, rate)

    def test_a_line_that_cannot_be_used_is_named_and_the_others_are_taken(self):
        self.record("a.wav", voice(1))
        self.record("stereo.wav", np.stack([voice(2), voice(2)], axis=1), 2 * RATE)
        (self.folder / "text.wav").write_text("no sound")
        trained, tested, told = self.take([
            "# file, text, speaker", "", "a.wav\tВызвать врача, дом 5", "missing.wav\tврач", "text.wav\tврач",
            "a.wav\tCall a doctor", "a.wav", "stereo.wav\tзапись",
        ])
        self.assertEqual(sorted(trained + tested), ["вызвать врача дом пять", "запись"])
        for line in (4, 5, 6, 7):
            self.assertIn(f"transcripts.tsv:{line}: left out: ", told)
        self.assertEqual(told.count("left out"), 4)

    def test_recordings_of_any_rate_are_heard_as_on_the_telephone(self):
        self.record("wide.wav", voice(4), 2 * RATE)
        self.take(["wide.wav\tзапись"])
        (samples, _), = shards.load(self.work / "own") + shards.load(self.work / "own-test")
        self.assertAlmostEqual(len(samples) / RATE, 2.0, delta=0.1)

    def test_a_speaker_is_trained_on_or_tested_and_the_same_each_time(self):
        names = "один два три четыре пять шесть семь восемь девять".split()
        for name in range(60):
            self.record(f"{name}.wav", voice(0.5, name))
        lines = [f"{name}.wav\t{names[name % 9]} {names[name // 9]}\tspeaker {name // 2}" for name in range(60)]
        first = self.take(lines)
        self.assertTrue(first[0] and first[1], "both parts have speakers")
        speaker = {line.split("\t")[1]: line.split("\t")[2] for line in lines}
        trained, tested = ({speaker[text] for text in part} for part in first[:2])
        self.assertFalse(trained & tested)
        self.assertEqual(self.take(lines), first)


class Models(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.network, self.file = network(), self.folder / "small.onnx"
        export.write(self.network, self.file)

    def test_the_exported_model_says_in_chunks_what_the_network_says_of_the_whole(self):
        samples = voice(2.4)
        streamed = np.exp(export.Runner(self.file).hear(samples))
        whole = heard(self.network, samples)
        self.assertGreater(whole.std(), 0.01, "the network tells sounds apart")
        np.testing.assert_allclose(streamed[: len(whole)], whole, atol=export.AGREE_WITHIN)

    def test_training_goes_on_from_an_exported_model(self):
        begun = start.network(self.file, lambda made: made.features(torch.from_numpy(voice(3) / np.float32(32768))[None]))
        np.testing.assert_allclose(heard(begun.eval(), voice(2)), heard(self.network, voice(2)), atol=export.AGREE_WITHIN)

    def test_training_goes_on_from_a_checkpoint(self):
        torch.save({"average": self.network.state_dict()}, self.folder / "checkpoint.pt")
        begun = start.network(self.folder / "checkpoint.pt", None)
        np.testing.assert_array_equal(heard(begun.eval(), voice(1)), heard(self.network, voice(1)))

    def test_a_model_of_another_network_is_refused(self):
        model = onnx.load(self.file)
        for tensor in model.graph.initializer:
            tensor.name = tensor.name.replace("blocks.7", "blocks.8")
        onnx.save(model, self.folder / "other.onnx")
        with self.assertRaises(SystemExit) as refused:
            start.network(self.folder / "other.onnx", None)
        self.assertIn("is no model of this recipe", str(refused.exception))


if __name__ == "__main__":
    unittest.main()
