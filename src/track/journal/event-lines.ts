/**
 * @file The lines of an event log, taken as a journal counts them.
 */
import { existsSync } from "node:fs";
import { basename, dirname } from "node:path";
import type { RunEvent } from "../../run/index.ts";
import { eventLineCharsMax, readEventLine } from "../event-line.ts";
import { type FileLine, readLines } from "../line-file.ts";

/** Whole lines of an event log, events or not. */
export async function countEventLines(path: string): Promise<number> {
  let count = 0;
  if (!existsSync(path)) return 0;
  for await (const lines of readLines(path, eventLineCharsMax))
    count += lines.filter(({ isWhole }) => isWhole).length;
  return count;
}

/** A place in an event log. */
export class EventCursor {
  private readonly groups: AsyncIterator<readonly FileLine[]> | null;
  private readonly run: string;
  private lines: readonly FileLine[] = [];
  private at = 0;
  private seq = 0;

  constructor(path: string) {
    this.run = basename(dirname(path));
    this.groups = existsSync(path) ? readLines(path, eventLineCharsMax) : null;
  }

  /** The events of the next lines; fewer where the log ends before, or a line is no event. */
  async take(count: number): Promise<RunEvent[]> {
    const items: RunEvent[] = [];
    for (let taken = 0; taken < count; taken++) {
      const line = await this.next();
      if (line === null) break;
      const item = line.text === null ? null : readEventLine(line.text, { run: this.run, seq: this.seq });
      if (item) items.push(item);
    }
    return items;
  }

  /** Goes on without reading. */
  async skip(count: number): Promise<void> {
    for (let taken = 0; taken < count; taken++) if ((await this.next()) === null) return;
  }

  async close(): Promise<void> {
    await this.groups?.return?.();
  }

  private async next(): Promise<FileLine | null> {
    if (this.at >= this.lines.length) {
      const group = await this.groups?.next();
      if (!group || group.done) return null;
      [this.lines, this.at] = [group.value, 0];
    }
    const line = this.lines[this.at++];
    this.seq++;
    return line?.isWhole ? line : null;
  }
}
