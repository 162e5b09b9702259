/**
 * @file Speed of building and searching indexes over synthetic passages, in CPU and wall time of one process.
 *
 *     node --import tsx bench/retrieve/speed.mjs [--passages 100000] [--words 60] [--width 384] [--only words|vectors]
 *
 * Words are Zipf-distributed. Questions have 8 words, or are whole passages of 60 words, like rows when few-shot
 * examples are selected.
 */
import { parseArgs } from "node:util";
import {
  buildDenseIndex,
  buildLexicalIndex,
  defaultFeedback,
  searchDense,
  searchLexical,
} from "../../packages/tunewise/src/retrieve/index.ts";
import { makeRows, stream } from "../inspect/rows.mjs";

const { values } = parseArgs({
  options: {
    passages: { type: "string", default: "100000" },
    words: { type: "string", default: "60" },
    width: { type: "string", default: "384" },
    only: { type: "string" },
  },
});
const count = Number(values.passages);
const width = Number(values.width);

if (values.only !== "vectors") words();
if (values.only !== "words") vectors();

function words() {
  const texts = makeRows(count, 1, Number(values.words));
  const passages = texts.map((text) => ({ document: "made-up", title: "", place: null, text }));
  const built = timed(() => buildLexicalIndex(passages));
  console.log(`words, ${count} passages: ${perSecond(count, built)}, ${built.result.terms.length} terms`);
  const index = built.result;
  const draw = stream(7);
  const text = () => texts[Math.floor(draw() * texts.length)].split(" ");
  const short = Array.from({ length: 200 }, () => {
    const all = text();
    return Array.from({ length: 8 }, () => all[Math.floor(draw() * all.length)]).join(" ");
  });
  const long = short.map(() => text().join(" "));
  report("8 words", short, (query) => searchLexical(index, query, { most: 10 }));
  report("60 words", long, (query) => searchLexical(index, query, { most: 10 }));
  report("8 words + RM3", short, (query) =>
    searchLexical(index, query, { most: 10, feedback: defaultFeedback }),
  );
  report("8 words, 1,000 hits", short, (query) => searchLexical(index, query, { most: 1000 }));
}

/** Vectors in clusters of about twenty, like those of passages of the same document. */
function vectors() {
  const draw = stream(3);
  const bell = () => Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
  const centers = Float32Array.from({ length: Math.ceil(count / 20) * width }, bell);
  const near = () => Math.floor(draw() * (centers.length / width)) * width;
  const all = new Float32Array(count * width);
  for (let row = 0; row < count; row++) {
    const center = near();
    for (let j = 0; j < width; j++) all[row * width + j] = centers[center + j] + 0.7 * bell();
  }
  const queries = Array.from({ length: 100 }, () => {
    const center = near();
    return Float32Array.from({ length: width }, (_, j) => centers[center + j] + 0.7 * bell());
  });
  const built = timed(() => buildDenseIndex(all, width));
  console.log(`vectors, ${count} of ${width}: ${perSecond(count, built)}`);
  report("nearest 10", queries, (query) => searchDense(built.result, query, 10));
  report("nearest 100", queries, (query) => searchDense(built.result, query, 100));
}

/** The result of a task, and its CPU and wall time in seconds. */
function timed(work) {
  const cpu = process.cpuUsage();
  const began = performance.now();
  const result = work();
  const wall = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { result, wall, cpu: (user + system) / 1e6 };
}

function perSecond(amount, { cpu, wall }) {
  return `${Math.round(amount / cpu)} a CPU second, ${Math.round(amount / wall)} a second`;
}

/** Prints the median and 95th percentile of wall times, and the CPU time. */
function report(name, queries, search) {
  for (const query of queries.slice(0, 20)) search(query);
  const walls = [];
  const all = timed(() => {
    for (const query of queries) walls.push(timed(() => search(query)).wall * 1000);
  });
  walls.sort((a, b) => a - b);
  const at = (share) => walls[Math.floor(share * walls.length)].toFixed(2);
  const cpu = ((1000 * all.cpu) / queries.length).toFixed(2);
  console.log(
    `  ${name}: CPU ${cpu} ms a query; wall median ${at(0.5)}, 95 % ${at(0.95)}, least ${at(0)} ms`,
  );
}
