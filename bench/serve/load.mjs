/**
 * @file Load on a server with OpenAI's routes: clients that each ask the next question when their answer has come.
 *
 *     npx tsx bench/serve/load.mjs URL [--models NAME,NAME] [--clients 32] [--requests 128] [--max-tokens 48]
 *       [--prompt-words 60] [--shared-words 0] [--pid PID]
 *
 * Prompts differ from their first word on, unless `--shared-words` gives them a common beginning. Requests take the
 * models in turn. Prints answers per second, latencies, and with `--pid` the processor seconds per answer and the peak
 * memory of that process, which other programs on the machine change less than the times.
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { quantile } from "./quantile.mjs";

const text = (value) => ({ type: "string", default: value });
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    models: text(""),
    clients: text("32"),
    requests: text("128"),
    "max-tokens": text("48"),
    "prompt-words": text("60"),
    "shared-words": text("0"),
    pid: text(""),
  },
});
const [url = "http://127.0.0.1:8080/v1"] = positionals;
const [clients, requests, maxTokens, promptWords, sharedWords] = [
  "clients",
  "requests",
  "max-tokens",
  "prompt-words",
  "shared-words",
].map((key) => Number(values[key]));
const models = values.models.split(",");
const words = [
  "river",
  "stone",
  "market",
  "letter",
  "garden",
  "winter",
  "engine",
  "silver",
  "window",
  "doctor",
];

/** A prompt of its own, the same in every run. */
function promptOf(request) {
  const word = (at, seed) => words[(seed * 7 + at * at * 3 + at) % words.length];
  const shared = Array.from({ length: sharedWords }, (_, at) => word(at, 1));
  const own = Array.from({ length: promptWords - sharedWords }, (_, at) => word(at, request + 2));
  return [...shared, `Number ${request}:`, ...own].join(" ");
}

async function ask(request) {
  const model = models[request % models.length];
  const body = {
    ...(model === "" ? {} : { model }),
    messages: [
      { role: "user", content: `Continue this list of words for a long time. ${promptOf(request)}` },
    ],
    max_tokens: maxTokens,
    temperature: 0,
  };
  const begin = performance.now();
  const reply = await fetch(`${url}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = await reply.json();
  if (!reply.ok) throw new Error(`status ${reply.status}: ${JSON.stringify(answer)}`);
  return { seconds: (performance.now() - begin) / 1000, tokens: answer.usage.completion_tokens };
}

/** Processor seconds and peak bytes of the server so far. */
function usageOf(pid) {
  if (pid === "") return null;
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  const ticks = Number(fields[11]) + Number(fields[12]);
  const peak = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return { processorSeconds: ticks / 100, peakMegabytes: Math.round(Number(peak) / 1024) };
}

for (let request = 0; request < Math.min(4, clients); request++) await ask(1_000_000 + request);
const before = usageOf(values.pid);
const done = [];
let next = 0;
const begin = performance.now();
await Promise.all(
  Array.from({ length: clients }, async () => {
    while (next < requests) done.push(await ask(next++));
  }),
);
const wall = (performance.now() - begin) / 1000;
const after = usageOf(values.pid);
const latencies = done.map(({ seconds }) => seconds);
const tokens = done.reduce((sum, one) => sum + one.tokens, 0);
console.log(
  JSON.stringify({
    clients,
    requests,
    answersPerSecond: Number((requests / wall).toFixed(3)),
    tokensPerSecond: Math.round(tokens / wall),
    tokensPerAnswer: Number((tokens / requests).toFixed(1)),
    secondsP50: Number(quantile(latencies, 0.5).toFixed(2)),
    secondsP95: Number(quantile(latencies, 0.95).toFixed(2)),
    ...(before && {
      processorSecondsPerAnswer: Number(
        ((after.processorSeconds - before.processorSeconds) / requests).toFixed(3),
      ),
      peakMegabytes: after.peakMegabytes,
    }),
  }),
);
