/**
 * @file Throughput and memory of one and of several LoRA adapters over one base, in batches of mixed requests.
 *
 *     npx tsx bench/serve/adapters.mjs MODEL [--adapters 8] [--clients 32] [--tokens 24] [--rounds 3] [--rank 8]
 *       [--compute bf16|fp32] [--threads 2]
 *
 * MODEL is a folder or a .gguf file. Prints milliseconds and processor seconds of a batch, in alternating rounds with
 * the requests on one adapter and on all of them, and the memory of the process with each pool.
 */
import { parseArgs } from "node:util";
import { openModel } from "@tunewise/engine";
import { resolveModel } from "../../packages/tunewise/src/hub/index.ts";
import { quantile } from "./quantile.mjs";

const text = (value) => ({ type: "string", default: value });
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    adapters: text("8"),
    clients: text("32"),
    tokens: text("24"),
    rounds: text("3"),
    rank: text("8"),
    compute: text("bf16"),
    threads: text("2"),
  },
});
const [path = ""] = positionals;
const [adapters, clients, tokens, rounds, rank, threads] = [
  "adapters",
  "clients",
  "tokens",
  "rounds",
  "rank",
  "threads",
].map((key) => Number(values[key]));
const source = { cacheFolder: "", fetch: null, endpoint: "", token: null, execute: null };
const files = await resolveModel(path, "main", source);
const isNarrow = values.compute === "bf16";
const base = {
  compute: values.compute,
  format: isNarrow ? "stored" : "float32",
  place: "memory",
  doubleQuantization: true,
  cache: { folder: "", modelKey: "" },
};
const model = await openModel(files, { threads, base });
const settings = { alpha: 2 * rank, rslora: false, dropout: 0, baseModel: "bench", revision: "" };
const adapter = (seed) => model.createAdapter({ ...settings, rank, targets: "all-linear" }, seed);

/** A pool, whose adapters are copied. */
const poolOf = (count) =>
  model.createPool(
    Array.from({ length: count }, (_, at) => adapter(at)),
    clients,
  );

let seed = 0;
async function round(pool) {
  const before = process.cpuUsage();
  const begin = performance.now();
  seed++;
  await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      const prompt = Int32Array.from(
        { length: 32 },
        (_, at) => 100 + ((client * 61 + at * 7 + seed * 997) % 40_000),
      );
      const options = { maxNewTokens: tokens, temperature: 0, topP: 1, seed: 1, endIds: [] };
      const conversation = pool.conversations[client % pool.conversations.length];
      for await (const _ of conversation.answer(prompt, options));
    }),
  );
  const { user, system } = process.cpuUsage(before);
  return { ms: performance.now() - begin, processorSeconds: (user + system) / 1e6 };
}

const results = new Map();
const memory = {};
const pools = [];
for (const count of [1, adapters]) {
  const pool = poolOf(count);
  await round(pool);
  globalThis.gc?.();
  memory[count] = Math.round(process.memoryUsage().rss / 2 ** 20);
  pools.push([count, pool]);
  results.set(count, []);
}
for (let at = 0; at < rounds; at++) {
  for (const [count, pool] of pools) results.get(count).push(await round(pool));
}
for (const [count, all] of results) {
  console.log(
    JSON.stringify({
      adapters: count,
      clients,
      msP50: Math.round(
        quantile(
          all.map(({ ms }) => ms),
          0.5,
        ),
      ),
      processorSecondsP50: Number(
        quantile(
          all.map((one) => one.processorSeconds),
          0.5,
        ).toFixed(2),
      ),
      megabytesSoFar: memory[count],
    }),
  );
}
await model.close();
