/** Imports the example tests of some folders into one file of jest. */
import { readdirSync } from "node:fs";

const ROOT = new URL("../../", import.meta.url);

/** These run the code elsewhere, without its mutants: in other processes, and in a browser. */
const ELSEWHERE = new Set(["crash.test.ts", "stored-boards-written.test.ts", "indexeddb.test.ts"]);

/** Imports every test below the folders, in the order of their names. */
export async function importTests(folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    const names = readdirSync(new URL(folder, ROOT), { recursive: true, encoding: "utf8" });
    for (const name of names.sort())
      if (name.endsWith(".test.ts") && !ELSEWHERE.has(name))
        await import(new URL(folder + name, ROOT).href);
  }
}
