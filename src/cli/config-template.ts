/** A configuration that runs as it is and explains its keys. A test loads it. */
export function configTemplate({
  roles,
  passphraseFile,
}: {
  roles: readonly string[];
  passphraseFile: string | undefined;
}): string {
  return `# A Countersign node. Every key can also be set by the environment (COUNTERSIGN_GRPC__GATEWAY=host:port)
# or a flag (--set grpc.gateway=host:port); flags win over the environment, the environment over this file.

# What this node does: registry, gateway, validator, compute.
roles: [${roles.join(", ")}]

# Keys and database; relative paths start at this file.
data_dir: data
# What defines the network; the same file on every node.
genesis: genesis.json
# debug, info, warn, error or silent
log_level: info

wallet:
  keystore: wallet.json
${passphraseFile === undefined ? "  # The passphrase comes from the variable COUNTERSIGN_PASSPHRASE, or from a file:\n  # passphrase_file: /run/secrets/passphrase" : `  # Move this file to where only the node can read it, or set COUNTERSIGN_PASSPHRASE instead.\n  passphrase_file: ${passphraseFile}`}

mesh:
  # Where peers reach this node.
  listen: [/ip4/0.0.0.0/tcp/8828]
  # One or more peers of the network to join by.
  bootstrap: []
  #  - /dns4/node.example.org/tcp/8828/p2p/12D3Koo…

grpc:
  # Addresses that others can reach want \`auth: required\`, or TLS here and under \`http\`.
  # tls: { cert_file: node.pem, key_file: node.key }
  gateway: 127.0.0.1:50051
  registry: 127.0.0.1:50050
auth: optional
# Users, their API keys, and what each may do; \`countersign keys add NAME --access access.yaml\` makes it.
# access:
#   file: access.yaml

# Where the HTTP facades listen; gateways do unless this is empty.
# http:
#   listen: 127.0.0.1:8080
#   tls: { cert_file: node.pem, key_file: node.key }
#   cors_origins: [localhost, "https://app.example.org"]
#   trusted_proxies: [10.0.0.0/8]

# Calls a minute of each wallet, or else of each address; 0 for no limit.
limits:
  http: { submit: 100, read: 1000, act: 300, work: 1000 }
  grpc: { submit: 1000, read: 10000, act: 1000, work: 0 }

metrics:
  # Where Prometheus reads /metrics; off when empty.
  listen: 127.0.0.1:9464

# Only on networks with a chain.
chain:
  rpc_url: http://127.0.0.1:8545
  poll_ms: 2000

gateway:
  # How much each quality counts when a compute node is chosen.
  weights: { price: 1, latency: 1, success: 2, load: 1 }
  min_reputation: -50
  # Tasks may run at other gateways' compute nodes when none here can take them, and theirs here.
  federation: { enabled: true, max_tasks: 1000, allow: [], deny: [] }

compute:
  gateways: [127.0.0.1:50051]
  max_tasks: 2
  models:
    # The tiny text model that comes with the program.
    - model_uuid: tiny-text
      name: Tiny text
      source: path
      path: builtin:tiny-text
      price_wei: "0"
    # Any OpenAI-compatible server:
    # - model_uuid: llama
    #   source: url
    #   path: http://127.0.0.1:11434/v1
    #   upstream_model: llama3.2
    #   price_wei: "1000000000000000"
`;
}
