import type { AskedProposal, Judgement, Policy } from "../../cosign/index.ts";
import type { PolicyOptions } from "./checks.ts";
import { judgeCompletion } from "./completion-policy.ts";
import { judgePreprocessing } from "./preprocessing-policy.ts";
import { judgeReassignment } from "./reassignment-policy.ts";
import { judgeSubnet } from "./subnet-policy.ts";

/** All that a validator checks before it signs. Each refusal code of the design has its place here. */
export function createPolicy(options: PolicyOptions): Policy {
  return {
    async judge(asked: AskedProposal): Promise<Judgement> {
      switch (asked.round) {
        case "preprocessing":
          return judgePreprocessing(asked, options);
        case "completion":
          return await judgeCompletion(asked, options);
        case "reassignment":
          return await judgeReassignment(asked, options);
        case "subnet":
          return await judgeSubnet(asked, options);
      }
    },
  };
}
