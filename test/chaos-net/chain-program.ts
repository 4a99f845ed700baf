import { startAnvil } from "../../src/chain/index.ts";

// Runs on a host of its own: the chain, until this process' channel closes.

const [host = "", port = "", chainId = ""] = process.argv.slice(2);
await startAnvil({ host, port: Number(port), chainId: Number(chainId) });
process.send?.({ ready: true });
process.once("disconnect", () => process.exit());
