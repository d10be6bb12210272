import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { Doc, encodeStateAsUpdate } from "yjs";
import { logName } from "../lib/replica/log.ts";
import { verifyLog } from "../lib/replica/signing/verify-log.ts";
import { LAW_TIMEOUT_MS, runs } from "./runs.ts";
import {
  type Author,
  BOARD,
  createAuthor,
  logToUpdate,
  openReader,
  TASK,
  type Value,
} from "./signed-log.ts";

/** How many notes each signature covers. */
const batches = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 4 });

async function writeLog(sizes: readonly number[]): Promise<Author> {
  const author = await createAuthor();
  author.write({ kind: "added", task: TASK, title: "a task" });
  for (const size of sizes) {
    for (let i = 0; i < size; i++)
      author.write({ kind: "noted", task: TASK, text: `${size}, ${i}` });
    await author.sign();
  }
  return author;
}

const isSigned = (value: unknown): boolean => (value as Value | null)?.kind === "signed";

/** What a change of the bits of one byte makes of a record; what is no JSON any more lies there as text. */
function flipByte(value: Value, place: number, bits: number): unknown {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  const i = place % bytes.length;
  bytes[i] = (bytes[i] ?? 0) ^ bits;
  const text = new TextDecoder().decode(bytes);
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Reads a log that somebody else may have touched, and holds what counts against what its author wrote. */
async function readAgainst(
  { agent, log }: Author,
  touched: readonly unknown[],
): Promise<{ readonly isWhole: boolean; readonly reasons: readonly string[] }> {
  const reader = openReader();
  await reader.receive(logToUpdate(agent, touched));
  const reasons = await reader.reasons();
  const counted = reader.replica.entries(TASK).map(({ record }) => record);
  const written = log.filter(({ kind }) => kind === "added" || kind === "noted");
  expect(counted).toEqual(written.slice(0, counted.length));
  const view = reader.replica.agent(agent);
  if (counted.length > 0) expect(view).toMatchObject({ name: "ann", leaseMs: 1000 });
  expect(reasons.filter((reason) => reason.includes("equivocation"))).toEqual([]);
  reader.replica.close();
  return { isWhole: counted.length === written.length, reasons };
}

test(
  "[J25] any change of any byte of a signed log is noticed or harmless, and what counts begins what its author wrote",
  () =>
    fc.assert(
      fc.asyncProperty(
        batches,
        fc.nat(),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (sizes, record, place, bits) => {
          const author = await writeLog(sizes);
          const n = record % author.log.length;
          const touched = author.log.map((value) =>
            value.n === n ? flipByte(value, place, bits) : value,
          );

          const { isWhole, reasons } = await readAgainst(author, touched);

          // the end of a log may lack its signature for a while: that is no fault
          const isUnsigned = n === author.log.length - 1 && !isSigned(touched[n]);
          expect(isWhole || isUnsigned || reasons.length > 0).toBe(true);
        },
      ),
      runs(150),
    ),
  LAW_TIMEOUT_MS,
);

const touch = fc.record({
  how: fc.constantFrom("delete", "repeat", "move", "insert", "renumber", "cut" as const),
  at: fc.nat(),
  to: fc.nat(),
});

test(
  "[J25] records deleted, repeated, moved, put in, renumbered or cut off leave a beginning of what their author wrote",
  () =>
    fc.assert(
      fc.asyncProperty(
        batches,
        fc.array(touch, { minLength: 1, maxLength: 3 }),
        async (sizes, touches) => {
          const author = await writeLog(sizes);
          let values: unknown[] = [...author.log];
          for (const { how, at, to } of touches) {
            const n = at % values.length;
            const place = to % (values.length + 1);
            const forged = { kind: "cancelled", task: TASK, n: place, at: place + 1 };
            if (values.length === 0) break;
            if (how === "delete") values.splice(n, 1);
            if (how === "repeat") values.splice(place, 0, values[n]);
            if (how === "move") values.splice(place, 0, ...values.splice(n, 1));
            if (how === "insert") values.splice(place, 0, forged);
            if (how === "renumber") values = values.map((value, i) => renumbered(value, i));
            if (how === "cut") values = values.slice(0, n);
          }

          await readAgainst(author, values);
          const good = await verifyLog({ board: BOARD, agent: author.agent, records: values });

          expect(good).toBeLessThanOrEqual(values.length);
          const again = await readAgainst(author, values.slice(0, good));
          expect(again.reasons.filter((reason) => reason.includes("set aside"))).toEqual([]);
        },
      ),
      runs(150),
    ),
  LAW_TIMEOUT_MS,
);

function renumbered(value: unknown, n: number): unknown {
  return typeof value === "object" ? { ...value, n, at: n + 1 } : value;
}

test(
  "[J20] in whatever order and however often the updates of a signed log arrive, all of it counts",
  () =>
    fc.assert(
      fc.asyncProperty(batches, fc.infiniteStream(fc.nat()), async (sizes, dice) => {
        const author = await writeLog(sizes);
        const updates: Uint8Array[] = [];
        const doc = new Doc({ gc: false });
        doc.on("update", (update) => updates.push(update));
        for (const value of author.log) doc.getArray(logName(author.agent, 0)).push([value]);
        const order = [...updates, ...updates]
          .map((update) => ({ update, by: dice.next().value as number }))
          .sort((a, b) => a.by - b.by);
        const reader = openReader();

        // verification goes on while the next update comes
        for (const { update } of order) reader.replica.receive([update], "peer");
        await reader.receive(encodeStateAsUpdate(doc));

        expect(reader.counted(author.agent)).toEqual(
          author.log.filter(({ kind }) => kind === "added" || kind === "noted").map(({ n }) => n),
        );
        expect(await reader.reasons()).toEqual([]);
        reader.replica.close();
      }),
      runs(60),
    ),
  LAW_TIMEOUT_MS,
);
