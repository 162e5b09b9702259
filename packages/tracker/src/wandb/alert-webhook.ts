/**
 * @file Sends alerts of runs to an address configured by the server's operator: sequentially, with a deadline and few
 * retries. The full address is never shown, because it often is a secret.
 */
import { setTimeout as wait } from "node:timers/promises";
import { problem } from "../problem/index.ts";
import type { RunAlert } from "./alerts.ts";

/** An alert to send. */
export interface SentAlert extends RunAlert {
  readonly run: string;
  readonly runName: string;
  readonly project: string;
}

/** Sends alerts. */
export interface AlertSender {
  /** Queues an alert and returns immediately. If too many alerts are waiting, drops it and reports the error. */
  readonly send: (alert: SentAlert) => void;
  /** Waits for queued alerts, at most as long as one attempt may take. */
  readonly close: () => Promise<void>;
}

/** Environment variable with the address. */
export const webhookVariable = "TUNEWISE_ALERT_WEBHOOK";

/** Timeout of an attempt, and pauses before each retry. */
const attemptMs = 10_000;
const pausesMs: readonly number[] = [1_000, 5_000];
/** Maximum number of waiting alerts. */
const maxWaiting = 100;

/** How to send alerts. Tests set shorter pauses. */
interface SenderOptions {
  readonly fetch: typeof fetch;
  /** Receives errors about alerts that were not sent. */
  readonly report: (error: unknown) => void;
  readonly pausesMs?: readonly number[];
}

/**
 * Creates a sender for an address.
 *
 * @param address `undefined` or empty disables sending
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
      // Redirects are not followed, because only the server's operator decides where alerts go.
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

/**
 * Builds the message. Slack, Mattermost and Discord's Slack-compatible address show `text`; the rest is for programs.
 */
function messageOf({ run, runName, project, title, text, severity, ms }: SentAlert): object {
  return {
    text: `[${severity}] ${title}: ${text} (run ${runName}, project ${project})`,
    alert: { title, text, severity, created_at: new Date(ms).toISOString() },
    run: { id: run, name: runName, project },
  };
}
