/** The scene of the attacks: a relay with tokens, an honest pair on one board, a third on another, and room for an attacker. */
import * as decoding from "lib0/decoding";
import { type RawData, WebSocket } from "ws";
import * as Y from "yjs";
import { createRelay, type Relay, type RelayOptions } from "../../relay.ts";
import { messageType } from "../../wire/message.ts";
import { encodeMarker, encodeSync, readFrame, readMarker, readSync } from "../../wire/traffic.ts";
import { createSecret, parseKey } from "../access/key.ts";
import { createToken, type TokenOptions } from "../access/token.ts";
import { helloOf, until } from "../workbench.ts";

/** The agents, each with the number of the client that writes for it. */
export const ADA = "ada~0a1b2c3d";
export const BEA = "bea~0b1c2d3e";
export const MAL = "mal~0c1d2e3f";
export const ADA_CLIENT = 101;
export const BEA_CLIENT = 102;
export const MAL_CLIENT = 666;

/** The board under attack, and the one beside it. */
export const BOARD = "docs#1";
export const OTHER_BOARD = "hall#1";

const EVERYTHING = Uint8Array.of(0);
const NOTHING = Uint8Array.of(0, 0);

/** A record as every log has them. */
export function record(n: number, changes: object = {}): object {
  return { n, at: n + 1, kind: "noted", ...changes };
}

/** A connection that speaks bytes, and a document that holds what it was told. */
export class Peer {
  readonly socket: WebSocket;
  readonly doc: Y.Doc = new Y.Doc();
  readonly messages: Uint8Array[] = [];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  readonly #agent: string;
  readonly #echoes = new Set<number>();
  readonly #differences: Uint8Array[] = [];
  #marker = 0;

