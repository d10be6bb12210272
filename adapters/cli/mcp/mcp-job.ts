/** `stigmergy mcp`: one process, one replica, one agent, whose hands are the tools that an MCP client calls. */
import { StdioServerTransport, serveStdio } from "@modelcontextprotocol/server/stdio";
import { CoordinationError } from "../../../lib/index.ts";
import { createSeat, type Seat } from "../../mcp/seat.ts";
import { createMcpServers } from "../../mcp/server.ts";
import { faultOf as toolFaultOf } from "../../tools/fault.ts";
import type { ToolFault } from "../../tools/index.ts";
import { chooseMedium, type MediumOptions, requireFolder } from "../board/medium.ts";
import { openSynced } from "../board/open-board.ts";
import { CliFault, type ExitCode, exitCode, faultOf, usageFault } from "../fault.ts";
import { type Interruption, listenForInterruption } from "../interruption.ts";
import type { Output } from "../output/output.ts";
import { findProjectPlace, makeFolderPlace } from "../project/project-place.ts";
import type { McpFlags } from "./mcp-options.ts";

/** A relay that lost its memory waits for so long at least. */
const USUAL_LEASE_MS = 30_000;
/** How long an agent that leaves waits until the others can know. */
const FAREWELL_MS = 3000;

/** Serves until the client is gone, or a signal comes. */
export async function mcpJob(flags: McpFlags, output: Output, version: string): Promise<ExitCode> {
  const interruption = listenForInterruption();
  const seat = await prepareSeat(flags, output);
  const servers = createMcpServers({ seat, version, explain });
  try {
    if (flags.http === undefined) await serveOnStdio(servers, output, interruption);
    else await serveOnHttp({ ...flags, http: flags.http }, { seat, servers, output, interruption });
  } finally {
    await seat.close();
  }
  return exitCode.ok;
}

/** Checks what can be checked before anybody calls; the board itself is opened behind the handshake. */
async function prepareSeat(flags: McpFlags, output: Output): Promise<Seat> {
  const place = await placeOf(flags);
  const choose = (): ReturnType<typeof chooseMedium> =>
    chooseMedium(place, Math.max(flags.leaseMs, USUAL_LEASE_MS));
  requireFolder(choose());
  return createSeat({
    farewellMs: FAREWELL_MS,
    async open(client, signal) {
      const medium = choose();
      const board = await openSynced(medium, {
        syncTimeoutMs: flags.syncTimeoutMs,
        signal,
        ...(place.rule === undefined ? {} : { rule: place.rule }),
        onFault: (fault) => output.talk(faultOf(fault).message),
      });
      try {
        const name = flags.name ?? medium.subject ?? nameOfClient(client);
        const { can: capabilities, leaseMs } = flags;
        return { board, agent: await board.join({ name, capabilities, leaseMs }) };
      } catch (error) {
        await board.close();
        throw error;
      }
    },
  });
}

/** The place that the options name, else the project's, else a folder that is made here: there is nothing to start. */
async function placeOf(flags: McpFlags): Promise<MediumOptions & { readonly rule?: string }> {
  const { relay, folder, tokenFile, rule } = flags;
  const named = rule === undefined ? {} : { rule };
  if (relay !== undefined || folder !== undefined)
    return {
      ...named,
      ...(relay === undefined ? {} : { relay }),
      ...(folder === undefined ? {} : { folder }),
      ...(tokenFile === undefined ? {} : { tokenFile }),
    };
  const { file: _, ...place } =
    findProjectPlace(process.cwd()) ?? (await makeFolderPlace(process.cwd()));
  return { ...place, ...named, ...(tokenFile === undefined ? {} : { tokenFile }) };
}

/** Like `Claude Code`: made to fit an agent's name. */
function nameOfClient(client: string | undefined): string {
  const name = (client ?? "").normalize("NFC").slice(0, 28).toWellFormed(); // the cut may halve a letter
  return name.replace(/[^\p{L}\p{N}._-]+/gu, "-").replace(/^-+|-+$/gu, "") || "agent";
}

async function serveOnStdio(
  servers: Parameters<typeof serveStdio>[0],
  output: Output,
  { signal }: Interruption,
): Promise<void> {
  const transport = new StdioServerTransport();
  const service = serveStdio(servers, {
    transport,
    onerror: (error) => output.talk(`MCP: ${error.message}`),
  });
  await new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => resolve());
    if (signal.aborted) resolve();
    const { onclose } = transport; // stdin has ended, stdout is gone, or a message was too long
    transport.onclose = () => {
      onclose?.();
      resolve();
    };
  });
  await service.close();
}

async function serveOnHttp(
  { http: { host, port }, silenceMs }: McpFlags & { readonly http: NonNullable<McpFlags["http"]> },
  parts: {
    readonly seat: Seat;
    readonly servers: Parameters<typeof serveStdio>[0];
    readonly output: Output;
    readonly interruption: Interruption;
  },
): Promise<void> {
  const { seat, servers, output, interruption } = parts;
  const { serveHttp } = await import("../../mcp/http.ts");
  const onFault = (error: Error): void => output.talk(`MCP: ${error.message}`);
  const service = await serveHttp({ servers, seat, host, port, silenceMs, onFault }).catch(
    (error: unknown) => {
      const cause = error instanceof Error ? error.message : String(error);
      throw usageFault(`cannot listen at ${host}:${port} (${cause}); choose another --http`);
    },
  );
  output.data({ address: service.address }, () => service.address);
  output.talk("serving; every client of this address acts as this one agent");
  if (!interruption.signal.aborted)
    await new Promise<void>((resolve) => {
      interruption.signal.addEventListener("abort", () => resolve());
    });
  await service.close();
}

/** Says in our words why there is no board; what others wrote never gets into it. */
function explain(error: unknown): ToolFault {
  if (!(error instanceof CliFault)) return toolFaultOf(error);
  const isTold = error.cause instanceof CoordinationError && error.code !== "CANNOT_SYNC";
  if (isTold) return toolFaultOf(error.cause);
  const [cause = "", ...remedy] = error.message.split("; ");
  return {
    code: error.code,
    cause,
    remedy: remedy.join("; ") || "check the board's place, then call again",
  };
}
