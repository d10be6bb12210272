/** The markers of one connection: who waits for which echo. */

interface Waiting {
  readonly marker: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** The barrier as a replica sees it; markers are sent anew after each break. */
export class Markers {
  readonly #send: (marker: number) => void;
  #waiting: Waiting[] = [];
  #last = 0;
  #isOpen = false;

  constructor(send: (marker: number) => void) {
    this.#send = send;
  }

  /** Resolves at the echo of a marker that is sent now, or as soon as the connection is open. */
  wait(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ marker: ++this.#last, resolve, reject });
      if (this.#isOpen) {
        this.#send(this.#last);
      }
    });
  }

  /** The connection is open and synced: one new marker stands for all that wait, whose numbers are lower. */
  open(): void {
    this.#isOpen = true;
    if (this.#waiting.length > 0) {
      this.#send(++this.#last);
    }
  }

  /** The connection is broken; what was sent has to be sent anew. */
  interrupt(): void {
    this.#isOpen = false;
  }

  /** An echo has come: it stands for its marker and for all before. */
  echo(marker: number): void {
    const waiting = this.#waiting;
    this.#waiting = waiting.filter((each) => each.marker > marker);
    for (const each of waiting) {
      if (each.marker <= marker) {
        each.resolve();
      }
    }
  }

  /** Rejects all that wait. */
  reject(error: Error): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const each of waiting) {
      each.reject(error);
    }
  }
}
