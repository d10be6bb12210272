/**
 * Searches all states of settled claims with three agents, and of two with more that goes wrong; a minute or two. Prints what it
 * found, and exits 1 on a break, or when a search was cut short.
 */
import { cpuUsage, exit, resourceUsage, stdout } from "node:process";
import { explore } from "../kit/explore/explore.ts";
import { formatTrace } from "../kit/explore/format-trace.ts";
import { tellSettledStep } from "../kit/explore/settled/steps.ts";
import { type SettledOptions, settledModel } from "../kit/explore/settled-model.ts";

const searches: readonly SettledOptions[] = [
  { agents: 3, isFull: true },
  { agents: 3, isFull: true, crashes: 2, breaks: true },
  { agents: 3, expiries: 1 },
  { agents: 2, expiries: 3 },
  { agents: 2, closings: 2 },
  { agents: 2, crashes: 1, expiries: 1, closings: 1, breaks: true },
];

let isProven = true;
for (const options of searches) {
  const start = cpuUsage();
  const { states, transitions, depth, atRest, isComplete, broken } = explore(settledModel(options));
  const { user, system } = cpuUsage(start);
  const seconds = ((user + system) / 1e6).toFixed(1);
  const peakMb = Math.round(resourceUsage().maxRSS / 1024);
  stdout.write(
    `${JSON.stringify(options)}: ${states} states, ${transitions} steps, depth ${depth}, ${atRest} at rest, ` +
      `${isComplete ? "complete" : "not complete"}, ${seconds} s CPU, ${peakMb} MB at most so far\n`,
  );
  if (broken !== null) {
    const story = formatTrace(broken.trace, { tellStep: tellSettledStep });
    stdout.write(`${broken.invariant}: ${broken.sentence}\n${story}\n`);
  }
  isProven &&= isComplete;
}
exit(isProven ? 0 : 1);
