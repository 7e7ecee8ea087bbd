"""python3 -m unittest discover -s training/tests: numbers, spelling and the grammar; needs no package."""

import random
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from recipe import grammar, normal, numerals  # noqa: E402


class Numerals(unittest.TestCase):
    def test_cardinals_agree_with_the_noun(self):
        self.assertEqual(numerals.cardinal(21, "f"), "двадцать одна")
        self.assertEqual(numerals.cardinal(1_002, "n"), "тысяча два")
        self.assertEqual(numerals.cardinal(2_000_000), "два миллиона")
        self.assertEqual(numerals.cardinal(342_115), "триста сорок две тысячи сто пятнадцать")
        self.assertEqual(numerals.cardinal(0), "ноль")

    def test_cardinals_end_where_the_words_end(self):
        numerals.cardinal(numerals.CARDINAL_MAX)
        for value in (-1, numerals.CARDINAL_MAX + 1):
            with self.assertRaises(ValueError):
                numerals.cardinal(value)

    def test_every_number_to_a_thousand_has_words_of_its_own(self):
        self.assertEqual(len({numerals.cardinal(value) for value in range(1_001)}), 1_001)
        self.assertEqual(len({numerals.ordinal(value) for value in range(1, 1_000)}), 999)

    def test_ordinals(self):
        self.assertEqual(numerals.ordinal(3, "f"), "третья")
        self.assertEqual(numerals.ordinal(140), "сто сороковой")
        self.assertEqual(numerals.ordinal(200, "n"), "двухсотое")
        self.assertEqual(numerals.ordinal(1957, "g"), "тысяча девятьсот пятьдесят седьмого")
        self.assertEqual(numerals.ordinal(2000, "g"), "двухтысячного")

    def test_plural(self):
        forms = ("минута", "минуты", "минут")
        self.assertEqual([numerals.plural(n, forms) for n in (1, 3, 5, 11, 14, 21, 112)],
                         ["минута", "минуты", "минут", "минут", "минут", "минута", "минут"])


class Spelling(unittest.TestCase):
    def test_numbers_become_words(self):
        cases = {
            "21 минута": "двадцать одна минута",
            "22 часа": "двадцать два часа",
            "Приём в 9:30, кабинет №5": "приём в девять тридцать кабинет номер пять",
            "в 10:05": "в десять ноль пять",
            "3-я поликлиника": "третья поликлиника",
            "номер 122": "номер сто двадцать два",
            "89161234": "восемь девять один шесть один два три четыре",
            "код 007": "код ноль ноль семь",
        }
        for text, words in cases.items():
            self.assertEqual(normal.spell(text), words)

    def test_other_alphabets_are_refused(self):
        with self.assertRaises(ValueError):
            normal.spell("вызов doctor")

    def test_labels_fold_to_text(self):
        labels = normal.codes("ссанна")
        labels.insert(4, normal.BLANK)
        self.assertEqual(normal.letters(labels), "санна")


class Grammar(unittest.TestCase):
    def setUp(self):
        self.sentences = grammar.Grammar.shipped()

    def test_every_rule_is_spelt_in_the_alphabet(self):
        rng = random.Random(122)
        for rule in self.sentences.rules:
            for _ in range(50):
                text = self.sentences.say(rule, rng)
                self.assertTrue(text, rule)
                self.assertEqual(text, normal.spell(text))

    def test_same_seed_same_sentences(self):
        again = [self.sentences.training(random.Random(5)) for _ in range(2)]
        self.assertEqual(*again)

    def test_held_out_sentences_are_never_trained(self):
        rng = random.Random(7)
        held = self.sentences.held_out
        self.assertTrue(held)
        for _ in range(3000):
            self.assertNotIn(self.sentences.training(rng), held)

    def test_the_sentences_cover_every_letter(self):
        rng = random.Random(3)
        seen = set("".join(self.sentences.training(rng) for _ in range(2000)))
        self.assertEqual(seen, set(normal.ALPHABET))


if __name__ == "__main__":
    unittest.main()
