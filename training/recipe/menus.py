"""The menus of the evaluation: choice to the phrases that name it. Plain Python, no packages."""

from . import grammar, numerals

YES_NO = {"yes": ["да", "верно", "правильно"], "no": ["нет", "неверно", "неправильно"]}
MONTHS = "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь".split()
DAYS = {
    "понедельник": ["понедельник"], "вторник": ["вторник"], "среда": ["среда", "среду"], "четверг": ["четверг"],
    "пятница": ["пятница", "пятницу"], "суббота": ["суббота", "субботу"], "воскресенье": ["воскресенье"],
}
NUMBERS = (*range(10, 20), *range(20, 100, 10))


def all_menus():
    """Menu to choices, each with its phrases."""
    main = {}
    for choice, phrase in _rows("menu.tsv"):
        main.setdefault(choice, []).append(phrase)
    return {
        "main": main,
        "yes-no": YES_NO,
        "digit": {numerals.cardinal(n): [numerals.cardinal(n)] for n in range(10)},
        "number": {numerals.cardinal(n): [numerals.cardinal(n)] for n in NUMBERS},
        "day": DAYS,
        "month": {month: [month, _genitive(month)] for month in MONTHS},
        "ordinal": {numerals.ordinal(n): [numerals.ordinal(n, form) for form in "mfng"] for n in range(1, 11)},
    }


def real_voice():
    """(menu, file without its ending, choice) of the human recordings whose words are known."""
    return _rows("real.tsv")


def _genitive(month):
    return {"март": "марта", "август": "августа", "май": "мая"}.get(month, month[:-1] + "я")


def _rows(file):
    lines = (grammar.TEXTS / file).read_text(encoding="utf-8").splitlines()
    return [tuple(line.split("\t")) for line in lines if line and not line.startswith("#")]
