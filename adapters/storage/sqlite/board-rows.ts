/** A board's rows: what they hold, and the checksums by which a lost or changed row is found. */
import { randomBytes } from "node:crypto";
import { checksum } from "../frame.ts";
import { type Connection, databaseCorrupt, type Statement } from "./driver.ts";

/** What the row of a board says. */
export interface BoardRow {
  readonly number: number;
  readonly name: string;
  /** The store's id. */
  readonly id: string;
  /** How many updates there are, at positions from 0. */
  readonly updates: number;
  /** The chain of the last update, or where it begins. */
  readonly chain: number;
}

/** The tables; see `docs/protocol.md`, "Files". */
export const SCHEMA: readonly string[] = [
  "CREATE TABLE boards (number INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, id TEXT NOT NULL, updates INTEGER NOT NULL, chain INTEGER NOT NULL, seal INTEGER NOT NULL) STRICT",
  "CREATE TABLE updates (board INTEGER NOT NULL, position INTEGER NOT NULL, bytes BLOB NOT NULL, chain INTEGER NOT NULL, PRIMARY KEY (board, position)) STRICT, WITHOUT ROWID",
];

const COLUMNS = "number, name, id, updates, chain, seal";

/** A row with the checksum of the rest. */
type SealedRow = BoardRow & { readonly seal: number };

/** Finds a board, or says for sure that there is none. */
export function findBoard(
  connection: Connection,
  file: string,
  name: string,
): BoardRow | undefined {
  const select = prepare<[string], SealedRow>(
    connection,
    `SELECT ${COLUMNS} FROM boards WHERE name = ?`,
  );
  const row = select.get(name);
  if (row === undefined) {
    for (const other of listBoards(connection, file)) checkSeal(file, other); // it may be a damaged name
    return undefined;
  }
  checkSeal(file, row);
  return row;
}

/** Lists all boards, none of them missing; whether a row is as it was written, only {@link findBoard} tells. */
export function listBoards(connection: Connection, file: string): readonly SealedRow[] {
  const select = `SELECT ${COLUMNS} FROM boards ORDER BY number`;
  const rows = prepare<[], SealedRow>(connection, select).all();
  const selectMade = "SELECT seq FROM sqlite_sequence WHERE name = 'boards'";
  const made = prepare<[], { readonly seq: number }>(connection, selectMade).get()?.seq ?? 0;
  if (rows.length !== made) {
    throw databaseCorrupt(file, `it holds ${rows.length} boards, and ${made} were made`);
  }
  return rows;
}

/** Makes the row of a new board; its id is random. */
export function insertBoard(connection: Connection, name: string): BoardRow {
  const id = randomBytes(16).toString("hex");
  const insert = prepare(
    connection,
    "INSERT INTO boards (name, id, updates, chain, seal) VALUES (?, ?, 0, ?, 0)",
  );
  const chain = chainStart(id);
  const number = Number(insert.run(name, id, chain).lastInsertRowid);
  const row = { number, name, id, updates: 0, chain };
  return replaceRow(connection, row, row);
}

/** Reads all updates of a board, and refuses the board unless they are just those that were written. */
export function readUpdates(
  connection: Connection,
  file: string,
  board: BoardRow,
): readonly Uint8Array[] {
  const select = prepare<
    [number],
    { readonly position: number; readonly bytes: Uint8Array; readonly chain: number }
  >(connection, "SELECT position, bytes, chain FROM updates WHERE board = ? ORDER BY position");
  const updates: Uint8Array[] = [];
  let chain = chainStart(board.id);
  for (const row of select.iterate(board.number)) {
    const { buffer, byteOffset, byteLength } = row.bytes;
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    chain = checksum(bytes, chain);
    if (row.position !== updates.length || row.chain !== chain) {
      const reason = `update ${updates.length} of the board ${board.name} is not as it was written`;
      throw databaseCorrupt(file, reason);
    }
    updates.push(bytes);
  }
  if (updates.length !== board.updates || chain !== board.chain) {
    const reason = `the board ${board.name} has ${updates.length} of ${board.updates} updates`;
    throw databaseCorrupt(file, reason);
  }
  return updates;
}

/** Writes updates behind those of a board and gives the board's new row. */
export function insertUpdates(
  connection: Connection,
  board: BoardRow,
  updates: readonly Uint8Array[],
): BoardRow {
  const insert = prepare(
    connection,
    "INSERT INTO updates (board, position, bytes, chain) VALUES (?, ?, ?, ?)",
  );
  let { updates: position, chain } = board;
  for (const bytes of updates) {
    chain = checksum(bytes, chain);
    insert.run(board.number, position, bytes, chain);
    position++;
  }
  return replaceRow(connection, board, { ...board, updates: position, chain });
}

/** Writes other updates in the place of all of a board's; under a given id where the board becomes another one. */
export function replaceUpdates(
  connection: Connection,
  board: BoardRow,
  updates: readonly Uint8Array[],
  id: string = board.id,
): BoardRow {
  prepare(connection, "DELETE FROM updates WHERE board = ?").run(board.number);
  const emptied = replaceRow(connection, board, {
    ...board,
    id,
    updates: 0,
    chain: chainStart(id),
  });
  return insertUpdates(connection, emptied, updates);
}

function replaceRow(connection: Connection, before: BoardRow, row: BoardRow): BoardRow {
  const update = prepare(
    connection,
    "UPDATE boards SET id = ?, updates = ?, chain = ?, seal = ? WHERE number = ? AND id = ? AND updates = ? AND chain = ?",
  );
  const { id, updates, chain } = row;
  const is = [before.number, before.id, before.updates, before.chain];
  if (update.run(id, updates, chain, sealOf(row), ...is).changes !== 1) {
    throw new Error(`another process has written to the board ${row.name}`);
  }
  return row;
}

function checkSeal(file: string, row: SealedRow): void {
  if (row.seal !== sealOf(row)) {
    throw databaseCorrupt(file, `its row of the board ${row.name} fails the checksum`);
  }
}

function sealOf({ number, name, id, updates, chain }: BoardRow): number {
  return checksum(Buffer.from(JSON.stringify([number, name, id, updates, chain]), "utf8"));
}

/** Statements are compiled once a connection. */
const statements = new WeakMap<Connection, Map<string, Statement<unknown[], unknown>>>();

function prepare<P extends unknown[], R = unknown>(
  connection: Connection,
  sql: string,
): Statement<P, R> {
  const known = statements.get(connection) ?? new Map<string, Statement<unknown[], unknown>>();
  statements.set(connection, known);
  const statement = known.get(sql) ?? connection.prepare<unknown[], unknown>(sql);
  known.set(sql, statement);
  return statement as unknown as Statement<P, R>;
}

function chainStart(id: string): number {
  return checksum(Buffer.from(id, "hex"));
}
