/** The page as a whole: asks for what is missing, opens the board, and shows it. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { BoardProvider } from "../../adapters/ui/react.ts";
import { onHashChange, readHash, writeHash } from "../page/hash.ts";
import { ThemeSwitch } from "../page/theme.tsx";
import { BoardPage } from "./board-page.tsx";
import { ConnectForm } from "./connect/connect-form.tsx";
import { type FaultWords, faultWords } from "./connect/fault-words.ts";
import { checkWanted, type Parameters, readWanted, type Wanted } from "./connect/parameters.ts";
import { openSession, type Session } from "./live/session.ts";

/** Everything on the page. */
export function App(): JSX.Element {
  const [start] = useState(() => {
    const hash = readHash();
    const wanted = readWanted(hash);
    return { wanted, checked: checkWanted(wanted), isAsked: hash["form"] !== undefined };
  });
  const { wanted, checked, isAsked } = start;
  const hasFlaws = "flaws" in checked;
  if (!hasFlaws && !isAsked) return <Opened parameters={checked} wanted={wanted} />;
  const isFresh = wanted.relay === "" && wanted.board === "";
  return (
    <Welcome>
      <ConnectForm
        wanted={wanted}
        flaws={hasFlaws && !isFresh ? checked.flaws : {}}
        onConnect={connect}
      />
    </Welcome>
  );
}

/** Another board, or another way to it, is another page: what was shown before does not belong to it. */
function connect({ relay, board, token, rule, name }: Wanted): void {
  writeHash({
    relay,
    board,
    token: token === "" ? undefined : token,
    rule,
    name,
    task: undefined,
    at: undefined,
    form: undefined,
  });
  location.reload();
}

function Opened(props: { readonly parameters: Parameters; readonly wanted: Wanted }): JSX.Element {
  const { parameters, wanted } = props;
  const [session, setSession] = useState<Session | null>(null);
  const [fault, setFault] = useState<FaultWords | null>(null);
  useEffect(() => {
    const told = (error: unknown): void => setFault(faultWords(error));
    openSession(parameters, told).then(setSession, told);
    return onHashChange((hash) => {
      const next = readWanted(hash);
      const isSame = (["relay", "board", "token", "rule"] as const).every(
        (one) => next[one] === wanted[one],
      );
      if (!isSame) location.reload();
    });
  }, [parameters, wanted]);

  if (session === null)
    return (
      <Welcome>{fault === null ? <p>Opening the board …</p> : <Told fault={fault} />}</Welcome>
    );
  if (fault !== null && session.board.status === "closed" && session.board.recordCount === 0)
    return (
      <Welcome>
        <Told fault={fault} />
        <ConnectForm
          wanted={{ ...wanted, rule: fault.rule ?? wanted.rule, token: "" }}
          flaws={{}}
          onConnect={connect}
        />
      </Welcome>
    );
  return (
    <BoardProvider board={session.board}>
      <BoardPage session={session} fault={fault} />
    </BoardProvider>
  );
}

function Told({ fault }: { readonly fault: FaultWords }): JSX.Element {
  return (
    <div role="alert" class="notice bad">
      <strong>{fault.title}</strong>
      <p>{fault.remedy}</p>
    </div>
  );
}

function Welcome({ children }: { readonly children: preact.ComponentChildren }): JSX.Element {
  return (
    <div class="welcome">
      <header>
        <h1>The live board</h1>
        <ThemeSwitch />
      </header>
      <main>{children}</main>
    </div>
  );
}
