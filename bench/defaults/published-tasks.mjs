/**
 * @file Writes the two tasks that no rule was developed on, TREC questions and SNIPS requests, from the published
 * files.
 *
 *     node bench/defaults/published-tasks.mjs trec train_5500.label TREC_10.label DATA/trec
 *     node bench/defaults/published-tasks.mjs snips TRAIN DEV TEST DATA/snips
 *
 * TREC's files contain `CLASS:subclass question` per line in Latin-1; the answers are the six classes. Each SNIPS
 * folder contains `seq.in` (words), `seq.out` (their slots as B-, I-, O) and `label` (intents); the answers are
 * `{"intent": ..., slot: text}`.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const classes = {
  ABBR: "abbreviation",
  DESC: "description",
  ENTY: "entity",
  HUM: "human",
  LOC: "location",
  NUM: "number",
};

const readers = { trec: questions, snips: requests };
const names = { trec: ["train", "test"], snips: ["train", "validation", "test"] };

const [task, ...paths] = process.argv.slice(2);
const out = paths.pop();
mkdirSync(out, { recursive: true });
for (const [at, name] of names[task].entries()) {
  const rows = readers[task](paths[at]);
  writeFileSync(join(out, `${name}.jsonl`), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  console.log(`${name}: ${rows.length} rows`);
}

function questions(path) {
  return lines(path, "latin1").map((line) => {
    const [, name, question] = /^([A-Z]+):\S+ (.*)$/.exec(line);
    return { prompt: question, completion: classes[name] };
  });
}

function requests(folder) {
  const [words, slots, intents] = ["seq.in", "seq.out", "label"].map((name) =>
    lines(join(folder, name), "utf8"),
  );
  return words.map((line, at) => ({
    prompt: line,
    completion: JSON.stringify({ intent: intents[at], ...slotted(line.split(" "), slots[at].split(" ")) }),
  }));
}

/** The text of each slot; the texts of a repeated slot are joined with a comma. */
function slotted(words, marks) {
  const found = {};
  for (const [at, mark] of marks.entries()) {
    const [kind, name] = [mark.slice(0, 1), mark.slice(2)];
    if (kind === "B") found[name] = name in found ? `${found[name]}, ${words[at]}` : words[at];
    else if (kind === "I" && name in found) found[name] += ` ${words[at]}`;
  }
  return found;
}

function lines(path, encoding) {
  return readFileSync(path, encoding)
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
}
