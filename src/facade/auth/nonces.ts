import type { Clock } from "../../base/index.ts";
import type { Migration, Store } from "../../storage/store.ts";

export const nonceMigrations: readonly Migration[] = [
  {
    name: "call-nonces-1",
    statements: [
      "CREATE TABLE call_nonces (address TEXT NOT NULL, nonce BLOB NOT NULL, expires_at_ms BIGINT NOT NULL, PRIMARY KEY (address, nonce))",
      "CREATE INDEX call_nonces_expiry ON call_nonces (expires_at_ms)",
    ],
  },
];

/** Expired nonces are swept out this often. */
const sweepEveryMs = 60_000;

/** Remembers used nonces on disk, so that a replayed call fails after a restart too. */
export class Nonces {
  readonly #store: Store;
  readonly #clock: Clock;
  #sweepAtMs = 0;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** False when this wallet used the nonce before. Durable when it resolves. */
  async use(address: string, nonce: Uint8Array, expiresAtMs: number): Promise<boolean> {
    const statements = [
      {
        sql: "INSERT INTO call_nonces (address, nonce, expires_at_ms) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        params: [address, nonce, expiresAtMs],
      },
    ];
    const nowMs = this.#clock.nowMs();
    if (nowMs >= this.#sweepAtMs) {
      this.#sweepAtMs = nowMs + sweepEveryMs;
      statements.push({ sql: "DELETE FROM call_nonces WHERE expires_at_ms < ?", params: [nowMs] as never });
    }
    const [inserted] = await this.#store.transact(statements);
    return inserted === 1;
  }
}
