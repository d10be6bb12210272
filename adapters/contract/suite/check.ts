/** What every contract suite says when a promise is broken: the promise, what was expected, what came. */

/** Registers one test: `test` of jest, vitest and node:test all fit. */
export type RegisterTest = (name: string, run: () => Promise<void>) => unknown;

/**
 * Throws unless a promise of the contract holds.
 *
 * @param promise - completes the sentence "It does not hold that …"
 * @param came - what was seen instead, where the promise alone does not tell
 */
export function check(condition: boolean, promise: string, came?: unknown): void {
  if (!condition) {
    const seen = came === undefined ? "" : `: came ${show(came)}`;
    throw new Error(`It does not hold that ${promise}${seen}.`);
  }
}

/** Throws unless two values are the same, and shows both; bytes count as hexadecimal text. */
export function checkSame(came: unknown, expected: unknown, promise: string): void {
  if (!isSame(came, expected)) {
    throw new Error(
      `It does not hold that ${promise}: expected ${show(expected)}, came ${show(came)}.`,
    );
  }
}

/** Tells the code of the error that a call ends in, or how it ended instead. */
export async function codeOf(call: () => Promise<unknown>): Promise<string> {
  try {
    await call();
    return "no error";
  } catch (error) {
    return hasCode(error) ? error.code : String(error);
  }
}

/** Writes bytes in hexadecimal. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function hasCode(error: unknown): error is { readonly code: string } {
  return error instanceof Error && "code" in error && typeof error.code === "string";
}

function isSame(a: unknown, b: unknown): boolean {
  if (a instanceof Uint8Array && b instanceof Uint8Array) {
    return a.length === b.length && a.every((byte, index) => byte === b[index]);
  }
  return a === b;
}

const SHOWN_BYTES = 100;
const SHOWN_CHARACTERS = 600;

function show(value: unknown): string {
  const text =
    value instanceof Uint8Array
      ? `${value.length} bytes ${toHex(value.subarray(0, SHOWN_BYTES))}`
      : typeof value === "string"
        ? value
        : (JSON.stringify(value) ?? String(value));
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}
