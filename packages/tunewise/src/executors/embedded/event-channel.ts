/**
 * @file Passes events from a computation to its controller one at a time: the computation waits until the controller
 * has processed one and asks for the next. Detached, it continues alone, and events are queued for the next reader.
 */
import type { Numbered } from "@tunewise/core/run";

interface Waiting {
  readonly seq: number;
  readonly handled: () => void;
  readonly abandoned: (reason: Error) => void;
}

/** A channel between one writer and one reader, who may detach and reattach. */
export class EventChannel<Event extends { readonly kind: string }> {
  /** Events for later readers. A `phase` event is removed once read, since it only describes the current moment. */
  readonly #events: Numbered<Event>[] = [];
  #waiting: Waiting[] = [];
  #seq = 0;
  #isClosed = false;
  #isDetached = false;
  #abandoned: Error | null = null;
  #wake: () => void = () => undefined;
  readonly #observe: (event: Numbered<Event>) => void;

  /** @param observe called with every event when it is put */
  constructor(observe: (event: Numbered<Event>) => void = () => undefined) {
    this.#observe = observe;
  }

  /** Resolves once the reader has processed the event, or at once if detached; rejects if the reader has left. */
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
    // Progress is reported without awaiting this promise; if the reader has left, a later awaited `put` rejects.
    done.catch(() => undefined);
    return done;
  }

  /** Ends the channel; queued events are still delivered. */
  close(): void {
    this.#isClosed = true;
    this.#wake();
  }

  /** Lets the writer continue without a reader. */
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
    // searched from the end, since readers are usually there
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
