/** Builds each page to one file in `demos/dist`; one build each, since what is in one file shares no chunks. */
import { fileURLToPath } from "node:url";
import { build } from "vite";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

for (const [i, page] of ["race", "board"].entries())
  await build({
    configFile: here("vite.config.js"),
    logLevel: "warn",
    build: {
      outDir: here("dist"),
      emptyOutDir: i === 0,
      rollupOptions: { input: here(`${page}.html`) },
    },
  });
