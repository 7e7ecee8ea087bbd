"""Numbers in Russian words.

Synthesisers read "21 минута" as "двадцать один минута", and a transcript has letters only: so every number becomes
words before anything else sees it. Plain Python, no packages.
"""

ONES = {
    "m": ["", "один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять"],
    "f": ["", "одна", "две", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять"],
    "n": ["", "одно", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять"],
}
TEENS = [
    "десять", "одиннадцать", "двенадцать", "тринадцать", "четырнадцать",
    "пятнадцать", "шестнадцать", "семнадцать", "восемнадцать", "девятнадцать",
]
TENS = [
    "", "", "двадцать", "тридцать", "сорок", "пятьдесят",
    "шестьдесят", "семьдесят", "восемьдесят", "девяносто",
]
HUNDREDS = [
    "", "сто", "двести", "триста", "четыреста", "пятьсот",
    "шестьсот", "семьсот", "восемьсот", "девятьсот",
]
# The word for thousands is feminine, the one for millions masculine.
SCALES = [
    (1_000_000, "m", ("миллион", "миллиона", "миллионов")),
    (1_000, "f", ("тысяча", "тысячи", "тысяч")),
]
CARDINAL_MAX = 999_999_999

# Stems of ordinals; the endings below make cases and genders of them.
ORDINAL_STEMS = {
    1: "перв", 2: "втор", 4: "четвёрт", 5: "пят", 6: "шест", 7: "седьм", 8: "восьм", 9: "девят",
    10: "десят", 11: "одиннадцат", 12: "двенадцат", 13: "тринадцат", 14: "четырнадцат", 15: "пятнадцат",
    16: "шестнадцат", 17: "семнадцат", 18: "восемнадцат", 19: "девятнадцат", 20: "двадцат", 30: "тридцат",
    40: "сороков", 50: "пятидесят", 60: "шестидесят", 70: "семидесят", 80: "восьмидесят", 90: "девяност",
    100: "сот", 200: "двухсот", 300: "трёхсот", 400: "четырёхсот", 500: "пятисот", 600: "шестисот",
    700: "семисот", 800: "восьмисот", 900: "девятисот",
}
# Ordinals that are stressed on the ending.
STRESSED_ENDING = {2, 6, 7, 8, 40}
ENDINGS = {"m": "ый", "f": "ая", "n": "ое", "g": "ого"}
THIRD = {"m": "третий", "f": "третья", "n": "третье", "g": "третьего"}


def plural(count, forms):
    """The form of a noun that stands after `count`: (минута, минуты, минут)."""
    tail = count % 100
    if 11 <= tail <= 14:
        return forms[2]
    if count % 10 == 1:
        return forms[0]
    if 2 <= count % 10 <= 4:
        return forms[1]
    return forms[2]


def cardinal(value, gender="m"):
    """`value` in words, in the nominative; `gender` is that of the counted noun: m, f or n."""
    if not 0 <= value <= CARDINAL_MAX:
        raise ValueError(f"no words for {value}")
    if value == 0:
        return "ноль"
    words = []
    for size, scale_gender, forms in SCALES:
        count, value = divmod(value, size)
        if count:
            words += [_below_thousand(count, scale_gender)] if count > 1 else []
            words.append(plural(count, forms))
    words.append(_below_thousand(value, gender))
    return " ".join(word for word in words if word)


def ordinal(value, form="m"):
    """`value` as an ordinal: form m, f, n (nominative) or g (genitive, as in dates). From 1 to 999, and years to 2099."""
    if not 1 <= value <= 2099:
        raise ValueError(f"no ordinal for {value}")
    words = []
    if value >= 1000:
        if value % 1000 == 0:
            return {1: "тысячн", 2: "двухтысячн"}[value // 1000] + ENDINGS[form]
        words.append({1: "тысяча", 2: "две тысячи"}[value // 1000])
        value %= 1000
    if value > 100 and value % 100:
        words.append(HUNDREDS[value // 100])
        value %= 100
    if value > 20 and value < 100 and value % 10:
        words.append(TENS[value // 10])
        value %= 10
    words.append(_ordinal_word(value, form))
    return " ".join(words)


def _below_thousand(value, gender):
    words = [HUNDREDS[value // 100]]
    value %= 100
    if 10 <= value <= 19:
        words.append(TEENS[value - 10])
    else:
        words += [TENS[value // 10], ONES[gender][value % 10]]
    return " ".join(word for word in words if word)


def _ordinal_word(value, form):
    if value == 3:
        return THIRD[form]
    ending = "ой" if form == "m" and value in STRESSED_ENDING else ENDINGS[form]
    return ORDINAL_STEMS[value] + ending
