/**
 * @file Planted leaks: natural-looking rows that do not repeat each other, test rows that copy training rows in known
 * ways, and scoring of any detector `(train: string[], test: string[]) -> { row, kind }[]` of flagged test rows.
 *
 * The edits and synonyms are used only in this benchmark; no detector may read them.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Ways to copy, and the required recall of all detectors together. */
export const asked = { exact: 1, cased: 1, punctuation: 1, swap: 0.99, reorder: 0.99, paraphrase: 0.85 };

/** The required precision: the share of flagged rows that are planted. */
export const askedPrecision = 0.95;

/**
 * Rows with planted leaks.
 *
 * @param data folder with banking77, gsm8k, shakespeare and cacm
 * @param strength share of the words with a synonym that a paraphrase replaces
 * @param checked whether clean rows that repeat others are excluded; may be false for timings
 * @returns `kinds[i]` says how test row i was made: a key of {@link asked}, or "clean"
 */
export function plantedRows(
  data,
  { train: trainCount, test: testCount, perKind, seed = 1, strength = 0.6, checked = true },
) {
  const random = randomFrom(seed);
  const wanted = trainCount + testCount - perKind * Object.keys(asked).length;
  const clean = cleanRows(sourcesIn(data), wanted, random, checked);
  const train = clean.slice(0, trainCount);
  const test = clean.slice(trainCount).map((text) => ({ text, kind: "clean", source: -1 }));
  const chosen = shuffled(
    Array.from(train, (_, row) => row),
    random,
  );
  for (const kind of Object.keys(asked)) {
    for (let count = 0; count < perKind; count++) {
      const source = chosen.pop();
      test.push({ text: copied(kind, train[source], random, strength), kind, source });
    }
  }
  shuffled(test, random);
  return {
    train,
    test: test.map(({ text }) => text),
    kinds: test.map(({ kind }) => kind),
    sources: test.map(({ source }) => source),
  };
}

/** Prints recall by kind and the precision of all flagged rows. */
export function scoreDetector(name, detector, { train, test, kinds }) {
  const before = process.cpuUsage();
  const flagged = new Set(detector(train, test).map(({ row }) => row));
  const { user, system } = process.cpuUsage(before);
  const present = Object.entries(asked).filter(([kind]) => kinds.includes(kind));
  const lines = present.map(([kind, least]) => {
    const rows = kinds.flatMap((one, row) => (one === kind ? [row] : []));
    const recall = rows.filter((row) => flagged.has(row)).length / rows.length;
    return { kind, recall, asked: least };
  });
  const alarms = [...flagged].filter((row) => kinds[row] === "clean").length;
  const precision = flagged.size === 0 ? 1 : 1 - alarms / flagged.size;
  console.log(
    `${name}: ${train.length} train, ${test.length} test rows; ${((user + system) / 1e6).toFixed(1)} s CPU`,
  );
  for (const { kind, recall, asked: least } of lines) {
    console.log(`  ${kind.padEnd(12)} recall ${percent(recall)}  asked of all stages ${percent(least)}`);
  }
  console.log(`  precision ${percent(precision)} (${alarms} of ${flagged.size} flagged rows are clean)`);
  return { lines, precision, flagged, alarms };
}

const percent = (share) => `${(100 * share).toFixed(1)} %`;

/** Uniform numbers in [0, 1). Source: mulberry32 (Ettinger). */
export function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function shuffled(list, random) {
  for (let at = list.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [list[at], list[other]] = [list[other], list[at]];
  }
  return list;
}

/** Sentences of each source as lists of words, with case and punctuation. */
function sourcesIn(data) {
  const read = (path) => readFileSync(join(data, path), "utf8");
  const banking = read("banking77/train.csv").split("\n").slice(1);
  const questions = read("gsm8k/train.jsonl")
    .trim()
    .split("\n")
    .flatMap((line) => JSON.parse(line).question.split(/(?<=[.?!]) /));
  const titles = read("cacm/docs.jsonl")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).text.trim().split("\n")[0]);
  const plays = read("shakespeare/train.txt").split(/\n|(?<=[.?!;]) /);
  const sentences = [banking.map((line) => line.replace(/,[a-z_A-Z?]+\s*$/, "").replaceAll('"', ""))];
  sentences.push(questions, titles, plays);
  return sentences.map((list) => list.map((text) => text.split(/\s+/).filter(Boolean)));
}

