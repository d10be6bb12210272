/** Signs of life on one board: heard from each client, told to all as one message a period. */
import type { AgentId, Clock, Presence } from "../../../lib/index.ts";
import { encodePresence } from "../wire/traffic.ts";
import type { Author } from "./admission/admission.ts";
import type { Client } from "./client.ts";

/** What a presence room is told about its board. */
export interface PresenceOptions {
  readonly clock: Clock;
  readonly intervalMs: number;
  /** The most agents that are present at once; those of later clients are not heard. */
  readonly maxAgents: number;
  readonly clients: ReadonlySet<Client>;
}

/** The presence room of one board. */
export class PresenceRoom {
  readonly #options: PresenceOptions;
  readonly #present = new Map<AgentId, { readonly presence: Presence; readonly client: Client }>();
  readonly #untold = new Map<AgentId, Presence>();
  /** How many of those present are whose. */
  readonly #counts = new Map<Author, number>();
  /** Set while a period runs in which nothing is told. */
  #cancelPeriod: (() => void) | undefined;

  constructor(options: PresenceOptions) {
    this.#options = options;
  }

  /** Takes in signs of life of a client's own agents; tells them at once, or at the end of the period that runs. */
  hear(client: Client, presences: readonly Presence[]): void {
    for (const presence of presences) {
      const { agent } = presence;
      if (!client.author.owns(agent)) continue; // nobody is kept alive by another's word
      if (!this.#present.has(agent) && !this.#hasRoomFor(client.author)) continue;
      this.#drop(agent);
      this.#present.set(agent, { presence, client });
      this.#count(client.author, 1);
      this.#untold.set(agent, presence);
    }
    if (this.#cancelPeriod === undefined) {
      this.#tell();
    }
  }

  /** Tells a newcomer who is present. */
  greet(client: Client): void {
    if (this.#present.size > 0) {
      client.send(encodePresence([...this.#present.values()].map(({ presence }) => presence)));
    }
  }

  /** Forgets the agents of a client that is gone. */
  forget(client: Client): void {
    for (const [agent, entry] of this.#present) {
      if (entry.client === client) {
        this.#drop(agent);
        this.#untold.delete(agent);
      }
    }
  }

  /** Lets the timer go. */
  close(): void {
    this.#cancelPeriod?.();
  }

  /** Nobody has more agents present than it may have logs, so that names made up leave room for those of others. */
  #hasRoomFor(author: Author): boolean {
    const isRoom = this.#present.size < this.#options.maxAgents;
    return isRoom && (this.#counts.get(author) ?? 0) < author.maxLogs;
  }

  #drop(agent: AgentId): void {
    const entry = this.#present.get(agent);
    if (entry === undefined) return;
    this.#present.delete(agent);
    this.#count(entry.client.author, -1);
  }

  #count(author: Author, change: number): void {
    const count = (this.#counts.get(author) ?? 0) + change;
    if (count > 0) this.#counts.set(author, count);
    else this.#counts.delete(author);
  }

  #tell(): void {
    if (this.#untold.size === 0) {
      this.#cancelPeriod = undefined;
      return;
    }
    const message = encodePresence([...this.#untold.values()]);
    this.#untold.clear();
    for (const client of this.#options.clients) {
      if (client.hello !== undefined) {
        client.sendIfQuick(message);
      }
    }
    this.#cancelPeriod = this.#options.clock.schedule(this.#options.intervalMs, () => this.#tell());
  }
}
