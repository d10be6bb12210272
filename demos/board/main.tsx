/** Starts the page: renders at most once for each frame, however often the board changes in between. */
import { options, render } from "preact";
import "../page/page.css";
import "./board.css";
import { App } from "./app.tsx";

options.debounceRendering = (run): void => void requestAnimationFrame(run);

const root = document.getElementById("page");
if (root !== null) render(<App />, root);
