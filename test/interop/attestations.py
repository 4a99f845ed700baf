"""Digests of what validators and compute nodes sign about a task, from the messages as they travel."""

import eip712


def preprocessing_digest(network, client, terms):
    tree = terms.payment_tree
    return network.digest(
        eip712.PREPROCESSING_VALIDATION,
        {
            "requestId": terms.request_id,
            "client": client,
            "gatewayWallet": terms.gateway_wallet,
            "computeNodeId": terms.compute_node_id,
            "computeNodeWallet": terms.compute_node_wallet,
            "computePriceWei": tree.compute_price_wei,
            "gatewayGasWei": tree.gateway_gas_wei,
            "validatorRewardWei": tree.validator_reward_wei,
            "treasuryFeeWei": tree.treasury_fee_wei,
            "expiryTimestamp": terms.expiry_timestamp,
        },
    )


def completion_digest(network, compute_wallet, completion):
    return network.digest(
        eip712.COMPLETION_VALIDATION,
        {
            "requestId": completion.request_id,
            "computeNodeWallet": compute_wallet,
            "resultHash": completion.result_hash,
            "completionTimestamp": completion.completion_timestamp,
            "computationTimeMs": completion.computation_time_ms,
        },
    )


def compute_digest(network, model_uuid, completion):
    return network.digest(
        eip712.COMPUTE_COMPLETION,
        {
            "requestId": completion.request_id,
            "modelUuid": model_uuid,
            "resultHash": completion.result_hash,
            "completionTimestamp": completion.completion_timestamp,
            "computationTimeMs": completion.computation_time_ms,
        },
    )
