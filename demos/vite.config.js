/** Both pages: served by `npm run demos`, and each built to one file that opens from disk by `build-pages.js`. */
import { fileURLToPath } from "node:url";
import { viteSingleFile } from "vite-plugin-singlefile";

/** @type {import("vite").UserConfig} */
export default {
  root: fileURLToPath(new URL(".", import.meta.url)),
  resolve: {
    alias: { react: "preact/compat" }, // for the hooks, which are React's
    dedupe: ["yjs", "lib0"],
  },
  plugins: [viteSingleFile({ removeViteModuleLoader: true })],
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
