/** Starts the page at the moment that its address names, or at the beginning of the concurrent case. */
import { render } from "preact";
import "../page/page.css";
import "./race.css";
import { readHash } from "../page/hash.ts";
import { measureSpeed, type Speed } from "./play/measure.ts";
import { openPlayer, type Player } from "./play/player.ts";
import { RacePage } from "./race-page.tsx";
import { type Address, readAddress } from "./story/address.ts";
import { findScene, OPENING, storyOf } from "./story/scenes.ts";
import { type Story, storyUpTo } from "./story/story.ts";

/** What benches and tests may ask of the page. */
export interface RaceDesk {
  /** How many events a second are played here when nobody looks. */
  measure(aboutMs?: number): Promise<Speed>;
  /** The moment shown, with the story as it went so far. */
  moment(): {
    readonly story: Story;
    readonly event: number;
    readonly time: number;
    readonly hash: number;
  };
}

declare global {
  interface Window {
    race?: RaceDesk;
  }
}

const opening = (): Address => ({
  story: storyOf(findScene(undefined), OPENING),
  event: null,
  speed: null,
});

function addressed(): Address {
  try {
    return readAddress(readHash());
  } catch {
    return opening(); // an address that somebody cut short
  }
}

const desk = (player: Player): RaceDesk => ({
  measure: (aboutMs) => measureSpeed(storyOf(findScene("crowd"), OPENING), aboutMs),
  moment: () => {
    const { world, time } = player;
    const story = storyUpTo(world.story, world.placeAt(time));
    return { story, event: world.events, time, hash: world.hash };
  },
});

const { story, event, speed } = addressed();
const player = await openPlayer(story, speed ?? findScene(story.scene ?? undefined).speed);
if (event === null) player.play();
else await player.goTo(event);
window.race = desk(player);
const root = document.getElementById("page");
if (root !== null) render(<RacePage player={player} />, root);
