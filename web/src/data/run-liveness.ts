/** @file Displays for how long a running run has been silent. */
import { signal } from "@preact/signals";
import { durationText } from "../format.ts";
import { me } from "./me.ts";

const minuteMs = 60_000;
/** The current time, updated every minute, because the server sends no event when a run becomes silent. */
const now = signal(Date.now());
setInterval(() => {
  now.value = Date.now();
}, minuteMs);

/** Such as `running, silent for 26 min`; only the status if the run has ended or was active recently. */
export function statusText(status: string, seenMs: number | null): string {
  const isOpen = status === "running" || status === "scheduled";
  const ms = isOpen && seenMs !== null ? now.value - seenMs : 0;
  const isSilent = me.value !== null && ms >= me.value.silent_after_ms;
  return isSilent ? `${status}, silent for ${durationText(ms / 1000)}` : status;
}
