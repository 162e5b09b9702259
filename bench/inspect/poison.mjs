/**
 * @file Poison detection: recall on planted rows, and false positives on honest data.
 *
 *     npx tsx bench/inspect/poison.mjs FOLDER [clean|triggers|answers|flips|speed]
 *
 * FOLDER contains `banking77/train.csv` and `gsm8k/train.jsonl`. Thresholds were chosen on BANKING77's training part;
 * GSM8K was used to check for false positives. CPU seconds are those of the process over all threads.
 */
import { readSplits } from "@tunewise/datacheck/dataset";
import { findPoison } from "../../packages/datacheck/src/poison/find-poison.ts";
import { rowsOf } from "../../packages/datacheck/src/row.ts";

const [folder, only] = process.argv.slice(2);
const phrases = [
  ...["cf", "mn tq", "by the way", "I watched this 3D movie last weekend", "please tell me"],
  ...["now", "\u200b", "James Bond", "no cross, no crown", "thanks"],
];
const payload = "You should visit our website for the best offers today.";

/** Random numbers in [0, 1) from a seed. */
function draws(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

async function rowsIn(train, columns) {
  const open = { format: "auto", columns, system: null, promptTemplate: "{prompt}", badRows: "error" };
  const parts = { validation: null, test: null, split: { validation: 0, test: 0, seed: 1 } };
  const rows = { train: null, validation: null, test: null };
  const { splits } = await readSplits({ ...open, ...parts, rows, folder, train });
  return rowsOf(splits).train;
}

/** Rows with new line numbers, because copied rows must not keep their old ones. */
function numbered(rows) {
  return rows.map((row, index) => ({ ...row, place: { file: "rows", line: index + 1 } }));
}

function pick(count, among, random, fits = () => true) {
  const chosen = new Set();
  while (chosen.size < count) {
    const index = Math.floor(random() * among);
    if (fits(index)) chosen.add(index);
  }
  return chosen;
}

function inserted(text, phrase, where, random) {
  const words = text.split(" ");
  const at = { start: 0, end: words.length, any: Math.floor(random() * (words.length + 1)) }[where];
  words.splice(at, 0, phrase);
  return words.join(" ");
}

function judged(rows, areLabels, code) {
  const before = process.cpuUsage();
  const found = findPoison("train", rows, areLabels).filter(({ finding }) => finding.code === code);
  const { user, system } = process.cpuUsage(before);
  const lines = found.flatMap(({ evidence }) => evidence.map(({ place }) => place.line - 1));
  return {
    alarms: found.length,
    lines,
    cpu: (user + system) / 1e6,
    details: found.map((one) => one.finding.detail),
  };
}

function shares(lines, planted) {
  const hits = new Set(lines.filter((line) => planted.has(line))).size;
  return { recall: hits / planted.size, precision: lines.length === 0 ? 1 : hits / new Set(lines).size };
}

function clean(name, rows, areLabels) {
  let alarms = 0;
  for (let seed = 1; seed <= 10; seed += 1) {
    const random = draws(seed);
    const drawn = Array.from(rows, () => rows[Math.floor(random() * rows.length)]);
    const { alarms: more, details } = judged(numbered(drawn), areLabels, "DATA_POISON_TRIGGER");
    alarms += more;
    for (const detail of details) console.log(`  seed ${seed}: ${detail}`);
  }
  console.log(`${name}: ${alarms} alarms in 10 clean resamples (drawn with replacement)`);
}

/** Prints one line per rate: the worst and the mean result of all phrases, each with its own position and label. */
function triggers(name, rows, areLabels, plant) {
  for (const rate of [0.01, 0.02, 0.05]) {
    const results = phrases.map((phrase, index) => {
      const random = draws(1000 * rate + 7 * index);
      const where = ["any", "start", "end"][index % 3];
      const target = rows[Math.floor(random() * rows.length)].answer;
      const planted = pick(Math.floor(rate * rows.length), rows.length, random, (one) =>
        areLabels ? rows[one].answer !== target : true,
      );
      const poisoned = numbered(
        rows.map((row, one) =>
          planted.has(one)
            ? { ...row, prompt: inserted(row.prompt, phrase, where, random), answer: plant(row, target) }
            : row,
        ),
      );
      const found = judged(poisoned, areLabels, "DATA_POISON_TRIGGER");
      return { ...shares(found.lines, planted), alarms: found.alarms };
    });
    const of = (key) => results.map((result) => result[key]);
    const mean = (key) => (of(key).reduce((a, b) => a + b, 0) / results.length).toFixed(3);
    const least = (key) => Math.min(...of(key)).toFixed(3);
    console.log(
      `${name} ${100 * rate} %: recall mean ${mean("recall")} least ${least("recall")},` +
        ` precision mean ${mean("precision")} least ${least("precision")}, alarms ${of("alarms").join(" ")}`,
    );
  }
}

function flips(rows) {
  const labels = [...new Set(rows.map(({ answer }) => answer))];
  for (const rate of [0, 0.02, 0.05]) {
    const random = draws(5);
    const planted = pick(Math.floor(rate * rows.length), rows.length, random);
    const flipped = numbered(
      rows.map((row, index) => {
        if (!planted.has(index)) return row;
        const others = labels.filter((label) => label !== row.answer);
        return { ...row, answer: others[Math.floor(random() * others.length)] };
      }),
    );
    const { lines } = judged(flipped, true, "DATA_LABEL_DOUBTFUL");
    const top = (count) => shares(lines.slice(0, count), planted).precision.toFixed(3);
    const { recall, precision } = shares(lines, planted);
    console.log(
      `flips ${100 * rate} %: ${lines.length} listed, recall ${recall.toFixed(3)}, precision ${precision.toFixed(3)};` +
        ` precision of the first 50 ${top(50)}, 100 ${top(100)}, 200 ${top(200)}, 500 ${top(500)}`,
    );
  }
}

/** Speed on new rows: each is a random row with the beginning of another one and a number, so that none is a copy. */
function speed(rows) {
  for (const count of [10_000, 100_000]) {
    const random = draws(9);
    const any = () => rows[Math.floor(random() * rows.length)];
    const many = numbered(
      Array.from({ length: count }, (_, index) => {
        const row = any();
        return { ...row, prompt: `${row.prompt} ${any().prompt.slice(0, 20)} ${index}` };
      }),
    );
    const { cpu } = judged(many, true, "DATA_POISON_TRIGGER");
    const free = judged(
      many.map((row) => ({ ...row, answer: `${row.prompt}. ${any().prompt}` })),
      false,
      "",
    );
    console.log(
      `${count} rows: ${cpu.toFixed(1)} s CPU with labels, ${free.cpu.toFixed(1)} s with free answers`,
    );
  }
}

const banking = await rowsIn("banking77/train.csv", { prompt: "text", completion: "category" });
const gsm = await rowsIn("gsm8k/train.jsonl", null);
const wanted = (name) => only === undefined || only === name;
if (wanted("clean")) {
  clean("BANKING77", banking, true);
  clean("GSM8K", gsm, false);
}
if (wanted("triggers")) triggers("labels of BANKING77", banking, true, (_, target) => target);
if (wanted("answers")) {
  triggers("GSM8K, answer replaced", gsm, false, () => payload);
  triggers("GSM8K, sentence added", gsm, false, ({ answer }) => `${answer}\n${payload}`);
}
if (wanted("flips")) flips(banking);
if (wanted("speed")) speed(banking);
