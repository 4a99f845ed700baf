import type { Look, ToldView } from "../../events/index.ts";
import type { Registry } from "../../roles/registry/index.ts";
import { SubnetMetadata, ValidatorInfoMessage } from "../../wire/index.ts";

const itself = { wallet: undefined, proof: undefined, isLocal: true };
/** As many as one answer lists. */
const maxValidators = 1_000;

/** Topic `subnet`: what GetSubnet answers; `deprecated` once its record is gone. */
export function subnetView(registry: Pick<Registry, "listSubnets">, stopping: AbortSignal): ToldView {
  return {
    topic: "subnet",
    async *all(): AsyncGenerator<Look> {
      for (const subnet of await registry.listSubnets({}, itself, stopping)) {
        const payload = SubnetMetadata.encode(subnet).finish();
        yield { key: String(subnet.subnet_id ?? 0n), payload, compared: payload };
      }
    },
    gone: (key) => SubnetMetadata.encode({ subnet_id: BigInt(key), status: "deprecated" }).finish(),
  };
}

/** Topic `validator`: what GetValidatorInfo answers; `inactive` once neither chain nor record names it. */
export function validatorView(registry: Pick<Registry, "listValidators">, stopping: AbortSignal): ToldView {
  return {
    topic: "validator",
    async *all(): AsyncGenerator<Look> {
      const request = { active_only: false, limit: maxValidators };
      for (const validator of await registry.listValidators(request as never, itself, stopping)) {
        // Every round changes what follows from its conduct.
        const lasting = {
          ...validator,
          reputation: 0,
          last_seen: 0,
          validations_total: 0,
          validations_failed: 0,
        };
        yield {
          key: validator.validator_address ?? "",
          payload: ValidatorInfoMessage.encode(validator).finish(),
          compared: ValidatorInfoMessage.encode(lasting).finish(),
        };
      }
    },
    gone: (key) => ValidatorInfoMessage.encode({ validator_address: key, status: "inactive" }).finish(),
  };
}
