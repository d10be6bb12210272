/** Bundles `lib` with immer as an application for browsers would, without Yjs and its lib0; `npm run size` weighs it. */
import { mkdirSync, writeFileSync } from "node:fs";
import { minify } from "@swc/core";
import { build } from "esbuild";

const { outputFiles } = await build({
  entryPoints: ["dist/lib/index.js"],
  bundle: true,
  write: false,
  format: "esm",
  platform: "browser",
  external: ["yjs", "lib0/*"],
  define: { "process.env.NODE_ENV": '"production"' },
});
const bundle = outputFiles[0]?.text ?? "";
const { code } = await minify(bundle, {
  module: true,
  compress: { passes: 3, toplevel: true },
  mangle: { toplevel: true },
});
mkdirSync(".cache", { recursive: true });
writeFileSync(".cache/lib.min.js", code);
