/** What does the relay's admission cost an update, beside Yjs applying it? */
import * as Y from "yjs";
import { Admission } from "../adapters/transport/relay/admission/admission.ts";
import { BoardDocument } from "../adapters/transport/relay/document.ts";
import { collectGarbage, type Figure, median } from "./measure.ts";

const AGENTS = 50;
const RECORDS = 10_000;
const ROUNDS = 7;
const MAX_US = 100;

const rules = { allowsText: false, maxLogs: 1_000, maxTasks: 1_000_000 };
const author = { owns: () => true, mayWrite: true, maxLogs: 1_000 };

/** Judges 10,000 updates of one record each, of 50 agents in turn, alone and with Yjs, and has Yjs take them by itself. */
export async function benchAdmission(): Promise<readonly Figure[]> {
  const updates = createUpdates();
  const figures = { judged: [] as number[], taken: [] as number[], bare: [] as number[] };
  for (let round = 0; round < ROUNDS; round++) {
    figures.bare.push(measure(updates, applyBare()));
    figures.judged.push(measure(updates, judgeOnly()));
    figures.taken.push(measure(updates, takeIn()));
  }
  const [judged, taken, bare] = [figures.judged, figures.taken, figures.bare].map(median) as [
    number,
    number,
    number,
  ];
  return [
    {
      what: "admission of an update of one record at the relay",
      target: `<= ${MAX_US} us`,
      measured: `${judged.toFixed(1)} us; with applying it ${taken.toFixed(1)} us, bare Yjs ${bare.toFixed(1)} us`,
      isMet: judged <= MAX_US,
    },
  ];
}

function createUpdates(): readonly Uint8Array[] {
  const updates: Uint8Array[] = [];
  const docs = Array.from({ length: AGENTS }, () => new Y.Doc());
  for (const doc of docs) doc.on("update", (update: Uint8Array) => updates.push(update));
  for (let i = 0; i < RECORDS; i++) {
    const agent = i % AGENTS;
    const n = Math.floor(i / AGENTS);
    const id = `agent-${agent + 1}~0a1b2c3d`;
    const log = docs[agent]?.getArray(`log/${id}/${Math.floor(n / 256)}`);
    log?.push([
      { n, at: i + 1, kind: "claimed", task: `t${i}~0a1b2c3d`, attempt: 1, leaseMs: 30_000 },
    ]);
  }
  return updates;
}

/** Gives microseconds an update, of processor time: other programs run on the machine. */
function measure(updates: readonly Uint8Array[], take: (update: Uint8Array) => void): number {
  collectGarbage();
  const start = process.cpuUsage();
  for (const update of updates) take(update);
  const { user, system } = process.cpuUsage(start);
  return (user + system) / updates.length;
}

function judgeOnly(): (update: Uint8Array) => void {
  const admission = new Admission(new Y.Doc(), rules);
  return (update) => {
    const { verdict } = admission.judge(update, author, false);
    if (verdict !== "new") throw new Error(`an update was judged as ${verdict}`);
  };
}

function takeIn(): (update: Uint8Array) => void {
  const document = new BoardDocument(rules);
  return (update) => {
    const [verdict] = document.apply([{ update, author }]);
    if (verdict?.kind !== "new") throw new Error(`an update was ${verdict?.kind}`);
  };
}

function applyBare(): (update: Uint8Array) => void {
  const doc = new Y.Doc();
  return (update) => Y.applyUpdate(doc, update);
}
