/** What ties the player to the page: frames, the address, the random races, and the reader's wish for stillness. */
import { useEffect, useReducer, useRef, useState } from "preact/hooks";
import { onHashChange, writeHash } from "../page/hash.ts";
import type { Player } from "./play/player.ts";
import { playRaces, RACE_COUNT, type RaceCount } from "./play/races.ts";
import { readAddress, writeAddress } from "./story/address.ts";
import type { Story } from "./story/story.ts";

/** A hidden page, or a busy one, does not make up for lost time at once. */
const LONGEST_FRAME_MS = 100;
const ADDRESS_MS = 1000;

/** Draws anew after each change, and lets time pass with the frames while it plays. */
export function usePlayer(player: Player): void {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => player.watch(() => redraw(undefined)), [player]);
  const { isPlaying } = player;
  useEffect(() => {
    if (!isPlaying) return;
    let last = performance.now();
    const pass = (now: number): void => {
      player.pass(Math.min(Math.max(now - last, 0), LONGEST_FRAME_MS));
      last = now;
      frame = requestAnimationFrame(pass);
    };
    let frame = requestAnimationFrame(pass);
    return () => cancelAnimationFrame(frame);
  }, [player, isPlaying]);
}

/** Keeps the moment in the address: at once while it stands, once a second while it plays. */
export function useAddress(player: Player): void {
  const { world, speed, isPlaying } = player;
  const { story, events } = world;
  useEffect(() => {
    if (!isPlaying) writeHash(writeAddress(story, events, speed));
  }, [story, events, speed, isPlaying]);
  useEffect(() => {
    if (!isPlaying) return;
    const timer = setInterval(
      () => writeHash(writeAddress(player.world.story, player.world.events, player.speed)),
      ADDRESS_MS,
    );
    return () => clearInterval(timer);
  }, [player, isPlaying]);
  useEffect(
    () =>
      onHashChange((state) => {
        try {
          const address = readAddress(state);
          player.pause();
          if (address.speed !== null) player.setSpeed(address.speed);
          void player.load(address.story, address.event ?? 0);
        } catch {
          // half an address that somebody is typing: the page stays where it is
        }
      }),
    [player],
  );
}

/** Races on while the page has nothing better to do; a new setup starts the count anew. */
export function useRaces(story: Story): RaceCount {
  const nothing = { doubled: 0, doubledMs: 0 };
  const [count, setCount] = useState<RaceCount>({ races: 0, ours: nothing, naive: nothing });
  const latest = useRef(story);
  latest.current = story;
  const { nodes, topology } = story.setup;
  const kind = `${nodes} ${topology} ${story.guarantee} ${story.rule.name}`;
  useEffect(() => {
    const stop = new AbortController();
    const tell = (next: RaceCount): void => {
      // drawn in steps: each drawing costs as much as a race
      if (next.races % 10 === 0 || next.races === RACE_COUNT) setCount(next);
    };
    void playRaces(latest.current, { signal: stop.signal, tell });
    return () => stop.abort();
  }, [kind]);
  return count;
}

/** Whether the reader asked for less motion. */
export function useStillness(): boolean {
  const [isStill, setStill] = useState(() => query().matches);
  useEffect(() => {
    const wish = query();
    const change = (): void => setStill(wish.matches);
    wish.addEventListener("change", change);
    return () => wish.removeEventListener("change", change);
  }, []);
  return isStill;
}

function query(): MediaQueryList {
  return matchMedia("(prefers-reduced-motion: reduce)");
}
