"""What a model understands: right and wrong choices, questions, false alarms, with counts and 95 % intervals."""

import csv
import json
import math
from collections import Counter, defaultdict

import soundfile

from . import keywords, menus, normal
from .export import Runner

# Grid of the thresholds, and what they must keep on the development set.
SURE = [-0.1 * step for step in range(1, 13)]
ASK = [-0.2 * step for step in range(1, 13)]
MARGIN = 0.15
WRONG_MAX = 0.005
ALARMS_ASKED_MAX = 0.08
NORMAL_95 = 1.96


def evaluate(work, model):
    """Measures `model` on work/sets and writes work/results.md; thresholds come from the development set alone."""
    heard = hear(work, model)
    thresholds = choose_thresholds([row for row in heard if row["voices"] == "development"])
    report = [
        f"Thresholds by letter, set on the development voices: sure {thresholds.sure:.1f}, "
        f"ask {thresholds.ask:.1f}, ahead by {thresholds.margin:.2f}.", "", *choices_table(heard, thresholds), "",
        *alarms_table(heard, thresholds), "", *letters_table(heard),
    ]
    (work / "results.md").write_text("\n".join(report) + "\n", encoding="utf-8")
    print("\n".join(report))


def hear(work, model):
    """The rows of the sets' list with the scores of their choices, the text heard and the seconds."""
    listed = menus.all_menus()
    runner = Runner(model)
    with (work / "sets" / "list.tsv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    for number, row in enumerate(rows):
        samples, rate = soundfile.read(work / "sets" / row["file"], dtype="int16")
        logprobs = runner.hear(samples)
        menu = listed.get(row["menu"], {})
        shown = {choice: menu[choice] for choice in row["choices"].split(",") if choice}
        row["scores"] = keywords.choice_scores(logprobs, shown) if shown else {}
        row["heard"] = normal.letters(logprobs.argmax(axis=1))
        row["seconds"] = len(samples) / rate
        if number % 500 == 499:
            print(f"heard {number + 1} of {len(rows)}", flush=True)
    with (work / "heard.jsonl").open("w", encoding="utf-8") as out:
        for row in rows:
            scores = {choice: round(float(score), 3) for choice, score in row["scores"].items()}
            out.write(json.dumps({**row, "scores": scores}, ensure_ascii=False) + "\n")
    return rows


def choose_thresholds(rows):
    """The thresholds that take most while few choices are wrong and few other sentences are asked about."""
    best, most = keywords.Thresholds(SURE[0], SURE[0], MARGIN), -1.0
    asked_about = [row for row in rows if row["scores"]]
    others = [row for row in asked_about if row["expected"] == "-"]
    for sure in SURE:
        for ask in (value for value in ASK if value <= sure):
            thresholds = keywords.Thresholds(sure, ask, MARGIN)
            outcomes = Counter(outcome(row, thresholds) for row in asked_about)
            alarms = sum(outcome(row, thresholds) != "again" for row in others) / max(1, len(others))
            wrong = outcomes["wrong"] / max(1, len(asked_about))
            worth = outcomes["right"] + 0.6 * outcomes["confirmed"]
            if wrong <= WRONG_MAX and alarms <= ALARMS_ASKED_MAX and worth > most:
                best, most = thresholds, worth
    return best


def outcome(row, thresholds):
    """right, wrong, confirmed (the question named the right choice), asked (the wrong one), or again."""
    action, choice = keywords.decide(row["scores"], thresholds)
    if action == "again":
        return "again"
    if action == "take":
        return "right" if choice == row["expected"] else "wrong"
    return "confirmed" if choice == row["expected"] else "asked"


def choices_table(rows, thresholds):
    """Outcomes by voices, kind and line, of what names a choice."""
    groups = defaultdict(Counter)
    for row in rows:
        if row["scores"] and row["expected"] != "-":
            groups[row["voices"], row["kind"], row["line"]][outcome(row, thresholds)] += 1
            groups[row["voices"], row["kind"], row["line"]]["best"] += (
                max(row["scores"], key=row["scores"].get) == row["expected"]
            )
    lines = ["| voices | said | line | n | right at once or after a question | right at once | wrong | asked again "
             "| best of the menu |", "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"]
    for (voices, kind, condition), counts in sorted(groups.items(), key=_order):
        total = sum(counts.values()) - counts["best"]
        right = counts["right"] + counts["confirmed"]
        lines.append(
            f"| {voices} | {kind} | {condition} | {total} | {share(right, total)} | {share(counts['right'], total)} | "
            f"{share(counts['wrong'], total)} | {share(counts['again'] + counts['asked'], total)} | "
            f"{share(counts['best'], total)} |"
        )
    return lines


def alarms_table(rows, thresholds):
    """What is heard in sentences and sounds that name no choice."""
    groups = defaultdict(Counter)
    for row in rows:
        if row["expected"] == "-" and row["scores"]:
            groups[row["voices"], "other", row["line"]].update(
                {outcome(row, thresholds): 1, "seconds": row["seconds"]}
            )
    lines = ["| voices | line | minutes without keywords | choices taken | an hour | questions asked | an hour |",
             "| --- | --- | --- | --- | --- | --- | --- |"]
    for (voices, _, condition), counts in sorted(groups.items(), key=_order):
        hours = counts["seconds"] / 3600
        lines.append(
            f"| {voices} | {condition} | {hours * 60:.1f} | {counts['wrong']} | {per_hour(counts['wrong'], hours)} | "
            f"{counts['asked']} | {per_hour(counts['asked'], hours)} |"
        )
    return lines


def letters_table(rows):
    """Wrong letters of the free text."""
    groups = defaultdict(Counter)
    for row in rows:
        if row["text"]:
            groups[row["voices"], "", row["line"]].update(
                {"wrong": distance(row["heard"], row["text"]), "all": len(row["text"])}
            )
    return ["| voices | line | wrong letters |", "| --- | --- | --- |"] + [
        f"| {voices} | {condition} | {100 * counts['wrong'] / counts['all']:.1f} % of {counts['all']} |"
        for (voices, _, condition), counts in sorted(groups.items(), key=_order)
    ]


def share(count, total):
    """`count` of `total` in per cent with Wilson's 95 % interval."""
    if not total:
        return "-"
    part, z2 = count / total, NORMAL_95**2
    middle = (part + z2 / (2 * total)) / (1 + z2 / total)
    half = NORMAL_95 / (1 + z2 / total) * math.sqrt(part * (1 - part) / total + z2 / (4 * total**2))
    return f"{count} = {100 * part:.1f} % ({100 * (middle - half):.1f}–{100 * (middle + half):.1f})"


def per_hour(count, hours):
    """Events an hour with the 95 % interval of a Poisson count (Byar's approximation)."""
    low = count * (1 - 1 / (9 * count) - NORMAL_95 / (3 * math.sqrt(count))) ** 3 if count else 0
    more = count + 1
    high = more * (1 - 1 / (9 * more) + NORMAL_95 / (3 * math.sqrt(more))) ** 3
    return f"{count / hours:.1f} ({low / hours:.1f}–{high / hours:.1f})"


def distance(one, other):
    """Letters to change, add or drop to make one text the other."""
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, 1):
        diagonal, row[0] = row[0], place
        for column, against in enumerate(other, 1):
            diagonal, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1,
                                                     diagonal + (letter != against))
    return row[-1]


def _order(group):
    lines = ("clean", "snr15", "snr10", "snr5", "loss3")
    (voices, kind, condition), _ = group
    return voices, kind, lines.index(condition)
