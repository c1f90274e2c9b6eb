/**
 * All rows, in memory. Writes gather until `commit`, which hands them to the journal as one unit,
 * so that a process killed at any moment leaves whole operations or none.
 */
import type {
  BookingRow,
  CodeRow,
  GrantRow,
  EventTypeRow,
  MarkRow,
  MeetingTriggerRow,
  OutOfOfficeRow,
  ReservationRow,
  ScheduleRow,
  UserRow,
  WebhookRow,
} from './records.ts';

export interface Tables {
  users: UserRow;
  schedules: ScheduleRow;
  eventTypes: EventTypeRow;
  bookings: BookingRow;
  webhooks: WebhookRow;
  reservations: ReservationRow;
  outOfOffice: OutOfOfficeRow;
  meetingTriggers: MeetingTriggerRow;
  grants: GrantRow;
  codes: CodeRow;
  marks: MarkRow;
  sequences: { key: string; value: number };
}
export type TableName = keyof Tables;

/** `row: null` deletes. */
export type RowChange = { [Name in TableName]: { table: Name; key: string; row: Tables[Name] | null } }[TableName];

const KEYS: { [Name in TableName]: (row: Tables[Name]) => string } = {
  users: (row) => String(row.id),
  schedules: (row) => String(row.id),
  eventTypes: (row) => String(row.id),
  bookings: (row) => row.uid,
  webhooks: (row) => row.id,
  reservations: (row) => row.uid,
  outOfOffice: (row) => row.uuid,
  meetingTriggers: (row) => row.key,
  grants: (row) => row.id,
  codes: (row) => row.code,
  marks: (row) => row.key,
  sequences: (row) => row.key,
};

export interface Store {
  get<Name extends TableName>(table: Name, key: string | number): Tables[Name] | undefined;
  /** In order of first insertion. */
  all<Name extends TableName>(table: Name): Tables[Name][];
  put<Name extends TableName>(table: Name, row: Tables[Name]): void;
  remove(table: TableName, key: string | number): void;
  /** The next id of a sequence; used up even when the insert it was for fails, as in PostgreSQL (ids 33–36 in the recordings). */
  nextId(sequence: string): number;
  commit(): void;
  /** Every row, as changes that would make an empty store equal to this one. */
  snapshot(): RowChange[];
  /** Applies changes without journaling them. */
  load(changes: RowChange[]): void;
  clear(): void;
}

export function createStore(onCommit: (changes: RowChange[]) => void): Store {
  const tables: { [Name in TableName]: Map<string, Tables[Name]> } = {
    users: new Map(),
    schedules: new Map(),
    eventTypes: new Map(),
    bookings: new Map(),
    webhooks: new Map(),
    reservations: new Map(),
    outOfOffice: new Map(),
    meetingTriggers: new Map(),
    grants: new Map(),
    codes: new Map(),
    marks: new Map(),
    sequences: new Map(),
  };
  let pending: RowChange[] = [];

  const table = <Name extends TableName>(name: Name): Map<string, Tables[Name]> => tables[name];

  const store: Store = {
    get: (name, key) => table(name).get(String(key)),
    all: (name) => [...table(name).values()],
    put: (name, row) => {
      const key = KEYS[name](row);
      table(name).set(key, row);
      pending.push({ table: name, key, row } as RowChange);
    },
    remove: (name, key) => {
      if (table(name).delete(String(key))) pending.push({ table: name, key: String(key), row: null });
    },
    nextId: (sequence) => {
      const value = (store.get('sequences', sequence)?.value ?? 0) + 1;
      store.put('sequences', { key: sequence, value });
      return value;
    },
    commit: () => {
      if (pending.length === 0) return;
      const changes = pending;
      pending = [];
      onCommit(changes);
    },
    snapshot: () =>
      (Object.keys(tables) as TableName[]).flatMap((name) =>
        [...table(name)].map(([key, row]) => ({ table: name, key, row }) as RowChange),
      ),
    load: (changes) => {
      for (const { table: name, key, row } of changes) {
        if (row === null) table(name).delete(key);
        else table(name).set(key, row);
      }
    },
    clear: () => {
      for (const name of Object.keys(tables) as TableName[]) {
        for (const key of table(name).keys()) pending.push({ table: name, key, row: null });
        table(name).clear();
      }
    },
  };
  return store;
}
