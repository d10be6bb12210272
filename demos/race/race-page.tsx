/** The page: one player, and everything around it. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Step } from "../../property-tests/kit/index.ts";
import { ThemeSwitch } from "../page/theme.tsx";
import { Actions } from "./panel/actions.tsx";
import { Compare } from "./panel/compare.tsx";
import { EventLog } from "./panel/event-log.tsx";
import { NoticeBar } from "./panel/notice-bar.tsx";
import { Settings } from "./panel/settings.tsx";
import { Transport } from "./panel/transport.tsx";
import { Why } from "./panel/why.tsx";
import { narrate } from "./play/narrate.ts";
import type { Player } from "./play/player.ts";
import { viewOf } from "./play/view.ts";
import { Stage } from "./stage/stage.tsx";
import { findScene, storyOf } from "./story/scenes.ts";
import { bringBack, cutOff, MOST_STEPS, type Story, withGuarantee } from "./story/story.ts";
import { useFiles } from "./use-files.ts";
import { useAddress, usePlayer, useRaces, useStillness } from "./use-player.ts";

/** Draws all of it. */
export function RacePage({ player }: { readonly player: Player }): JSX.Element {
  usePlayer(player);
  useAddress(player);
  const isStill = useStillness();
  const { world } = player;
  const { story } = world;
  const count = useRaces(story);
  const [chosen, choose] = useState(1);
  const [asked, setAsked] = useState<number | null>(null);
  const { notice, setNotice, open, isOver } = useFiles(player);
  const time = isStill ? world.at : player.time;
  const view = viewOf(world);
  const node = Math.min(chosen, view.agents.length - 1);
  const task = asked !== null && asked < view.taskCount ? asked : null;

  const start = (next: Story): void => {
    setNotice(null);
    void player.load(next).then(() => player.play());
  };
  const act = async (steps: readonly Step[]): Promise<void> => {
    const hadEnd = !world.isOver && world.placeAt(player.time).index < story.steps.length - 1;
    const hasRoom = await player.act(steps);
    if (!hasRoom)
      setNotice({
        tone: "bad",
        sentences: [`A story has at most ${MOST_STEPS} steps, and this one is full: start over.`],
      });
    else if (hadEnd)
      setNotice({
        tone: "plain",
        sentences: [
          "You stepped in: the story goes on from here as yours, and what would have come next is dropped. The wait you cut short ends at this millisecond.",
        ],
      });
  };
  const cut = async (who: number, isOff: boolean): Promise<void> => {
    const others = view.agents.filter((one) => one.node !== who && world.cuts.isOff(one.node));
    const back = bringBack(
      story.setup,
      others.map((one) => one.node),
    );
    await act(isOff ? cutOff(story.setup, who) : back);
  };
  const ask = (who: number, about: number): void => {
    choose(who);
    setAsked(about);
  };
  useEffect(() => {
    if (asked !== null) document.getElementById("why")?.scrollIntoView({ block: "nearest" });
  }, [asked, chosen]);

  return (
    <div class={isOver ? "race over" : "race"}>
      <header>
        <div>
          <h1>The race</h1>
          <p class="faint">
            Agents want the same task and nobody is in charge. This is the library itself, over a
            network you can break.
          </p>
        </div>
        <ThemeSwitch />
      </header>
      <Settings
        story={story}
        onScene={(scene, choice) => {
          const next = findScene(scene);
          player.setSpeed(next.speed);
          start(storyOf(next, choice));
        }}
        onRule={(rule) => start({ ...story, rule, saved: null })}
        onGuarantee={(guarantee) => start(withGuarantee(story, guarantee))}
        onFile={open}
      />
      <NoticeBar notice={notice} player={player} onClose={() => setNotice(null)} />
      <main>
        <div class="left">
          <section class="panel scene" aria-labelledby="now">
            <h2 id="now" class="hidden">
              Now
            </h2>
            <p class="caption" aria-live={player.isPlaying ? "off" : "polite"}>
              {narrate(view).join(" ")}
            </p>
            <Stage
              world={world}
              view={view}
              time={time}
              isStill={isStill}
              chosen={node}
              asked={task}
              onChoose={choose}
              onCut={cut}
              onAsk={ask}
            />
            <p class="faint small hint">
              Drag an agent across the dashed ring to cut it off, and back to heal; or press Enter
              on it. Click a task to ask why it stands as it does. ≠ marks where replicas differ.
            </p>
            <Transport player={player} time={time} />
          </section>
          <Actions
            story={story}
            view={view}
            chosen={node}
            onChoose={choose}
            onCut={cut}
            act={(steps) => void act(steps)}
          />
        </div>
        <div class="right">
          <Compare world={world} view={view} time={time} count={count} />
          <Why world={world} view={view} node={node} task={task} onAsk={ask} />
          <EventLog world={world} />
        </div>
      </main>
    </div>
  );
}
