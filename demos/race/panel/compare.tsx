/** The same race two ways: what it came to with the library, and with the lock that most shared documents get. */
import type { JSX } from "preact";
import { NODE_NAMES } from "../../../property-tests/kit/index.ts";
import { FREE, NAIVE_WAIT_MS } from "../naive-lock.ts";
import { RACE_COUNT, type RaceCount, RUSH_MS } from "../play/races.ts";
import type { View } from "../play/view.ts";
import type { WorkMeter } from "../play/work-meter.ts";
import type { World } from "../play/world.ts";

interface CompareProps {
  readonly world: World;
  readonly view: View;
  readonly time: number;
  readonly count: RaceCount;
}

/** Draws the table. */
export function Compare({ world, view, time, count }: CompareProps): JSX.Element {
  const { story, work, naive } = world;
  const { races, ours, naive: theirs } = count;
  return (
    <section class="panel compare" aria-labelledby="compare">
      <h2 id="compare">The same race, two ways</h2>
      <table>
        <thead>
          <tr>
            <td />
            <th scope="col">stigmergy, {story.guarantee}</th>
            <th scope="col">write, wait {NAIVE_WAIT_MS} ms, read again</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">At work now</th>
            <td>{atWork(work)}</td>
            <td>{atWork(naive.work)}</td>
          </tr>
          {view.taskCount > 0 && (
            <tr>
              <th scope="row">Each copy of t{view.taskCount - 1} says</th>
              <td>{ourCopies(view, view.taskCount - 1)}</td>
              <td>{naiveCopies(world, view, view.taskCount - 1)}</td>
            </tr>
          )}
          <tr class="big">
            <th scope="row">Double starts</th>
            <Count what="ours" value={work.doubleStarts} />
            <Count what="naive" value={naive.work.doubleStarts} />
          </tr>
          <tr>
            <th scope="row">Work done twice</th>
            <td>{Math.round(work.doubledMs(time))} ms</td>
            <td>{Math.round(naive.work.doubledMs(time))} ms</td>
          </tr>
        </tbody>
        <tbody>
          <tr class="big">
            <th scope="row">
              Random races with a double start{" "}
              <span class="faint" data-fact="races">
                {races} of {RACE_COUNT} raced
              </span>
            </th>
            <Count what="our-races" value={ours.doubled} />
            <Count what="naive-races" value={theirs.doubled} />
          </tr>
          <tr>
            <th scope="row">Work done twice in them</th>
            <td>{seconds(ours.doubledMs)}</td>
            <td>{seconds(theirs.doubledMs)}</td>
          </tr>
        </tbody>
      </table>
      <p class="faint small">
        {story.guarantee === "settled"
          ? "A settled claim starts once it is confirmed through the relay; who is cut off waits."
          : "An optimistic claim starts at once; when the news meet, all but one are told to stop."}{" "}
        Both sides run here for real, over the same delays and cuts. In a random race all want one
        task within {RUSH_MS} ms; in every fourth a link is cut.
      </p>
    </section>
  );
}

function Count({ what, value }: { readonly what: string; readonly value: number }): JSX.Element {
  return (
    <td class={value > 0 ? "bad" : "good"} data-fact={what}>
      {value}
    </td>
  );
}

function atWork({ atWork: all }: WorkMeter): string {
  if (all.length === 0) return "nobody";
  const tasks = [...new Set(all.map(({ task }) => task))];
  const namesOn = (task: number): string =>
    all.flatMap((one) => (one.task === task ? NODE_NAMES[one.node] : [])).join(", ");
  return tasks.map((task) => `${namesOn(task)} on t${task}`).join("; ");
}

/** What the agents' copies say, once where they all say the same. */
function inOneLine(words: readonly (readonly [name: string, word: string])[]): string {
  const [first] = words;
  if (first === undefined) return "nothing";
  if (words.every(([, word]) => word === first[1])) return `all: ${first[1]}`;
  if (words.length > 2) {
    const said = [...new Set(words.map(([, word]) => word))];
    return said
      .map((word) => `${word} (${words.filter((one) => one[1] === word).length})`)
      .join(", ");
  }
  return words.map(([name, word]) => `${name}: ${word}`).join("; ");
}

function ourCopies({ agents }: View, task: number): string {
  return inOneLine(
    agents.flatMap(({ name, tasks }) =>
      tasks.filter((one) => one.task === task).map(({ text }) => [name, text] as const),
    ),
  );
}

function naiveCopies({ naive }: World, { agents }: View, task: number): string {
  return inOneLine(
    agents.map(({ name, node }) => {
      const said = naive.read(node, task);
      return [name, said === undefined ? "unknown" : said === FREE ? "free" : said];
    }),
  );
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
