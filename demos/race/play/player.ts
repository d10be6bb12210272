/** Plays a story in the page: pauses, steps, goes back, and forks the story where the reader steps in. */
import type { Step } from "../../../property-tests/kit/index.ts";
import { forkStory, HAIR_MS, MOST_STEPS, type Story, wholeMs } from "../story/story.ts";
import { World } from "./world.ts";

/** The player; whoever watches it is called after each change. */
export interface Player {
  readonly world: World;
  /** The time shown: that of the last event, or later. */
  readonly time: number;
  readonly isPlaying: boolean;
  /** Milliseconds of the story per millisecond. */
  readonly speed: number;
  /** The most events that this story has been played to. */
  readonly reached: number;
  watch(listener: () => void): () => void;
  play(): void;
  pause(): void;
  setSpeed(speed: number): void;
  /** Lets time pass as the reader sees it. */
  pass(realMs: number): void;
  /** Lets exactly one event happen. */
  step(): Promise<void>;
  /** Goes to just after an event, by playing anew. */
  goTo(event: number): Promise<void>;
  /** Goes to a time, by playing anew. */
  goToTime(time: number): Promise<void>;
  /** Starts another story. */
  load(story: Story, event?: number): Promise<void>;
  /** Lets the reader step in at the present moment; false where the story is too long already. */
  act(steps: readonly Step[]): Promise<boolean>;
}

/** What may happen without being waited for: so many events, and all until some time. */
interface Allowance {
  readonly events: number;
  readonly until: number;
}

/** A step shows once the agent's disk has flushed, so time goes on that far even where it stands. */
const LONGEST_FLUSH_MS = 5;

/** Opens a player on a story. */
export async function openPlayer(first: Story, speed: number): Promise<Player> {
  const player = new StoryPlayer(speed);
  await player.load(first);
  return player;
}

class StoryPlayer implements Player {
  isPlaying = false;
  speed: number;
  time = 0;
  reached = 0;
  readonly #listeners = new Set<() => void>();
  #world: World | null = null;
  #allowance: Allowance = { events: 0, until: 0 };
  /** Lets the world go on that waits at its gate. */
  #release = (): void => {};
  /** Called when a world waits at its gate, or is over. */
  #arrive = (): void => {};
  #generation = 0;

  constructor(speed: number) {
    this.speed = speed;
  }

  get world(): World {
    if (this.#world === null) throw new Error("a player is to be loaded before it is used");
    return this.#world;
  }

  watch(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  play(): void {
    this.isPlaying = !this.world.isOver;
    this.#tell();
  }

  pause(): void {
    this.isPlaying = false;
    this.#catchUp();
  }

  setSpeed(speed: number): void {
    this.speed = speed;
    this.#tell();
  }

  pass(realMs: number): void {
    if (!this.isPlaying) return;
    // whatever was allowed before has happened by now
    if (this.world.isOver) this.isPlaying = false;
    this.#catchUp();
    if (!this.isPlaying) return;
    this.time += realMs * this.speed;
    this.#allowance = { events: 0, until: this.time };
    this.#release();
  }

  async step(): Promise<void> {
    this.isPlaying = false;
    const { world } = this;
    if (world.isOver) return this.#tell();
    const arrived = this.#arrival();
    this.#allowance = { events: world.events + 1, until: -1 };
    this.#release();
    await arrived;
    if (world === this.#world) this.#stand(world.at);
  }

  async goTo(event: number): Promise<void> {
    this.isPlaying = false;
    await this.#replay(this.world.story, { events: event, until: -1 });
  }

  async goToTime(time: number): Promise<void> {
    this.isPlaying = false;
    await this.#replay(this.world.story, { events: 0, until: time });
  }

  async load(story: Story, event = 0): Promise<void> {
    this.reached = 0;
    await this.#replay(story, { events: event, until: -1 });
  }

  async act(steps: readonly Step[]): Promise<boolean> {
    const { world } = this;
    if (world.story.steps.length + steps.length > MOST_STEPS) return false;
    const place = world.placeAt(this.time);
    this.reached = 0;
    const forkedAt = this.time - place.elapsedMs + wholeMs(place);
    const until = forkedAt + Math.min(world.story.setup.flushMs, LONGEST_FLUSH_MS) + 1;
    await this.#replay(forkStory(world.story, place, steps), { events: 0, until });
    return true;
  }

  /** Plays a story from its beginning until all that is allowed has happened. */
  async #replay(story: Story, allowance: Allowance): Promise<void> {
    const mine = ++this.#generation;
    const world: World = new World(story, (at) => this.#ask(world, mine, at));
    await world.open();
    if (mine !== this.#generation) return;
    const arrived = this.#arrival();
    this.#allowance = allowance;
    void world.run().then(() => mine === this.#generation && this.#arrive());
    await arrived;
    if (mine !== this.#generation) return;
    this.#world = world;
    this.#stand(Math.max(world.at, allowance.until));
  }

  #arrival(): Promise<void> {
    return new Promise((resolve) => {
      this.#arrive = resolve;
    });
  }

  /** The gate of a world; one whose place another has taken stands still for ever. */
  #ask(world: World, mine: number, at: number): Promise<void> | void {
    if (mine !== this.#generation) return new Promise(() => {});
    const { events, until } = this.#allowance;
    if (world.events < events || at <= until + HAIR_MS) return;
    this.#arrive();
    return new Promise((resolve) => {
      this.#release = () => {
        const allowed = this.#allowance;
        if (world.events < allowed.events || at <= allowed.until + HAIR_MS) resolve();
      };
    });
  }

  #stand(time: number): void {
    this.time = time;
    this.#allowance = { events: 0, until: time };
    this.#catchUp();
  }

  /** Brings the naive lock to the time shown; never further, since steps yet to come change it. */
  #catchUp(): void {
    this.world.naive.advanceTo(this.time);
    this.reached = Math.max(this.reached, this.world.events);
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
