/** Lets a test's child process import this package's sources: `node --import <this file> child.mjs`. */
import { readFile } from "node:fs/promises";
import { register } from "node:module";
import { fileURLToPath } from "node:url";
import { isMainThread } from "node:worker_threads";
import { transform } from "@swc/core";

if (isMainThread) {
  register(import.meta.url);
}

/** Node's hook: turns a TypeScript file into a module by dropping its types. */
export async function load(url, context, nextLoad) {
  if (!url.endsWith(".ts")) {
    return nextLoad(url, context);
  }
  const { code } = await transform(await readFile(fileURLToPath(url), "utf8"), {
    configFile: false,
    swcrc: false,
    jsc: {
      target: "es2023",
      parser: { syntax: "typescript" },
      transform: { verbatimModuleSyntax: true },
    },
  });
  return { format: "module", source: code, shortCircuit: true };
}
