/** Rule Z38: a crash between any two steps of a store loses nothing that it acknowledged. */
import type { BoardStore } from "../../../lib/index.ts";
import { check, type RegisterTest } from "../suite/check.ts";
import { writeUpdates } from "./content.ts";
import { type CrashState, watchDisk } from "./disk-watch.ts";
import { type Files, withFile, writeFiles } from "./files.ts";
import { BOARD, contentsOf, judge, makeSpecimen, type Place, type Stored } from "./specimen.ts";

/** What a crash left, and how far the store had come by then. */
interface Crash extends CrashState {
  readonly acknowledged: number;
  readonly begun: number;
}

/** Lets a store work in a directory of its own under watch, and notes every crash that could have been. */
interface WatchedWork {
  append(update: Uint8Array): Promise<void>;
  readonly store: BoardStore;
}

/** Registers the tests of a crash while a store is made, appends, compacts, and mends a torn tail. */
export function describeCrashes(
  test: RegisterTest,
  inPlace: (run: (place: Place) => Promise<void>) => () => Promise<void>,
): void {
  const updates = writeUpdates(8);

  test(
    "[Z38] a crash at any step of making, appending and compacting keeps what was acknowledged",
    inPlace(async (place) => {
      const { id, crashes } = await collectCrashes(
        place,
        new Map(),
        0,
        async ({ append, store }) => {
          for (const update of updates.slice(0, 3)) {
            await append(update);
          }
          await store.compact();
          await append(updates[3] ?? new Uint8Array());
          await Promise.all([
            ...updates.slice(4, 6).map(append),
            store.compact(),
            ...updates.slice(6).map(append),
          ]);
        },
      );

      await judgeAll(place, { id, updates, contents: contentsOf(updates) }, crashes);
    }),
  );

  test(
    "[Z38] a crash at any step of opening a torn board keeps what was acknowledged",
    inPlace(async (place) => {
      const specimen = await makeSpecimen(place, false);
      const { files, filesByCount, updates } = specimen;
      const intact = updates.length - 1;
      const [name, bytes] = [...files].find(
        ([each, { length }]) => length > (filesByCount.get(intact)?.get(each)?.length ?? 0),
      ) ?? ["", new Uint8Array()];
      check(bytes.length > 0, "an append makes a file longer");
      const torn = withFile(files, name, bytes.subarray(0, -1));

      const { crashes } = await collectCrashes(place, torn, intact, async ({ append }) => {
        await append(updates[intact] ?? new Uint8Array());
      });

      await judgeAll(place, specimen, crashes);
    }),
  );
}

async function collectCrashes(
  { directory, createStorage, holdsContent }: Place,
  before: Files,
  count: number,
  work: (work: WatchedWork) => Promise<void>,
): Promise<{ readonly id: string; readonly crashes: readonly Crash[] }> {
  writeFiles(directory, before);
  const crashes: Crash[] = [];
  let [acknowledged, begun] = [count, count];
  const watch = await watchDisk({
    directory,
    holdsContent,
    onCrashState: (state) => crashes.push({ ...state, acknowledged, begun }),
  });
  try {
    const store = await createStorage(directory).open(BOARD);
    await work({
      store,
      async append(update) {
        begun++;
        await store.append(update);
        acknowledged++;
        watch.look();
      },
    });
    watch.look();
    await store.close();
    watch.look();
    return { id: store.id, crashes };
  } finally {
    watch.stop();
  }
}

async function judgeAll(place: Place, stored: Stored, crashes: readonly Crash[]): Promise<void> {
  const judged = new Set<string>();
  for (const { how, files, acknowledged, begun } of crashes) {
    const key = describeFiles(files, acknowledged, begun);
    if (judged.has(key)) continue;
    judged.add(key);
    const id = acknowledged > 0 ? stored.id : undefined; // before that, nobody relies on it
    const verdict = { atLeast: acknowledged, atMost: begun, mayRefuse: false };
    await judge(place, { ...stored, id }, files, verdict).catch((cause: Error) => {
      const names = [...files].map(([name, { length }]) => `${name}: ${length} bytes`);
      const when = `${how} with ${acknowledged} of ${begun} appends acknowledged (${names})`;
      throw new Error(`${when}: ${cause.message}`, { cause });
    });
  }
  check(judged.size > 1, "a store that works changes its files");
}

function describeFiles(files: Files, ...counts: readonly number[]): string {
  const bytes = [...files].map(([name, each]) => [name, Buffer.from(each).toString("base64")]);
  return JSON.stringify([counts, bytes]);
}
