/** What every part of the page reads: the session, which moment of the board it shows, and what the reader has chosen. */
import { createContext } from "preact";
import { useContext, useEffect, useMemo, useState } from "preact/hooks";
import { useBoard } from "../../../adapters/ui/react.ts";
import {
  type AgentId,
  getTask,
  type Snapshot,
  type Task,
  type TaskId,
} from "../../../lib/index.ts";
import type { BoardIndex } from "../board-index.ts";
import type { Section } from "../standing.ts";
import type { Session } from "./session.ts";
import { agentName, taskTitle } from "./texts.ts";

/** What the reader has chosen; it is kept in the hash. */
export interface View {
  readonly task: TaskId | null;
  readonly list: Section | "open";
  readonly filter: string;
  /** The Lamport time that is shown; null for now. */
  readonly at: number | null;
}

/** A past moment of the board. */
export interface Past {
  readonly time: number;
  readonly snapshot: Snapshot;
  readonly index: BoardIndex;
}

/** What a part of the page may read and do. */
export interface PageContext {
  readonly session: Session;
  readonly view: View;
  /** The moment shown, where it is not now. */
  readonly past: Past | null;
  show(change: Partial<View>): void;
  /** Says something to the person, such as why an action was refused. */
  say(message: Message): void;
}

/** Something to be told. */
export interface Message {
  readonly kind: "done" | "refused" | "fault";
  readonly text: string;
}

/** Provides the context to the page. */
export const Page: preact.Context<PageContext | null> = createContext<PageContext | null>(null);

/** The page's context. */
export function usePage(): PageContext {
  const page = useContext(Page);
  if (page === null) throw new Error("This component belongs below <Page.Provider>");
  return page;
}

/** The lists as of the moment shown; renders again at most once in so many milliseconds while the board lives. */
export function useIndex(everyMs: number = 0): BoardIndex {
  const { session, past } = usePage();
  const [, setTurn] = useState(0);
  const isLive = past === null;
  useEffect(() => {
    if (!isLive) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tell = (): void => {
      timer = undefined;
      setTurn((turn) => turn + 1);
    };
    setTurn((turn) => turn + 1); // the board may have changed since the render
    const stop = session.live.subscribe(() => {
      if (everyMs === 0) tell();
      else timer ??= setTimeout(tell, everyMs);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [session, isLive, everyMs]);
  return past?.index ?? session.live.index;
}

/** The snapshot of the moment shown, as the selector reads it. */
export function useMoment<T>(select: (snapshot: Snapshot) => T): T {
  const { past } = usePage();
  const live = useBoard((state) => select(state.snapshot));
  return past === null ? live : select(past.snapshot);
}

/** A task as of the moment shown. */
export function useTask(id: TaskId | null): Task | undefined {
  return useMoment((snapshot) => (id === null ? undefined : getTask(snapshot, id)));
}

/** The person; renders again when they join, or something of theirs begins or ends. */
export function usePerson(): Session["person"] {
  const { person } = usePage().session;
  const [, setTurn] = useState(0);
  useEffect(() => person.subscribe(() => setTurn((turn) => turn + 1)), [person]);
  return person;
}

/** Renders again every so many milliseconds, for what grows by itself. */
export function useTick(everyMs: number): void {
  const [, setTurn] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setTurn((turn) => turn + 1), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
}

/** How agents and tasks are called; the names stay up to date by themselves. */
export function useNames(): { agent(id: AgentId): string; task(id: TaskId): string } {
  const { session, past } = usePage();
  const { live } = session;
  return useMemo(
    () => ({
      agent: agentName,
      task: (id: TaskId) => taskTitle((past?.index ?? live.index).task(id), id),
    }),
    [live, past],
  );
}
