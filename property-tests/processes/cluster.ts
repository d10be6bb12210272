/** The processes of one test: started, killed, frozen and thawed, and all ended with it. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { processOf } from "./checks/run-name.ts";
import { type Fact, followHistories, type Line, openHistory } from "./history.ts";
import {
  addressOf,
  buildPrograms,
  endProgram,
  type ProgramSettings,
  type RunningProgram,
  startProgram,
} from "./program.ts";
import type { WorkloadName } from "./workload/workloads.ts";

/** How a cluster is set up. */
export interface ClusterOptions {
  readonly workload: WorkloadName;
  readonly seed: number;
  /** Names of the workers. */
  readonly workers: readonly string[];
  readonly isFenced?: boolean;
}

/** The shortest lease that there is: a freeze need not be long. */
export const LEASE_MS = 500;

const RELAY = "relay";
const LOOK_MS = 20;
const LIMIT_MS = 60_000; // for a machine that is busy with other things

/** A relay with its store, some workers with theirs, maybe a resource; all on this machine's loopback. */
export class Cluster {
  /** Where the histories are. */
  readonly histories: string;
  readonly #options: ClusterOptions;
  readonly #folder: string = mkdtempSync(join(tmpdir(), "stigmergy-processes-"));
  readonly #programs: string;
  readonly #running = new Map<string, RunningProgram>();
  readonly #runs = new Map<string, number>();
  readonly #note: (fact: Fact) => void;
  /** What all have written so far. */
  readonly read: () => readonly Line[];
  #relay = "";
  #resource: number | null = null;
  #failure: Error | null = null;

  private constructor(options: ClusterOptions) {
    this.#options = options;
    this.#programs = join(this.#folder, "programs");
    this.histories = join(this.#folder, "histories");
    mkdirSync(this.histories);
    this.#note = openHistory(this.histories, "nemesis");
    this.read = followHistories(this.histories);
  }

  /** Builds the programs and starts them all; `close` ends them. */
  static async start(options: ClusterOptions): Promise<Cluster> {
    const cluster = new Cluster(options);
    try {
      await buildPrograms(cluster.#programs);
      await cluster.#startRelay(0);
      if (options.isFenced === true) {
        const { histories } = cluster;
        const settings = { run: cluster.#nextRun("resource"), histories };
        cluster.#resource = Number(await addressOf(cluster.#start("resource", settings)));
      }
      for (const name of options.workers) cluster.#startWorker(name);
    } catch (error) {
      await cluster.close();
      throw error;
    }
    return cluster;
  }

  /** The current run of a process, such as `w1.2`. */
  runOf(name: string): string {
    return this.#programOf(name).run;
  }

  /** Kills a worker, and starts its next run, with its store or without. */
  async killWorker(name: string, options: { readonly isWiped?: boolean } = {}): Promise<void> {
    const { isWiped = false } = options;
    this.#note({ kind: "killing", victim: this.runOf(name), isWiped });
    await this.#end(name);
    if (isWiped) rmSync(this.#directoryOf(name), { recursive: true, force: true });
    this.#startWorker(name);
  }

  /** Kills the relay, and starts its next run at the same place and with its store. */
  async killRelay(): Promise<void> {
    this.#note({ kind: "killing", victim: this.runOf(RELAY), isWiped: false });
    await this.#end(RELAY);
    await this.#startRelay(Number(new URL(this.#relay).port));
  }

  /** Stops a process in the middle of whatever it does. */
  freeze(name: string): void {
    this.#note({ kind: "freezing", victim: this.runOf(name) });
    this.#programOf(name).child.kill("SIGSTOP");
  }

  /** Lets a frozen process go on as if no time had passed. */
  thaw(name: string): void {
    this.#note({ kind: "thawing", victim: this.runOf(name) });
    this.#programOf(name).child.kill("SIGCONT");
  }

  /** Lets the workers end what they do, has a newcomer look, and returns once all have written down what they hold. */
  async finish(): Promise<readonly Line[]> {
    for (const name of this.#options.workers) this.#programOf(name).child.send("stop");
    await this.#untilAll(this.#options.workers, "stopped");
    this.#startWorker("newcomer", null);
    const all = [...this.#options.workers, "newcomer"];
    await this.#untilAll(all, "stopped");
    for (const name of all) this.#programOf(name).child.send("finish");
    await this.#untilAll(all, "finished");
    return this.read();
  }

  /**
   * Resolves once the histories fulfil the condition.
   *
   * @throws Error with what was waited for, after a minute, and as soon as a process ends that nobody killed
   */
  async until(what: string, condition: (history: readonly Line[]) => boolean): Promise<void> {
    const end = performance.now() + LIMIT_MS;
    while (!condition(this.read())) {
      if (this.#failure !== null) throw this.#failure;
      if (performance.now() > end) throw new Error(`waited ${LIMIT_MS} ms in vain until ${what}`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  /** Ends every process; removes the histories and stores unless they are to be kept. */
  async close(options: { readonly isKept?: boolean } = {}): Promise<void> {
    await Promise.all([...this.#running.keys()].map((name) => this.#end(name)));
    rmSync(this.#programs, { recursive: true, force: true });
    if (options.isKept !== true) rmSync(this.#folder, { recursive: true, force: true });
  }

  async #untilAll(names: readonly string[], kind: Line["kind"]): Promise<void> {
    const runs = names.map((name) => this.runOf(name));
    await this.until(`${runs.join(", ")} have ${kind}`, (history) =>
      runs.every((run) => history.some((line) => line.run === run && line.kind === kind)),
    );
  }

  async #startRelay(port: number): Promise<void> {
    const directory = join(this.#folder, RELAY);
    const presenceIntervalMs = LEASE_MS / 5;
    const settings = { run: this.#nextRun(RELAY), port, directory, presenceIntervalMs };
    this.#relay = String(await addressOf(this.#start(RELAY, settings)));
  }

  #startWorker(name: string, directory: string | null = this.#directoryOf(name)): void {
    const run = this.#nextRun(name);
    this.#start("worker", {
      run,
      histories: this.histories,
      relay: this.#relay,
      directory,
      workload: this.#options.workload,
      seed: this.#options.seed + [...run].reduce((sum, char) => sum * 31 + char.charCodeAt(0), 0),
      leaseMs: LEASE_MS,
      resource: this.#resource,
    });
  }

  #start<K extends keyof ProgramSettings>(
    program: K,
    settings: ProgramSettings[K] & { readonly run: string },
  ): RunningProgram {
    const started = startProgram(this.#programs, program, settings, (fault) => {
      this.#failure ??= fault;
    });
    this.#running.set(processOf(settings.run), started);
    return started;
  }

  async #end(name: string): Promise<void> {
    const program = this.#programOf(name);
    this.#running.delete(name);
    await endProgram(program);
  }

  #programOf(name: string): RunningProgram {
    const program = this.#running.get(name);
    if (program === undefined) throw new Error(`no process ${name} is running`);
    return program;
  }

  #nextRun(name: string): string {
    const number = (this.#runs.get(name) ?? 0) + 1;
    this.#runs.set(name, number);
    return `${name}.${number}`;
  }

  #directoryOf(name: string): string {
    return join(this.#folder, name);
  }
}
