/** An open board: its state on top, then what there is now, how it came to be, and what it cost. */
import type { JSX } from "preact";
import { useCallback, useEffect, useMemo, useState } from "preact/hooks";
import { useBoard } from "../../adapters/ui/react.ts";
import { countTasks, type TaskId } from "../../lib/index.ts";
import type { HashState } from "../page/hash.ts";
import { onHashChange, readHash, writeHash } from "../page/hash.ts";
import { SECTIONS } from "./board-index.ts";
import type { FaultWords } from "./connect/fault-words.ts";
import { CostPanel } from "./cost/cost-panel.tsx";
import { Header } from "./header.tsx";
import { type Message, Page, type Past, type View } from "./live/page-context.tsx";
import type { Session } from "./live/session.ts";
import { LogPanel } from "./log/log-panel.tsx";
import { Notices } from "./notices.tsx";
import { AgentsPanel } from "./now/agents-panel.tsx";
import { ContestedPanel } from "./now/contested-panel.tsx";
import { Scrubber } from "./past/scrubber.tsx";
import { usePast } from "./past/use-past.ts";
import { SidePanel } from "./task/side-panel.tsx";
import { TaskPanel } from "./tasks/task-panel.tsx";
import { TimelinePanel } from "./timeline/timeline-panel.tsx";

/** Shows a board. */
export function BoardPage(props: {
  readonly session: Session;
  readonly fault: FaultWords | null;
}): JSX.Element {
  const { session, fault } = props;
  const [view, setView] = useState<View>(() => readView(readHash()));
  const [messages, setMessages] = useState<readonly Message[]>([]);
  const past: Past | null = usePast(session.board, view.at);
  const show = useCallback((change: Partial<View>): void => {
    setView((before) => ({ ...before, ...change }));
    keepInHash(hashOf(change));
  }, []);
  const say = useCallback(
    (message: Message): void =>
      setMessages((before) => [...before.filter(({ kind }) => kind !== "done").slice(-2), message]),
    [],
  );
  useEffect(() => onHashChange((hash) => setView(readView(hash))), []);
  const page = useMemo(
    () => ({ session, view, past, show, say }),
    [session, view, past, show, say],
  );

  // nothing has been heard yet: what is not known must not look like a board without tasks
  const hasArrived = useBoard(
    ({ snapshot, status }) =>
      status === "synced" || countTasks(snapshot) > 0 || Object.keys(snapshot.agents).length > 0,
  );
  const [wasReached, setWasReached] = useState(false);
  useEffect(() => {
    if (hasArrived) setWasReached(true);
  }, [hasArrived]);

  return (
    <Page.Provider value={page}>
      <div class={past === null ? "board" : "board past"}>
        <Header />
        <Notices
          fault={fault}
          messages={messages}
          onDismiss={(gone) => setMessages((before) => before.filter((one) => one !== gone))}
          wasReached={wasReached || hasArrived}
        />
        {(wasReached || hasArrived) && (
          <main aria-busy={view.at !== (past?.time ?? null)}>
            <Scrubber />
            <div class="now">
              <AgentsPanel />
              <TaskPanel />
              <SidePanel />
            </div>
            <TimelinePanel />
            <div class="below">
              <ContestedPanel />
              <LogPanel />
              <CostPanel />
            </div>
          </main>
        )}
      </div>
    </Page.Provider>
  );
}

/** Browsers take 200 new addresses in half a minute; who drags through the past makes more. */
const HASH_EVERY_MS = 250;

let kept: Readonly<Record<string, string | undefined>> | null = null;

function keepInHash(changes: Readonly<Record<string, string | undefined>>): void {
  if (kept === null)
    setTimeout(() => {
      writeHash(kept ?? {});
      kept = null;
    }, HASH_EVERY_MS);
  kept = { ...kept, ...changes };
}

function readView({ task = "", list, filter = "", at = "" }: HashState): View {
  return {
    task: task === "" ? null : (task as TaskId),
    list: SECTIONS.find((one) => one === list) ?? "open",
    filter,
    at: /^[0-9]{1,15}$/.test(at) ? Number(at) : null,
  };
}

function hashOf(change: Partial<View>): Readonly<Record<string, string | undefined>> {
  const hash: Record<string, string | undefined> = {};
  if (change.task !== undefined) hash["task"] = change.task ?? undefined;
  if (change.list !== undefined) hash["list"] = change.list === "open" ? undefined : change.list;
  if (change.filter !== undefined)
    hash["filter"] = change.filter === "" ? undefined : change.filter;
  if (change.at !== undefined) hash["at"] = change.at === null ? undefined : String(change.at);
  return hash;
}
