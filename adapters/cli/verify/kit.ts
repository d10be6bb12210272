/** The verification kit, loaded only by those who verify: it needs fast-check, which most users do not have. */
import { usageFault } from "../fault.ts";

/** The public names of `stigmergy/testing`. */
export type Kit = typeof import("../../../property-tests/kit/index.ts");

/**
 * Loads the kit.
 *
 * @throws CliFault `USAGE` when fast-check is not installed
 */
export async function loadKit(): Promise<Kit> {
  try {
    return await import("../../../property-tests/kit/index.ts");
  } catch (error) {
    if (!isWithoutFastCheck(error)) throw error;
    throw usageFault(
      "this needs the package fast-check, which is not installed; run `npm install --save-dev fast-check`",
    );
  }
}

function isWithoutFastCheck(error: unknown): boolean {
  if (!(error instanceof Error) || !("code" in error)) return false;
  return error.code === "ERR_MODULE_NOT_FOUND" && error.message.includes("'fast-check'");
}
