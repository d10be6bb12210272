/** Keys in files, and secrets that only their owner can read. */
import { open } from "node:fs/promises";
import { type Key, parseKey } from "./key.ts";

/** A key that was read from a file. */
export interface KeyFile {
  readonly key: Key;
  readonly text: string;
  /** What is wrong with the file although the key can be used; null when nothing is. */
  readonly warning: string | null;
}

const MAX_BYTES = 16_384;
const OTHERS_READ = 0o044;

/**
 * Reads a key: PEM, JWK, or the text of a secret.
 *
 * @throws TypeError that names the file, when it cannot be read or holds no key
 */
export async function readKey(path: string): Promise<KeyFile> {
  try {
    const { text, mode } = await readBounded(path);
    const key = parseKey(text);
    const isExposed = key.kind !== "public" && process.platform !== "win32" && mode & OTHERS_READ;
    return { key, text, warning: isExposed ? exposureOf(path) : null };
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new TypeError(`The key file ${path} cannot be used: ${cause}`, { cause: error });
  }
}

/** Writes a text into a new file that only its owner may read. */
export async function writeSecretFile(path: string, text: string): Promise<void> {
  const handle = await open(path, "wx", 0o600);
  try {
    await handle.writeFile(`${text}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function readBounded(
  path: string,
): Promise<{ readonly text: string; readonly mode: number }> {
  const handle = await open(path, "r");
  try {
    const { mode } = await handle.stat();
    const buffer = Buffer.alloc(MAX_BYTES + 1);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length);
    if (bytesRead > MAX_BYTES) throw new TypeError(`it is longer than ${MAX_BYTES} bytes`);
    return { text: buffer.toString("utf8", 0, bytesRead), mode };
  } finally {
    await handle.close();
  }
}

function exposureOf(path: string): string {
  return `others on this machine may read the key file ${path}: run \`chmod 600 ${path}\`, and change the key if they may have`;
}
