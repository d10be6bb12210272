/** Runs the benches named on the command line, all by default, and prints their figures as a table. */
import { benchAdmission } from "./admission.ts";
import { benchBoardFrames } from "./board-frames.ts";
import { benchBrief } from "./brief.ts";
import { benchColdLoad } from "./cold-load.ts";
import { benchDoubleStarts, benchThroughput } from "./crews.ts";
import { benchFanOut } from "./fan-out.ts";
import { benchLocalClaim } from "./local-claim.ts";
import { benchMcpCall } from "./mcp-call.ts";
import type { Figure } from "./measure.ts";
import { benchRacePage } from "./race-page.ts";
import { benchRefold } from "./refold.ts";
import { benchRelayLoad } from "./relay-load.ts";
import { benchRemoteApply } from "./remote-apply.ts";
import { benchScenes } from "./scenes.ts";
import { benchSchedules } from "./schedules.ts";
import { benchSettledClaim } from "./settled-claim.ts";

const BENCHES: Readonly<Record<string, () => Promise<readonly Figure[]>>> = {
  "local-claim": benchLocalClaim,
  "remote-apply": benchRemoteApply,
  "cold-load": benchColdLoad,
  "settled-claim": benchSettledClaim,
  "double-starts": benchDoubleStarts,
  throughput: benchThroughput,
  "fan-out": benchFanOut,
  admission: benchAdmission,
  relay: benchRelayLoad,
  refold: benchRefold,
  brief: benchBrief,
  mcp: benchMcpCall,
  schedules: benchSchedules,
  scenes: benchScenes,
  "board-frames": benchBoardFrames,
  "race-page": benchRacePage,
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
  console.error(
    `No bench is named ${unknown.join(", ")}; there are ${Object.keys(BENCHES).join(", ")}.`,
  );
  process.exit(2);
}
console.log("| what | target | measured | met |\n| --- | --- | --- | --- |");
for (const [name, run] of Object.entries(BENCHES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  for (const figure of await run())
    console.log(
      `| ${figure.what} | ${figure.target} | ${figure.measured} | ${figure.isMet ? "yes" : "NO"} |`,
    );
}
