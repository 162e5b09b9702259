/**
 * @file Hands events from a computation to its controller one at a time: the computation waits until the controller has
 * dealt with one and asks for the next.
 */

interface Waiting<Event> {
  readonly event: Event;
  readonly handled: () => void;
  readonly abandoned: (reason: Error) => void;
}

/** A rendezvous of one writer and one reader. */
export class EventChannel<Event> implements AsyncIterable<Event> {
  readonly #waiting: Waiting<Event>[] = [];
  #isClosed = false;
  #abandoned: Error | null = null;
  #wake: () => void = () => undefined;

  /** Resolves once the reader has dealt with the event; rejects if it has left. */
  put(event: Event): Promise<void> {
    const done = new Promise<void>((handled, abandoned) => {
      if (this.#abandoned) return abandoned(this.#abandoned);
      this.#waiting.push({ event, handled, abandoned });
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

  async *[Symbol.asyncIterator](): AsyncGenerator<Event, void, void> {
    let current: Waiting<Event> | undefined;
    try {
      for (;;) {
        current = this.#waiting.shift();
        if (current) {
          yield current.event;
          current.handled();
        } else if (this.#isClosed) return;
        else
          await new Promise<void>((wake) => {
            this.#wake = wake;
          });
      }
    } finally {
      this.#abandoned = new Error("Internal: nobody reads the events of this execution any more");
      for (const { abandoned } of [...(current ? [current] : []), ...this.#waiting.splice(0)])
        abandoned(this.#abandoned);
    }
  }
}
