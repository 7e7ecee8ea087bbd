"""Text as the network spells it: lower-case Russian letters and single spaces. Plain Python, no packages."""

import re

from . import numerals

LETTERS = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"
# T-one's order: ё after е, then the space; the blank of CTC comes last.
ALPHABET = LETTERS + " "
BLANK = len(ALPHABET)
LABELS = BLANK + 1
INDEX = {letter: index for index, letter in enumerate(ALPHABET)}

# Above this many digits in a row people say digits, not a number.
DIGITS_AS_NUMBER = 4


def spell(text):
    """`text` in the network's letters; numbers become words. Raises ValueError if letters of another alphabet remain."""
    text = text.lower().replace("\u0301", "").replace("+", " плюс ").replace("№", " номер ").replace("%", " процентов ")
    text = re.sub(r"(\d{1,2}):(\d\d)", _time, text)
    text = re.sub(r"(\d+)-?(й|я|е|го)\b", _ordinal, text)
    text = re.sub(r"(\d+)((?:\s+[а-яё]+)?)", _number, text)
    if alien := re.search(r"[^\W\d_а-яё]", text):
        raise ValueError(f"«{alien.group()}» is no Russian letter: {text!r}")
    return " ".join(re.findall(r"[а-яё]+", text))


def codes(text):
    """The labels of a spelt text."""
    return [INDEX[letter] for letter in text]


def letters(labels):
    """The text of the best labels of consecutive frames: repeats and blanks fall away."""
    text, last = [], BLANK
    for label in labels:
        if label != last and label != BLANK:
            text.append(ALPHABET[label])
        last = label
    return " ".join("".join(text).split())


def _time(match):
    hours, minutes = int(match.group(1)), int(match.group(2))
    tail = {True: "ноль ноль"}.get(minutes == 0) or ("ноль " if minutes < 10 else "") + numerals.cardinal(minutes)
    return f" {numerals.cardinal(hours)} {tail} "


def _ordinal(match):
    form = {"й": "m", "я": "f", "е": "n", "го": "g"}[match.group(2)]
    return f" {numerals.ordinal(int(match.group(1)), form)} "


def _number(match):
    digits, noun = match.group(1), match.group(2)
    if len(digits) > DIGITS_AS_NUMBER or (len(digits) > 1 and digits[0] == "0"):
        words = " ".join(numerals.cardinal(int(digit)) for digit in digits)
    else:
        words = numerals.cardinal(int(digits), _gender_of(noun.strip()))
    return f" {words}{noun} "


def _gender_of(noun):
    """The gender that a counted noun shows by its ending after 1 and after 2 to 4: минута, минуты; окно."""
    if noun.endswith(("а", "я", "ы", "и")) and noun not in FEW_MASCULINE:
        return "f"
    if noun.endswith(("о", "е")):
        return "n"
    return "m"


# Masculine and neuter nouns as they stand after two, three and four: they look feminine.
FEW_MASCULINE = {
    "часа", "дня", "года", "месяца", "человека", "рубля", "врача", "раза", "дома", "талона", "звонка", "окна",
    "января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября",
    "декабря", "и", "а", "на", "я", "или",
}