  constructor(socket: WebSocket, agent: string, client: number) {
    this.socket = socket;
    this.#agent = agent;
    this.doc.clientID = client;
    socket.on("error", () => {});
    socket.on("message", (data: RawData) => this.#receive(new Uint8Array(data as Buffer)));
    this.closed = new Promise((resolve) =>
      socket.on("close", (code, reason) => resolve({ code, reason: String(reason) })),
    );
  }

  send(...messages: readonly Uint8Array[]): void {
    for (const message of messages) this.socket.send(message);
  }

  sendUpdate(payload: Uint8Array): void {
    this.send(encodeSync({ kind: "update", payload }));
  }

  /** Writes the next record of its own log. */
  write(): void {
    const log = this.doc.getArray(`log/${this.#agent}/0`);
    const before = Y.encodeStateVector(this.doc);
    log.push([record(log.length)]);
    this.sendUpdate(Y.encodeStateAsUpdate(this.doc, before));
  }

  /** Counts the records of an agent that are here. */
  countOf(agent: string): number {
    return this.doc.getArray(`log/${agent}/0`).length;
  }

  /** Resolves once the relay has handled all that was sent. */
  async sync(): Promise<void> {
    const marker = ++this.#marker;
    this.send(encodeMarker(marker));
    await until(() => this.#echoes.has(marker));
  }

  /** All that the relay holds of this board, as it tells it. */
  async state(): Promise<Uint8Array> {
    const before = this.#differences.length;
    this.send(encodeSync({ kind: "state-vector", payload: EVERYTHING }));
    await until(() => this.#differences.length > before);
    return this.#differences.at(-1) ?? NOTHING;
  }

  #receive(message: Uint8Array): void {
    this.messages.push(message);
    const decoder = decoding.createDecoder(message);
    const type = decoding.readVarUint(decoder);
    if (type === messageType.marker) this.#echoes.add(readMarker(decoder));
    if (type === messageType.frame)
      for (const update of readFrame(decoder)) Y.applyUpdate(this.doc, update);
    if (type !== messageType.sync) return;
    const { kind, payload } = readSync(decoder);
    if (kind === "state-vector") {
      const answer = Y.encodeStateAsUpdate(this.doc, payload);
      this.send(encodeSync({ kind: "difference", payload: answer }));
      return;
    }
    if (kind === "difference") this.#differences.push(payload);
    Y.applyUpdate(this.doc, payload);
  }
}

/** A relay with its guests. */
export class Scene {
  readonly relay: Relay;
  readonly ada: Peer;
  readonly bea: Peer;
  /** On the other board. */
  readonly cy: Peer;
  readonly #key: string;
  readonly #sockets: WebSocket[];
  #heardByCy = 0;
  #stateOfCy: Uint8Array = NOTHING;

  private constructor(relay: Relay, key: string, sockets: WebSocket[], peers: readonly Peer[]) {
    this.relay = relay;
    this.#key = key;
    this.#sockets = sockets;
    [this.ada, this.bea, this.cy] = peers as [Peer, Peer, Peer];
  }

  /** Starts a relay; Ada and Bea have written a record each, and Cy one on the other board. */
  static async open(options: Partial<RelayOptions> = {}): Promise<Scene> {
    const secret = createSecret();
    const relay = await createRelay({ access: { secret }, ...options });
    const sockets: WebSocket[] = [];
    const join = async (name: string, agent: string, client: number, board: string) => {
      const token = await tokenOf(secret, { subject: name, board: board.replace(/#1$/, "") });
      return connect(relay.address, { token, agent, client, board, sockets });
    };
    const peers = [
      await join("ada", ADA, ADA_CLIENT, BOARD),
      await join("bea", BEA, BEA_CLIENT, BOARD),
      await join("cy", "cy~0d1e2f3g", 103, OTHER_BOARD),
    ];
    const scene = new Scene(relay, secret, sockets, peers);
    for (const peer of peers) {
      peer.write();
      await peer.sync();
    }
    await until(() => scene.ada.countOf(BEA) === 1 && scene.bea.countOf(ADA) === 1);
    scene.#stateOfCy = await scene.cy.state();
    scene.#heardByCy = scene.cy.messages.length;
    return scene;
  }

  /** A token of this relay, by default Mal's, who may write on the board under attack. */
  token(changes: Partial<TokenOptions> = {}): Promise<string> {
    return tokenOf(this.#key, { subject: "mal", board: "docs", ...changes });
  }

  /** Connects an attacker that has said hello and is synced; `isSilent` leaves all that to it. */
  async attack(
    options: {
      readonly token?: string;
      readonly board?: string;
      readonly client?: number;
      readonly agent?: string;
      readonly isSilent?: boolean;
    } = {},
  ): Promise<Peer> {
    const {
      token = await this.token(),
      board = BOARD,
      client = MAL_CLIENT,
      agent = MAL,
      isSilent = false,
    } = options;
    const sockets = this.#sockets;
    return connect(this.relay.address, { token, board, client, agent, isSilent, sockets });
  }

  /** Has something ended with the scene. */
  keep(socket: WebSocket): WebSocket {
    this.#sockets.push(socket);
    return socket;
  }

  /**
   * What must hold after any attack: the honest pair still exchanges records, and the other board has heard nothing.
   *
   * @throws Error when it does not
   */
  async prove(): Promise<void> {
    const { ada, bea, cy } = this;
    const [before, after] = [bea.countOf(ADA), ada.countOf(BEA)];
    ada.write();
    bea.write();
    await Promise.all([ada.sync(), bea.sync()]);
    await until(() => bea.countOf(ADA) === before + 1 && ada.countOf(BEA) === after + 1);
    const heard = cy.messages.slice(this.#heardByCy).filter((message) => message.length > 2);
    if (heard.length > 0) throw new Error(`the other board was sent ${heard.length} messages`);
    const state = await cy.state();
    if (Buffer.compare(state, this.#stateOfCy) !== 0) throw new Error("the other board changed");
    this.#heardByCy = cy.messages.length;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.terminate();
    await this.relay.close();
  }
}

interface ConnectOptions {
  readonly token: string;
  readonly board: string;
  readonly agent: string;
  readonly client: number;
  readonly isSilent?: boolean;
  readonly sockets: WebSocket[];
}

async function connect(address: string, options: ConnectOptions): Promise<Peer> {
  const { token, board, agent, client, isSilent = false, sockets } = options;
  const socket = new WebSocket(`${address}/${encodeURIComponent(board)}?token=${token}`);
  sockets.push(socket);
  const peer = new Peer(socket, agent, client);
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  if (isSilent) return peer;
  peer.send(helloOf(board));
  await peer.state();
  return peer;
}

function tokenOf(
  secret: string,
  { subject, board, ...changes }: Pick<TokenOptions, "subject" | "board"> & Partial<TokenOptions>,
): Promise<string> {
  const expiresAt = Date.now() + 3_600_000;
  return createToken(parseKey(secret), { subject, board, role: "write", expiresAt, ...changes });
}
