/** Asks a relay how it is, and what time it has. */
import { relayMedium } from "../board/medium.ts";
import type { Finding } from "./finding.ts";

const MAX_SKEW_MS = 60_000;

/**
 * Gives findings about the relay at an address, which is given `patienceMs` to answer.
 *
 * @throws CliFault `USAGE` when the address is none
 */
export async function checkRelay(address: string, patienceMs = 5000): Promise<readonly Finding[]> {
  const { place } = relayMedium(address);
  const url = `${place.replace(/^ws/u, "http")}/health`;
  const finding = (isOk: boolean, message: string): Finding => ({
    check: "relay",
    isOk,
    message,
    details: { address: place },
  });
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, { signal: AbortSignal.timeout(patienceMs), redirect: "manual" });
    text = await response.text();
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const remedy = "start the relay, or check host, port and firewall";
    return [finding(false, `nothing answers at ${place} (${cause}); ${remedy}`)];
  }
  const health = parseHealth(text);
  if (health === null) {
    const remedy = "check the port, and what stands in front of the relay";
    return [finding(false, `what answers at ${place} is no relay of stigmergy; ${remedy}`)];
  }
  const { status, boards, connections, readOnlyBoards } = health;
  const state = `a relay with ${boards} boards and ${connections} connections answers at ${place}`;
  const isWell = status === "ok";
  const trouble = `, but ${readOnlyBoards} boards are read-only; see the disk of its store and its log`;
  return [finding(isWell, `${state}${isWell ? "" : trouble}`), ...compareClocks(response, finding)];
}

interface Health {
  readonly status: string;
  readonly boards: number;
  readonly connections: number;
  readonly readOnlyBoards: number;
}

function parseHealth(text: string): Health | null {
  try {
    const health = JSON.parse(text) as Partial<Health> | null;
    const numbers = [health?.boards, health?.connections, health?.readOnlyBoards];
    const isHealth =
      (health?.status === "ok" || health?.status === "degraded") && numbers.every(Number.isInteger);
    return isHealth ? (health as Health) : null;
  } catch {
    return null;
  }
}

/** No rule reads the time of day; but times are shown to people, and tokens expire by it. */
function compareClocks(
  response: Response,
  finding: (isOk: boolean, message: string) => Finding,
): readonly Finding[] {
  const date = Date.parse(response.headers.get("date") ?? "");
  const skewMs = Date.now() - date;
  if (!(Math.abs(skewMs) > MAX_SKEW_MS)) return [];
  const message = `this clock and the relay's differ by ${Math.round(skewMs / 1000)} s; tokens end too early or late`;
  return [{ ...finding(false, message), check: "clock" }];
}
