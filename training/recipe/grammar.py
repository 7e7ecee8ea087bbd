"""Sentences from the grammar in texts/sentences.txt. Plain Python, no packages.

An admin writes any word into a dialplan, so the network must hear any word: beside the sentences of a medical line the
grammar draws words from a spelling dictionary (Debian's hunspell-ru, if it is installed) and syllables that no
dictionary has.
"""

import re
from functools import cache
from pathlib import Path

from . import normal, numerals

TEXTS = Path(__file__).parents[1] / "texts"
DICTIONARY = Path("/usr/share/hunspell/ru_RU.dic")
WORD_LENGTHS = range(3, 15)

CONSONANTS = "бвгджзклмнпрстфхцчшщ"
CLUSTERS = (
    "ст пр тр кр гр др бр вр бл пл кл гл сл хл шл сн зн кн гн см зм св зв дв тв сп сп ск шк шт вз вс мн мл рт рд рк рн "
    "нт нд нк лк лт вд жд ств стр скр спр здр взд щн чн чт шн хр фр фл цв"
).split()
VOWELS = "аааооооеееииуыяюёэ"
FINALS = "й н т р к ль сь ть м в с л х ш п нь ст д г б з ж ч ц ф щ рь дь".split()
# After these consonants Russian writes other vowels than it might.
HUSHING = str.maketrans("ыяюэ", "иауе")


class Grammar:
    """Rules and held-out sentences; every sentence comes out spelt in the network's alphabet."""

    def __init__(self, rules, held_out, words):
        self.rules = rules
        self.held_out = held_out
        self.words = words

    @classmethod
    def shipped(cls):
        """The grammar of this folder, with the dictionary of the machine if it has one."""
        rules = read_rules((TEXTS / "sentences.txt").read_text(encoding="utf-8"))
        held = {text for _, text in held_out("test") + held_out("development")}
        return cls(rules, held, dictionary() or _words_of(rules))

    def training(self, rng):
        """A sentence to train on: never one that is held out."""
        while True:
            text = self.say("training", rng)
            if text and text not in self.held_out:
                return text

    def say(self, rule, rng):
        """A sentence of `rule`, spelt."""
        return normal.spell(self._expand(self._pick(rule, rng), rng))

    def _pick(self, rule, rng):
        alternatives, weights = self.rules[rule]
        return rng.choices(alternatives, weights)[0]

    def _expand(self, text, rng):
        while match := re.search(r"\(([^()]*)\)", text):
            text = text[: match.start()] + rng.choice(match.group(1).split("|")) + text[match.end() :]
        return re.sub(r"<([^<>]+)>", lambda match: self._insert(match.group(1), rng), text)

    def _insert(self, reference, rng):
        kind, *arguments = reference.split(":")
        match kind:
            case "number":
                return numerals.cardinal(rng.randint(int(arguments[0]), int(arguments[1])))
            case "digits":
                count = rng.randint(int(arguments[0]), int(arguments[1]))
                return " ".join(numerals.cardinal(rng.randint(0, 9)) for _ in range(count))
            case "ordinal":
                return numerals.ordinal(rng.randint(int(arguments[0]), int(arguments[1])), arguments[2])
            case "dictionary":
                return rng.choice(self.words)
            case "syllables":
                return syllables(rng)
        return self._expand(self._pick(kind, rng), rng)


def read_rules(text):
    """The rules of a grammar: name to (alternatives, weights)."""
    rules, name = {}, None
    for line in text.splitlines():
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("["):
            name = line.strip("[]")
            rules[name] = ([], [])
            continue
        weight = 1
        if match := re.match(r"(\d+): ", line):
            weight, line = int(match.group(1)), line[match.end() :]
        for alternative in line.split(", "):
            rules[name][0].append(alternative)
            rules[name][1].append(weight)
    return rules


def held_out(part):
    """(choice, sentence) that are never trained on; part is `test` or `development`. Choice `-`: no keyword in it."""
    rows = []
    for line in (TEXTS / "held-out.tsv").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            of, choice, sentence = line.split("\t")
            if of == part:
                rows.append((choice, sentence))
    return rows


@cache
def dictionary(path=DICTIONARY):
    """The common words of a hunspell dictionary: no names, no abbreviations."""
    if not path.exists():
        return []
    words = set()
    for line in path.read_text(encoding="utf-8").splitlines()[1:]:
        word = line.split("/")[0]
        if len(word) in WORD_LENGTHS and all(letter in normal.LETTERS for letter in word):
            words.add(word)
    return sorted(words)


def syllables(rng):
    """A word of one to four syllables that need not exist: it teaches letters, not vocabulary."""
    word = ""
    for _ in range(rng.choice((1, 2, 2, 3, 3, 4))):
        onset = rng.choice(CLUSTERS) if rng.random() < 0.3 else rng.choice(CONSONANTS)
        vowel = rng.choice(VOWELS)
        word += onset + (vowel.translate(HUSHING) if onset[-1] in "жшчщцгкх" else vowel)
    return word + rng.choice(FINALS) if rng.random() < 0.55 else word


def _words_of(rules):
    """Where no dictionary is installed: the words of the grammar itself."""
    text = " ".join(alternative for alternatives, _ in rules.values() for alternative in alternatives)
    text = re.sub(r"<[^>]*>|\([^)]*\)", " ", text)
    return sorted(set(re.findall(r"[а-яё]{3,}", text)))
