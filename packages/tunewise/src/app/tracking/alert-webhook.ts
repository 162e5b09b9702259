/**
 * @file Alerts of runs, sent on to one address that whoever runs the server has set: one after the other, each with a
 * deadline and few repetitions. The address is never shown whole, since it often is a secret itself.
 */
import { setTimeout as wait } from "node:timers/promises";
import type { RunAlert } from "@tunewise/tracker";
import { problem } from "../../problem/index.ts";

/** An alert on its way. */
export interface SentAlert extends RunAlert {
  readonly run: string;
  readonly runName: string;
  readonly project: string;
}

/** Sends alerts on. */
export interface AlertSender {
  /** Returns at once; an alert that finds too many waiting is dropped, with a report. */
  readonly send: (alert: SentAlert) => void;
  /** Waits for what is on its way, within the time for one of them. */
  readonly close: () => Promise<void>;
}

/** The variable that names the address. */
export const webhookVariable = "TUNEWISE_ALERT_WEBHOOK";

/** Time for one attempt, and pauses before the next ones. */
const attemptMs = 10_000;
const pausesMs: readonly number[] = [1_000, 5_000];
/** Alerts that wait. */
const maxWaiting = 100;

/** How alerts are sent; tests have a clock of their own. */
interface SenderOptions {
  readonly fetch: typeof fetch;
  /** Told what could not be sent. */
  readonly report: (error: unknown) => void;
  readonly pausesMs?: readonly number[];
}

/**
 * Sends alerts to an address.
 *
 * @param address `undefined` or empty: nothing is sent
 * @throws {TunewiseError} `ALERT_WEBHOOK_INVALID`
 */
export function createAlertSender(address: string | undefined, options: SenderOptions): AlertSender {
  if (address === undefined || address === "") return { send: () => undefined, close: async () => undefined };
  const url = URL.canParse(address) ? new URL(address) : null;
  if (!url || !/^https?:$/.test(url.protocol))
    throw problem("ALERT_WEBHOOK_INVALID", { variable: webhookVariable });
  let waiting = 0;
  let turn: Promise<void> = Promise.resolve();
  const closing = new AbortController();
  return {
    send: (alert) => {
      if (waiting >= maxWaiting) {
        options.report(unsent(url, `${maxWaiting} others are waiting`));
        return;
      }
      waiting++;
      turn = turn
        .then(() => post(url, alert, closing.signal, options))
        .catch(options.report)
        .finally(() => waiting--);
    },
    close: async () => {
      const late = wait(attemptMs, undefined, { ref: false }).then(() => closing.abort());
      await Promise.race([turn, late]);
      closing.abort();
    },
  };
}

function unsent(url: URL, reason: string): Error {
  return problem("ALERT_NOT_SENT", { host: url.host, reason });
}

async function post(url: URL, alert: SentAlert, closing: AbortSignal, options: SenderOptions): Promise<void> {
  const body = JSON.stringify(messageOf(alert));
  let reason = "the server is closing";
  for (const pauseMs of [0, ...(options.pausesMs ?? pausesMs)]) {
    if (pauseMs > 0) await wait(pauseMs, undefined, { signal: closing }).catch(() => undefined);
    if (closing.aborted) break;
    try {
      const signal = AbortSignal.any([AbortSignal.timeout(attemptMs), closing]);
      const headers = { "content-type": "application/json" };
      // Nobody but whoever runs the server says where alerts go.
      const answer = await options.fetch(url, { method: "POST", headers, body, redirect: "manual", signal });
      await answer.body?.cancel();
      if (answer.ok) return;
      reason = `status ${answer.status}`;
      if (answer.status < 500 && answer.status !== 408 && answer.status !== 429) break;
    } catch (error) {
      reason =
        error instanceof Error && error.name === "TimeoutError"
          ? `no answer in ${attemptMs / 1000} s`
          : "no connection";
    }
  }
  throw unsent(url, reason);
}

/** `text` is what Slack, Mattermost and Discord's Slack address show; the rest is for programs. */
function messageOf({ run, runName, project, title, text, severity, ms }: SentAlert): object {
  return {
    text: `[${severity}] ${title}: ${text} (run ${runName}, project ${project})`,
    alert: { title, text, severity, created_at: new Date(ms).toISOString() },
    run: { id: run, name: runName, project },
  };
}
