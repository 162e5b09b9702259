#!/usr/bin/env node
/**
 * For tests: a fake worker in place of Python that starts slowly and never finishes its measurements. `SLOW_START_MS`
 * is the time until it listens.
 */
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";

const run = process.argv.at(-1) ?? "";
const folder = join(run, "execution");
const state = {
  step: 1,
  best: null,
  curves: { train: [[1, 1]], validation: [] },
  forgetting: [],
  tokens: 1,
  trainSeconds: 1,
  sessions: 1,
};
/** Milliseconds until a cancelled batch has ended. */
const batchMs = 200;

const whole = (name, text) => {
  writeFileSync(join(folder, `${name}.draft`), text);
  renameSync(join(folder, `${name}.draft`), join(folder, name));
};

/** Messages to send, each after the previous one was processed. */
const messages = [
  {
    kind: "training-start",
    steps: 1,
    stepsPerEpoch: 1,
    state,
    rateScale: 1,
    vocabularySize: 8,
    trainedParameters: 1,
    modelParameters: 1,
    regularization: null,
  },
  { kind: "training-end", status: "completed", state },
].map((event, at) => ({ kind: "event", event: { ...event, seq: at + 1 } }));
messages.push({ kind: "pause", number: 1, reason: "result", state });

const measured = { answers: null, forgetting: null, safety: null, memorization: null };
let found = { selectedStep: 1, measured };
let seq = 2;

function answer(name, params) {
  if (name === "report") return ++seq;
  if (name === "measured") found = params;
  if (name !== "write-result") return null;
  mkdirSync(join(run, params.folder), { recursive: true });
  writeFileSync(join(run, params.folder, "adapter_config.json"), "{}");
  return 1;
}

const path = join(mkdtempSync(join(tmpdir(), "tw-slow-")), "worker.sock");
const server = createServer((socket) => {
  const send = (message) => socket.write(`${JSON.stringify(message)}\n`);
  let delivered = 0;
  let isBusy = Promise.resolve();
  const next = () => {
    const message = messages[delivered++];
    if (message !== undefined) return send(message);
    const end = { kind: "result", result: { status: "completed", state, ...found, peakMemoryBytes: 1 } };
    whole("end.json", `${JSON.stringify(end)}\n`);
    send(end);
    socket.end();
    server.close();
    return rmSync(dirname(path), { recursive: true, force: true });
  };
  createInterface({ input: socket }).on("line", (line) => {
    const message = JSON.parse(line);
    if (message.kind === "attach" || message.kind === "next") next();
    else if (message.kind === "cancel")
      isBusy = isBusy.then(() => new Promise((free) => setTimeout(free, batchMs)));
    else if (
      message.kind === "query" &&
      !["losses", "generate", "choose", "divergence"].includes(message.name)
    )
      isBusy = isBusy.then(() =>
        send({ kind: "reply", id: message.id, result: answer(message.name, message.params), failure: null }),
      );
  });
});
setTimeout(
  () =>
    server.listen(path, () =>
      whole("worker.json", JSON.stringify({ pid: process.pid, protocol: 1, socket: path })),
    ),
  Number(process.env.SLOW_START_MS),
);