/** Rows of 8 to 17 words from a second-order Markov chain; no two rows share three runs of three words. */
function cleanRows(sources, count, random, checked) {
  const chains = sources.map(chainOf);
  const rows = [];
  const rowsOf = new Map();
  while (rows.length < count) {
    const words = sentence(
      chains[Math.floor(random() * chains.length)],
      8 + Math.floor(random() * 10),
      random,
    );
    if (words.length < 8) continue;
    if (!checked) {
      rows.push(words.join(" "));
      continue;
    }
    const runs = runsOf(words);
    const shared = new Map();
    for (const run of runs)
      for (const row of rowsOf.get(run) ?? []) shared.set(row, (shared.get(row) ?? 0) + 1);
    if (Math.max(0, ...shared.values()) >= 3) continue;
    for (const run of runs) {
      const list = rowsOf.get(run);
      if (list === undefined) rowsOf.set(run, [rows.length]);
      else if (list.length < 64) list.push(rows.length);
    }
    rows.push(words.join(" "));
  }
  return rows;
}

function runsOf(words) {
  const plain = words.map((word) => word.toLowerCase().replace(/[^a-z0-9]/g, ""));
  return new Set(Array.from({ length: plain.length - 2 }, (_, at) => plain.slice(at, at + 3).join(" ")));
}

function chainOf(sentences) {
  const [afterTwo, afterOne] = [new Map(), new Map()];
  const starts = [];
  const add = (map, key, word) => {
    const list = map.get(key);
    if (list === undefined) map.set(key, [word]);
    else list.push(word);
  };
  for (const words of sentences) {
    if (words.length < 3) continue;
    starts.push([words[0], words[1]]);
    for (let at = 1; at < words.length; at++) {
      add(afterOne, words[at - 1], words[at]);
      if (at > 1) add(afterTwo, `${words[at - 2]} ${words[at - 1]}`, words[at]);
    }
  }
  return { afterTwo, afterOne, starts };
}

function sentence({ afterTwo, afterOne, starts }, length, random) {
  const pick = (list) => list[Math.floor(random() * list.length)];
  const words = [...pick(starts)];
  while (words.length < length) {
    const two = afterTwo.get(words.slice(-2).join(" "));
    const one = afterOne.get(words.at(-1));
    const list = two !== undefined && two.length > 1 && random() < 0.6 ? two : one;
    if (list === undefined) words.push(...pick(starts));
    else words.push(pick(list));
  }
  return words;
}

function copied(kind, text, random, strength) {
  if (kind === "exact") return text;
  if (kind === "cased") return random() < 0.5 ? text.toUpperCase() : text.toLowerCase();
  if (kind === "punctuation")
    return `${text.replace(/[.,;:?!"']/g, "").replaceAll(" ", () => (random() < 0.2 ? ", " : " "))} !`;
  const words = text.split(" ");
  if (kind === "swap") return swapped(words, random).join(" ");
  if (kind === "reorder") return reordered(words, random).join(" ");
  return paraphrased(words, random, strength).join(" ");
}

function swapped(words, random) {
  const at = Math.floor(random() * (words.length - 1));
  if (random() < 0.5) [words[at], words[at + 1]] = [words[at + 1], words[at]];
  else words[at] = ["something", "another", "green", "seven", "quickly"][Math.floor(random() * 5)];
  return words;
}

/** Splits a row into three or four pieces and reorders them. */
function reordered(words, random) {
  const size = Math.ceil(words.length / (3 + Math.floor(random() * 2)));
  const pieces = [];
  for (let at = 0; at < words.length; at += size) pieces.push(words.slice(at, at + size));
  return [...pieces.slice(1).reverse(), pieces[0]].flat();
}

