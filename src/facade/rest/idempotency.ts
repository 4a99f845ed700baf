import { type Clock, CountersignError, invalidField, sha256, utf8 } from "../../base/index.ts";
import { actsFor, type CallContext, type Caller, type Operation } from "../../operations/index.ts";
import type { Migration, Row, Store } from "../../storage/store.ts";

// The header `Idempotency-Key`, as draft-ietf-httpapi-idempotency-key-header has it: a request that is sent again
// with its key is answered as it was the first time.

export const idempotencyMigrations: readonly Migration[] = [
  {
    name: "rest-idempotency-1",
    statements: [
      "CREATE TABLE rest_answers (id BLOB PRIMARY KEY, request BLOB NOT NULL, task_id TEXT NOT NULL, answer BLOB, expires_at_ms BIGINT NOT NULL)",
      "CREATE INDEX rest_answers_expiry ON rest_answers (expires_at_ms)",
    ],
  },
];

/** A client that comes again later has long asked for its task's status. */
const keptMs = 24 * 3_600_000;
const sweepEveryMs = 60_000;
/** Some kilobytes each; past this the oldest are forgotten. */
const maxKept = 100_000;
const keyPattern = /^[\x21-\x7e]{1,255}$/;

export interface KeyedCall {
  readonly key: string;
  /** Where nobody signs, a caller is its address. */
  readonly ip: string;
  /** Method, path and body. */
  readonly request: Uint8Array;
}

/** @throws CountersignError INVALID_ARGUMENT for what is no key */
export function idempotencyKey(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  // A structured field's string (RFC 8941) or the text alone, as most clients send it.
  const key = /^"(.*)"$/.exec(header)?.[1] ?? header;
  if (!keyPattern.test(key))
    throw invalidField("Idempotency-Key", key, "1 to 255 visible ASCII characters without spaces");
  return key;
}

/** First answers by caller and key, on disk. Only what was done is kept: what failed may be tried again. */
export class FirstAnswers {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #underWay = new Set<string>();
  #sweepAtMs = 0;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /**
   * The operation, done once for each key of a caller.
   * @throws CountersignError IDEMPOTENCY_KEY_REUSED for another request, IDEMPOTENCY_KEY_BUSY while the first is under way
   */
  keyed(operation: Operation, call: KeyedCall): Operation {
    const run = async (request: { readonly request_id?: string }, context: CallContext): Promise<unknown> => {
      const id = sha256(utf8(`${whoIs(context.caller, call.ip)}\n${call.key}`));
      const name = Buffer.from(id).toString("hex");
      if (this.#underWay.has(name)) throw busy(call.key);
      this.#underWay.add(name);
      try {
        const known = await this.#find(id, call);
        if (known?.answer != null) return operation.method.responseDeserialize(Buffer.from(known.answer));
        const taskId = known?.task_id ?? newTaskId(id, this.#clock.nowMs());
        return await this.#first(operation, { id, taskId, call, request, context });
      } finally {
        this.#underWay.delete(name);
      }
    };
    return { ...operation, run: run as never };
  }

  /** A task gets its id before it is submitted: should the node stop in between, it is found by it. */
  async #first(operation: Operation, { id, taskId, call, request, context }: FirstCall): Promise<unknown> {
    const isSubmit = operation.name === "SubmitInferenceTask" && request.request_id === "";
    if (isSubmit) await this.#keep(id, call, taskId, null);
    const asked = isSubmit ? { ...request, request_id: taskId } : request;
    let answer: unknown;
    try {
      answer = await operation.run(asked as never, context);
    } catch (error) {
      if (isSubmit) await this.#forget(id);
      throw error;
    }
    await this.#keep(id, call, taskId, operation.method.responseSerialize(answer as never));
    return answer;
  }

  async #find(id: Uint8Array, { key, request }: KeyedCall): Promise<KeptRow | undefined> {
    const [row] = await this.#store.all<KeptRow>(
      "SELECT request, task_id, answer FROM rest_answers WHERE id = ? AND expires_at_ms > ?",
      [id, this.#clock.nowMs()],
    );
    if (row === undefined) return undefined;
    if (!Buffer.from(row.request).equals(sha256(request))) {
      throw new CountersignError(
        "IDEMPOTENCY_KEY_REUSED",
        `Idempotency-Key: "${key}" was used for another request`,
        { field: "Idempotency-Key", allowed: "a key of this request's own" },
      );
    }
    return row;
  }

  async #forget(id: Uint8Array): Promise<void> {
    await this.#store.transact([{ sql: "DELETE FROM rest_answers WHERE id = ?", params: [id] }]);
  }

  async #keep(id: Uint8Array, { request }: KeyedCall, taskId: string, answer: Buffer | null): Promise<void> {
    const nowMs = this.#clock.nowMs();
    const statements = [
      {
        sql: "INSERT INTO rest_answers (id, request, task_id, answer, expires_at_ms) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET request = excluded.request, task_id = excluded.task_id, answer = excluded.answer, expires_at_ms = excluded.expires_at_ms",
        params: [id, sha256(request), taskId, answer, nowMs + keptMs],
      },
    ];
    if (nowMs >= this.#sweepAtMs) {
      this.#sweepAtMs = nowMs + sweepEveryMs;
      statements.push({
        sql: `DELETE FROM rest_answers WHERE expires_at_ms <= ? OR expires_at_ms <= (SELECT expires_at_ms FROM rest_answers ORDER BY expires_at_ms DESC LIMIT 1 OFFSET ${maxKept})`,
        params: [nowMs] as never,
      });
    }
    await this.#store.transact(statements);
  }
}

interface KeptRow extends Row {
  request: Uint8Array;
  task_id: string;
  /** Null while the first request is under way, and for ever where the node stopped in it. */
  answer: Uint8Array | null;
}

interface FirstCall {
  readonly id: Uint8Array;
  readonly taskId: string;
  readonly call: KeyedCall;
  readonly request: { readonly request_id?: string };
  readonly context: CallContext;
}

/** In the form of the ids that gateways make. */
function newTaskId(id: Uint8Array, nowMs: number): string {
  const hex = Buffer.from(sha256(utf8(`${Buffer.from(id).toString("hex")} ${nowMs}`))).toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    "-",
  );
}

function whoIs(caller: Caller, ip: string): string {
  if (caller.user !== undefined) return `user ${caller.user}`;
  return actsFor(caller) ?? ip;
}

function busy(key: string): CountersignError {
  return new CountersignError(
    "IDEMPOTENCY_KEY_BUSY",
    `Idempotency-Key: the first request with "${key}" is under way`,
    { field: "Idempotency-Key" },
  );
}
