#!/usr/bin/env python3
"""Writes packages/datacheck/src/secrets/rules/gitleaks.ts: gitleaks' rules as formats of this room.

    git clone https://github.com/gitleaks/gitleaks
    python3 tools/make-token-rules.py gitleaks/config/gitleaks.toml "$(git -C gitleaks describe --tags)"

A regular expression there becomes literals and runs of an alphabet, which are matched in one pass without going back,
or the rule is left out, and the file says why. What stands around a token in an expression (a name, an operator, what
ends a value) is left to the room, which reads names and values itself.
"""
import re
import sys
import textwrap
import tomllib
from itertools import product
from pathlib import Path
from re import _constants as code
from re import _parser as parser

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "packages/datacheck/src/secrets/rules/gitleaks.ts"
OPERATOR = r"(?:=|>|:{1,3}=|\|\||:|=>|\?=|,)"
AFTER_NAME = r"(?:[ \t\w.-]{0,20})"
OPENING = r"""[\x60'"\s=]{0,5}("""
CLOSING = r"""(?:[\x60'"\s;]|\\[nr]|$"""
MOST_FORMATS = 16
FEW = 3  # a class of so many characters is written as that many formats
LONGEST_RUN = 2000
WIDEST = 1.35  # a class may be written as an alphabet with this many times its characters

READERS = "a grammar of its own, that a reader of the room knows"
NARROWER = "no wider than another rule of the room"
SEEN = "an id or a publishable key, which is meant to be seen"
LEFT_OUT = {
    **dict.fromkeys(
        "generic-api-key curl-auth-header curl-auth-user private-key jwt jwt-base64 kubernetes-secret-yaml "
        "nuget-config-password hashicorp-tf-password pkcs12-file".split(),
        READERS,
    ),
    **dict.fromkeys(
        "adobe-client-id asana-client-id bitbucket-client-id discord-client-id linkedin-client-id looker-client-id "
        "plaid-client-id sendbird-access-id messagebird-client-id lob-pub-api-key mailgun-pub-key mapbox-api-token "
        "flutterwave-public-key new-relic-browser-api-token new-relic-user-api-id sumologic-access-id".split(),
        SEEN,
    ),
    **dict.fromkeys(
        "alibaba-access-key-id alibaba-secret-key anthropic-admin-api-key anthropic-api-key atlassian-api-token "
        "beamer-api-token bittrex-access-key cloudflare-api-key cloudflare-global-api-key cohere-api-token "
        "confluent-secret-key datadog-access-token droneci-access-token dropbox-long-lived-api-token "
        "facebook-page-access-token facebook-secret github-refresh-token gitlab-runner-authentication-token-routable "
        "gocardless-api-token grafana-api-key huggingface-access-token huggingface-organization-api-token "
        "microsoft-teams-webhook "
        "new-relic-insert-key nytimes-access-token openai-api-key plaid-api-token slack-config-refresh-token "
        "twitter-access-secret twitter-api-secret twitter-bearer-token typeform-api-token yandex-api-key".split(),
        NARROWER,
    ),
}


class LeftOut(Exception):
    """Why a rule cannot be written as formats."""


def alphabets():
    """The alphabets of the room, by name."""
    text = (ROOT / "packages/datacheck/src/secrets/alphabet.ts").read_text()
    table = text[text.index("const characters = {") : text.index("} as const")]
    found = re.findall(r'^  (\w+): "((?:[^"\\]|\\.)*)",$', table, re.MULTILINE)
    return {name: frozenset(re.findall(f"[{ranges.replace(chr(92) * 2, chr(92))}]", ASCII)) for name, ranges in found}


ASCII = "".join(map(chr, range(33, 127)))
ALPHABETS = alphabets()


def to_python(pattern):
    """An expression of Go as one of Python: flags in the middle become groups."""
    pattern = pattern.replace("[[:alnum:]]", "[0-9A-Za-z]").replace(r"\z", r"\Z")
    at = pattern.find("(?i)")
    while at != -1:
        depth, end, escaped, in_class = 0, at + 4, False, False
        while end < len(pattern):
            one = pattern[end]
            if escaped:
                escaped = False
            elif one == "\\":
                escaped = True
            elif one in "[]":
                in_class = one == "["
            elif not in_class and one == "(":
                depth += 1
            elif not in_class and one == ")":
                if depth == 0:
                    break
                depth -= 1
            end += 1
        pattern = f"{pattern[:at]}(?i:{pattern[at + 4 : end]}){pattern[end:]}"
        at = pattern.find("(?i)")
    return pattern


CATEGORIES = {code.CATEGORY_DIGIT: r"\d", code.CATEGORY_WORD: r"\w", code.CATEGORY_NOT_SPACE: r"\S"}


