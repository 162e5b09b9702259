/** @file How long a run that says that it is at work has not been heard of, as it is shown now. */
import { signal } from "@preact/signals";
import { durationText } from "../format.ts";
import { me } from "./me.ts";

const minuteMs = 60_000;
/** Now, to the minute: silence is no change that the server tells of. */
const now = signal(Date.now());
setInterval(() => {
  now.value = Date.now();
}, minuteMs);

/** `running, silent for 26 min`; the status alone for a run that has ended, or was heard of lately. */
export function statusText(status: string, seenMs: number | null): string {
  const isOpen = status === "running" || status === "scheduled";
  const ms = isOpen && seenMs !== null ? now.value - seenMs : 0;
  const isSilent = me.value !== null && ms >= me.value.silent_after_ms;
  return isSilent ? `${status}, silent for ${durationText(ms / 1000)}` : status;
}
