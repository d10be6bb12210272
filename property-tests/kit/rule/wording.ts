/** How reports name claims, values and who goes first. */
import type { ClaimFacts } from "../../../lib/core/rule.ts";

/** Writes a claim's reference as `agent#n`. */
export function refOf({ agent, n }: ClaimFacts): string {
  return `${agent}#${n}`;
}

/** Writes a claim with all its facts, such as `ana#1 (at 5, load NaN)`. */
export function nameClaim(claim: ClaimFacts): string {
  const { agent: _agent, n: _n, ...facts } = claim;
  const words = Object.entries(facts).map(([name, value]) => `${name} ${describeValue(value)}`);
  return `${refOf(claim)} (${words.join(", ")})`;
}

/** Writes several claims' references in their order. */
export function listRefs(claims: readonly ClaimFacts[]): string {
  return claims.map(refOf).join(", ");
}

/** Writes any value in a few words; never throws, whatever the value does. */
export function describeValue(value: unknown): string {
  try {
    if (Object.is(value, -0)) return "-0";
    if (typeof value === "string") return JSON.stringify(value);
    if (typeof value === "bigint") return `${value}n`;
    if (value instanceof Error) return `${value.name}: ${value.message}`;
    if (typeof value === "object" && value !== null)
      return `an object (${Object.prototype.toString.call(value)})`;
    return typeof value === "function" ? "a function" : String(value);
  } catch {
    return "something that cannot be shown";
  }
}

/** Says who goes first of two. */
export function sayOrder(a: ClaimFacts, b: ClaimFacts, order: number): string {
  if (order === 0) return `neither of ${refOf(a)} and ${refOf(b)} goes first`;
  return order < 0 ? `${refOf(a)} goes before ${refOf(b)}` : `${refOf(b)} goes before ${refOf(a)}`;
}
