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
  build: { target: "es2023", modulePreload: false, reportCompressedSize: false },
};
