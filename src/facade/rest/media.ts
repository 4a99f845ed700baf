import { CountersignError, shown } from "../../base/index.ts";

/** Headers longer than this are not looked at further. */
const maxHeaderCharacters = 1_024;

/** @throws CountersignError NOT_ACCEPTABLE when the caller takes no answers of that type (RFC 9110, 12.5.1) */
export function requireAccepted(accept: string | undefined, mediaType: string): void {
  if (accept === undefined || accept.trim() === "") return;
  const [group] = mediaType.split("/");
  const taken = new Set([mediaType, `${group}/*`, "*/*"]);
  const isAccepted = accept
    .slice(0, maxHeaderCharacters)
    .split(",")
    .some((range) => {
      const [type = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
      return taken.has(type) && !parameters.some((one) => /^q=0(\.0{0,3})?$/.test(one));
    });
  if (isAccepted) return;
  throw new CountersignError(
    "NOT_ACCEPTABLE",
    `Accept: ${shown(accept)} takes none of what is answered here: ${mediaType}`,
    { field: "Accept", allowed: mediaType },
  );
}
