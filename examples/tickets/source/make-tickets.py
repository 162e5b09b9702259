#!/usr/bin/env python3
"""Writes train.jsonl, validation.jsonl and test.jsonl of the ticket example from the lines in this folder.

Needs Python 3.9 and nothing else. The same seed gives the same bytes:

    python3 examples/tickets/source/make-tickets.py

A line of billing.txt and its neighbors is one hand-written ticket with its labels. `{a|b}` takes one of the
texts, `[x]` may be left out, `{P}` is a product's name, `{O}` an order number; labels follow from the line's
head and from what was really written. A line feeds one of the three files only, so no test ticket is a
rewording of a training ticket, except for the rows planted on purpose (see plant()).
"""
import json
import re
from pathlib import Path
from random import Random

SEED = 7
SYSTEM = "Turn the ticket into JSON: category, product, urgency, refund, order."
FOLDER = Path(__file__).resolve().parent
SIZES = {"train": 408, "validation": 60, "test": 74}
MOST_CHARACTERS = 640
MOST_ALIKE = 0.75
DEVICES = ("thermostat", "doorbell", "lamp", "speaker", "vacuum")
NAMES = {
    "thermostat": ("thermostat", "Hearth", "Hearth thermostat"),
    "doorbell": ("doorbell", "Porter", "Porter doorbell", "video doorbell"),
    "lamp": ("lamp", "Glow", "Glow lamp", "bedside lamp"),
    "speaker": ("speaker", "Tonic", "Tonic speaker", "kitchen speaker"),
    "vacuum": ("robot vacuum", "Robin", "Robin vacuum", "vacuum"),
}
FIRST = ("Ada", "Ben", "Chiara", "Dmitri", "Elif", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Kim", "Leila",
         "Mateo", "Nora", "Oskar", "Priya", "Quentin", "Rosa", "Samir", "Tove", "Uma", "Viktor", "Wanda",
         "Yusuf")
LAST = ("Adler", "Bianchi", "Costa", "Dahl", "Eriksen", "Fischer", "Gomez", "Huber", "Ivanova", "Jansen",
        "Kaya", "Lefevre", "Moreau", "Nowak", "Okafor", "Petrov", "Rossi", "Singh", "Tanaka", "Weber")
FIRMS = ("Brightwater Hotels", "Nordvik School", "Holm & Sons Ltd",
         "Cafe Anselm", "Studio Kite", "Greenfield Dental")
CITIES = ("Leeds", "Utrecht", "Graz", "Porto", "Lyon", "Aarhus", "Gdansk", "Ghent", "Cork", "Bologna", "Kiel")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
AMOUNTS = ("129", "49.90", "89", "279", "64.50", "199", "34.95", "149", "312.40", "75")
FOREIGN = re.compile(r"[¿¡ßàéèùûóíöü]"
                     r"|\b(ich|bitte|wo bleibt|merci|Konto|Danke|Hola|Rechnung|Wir)\b", re.I)


class Maker:
    """Fills one line; remembers the order number it wrote."""

    def __init__(self, rng, product):
        self.rng = rng
        self.name = self.pick(NAMES[product]) if product in NAMES else ""
        self.order = None

    def pick(self, items):
        return items[int(self.rng.random() * len(items))]

    def order_number(self):
        if self.order is None:
            letter, digits = self.pick("ABKM"), str(10000 + int(self.rng.random() * 90000))
            self.order = f"{letter}-{digits}"
        letter, digits = self.order.split("-")
        rare = (letter.lower() + "-" + digits, letter + digits, "#" + self.order, f"{letter} {digits}")
        return self.pick((self.order,) * 6 + rare)

    def slot(self, key):
        if key == "P":
            return self.name
        if key == "O":
            return self.order_number()
        if key == "K":
            return str(10000 + int(self.rng.random() * 90000))
        return self.pick({"N": AMOUNTS, "D": DAYS, "C": CITIES, "F": FIRST, "L": LAST, "B": FIRMS}[key])

    def fill(self, text):
        """Expands from the inside out: slots stay marks until the last step, so that only kept ones are drawn."""
        text = re.sub(r"\{([A-Z])\}", "\x01\\1", text)
        while True:
            match = re.search(r"\{([^{}\[\]]*)\}|\[([^{}\[\]]*)\]", text)
            if match is None:
                break
            if match.group(1) is not None:
                kept = self.pick(match.group(1).split("|"))
            else:
                kept = match.group(2) if self.rng.random() < 0.5 else ""
            text = text[: match.start()] + kept + text[match.end():]
        text = re.sub("\x01([A-Z])", lambda m: self.slot(m.group(1)), text.replace("\\n", "\n"))
        text = re.sub(r" +", " ", re.sub(r" ([.,?!])(?!\w)", r"\1", text)).strip()
        return re.sub(r"(^|[.?!] )(lamp|speaker|doorbell|thermostat|robot|vacuum|video|bedside|kitchen)\b"
                      r"(?= (came|in|under))", lambda m: m.group(1) + m.group(2).capitalize(), text)


