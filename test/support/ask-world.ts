/** @file For tests: network and clock for requests to endpoints, real or simulated, and sample questions. */
import type { AskWorld, CompletionRequest, Endpoint } from "../../packages/tunewise/src/ask/index.ts";

/** The real network with the real clock. */
export function realWorld(random: () => number = Math.random): AskWorld {
  return {
    fetch: globalThis.fetch,
    random,
    now: Date.now,
    sleep: (ms, signal) =>
      new Promise((done) => {
        const timer = setTimeout(done, ms);
        const stop = (): void => {
          clearTimeout(timer);
          done();
        };
        if (signal.aborted) stop();
        signal.addEventListener("abort", stop, { once: true });
      }),
  };
}

/** Answers from a list and advances its clock over each pause. Records the pauses before retries. */
export function playedWorld(
  answers: readonly (Response | Error | "hang" | ((request: Request) => Response))[],
): AskWorld & { readonly pauses: number[]; readonly requests: Request[] } {
  const [pauses, requests]: [number[], Request[]] = [[], []];
  let [nowMs, at] = [Date.UTC(2026, 10, 26), 0];
  return {
    pauses,
    requests,
    random: () => 0.5,
    now: () => nowMs,
    fetch: async (input, init) => {
      const request = new Request(input, init);
      requests.push(request);
      const answer = answers[at++];
      if (answer === undefined) throw new Error("no more answers");
      if (answer === "hang") return new Promise<Response>(() => undefined);
      if (answer instanceof Error) throw answer;
      return typeof answer === "function" ? answer(request) : answer;
    },
    sleep: async (ms, signal) => {
      // a timer fires only if nothing else happens in the next turns of the event loop
      for (let turn = 0; turn < 20; turn++) {
        await new Promise((next) => setImmediate(next));
        if (signal.aborted) return;
      }
      pauses.push(ms);
      nowMs += ms;
    },
  };
}

/** An endpoint with some fields replaced. */
export function endpointAt(url: string, more: Partial<Endpoint> = {}): Endpoint {
  return {
    url,
    model: "m-1",
    key: null,
    style: "openai",
    timeoutSeconds: 2,
    maxTries: 3,
    concurrency: 4,
    ...more,
  };
}

/** A question with some fields replaced. */
export function questionOf(text: string, more: Partial<CompletionRequest> = {}): CompletionRequest {
  return {
    messages: [{ role: "user", content: text }],
    maxTokens: 8,
    temperature: 0,
    topP: null,
    seed: null,
    stop: [],
    ...more,
  };
}
