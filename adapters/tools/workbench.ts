/** Agents with their tools on one board of a memory network, for tests. */
import { type Agent, type Board, openBoard } from "../../lib/index.ts";
import { createMemoryNetwork, type MemoryNetwork } from "../transport/memory.ts";
import type { ToolAnswer, ToolCall } from "./tool.ts";
import { createTools } from "./tool-kit.ts";

/** One agent and its tools. */
export interface Caller {
  readonly board: Board;
  readonly agent: Agent;
  /** Calls a tool by its name. */
  call(tool: string, input?: unknown, call?: ToolCall): Promise<ToolAnswer>;
  /** Calls a tool that must have an effect. */
  must(tool: string, input?: unknown): Promise<ToolAnswer>;
}

/** A board where agents come in. */
export interface Scene {
  readonly network: MemoryNetwork;
  enter(name: string, more?: { readonly can?: readonly string[] }): Promise<Caller>;
  /** Waits until every caller knows what every other has written. */
  meet(): Promise<void>;
  close(): Promise<void>;
}

/** Makes an empty board around a relay, or without one. */
export function createScene(topology: "relay" | "mesh" = "relay"): Scene {
  const network = createMemoryNetwork({ topology });
  const callers: Caller[] = [];
  const closers: (() => Promise<void> | void)[] = [];
  return {
    network,
    async enter(name, { can = [] } = {}) {
      const board = await openBoard({ board: "docs", transport: network.createTransport(name) });
      await board.sync();
      const agent = await board.join({ name, capabilities: can, leaseMs: 2000 });
      const kit = createTools({ board, agent });
      closers.push(kit.close, () => board.close());
      const call: Caller["call"] = (tool, input = {}, options = {}) => {
        const found = kit.tools.find((one) => one.name === tool);
        if (found === undefined) throw new Error(`there is no tool ${tool}`);
        return found.run(input, options);
      };
      const caller: Caller = {
        board,
        agent,
        call,
        async must(tool, input) {
          const answer = await call(tool, input);
          if (answer.error !== undefined) throw new Error(JSON.stringify(answer.error));
          return answer;
        },
      };
      callers.push(caller);
      return caller;
    },
    async meet() {
      for (let round = 0; round < 2; round++)
        await Promise.all(callers.map(({ board }) => board.sync()));
    },
    async close() {
      for (const close of closers) await close();
    },
  };
}
