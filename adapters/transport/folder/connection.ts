/** One replica's connection through a folder: an exchange with all the files at first, then looks at what is new. */
import { join } from "node:path";
import {
  type Connection,
  type ConnectionStatus,
  CoordinationError,
  type Presence,
  type ReplicaLink,
} from "../../../lib/index.ts";
import { storageFailed } from "../../storage/append-file.ts";
import { findMissing } from "./missing.ts";
import { presenceName } from "./names.ts";
import { createOutbox, type Outbox } from "./outbox.ts";
import { createOwnPresence, type OwnPresence } from "./presence.ts";
import { createFolderReader, type FolderReader } from "./reader.ts";
import { type Rounds, startRounds } from "./rounds.ts";

/** What a connection is made of. */
export interface FolderConnectionOptions {
  readonly link: ReplicaLink;
  /** The board's own folder. */
  readonly directory: string;
  readonly pollMs: number;
  /** The names of all logs that this document has written in this process: it needs none of them back. */
  readonly ownNames: Set<string>;
}

const RETRY_MS = 1000;

/** Connects a replica to its board's folder. */
export class FolderConnection implements Connection {
  readonly #link: ReplicaLink;
  readonly #directory: string;
  readonly #outbox: Outbox;
  readonly #ownPresence: OwnPresence;
  readonly #reader: FolderReader;
  readonly #rounds: Rounds;
  #status: ConnectionStatus = "offline";
  #bytesSent = 0;
  /** Whether the document may hold what no file does. */
  #hasOwnState: boolean;
  /** Whether each local update is written at once; before that, the exchange will write it. */
  #isFollowing = false;
  #isExchangeDue = true;
  #isFaultTold = false;
  #closing: Promise<void> | undefined;
  readonly #waiting: (() => void)[] = [];

  constructor({ link, directory, pollMs, ownNames }: FolderConnectionOptions) {
    const report = (error: Error): void => link.fault(error);
    const files = { directory, board: link.board, rule: link.rule, report };
    const onWritten = (sizeBytes: number): void => {
      this.#bytesSent += sizeBytes;
    };
    const ownPresenceName = presenceName(Buffer.from(link.random(16)).toString("hex"));
    this.#link = link;
    this.#directory = directory;
    this.#hasOwnState = link.doc.store.clients.size > 0;
    this.#outbox = createOutbox({
      link,
      directory,
      ownNames,
      onWritten,
      onFailure: (error) => this.#goOffline(error),
    });
    ownNames.add(ownPresenceName);
    this.#ownPresence = createOwnPresence(ownPresenceName, files, onWritten);
    this.#reader = createFolderReader({
      ...files,
      ownNames,
      onHint: (name) => this.#rounds.hint(name),
    });
    this.#rounds = startRounds({
      clock: link.clock,
      delayMs: () => (this.#status === "offline" ? RETRY_MS : pollMs),
      look: (names) => this.#look(names),
    });
    link.doc.on("update", this.#onUpdate);
  }

  get status(): ConnectionStatus {
    return this.#status;
  }

  get bytesSent(): number {
    return this.#bytesSent;
  }

  async sync(): Promise<void> {
    if (this.#closing !== undefined) {
      throw this.#closedError();
    }
    while (!(await this.#isFlushed())) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
      if (this.#status === "closed") {
        throw this.#closedError();
      }
    }
  }

  sendPresence(presences: readonly Presence[]): void {
    this.#ownPresence.write(presences);
  }

  resync(): void {
    this.#isExchangeDue = true;
    this.#rounds.hint();
  }

  close(): Promise<void> {
    this.#closing ??= this.#shut();
    return this.#closing;
  }

  readonly #onUpdate = (update: Uint8Array, origin: unknown): void => {
    if (origin === this) {
      return;
    }
    this.#hasOwnState = true;
    if (this.#isFollowing) {
      void this.#outbox.write(update);
    }
  };

  async #look(names?: ReadonlySet<string>): Promise<void> {
    try {
      await (this.#isExchangeDue ? this.#exchange() : this.#readNew(names));
    } catch (error) {
      this.#goOffline(error);
    }
  }

  /** Reads all that the folder holds, then writes, as one update, all that it lacks. */
  async #exchange(): Promise<void> {
    this.#isExchangeDue = false;
    this.#isFollowing = false;
    this.#setStatus("syncing");
    await this.#outbox.flush();
    const { own, foreign } = await this.#reader.readAll();
    if (this.#isExchangeDue) {
      return; // a write failed meanwhile, or a gap was found: the next look starts anew
    }
    this.#receive(foreign);
    // No await up to #isFollowing: what is written in this turn is either missing or follows.
    const missing = this.#hasOwnState
      ? findMissing(this.#link.doc, [...own, ...foreign])
      : undefined;
    this.#isFollowing = true;
    if (missing !== undefined) {
      await this.#outbox.write(missing);
    }
    if (this.#isExchangeDue) {
      return;
    }
    this.#isFaultTold = false;
    this.#setStatus("synced");
  }

  async #readNew(names?: ReadonlySet<string>): Promise<void> {
    const { madeName } = this.#outbox;
    const { updates, presences, logs } = await this.#reader.readNew(names);
    this.#receive(updates);
    if (presences.length > 0 && this.#closing === undefined) {
      this.#link.receivePresence(presences);
    }
    const isStillCurrent = madeName !== undefined && madeName === this.#outbox.madeName;
    if (isStillCurrent && logs !== undefined && !logs.includes(madeName)) {
      const path = join(this.#directory, madeName);
      throw storageFailed(path, "has vanished; what it held is written anew");
    }
  }

  #receive(updates: readonly Uint8Array[]): void {
    if (updates.length > 0 && this.#closing === undefined) {
      this.#link.receive(updates, this);
    }
  }

  /** Leaves the own log as it is, since it cannot be trusted; the next exchange writes what it lacks to another. */
  #goOffline(error: unknown): void {
    if (!this.#isFaultTold) {
      this.#isFaultTold = true;
      this.#link.fault(storageFailed(this.#directory, "cannot be used for now", error));
    }
    this.#isFollowing = false;
    this.#isExchangeDue = true;
    this.#outbox.renew();
    this.#setStatus("offline");
  }

  async #isFlushed(): Promise<boolean> {
    if (this.#status !== "synced" || this.#isExchangeDue) {
      return false;
    }
    return this.#outbox.flush().then(
      () => true,
      () => false, // told to #goOffline by the write that failed
    );
  }

  #setStatus(status: ConnectionStatus): void {
    if (this.#status === status || this.#status === "closed") {
      return;
    }
    this.#status = status;
    this.#link.statusChanged(status);
    for (const wake of this.#waiting.splice(0)) {
      wake();
    }
  }

  async #shut(): Promise<void> {
    this.#link.doc.off("update", this.#onUpdate);
    await this.#rounds.stop(); // an exchange under way still writes what was made before
    this.#reader.stop();
    try {
      await this.#outbox.close();
      await this.#ownPresence.close();
    } finally {
      this.#setStatus("closed");
    }
  }

  #closedError(): CoordinationError {
    const { board } = this.#link;
    const message = `The connection of ${board} was closed; connect again to go on.`;
    return new CoordinationError("CONNECTION_CLOSED", message, { details: { board } });
  }
}