const dropped = new Set(
  "a an the of to in on at for and is are was were be been my your his her their our its it that this".split(
    " ",
  ),
);
const frames = [
  "Could you please tell me:",
  "I would like to know,",
  "Kindly explain this.",
  "Here is one:",
  "Quick question -",
];
const contracted = [
  ["do not", "don't"],
  ["does not", "doesn't"],
  ["is not", "isn't"],
  ["can not", "can't"],
  ["I am", "I'm"],
  ["I have", "I've"],
  ["it is", "it's"],
  ["will not", "won't"],
];
const synonyms = new Map(
  Object.entries({
    buy: "purchase",
    bought: "purchased",
    get: "obtain",
    got: "received",
    give: "hand",
    gave: "handed",
    make: "create",
    made: "created",
    use: "employ",
    used: "employed",
    using: "by means of",
    need: "require",
    needs: "requires",
    want: "wish",
    wants: "wishes",
    help: "assist",
    show: "display",
    tell: "inform",
    many: "numerous",
    much: "a lot",
    more: "additional",
    each: "every",
    all: "every",
    some: "a few",
    total: "overall",
    number: "count",
    money: "cash",
    cost: "price",
    costs: "is priced at",
    pay: "settle",
    paid: "settled",
    card: "plastic",
    account: "profile",
    transfer: "wire",
    payment: "remittance",
    charged: "billed",
    fee: "surcharge",
    fees: "surcharges",
    wrong: "incorrect",
    change: "alter",
    new: "fresh",
    old: "former",
    big: "large",
    small: "little",
    good: "fine",
    bad: "poor",
    long: "lengthy",
    day: "date",
    days: "dates",
    week: "seven days",
    hours: "hrs",
    minutes: "mins",
    year: "twelve months",
    man: "fellow",
    men: "fellows",
    love: "affection",
    death: "demise",
    king: "monarch",
    lord: "master",
    speak: "talk",
    say: "state",
    said: "stated",
    says: "states",
    know: "understand",
    see: "notice",
    think: "believe",
    come: "arrive",
    go: "leave",
    take: "grab",
    took: "grabbed",
    find: "locate",
    found: "located",
    method: "approach",
    methods: "approaches",
    algorithm: "procedure",
    system: "framework",
    systems: "frameworks",
    computer: "machine",
    computers: "machines",
    program: "software",
    programs: "applications",
    data: "records",
    problem: "issue",
    problems: "issues",
    solution: "answer",
    function: "mapping",
    set: "collection",
    with: "alongside",
    without: "lacking",
    from: "out of",
    about: "regarding",
    by: "via",
    but: "yet",
    if: "in case",
    why: "for what reason",
    how: "in what way",
    when: "at what time",
    where: "in which place",
    can: "may",
    has: "owns",
    have: "own",
    had: "owned",
    not: "never",
    now: "currently",
    here: "in this place",
    very: "extremely",
    he: "this person",
    she: "this lady",
    they: "these people",
    them: "these",
    will: "shall",
    would: "might",
  }),
);

/** Applies several edits, until hardly any run of five words is left. */
function paraphrased(words, random, strength) {
  let kept = words.map((word) => ({ word, isNew: false }));
  if (random() < 0.3) kept = kept.slice(0, -2);
  const cut = 3 + Math.floor(random() * (kept.length - 5));
  if (random() < 0.6)
    kept = [
      ...kept.slice(cut),
      { word: random() < 0.5 ? "after" : "so", isNew: true },
      ...kept.slice(0, cut),
    ];
  kept = kept.flatMap((one) => edited(one, random, strength));
  for (let at = 3, run = 0; at < kept.length; at++) {
    run = kept[at].isNew ? 0 : run + 1;
    if (run < 4) continue;
    [kept[at], kept[at - 1]] = [kept[at - 1], { word: kept[at].word, isNew: true }];
    run = 0;
  }
  let text = kept.map(({ word }) => word).join(" ");
  for (const [long, short] of contracted) text = text.replaceAll(long, short);
  const framed = random() < 0.5 ? `${frames[Math.floor(random() * frames.length)]} ${text}` : text;
  return framed.split(" ");
}

function edited({ word, isNew }, random, strength) {
  const plain = word.toLowerCase().replace(/[^a-z']/g, "");
  const synonym = synonyms.get(plain);
  if (synonym !== undefined && random() < strength) return [{ word: synonym, isNew: true }];
  if (dropped.has(plain) && random() < 0.6) return [];
  if (plain.length > 4 && random() < 0.15)
    return [{ word: plain.endsWith("s") ? plain.slice(0, -1) : `${plain}s`, isNew: true }];
  return [{ word, isNew }];
}
