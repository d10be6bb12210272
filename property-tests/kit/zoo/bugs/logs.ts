/** Bugs in where records lie: the logs of the document, and the store. */
import type { Bug } from "../bug.ts";

/** In `lib/replica/log.ts`, the ids, the journal, and the stores. */
export const logBugs: readonly Bug[] = [
  {
    name: "last writer wins on one key",
    what: "who claims an attempt writes its name under one shared key, and other claims of it do not count",
    edits: [
      {
        file: "lib/replica/log.ts",
        find: "const LOG_NAME =",
        replace: 'import * as Y from "yjs";\nconst LOG_NAME =',
      },
      {
        file: "lib/replica/log.ts",
        find: "let next = Math.max(written, length);",
        replace: `let next = Math.max(written, length);
            for (const { kind, task, attempt = 1 } of records)
                if (kind === "claimed") Y.Map.prototype.set.call(doc.getArray("holders"), \`\${task} \${attempt}\`, agent);`,
      },
      {
        file: "lib/replica/log.ts",
        find: "found.push(value);",
        replace: `found.push(
                        value?.kind === "claimed" && Y.Map.prototype.get.call(doc.getArray("holders"), \`\${value.task} \${value.attempt ?? 1}\`) !== agent
                            ? { ...value, kind: "passed-over" } : value);`,
      },
    ],
    suite: { by: "verify", maxSteps: 25 },
    expect: ["convergence"],
  },
  {
    name: "nested map on demand",
    what: "claims count when they are listed in a map that the first claimant of a task makes within another",
    edits: [
      {
        file: "lib/replica/log.ts",
        find: "const LOG_NAME =",
        replace: 'import * as Y from "yjs";\nconst LOG_NAME =',
      },
      {
        file: "lib/replica/log.ts",
        find: "let next = Math.max(written, length);",
        replace: `let next = Math.max(written, length);
            for (const { kind, task, n } of records) {
                const all = doc.getArray("claims");
                if (kind !== "claimed") continue;
                if (!Y.Map.prototype.has.call(all, task)) Y.Map.prototype.set.call(all, task, new Y.Map());
                Y.Map.prototype.get.call(all, task).set(\`\${agent} \${n}\`, true);
            }`,
      },
      {
        file: "lib/replica/log.ts",
        find: "found.push(value);",
        replace: `found.push(
                        value?.kind !== "claimed" || Y.Map.prototype.get.call(doc.getArray("claims"), value.task)?.has(\`\${agent} \${value.n}\`)
                            ? value : { ...value, kind: "passed-over" });`,
      },
    ],
    suite: { by: "verify", maxSteps: 25 },
    expect: ["convergence"],
  },
  {
    name: "client id used again",
    what: "a process goes on under the client id that it finds in its store, so that a lost tail is written anew",
    edits: [
      {
        file: "lib/agent/journal.ts",
        find: "import { applyUpdate } from",
        replace: "import { applyUpdate, decodeUpdate } from",
      },
      {
        file: "lib/agent/journal.ts",
        find: "if (updates.length > COMPACT_AFTER_UPDATES)",
        replace: `if (updates.length > 0) doc.clientID = decodeUpdate(updates[0]).structs[0].id.client;
    if (updates.length > COMPACT_AFTER_UPDATES)`,
      },
    ],
    suite: { by: "verify", maxSteps: 25 },
    expect: ["unique-ids"],
  },
  {
    name: "agent id used again",
    what: "an agent's id is its name without anything random, so that a new run writes into the log of the last",
    edits: [
      {
        file: "lib/agent/ids.ts",
        find: "${encode(random(AGENT_SUFFIX_LENGTH))}",
        replace: "00000000",
      },
    ],
    suite: { by: "verify", maxSteps: 25 },
    expect: ["unique-ids", "restart", "convergence", "progress"],
  },
  {
    name: "acknowledged before durable",
    what: "a call is answered before the store has what it wrote",
    edits: [
      {
        file: "lib/agent/journal.ts",
        find: "  durable: () => last,",
        replace: "  durable: () => Promise.resolve(),",
      },
    ],
    suite: { by: "verify", maxSteps: 25 },
    expect: ["durability"],
  },
  {
    name: "disk that acknowledges early",
    what: "the simulated disk says that it has flushed when it has begun to",
    edits: [
      {
        file: "property-tests/kit/simulator/simulated-disk.ts",
        find: "return flush;",
        replace: "return DONE;",
      },
    ],
    suite: { by: "verify", maxSteps: 25 },
    expect: ["durability"],
  },
  {
    name: "log file that does not flush",
    what: "the log file acknowledges what the operating system has taken, and the disk has not",
    edits: [
      {
        file: "adapters/storage/append-file.ts",
        find: "await handle.datasync();",
        replace: "",
      },
    ],
    suite: { by: "contract", of: "storage" },
    expect: ["Z38"],
  },
];
