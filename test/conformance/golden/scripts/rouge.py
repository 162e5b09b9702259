"""Writes rouge.json: stems by NLTK and ROUGE-L by rouge_score.

Needs: pip install rouge_score==0.1.2 nltk==3.10.4
Run:   python test/conformance/golden/scripts/rouge.py > test/conformance/golden/rouge.json
"""
import json
import random

from nltk.stem.porter import PorterStemmer
from rouge_score import rouge_scorer

ROOTS = ["relat", "hop", "hopp", "fil", "fall", "hiss", "fizz", "happ", "enjo", "tr", "agr", "cat", "on",
         "trouabl", "ge", "geo", "control", "rol", "probat", "r", "vietnam", "formal", "sensi", "yy", "x2", "syzyg"]
SUFFIXES = ["", "s", "es", "ies", "sses", "ss", "ied", "eed", "ed", "ing", "y", "ational", "tional", "ency", "ancy",
            "izer", "bly", "ably", "ally", "ently", "ely", "ously", "ization", "ation", "ator", "alism", "iveness",
            "fulness", "ousness", "ality", "ivity", "bility", "fully", "logy", "icate", "ative", "alize", "icity",
            "ical", "ful", "ness", "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent",
            "ion", "sion", "tion", "ou", "ism", "ate", "iti", "ous", "ive", "ize", "e", "le", "ll", "lled", "zzing"]
WORDS = """sky skies dying lying tying news innings inning outings outing cannings canning howe proceed exceed succeed
spy fly try spied tried flies ties die dies generalization oscillators conditional rational digitizer vileli radically
analogous predication operator feudalism callousness formality sensitivity sensibility triplicate formative electrical
goodness revival allowance inference airliner gyroscopic adjustable defensible irritant replacement adjustment
dependent adoption homologous communism activate angularity effective bowdlerize cease roll controlling abyss
geology theology dogmatically wonderfully running added adding ing ed sing red bed aed eing""".split()

TEXTS = [
    ("The quick brown fox jumps over the lazy dog.", "A quick brown dog jumped over the lazy foxes!"),
    ("", "something"), ("something", ""), ("...", "???"), ("same text here", "same text here"),
    ("police killed the gunman", "the gunman police killed"),
    ("Refund issued: order #4412 was cancelled.", "order 4412 cancelled; a refund was issued"),
    ("a b c d e f g", "g f e d c b a"), ("a a a a", "a a"), ("x1 y2 z3", "X1, Y2; Z3"),
    ("caf\u00e9 na\u00efve r\u00e9sum\u00e9", "cafe naive resume"), ("\u7ec8\u7aef", "\u7ec8\u7aef"),
    ("\u212a kelvin \u0130stanbul", "k kelvin istanbul"),
    ("line one\nline two\n\nline three", "line three line one"),
    ("She was running happily towards the generalized conclusions", "He runs happy toward a general conclusion"),
]


def main():
    stemmer = PorterStemmer()
    words = sorted({root + suffix for root in ROOTS for suffix in SUFFIXES if root + suffix} | set(WORDS))
    rng = random.Random(5)
    vocabulary = WORDS[:40]
    texts = list(TEXTS)
    for _ in range(20):
        pick = lambda: " ".join(rng.choice(vocabulary) for _ in range(rng.randint(1, 30)))
        texts.append((pick(), pick()))
    plain = rouge_scorer.RougeScorer(["rougeL"], use_stemmer=False)
    stemmed = rouge_scorer.RougeScorer(["rougeL"], use_stemmer=True)
    rows = [{"reference": reference, "answer": answer,
             "f1": plain.score(reference, answer)["rougeL"].fmeasure,
             "f1_stem": stemmed.score(reference, answer)["rougeL"].fmeasure} for reference, answer in texts]
    stems = " ".join(f"{word}:{stemmer.stem(word)}" for word in words)
    print(json.dumps({"stems": stems, "rows": rows}, indent=1))


main()
