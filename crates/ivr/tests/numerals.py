"""Writes numerals.tsv: Russian numerals from 0 to 1 000 and the years of people's lives, by num2words 0.5.14.

The tests compare what the robot says with these. ICU 72 (its rules spellout-*) says the same of all of them, but for «ё»,
which it does not write, and for ordinals of round hundreds and the neuter of 80, which its rules get wrong. A form of a
number is written in full in the columns that say None below; the others give its last word, since nothing else differs,
which is asserted here.
"""

from pathlib import Path

from num2words import num2words

NUMBERS = [*range(1001), *range(1890, 2111), 2999]
# Kind, case, gender, and the column whose words but the last are the same.
COLUMNS = [
    ("cardinal", "n", "m", None),
    ("cardinal", "n", "f", 0),
    ("cardinal", "n", "n", 0),
    ("cardinal", "g", "m", None),
    ("cardinal", "g", "f", 3),
    ("cardinal", "g", "n", 3),
    ("ordinal", "n", "m", None),
    ("ordinal", "n", "n", 6),
    ("ordinal", "g", "m", 6),
]


def numeral(number, to, case, gender):
    said = num2words(number, lang="ru", to=to, case=case, gender=gender)
    # A thousand is said without its «one», as in every year.
    return said.removeprefix("одна ").removeprefix("одной ") if number // 1000 == 1 else said


def row(number):
    whole = [numeral(number, *column[:3]) for column in COLUMNS]
    cells = [str(number)]
    for said, (*_, same_as) in zip(whole, COLUMNS):
        if same_as is None:
            cells.append(said)
        else:
            before, _, last = said.rpartition(" ")
            assert before == whole[same_as].rpartition(" ")[0], said
            cells.append(last)
    return cells


def main():
    names = [f"{to} {case} {gender}" for to, case, gender, _ in COLUMNS]
    lines = ["\t".join(["number", *names])]
    lines += ["\t".join(row(number)) for number in NUMBERS]
    Path(__file__).with_name("numerals.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
