/** Cases as JSON, so that a counterexample can be kept in a file and tried again; NaN, infinities and -0 as texts. */
import type { RuleCase } from "./law.ts";

/** A number, or what JSON has none for, as its text. */
export type SavedNumber = number | "NaN" | "Infinity" | "-Infinity" | "-0";

/** A claim of a saved case. */
export interface SavedClaim {
  readonly agent: string;
  readonly n: number;
  readonly at: number;
  readonly load?: SavedNumber;
  readonly losses?: SavedNumber;
  readonly priority?: SavedNumber;
}

/** A case as plain JSON. */
export interface SavedCase extends Omit<RuleCase, "context" | "claims"> {
  readonly context: { readonly task: string; readonly attempt: number };
  readonly claims: readonly SavedClaim[];
}

/** Writes a case as plain JSON. */
export function saveCase(one: RuleCase): SavedCase {
  return JSON.parse(JSON.stringify(one, writeOddNumber)) as SavedCase;
}

/**
 * Reads a saved case back.
 *
 * @throws TypeError when it is none
 */
export function loadCase(saved: unknown): RuleCase {
  if (!isSavedCase(saved))
    throw new TypeError(
      "This is no counterexample of a rule: it needs `context` { task, attempt } and `claims` [{ agent, n, at }, …], as `checkRule` reports them.",
    );
  return JSON.parse(JSON.stringify(saved), readOddNumber) as RuleCase;
}

function writeOddNumber(_: string, value: unknown): unknown {
  if (typeof value !== "number") return value;
  if (Object.is(value, -0)) return "-0";
  return Number.isFinite(value) ? value : String(value);
}

function readOddNumber(key: string, value: unknown): unknown {
  if (typeof value === "object" && value !== null) return Object.freeze(value);
  const isWeight = key === "load" || key === "losses" || key === "priority";
  return isWeight && typeof value === "string" ? Number(value) : value;
}

function isSavedCase(saved: unknown): boolean {
  const { context, claims, order = [], delay = 1, contests = [] } = fieldsOf(saved);
  const { task, attempt } = fieldsOf(context);
  return (
    typeof task === "string" &&
    typeof attempt === "number" &&
    Array.isArray(claims) &&
    claims.length > 0 &&
    claims.every(isSavedClaim) &&
    Array.isArray(order) &&
    order.every(isNumber) &&
    isNumber(delay) &&
    Array.isArray(contests) &&
    contests.every((one) => isNumber(fieldsOf(one)["members"]) && isNumber(fieldsOf(one)["luck"]))
  );
}

function isSavedClaim(claim: unknown): boolean {
  const { agent, n, at } = fieldsOf(claim);
  return typeof agent === "string" && isNumber(n) && isNumber(at);
}

function isNumber(value: unknown): boolean {
  return typeof value === "number";
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
