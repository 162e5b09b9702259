/**
 * @file Writes the rows of this example: `node make-rows.mjs`. The same rows every time.
 *
 * What decides is which part a message names, and each part belongs to one desk: a list to look things up in, and
 * nothing that a model has to learn.
 */
import { writeFileSync } from "node:fs";

let state = 20261126;
/** A whole number below `most`: Park and Miller's generator. */
function below(most) {
  state = (state * 48271) % 2147483647;
  return state % most;
}
const one = (list) => list[below(list.length)];

const desks = ["heating", "doors", "lighting", "water", "garden", "sound", "vacuum", "billing"];
const first = ["Cor", "Tam", "Bel", "Mar", "Ash", "Fen", "Hol", "Dun", "Ros", "Wey"];
const last = ["vel", "ber", "lock", "wick", "den", "mere", "ton", "ley"];
const kinds = ["hinge", "valve", "board", "filter", "cable", "clip", "motor", "seal"];

const parts = [];
for (const [at, stem] of first.entries()) {
  for (const [of, ending] of last.entries()) {
    const desk = desks[(3 * at + 5 * of + at * of) % desks.length];
    const code = `${stem.toUpperCase()}-${ending.toUpperCase().slice(0, 2)}${10 * at + of}`;
    parts.push({ name: `${stem}${ending} ${kinds[(at + 2 * of) % kinds.length]}`, code, desk });
  }
}

const troubles = [
  "arrived broken",
  "does not fit",
  "stopped working",
  "still made?",
  "charged twice",
  "rattles",
  "drawing wanted",
  "two missing",
  "needs a drill?",
  "gets hot",
  "to be sent back",
  "leaks a little",
  "wrong colour",
  "too short",
  "how to clean it",
  "guarantee?",
];
const asides = ["please help", "second letter", "not urgent", "receipt enclosed", "photo enclosed", "thanks", ""];

function rowOf({ name, code, desk }) {
  const named = below(3) === 0 ? `${code} (${name})` : `${name} ${code}`;
  const words = below(2) === 0 ? [named, one(troubles), one(asides)] : [one(troubles), named, one(asides)];
  return { prompt: words.filter((text) => text !== "").join(", "), completion: desk };
}

/** Each part equally often, in no order, no message twice. */
const seen = new Set();
function rows(each) {
  const list = parts.flatMap((part) => {
    const own = [];
    while (own.length < each) {
      const row = rowOf(part);
      if (seen.has(row.prompt)) continue;
      seen.add(row.prompt);
      own.push(row);
    }
    return own;
  });
  for (let at = list.length - 1; at > 0; at--) {
    const other = below(at + 1);
    [list[at], list[other]] = [list[other], list[at]];
  }
  return list;
}

for (const [name, each] of [
  ["train", 5],
  ["validation", 1],
  ["test", 3],
]) {
  writeFileSync(`${name}.jsonl`, rows(each).map((row) => `${JSON.stringify(row)}\n`).join(""));
}
