import { subnetIdOf } from "../../records/index.ts";
import { readQuote, subnetFeeWei } from "./fee-quote.ts";
import { configHash } from "./subnet-config.ts";

/** How a subnet's id, hash and fee are made and what a quote says: handed to validators, who check the same rules. */
export const subnetRules = { subnetIdOf, configHash, subnetFeeWei, readQuote } as const;
