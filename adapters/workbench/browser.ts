/** A real Chromium for tests of what runs in browsers: it loads a TypeScript entry, bundled to one module, as a page. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { build } from "esbuild";
import { chromium, type Page } from "playwright-core";

/** One browser with one store of its own: pages of one origin share their databases, locks and channels. */
export interface TestBrowser {
  /**
   * Bundles an entry and opens a page that has run it to the end.
   *
   * @param entry - the absolute path of a `.ts` file, or a program's text; what the page is to offer, it puts on `globalThis`
   * @param alias - packages that are to be read as others
   * @throws Error with what the entry threw
   */
  newPage(entry: string | ProgramText, alias?: Readonly<Record<string, string>>): Promise<Page>;
  /** Where the pages come from, such as `http://127.0.0.1:40321`: a secure context, so that all APIs are there. */
  readonly origin: string;
  /** Ends the browser and the server. */
  close(): Promise<void>;
}

/** A program that imports this package by its name, as built. */
export interface ProgramText {
  readonly source: string;
  readonly loader: "ts" | "tsx";
}

/** Where Debian has it; elsewhere the environment variable `CHROMIUM` tells. */
const CHROMIUM = "/usr/bin/chromium";

const HOST = "127.0.0.1";

const ROOT = join(import.meta.dirname, "../..");

/** Starts a browser; whoever opens it closes it. */
export async function openBrowser(): Promise<TestBrowser> {
  const moduleByPath = new Map<string, string>();
  const server = await serve(moduleByPath);
  const origin = `http://${HOST}:${(server.address() as AddressInfo).port}`;
  const browser = await chromium
    .launch({ executablePath: process.env["CHROMIUM"] ?? CHROMIUM, args: ["--no-sandbox"] })
    .catch((error: unknown) => {
      server.close();
      throw error;
    });
  const context = await browser.newContext();
  return {
    origin,
    async newPage(entry, alias = {}) {
      const name = `/${moduleByPath.size}`;
      moduleByPath.set(`${name}.js`, await bundle(entry, alias));
      const page = await context.newPage();
      await page.goto(`${origin}${name}`);
      // the page runs the module by itself, at a reload too; importing it again waits for it, or throws what it threw
      await page.evaluate(`import("${name}.js").then(() => {})`);
      return page;
    },
    async close() {
      await browser.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function bundle(
  entry: string | ProgramText,
  alias: Readonly<Record<string, string>>,
): Promise<string> {
  const { outputFiles } = await build({
    ...(typeof entry === "string"
      ? { entryPoints: [entry] }
      : { stdin: { contents: entry.source, loader: entry.loader, resolveDir: ROOT } }),
    jsx: "automatic",
    tsconfigRaw: {}, // the pages' own JSX is Preact's
    define: { "process.env.NODE_ENV": '"production"' },
    bundle: true,
    write: false,
    format: "esm",
    platform: "browser",
    alias: { ...alias },
    external: ["node:*"], // what an entry imports but does not use may need Node
    target: "es2022",
    logLevel: "silent",
  });
  return outputFiles[0]?.text ?? "";
}

/** Serves each module under its path, and under the same path without `.js` an empty page that loads it. */
async function serve(moduleByPath: ReadonlyMap<string, string>): Promise<Server> {
  const server = createServer(({ url = "/" }, response) => {
    const text = moduleByPath.get(url);
    if (text !== undefined) {
      response.setHeader("content-type", "text/javascript").end(text);
    } else if (moduleByPath.has(`${url}.js`)) {
      const page = `<!doctype html><script type="module" src="${url}.js"></script>`;
      response.setHeader("content-type", "text/html").end(page);
    } else {
      response.writeHead(404).end(); // Chromium asks for an icon
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, HOST, resolve);
  });
  return server;
}
