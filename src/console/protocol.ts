import type { ChartTransition } from '../projections/chart/chart.ts';
import type { Geometry } from '../projections/chart/geometry.ts';
import type { Moment } from '../projections/chart/time/moment.ts';
import type { Supposed } from '../projections/chart/time/what-if.ts';
import type { Waterfall } from '../projections/chart/time/waterfall.ts';
import type { BoardEntry } from '../projections/board.ts';
import type { Mood } from '../projections/story.ts';
import type { Json, JsonObject } from '../kernel/json.ts';
import type { LogRecord, MachineStamp } from '../kernel/record.ts';
import type { ControlRequest } from '../kernel/request.ts';
import type { Status } from '../kernel/state.ts';

/*
 * What the console's page and its server say to each other: JSON messages over one WebSocket, `/live`. The page asks
 * (`Asked`) and gets one answer (`Answered`) with the same `id`; the server pushes (`Pushed`) what the page watches.
 * Everything that leaves the server is without secrets. Times are ms since the epoch. A board, an actor, an output
 * and the dead letters are pushed from the moment they are watched; who lost the socket watches anew.
 */

export type { BoardEntry, Geometry, Json, JsonObject, Moment, Mood, Status, Supposed, Waterfall };

/** What the page may ask for, each with its question and its answer. */
export interface Questions {
  /** Watch the board through a window; again with another one to scroll, filter or sort. One window a socket. Pushes `board`. */
  'board.watch': { ask: BoardWindow; answer: BoardPush };
  'board.leave': { ask: object; answer: null };
  /** Look at an actor and hear of its new records. At most 4 a socket. Pushes `actor`. */
  'actor.watch': { ask: { actor: string }; answer: ActorFace };
  'actor.leave': { ask: { actor: string }; answer: null };
  /** Records `from` to `to`, both included, from 1, at most 500 at once. The actor must be watched, as for all that follow about one. */
  'actor.records': { ask: { actor: string; from: number; to: number }; answer: readonly ShownRecord[] };
  /** The actor right after record `seq`. */
  'actor.moment': { ask: { actor: string; seq: number }; answer: ShownMoment };
  /** What ran and waited when, as far as record `upTo`; all of it when left out. */
  'actor.waterfall': { ask: { actor: string; upTo?: number }; answer: Waterfall };
  /** What may be supposed after record `seq`. */
  'actor.choices': { ask: { actor: string; seq: number }; answer: readonly Supposed[] };
  /** Where the chart would go from record `seq`; nothing is stored and nothing is done. */
  'actor.what-if': { ask: { actor: string; seq: number; type: string; data?: JsonObject; at?: number }; answer: ShownWhatIf };
  /** The actor's chart laid out, open down to `depth` levels below the root; all of it when left out. Ask for a low depth first. */
  'actor.chart': { ask: { actor: string; depth?: number }; answer: LaidOutChart };
  /** Follow what an actor printed: the last lines there are, then what comes. Pushes `output`. At most 4 a socket. */
  'output.watch': { ask: { actor: string }; answer: null };
  'output.leave': { ask: { actor: string }; answer: null };
  /** A command for an actor: stop, start, cancel, retry-undo, abandon or any other. The answer is the verdict. */
  'command': { ask: { actor: string; command: string; body?: JsonObject }; answer: Verdict };
  /** Watch the dead letters. Pushes `dead`. */
  'dead.watch': { ask: object; answer: readonly DeadRow[] };
  'dead.leave': { ask: object; answer: null };
  'dead.show': { ask: { letter: string }; answer: DeadRow & { readonly headers: Readonly<Record<string, string>>; readonly body: string } };
  'dead.retry': { ask: { letter: string }; answer: null };
  'dead.drop': { ask: { letter: string }; answer: null };
}

export type Question = keyof Questions;

/** From page to server. `id` is the page's own, a positive whole number. */
export type Asked<Q extends Question = Question> = { [K in Q]: { readonly id: number; readonly ask: K } & Questions[K]['ask'] }[Q];

/** From server to page. `no` when it could not be answered at all; a refused command is an answer. */
export type Answered<Q extends Question = Question> =
  | { readonly id: number; readonly yes: Questions[Q]['answer'] }
  | { readonly id: number; readonly no: { readonly code: string; readonly message: string; readonly hint?: string } };

/** From server to page, unasked. */
export type Pushed =
  | { readonly push: 'hello'; readonly hello: Hello }
  | { readonly push: 'link'; readonly link: Link }
  | { readonly push: 'workers'; readonly workers: readonly WorkerRow[] }
  | { readonly push: 'board'; readonly board: BoardPush }
  | { readonly push: 'actor'; readonly actor: ActorPush }
  | { readonly push: 'output'; readonly output: OutputPush }
  | { readonly push: 'dead'; readonly dead: readonly DeadRow[] };

/** The first message on a socket; `link` and `workers` follow. */
export interface Hello {
  /** Millrace's version. */
  readonly version: string;
  /** Who the commands of this page are recorded to be from. */
  readonly by: string;
  /** Server's clock when it was sent: the page may reckon how far its own is off. */
  readonly now: number;
  /** Names of the machines this console can draw. */
  readonly machines: readonly string[];
}

/** The broker as the console's server sees it. While it is `down` everything shown is as it was last; the server goes on by itself. */
export interface Link {
  readonly state: 'up' | 'down';
  readonly since: number;
  /** Without user and password. */
  readonly server: string;
}

