/** @file A simulated clock that advances when no other work is left, so that hours of waiting take no time. */

interface Due {
  readonly ms: number;
  readonly seq: number;
  readonly act: () => void;
}

/** A clock and its scheduled actions. */
export class VirtualTime {
  nowMs: number;
  #seq = 0;
  readonly #heap: Due[] = [];

  constructor(startMs: number = Date.UTC(2026, 10, 28)) {
    this.nowMs = startMs;
  }

  /** Schedules an action. */
  at(ms: number, act: () => void): void {
    const heap = this.#heap;
    heap.push({ ms: Math.max(ms, this.nowMs), seq: this.#seq++, act });
    for (let i = heap.length - 1; i > 0; ) {
      const parent = (i - 1) >> 1;
      if (isBefore(heap[parent] as Due, heap[i] as Due)) break;
      [heap[parent], heap[i]] = [heap[i] as Due, heap[parent] as Due];
      i = parent;
    }
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.at(this.nowMs + ms, resolve));
  }

  /** Advances the clock until nothing is scheduled, or until a given time. */
  async run(untilMs: number = Number.POSITIVE_INFINITY): Promise<void> {
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve)); // pending promises continue first
      const next = this.#heap[0];
      if (next === undefined || next.ms > untilMs) break;
      this.#pop();
      this.nowMs = next.ms;
      next.act();
    }
    if (Number.isFinite(untilMs)) this.nowMs = Math.max(this.nowMs, untilMs);
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop() as Due;
    if (heap.length === 0) return;
    heap[0] = last;
    for (let i = 0; ; ) {
      let least = i;
      for (const child of [2 * i + 1, 2 * i + 2])
        if (child < heap.length && isBefore(heap[child] as Due, heap[least] as Due)) least = child;
      if (least === i) return;
      [heap[least], heap[i]] = [heap[i] as Due, heap[least] as Due];
      i = least;
    }
  }
}

function isBefore(one: Due, other: Due): boolean {
  return one.ms < other.ms || (one.ms === other.ms && one.seq < other.seq);
}
