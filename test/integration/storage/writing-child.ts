// Writes without end and prints each number once it is acknowledged, until it is killed.
import { openStore } from "../../../src/storage/index.ts";

const store = await openStore({
  path: process.argv[2] ?? "",
  migrations: [{ name: "n-1", statements: ["CREATE TABLE numbers (n BIGINT PRIMARY KEY)"] }],
});
let next = 0;
const writeOn = async () => {
  for (;;) {
    const n = next++;
    await store.transact([{ sql: "INSERT INTO numbers (n) VALUES (?)", params: [n] }]);
    process.stdout.write(`${n}\n`);
  }
};
await Promise.all(Array.from({ length: 16 }, writeOn));