export interface WorkerRow {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly startedAt: number;
  readonly machines: readonly string[];
  /** How many partitions it serves, by actor type. */
  readonly serves: Readonly<Record<string, number>>;
}

/** Of the rows that the filters let through, `count` from place `from` (0-based). */
export interface BoardWindow {
  readonly from: number;
  /** At most 200. */
  readonly count: number;
  /** Each word of it must be in the row's name, state, what it waits for or why it is blocked; case does not matter. */
  readonly text?: string;
  readonly type?: string;
  readonly status?: readonly Status[];
  /** Only actors without a parent. */
  readonly roots?: boolean;
  /** Only the children of this actor, ended ones too. */
  readonly parent?: string;
  /** Newest change first is the default; `attention`: blocked, then failed, then what goes on, then the rest, each newest first. */
  readonly sort?: 'changed' | 'created' | 'actor' | 'attention';
}

/** A line of the board. `waitingFor` with the moment a timer is due; `blocked` with who needs a person and the commands that help. */
export type BoardRow = BoardEntry;

/** At most one every 100 ms, and only what has changed in the window. */
export interface BoardPush {
  /** Actors that the filters let through. */
  readonly total: number;
  /** Actors by status, whatever the filter on the status; the other filters apply. */
  readonly counts: Readonly<Partial<Record<Status, number>>>;
  /** All actors by type, unfiltered. */
  readonly types: Readonly<Record<string, number>>;
  readonly from: number;
  /** Who stands in the window, top first. Left out when the same as last time. */
  readonly order?: readonly string[];
  /** Rows that are new in the window or have changed; for the rest the page has them from before. */
  readonly rows: readonly BoardRow[];
}

/** What there is to know of an actor at once. */
export interface ActorFace {
  readonly actor: string;
  readonly machine: MachineStamp;
  /** This console cannot draw it or go back in time: its machine is unknown here or differs. Records and output are still there. */
  readonly notDrawn?: { readonly code: string; readonly message: string; readonly hint?: string };
  /** How many records there are. */
  readonly length: number;
  readonly parent?: string;
  readonly createdAt: number;
  /** Now; undefined when it is not drawn, and while a long log is folded: then it comes with the news, as do what was passed and the children. */
  readonly now?: ShownMoment;
  /** What people asked of it, oldest first. */
  readonly requests: readonly ControlRequest[];
  /** For each state and transition of the chart that was ever entered or taken, by id: the first record that did. The way as it was after record n is what stands at n or less. */
  readonly passed: Readonly<Record<string, number>>;
  /** Each child it ever had, and the record that began it. */
  readonly children: Readonly<Record<string, number>>;
}

/** New records of a watched actor. At most one every 100 ms. */
export interface ActorPush extends Omit<ActorFace, 'machine' | 'createdAt' | 'parent'> {
  /** The newest records, 100 at most; ask for others. `passed` and `children` have only what is new. */
  readonly records: readonly ShownRecord[];
}

/** A record as a person reads it. */
export type ShownRecord = Pick<LogRecord, 'seq' | 'at' | 'type' | 'cause' | 'by' | 'data' | 'chain' | 'traceparent'> & {
  readonly sentence: string;
  readonly mood: Mood;
  /** The record that led to it, when it is one of the same log: the one that asked for the effect. */
  readonly from?: number;
};

/** A moment with the context as it was, and the commands that would have been taken. */
export interface ShownMoment extends Moment {
  readonly context: Json;
  readonly allowed: readonly string[];
  /** What the chart ended with; null before its end. */
  readonly output: Json;
  readonly blocked?: BoardEntry['blocked'];
}

export type ShownWhatIf =
  | { readonly accepted: true; readonly moment: ShownMoment }
  | { readonly accepted: false; readonly code: string; readonly reason: string; readonly hint?: string; readonly value: Json; readonly allowed: readonly string[] };

/** A chart to be drawn. The same for all actors of one `hash`. */
export interface LaidOutChart {
  /** Of the definition: keep charts by it and by depth. */
  readonly hash: string;
  readonly depth: number;
  /** Levels below the root there are: a greater depth shows nothing more. */
  readonly deepest: number;
  /** States and transitions of the whole chart, drawn or not. */
  readonly root: string;
  readonly parents: Readonly<Record<string, string | null>>;
  readonly transitions: readonly Pick<ChartTransition, 'id' | 'source' | 'targets'>[];
  readonly geometry: Geometry;
}

export interface OutputPush {
  readonly actor: string;
  /** It prints to this other one's output, which is what is shown. */
  readonly printsTo?: string;
  /** Begins anew: forget what was shown. `dropped`: lines before the first one here that are not shown. */
  readonly fresh?: { readonly dropped: number };
  readonly lines: readonly { readonly at: number; readonly source: string; readonly text: string }[];
}

/** The verdict on a command. */
export type Verdict =
  | { readonly accepted: true; readonly seq: number; readonly duplicate?: true; readonly request?: ControlRequest }
  | { readonly accepted: false; readonly code: string; readonly reason: string; readonly value: Json; readonly allowed: readonly string[]; readonly hint?: string };

export interface DeadRow {
  readonly id: string;
  readonly actor: string;
  readonly command: string;
  readonly code: string;
  readonly reason: string;
  readonly hint?: string;
  readonly deliveries: number;
  readonly at: number;
}

/*
 * Beside the socket, over HTTP: `/` the page and what it loads; `GET /session` 204 or, when a token is needed, 401;
 * `POST /session` with JSON `{"token":"..."}` sets the cookie that opens the socket: 204, 403 for a wrong one, 429 for
 * too many wrong ones.
 */
