/** Sockets: the right class of them for this platform, what goes through them, and their end. */
import type { Socket } from "node:net";
import { isNode } from "lib0/environment";
import type { Clock } from "../../../lib/index.ts";
import { MAX_MESSAGE_BYTES } from "../wire/message.ts";

/** A constructor of sockets as browsers have it. */
export type SocketClass = typeof globalThis.WebSocket;

const CLOSING_MS = 2_000;

/** Gives the platform's class of sockets: `ws` in Node, whose own one is missing or slow; else the global one. */
export async function loadSocketClass(): Promise<SocketClass> {
  return isNode ? loadNodeSocketClass() : globalThis.WebSocket;
}

/** Makes a class of sockets that tells how many bytes it was asked to send. */
export function createCountingClass(
  base: SocketClass,
  onSend: (sizeBytes: number) => void,
): SocketClass {
  return class extends base {
    override send(data: string | ArrayBufferLike | Blob | ArrayBufferView<ArrayBufferLike>): void {
      onSend((data as Uint8Array).byteLength); // y-websocket and this transport send nothing else
      super.send(data as Uint8Array<ArrayBuffer>);
    }
  };
}

/** Closes a socket after what it still has to send, and waits for that, but not for long. */
export function closeSocket(socket: WebSocket, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.schedule(CLOSING_MS, () => {
      (socket as { terminate?: () => void }).terminate?.(); // `ws` would wait for 30 s
      resolve();
    });
    const end = () => {
      cancel();
      resolve();
    };
    socket.addEventListener("close", end, { once: true });
    if (socket.readyState === socket.CLOSED) {
      end();
    }
    socket.close();
  });
}

/**
 * Sockets of `ws` that write what is sent in one tick at once: a claim and its marker are one system call, and arrive as
 * one. Bundlers for browsers replace `ws` by an empty stand-in, as its package.json tells them; it is never loaded there.
 */
async function loadNodeSocketClass(): Promise<SocketClass> {
  const { WebSocket } = await import("ws");
  const nodeClass = class extends WebSocket {
    #wire: Socket | undefined;

    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols, { perMessageDeflate: false, maxPayload: MAX_MESSAGE_BYTES });
      this.once("upgrade", ({ socket }) => {
        this.#wire = socket;
      });
    }

    override send(data: Uint8Array): void {
      const wire = this.#wire;
      if (wire?.writableCorked === 0) {
        wire.cork();
        process.nextTick(() => wire.uncork());
      }
      super.send(data);
    }
  };
  return nodeClass as unknown as SocketClass;
}
