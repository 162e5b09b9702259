/**
 * @file Hands events from a computation to its controller one at a time: the computation waits until the controller has
 * dealt with one and asks for the next. Detached, it continues alone, and its events wait for the next reader.
 */
import type { Numbered } from "@tunewise/core/run";

interface Waiting {
  readonly seq: number;
  readonly handled: () => void;
  readonly abandoned: (reason: Error) => void;
}

/** A rendezvous of one writer and one reader, who may leave and come back. */
export class EventChannel<Event extends { readonly kind: string }> {
  /** Events for readers to come, except `phase`, which only describes a moment. */
  readonly #events: Numbered<Event>[] = [];
  #waiting: Waiting[] = [];
  #seq = 0;
  #isClosed = false;
  #isDetached = false;
  #abandoned: Error | null = null;
  #wake: () => void = () => undefined;
  readonly #observe: (event: Numbered<Event>) => void;

  /** @param observe called with every event as it is put */
  constructor(observe: (event: Numbered<Event>) => void = () => undefined) {
    this.#observe = observe;
  }

  /** Resolves once the reader has dealt with the event, or nobody is attached; rejects if the reader has left. */
  put(event: Event): Promise<void> {
    const done = new Promise<void>((handled, abandoned) => {
      if (this.#abandoned) return abandoned(this.#abandoned);
      const seq = ++this.#seq;
      const numbered = { ...event, seq };
      this.#observe(numbered);
      if (!(this.#isDetached && event.kind === "phase")) this.#events.push(numbered);
      if (this.#isDetached) return handled();
      this.#waiting.push({ seq, handled, abandoned });
      this.#wake();
    });
    // progress is reported without waiting: that nobody reads it any more ends the writer at what it waits for
    done.catch(() => undefined);
    return done;
  }

  /** No more events will come; those that wait are still delivered. */
  close(): void {
    this.#isClosed = true;
    this.#wake();
  }

  /** The writer continues without a reader. */
  detach(): void {
    this.#isDetached = true;
    this.#settleUntil(Number.POSITIVE_INFINITY);
    this.#wake();
  }

  /** @param after number of the last event that was processed */
  async *read(after = 0): AsyncGenerator<Numbered<Event>, void, void> {
    this.#isDetached = false;
    let last = after;
    try {
      for (;;) {
        this.#settleUntil(last);
        const next = this.#isDetached ? undefined : this.#nextAfter(last);
        if (next) {
          yield next;
          last = next.seq;
          if (next.kind === "phase") this.#events.splice(this.#events.indexOf(next), 1);
        } else if (this.#isClosed || this.#isDetached) return;
        else
          await new Promise<void>((wake) => {
            this.#wake = wake;
          });
      }
    } finally {
      if (!this.#isDetached) this.#abandon();
    }
  }

  #nextAfter(seq: number): Numbered<Event> | undefined {
    // from the end, where a reader usually is
    const at = this.#events.findLastIndex((event) => event.seq <= seq);
    return this.#events[at + 1];
  }

  #settleUntil(seq: number): void {
    const done = this.#waiting.filter((one) => one.seq <= seq);
    this.#waiting = this.#waiting.filter((one) => one.seq > seq);
    for (const { handled } of done) handled();
  }

  #abandon(): void {
    this.#abandoned = new Error("Internal: nobody reads the events of this execution any more");
    for (const { abandoned } of this.#waiting.splice(0)) abandoned(this.#abandoned);
  }
}
