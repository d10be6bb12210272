/** The relay's door: who may open a WebSocket here, and as what; all of it before a byte of any board is told. */
import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { type ServerOptions, type WebSocket, WebSocketServer } from "ws";
import { closeCode, MAX_NAME_LENGTH } from "../wire/message.ts";
import type { Access } from "./access/access.ts";
import { isDenial } from "./access/denial.ts";
import type { Grant } from "./access/grant.ts";
import type { CheckOrigin } from "./access/origin.ts";
import { chooseProtocol } from "./access/subprotocol.ts";
import { LEDGER_BOARD } from "./ledger.ts";
import { type RelayLimits, Tally } from "./limits.ts";

/** Somebody who was let in. */
export interface Guest {
  readonly socket: WebSocket;
  /** The board's name as the path has it. */
  readonly board: string;
  readonly grant: Grant;
  /** Bytes that came over the wire, of messages that are not complete yet, too. */
  bytesRead(): number;
}

/** What a door is made of. */
export interface DoorOptions {
  readonly server: Server;
  readonly access: Access;
  readonly checkOrigin: CheckOrigin;
  readonly limits: RelayLimits;
  readonly onGuest: (guest: Guest) => void;
  /** Hears of everybody who was not let in, and why, in words of the relay's own. */
  readonly onDenial: (reason: string) => void;
}

const FAREWELL_MS = 5_000;

/** A token is for every generation of its board, each of which is kept as a file: so they are 1 to 999. */
const IMPLAUSIBLE_GENERATION = /#(?:0[0-9]*|[0-9]{4,})$/u;

/** Opens the door. */
export function openDoor(options: DoorOptions): void {
  const { server, limits } = options;
  const settings: ServerOptions & { readonly closeTimeout: number } = {
    noServer: true,
    perMessageDeflate: false,
    clientTracking: false,
    maxPayload: limits.messageBytes,
    handleProtocols: chooseProtocol,
    closeTimeout: FAREWELL_MS, // who was turned away keeps a place that long at most
  };
  const sockets = new WebSocketServer(settings);
  const addresses = new Tally();
  const subjects = new Tally();
  let open = 0;

  server.on("upgrade", (request: IncomingMessage, wire: Duplex, head: Buffer) => {
    wire.on("error", () => {}); // "close" follows
    const stranger = options.checkOrigin(request);
    if (stranger !== null) return refuse(wire, "403 Forbidden", stranger.reason);
    const address = request.socket.remoteAddress ?? "";
    if (open >= limits.connections || !addresses.enter(address, limits.connectionsPerAddress))
      return refuse(wire, "503 Service Unavailable", "too-many-connections");
    open++;
    wire.once("close", () => {
      open--;
      addresses.leave(address);
    });
    sockets.handleUpgrade(request, wire, head, (socket) => void admit(socket, request));
  });

  const refuse = (wire: Duplex, status: string, reason: string): void => {
    options.onDenial(reason);
    wire.once("finish", () => wire.destroy()); // the other side might never end it
    wire.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  };

  /** Nothing is read until it is known who is there; who may not come in learns it by a code that browsers can see. */
  const admit = async (socket: WebSocket, request: IncomingMessage): Promise<void> => {
    socket.on("error", () => {}); // "close" follows
    socket.pause();
    const turnAway = (code: number, reason: string, message: string): void => {
      options.onDenial(reason);
      socket.close(code, message);
      socket.resume();
    };
    const board = boardOfPath(request.url ?? "");
    if (board === undefined)
      return turnAway(closeCode.undecodable, "no-board", "the path names no board");
    const grant = await options.access.judge(request, board);
    if (socket.readyState !== socket.OPEN) return; // gone meanwhile, and no close will follow
    if (isDenial(grant)) return turnAway(grant.closeCode, grant.reason, grant.message);
    const { subject, quotas } = grant;
    if (subject !== null) {
      const bearer = `${grant.board}/${subject}`;
      const most = Math.min(quotas.connections ?? limits.connections, limits.connectionsPerSubject);
      if (!subjects.enter(bearer, most))
        return turnAway(closeCode.tryLater, "too-many-connections", "too many of this token's");
      socket.once("close", () => subjects.leave(bearer));
    }
    options.onGuest({ socket, board, grant, bytesRead: () => request.socket.bytesRead });
  };
}

/** Reads the board's name from the path; undefined for a name that no board should have. */
function boardOfPath(url: string): string | undefined {
  const [path = ""] = url.slice(1).split("?");
  try {
    const name = decodeURIComponent(path);
    const isPlausible = name.length > 0 && name.length <= MAX_NAME_LENGTH && !/\p{Cc}/u.test(name);
    const isKept = name !== LEDGER_BOARD && !IMPLAUSIBLE_GENERATION.test(name);
    return isPlausible && isKept ? name : undefined;
  } catch {
    return undefined; // not percent-encoded text
  }
}
