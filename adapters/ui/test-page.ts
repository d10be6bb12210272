/** A page of a hundred components over one board, which counts how often each of them renders: for the test beside it. */
import { Component, createElement, type ReactNode } from "react";
import { createRoot } from "react-dom/client";
import { type Agent, getTask, openBoard, type TaskId } from "../../lib/index.ts";
import { createMemoryNetwork } from "../transport/memory.ts";
import { BoardProvider, useBoard, useBoardHandle } from "./react.ts";

const TASKS = 100;

const network = createMemoryNetwork({ topology: "relay" });
const board = await openBoard({ board: "page", transport: network.createTransport("page") });
const ann: Agent = await board.join({ name: "ann" });
const ids = await ann.add(Array.from({ length: TASKS }, (_, i) => ({ title: `task ${i}` })));
const renders: Record<string, number> = {};
const count = (name: string): void => {
  renders[name] = (renders[name] ?? 0) + 1;
};
let looks = 0;

const Title = ({ id }: { readonly id: TaskId }): ReactNode => {
  count(id);
  return createElement(
    "li",
    {},
    useBoard(({ snapshot }) => {
      looks++;
      return getTask(snapshot, id)?.title;
    }),
  );
};
const Status = (): ReactNode => {
  count("status");
  return createElement(
    "output",
    {},
    useBoard(({ status }) => status),
  );
};
const Names = (): ReactNode => {
  count("names");
  const names = useBoard(
    ({ snapshot }) => Object.values(snapshot.agents).map(({ name }) => name),
    (a, b) => a.join() === b.join(),
  );
  return createElement("p", {}, names.join());
};
const Name = (): ReactNode => {
  count("handle");
  return createElement("h1", {}, useBoardHandle().name);
};

/** Shows the error of what is below it, as applications do. */
class Net extends Component<{ readonly children: ReactNode }, { readonly error: string }> {
  override state = { error: "" };

  static getDerivedStateFromError(error: Error): { readonly error: string } {
    return { error: error.message };
  }

  override render(): ReactNode {
    const { error } = this.state;
    return error === "" ? this.props.children : createElement("strong", {}, error);
  }
}

let shown = board;
const appOf = (numberOfTasks: number): ReactNode =>
  createElement(BoardProvider, {
    board: shown,
    children: [
      createElement(Name, { key: "name" }),
      createElement(Status, { key: "status" }),
      createElement(Names, { key: "names" }),
      ...ids.slice(0, numberOfTasks).map((id) => createElement(Title, { key: id, id })),
    ],
  });

const place = document.body.appendChild(document.createElement("main"));
const root = createRoot(place);
root.render(appOf(TASKS));

/** What the test asks of the page. */
const testPage = {
  text: (selector: string): string => document.querySelector(selector)?.textContent ?? "",
  /** How often each component has rendered since the last question, by the number of its task or its name. */
  renders(): Record<string, number> {
    const since = Object.fromEntries(
      Object.entries(renders).map(([name, times]) => {
        const number = ids.indexOf(name as TaskId);
        return [number < 0 ? name : `task ${number}`, times];
      }),
    );
    for (const name of Object.keys(renders)) delete renders[name];
    return since;
  },
  /** How often the components of tasks select because of one change. */
  async looksAtChange(): Promise<number> {
    looks = 0;
    await ann.note(ids[0] as TaskId, "once more");
    await new Promise((resolve) => setTimeout(resolve)); // they are told in a turn of its own
    return looks;
  },
  edit: (number: number, title: string): Promise<void> =>
    ann.edit(ids[number] as TaskId, { title }),
  note: (number: number): Promise<void> => ann.note(ids[number] as TaskId, "so far"),
  cut: (): void => network.cut("page", "relay"),
  heal: (): void => network.heal(),
  async join(name: string): Promise<void> {
    await shown.join({ name });
  },
  keep: (numberOfTasks: number): void => root.render(appOf(numberOfTasks)),
  async showAnother(): Promise<void> {
    shown = await openBoard({ board: "other", transport: network.createTransport("other") });
    root.render(appOf(TASKS));
  },
  renderOutside(): void {
    const orphan = createElement(Net, { children: createElement(Name) });
    createRoot(document.body.appendChild(document.createElement("aside"))).render(orphan);
  },
  async close(): Promise<void> {
    await shown.close();
  },
  unmount: (): void => root.unmount(),
};

declare global {
  var page: TestPage;
}
/** For the test, which calls it inside the page. */
export type TestPage = typeof testPage;

globalThis.page = testPage;
