/** Which guarantee claims can have at which place. */
import type { Guarantee } from "../../../lib/index.ts";
import { CliFault, exitCode } from "../fault.ts";
import type { Medium } from "./medium.ts";

/**
 * Refuses what the place cannot give, instead of lowering it.
 *
 * @throws CliFault `GUARANTEE_UNAVAILABLE`
 */
export function checkGuarantee(
  { kind }: Pick<Medium, "kind">,
  guarantee: Guarantee | undefined,
): void {
  if (kind === "folder" && guarantee === "settled")
    throw new CliFault(
      "GUARANTEE_UNAVAILABLE",
      exitCode.usage,
      "a folder cannot give --guarantee settled: nothing there puts the claims of two processes into one order before both go on. Use --relay, or --guarantee optimistic.",
    );
}