def class_of(items, ignores_case):
    """The characters of a class."""
    found = set()
    for kind, value in items:
        if kind is code.LITERAL:
            found.add(chr(value))
        elif kind is code.RANGE:
            found.update(map(chr, range(value[0], value[1] + 1)))
        elif kind is code.CATEGORY and value in CATEGORIES:
            found.update(re.findall(CATEGORIES[value], ASCII, re.ASCII))
        else:
            raise LeftOut(f"a class with {kind}")
    if ignores_case:
        found |= {one.swapcase() for one in found}
    return frozenset(found)


def sequences(parsed, ignores_case):
    """All ways through an expression: lists of literals and runs (class, least, most)."""
    ways = [[]]
    for kind, value in parsed:
        ways = [before + after for before, after in product(ways, steps(kind, value, ignores_case))]
        if len(ways) > MOST_FORMATS:
            raise LeftOut("too many ways to write it")
    return ways


def steps(kind, value, ignores_case):
    if kind is code.AT:
        return [[]]
    if kind is code.LITERAL:
        return [[chr(value)]]
    if kind is code.ANY:
        return [["."]]  # in names of hosts, where a dot is meant
    if kind is code.IN:
        characters = class_of(value, ignores_case)
        return [[one] for one in sorted(characters)] if len(characters) <= FEW else [[(characters, 1, 1)]]
    if kind is code.SUBPATTERN:
        _, added, removed, inner = value
        on = (ignores_case or added & re.IGNORECASE) and not removed & re.IGNORECASE
        return sequences(inner, bool(on))
    if kind is code.BRANCH:
        return [way for inner in value[1] for way in sequences(inner, ignores_case)]
    if kind in (code.MAX_REPEAT, code.MIN_REPEAT):
        return repeated(*value, ignores_case)
    raise LeftOut(f"an expression with {kind}")


def repeated(least, most, inner, ignores_case):
    ways = sequences(inner, ignores_case)
    if all(len(way) == 1 for way in ways) and most != 1:
        characters = frozenset().union(*(way[0][0] if isinstance(way[0], tuple) else way[0] for way in ways))
        return [[(characters, least, LONGEST_RUN if most is code.MAXREPEAT else most)]]
    if most is code.MAXREPEAT or most > 3:
        raise LeftOut("a group that repeats without end")
    return [sum(way, []) for times in range(least, most + 1) for way in product(ways, repeat=times)]


def joined(way):
    """Neighboring literals as one, neighboring runs of one class as one."""
    pieces = []
    for piece in way:
        last = pieces[-1] if pieces else None
        if isinstance(piece, tuple) and piece[2] == 0:
            continue
        if isinstance(piece, str) and isinstance(last, str):
            pieces[-1] += piece
        elif isinstance(piece, tuple) and isinstance(last, tuple) and piece[0] == last[0]:
            pieces[-1] = (last[0], last[1] + piece[1], last[2] + piece[2])
        else:
            pieces.append(piece)
    return pieces


def check_linear(pieces):
    for index, (piece, after) in enumerate(zip(pieces, pieces[1:])):
        if isinstance(piece, str) or piece[1] == piece[2]:
            continue
        if index + 2 == len(pieces) and isinstance(after, tuple) and after[1] == 0:
            continue  # nothing has to be left for it
        first = {after[0]} if isinstance(after, str) else after[0]
        if first & piece[0]:
            raise LeftOut("a run that may swallow what follows it")


def has_anchor(pieces):
    """Whether a literal in a fixed place finds it, after one run of any length at most: 3 characters, 2 in the middle."""
    for index, piece in enumerate(pieces):
        if isinstance(piece, str) and len(piece) >= (3 if index == 0 else 2):
            return True
        if isinstance(piece, tuple) and piece[1] != piece[2] and index > 0:
            return False
    return False


def name_of(characters):
    fits = sorted((len(every), name) for name, every in ALPHABETS.items() if characters <= every)
    if not fits or fits[0][0] > max(len(characters) * WIDEST, len(characters) + 4):
        raise LeftOut("a class of characters of its own: " + "".join(sorted(characters)))
    return fits[0][1]


def written(pieces):
    def one(piece):
        if isinstance(piece, str):
            return piece
        characters, least, most = piece
        if len(characters) == 1 and least == most:
            return "".join(characters) * least
        return f"<{name_of(characters)}:{least}{'' if least == most else f'-{most}'}>"

    return "".join(map(one, pieces)).replace(UUID, "<uuid>")


UUID = "<anyHex:8>-<anyHex:4>-<anyHex:4>-<anyHex:4>-<anyHex:12>"


def formats_of(pattern, is_token):
    found = []
    for way in sequences(parser.parse(to_python(pattern)), False):
        pieces = joined(way)
        check_linear(pieces)
        if is_token and not has_anchor(pieces) or all(isinstance(piece, str) for piece in pieces):
            continue
        one = written(pieces)
        if one not in found:
            found.append(one)
    if not found:
        raise LeftOut("no literal to find it by, or nothing else")
    if not is_token:
        return found
    return [one for one in found if not any(one != other and one.endswith(other) for other in found)]


