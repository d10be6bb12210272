/**
 * Bundles `lib` with immer as an application for browsers would, without Yjs and its lib0; `npm run size` weighs it: all
 * of it, and what is left for an application that only opens boards.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { minify } from "@swc/core";
import { build } from "esbuild";

const ENTRIES = { lib: "*", "open-board": "{ openBoard }" };

mkdirSync(".cache", { recursive: true });
for (const [name, names] of Object.entries(ENTRIES)) {
  const { outputFiles } = await build({
    stdin: { contents: `export ${names} from "./dist/lib/index.js";`, resolveDir: "." },
    bundle: true,
    write: false,
    format: "esm",
    platform: "browser",
    external: ["yjs", "lib0/*"],
    define: { "process.env.NODE_ENV": '"production"' },
  });
  const { code } = await minify(outputFiles[0]?.text ?? "", {
    module: true,
    compress: { passes: 3, toplevel: true },
    mangle: { toplevel: true },
  });
  writeFileSync(`.cache/${name}.min.js`, code);
}
