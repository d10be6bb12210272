/** Both pages: served by `npm run demos`, and each built to one file that opens from disk by `build-pages.js`. */
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { viteSingleFile } from "vite-plugin-singlefile";

/**
 * What a page's policy lets run as built is the script that was put into it, by its hash, and no other.
 *
 * @type {import("vite").Plugin}
 */
const hashedScripts = {
  name: "hashed-scripts",
  enforce: "post",
  generateBundle: {
    order: "post", // once the script is in the page
    handler(_, bundle) {
      for (const file of Object.values(bundle)) {
        if (file.type !== "asset" || !file.fileName.endsWith(".html")) continue;
        const page = String(file.source);
        const hashes = [...page.matchAll(/<script[^>]*>(.*?)<\/script>/gsu)].map(
          ([, script]) => `'sha256-${createHash("sha256").update(script).digest("base64")}'`,
        );
        file.source = page.replace(
          "script-src 'self' 'unsafe-inline'",
          () => `script-src ${hashes.join(" ")}`,
        );
      }
    },
  },
};

/** @type {import("vite").UserConfig} */
export default {
  root: fileURLToPath(new URL(".", import.meta.url)),
  resolve: {
    alias: { react: "preact/compat" }, // for the hooks, which are React's
    dedupe: ["yjs", "lib0"],
  },
  plugins: [viteSingleFile({ removeViteModuleLoader: true }), hashedScripts],
  server: { host: "127.0.0.1", open: "/race.html" },
  build: {
    target: "es2023",
    modulePreload: false,
    reportCompressedSize: false,
    rollupOptions: {
      onLog(level, log, tell) {
        // the kit's suites for stores need Node; no page uses them, and nothing of them is left in it
        if (!/Module "node:.*" has been externalized/u.test(log.message)) tell(level, log);
      },
    },
  },
};
