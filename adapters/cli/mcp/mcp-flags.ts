/** `stigmergy mcp` as commander reads it. */
import { type Command, InvalidArgumentError } from "commander";
import type { CommandParts } from "../command-form.ts";
import { agentName, MAX_MS, option, tagList, whole, withBoard } from "../flags.ts";
import type { HttpPlace, McpFlags } from "./mcp-options.ts";

/** Adds the command. */
export function addMcpCommand({ command, output, done }: CommandParts, version: string): void {
  withMcp(command("mcp", "serve the board's tools to an MCP client, as one agent")).action(
    async (flags: McpFlags & { readonly http?: HttpPlace | true }) => {
      const { mcpJob } = await import("./mcp-job.ts");
      const { http, ...rest } = flags;
      const place = http === true ? ANYWHERE : http;
      done(await mcpJob(place === undefined ? rest : { ...rest, http: place }, output, version));
    },
  );
}

const ANYWHERE: HttpPlace = { host: "127.0.0.1", port: 0 };

function withMcp(command: Command): Command {
  return withBoard(command)
    .addOption(option("--name <name>", "the agent's name; the client's by default", agentName))
    .addOption(option<readonly string[]>("--can <tags>", "its capabilities, a,b,c", tagList, []))
    .addOption(
      option(
        "--lease-ms <n>",
        "its tasks are taken over so long after its death",
        whole(500, 86_400_000),
        30_000,
      ),
    )
    .addOption(
      option("--http [host:port]", "serve Streamable HTTP on loopback, not stdio", httpPlace),
    )
    .addOption(
      option(
        "--silence-ms <n>",
        "over HTTP: give its tasks back so long after the last request",
        whole(500, MAX_MS),
        600_000,
      ),
    );
}

/** The names of this machine that the guard of Host lets in. */
const PLACE = /^(?:(127\.0\.0\.1|localhost|\[::1\]):)?(\d{1,5})$/u;

function httpPlace(text: string): HttpPlace {
  const [, host = ANYWHERE.host, port] = PLACE.exec(text) ?? [];
  if (port !== undefined && Number(port) <= 65_535)
    return { host: host.replace(/[[\]]/gu, ""), port: Number(port) };
  throw new InvalidArgumentError(
    "Use a port, or a loopback address such as 127.0.0.1:8123; to be reached from elsewhere put a proxy that checks who calls before it.",
  );
}
