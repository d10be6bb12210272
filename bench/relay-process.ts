/** A relay in a process of its own, as users run it; started as the command line starts it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** A relay's process. */
export interface RelayProcess extends AsyncDisposable {
  readonly address: string;
}

/** Starts `stigmergy relay` and waits for its address. */
export async function startRelay(more: readonly string[] = []): Promise<RelayProcess> {
  const program = fileURLToPath(new URL("../adapters/cli/main.js", import.meta.url));
  const child = spawn(process.execPath, [program, "relay", "--open", ...more], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  return {
    address: line.toString().trim(),
    async [Symbol.asyncDispose]() {
      const exit = once(child, "exit");
      child.kill();
      await exit;
    },
  };
}
