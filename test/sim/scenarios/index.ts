import type { Scenario } from "../scenario.ts";
import { badCompute } from "./bad-compute.ts";
import { badValidators } from "./bad-validators.ts";
import { bootstrapLost } from "./bootstrap-lost.ts";
import { databaseCorrupted, databaseRestored, databaseTruncated } from "./database.ts";
import { diskFull } from "./disk-full.ts";
import { federation } from "./federation.ts";
import { flood } from "./flood.ts";
import { gatewayKilled } from "./gateway-killed.ts";
import { loss } from "./loss.ts";
import { chainLost, paidGatewayKilled } from "./paid.ts";
import { partition } from "./partition.ts";
import { rolling } from "./rolling.ts";
import { skew } from "./skew.ts";

export const scenarios: readonly Scenario[] = [
  partition,
  bootstrapLost,
  loss,
  skew,
  rolling,
  diskFull,
  databaseTruncated,
  databaseCorrupted,
  databaseRestored,
  badValidators,
  badCompute,
  flood,
  gatewayKilled,
  paidGatewayKilled,
  chainLost,
  federation,
];
