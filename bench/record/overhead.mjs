// Added latency of `tunewise record`: paired requests, direct and through the proxy, to a stand-in for the API.
// Usage: npm run build && node bench/record/overhead.mjs [seconds=40] [requests per second=200] [warm-up seconds=15]
// A proxy runs for days: while Node compiles its hot functions, in the first 15 s, the tail is about twice as long.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { Agent, createServer, request } from "node:http";
import { loadavg, tmpdir } from "node:os";
import { join, resolve } from "node:path";

const [seconds = 40, rate = 200, warmUp = 15] = process.argv.slice(2).map(Number);
const folder = mkdtempSync(join(tmpdir(), "tunewise-bench-"));
const answer = JSON.stringify({
  id: "chatcmpl-1",
  model: "gpt-4o-mini",
  choices: [
    { index: 0, message: { role: "assistant", content: "word ".repeat(200) }, finish_reason: "stop" },
  ],
  usage: { prompt_tokens: 400, completion_tokens: 200 },
});
const api = createServer((incoming, response) => {
  incoming.resume();
  incoming.on("end", () => {
    const start = performance.now();
    // A timer of 5 ms takes 5 to 7: the answer says how long it really took, and this time counts for neither way.
    setTimeout(() => {
      const held = (performance.now() - start).toFixed(3);
      response.writeHead(200, { "content-type": "application/json", "x-held-ms": held }).end(answer);
    }, 5);
  });
});
await new Promise((done) => api.listen(0, "127.0.0.1", done));
const direct = api.address().port;
const words = [
  "record",
  "--upstream",
  `http://127.0.0.1:${direct}/v1`,
  "--port",
  "0",
  "--out",
  "calls.jsonl",
];
const proxy = spawn(process.execPath, [resolve("dist/cli/main.js"), ...words], { cwd: folder });
let said = "";
proxy.stderr.on("data", (chunk) => (said += chunk));
const through = await new Promise((found) => {
  let out = "";
  proxy.stdout.on("data", (chunk) => {
    out += chunk;
    const port = /:(\d+)\/v1/.exec(out)?.[1];
    if (port) found(Number(port));
  });
});
const agents = new Map([direct, through].map((port) => [port, new Agent({ keepAlive: true })]));
const body = (at) =>
  JSON.stringify({
    model: "gpt-4o-mini",
    messages: [{ role: "user", content: `${at} ${"text ".repeat(400)}` }],
  });
const ask = (port, at) =>
  new Promise((done, failed) => {
    const start = performance.now();
    const headers = { "content-type": "application/json" };
    const call = request(
      {
        port,
        host: "127.0.0.1",
        agent: agents.get(port),
        method: "POST",
        path: "/v1/chat/completions",
        headers,
      },
      (response) =>
        response
          .resume()
          .on("end", () => done(performance.now() - start - Number(response.headers["x-held-ms"]))),
    );
    call.on("error", failed);
    call.end(body(at));
  });
const times = { direct: [], proxy: [] };
const running = [];
// Each tick asks one of the two, in turn, at the full rate: the proxy gets `rate` requests per second, and so does the API directly.
const start = performance.now();
for (let at = 0; at < seconds * rate; at++) {
  const wait = start + (at * 1000) / rate - performance.now();
  if (wait > 0) await new Promise((go) => setTimeout(go, wait));
  running.push(
    ask(through, at).then((ms) => times.proxy.push(ms)),
    ask(direct, at).then((ms) => times.direct.push(ms)),
  );
}
await Promise.all(running);
proxy.kill("SIGINT");
await new Promise((end) => proxy.on("close", end));
const quantile = (list, share) => list.sort((a, b) => a - b)[Math.floor(list.length * share)];
for (const list of Object.values(times)) list.splice(0, rate * warmUp);
for (const share of [0.5, 0.9, 0.99]) {
  const [one, other] = [quantile(times.direct, share), quantile(times.proxy, share)];
  console.log(
    `p${share * 100}: direct ${one.toFixed(2)} ms, proxy ${other.toFixed(2)} ms, added ${(other - one).toFixed(2)} ms`,
  );
}
console.log(
  `${rate} requests per second, ${seconds} s, the first ${warmUp} s not counted; load ${loadavg()
    .map((load) => load.toFixed(2))
    .join(" ")}; Node ${process.version}`,
);
console.log(
  said
    .trim()
    .split("\n")
    .filter((line) => /recorded/.test(line))
    .join("\n"),
);
api.close();
for (const agent of agents.values()) agent.destroy();
rmSync(folder, { recursive: true });
