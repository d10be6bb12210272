/** What the relay answers over plain HTTP: how it is, what it has counted, and that boards are reached by WebSocket. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Access } from "../access/access.ts";
import type { Denial } from "../access/denial.ts";
import type { CheckOrigin } from "../access/origin.ts";
import type { RelayGauges, RelayMetrics } from "./metrics.ts";

/** What the answers are made from. */
export interface HttpOptions {
  readonly access: Access;
  readonly checkOrigin: CheckOrigin;
  readonly metrics: RelayMetrics;
  readonly gauges: RelayGauges;
}

/** Answers a request that is no upgrade; to be given to `node:http` as its listener. */
export type HttpHandler = (request: IncomingMessage, response: ServerResponse) => void;

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const PLAIN = "text/plain; charset=utf-8";

/** Makes the handler; it never throws. */
export function createHttpHandler(options: HttpOptions): HttpHandler {
  return (request, response) => {
    request.resume(); // whatever else it says is not read
    answer(request, options)
      .catch((): Answer => ({ status: 500, text: "the relay could not answer; see its log\n" }))
      .then((made) => send(request, response, made))
      .catch(() => response.destroy());
  };
}

async function answer(request: IncomingMessage, options: HttpOptions): Promise<Answer> {
  const stranger = options.checkOrigin(request);
  if (stranger !== null) {
    options.metrics.denied(stranger.reason);
    return refusal(403, stranger);
  }
  if (request.method !== "GET" && request.method !== "HEAD")
    return { status: 405, text: "use GET or HEAD\n", headers: { Allow: "GET, HEAD" } };
  const [path] = (request.url ?? "").split("?");
  if (path === "/health") return health(options.gauges);
  if (path === "/metrics") return metrics(request, options);
  if (path === "/") return { status: 404, text: "a board is reached by WebSocket at /<board>\n" };
  return {
    status: 426,
    text: "boards are reached by WebSocket only\n",
    headers: { Upgrade: "websocket", Connection: "Upgrade" },
  };
}

function health(gauges: RelayGauges): Answer {
  const readOnlyBoards = gauges.readOnlyBoards();
  const isWell = readOnlyBoards === 0;
  const body = {
    status: isWell ? "ok" : "degraded",
    connections: gauges.connections(),
    boards: gauges.boards(),
    agents: gauges.agents(),
    memoryBytes: gauges.memoryBytes(),
    readOnlyBoards,
  };
  const text = `${JSON.stringify(body)}\n`;
  return { status: isWell ? 200 : 503, text, type: "application/json" };
}

async function metrics(request: IncomingMessage, options: HttpOptions): Promise<Answer> {
  const denial = await options.access.judgeOperator(request);
  if (denial === null) {
    const text = await options.metrics.text();
    return { status: 200, text, type: options.metrics.contentType };
  }
  options.metrics.denied(denial.reason);
  return denial.closeCode === 4401
    ? { ...refusal(401, denial), headers: { "WWW-Authenticate": 'Bearer realm="stigmergy"' } }
    : refusal(403, denial);
}

function refusal(status: number, { message }: Denial): Answer {
  return { status, text: `${message}\n` };
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, text, type = PLAIN, headers = {} }: Answer,
): void {
  const isBodyLeft = request.method !== "GET" && request.method !== "HEAD";
  response.writeHead(status, {
    "Content-Type": type,
    "Content-Length": Buffer.byteLength(text),
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    ...(isBodyLeft ? { Connection: "close" } : {}),
    ...headers,
  });
  response.end(request.method === "HEAD" ? undefined : text);
}
