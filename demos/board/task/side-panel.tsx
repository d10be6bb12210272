/** Beside the lists: the chosen task, or the way to add one. */
import type { JSX } from "preact";
import { usePage } from "../live/page-context.tsx";
import { AddTask } from "./add-task.tsx";
import { TaskDetails } from "./task-details.tsx";

/** Shows the chosen task, or the form for a new one. */
export function SidePanel(): JSX.Element {
  const { view } = usePage();
  return view.task === null ? <AddTask /> : <TaskDetails key={view.task} id={view.task} />;
}