def read_lines(name):
    for line in (FOLDER / name).read_text("utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            head, text = line.split(" :: ", 1)
            yield head.split(), text


def read_bodies():
    names = ("billing", "delivery", "defect", "return", "account", "question", "other")
    return [(*head, text) for name in names for head, text in read_lines(name + ".txt")]


def misspell(text, rng):
    """Swaps two neighboring letters in one or two plain lower-case words."""
    words = text.split(" ")
    places = [i for i, word in enumerate(words) if re.fullmatch(r"[a-z]{5,}", word) and word not in DEVICES]
    for place in sorted(places, key=lambda _: rng.random())[: 1 + int(rng.random() * 2)]:
        word, at = words[place], 1 + int(rng.random() * (len(words[place]) - 3))
        words[place] = word[:at] + word[at + 1] + word[at] + word[at + 2:]
    return " ".join(words)


def dress(text, around, maker):
    """Adds what people write around the matter, then the way they write; neither changes a label."""
    rng, roll = maker.rng, maker.rng.random
    if FOREIGN.search(text) or len(text) < 25:
        return text
    plain = not re.match(r"(Hi|Hello|Dear|FYI|Sehr|>|-{3}|Fault|Automatic|Out of)", text)
    if plain and roll() < 0.2:
        aside, joint = maker.pick(around["aside"]), " " if text[-1] in ".?!" else ". "
        text = aside + " " + text if roll() < 0.4 else text + joint + aside
    if plain and roll() < 0.2:
        greeting = maker.pick(around["greeting"])
        text = greeting + ("\n" if roll() < 0.4 else " ") + text
    if "\n\n" not in text and roll() < 0.3:
        text = text + "\n" + maker.fill(maker.pick(around["closing"]))
    if plain and roll() < 0.08:
        text = maker.pick(around["subject"]) + "\n\n" + text
    mood = roll()
    if mood < 0.1:
        return text.lower()
    if mood < 0.14:
        return re.sub(r"[.,'!](?!\d)", "", text).lower()
    if mood < 0.16:
        return text.upper()
    return misspell(text, rng) if mood < 0.3 else text


def words(text):
    return frozenset(re.findall(r"[a-z0-9]+", text.lower()))


def likeness(left, right):
    return len(left & right) / max(1, len(left | right))


def is_new(mine, taken):
    return mine not in taken and all(likeness(mine, other) < MOST_ALIKE for other in taken)


def write_ticket(body, around, rng):
    category, product, urgency, refund, text = body
    if product == "any":
        product = DEVICES[int(rng.random() * len(DEVICES))]
    maker = Maker(rng, product)
    ticket = dress(maker.fill(text), around, maker)
    answer = {"category": category, "product": product, "urgency": urgency, "refund": refund == "yes"}
    return ticket, {**answer, "order": maker.order}


def row(ticket, answer):
    said = answer if isinstance(answer, str) else json.dumps(answer, separators=(",", ":"))
    turns = (("system", SYSTEM), ("user", ticket), ("assistant", said))
    return {"messages": [{"role": role, "content": content} for role, content in turns]}


def as_line(item):
    return json.dumps(item, ensure_ascii=False)


def deal(bodies, rng):
    """Gives each line to one file, category by category, so that all three have like shares of each."""
    parts = {"train": [], "validation": [], "test": []}
    for category in dict.fromkeys(body[0] for body in bodies):
        mine = [body for body in bodies if body[0] == category]
        mine.sort(key=lambda _: rng.random())
        tests, validations = round(len(mine) * 0.19), round(len(mine) * 0.14)
        parts["test"] += mine[:tests]
        parts["validation"] += mine[tests: tests + validations]
        parts["train"] += mine[tests + validations:]
    return parts


def fill_part(bodies, size, around, rng, taken):
    """Goes round the lines until `size` tickets differ from all others (word sets less alike than MOST_ALIKE)."""
    made, turn = [], 0
    while len(made) < size:
        for body in sorted(bodies, key=lambda _: rng.random()):
            ticket, answer = write_ticket(body, around, rng)
            mine = words(ticket)
            if len(made) < size and len(ticket) < MOST_CHARACTERS and is_new(mine, taken):
                taken.append(mine)
                made.append((ticket, answer))
        turn += 1
        if turn > 50:
            raise SystemExit(f"only {len(made)} of {size} different tickets found; write more lines")
    return made


def plant(parts, rng):
    """Puts in the faults that README.md lists; returns the lines of the three files."""
    train = [row(*item) for item in parts["train"]]
    test = [row(*item) for item in parts["test"]]
    picks = sorted(range(len(train)), key=lambda _: rng.random())
    long = [i for i in picks if 60 < len(parts["train"][i][0]) < 300]
    twice, leaked, changed, odd = long[:9], long[9:12], long[12:15], long[15]
    ticket, answer = parts["train"][odd]
    other = dict(answer, category="return" if answer["category"] != "return" else "billing", urgency="low")
    lines = [as_line(item) for item in train]
    empty = row("Parcel for B-40417 went to the wrong door again. Third time this year.", "")
    broken = row("The lamp I ordered (K-28114) came without a plug.", parts["train"][0][1])
    extra = [lines[i] for i in twice] + [as_line(row(ticket, other)), as_line(empty), as_line(broken)[:-31]]
    for line in extra:
        lines.insert(200 + int(rng.random() * (len(lines) - 200)), line)
    test += [train[i] for i in leaked]
    for at, i in enumerate(changed):
        ticket, answer = parts["train"][i]
        ticket = (ticket.upper(), ticket.rstrip(".!?") + "...", re.sub(r"[.,!?]+(?!\d)", " !", ticket))[at]
        test.append(row(ticket, answer))
    test.sort(key=lambda _: rng.random())
    return {
        "train": lines,
        "validation": [as_line(row(*item)) for item in parts["validation"]],
        "test": [as_line(item) for item in test],
    }


def main():
    rng = Random(SEED)
    around = {}
    for (kind,), text in read_lines("around.txt"):
        around.setdefault(kind, []).append(text)
    bodies, taken = deal(read_bodies(), rng), []
    parts = {}
    for name in ("test", "validation", "train"):
        parts[name] = fill_part(bodies[name], SIZES[name], around, rng, taken)
    for name, lines in plant(parts, rng).items():
        (FOLDER.parent / f"{name}.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
        print(f"{name}: {len(lines)} lines from {len(bodies[name])} hand-written tickets")


if __name__ == "__main__":
    main()
