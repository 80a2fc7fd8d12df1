/** What a tab keeps across reloads: IndexedDB, or memory where there is none (private windows, blocked site data). */

import type { Timers } from "./environment";

export const TABLES = ["commands", "snapshots", "marks"] as const;
export type Table = (typeof TABLES)[number];

export interface LocalStorage {
  get<T>(table: Table, key: string): Promise<T | undefined>;
  /** The values whose key starts with `prefix`, by key. */
  all<T>(table: Table, prefix: string): Promise<T[]>;
  put(table: Table, key: string, value: unknown): Promise<void>;
  delete(table: Table, key: string): Promise<void>;
}

export class MemoryStorage implements LocalStorage {
  readonly #tables = new Map(TABLES.map((table) => [table, new Map<string, unknown>()]));

  async get<T>(table: Table, key: string): Promise<T | undefined> {
    return this.#table(table).get(key) as T | undefined;
  }

  async all<T>(table: Table, prefix: string): Promise<T[]> {
    return [...this.#table(table)]
      .filter(([key]) => key.startsWith(prefix))
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([, value]) => value as T);
  }

  async put(table: Table, key: string, value: unknown): Promise<void> {
    this.#table(table).set(key, structuredClone(value));
  }

  async delete(table: Table, key: string): Promise<void> {
    this.#table(table).delete(key);
  }

  #table(table: Table): Map<string, unknown> {
    return this.#tables.get(table) ?? new Map();
  }
}

export const OPENED_WITHIN_MS = 1_500;
const DATABASE = "symphainy";
const VERSION = 1;

class IndexedStorage implements LocalStorage {
  readonly #database: IDBDatabase;

  constructor(database: IDBDatabase) {
    this.#database = database;
  }

  get<T>(table: Table, key: string): Promise<T | undefined> {
    return this.#do(table, "readonly", (store) => store.get(key));
  }

  all<T>(table: Table, prefix: string): Promise<T[]> {
    const range = IDBKeyRange.bound(prefix, `${prefix}\uffff`);
    return this.#do(table, "readonly", (store) => store.getAll(range));
  }

  async put(table: Table, key: string, value: unknown): Promise<void> {
    await this.#do(table, "readwrite", (store) => store.put(value, key));
  }

  async delete(table: Table, key: string): Promise<void> {
    await this.#do(table, "readwrite", (store) => store.delete(key));
  }

  #do<T>(table: Table, mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const transaction = this.#database.transaction(table, mode);
      const request = act(transaction.objectStore(table));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
      transaction.onerror = () => reject(transaction.error);
    });
  }
}

/** Writes to memory first, so that a database that breaks later costs only the next reload. */
class ForgivingStorage implements LocalStorage {
  readonly #memory = new MemoryStorage();
  readonly #database: Promise<LocalStorage | null>;

  constructor(factory: IDBFactory, timers: Timers) {
    const opened = openDatabase(factory).then(
      (database) => new IndexedStorage(database),
      () => null,
    );
    this.#database = Promise.race([opened, late(timers)]);
  }

  get<T>(table: Table, key: string): Promise<T | undefined> {
    return this.#either((storage) => storage.get<T>(table, key));
  }

  all<T>(table: Table, prefix: string): Promise<T[]> {
    return this.#either((storage) => storage.all<T>(table, prefix));
  }

  async put(table: Table, key: string, value: unknown): Promise<void> {
    await this.#memory.put(table, key, value);
    await this.#quietly((storage) => storage.put(table, key, value));
  }

  async delete(table: Table, key: string): Promise<void> {
    await this.#memory.delete(table, key);
    await this.#quietly((storage) => storage.delete(table, key));
  }

  async #either<T>(read: (storage: LocalStorage) => Promise<T>): Promise<T> {
    const database = await this.#database;
    return database === null ? read(this.#memory) : read(database).catch(() => read(this.#memory));
  }

  async #quietly(write: (storage: LocalStorage) => Promise<void>): Promise<void> {
    const database = await this.#database;
    if (database !== null) await write(database).catch(() => {});
  }
}

/** Some browsers never answer, and nothing that the user does may wait for it. */
const late = (timers: Timers): Promise<null> =>
  new Promise((resolve) => void timers.after(OPENED_WITHIN_MS, () => resolve(null)));

function openDatabase(factory: IDBFactory): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = factory.open(DATABASE, VERSION);
    request.onupgradeneeded = () => {
      for (const table of TABLES) request.result.createObjectStore(table);
    };
    request.onsuccess = () => {
      // Another tab with a newer page may change the database; this one goes on in memory.
      request.result.onversionchange = () => request.result.close();
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("another tab holds an older database"));
  });
}

/** Never fails: what cannot be kept in the browser is kept in memory until the tab closes. */
export function openStorage(factory: IDBFactory | null, timers: Timers): LocalStorage {
  return factory === null ? new MemoryStorage() : new ForgivingStorage(factory, timers);
}
