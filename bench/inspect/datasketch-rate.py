"""Rows a second of CPU that datasketch's MinHash signs: 128 permutations, word 5-grams of the rows of a file.

    python datasketch-rate.py rows.txt
"""
import json
import sys
import time

from datasketch import MinHash

with open(sys.argv[1], encoding="utf-8") as file:
    rows = [line.split() for line in file.read().split("\n")]
shingles = [[" ".join(words[at : at + 5]).encode() for at in range(len(words) - 4)] for words in rows]


def rate(sign):
    best = 0.0
    for _ in range(3):
        start = time.process_time()
        for row in shingles:
            sign(row)
        best = max(best, len(shingles) / (time.process_time() - start))
    return best


def one_by_one(row):
    minhash = MinHash(num_perm=128)
    for shingle in row:
        minhash.update(shingle)


def batched(row):
    minhash = MinHash(num_perm=128)
    minhash.update_batch(row)


print(json.dumps({"update": rate(one_by_one), "update_batch": rate(batched)}))
