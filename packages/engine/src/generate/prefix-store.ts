/** @file KV caches of ended answers, kept for prompts with the same beginning. */
import type { KeyValueCache } from "./cache.ts";

/** Tokens of a row of a cache; which adapter computed them matters. */
export interface CachedRow {
  readonly adapter: number;
  readonly tokens: readonly number[];
  readonly cache: KeyValueCache;
  readonly slot: number;
}

/** A cached row and the number of its leading tokens that a prompt shares. */
export interface CachedPrefix {
  readonly row: CachedRow;
  readonly length: number;
}

/** Maximum memory of all kept rows, in bytes. */
const maxBytes = 2 ** 28;

/** Rows of ended answers; those unused for the longest time are dropped. */
export class PrefixStore {
  private rows: CachedRow[] = [];

  /** Keeps a row; copies it. */
  keep({ adapter, tokens, cache, slot }: CachedRow): void {
    const own = cache.pick([slot]);
    this.rows.push({ adapter, tokens: tokens.slice(), cache: own, slot: 0 });
    let bytes = 0;
    const first = this.rows.findLastIndex((row) => {
      bytes += row.cache.bytes;
      return bytes > maxBytes;
    });
    if (first >= 0) this.rows.splice(0, first + 1);
  }

  /** The kept row with the longest common prefix, or a row in progress; `null` if there is none. */
  find(adapter: number, prompt: Int32Array, active: readonly CachedRow[]): CachedPrefix | null {
    let best: CachedPrefix | null = null;
    for (const row of [...this.rows, ...active]) {
      if (row.adapter !== adapter) continue;
      const length = sharedLength(row.tokens, prompt);
      if (length > (best?.length ?? 0)) best = { row, length };
    }
    return best;
  }

  /** Records the use of a prefix. A row that is mostly used is replaced by the answer that continues it. */
  use({ row, length }: CachedPrefix): void {
    const at = this.rows.indexOf(row);
    if (at < 0) return;
    this.rows.splice(at, 1);
    if (2 * length < row.tokens.length) this.rows.push(row);
  }
}

/** Number of leading tokens that a prompt shares; its last token is always computed, because logits are not cached. */
function sharedLength(tokens: readonly number[], prompt: Int32Array): number {
  const most = Math.min(tokens.length, prompt.length - 1);
  let shared = 0;
  while (shared < most && tokens[shared] === prompt[shared]) shared++;
  return shared;
}
