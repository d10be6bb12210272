import { expect, test } from "@jest/globals";
import { createSeededRandom } from "./seeded-random.ts";

test("[N3] one seed gives one sequence for ever, and another seed another", () => {
  const bytes = createSeededRandom(42)(10);
  const again = createSeededRandom(42)(10);
  const other = createSeededRandom(43)(10);

  expect(again).toEqual(bytes);
  expect(other).not.toEqual(bytes);
  expect([...bytes]).toEqual([24, 72, 228, 32, 35, 169, 149, 8, 31, 160]);
});

test("[N3] seeded numbers lie from 0 to 1, integers below their bound, both evenly", () => {
  const random = createSeededRandom(7);
  const numbers = Array.from({ length: 10_000 }, random.number);
  const counts = [0, 0, 0, 0, 0];
  for (let draw = 0; draw < 10_000; draw++) {
    const value = random.integer(counts.length);
    counts[value] = (counts[value] ?? 0) + 1;
  }

  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...numbers)).toBeLessThan(1);
  expect(numbers.reduce((sum, each) => sum + each) / numbers.length).toBeCloseTo(0.5, 1);
  expect(counts.reduce((sum, each) => sum + each)).toBe(10_000);
  expect(Math.min(...counts)).toBeGreaterThan(1_800);
});
