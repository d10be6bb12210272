/** Streamable HTTP on loopback: every client of the address acts as the one agent of this process. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  localhostHostValidation,
  localhostOriginValidation,
  toNodeHandler,
} from "@modelcontextprotocol/node";
import { createMcpHandler, type McpServerFactory } from "@modelcontextprotocol/server";
import { WATCHED } from "./resources.ts";
import type { Seat } from "./seat.ts";

/** How to serve. */
export interface HttpOptions {
  readonly servers: McpServerFactory;
  readonly seat: Seat;
  /** An address of this machine's loopback. */
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** After so long without a request the clients are taken for dead, and what the agent holds is given back. */
  readonly silenceMs: number;
  readonly onFault: (error: Error) => void;
}

/** A server that listens. */
export interface HttpService {
  /** `http://host:port/mcp`. */
  readonly address: string;
  close(): Promise<void>;
}

const PATH = "/mcp";

/** Starts to listen. */
export async function serveHttp(options: HttpOptions): Promise<HttpService> {
  const { servers, seat, host, port, silenceMs, onFault } = options;
  const handler = createMcpHandler(servers, { onerror: onFault });
  const handle = toNodeHandler(handler, { onerror: onFault });
  const isHostAllowed = localhostHostValidation();
  const isOriginAllowed = localhostOriginValidation();
  const silence = createSilence(silenceMs, () => {
    seat.letGo("its client fell silent").catch(onFault);
  });
  const stopTelling = seat.watch(() => {
    for (const uri of WATCHED) handler.notify.resourceUpdated(uri);
  });
  const server = createServer((request, response) => {
    if (!isHostAllowed(request, response) || !isOriginAllowed(request, response)) return;
    const [path] = (request.url ?? "").split("?"); // not every target of a request is a URL
    if (path !== PATH) {
      response.writeHead(404).end();
      return;
    }
    silence.begin();
    response.once("close", silence.end);
    void handle(request as Parameters<typeof handle>[0], response); // its method is there in a server
  });
  await listen(server, host, port);
  const { port: bound } = server.address() as AddressInfo;
  const name = host.includes(":") ? `[${host}]` : host;
  return {
    address: `http://${name}:${bound}${PATH}`,
    async close() {
      silence.stop();
      stopTelling();
      await handler.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Tells when for `silenceMs` no request has been under way. */
function createSilence(
  silenceMs: number,
  onSilence: () => void,
): { begin(): void; end(): void; stop(): void } {
  let underWay = 0;
  let timer: NodeJS.Timeout | undefined;
  return {
    begin() {
      underWay++;
      clearTimeout(timer);
    },
    end() {
      if (--underWay === 0) timer = setTimeout(onSilence, silenceMs);
    },
    stop: () => clearTimeout(timer),
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, () => {
      server.off("error", reject);
      resolve();
    });
  });
}
