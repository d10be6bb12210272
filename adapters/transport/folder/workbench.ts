/** The workbench of the folder's tests: a folder of its own, replicas on it, and bounded waiting. */
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Clock, systemClock, systemRandom } from "../../../lib/index.ts";
import { type ContractReplica, createContractReplica } from "../../contract/transport/replica.ts";
import { decodeFrame, decodeHeader, encodeFrame, encodeHeader } from "../../storage/frame.ts";
import { createFolderTransport } from "../folder.ts";

/** What a test of the folder works with. */
export interface FolderBench {
  /** The folder handed to the transport. */
  readonly root: string;
  /** The folder of the board `docs#1` in it. */
  readonly board: string;
  createReplica(options?: { readonly rule?: string; readonly clock?: Clock }): ContractReplica;
  /** Makes a replica, connects it, and waits until it is synced. */
  join(options?: { readonly rule?: string; readonly clock?: Clock }): Promise<ContractReplica>;
  /** Lists the board's folder; empty where there is none. */
  list(): Promise<readonly string[]>;
  /** Reads the updates in the one log of the board's folder. */
  readOnlyLog(): Promise<readonly Uint8Array[]>;
  close(): Promise<void>;
}

/** Makes the workbench of one test. */
export async function createFolderBench(): Promise<FolderBench> {
  const root = await mkdtemp(join(tmpdir(), "stigmergy-folder-"));
  const board = join(root, "docs%231");
  const replicas: ContractReplica[] = [];

  const createReplica: FolderBench["createReplica"] = (options = {}) => {
    const { rule = "earliest@1", clock = systemClock } = options;
    const createTransport = () => createFolderTransport({ directory: root, pollMs: 20 });
    const harness = { clock, random: systemRandom, createTransport };
    const name = `replica-${replicas.length + 1}`;
    const replica = createContractReplica(harness, { name, board: "docs#1", rule });
    replicas.push(replica);
    return replica;
  };

  const list = (): Promise<readonly string[]> => readdir(board).catch(() => []);

  return {
    root,
    board,
    createReplica,
    async join(options) {
      const replica = createReplica(options);
      const connection = replica.connect();
      await until(() => connection.status === "synced");
      return replica;
    },
    list,
    async readOnlyLog() {
      const logs = (await list()).filter((name) => name.endsWith(".log"));
      if (logs.length !== 1) {
        throw new Error(`there are ${logs.length} logs, not one`);
      }
      return readLog(await readFile(join(board, `${logs[0]}`)));
    },
    async close() {
      await Promise.all(
        replicas.flatMap(({ connections }) => connections.map((each) => each.close())),
      );
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** The bytes of a log as another replica would write it, header first, then one frame per update. */
export async function forgeLog(
  bench: FolderBench,
  updates: readonly Uint8Array[],
  changes: { readonly board?: string; readonly rule?: string } = {},
): Promise<{
  readonly path: string;
  readonly pieces: readonly Uint8Array[];
  readonly seed: number;
}> {
  const id = Buffer.from(systemRandom(16)).toString("hex");
  const { bytes, seed } = encodeHeader({ id, board: "docs#1", rule: "earliest@1", ...changes });
  await mkdir(bench.board, { recursive: true });
  const pieces = [bytes, ...updates.map((update) => encodeFrame([update], seed))];
  return { path: join(bench.board, `${id}.log`), pieces, seed };
}

/** Waits until the condition holds, at most five seconds. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let waited = 0; !(await condition()); waited += 5) {
    if (waited > 5000) {
      throw new Error(`it has not come true within 5 s that ${condition}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function readLog(bytes: Uint8Array): Uint8Array[] {
  const reading = decodeHeader(bytes);
  if (reading.kind !== "header") {
    throw new Error(`the log's header is ${reading.kind}`);
  }
  const updates: Uint8Array[] = [];
  for (let at = reading.sizeBytes; at < bytes.length; ) {
    const frame = decodeFrame(bytes, at, reading.seed);
    if (frame.kind !== "frame") {
      throw new Error(`the frame at ${at} is ${frame.kind}`);
    }
    updates.push(...frame.updates);
    at += frame.sizeBytes;
  }
  return updates;
}
