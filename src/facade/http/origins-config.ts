import { z } from "zod";

/** Pages of this machine, whatever their port. */
export const localOrigins = "localhost";
export const anyOrigin = "*";

const originPattern = /^https?:\/\/[^/?#\s@]+$/;

/** Pages that may call, besides those that come from the node's own address. */
export const originsSchema = z
  .array(
    z
      .string()
      .refine(
        (text) => text === localOrigins || text === anyOrigin || originPattern.test(text),
        "an origin such as https://app.example.org, `localhost`, or `*`",
      ),
  )
  .max(1_000)
  .default([localOrigins]);
