/** Serves one page, the live board, to browsers on this machine, and nothing else to anybody. */
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { CliFault, exitCode } from "../fault.ts";
import { faultOfListening } from "../relay/start-relay.ts";

/** A page that is served. */
export interface PageServer {
  /** Where it is, such as `http://127.0.0.1:40321/`. */
  readonly address: string;
  close(): Promise<void>;
}

const HOST = "127.0.0.1";

/** Seen from where the build puts this file. */
const PAGE = new URL("../../../../demos/dist/board.html", import.meta.url);

/** The page says itself what its scripts may do; what only a header can say is said here. */
const HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": "frame-ancestors 'none'",
  "cache-control": "no-store",
  "cross-origin-opener-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/**
 * Starts to serve the page; port 0 takes a free one.
 *
 * @throws CliFault `PAGE_MISSING` when it was not built, `USAGE` when the port is taken
 */
export async function servePage(port: number): Promise<PageServer> {
  const page = await readPage();
  const server = createServer((request, response) => answer(request, response, page));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, HOST, resolve);
  }).catch((error: NodeJS.ErrnoException) => {
    throw faultOfListening(error, `${HOST}:${port}`, "the page", "--page-port");
  });
  return {
    address: `http://${HOST}:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(
  { method = "", url, headers, socket }: IncomingMessage,
  response: ServerResponse,
  page: Buffer,
): void {
  const { localPort } = socket;
  const names = [HOST, "localhost"].map((name) => `${name}:${localPort}`);
  if (localPort === 80) names.push(HOST, "localhost");
  // against a name of somebody else's that was made to point here
  if (!names.includes(headers.host ?? "")) response.writeHead(403).end();
  else if (method !== "GET" && method !== "HEAD")
    response.writeHead(405, { allow: "GET, HEAD" }).end();
  else if (url !== "/") response.writeHead(404).end();
  else
    response
      .writeHead(200, { ...HEADERS, "content-length": page.length })
      .end(method === "HEAD" ? undefined : page);
}

async function readPage(): Promise<Buffer> {
  try {
    return await readFile(PAGE);
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new CliFault(
      "PAGE_MISSING",
      exitCode.notFound,
      `the page ${fileURLToPath(PAGE)} cannot be read (${cause}); install stigmergy anew, or in its repository run \`npm run build\``,
      error,
    );
  }
}