def words_of(pattern):
    """The words of which one stands in the name, in lower case."""
    try:
        ways = ["".join(way).lower().rstrip(",") for way in sequences(parser.parse(to_python(pattern)), False)]
    except LeftOut:
        ways = [re.search(r"\w{3,}", pattern)[0].lower()]
    return sorted({word for word in ways if not any(word != other and word.startswith(other) for other in ways)})


THINGS = re.compile("key|token|secret|password|credential|webhook|cookie", re.IGNORECASE)


def title_of(rule):
    """The thing that a description speaks of, without what may come of it."""
    text = re.split(r", (?!org)|, which| is a |\.$", rule["description"])[0]
    text = re.sub(r"^(?:Uncovered|Identified|Detected|Discovered|Found) (?:an?|the) ", "", text)
    text = re.sub(r"^(?:possible|potential) ", "", text)
    text = re.sub(r"^(?:pattern that may indicate|pattern that resembles an?|pattern resembling an?) ", "", text)
    if not THINGS.search(text):
        text = rule["id"].replace("-", " ")
    return text[:1].upper() + text[1:]


BORDERS = re.compile(r"\(\?:(?:[\^$]\|\[[^\]]*\]|\[\^[^\]]*\]\|\\z)\)")


def secret_part(pattern):
    """A token without what has to stand before and after it."""
    return BORDERS.sub("", pattern.split(CLOSING)[0])


def rows_of(rule):
    """What becomes of a rule: rows of words and formats."""
    rows = []
    for pattern in re.split(re.escape(CLOSING) + r"\)\|(?=\\b)", rule["regex"]):
        if OPERATOR in pattern:
            head, tail = pattern.split(OPERATOR, 1)
            words = head[head.rindex("{0,50}?") + 7 : head.index(AFTER_NAME)]
            secret = tail.removeprefix(OPENING)
            secret = secret[: secret.index(CLOSING)] if CLOSING in secret else secret
            secret = secret.removesuffix(")")
            flags = "(?i)" if head.startswith("(?i)") else ""
            rows.append((words_of(words), formats_of(flags + secret, False)))
        else:
            rows.append(([], formats_of(secret_part(pattern), True)))
    return rows


def row_text(rule, words, formats):
    """A line that names the rule, then what is known of its values, in lines of at most 110 characters."""
    facts = [f"entropy={rule['entropy']}"] if "entropy" in rule else []
    facts += [f"in={word}" for word in words] + [f"not={ending}" for ending in allowed_endings(rule)]
    lines = textwrap.wrap(" ".join(facts + formats), 108, break_long_words=False, break_on_hyphens=False)
    return "\n".join([f"{rule['id']} {title_of(rule)}", *(f"  {line}" for line in lines)])


def allowed_endings(rule):
    """Of the allow lists what the room has no rule of its own for: values that end in a word, and values in full."""
    found = []
    for allowed in rule.get("allowlists", []):
        for pattern in allowed.get("regexes", []):
            plain = re.fullmatch(r"\^?(?:\.\+)?([\w.+/-]+)\$?", pattern)
            if plain and allowed.get("regexTarget", "secret") == "secret":
                found.append(plain[1])
    return found


def main(path, version):
    rules = tomllib.loads(Path(path).read_text())["rules"]
    rows, left_out = [], {}
    for rule in rules:
        try:
            if rule["id"] in LEFT_OUT:
                raise LeftOut(LEFT_OUT[rule["id"]])
            rows += [row_text(rule, *row) for row in rows_of(rule)]
        except LeftOut as why:
            left_out.setdefault(str(why), []).append(rule["id"])
    reasons = "\n".join(
        textwrap.fill(f"{why}: {', '.join(ids)}", 116, initial_indent=" * - ", subsequent_indent=" *   ",
                      break_on_hyphens=False)
        for why, ids in left_out.items()
    )  # fmt: skip
    table = "\n".join(rows).replace("\\", "\\\\").replace("`", "\\`").replace("${", "\\${")
    kept = len(rules) - sum(map(len, left_out.values()))
    TARGET.write_text(f"""/**
 * @file Rules of gitleaks as formats of this room. Generated by tools/make-token-rules.py; not to be edited.
 *
 * {kept} of {len(rules)} rules of {version}. Left out:
{reasons}
 *
 * @source gitleaks/gitleaks config/gitleaks.toml {version}
 *   Copyright (c) 2019 Zachary Rice, under the MIT License, whose text stands in NOTICE
 */

/**
 * For each rule a line with its id and title, and in the indented lines below: `entropy=` the least entropy of a value,
 * `in=` words of which one stands in the name it is assigned to, `not=` how values of examples end, and its formats.
 */
export const gitleaksTable = `
{table}
`;
""")
    print(f"{len(rows)} rows from {len(rules)} rules")
    for why, ids in left_out.items():
        print(f"{why}: {' '.join(ids)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
