import * as $protobuf from "protobufjs/minimal.js";

/** Namespace countersign. */
export namespace countersign {

    /** Namespace v1. */
    namespace v1 {

        /**
         * Properties of a Record.
         * @deprecated Use countersign.v1.Record.$Properties instead.
         */
        interface IRecord extends countersign.v1.Record.$Properties {
        }

        /** Represents a Record. */
        class Record {

            /**
             * Constructs a new Record.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.Record.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Record network. */
            network: string;

            /** Record kind. */
            kind: string;

            /** Record owner. */
            owner: string;

            /** Record id. */
            id: string;

            /** Record version. */
            version: number;

            /** Record expires_at. */
            expires_at: number;

            /** Record deleted. */
            deleted: boolean;

            /** Record payload. */
            payload: Uint8Array;

            /** Record signature. */
            signature: Uint8Array;

            /**
             * Encodes the specified Record message. Does not implicitly {@link countersign.v1.Record.verify|verify} messages.
             * @param message Record message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.Record.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Record message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.Record & countersign.v1.Record.$Shape} Record
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.Record & countersign.v1.Record.$Shape;
        }

        namespace Record {

            /** Properties of a Record. */
            interface $Properties {

                /** Record network */
                network?: (string|null);

                /** Record kind */
                kind?: (string|null);

                /** Record owner */
                owner?: (string|null);

                /** Record id */
                id?: (string|null);

                /** Record version */
                version?: (number|null);

                /** Record expires_at */
                expires_at?: (number|null);

                /** Record deleted */
                deleted?: (boolean|null);

                /** Record payload */
                payload?: (Uint8Array|null);

                /** Record signature */
                signature?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Record. */
            type $Shape = countersign.v1.Record.$Properties;
        }

        /**
         * Properties of a RecordBundle.
         * @deprecated Use countersign.v1.RecordBundle.$Properties instead.
         */
        interface IRecordBundle extends countersign.v1.RecordBundle.$Properties {
        }

        /** Represents a RecordBundle. */
        class RecordBundle {

            /**
             * Constructs a new RecordBundle.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.RecordBundle.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** RecordBundle records. */
            records: countersign.v1.Record.$Properties[];

            /**
             * Encodes the specified RecordBundle message. Does not implicitly {@link countersign.v1.RecordBundle.verify|verify} messages.
             * @param message RecordBundle message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.RecordBundle.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a RecordBundle message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.RecordBundle & countersign.v1.RecordBundle.$Shape} RecordBundle
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.RecordBundle & countersign.v1.RecordBundle.$Shape;
        }

        namespace RecordBundle {

            /** Properties of a RecordBundle. */
            interface $Properties {

                /** RecordBundle records */
                records?: (countersign.v1.Record.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a RecordBundle. */
            type $Shape = countersign.v1.RecordBundle.$Properties;
        }

        /**
         * Properties of a NodeRecord.
         * @deprecated Use countersign.v1.NodeRecord.$Properties instead.
         */
        interface INodeRecord extends countersign.v1.NodeRecord.$Properties {
        }

        /** Represents a NodeRecord. */
        class NodeRecord {

            /**
             * Constructs a new NodeRecord.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.NodeRecord.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** NodeRecord info. */
            info?: (NodeInfo.$Properties|null);

            /** NodeRecord roles. */
            roles: string[];

            /** NodeRecord grpc_address. */
            grpc_address: string;

            /** NodeRecord registry_address. */
            registry_address: string;

            /** NodeRecord software_version. */
            software_version: string;

            /** NodeRecord proof. */
            proof?: (countersign.v1.RegistrationProof.$Properties|null);

            /**
             * Encodes the specified NodeRecord message. Does not implicitly {@link countersign.v1.NodeRecord.verify|verify} messages.
             * @param message NodeRecord message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.NodeRecord.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a NodeRecord message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.NodeRecord & countersign.v1.NodeRecord.$Shape} NodeRecord
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.NodeRecord & countersign.v1.NodeRecord.$Shape;
        }

        namespace NodeRecord {

            /** Properties of a NodeRecord. */
            interface $Properties {

                /** NodeRecord info */
                info?: (NodeInfo.$Properties|null);

                /** NodeRecord roles */
                roles?: (string[]|null);

                /** NodeRecord grpc_address */
                grpc_address?: (string|null);

                /** NodeRecord registry_address */
                registry_address?: (string|null);

                /** NodeRecord software_version */
                software_version?: (string|null);

                /** NodeRecord proof */
                proof?: (countersign.v1.RegistrationProof.$Properties|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a NodeRecord. */
            type $Shape = countersign.v1.NodeRecord.$Properties;
        }

        /**
         * Properties of a RegistrationProof.
         * @deprecated Use countersign.v1.RegistrationProof.$Properties instead.
         */
        interface IRegistrationProof extends countersign.v1.RegistrationProof.$Properties {
        }

        /** Represents a RegistrationProof. */
        class RegistrationProof {

            /**
             * Constructs a new RegistrationProof.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.RegistrationProof.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** RegistrationProof operation. */
            operation: string;

            /** RegistrationProof body. */
            body: Uint8Array;

            /** RegistrationProof timestamp. */
            timestamp: number;

            /** RegistrationProof nonce. */
            nonce: Uint8Array;

            /** RegistrationProof signature. */
            signature: Uint8Array;

            /**
             * Encodes the specified RegistrationProof message. Does not implicitly {@link countersign.v1.RegistrationProof.verify|verify} messages.
             * @param message RegistrationProof message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.RegistrationProof.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a RegistrationProof message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.RegistrationProof & countersign.v1.RegistrationProof.$Shape} RegistrationProof
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.RegistrationProof & countersign.v1.RegistrationProof.$Shape;
        }

        namespace RegistrationProof {

            /** Properties of a RegistrationProof. */
            interface $Properties {

                /** RegistrationProof operation */
                operation?: (string|null);

                /** RegistrationProof body */
                body?: (Uint8Array|null);

                /** RegistrationProof timestamp */
                timestamp?: (number|null);

                /** RegistrationProof nonce */
                nonce?: (Uint8Array|null);

                /** RegistrationProof signature */
                signature?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a RegistrationProof. */
            type $Shape = countersign.v1.RegistrationProof.$Properties;
        }

        /**
         * Properties of a ValidatorRecord.
         * @deprecated Use countersign.v1.ValidatorRecord.$Properties instead.
         */
        interface IValidatorRecord extends countersign.v1.ValidatorRecord.$Properties {
        }

        /** Represents a ValidatorRecord. */
        class ValidatorRecord {

            /**
             * Constructs a new ValidatorRecord.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.ValidatorRecord.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ValidatorRecord stake_wei. */
            stake_wei: string;

            /** ValidatorRecord stake_tx. */
            stake_tx: string;

            /** ValidatorRecord node_id. */
            node_id: string;

            /** ValidatorRecord registered_at. */
            registered_at: number;

            /** ValidatorRecord status. */
            status: string;

            /** ValidatorRecord proof. */
            proof?: (countersign.v1.RegistrationProof.$Properties|null);

            /**
             * Encodes the specified ValidatorRecord message. Does not implicitly {@link countersign.v1.ValidatorRecord.verify|verify} messages.
             * @param message ValidatorRecord message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.ValidatorRecord.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ValidatorRecord message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.ValidatorRecord & countersign.v1.ValidatorRecord.$Shape} ValidatorRecord
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.ValidatorRecord & countersign.v1.ValidatorRecord.$Shape;
        }

        namespace ValidatorRecord {

            /** Properties of a ValidatorRecord. */
            interface $Properties {

                /** ValidatorRecord stake_wei */
                stake_wei?: (string|null);

                /** ValidatorRecord stake_tx */
                stake_tx?: (string|null);

                /** ValidatorRecord node_id */
                node_id?: (string|null);

                /** ValidatorRecord registered_at */
                registered_at?: (number|null);

                /** ValidatorRecord status */
                status?: (string|null);

                /** ValidatorRecord proof */
                proof?: (countersign.v1.RegistrationProof.$Properties|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ValidatorRecord. */
            type $Shape = countersign.v1.ValidatorRecord.$Properties;
        }

        /**
         * Properties of a SubnetRecord.
         * @deprecated Use countersign.v1.SubnetRecord.$Properties instead.
         */
        interface ISubnetRecord extends countersign.v1.SubnetRecord.$Properties {
        }

        /** Represents a SubnetRecord. */
        class SubnetRecord {

            /**
             * Constructs a new SubnetRecord.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.SubnetRecord.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SubnetRecord metadata. */
            metadata?: (SubnetMetadata.$Properties|null);

            /**
             * Encodes the specified SubnetRecord message. Does not implicitly {@link countersign.v1.SubnetRecord.verify|verify} messages.
             * @param message SubnetRecord message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.SubnetRecord.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SubnetRecord message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.SubnetRecord & countersign.v1.SubnetRecord.$Shape} SubnetRecord
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.SubnetRecord & countersign.v1.SubnetRecord.$Shape;
        }

        namespace SubnetRecord {

            /** Properties of a SubnetRecord. */
            interface $Properties {

                /** SubnetRecord metadata */
                metadata?: (SubnetMetadata.$Properties|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SubnetRecord. */
            type $Shape = countersign.v1.SubnetRecord.$Properties;
        }

        /**
         * Properties of a ReputationRecord.
         * @deprecated Use countersign.v1.ReputationRecord.$Properties instead.
         */
        interface IReputationRecord extends countersign.v1.ReputationRecord.$Properties {
        }

        /** Represents a ReputationRecord. */
        class ReputationRecord {

            /**
             * Constructs a new ReputationRecord.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.ReputationRecord.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ReputationRecord subject. */
            subject: string;

            /** ReputationRecord score. */
            score: number;

            /** ReputationRecord successes. */
            successes: number;

            /** ReputationRecord failures. */
            failures: number;

            /** ReputationRecord no_answers. */
            no_answers: number;

            /** ReputationRecord slashings. */
            slashings: number;

            /** ReputationRecord last_seen. */
            last_seen: number;

            /**
             * Encodes the specified ReputationRecord message. Does not implicitly {@link countersign.v1.ReputationRecord.verify|verify} messages.
             * @param message ReputationRecord message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.ReputationRecord.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ReputationRecord message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.ReputationRecord & countersign.v1.ReputationRecord.$Shape} ReputationRecord
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.ReputationRecord & countersign.v1.ReputationRecord.$Shape;
        }

        namespace ReputationRecord {

            /** Properties of a ReputationRecord. */
            interface $Properties {

                /** ReputationRecord subject */
                subject?: (string|null);

                /** ReputationRecord score */
                score?: (number|null);

                /** ReputationRecord successes */
                successes?: (number|null);

                /** ReputationRecord failures */
                failures?: (number|null);

                /** ReputationRecord no_answers */
                no_answers?: (number|null);

                /** ReputationRecord slashings */
                slashings?: (number|null);

                /** ReputationRecord last_seen */
                last_seen?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ReputationRecord. */
            type $Shape = countersign.v1.ReputationRecord.$Properties;
        }

        /**
         * Properties of a SyncRequest.
         * @deprecated Use countersign.v1.SyncRequest.$Properties instead.
         */
        interface ISyncRequest extends countersign.v1.SyncRequest.$Properties {
        }

        /** Represents a SyncRequest. */
        class SyncRequest {

            /**
             * Constructs a new SyncRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.SyncRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SyncRequest digests. */
            digests?: (countersign.v1.SyncDigestsRequest.$Properties|null);

            /** SyncRequest open. */
            open?: (countersign.v1.SyncOpenRequest.$Properties|null);

            /** SyncRequest fetch. */
            fetch?: (countersign.v1.SyncFetchRequest.$Properties|null);

            /** SyncRequest copy. */
            copy?: (countersign.v1.SyncCopyRequest.$Properties|null);

            /** SyncRequest push. */
            push?: (countersign.v1.SyncPushRequest.$Properties|null);

            /** SyncRequest ask. */
            ask?: ("digests"|"open"|"fetch"|"copy"|"push");

            /**
             * Encodes the specified SyncRequest message. Does not implicitly {@link countersign.v1.SyncRequest.verify|verify} messages.
             * @param message SyncRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.SyncRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SyncRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.SyncRequest & countersign.v1.SyncRequest.$Shape} SyncRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.SyncRequest & countersign.v1.SyncRequest.$Shape;
        }

        namespace SyncRequest {

            /** Properties of a SyncRequest. */
            interface $Properties {

                /** SyncRequest digests */
                digests?: (countersign.v1.SyncDigestsRequest.$Properties|null);

                /** SyncRequest open */
                open?: (countersign.v1.SyncOpenRequest.$Properties|null);

                /** SyncRequest fetch */
                fetch?: (countersign.v1.SyncFetchRequest.$Properties|null);

                /** SyncRequest copy */
                copy?: (countersign.v1.SyncCopyRequest.$Properties|null);

                /** SyncRequest push */
                push?: (countersign.v1.SyncPushRequest.$Properties|null);

                /** SyncRequest ask */
                ask?: ("digests"|"open"|"fetch"|"copy"|"push");

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Narrowed shape of a SyncRequest. */
            type $Shape = {
              digests?: countersign.v1.SyncDigestsRequest.$Shape|null;
              open?: countersign.v1.SyncOpenRequest.$Shape|null;
              fetch?: countersign.v1.SyncFetchRequest.$Shape|null;
              copy?: countersign.v1.SyncCopyRequest.$Shape|null;
              push?: countersign.v1.SyncPushRequest.$Shape|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ ask?: undefined; digests?: null; open?: null; fetch?: null; copy?: null; push?: null }|{ ask?: "digests"; digests: countersign.v1.SyncDigestsRequest.$Shape; open?: null; fetch?: null; copy?: null; push?: null }|{ ask?: "open"; digests?: null; open: countersign.v1.SyncOpenRequest.$Shape; fetch?: null; copy?: null; push?: null }|{ ask?: "fetch"; digests?: null; open?: null; fetch: countersign.v1.SyncFetchRequest.$Shape; copy?: null; push?: null }|{ ask?: "copy"; digests?: null; open?: null; fetch?: null; copy: countersign.v1.SyncCopyRequest.$Shape; push?: null }|{ ask?: "push"; digests?: null; open?: null; fetch?: null; copy?: null; push: countersign.v1.SyncPushRequest.$Shape })
            );
        }

        /**
         * Properties of a SyncBound.
         * @deprecated Use countersign.v1.SyncBound.$Properties instead.
         */
        interface ISyncBound extends countersign.v1.SyncBound.$Properties {
        }

        /** Represents a SyncBound. */
        class SyncBound {

            /**
             * Constructs a new SyncBound.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.SyncBound.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SyncBound version. */
            version: number;

            /** SyncBound digest. */
            digest: Uint8Array;

            /**
             * Encodes the specified SyncBound message. Does not implicitly {@link countersign.v1.SyncBound.verify|verify} messages.
             * @param message SyncBound message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.SyncBound.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SyncBound message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.SyncBound & countersign.v1.SyncBound.$Shape} SyncBound
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.SyncBound & countersign.v1.SyncBound.$Shape;
        }

        namespace SyncBound {

            /** Properties of a SyncBound. */
            interface $Properties {

                /** SyncBound version */
                version?: (number|null);

                /** SyncBound digest */
                digest?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SyncBound. */
            type $Shape = countersign.v1.SyncBound.$Properties;
        }

        /**
         * Properties of a SyncDigestsRequest.
         * @deprecated Use countersign.v1.SyncDigestsRequest.$Properties instead.
         */
        interface ISyncDigestsRequest extends countersign.v1.SyncDigestsRequest.$Properties {
        }

        /** Represents a SyncDigestsRequest. */
        class SyncDigestsRequest {

            /**
             * Constructs a new SyncDigestsRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.SyncDigestsRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SyncDigestsRequest as_of_ms. */
            as_of_ms: number;

            /**
             * Encodes the specified SyncDigestsRequest message. Does not implicitly {@link countersign.v1.SyncDigestsRequest.verify|verify} messages.
             * @param message SyncDigestsRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.SyncDigestsRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SyncDigestsRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.SyncDigestsRequest & countersign.v1.SyncDigestsRequest.$Shape} SyncDigestsRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.SyncDigestsRequest & countersign.v1.SyncDigestsRequest.$Shape;
        }

        namespace SyncDigestsRequest {

            /** Properties of a SyncDigestsRequest. */
            interface $Properties {

                /** SyncDigestsRequest as_of_ms */
                as_of_ms?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SyncDigestsRequest. */
            type $Shape = countersign.v1.SyncDigestsRequest.$Properties;
        }

        /**
         * Properties of a SyncDigests.
         * @deprecated Use countersign.v1.SyncDigests.$Properties instead.
         */
        interface ISyncDigests extends countersign.v1.SyncDigests.$Properties {
        }

        /** Represents a SyncDigests. */
        class SyncDigests {

            /**
             * Constructs a new SyncDigests.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.SyncDigests.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SyncDigests sets. */
            sets: countersign.v1.SyncDigest.$Properties[];

            /**
             * Encodes the specified SyncDigests message. Does not implicitly {@link countersign.v1.SyncDigests.verify|verify} messages.
             * @param message SyncDigests message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.SyncDigests.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SyncDigests message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.SyncDigests & countersign.v1.SyncDigests.$Shape} SyncDigests
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.SyncDigests & countersign.v1.SyncDigests.$Shape;
        }

        namespace SyncDigests {

            /** Properties of a SyncDigests. */
            interface $Properties {

                /** SyncDigests sets */
                sets?: (countersign.v1.SyncDigest.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SyncDigests. */
            type $Shape = countersign.v1.SyncDigests.$Properties;
        }

        /**
         * Properties of a SyncDigest.
         * @deprecated Use countersign.v1.SyncDigest.$Properties instead.
         */
        interface ISyncDigest extends countersign.v1.SyncDigest.$Properties {
        }

        /** Represents a SyncDigest. */
        class SyncDigest {

            /**
             * Constructs a new SyncDigest.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.SyncDigest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SyncDigest kind. */
            kind: string;

            /** SyncDigest deleted. */
            deleted: boolean;

            /** SyncDigest count. */
            count: number;

            /** SyncDigest fingerprint. */
            fingerprint: Uint8Array;

            /**
             * Encodes the specified SyncDigest message. Does not implicitly {@link countersign.v1.SyncDigest.verify|verify} messages.
             * @param message SyncDigest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.SyncDigest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SyncDigest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.SyncDigest & countersign.v1.SyncDigest.$Shape} SyncDigest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.SyncDigest & countersign.v1.SyncDigest.$Shape;
        }

        namespace SyncDigest {

            /** Properties of a SyncDigest. */
            interface $Properties {

                /** SyncDigest kind */
                kind?: (string|null);

                /** SyncDigest deleted */
                deleted?: (boolean|null);

                /** SyncDigest count */
                count?: (number|null);

                /** SyncDigest fingerprint */
                fingerprint?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SyncDigest. */
            type $Shape = countersign.v1.SyncDigest.$Properties;
        }

        /**
         * Properties of a SyncOpenRequest.
         * @deprecated Use countersign.v1.SyncOpenRequest.$Properties instead.
         */
        interface ISyncOpenRequest extends countersign.v1.SyncOpenRequest.$Properties {
        }

        /** Represents a SyncOpenRequest. */
        class SyncOpenRequest {

            /**
             * Constructs a new SyncOpenRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.SyncOpenRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SyncOpenRequest as_of_ms. */
            as_of_ms: number;

            /** SyncOpenRequest kind. */
            kind: string;

            /** SyncOpenRequest deleted. */
            deleted: boolean;

            /** SyncOpenRequest ranges. */
            ranges: countersign.v1.SyncRange.$Properties[];

            /**
             * Encodes the specified SyncOpenRequest message. Does not implicitly {@link countersign.v1.SyncOpenRequest.verify|verify} messages.
             * @param message SyncOpenRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.SyncOpenRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SyncOpenRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.SyncOpenRequest & countersign.v1.SyncOpenRequest.$Shape} SyncOpenRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.SyncOpenRequest & countersign.v1.SyncOpenRequest.$Shape;
        }

        namespace SyncOpenRequest {

            /** Properties of a SyncOpenRequest. */
            interface $Properties {

                /** SyncOpenRequest as_of_ms */
                as_of_ms?: (number|null);

                /** SyncOpenRequest kind */
                kind?: (string|null);

                /** SyncOpenRequest deleted */
                deleted?: (boolean|null);

                /** SyncOpenRequest ranges */
                ranges?: (countersign.v1.SyncRange.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SyncOpenRequest. */
            type $Shape = countersign.v1.SyncOpenRequest.$Properties;
        }

        /**
         * Properties of a SyncRange.
         * @deprecated Use countersign.v1.SyncRange.$Properties instead.
         */
        interface ISyncRange extends countersign.v1.SyncRange.$Properties {
        }

        /** Represents a SyncRange. */
        class SyncRange {

            /**
             * Constructs a new SyncRange.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.SyncRange.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SyncRange start. */
            start?: (countersign.v1.SyncBound.$Properties|null);

            /** SyncRange end. */
            end?: (countersign.v1.SyncBound.$Properties|null);

            /**
             * Encodes the specified SyncRange message. Does not implicitly {@link countersign.v1.SyncRange.verify|verify} messages.
             * @param message SyncRange message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.SyncRange.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SyncRange message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.SyncRange & countersign.v1.SyncRange.$Shape} SyncRange
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.SyncRange & countersign.v1.SyncRange.$Shape;
        }

        namespace SyncRange {

            /** Properties of a SyncRange. */
            interface $Properties {

                /** SyncRange start */
                start?: (countersign.v1.SyncBound.$Properties|null);

                /** SyncRange end */
                end?: (countersign.v1.SyncBound.$Properties|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SyncRange. */
            type $Shape = countersign.v1.SyncRange.$Properties;
        }

        /**
         * Properties of a SyncOpened.
         * @deprecated Use countersign.v1.SyncOpened.$Properties instead.
         */
        interface ISyncOpened extends countersign.v1.SyncOpened.$Properties {
        }

        /** Represents a SyncOpened. */
        class SyncOpened {

            /**
             * Constructs a new SyncOpened.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.SyncOpened.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SyncOpened ranges. */
            ranges: countersign.v1.SyncContents.$Properties[];

            /**
             * Encodes the specified SyncOpened message. Does not implicitly {@link countersign.v1.SyncOpened.verify|verify} messages.
             * @param message SyncOpened message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.SyncOpened.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SyncOpened message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.SyncOpened & countersign.v1.SyncOpened.$Shape} SyncOpened
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.SyncOpened & countersign.v1.SyncOpened.$Shape;
        }

        namespace SyncOpened {

            /** Properties of a SyncOpened. */
            interface $Properties {

                /** SyncOpened ranges */
                ranges?: (countersign.v1.SyncContents.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SyncOpened. */
            type $Shape = countersign.v1.SyncOpened.$Properties;
        }

        /**
         * Properties of a SyncContents.
         * @deprecated Use countersign.v1.SyncContents.$Properties instead.
         */
        interface ISyncContents extends countersign.v1.SyncContents.$Properties {
        }

        /** Represents a SyncContents. */
        class SyncContents {

            /**
             * Constructs a new SyncContents.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.SyncContents.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SyncContents parts. */
            parts: countersign.v1.SyncPart.$Properties[];

            /** SyncContents ids. */
            ids?: (countersign.v1.SyncIds.$Properties|null);

            /**
             * Encodes the specified SyncContents message. Does not implicitly {@link countersign.v1.SyncContents.verify|verify} messages.
             * @param message SyncContents message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.SyncContents.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SyncContents message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.SyncContents & countersign.v1.SyncContents.$Shape} SyncContents
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.SyncContents & countersign.v1.SyncContents.$Shape;
        }

        namespace SyncContents {

            /** Properties of a SyncContents. */
            interface $Properties {

                /** SyncContents parts */
                parts?: (countersign.v1.SyncPart.$Properties[]|null);

                /** SyncContents ids */
                ids?: (countersign.v1.SyncIds.$Properties|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SyncContents. */
            type $Shape = countersign.v1.SyncContents.$Properties;
        }

        /**
         * Properties of a SyncPart.
         * @deprecated Use countersign.v1.SyncPart.$Properties instead.
         */
        interface ISyncPart extends countersign.v1.SyncPart.$Properties {
        }

        /** Represents a SyncPart. */
        class SyncPart {

            /**
             * Constructs a new SyncPart.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.SyncPart.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SyncPart end. */
            end?: (countersign.v1.SyncBound.$Properties|null);

            /** SyncPart count. */
            count: number;

            /** SyncPart fingerprint. */
            fingerprint: Uint8Array;

            /**
             * Encodes the specified SyncPart message. Does not implicitly {@link countersign.v1.SyncPart.verify|verify} messages.
             * @param message SyncPart message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.SyncPart.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SyncPart message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.SyncPart & countersign.v1.SyncPart.$Shape} SyncPart
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.SyncPart & countersign.v1.SyncPart.$Shape;
        }

        namespace SyncPart {

            /** Properties of a SyncPart. */
            interface $Properties {

                /** SyncPart end */
                end?: (countersign.v1.SyncBound.$Properties|null);

                /** SyncPart count */
                count?: (number|null);

                /** SyncPart fingerprint */
                fingerprint?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SyncPart. */
            type $Shape = countersign.v1.SyncPart.$Properties;
        }

        /**
         * Properties of a SyncIds.
         * @deprecated Use countersign.v1.SyncIds.$Properties instead.
         */
        interface ISyncIds extends countersign.v1.SyncIds.$Properties {
        }

        /** Represents a SyncIds. */
        class SyncIds {

            /**
             * Constructs a new SyncIds.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.SyncIds.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SyncIds versions. */
            versions: number[];

            /** SyncIds digests. */
            digests: Uint8Array;

            /**
             * Encodes the specified SyncIds message. Does not implicitly {@link countersign.v1.SyncIds.verify|verify} messages.
             * @param message SyncIds message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.SyncIds.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SyncIds message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.SyncIds & countersign.v1.SyncIds.$Shape} SyncIds
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.SyncIds & countersign.v1.SyncIds.$Shape;
        }

        namespace SyncIds {

            /** Properties of a SyncIds. */
            interface $Properties {

                /** SyncIds versions */
                versions?: (number[]|null);

                /** SyncIds digests */
                digests?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SyncIds. */
            type $Shape = countersign.v1.SyncIds.$Properties;
        }

        /**
         * Properties of a SyncFetchRequest.
         * @deprecated Use countersign.v1.SyncFetchRequest.$Properties instead.
         */
        interface ISyncFetchRequest extends countersign.v1.SyncFetchRequest.$Properties {
        }

        /** Represents a SyncFetchRequest. */
        class SyncFetchRequest {

            /**
             * Constructs a new SyncFetchRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.SyncFetchRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SyncFetchRequest kind. */
            kind: string;

            /** SyncFetchRequest deleted. */
            deleted: boolean;

            /** SyncFetchRequest ids. */
            ids?: (countersign.v1.SyncIds.$Properties|null);

            /**
             * Encodes the specified SyncFetchRequest message. Does not implicitly {@link countersign.v1.SyncFetchRequest.verify|verify} messages.
             * @param message SyncFetchRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.SyncFetchRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SyncFetchRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.SyncFetchRequest & countersign.v1.SyncFetchRequest.$Shape} SyncFetchRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.SyncFetchRequest & countersign.v1.SyncFetchRequest.$Shape;
        }

        namespace SyncFetchRequest {

            /** Properties of a SyncFetchRequest. */
            interface $Properties {

                /** SyncFetchRequest kind */
                kind?: (string|null);

                /** SyncFetchRequest deleted */
                deleted?: (boolean|null);

                /** SyncFetchRequest ids */
                ids?: (countersign.v1.SyncIds.$Properties|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SyncFetchRequest. */
            type $Shape = countersign.v1.SyncFetchRequest.$Properties;
        }

        /**
         * Properties of a SyncCopyRequest.
         * @deprecated Use countersign.v1.SyncCopyRequest.$Properties instead.
         */
        interface ISyncCopyRequest extends countersign.v1.SyncCopyRequest.$Properties {
        }

        /** Represents a SyncCopyRequest. */
        class SyncCopyRequest {

            /**
             * Constructs a new SyncCopyRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.SyncCopyRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SyncCopyRequest as_of_ms. */
            as_of_ms: number;

            /** SyncCopyRequest kind. */
            kind: string;

            /** SyncCopyRequest deleted. */
            deleted: boolean;

            /** SyncCopyRequest range. */
            range?: (countersign.v1.SyncRange.$Properties|null);

            /**
             * Encodes the specified SyncCopyRequest message. Does not implicitly {@link countersign.v1.SyncCopyRequest.verify|verify} messages.
             * @param message SyncCopyRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.SyncCopyRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SyncCopyRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.SyncCopyRequest & countersign.v1.SyncCopyRequest.$Shape} SyncCopyRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.SyncCopyRequest & countersign.v1.SyncCopyRequest.$Shape;
        }

        namespace SyncCopyRequest {

            /** Properties of a SyncCopyRequest. */
            interface $Properties {

                /** SyncCopyRequest as_of_ms */
                as_of_ms?: (number|null);

                /** SyncCopyRequest kind */
                kind?: (string|null);

                /** SyncCopyRequest deleted */
                deleted?: (boolean|null);

                /** SyncCopyRequest range */
                range?: (countersign.v1.SyncRange.$Properties|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SyncCopyRequest. */
            type $Shape = countersign.v1.SyncCopyRequest.$Properties;
        }

        /**
         * Properties of a SyncRecords.
         * @deprecated Use countersign.v1.SyncRecords.$Properties instead.
         */
        interface ISyncRecords extends countersign.v1.SyncRecords.$Properties {
        }

        /** Represents a SyncRecords. */
        class SyncRecords {

            /**
             * Constructs a new SyncRecords.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.SyncRecords.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SyncRecords records. */
            records: Uint8Array[];

            /** SyncRecords handled. */
            handled: number;

            /** SyncRecords next. */
            next?: (countersign.v1.SyncBound.$Properties|null);

            /**
             * Encodes the specified SyncRecords message. Does not implicitly {@link countersign.v1.SyncRecords.verify|verify} messages.
             * @param message SyncRecords message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.SyncRecords.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SyncRecords message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.SyncRecords & countersign.v1.SyncRecords.$Shape} SyncRecords
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.SyncRecords & countersign.v1.SyncRecords.$Shape;
        }

        namespace SyncRecords {

            /** Properties of a SyncRecords. */
            interface $Properties {

                /** SyncRecords records */
                records?: (Uint8Array[]|null);

                /** SyncRecords handled */
                handled?: (number|null);

                /** SyncRecords next */
                next?: (countersign.v1.SyncBound.$Properties|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SyncRecords. */
            type $Shape = countersign.v1.SyncRecords.$Properties;
        }

        /**
         * Properties of a SyncPushRequest.
         * @deprecated Use countersign.v1.SyncPushRequest.$Properties instead.
         */
        interface ISyncPushRequest extends countersign.v1.SyncPushRequest.$Properties {
        }

        /** Represents a SyncPushRequest. */
        class SyncPushRequest {

            /**
             * Constructs a new SyncPushRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.SyncPushRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SyncPushRequest records. */
            records: Uint8Array[];

            /**
             * Encodes the specified SyncPushRequest message. Does not implicitly {@link countersign.v1.SyncPushRequest.verify|verify} messages.
             * @param message SyncPushRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.SyncPushRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SyncPushRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.SyncPushRequest & countersign.v1.SyncPushRequest.$Shape} SyncPushRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.SyncPushRequest & countersign.v1.SyncPushRequest.$Shape;
        }

        namespace SyncPushRequest {

            /** Properties of a SyncPushRequest. */
            interface $Properties {

                /** SyncPushRequest records */
                records?: (Uint8Array[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SyncPushRequest. */
            type $Shape = countersign.v1.SyncPushRequest.$Properties;
        }

        /**
         * Properties of a SyncPushed.
         * @deprecated Use countersign.v1.SyncPushed.$Properties instead.
         */
        interface ISyncPushed extends countersign.v1.SyncPushed.$Properties {
        }

        /** Represents a SyncPushed. */
        class SyncPushed {

            /**
             * Constructs a new SyncPushed.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.SyncPushed.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SyncPushed applied. */
            applied: number;

            /** SyncPushed rejected. */
            rejected: number;

            /**
             * Encodes the specified SyncPushed message. Does not implicitly {@link countersign.v1.SyncPushed.verify|verify} messages.
             * @param message SyncPushed message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.SyncPushed.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SyncPushed message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.SyncPushed & countersign.v1.SyncPushed.$Shape} SyncPushed
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.SyncPushed & countersign.v1.SyncPushed.$Shape;
        }

        namespace SyncPushed {

            /** Properties of a SyncPushed. */
            interface $Properties {

                /** SyncPushed applied */
                applied?: (number|null);

                /** SyncPushed rejected */
                rejected?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SyncPushed. */
            type $Shape = countersign.v1.SyncPushed.$Properties;
        }

        /**
         * Properties of a Heartbeat.
         * @deprecated Use countersign.v1.Heartbeat.$Properties instead.
         */
        interface IHeartbeat extends countersign.v1.Heartbeat.$Properties {
        }

        /** Represents a Heartbeat. */
        class Heartbeat {

            /**
             * Constructs a new Heartbeat.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.Heartbeat.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Heartbeat node_id. */
            node_id: string;

            /** Heartbeat wallet. */
            wallet: string;

            /** Heartbeat sequence. */
            sequence: number;

            /** Heartbeat time_ms. */
            time_ms: number;

            /** Heartbeat active_tasks. */
            active_tasks: number;

            /** Heartbeat max_tasks. */
            max_tasks: number;

            /** Heartbeat load. */
            load: number;

            /** Heartbeat hosted. */
            hosted?: (countersign.v1.HostedDigest.$Properties|null);

            /**
             * Encodes the specified Heartbeat message. Does not implicitly {@link countersign.v1.Heartbeat.verify|verify} messages.
             * @param message Heartbeat message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.Heartbeat.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Heartbeat message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.Heartbeat & countersign.v1.Heartbeat.$Shape} Heartbeat
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.Heartbeat & countersign.v1.Heartbeat.$Shape;
        }

        namespace Heartbeat {

            /** Properties of a Heartbeat. */
            interface $Properties {

                /** Heartbeat node_id */
                node_id?: (string|null);

                /** Heartbeat wallet */
                wallet?: (string|null);

                /** Heartbeat sequence */
                sequence?: (number|null);

                /** Heartbeat time_ms */
                time_ms?: (number|null);

                /** Heartbeat active_tasks */
                active_tasks?: (number|null);

                /** Heartbeat max_tasks */
                max_tasks?: (number|null);

                /** Heartbeat load */
                load?: (number|null);

                /** Heartbeat hosted */
                hosted?: (countersign.v1.HostedDigest.$Properties|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Heartbeat. */
            type $Shape = countersign.v1.Heartbeat.$Properties;
        }

        /**
         * Properties of a HostedDigest.
         * @deprecated Use countersign.v1.HostedDigest.$Properties instead.
         */
        interface IHostedDigest extends countersign.v1.HostedDigest.$Properties {
        }

        /** Represents a HostedDigest. */
        class HostedDigest {

            /**
             * Constructs a new HostedDigest.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.HostedDigest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** HostedDigest heard. */
            heard: number;

            /** HostedDigest free_slots. */
            free_slots: number;

            /** HostedDigest active_tasks. */
            active_tasks: number;

            /** HostedDigest usual. */
            usual: countersign.v1.HostedStatus;

            /** HostedDigest alive. */
            alive: Uint8Array;

            /** HostedDigest suspect. */
            suspect: Uint8Array;

            /** HostedDigest offline. */
            offline: Uint8Array;

            /**
             * Encodes the specified HostedDigest message. Does not implicitly {@link countersign.v1.HostedDigest.verify|verify} messages.
             * @param message HostedDigest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.HostedDigest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a HostedDigest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.HostedDigest & countersign.v1.HostedDigest.$Shape} HostedDigest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.HostedDigest & countersign.v1.HostedDigest.$Shape;
        }

        namespace HostedDigest {

            /** Properties of a HostedDigest. */
            interface $Properties {

                /** HostedDigest heard */
                heard?: (number|null);

                /** HostedDigest free_slots */
                free_slots?: (number|null);

                /** HostedDigest active_tasks */
                active_tasks?: (number|null);

                /** HostedDigest usual */
                usual?: (countersign.v1.HostedStatus|null);

                /** HostedDigest alive */
                alive?: (Uint8Array|null);

                /** HostedDigest suspect */
                suspect?: (Uint8Array|null);

                /** HostedDigest offline */
                offline?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a HostedDigest. */
            type $Shape = countersign.v1.HostedDigest.$Properties;
        }

        /** HostedStatus enum. */
        enum HostedStatus {

            /** HOSTED_ALIVE value */
            HOSTED_ALIVE = 0,

            /** HOSTED_SUSPECT value */
            HOSTED_SUSPECT = 1,

            /** HOSTED_OFFLINE value */
            HOSTED_OFFLINE = 2
        }

        /**
         * Properties of a PreprocessingProposal.
         * @deprecated Use countersign.v1.PreprocessingProposal.$Properties instead.
         */
        interface IPreprocessingProposal extends countersign.v1.PreprocessingProposal.$Properties {
        }

        /** Represents a PreprocessingProposal. */
        class PreprocessingProposal {

            /**
             * Constructs a new PreprocessingProposal.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.PreprocessingProposal.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** PreprocessingProposal client. */
            client: string;

            /** PreprocessingProposal model_uuid. */
            model_uuid: string;

            /** PreprocessingProposal validation. */
            validation?: (PreprocessingValidation.$Properties|null);

            /** PreprocessingProposal subnet_id. */
            subnet_id?: (bigint|null);

            /**
             * Encodes the specified PreprocessingProposal message. Does not implicitly {@link countersign.v1.PreprocessingProposal.verify|verify} messages.
             * @param message PreprocessingProposal message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.PreprocessingProposal.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a PreprocessingProposal message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.PreprocessingProposal & countersign.v1.PreprocessingProposal.$Shape} PreprocessingProposal
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.PreprocessingProposal & countersign.v1.PreprocessingProposal.$Shape;
        }

        namespace PreprocessingProposal {

            /** Properties of a PreprocessingProposal. */
            interface $Properties {

                /** PreprocessingProposal client */
                client?: (string|null);

                /** PreprocessingProposal model_uuid */
                model_uuid?: (string|null);

                /** PreprocessingProposal validation */
                validation?: (PreprocessingValidation.$Properties|null);

                /** PreprocessingProposal subnet_id */
                subnet_id?: (bigint|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a PreprocessingProposal. */
            type $Shape = countersign.v1.PreprocessingProposal.$Properties;
        }

        /**
         * Properties of a CompletionProposal.
         * @deprecated Use countersign.v1.CompletionProposal.$Properties instead.
         */
        interface ICompletionProposal extends countersign.v1.CompletionProposal.$Properties {
        }

        /** Represents a CompletionProposal. */
        class CompletionProposal {

            /**
             * Constructs a new CompletionProposal.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.CompletionProposal.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** CompletionProposal client. */
            client: string;

            /** CompletionProposal model_uuid. */
            model_uuid: string;

            /** CompletionProposal preprocessing. */
            preprocessing?: (PreprocessingValidation.$Properties|null);

            /** CompletionProposal completion. */
            completion?: (ComputeCompletion.$Properties|null);

            /** CompletionProposal compute_node_wallet. */
            compute_node_wallet: string;

            /** CompletionProposal reassignments. */
            reassignments: countersign.v1.ReassignmentGrant.$Properties[];

            /** CompletionProposal output_data. */
            output_data?: (string|null);

            /** CompletionProposal input_data. */
            input_data?: (string|null);

            /**
             * Encodes the specified CompletionProposal message. Does not implicitly {@link countersign.v1.CompletionProposal.verify|verify} messages.
             * @param message CompletionProposal message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.CompletionProposal.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a CompletionProposal message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.CompletionProposal & countersign.v1.CompletionProposal.$Shape} CompletionProposal
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.CompletionProposal & countersign.v1.CompletionProposal.$Shape;
        }

        namespace CompletionProposal {

            /** Properties of a CompletionProposal. */
            interface $Properties {

                /** CompletionProposal client */
                client?: (string|null);

                /** CompletionProposal model_uuid */
                model_uuid?: (string|null);

                /** CompletionProposal preprocessing */
                preprocessing?: (PreprocessingValidation.$Properties|null);

                /** CompletionProposal completion */
                completion?: (ComputeCompletion.$Properties|null);

                /** CompletionProposal compute_node_wallet */
                compute_node_wallet?: (string|null);

                /** CompletionProposal reassignments */
                reassignments?: (countersign.v1.ReassignmentGrant.$Properties[]|null);

                /** CompletionProposal output_data */
                output_data?: (string|null);

                /** CompletionProposal input_data */
                input_data?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a CompletionProposal. */
            type $Shape = countersign.v1.CompletionProposal.$Properties;
        }

        /**
         * Properties of a ReassignmentProposal.
         * @deprecated Use countersign.v1.ReassignmentProposal.$Properties instead.
         */
        interface IReassignmentProposal extends countersign.v1.ReassignmentProposal.$Properties {
        }

        /** Represents a ReassignmentProposal. */
        class ReassignmentProposal {

            /**
             * Constructs a new ReassignmentProposal.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.ReassignmentProposal.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ReassignmentProposal client. */
            client: string;

            /** ReassignmentProposal model_uuid. */
            model_uuid: string;

            /** ReassignmentProposal preprocessing. */
            preprocessing?: (PreprocessingValidation.$Properties|null);

            /** ReassignmentProposal attempt. */
            attempt: number;

            /** ReassignmentProposal compute_node_id. */
            compute_node_id: string;

            /** ReassignmentProposal compute_node_wallet. */
            compute_node_wallet: string;

            /** ReassignmentProposal deadline. */
            deadline: number;

            /** ReassignmentProposal previous. */
            previous: countersign.v1.ReassignmentGrant.$Properties[];

            /**
             * Encodes the specified ReassignmentProposal message. Does not implicitly {@link countersign.v1.ReassignmentProposal.verify|verify} messages.
             * @param message ReassignmentProposal message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.ReassignmentProposal.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ReassignmentProposal message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.ReassignmentProposal & countersign.v1.ReassignmentProposal.$Shape} ReassignmentProposal
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.ReassignmentProposal & countersign.v1.ReassignmentProposal.$Shape;
        }

        namespace ReassignmentProposal {

            /** Properties of a ReassignmentProposal. */
            interface $Properties {

                /** ReassignmentProposal client */
                client?: (string|null);

                /** ReassignmentProposal model_uuid */
                model_uuid?: (string|null);

                /** ReassignmentProposal preprocessing */
                preprocessing?: (PreprocessingValidation.$Properties|null);

                /** ReassignmentProposal attempt */
                attempt?: (number|null);

                /** ReassignmentProposal compute_node_id */
                compute_node_id?: (string|null);

                /** ReassignmentProposal compute_node_wallet */
                compute_node_wallet?: (string|null);

                /** ReassignmentProposal deadline */
                deadline?: (number|null);

                /** ReassignmentProposal previous */
                previous?: (countersign.v1.ReassignmentGrant.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ReassignmentProposal. */
            type $Shape = countersign.v1.ReassignmentProposal.$Properties;
        }

        /**
         * Properties of a ReassignmentGrant.
         * @deprecated Use countersign.v1.ReassignmentGrant.$Properties instead.
         */
        interface IReassignmentGrant extends countersign.v1.ReassignmentGrant.$Properties {
        }

        /** Represents a ReassignmentGrant. */
        class ReassignmentGrant {

            /**
             * Constructs a new ReassignmentGrant.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.ReassignmentGrant.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ReassignmentGrant attempt. */
            attempt: number;

            /** ReassignmentGrant compute_node_id. */
            compute_node_id: string;

            /** ReassignmentGrant compute_node_wallet. */
            compute_node_wallet: string;

            /** ReassignmentGrant deadline. */
            deadline: number;

            /** ReassignmentGrant validator_signatures. */
            validator_signatures: ValidatorSignature.$Properties[];

            /**
             * Encodes the specified ReassignmentGrant message. Does not implicitly {@link countersign.v1.ReassignmentGrant.verify|verify} messages.
             * @param message ReassignmentGrant message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.ReassignmentGrant.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ReassignmentGrant message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.ReassignmentGrant & countersign.v1.ReassignmentGrant.$Shape} ReassignmentGrant
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.ReassignmentGrant & countersign.v1.ReassignmentGrant.$Shape;
        }

        namespace ReassignmentGrant {

            /** Properties of a ReassignmentGrant. */
            interface $Properties {

                /** ReassignmentGrant attempt */
                attempt?: (number|null);

                /** ReassignmentGrant compute_node_id */
                compute_node_id?: (string|null);

                /** ReassignmentGrant compute_node_wallet */
                compute_node_wallet?: (string|null);

                /** ReassignmentGrant deadline */
                deadline?: (number|null);

                /** ReassignmentGrant validator_signatures */
                validator_signatures?: (ValidatorSignature.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ReassignmentGrant. */
            type $Shape = countersign.v1.ReassignmentGrant.$Properties;
        }

        /**
         * Properties of a SubnetProposal.
         * @deprecated Use countersign.v1.SubnetProposal.$Properties instead.
         */
        interface ISubnetProposal extends countersign.v1.SubnetProposal.$Properties {
        }

        /** Represents a SubnetProposal. */
        class SubnetProposal {

            /**
             * Constructs a new SubnetProposal.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.SubnetProposal.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SubnetProposal metadata. */
            metadata?: (SubnetMetadata.$Properties|null);

            /**
             * Encodes the specified SubnetProposal message. Does not implicitly {@link countersign.v1.SubnetProposal.verify|verify} messages.
             * @param message SubnetProposal message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.SubnetProposal.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SubnetProposal message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.SubnetProposal & countersign.v1.SubnetProposal.$Shape} SubnetProposal
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.SubnetProposal & countersign.v1.SubnetProposal.$Shape;
        }

        namespace SubnetProposal {

            /** Properties of a SubnetProposal. */
            interface $Properties {

                /** SubnetProposal metadata */
                metadata?: (SubnetMetadata.$Properties|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SubnetProposal. */
            type $Shape = countersign.v1.SubnetProposal.$Properties;
        }

        /**
         * Properties of a CosignRequest.
         * @deprecated Use countersign.v1.CosignRequest.$Properties instead.
         */
        interface ICosignRequest extends countersign.v1.CosignRequest.$Properties {
        }

        /** Represents a CosignRequest. */
        class CosignRequest {

            /**
             * Constructs a new CosignRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.CosignRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** CosignRequest round_id. */
            round_id: string;

            /** CosignRequest initiator. */
            initiator: string;

            /** CosignRequest deadline_ms. */
            deadline_ms: number;

            /** CosignRequest digest. */
            digest: Uint8Array;

            /** CosignRequest asked. */
            asked: string[];

            /** CosignRequest preprocessing. */
            preprocessing?: (countersign.v1.PreprocessingProposal.$Properties|null);

            /** CosignRequest completion. */
            completion?: (countersign.v1.CompletionProposal.$Properties|null);

            /** CosignRequest reassignment. */
            reassignment?: (countersign.v1.ReassignmentProposal.$Properties|null);

            /** CosignRequest subnet. */
            subnet?: (countersign.v1.SubnetProposal.$Properties|null);

            /** CosignRequest proposal. */
            proposal?: ("preprocessing"|"completion"|"reassignment"|"subnet");

            /**
             * Encodes the specified CosignRequest message. Does not implicitly {@link countersign.v1.CosignRequest.verify|verify} messages.
             * @param message CosignRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.CosignRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a CosignRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.CosignRequest & countersign.v1.CosignRequest.$Shape} CosignRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.CosignRequest & countersign.v1.CosignRequest.$Shape;
        }

        namespace CosignRequest {

            /** Properties of a CosignRequest. */
            interface $Properties {

                /** CosignRequest round_id */
                round_id?: (string|null);

                /** CosignRequest initiator */
                initiator?: (string|null);

                /** CosignRequest deadline_ms */
                deadline_ms?: (number|null);

                /** CosignRequest digest */
                digest?: (Uint8Array|null);

                /** CosignRequest asked */
                asked?: (string[]|null);

                /** CosignRequest preprocessing */
                preprocessing?: (countersign.v1.PreprocessingProposal.$Properties|null);

                /** CosignRequest completion */
                completion?: (countersign.v1.CompletionProposal.$Properties|null);

                /** CosignRequest reassignment */
                reassignment?: (countersign.v1.ReassignmentProposal.$Properties|null);

                /** CosignRequest subnet */
                subnet?: (countersign.v1.SubnetProposal.$Properties|null);

                /** CosignRequest proposal */
                proposal?: ("preprocessing"|"completion"|"reassignment"|"subnet");

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Narrowed shape of a CosignRequest. */
            type $Shape = {
              round_id?: string|null;
              initiator?: string|null;
              deadline_ms?: number|null;
              digest?: Uint8Array|null;
              asked?: string[]|null;
              preprocessing?: countersign.v1.PreprocessingProposal.$Shape|null;
              completion?: countersign.v1.CompletionProposal.$Shape|null;
              reassignment?: countersign.v1.ReassignmentProposal.$Shape|null;
              subnet?: countersign.v1.SubnetProposal.$Shape|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ proposal?: undefined; preprocessing?: null; completion?: null; reassignment?: null; subnet?: null }|{ proposal?: "preprocessing"; preprocessing: countersign.v1.PreprocessingProposal.$Shape; completion?: null; reassignment?: null; subnet?: null }|{ proposal?: "completion"; preprocessing?: null; completion: countersign.v1.CompletionProposal.$Shape; reassignment?: null; subnet?: null }|{ proposal?: "reassignment"; preprocessing?: null; completion?: null; reassignment: countersign.v1.ReassignmentProposal.$Shape; subnet?: null }|{ proposal?: "subnet"; preprocessing?: null; completion?: null; reassignment?: null; subnet: countersign.v1.SubnetProposal.$Shape })
            );
        }

        /**
         * Properties of a CosignVerdict.
         * @deprecated Use countersign.v1.CosignVerdict.$Properties instead.
         */
        interface ICosignVerdict extends countersign.v1.CosignVerdict.$Properties {
        }

        /** Represents a CosignVerdict. */
        class CosignVerdict {

            /**
             * Constructs a new CosignVerdict.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.CosignVerdict.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** CosignVerdict round_id. */
            round_id: string;

            /** CosignVerdict validator_address. */
            validator_address: string;

            /** CosignVerdict digest. */
            digest: Uint8Array;

            /** CosignVerdict signature. */
            signature: Uint8Array;

            /** CosignVerdict reason. */
            reason: string;

            /** CosignVerdict time_ms. */
            time_ms: number;

            /**
             * Encodes the specified CosignVerdict message. Does not implicitly {@link countersign.v1.CosignVerdict.verify|verify} messages.
             * @param message CosignVerdict message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.CosignVerdict.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a CosignVerdict message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.CosignVerdict & countersign.v1.CosignVerdict.$Shape} CosignVerdict
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.CosignVerdict & countersign.v1.CosignVerdict.$Shape;
        }

        namespace CosignVerdict {

            /** Properties of a CosignVerdict. */
            interface $Properties {

                /** CosignVerdict round_id */
                round_id?: (string|null);

                /** CosignVerdict validator_address */
                validator_address?: (string|null);

                /** CosignVerdict digest */
                digest?: (Uint8Array|null);

                /** CosignVerdict signature */
                signature?: (Uint8Array|null);

                /** CosignVerdict reason */
                reason?: (string|null);

                /** CosignVerdict time_ms */
                time_ms?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a CosignVerdict. */
            type $Shape = countersign.v1.CosignVerdict.$Properties;
        }

        /**
         * Properties of a CosignBundle.
         * @deprecated Use countersign.v1.CosignBundle.$Properties instead.
         */
        interface ICosignBundle extends countersign.v1.CosignBundle.$Properties {
        }

        /** Represents a CosignBundle. */
        class CosignBundle {

            /**
             * Constructs a new CosignBundle.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.CosignBundle.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** CosignBundle requests. */
            requests: countersign.v1.CosignRequest.$Properties[];

            /**
             * Encodes the specified CosignBundle message. Does not implicitly {@link countersign.v1.CosignBundle.verify|verify} messages.
             * @param message CosignBundle message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.CosignBundle.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a CosignBundle message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.CosignBundle & countersign.v1.CosignBundle.$Shape} CosignBundle
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.CosignBundle & countersign.v1.CosignBundle.$Shape;
        }

        namespace CosignBundle {

            /** Properties of a CosignBundle. */
            interface $Properties {

                /** CosignBundle requests */
                requests?: (countersign.v1.CosignRequest.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a CosignBundle. */
            type $Shape = {
              requests?: countersign.v1.CosignRequest.$Shape[]|null;
              $unknowns?: Uint8Array[];
            };
        }

        /**
         * Properties of a VerdictBundle.
         * @deprecated Use countersign.v1.VerdictBundle.$Properties instead.
         */
        interface IVerdictBundle extends countersign.v1.VerdictBundle.$Properties {
        }

        /** Represents a VerdictBundle. */
        class VerdictBundle {

            /**
             * Constructs a new VerdictBundle.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.VerdictBundle.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** VerdictBundle verdicts. */
            verdicts: countersign.v1.CosignVerdict.$Properties[];

            /**
             * Encodes the specified VerdictBundle message. Does not implicitly {@link countersign.v1.VerdictBundle.verify|verify} messages.
             * @param message VerdictBundle message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.VerdictBundle.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a VerdictBundle message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.VerdictBundle & countersign.v1.VerdictBundle.$Shape} VerdictBundle
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.VerdictBundle & countersign.v1.VerdictBundle.$Shape;
        }

        namespace VerdictBundle {

            /** Properties of a VerdictBundle. */
            interface $Properties {

                /** VerdictBundle verdicts */
                verdicts?: (countersign.v1.CosignVerdict.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a VerdictBundle. */
            type $Shape = countersign.v1.VerdictBundle.$Properties;
        }

        /**
         * Properties of a TaskMessage.
         * @deprecated Use countersign.v1.TaskMessage.$Properties instead.
         */
        interface ITaskMessage extends countersign.v1.TaskMessage.$Properties {
        }

        /** Represents a TaskMessage. */
        class TaskMessage {

            /**
             * Constructs a new TaskMessage.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.TaskMessage.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** TaskMessage task. */
            task?: (countersign.v1.TaskRef.$Properties|null);

            /** TaskMessage reserve. */
            reserve?: (countersign.v1.TaskReserve.$Properties|null);

            /** TaskMessage hand_over. */
            hand_over?: (countersign.v1.TaskHandOver.$Properties|null);

            /** TaskMessage check. */
            check?: (countersign.v1.TaskCheck.$Properties|null);

            /** TaskMessage release. */
            release?: (countersign.v1.TaskRelease.$Properties|null);

            /** TaskMessage progress. */
            progress?: (countersign.v1.TaskProgress.$Properties|null);

            /** TaskMessage result. */
            result?: (countersign.v1.TaskResult.$Properties|null);

            /** TaskMessage ask. */
            ask?: ("reserve"|"hand_over"|"check"|"release"|"progress"|"result");

            /**
             * Encodes the specified TaskMessage message. Does not implicitly {@link countersign.v1.TaskMessage.verify|verify} messages.
             * @param message TaskMessage message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.TaskMessage.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a TaskMessage message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.TaskMessage & countersign.v1.TaskMessage.$Shape} TaskMessage
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.TaskMessage & countersign.v1.TaskMessage.$Shape;
        }

        namespace TaskMessage {

            /** Properties of a TaskMessage. */
            interface $Properties {

                /** TaskMessage task */
                task?: (countersign.v1.TaskRef.$Properties|null);

                /** TaskMessage reserve */
                reserve?: (countersign.v1.TaskReserve.$Properties|null);

                /** TaskMessage hand_over */
                hand_over?: (countersign.v1.TaskHandOver.$Properties|null);

                /** TaskMessage check */
                check?: (countersign.v1.TaskCheck.$Properties|null);

                /** TaskMessage release */
                release?: (countersign.v1.TaskRelease.$Properties|null);

                /** TaskMessage progress */
                progress?: (countersign.v1.TaskProgress.$Properties|null);

                /** TaskMessage result */
                result?: (countersign.v1.TaskResult.$Properties|null);

                /** TaskMessage ask */
                ask?: ("reserve"|"hand_over"|"check"|"release"|"progress"|"result");

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Narrowed shape of a TaskMessage. */
            type $Shape = {
              task?: countersign.v1.TaskRef.$Shape|null;
              reserve?: countersign.v1.TaskReserve.$Shape|null;
              hand_over?: countersign.v1.TaskHandOver.$Shape|null;
              check?: countersign.v1.TaskCheck.$Shape|null;
              release?: countersign.v1.TaskRelease.$Shape|null;
              progress?: countersign.v1.TaskProgress.$Shape|null;
              result?: countersign.v1.TaskResult.$Shape|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ ask?: undefined; reserve?: null; hand_over?: null; check?: null; release?: null; progress?: null; result?: null }|{ ask?: "reserve"; reserve: countersign.v1.TaskReserve.$Shape; hand_over?: null; check?: null; release?: null; progress?: null; result?: null }|{ ask?: "hand_over"; reserve?: null; hand_over: countersign.v1.TaskHandOver.$Shape; check?: null; release?: null; progress?: null; result?: null }|{ ask?: "check"; reserve?: null; hand_over?: null; check: countersign.v1.TaskCheck.$Shape; release?: null; progress?: null; result?: null }|{ ask?: "release"; reserve?: null; hand_over?: null; check?: null; release: countersign.v1.TaskRelease.$Shape; progress?: null; result?: null }|{ ask?: "progress"; reserve?: null; hand_over?: null; check?: null; release?: null; progress: countersign.v1.TaskProgress.$Shape; result?: null }|{ ask?: "result"; reserve?: null; hand_over?: null; check?: null; release?: null; progress?: null; result: countersign.v1.TaskResult.$Shape })
            );
        }

        /**
         * Properties of a TaskRef.
         * @deprecated Use countersign.v1.TaskRef.$Properties instead.
         */
        interface ITaskRef extends countersign.v1.TaskRef.$Properties {
        }

        /** Represents a TaskRef. */
        class TaskRef {

            /**
             * Constructs a new TaskRef.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.TaskRef.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** TaskRef gateway. */
            gateway: string;

            /** TaskRef client. */
            client: string;

            /** TaskRef request_id. */
            request_id: string;

            /** TaskRef attempt. */
            attempt: number;

            /**
             * Encodes the specified TaskRef message. Does not implicitly {@link countersign.v1.TaskRef.verify|verify} messages.
             * @param message TaskRef message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.TaskRef.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a TaskRef message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.TaskRef & countersign.v1.TaskRef.$Shape} TaskRef
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.TaskRef & countersign.v1.TaskRef.$Shape;
        }

        namespace TaskRef {

            /** Properties of a TaskRef. */
            interface $Properties {

                /** TaskRef gateway */
                gateway?: (string|null);

                /** TaskRef client */
                client?: (string|null);

                /** TaskRef request_id */
                request_id?: (string|null);

                /** TaskRef attempt */
                attempt?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a TaskRef. */
            type $Shape = countersign.v1.TaskRef.$Properties;
        }

        /**
         * Properties of a TaskReserve.
         * @deprecated Use countersign.v1.TaskReserve.$Properties instead.
         */
        interface ITaskReserve extends countersign.v1.TaskReserve.$Properties {
        }

        /** Represents a TaskReserve. */
        class TaskReserve {

            /**
             * Constructs a new TaskReserve.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.TaskReserve.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** TaskReserve model_uuid. */
            model_uuid: string;

            /** TaskReserve subnet_id. */
            subnet_id?: (bigint|null);

            /** TaskReserve max_price_wei. */
            max_price_wei: string;

            /** TaskReserve except. */
            except: string[];

            /**
             * Encodes the specified TaskReserve message. Does not implicitly {@link countersign.v1.TaskReserve.verify|verify} messages.
             * @param message TaskReserve message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.TaskReserve.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a TaskReserve message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.TaskReserve & countersign.v1.TaskReserve.$Shape} TaskReserve
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.TaskReserve & countersign.v1.TaskReserve.$Shape;
        }

        namespace TaskReserve {

            /** Properties of a TaskReserve. */
            interface $Properties {

                /** TaskReserve model_uuid */
                model_uuid?: (string|null);

                /** TaskReserve subnet_id */
                subnet_id?: (bigint|null);

                /** TaskReserve max_price_wei */
                max_price_wei?: (string|null);

                /** TaskReserve except */
                except?: (string[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a TaskReserve. */
            type $Shape = countersign.v1.TaskReserve.$Properties;
        }

        /**
         * Properties of a TaskHandOver.
         * @deprecated Use countersign.v1.TaskHandOver.$Properties instead.
         */
        interface ITaskHandOver extends countersign.v1.TaskHandOver.$Properties {
        }

        /** Represents a TaskHandOver. */
        class TaskHandOver {

            /**
             * Constructs a new TaskHandOver.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.TaskHandOver.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** TaskHandOver model_uuid. */
            model_uuid: string;

            /** TaskHandOver input_data. */
            input_data: string;

            /** TaskHandOver subnet_id. */
            subnet_id?: (bigint|null);

            /** TaskHandOver validation. */
            validation?: (PreprocessingValidation.$Properties|null);

            /** TaskHandOver grants. */
            grants: countersign.v1.ReassignmentGrant.$Properties[];

            /** TaskHandOver trails. */
            trails: QuorumTrail.$Properties[];

            /**
             * Encodes the specified TaskHandOver message. Does not implicitly {@link countersign.v1.TaskHandOver.verify|verify} messages.
             * @param message TaskHandOver message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.TaskHandOver.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a TaskHandOver message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.TaskHandOver & countersign.v1.TaskHandOver.$Shape} TaskHandOver
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.TaskHandOver & countersign.v1.TaskHandOver.$Shape;
        }

        namespace TaskHandOver {

            /** Properties of a TaskHandOver. */
            interface $Properties {

                /** TaskHandOver model_uuid */
                model_uuid?: (string|null);

                /** TaskHandOver input_data */
                input_data?: (string|null);

                /** TaskHandOver subnet_id */
                subnet_id?: (bigint|null);

                /** TaskHandOver validation */
                validation?: (PreprocessingValidation.$Properties|null);

                /** TaskHandOver grants */
                grants?: (countersign.v1.ReassignmentGrant.$Properties[]|null);

                /** TaskHandOver trails */
                trails?: (QuorumTrail.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a TaskHandOver. */
            type $Shape = countersign.v1.TaskHandOver.$Properties;
        }

        /**
         * Properties of a TaskCheck.
         * @deprecated Use countersign.v1.TaskCheck.$Properties instead.
         */
        interface ITaskCheck extends countersign.v1.TaskCheck.$Properties {
        }

        /** Represents a TaskCheck. */
        class TaskCheck {

            /**
             * Constructs a new TaskCheck.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.TaskCheck.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /**
             * Encodes the specified TaskCheck message. Does not implicitly {@link countersign.v1.TaskCheck.verify|verify} messages.
             * @param message TaskCheck message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.TaskCheck.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a TaskCheck message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.TaskCheck & countersign.v1.TaskCheck.$Shape} TaskCheck
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.TaskCheck & countersign.v1.TaskCheck.$Shape;
        }

        namespace TaskCheck {

            /** Properties of a TaskCheck. */
            interface $Properties {

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a TaskCheck. */
            type $Shape = countersign.v1.TaskCheck.$Properties;
        }

        /**
         * Properties of a TaskRelease.
         * @deprecated Use countersign.v1.TaskRelease.$Properties instead.
         */
        interface ITaskRelease extends countersign.v1.TaskRelease.$Properties {
        }

        /** Represents a TaskRelease. */
        class TaskRelease {

            /**
             * Constructs a new TaskRelease.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.TaskRelease.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /**
             * Encodes the specified TaskRelease message. Does not implicitly {@link countersign.v1.TaskRelease.verify|verify} messages.
             * @param message TaskRelease message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.TaskRelease.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a TaskRelease message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.TaskRelease & countersign.v1.TaskRelease.$Shape} TaskRelease
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.TaskRelease & countersign.v1.TaskRelease.$Shape;
        }

        namespace TaskRelease {

            /** Properties of a TaskRelease. */
            interface $Properties {

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a TaskRelease. */
            type $Shape = countersign.v1.TaskRelease.$Properties;
        }

        /**
         * Properties of a TaskProgress.
         * @deprecated Use countersign.v1.TaskProgress.$Properties instead.
         */
        interface ITaskProgress extends countersign.v1.TaskProgress.$Properties {
        }

        /** Represents a TaskProgress. */
        class TaskProgress {

            /**
             * Constructs a new TaskProgress.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.TaskProgress.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** TaskProgress output_data. */
            output_data: string;

            /** TaskProgress running_hash. */
            running_hash: Uint8Array;

            /**
             * Encodes the specified TaskProgress message. Does not implicitly {@link countersign.v1.TaskProgress.verify|verify} messages.
             * @param message TaskProgress message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.TaskProgress.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a TaskProgress message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.TaskProgress & countersign.v1.TaskProgress.$Shape} TaskProgress
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.TaskProgress & countersign.v1.TaskProgress.$Shape;
        }

        namespace TaskProgress {

            /** Properties of a TaskProgress. */
            interface $Properties {

                /** TaskProgress output_data */
                output_data?: (string|null);

                /** TaskProgress running_hash */
                running_hash?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a TaskProgress. */
            type $Shape = countersign.v1.TaskProgress.$Properties;
        }

        /**
         * Properties of a TaskResult.
         * @deprecated Use countersign.v1.TaskResult.$Properties instead.
         */
        interface ITaskResult extends countersign.v1.TaskResult.$Properties {
        }

        /** Represents a TaskResult. */
        class TaskResult {

            /**
             * Constructs a new TaskResult.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.TaskResult.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** TaskResult output_data. */
            output_data: string;

            /** TaskResult completion. */
            completion?: (ComputeCompletion.$Properties|null);

            /** TaskResult error_message. */
            error_message: string;

            /**
             * Encodes the specified TaskResult message. Does not implicitly {@link countersign.v1.TaskResult.verify|verify} messages.
             * @param message TaskResult message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.TaskResult.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a TaskResult message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.TaskResult & countersign.v1.TaskResult.$Shape} TaskResult
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.TaskResult & countersign.v1.TaskResult.$Shape;
        }

        namespace TaskResult {

            /** Properties of a TaskResult. */
            interface $Properties {

                /** TaskResult output_data */
                output_data?: (string|null);

                /** TaskResult completion */
                completion?: (ComputeCompletion.$Properties|null);

                /** TaskResult error_message */
                error_message?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a TaskResult. */
            type $Shape = countersign.v1.TaskResult.$Properties;
        }

        /**
         * Properties of a TaskAnswer.
         * @deprecated Use countersign.v1.TaskAnswer.$Properties instead.
         */
        interface ITaskAnswer extends countersign.v1.TaskAnswer.$Properties {
        }

        /** Represents a TaskAnswer. */
        class TaskAnswer {

            /**
             * Constructs a new TaskAnswer.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.TaskAnswer.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** TaskAnswer reserved. */
            reserved?: (countersign.v1.TaskReserved.$Properties|null);

            /** TaskAnswer checked. */
            checked?: (countersign.v1.TaskChecked.$Properties|null);

            /**
             * Encodes the specified TaskAnswer message. Does not implicitly {@link countersign.v1.TaskAnswer.verify|verify} messages.
             * @param message TaskAnswer message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.TaskAnswer.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a TaskAnswer message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.TaskAnswer & countersign.v1.TaskAnswer.$Shape} TaskAnswer
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.TaskAnswer & countersign.v1.TaskAnswer.$Shape;
        }

        namespace TaskAnswer {

            /** Properties of a TaskAnswer. */
            interface $Properties {

                /** TaskAnswer reserved */
                reserved?: (countersign.v1.TaskReserved.$Properties|null);

                /** TaskAnswer checked */
                checked?: (countersign.v1.TaskChecked.$Properties|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a TaskAnswer. */
            type $Shape = countersign.v1.TaskAnswer.$Properties;
        }

        /**
         * Properties of a TaskReserved.
         * @deprecated Use countersign.v1.TaskReserved.$Properties instead.
         */
        interface ITaskReserved extends countersign.v1.TaskReserved.$Properties {
        }

        /** Represents a TaskReserved. */
        class TaskReserved {

            /**
             * Constructs a new TaskReserved.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.TaskReserved.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** TaskReserved node_id. */
            node_id: string;

            /** TaskReserved wallet. */
            wallet: string;

            /** TaskReserved price_wei. */
            price_wei: string;

            /** TaskReserved until_ms. */
            until_ms: number;

            /**
             * Encodes the specified TaskReserved message. Does not implicitly {@link countersign.v1.TaskReserved.verify|verify} messages.
             * @param message TaskReserved message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.TaskReserved.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a TaskReserved message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.TaskReserved & countersign.v1.TaskReserved.$Shape} TaskReserved
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.TaskReserved & countersign.v1.TaskReserved.$Shape;
        }

        namespace TaskReserved {

            /** Properties of a TaskReserved. */
            interface $Properties {

                /** TaskReserved node_id */
                node_id?: (string|null);

                /** TaskReserved wallet */
                wallet?: (string|null);

                /** TaskReserved price_wei */
                price_wei?: (string|null);

                /** TaskReserved until_ms */
                until_ms?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a TaskReserved. */
            type $Shape = countersign.v1.TaskReserved.$Properties;
        }

        /**
         * Properties of a TaskChecked.
         * @deprecated Use countersign.v1.TaskChecked.$Properties instead.
         */
        interface ITaskChecked extends countersign.v1.TaskChecked.$Properties {
        }

        /** Represents a TaskChecked. */
        class TaskChecked {

            /**
             * Constructs a new TaskChecked.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.TaskChecked.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** TaskChecked is_running. */
            is_running: boolean;

            /**
             * Encodes the specified TaskChecked message. Does not implicitly {@link countersign.v1.TaskChecked.verify|verify} messages.
             * @param message TaskChecked message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.TaskChecked.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a TaskChecked message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.TaskChecked & countersign.v1.TaskChecked.$Shape} TaskChecked
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.TaskChecked & countersign.v1.TaskChecked.$Shape;
        }

        namespace TaskChecked {

            /** Properties of a TaskChecked. */
            interface $Properties {

                /** TaskChecked is_running */
                is_running?: (boolean|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a TaskChecked. */
            type $Shape = countersign.v1.TaskChecked.$Properties;
        }

        /**
         * Properties of a GetNodeStatusRequest.
         * @deprecated Use countersign.v1.GetNodeStatusRequest.$Properties instead.
         */
        interface IGetNodeStatusRequest extends countersign.v1.GetNodeStatusRequest.$Properties {
        }

        /** Represents a GetNodeStatusRequest. */
        class GetNodeStatusRequest {

            /**
             * Constructs a new GetNodeStatusRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.GetNodeStatusRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /**
             * Encodes the specified GetNodeStatusRequest message. Does not implicitly {@link countersign.v1.GetNodeStatusRequest.verify|verify} messages.
             * @param message GetNodeStatusRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.GetNodeStatusRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a GetNodeStatusRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.GetNodeStatusRequest & countersign.v1.GetNodeStatusRequest.$Shape} GetNodeStatusRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.GetNodeStatusRequest & countersign.v1.GetNodeStatusRequest.$Shape;
        }

        namespace GetNodeStatusRequest {

            /** Properties of a GetNodeStatusRequest. */
            interface $Properties {

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a GetNodeStatusRequest. */
            type $Shape = countersign.v1.GetNodeStatusRequest.$Properties;
        }

        /**
         * Properties of a NodeStatus.
         * @deprecated Use countersign.v1.NodeStatus.$Properties instead.
         */
        interface INodeStatus extends countersign.v1.NodeStatus.$Properties {
        }

        /** Represents a NodeStatus. */
        class NodeStatus {

            /**
             * Constructs a new NodeStatus.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.NodeStatus.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** NodeStatus node_id. */
            node_id: string;

            /** NodeStatus wallet_address. */
            wallet_address: string;

            /** NodeStatus peer_id. */
            peer_id: string;

            /** NodeStatus network. */
            network: string;

            /** NodeStatus software_version. */
            software_version: string;

            /** NodeStatus roles. */
            roles: string[];

            /** NodeStatus started_at_ms. */
            started_at_ms: number;

            /** NodeStatus listen_addresses. */
            listen_addresses: string[];

            /** NodeStatus connected_peers. */
            connected_peers: number;

            /** NodeStatus topics. */
            topics: countersign.v1.TopicPeers.$Properties[];

            /** NodeStatus records. */
            records: { [k: string]: number };

            /** NodeStatus tasks. */
            tasks: { [k: string]: number };

            /** NodeStatus chain. */
            chain?: (countersign.v1.ChainStatus.$Properties|null);

            /** NodeStatus validators_active. */
            validators_active: number;

            /** NodeStatus validators_asked. */
            validators_asked: number;

            /** NodeStatus validators_required. */
            validators_required: number;

            /** NodeStatus warnings. */
            warnings: string[];

            /** NodeStatus genesis_json. */
            genesis_json: string;

            /**
             * Encodes the specified NodeStatus message. Does not implicitly {@link countersign.v1.NodeStatus.verify|verify} messages.
             * @param message NodeStatus message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.NodeStatus.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a NodeStatus message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.NodeStatus & countersign.v1.NodeStatus.$Shape} NodeStatus
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.NodeStatus & countersign.v1.NodeStatus.$Shape;
        }

        namespace NodeStatus {

            /** Properties of a NodeStatus. */
            interface $Properties {

                /** NodeStatus node_id */
                node_id?: (string|null);

                /** NodeStatus wallet_address */
                wallet_address?: (string|null);

                /** NodeStatus peer_id */
                peer_id?: (string|null);

                /** NodeStatus network */
                network?: (string|null);

                /** NodeStatus software_version */
                software_version?: (string|null);

                /** NodeStatus roles */
                roles?: (string[]|null);

                /** NodeStatus started_at_ms */
                started_at_ms?: (number|null);

                /** NodeStatus listen_addresses */
                listen_addresses?: (string[]|null);

                /** NodeStatus connected_peers */
                connected_peers?: (number|null);

                /** NodeStatus topics */
                topics?: (countersign.v1.TopicPeers.$Properties[]|null);

                /** NodeStatus records */
                records?: ({ [k: string]: number }|null);

                /** NodeStatus tasks */
                tasks?: ({ [k: string]: number }|null);

                /** NodeStatus chain */
                chain?: (countersign.v1.ChainStatus.$Properties|null);

                /** NodeStatus validators_active */
                validators_active?: (number|null);

                /** NodeStatus validators_asked */
                validators_asked?: (number|null);

                /** NodeStatus validators_required */
                validators_required?: (number|null);

                /** NodeStatus warnings */
                warnings?: (string[]|null);

                /** NodeStatus genesis_json */
                genesis_json?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a NodeStatus. */
            type $Shape = countersign.v1.NodeStatus.$Properties;
        }

        /**
         * Properties of a TopicPeers.
         * @deprecated Use countersign.v1.TopicPeers.$Properties instead.
         */
        interface ITopicPeers extends countersign.v1.TopicPeers.$Properties {
        }

        /** Represents a TopicPeers. */
        class TopicPeers {

            /**
             * Constructs a new TopicPeers.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.TopicPeers.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** TopicPeers topic. */
            topic: string;

            /** TopicPeers subscribers. */
            subscribers: number;

            /** TopicPeers mesh. */
            mesh: number;

            /**
             * Encodes the specified TopicPeers message. Does not implicitly {@link countersign.v1.TopicPeers.verify|verify} messages.
             * @param message TopicPeers message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.TopicPeers.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a TopicPeers message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.TopicPeers & countersign.v1.TopicPeers.$Shape} TopicPeers
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.TopicPeers & countersign.v1.TopicPeers.$Shape;
        }

        namespace TopicPeers {

            /** Properties of a TopicPeers. */
            interface $Properties {

                /** TopicPeers topic */
                topic?: (string|null);

                /** TopicPeers subscribers */
                subscribers?: (number|null);

                /** TopicPeers mesh */
                mesh?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a TopicPeers. */
            type $Shape = countersign.v1.TopicPeers.$Properties;
        }

        /**
         * Properties of a ChainStatus.
         * @deprecated Use countersign.v1.ChainStatus.$Properties instead.
         */
        interface IChainStatus extends countersign.v1.ChainStatus.$Properties {
        }

        /** Represents a ChainStatus. */
        class ChainStatus {

            /**
             * Constructs a new ChainStatus.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.ChainStatus.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ChainStatus connected. */
            connected: boolean;

            /** ChainStatus chain_id. */
            chain_id: number;

            /** ChainStatus block_number. */
            block_number: number;

            /** ChainStatus payment_contract. */
            payment_contract: string;

            /**
             * Encodes the specified ChainStatus message. Does not implicitly {@link countersign.v1.ChainStatus.verify|verify} messages.
             * @param message ChainStatus message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.ChainStatus.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ChainStatus message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.ChainStatus & countersign.v1.ChainStatus.$Shape} ChainStatus
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.ChainStatus & countersign.v1.ChainStatus.$Shape;
        }

        namespace ChainStatus {

            /** Properties of a ChainStatus. */
            interface $Properties {

                /** ChainStatus connected */
                connected?: (boolean|null);

                /** ChainStatus chain_id */
                chain_id?: (number|null);

                /** ChainStatus block_number */
                block_number?: (number|null);

                /** ChainStatus payment_contract */
                payment_contract?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ChainStatus. */
            type $Shape = countersign.v1.ChainStatus.$Properties;
        }

        /**
         * Properties of a ListTasksRequest.
         * @deprecated Use countersign.v1.ListTasksRequest.$Properties instead.
         */
        interface IListTasksRequest extends countersign.v1.ListTasksRequest.$Properties {
        }

        /** Represents a ListTasksRequest. */
        class ListTasksRequest {

            /**
             * Constructs a new ListTasksRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.ListTasksRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ListTasksRequest status. */
            status: string;

            /** ListTasksRequest limit. */
            limit: number;

            /**
             * Encodes the specified ListTasksRequest message. Does not implicitly {@link countersign.v1.ListTasksRequest.verify|verify} messages.
             * @param message ListTasksRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.ListTasksRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ListTasksRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.ListTasksRequest & countersign.v1.ListTasksRequest.$Shape} ListTasksRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.ListTasksRequest & countersign.v1.ListTasksRequest.$Shape;
        }

        namespace ListTasksRequest {

            /** Properties of a ListTasksRequest. */
            interface $Properties {

                /** ListTasksRequest status */
                status?: (string|null);

                /** ListTasksRequest limit */
                limit?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ListTasksRequest. */
            type $Shape = countersign.v1.ListTasksRequest.$Properties;
        }

        /**
         * Properties of a TaskSummary.
         * @deprecated Use countersign.v1.TaskSummary.$Properties instead.
         */
        interface ITaskSummary extends countersign.v1.TaskSummary.$Properties {
        }

        /** Represents a TaskSummary. */
        class TaskSummary {

            /**
             * Constructs a new TaskSummary.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.TaskSummary.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** TaskSummary request_id. */
            request_id: string;

            /** TaskSummary client. */
            client: string;

            /** TaskSummary model_uuid. */
            model_uuid: string;

            /** TaskSummary state. */
            state: string;

            /** TaskSummary status. */
            status: string;

            /** TaskSummary error. */
            error: string;

            /** TaskSummary compute_node_id. */
            compute_node_id: string;

            /** TaskSummary price_wei. */
            price_wei: string;

            /** TaskSummary created_at_ms. */
            created_at_ms: number;

            /** TaskSummary updated_at_ms. */
            updated_at_ms: number;

            /** TaskSummary for_gateway. */
            for_gateway: string;

            /** TaskSummary at_gateway. */
            at_gateway: string;

            /**
             * Encodes the specified TaskSummary message. Does not implicitly {@link countersign.v1.TaskSummary.verify|verify} messages.
             * @param message TaskSummary message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.TaskSummary.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a TaskSummary message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.TaskSummary & countersign.v1.TaskSummary.$Shape} TaskSummary
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.TaskSummary & countersign.v1.TaskSummary.$Shape;
        }

        namespace TaskSummary {

            /** Properties of a TaskSummary. */
            interface $Properties {

                /** TaskSummary request_id */
                request_id?: (string|null);

                /** TaskSummary client */
                client?: (string|null);

                /** TaskSummary model_uuid */
                model_uuid?: (string|null);

                /** TaskSummary state */
                state?: (string|null);

                /** TaskSummary status */
                status?: (string|null);

                /** TaskSummary error */
                error?: (string|null);

                /** TaskSummary compute_node_id */
                compute_node_id?: (string|null);

                /** TaskSummary price_wei */
                price_wei?: (string|null);

                /** TaskSummary created_at_ms */
                created_at_ms?: (number|null);

                /** TaskSummary updated_at_ms */
                updated_at_ms?: (number|null);

                /** TaskSummary for_gateway */
                for_gateway?: (string|null);

                /** TaskSummary at_gateway */
                at_gateway?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a TaskSummary. */
            type $Shape = countersign.v1.TaskSummary.$Properties;
        }

        /**
         * Properties of a GetSyncStatusRequest.
         * @deprecated Use countersign.v1.GetSyncStatusRequest.$Properties instead.
         */
        interface IGetSyncStatusRequest extends countersign.v1.GetSyncStatusRequest.$Properties {
        }

        /** Represents a GetSyncStatusRequest. */
        class GetSyncStatusRequest {

            /**
             * Constructs a new GetSyncStatusRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.GetSyncStatusRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** GetSyncStatusRequest peers. */
            peers: number;

            /**
             * Encodes the specified GetSyncStatusRequest message. Does not implicitly {@link countersign.v1.GetSyncStatusRequest.verify|verify} messages.
             * @param message GetSyncStatusRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.GetSyncStatusRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a GetSyncStatusRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.GetSyncStatusRequest & countersign.v1.GetSyncStatusRequest.$Shape} GetSyncStatusRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.GetSyncStatusRequest & countersign.v1.GetSyncStatusRequest.$Shape;
        }

        namespace GetSyncStatusRequest {

            /** Properties of a GetSyncStatusRequest. */
            interface $Properties {

                /** GetSyncStatusRequest peers */
                peers?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a GetSyncStatusRequest. */
            type $Shape = countersign.v1.GetSyncStatusRequest.$Properties;
        }

        /**
         * Properties of a SyncStatus.
         * @deprecated Use countersign.v1.SyncStatus.$Properties instead.
         */
        interface ISyncStatus extends countersign.v1.SyncStatus.$Properties {
        }

        /** Represents a SyncStatus. */
        class SyncStatus {

            /**
             * Constructs a new SyncStatus.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.SyncStatus.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SyncStatus in_sync. */
            in_sync: boolean;

            /** SyncStatus as_of_ms. */
            as_of_ms: number;

            /** SyncStatus connected_peers. */
            connected_peers: number;

            /** SyncStatus seconds_behind. */
            seconds_behind: number;

            /** SyncStatus kinds. */
            kinds: countersign.v1.KindSync.$Properties[];

            /** SyncStatus peers. */
            peers: countersign.v1.PeerSync.$Properties[];

            /**
             * Encodes the specified SyncStatus message. Does not implicitly {@link countersign.v1.SyncStatus.verify|verify} messages.
             * @param message SyncStatus message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.SyncStatus.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SyncStatus message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.SyncStatus & countersign.v1.SyncStatus.$Shape} SyncStatus
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.SyncStatus & countersign.v1.SyncStatus.$Shape;
        }

        namespace SyncStatus {

            /** Properties of a SyncStatus. */
            interface $Properties {

                /** SyncStatus in_sync */
                in_sync?: (boolean|null);

                /** SyncStatus as_of_ms */
                as_of_ms?: (number|null);

                /** SyncStatus connected_peers */
                connected_peers?: (number|null);

                /** SyncStatus seconds_behind */
                seconds_behind?: (number|null);

                /** SyncStatus kinds */
                kinds?: (countersign.v1.KindSync.$Properties[]|null);

                /** SyncStatus peers */
                peers?: (countersign.v1.PeerSync.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SyncStatus. */
            type $Shape = countersign.v1.SyncStatus.$Properties;
        }

        /**
         * Properties of a KindSync.
         * @deprecated Use countersign.v1.KindSync.$Properties instead.
         */
        interface IKindSync extends countersign.v1.KindSync.$Properties {
        }

        /** Represents a KindSync. */
        class KindSync {

            /**
             * Constructs a new KindSync.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.KindSync.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** KindSync kind. */
            kind: string;

            /** KindSync records. */
            records: number;

            /** KindSync deletions. */
            deletions: number;

            /** KindSync digest. */
            digest: Uint8Array;

            /** KindSync in_sync. */
            in_sync: boolean;

            /**
             * Encodes the specified KindSync message. Does not implicitly {@link countersign.v1.KindSync.verify|verify} messages.
             * @param message KindSync message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.KindSync.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a KindSync message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.KindSync & countersign.v1.KindSync.$Shape} KindSync
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.KindSync & countersign.v1.KindSync.$Shape;
        }

        namespace KindSync {

            /** Properties of a KindSync. */
            interface $Properties {

                /** KindSync kind */
                kind?: (string|null);

                /** KindSync records */
                records?: (number|null);

                /** KindSync deletions */
                deletions?: (number|null);

                /** KindSync digest */
                digest?: (Uint8Array|null);

                /** KindSync in_sync */
                in_sync?: (boolean|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a KindSync. */
            type $Shape = countersign.v1.KindSync.$Properties;
        }

        /**
         * Properties of a PeerSync.
         * @deprecated Use countersign.v1.PeerSync.$Properties instead.
         */
        interface IPeerSync extends countersign.v1.PeerSync.$Properties {
        }

        /** Represents a PeerSync. */
        class PeerSync {

            /**
             * Constructs a new PeerSync.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.PeerSync.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** PeerSync peer_id. */
            peer_id: string;

            /** PeerSync in_sync. */
            in_sync: boolean;

            /** PeerSync problem. */
            problem: string;

            /** PeerSync differences. */
            differences: countersign.v1.KindDifference.$Properties[];

            /**
             * Encodes the specified PeerSync message. Does not implicitly {@link countersign.v1.PeerSync.verify|verify} messages.
             * @param message PeerSync message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.PeerSync.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a PeerSync message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.PeerSync & countersign.v1.PeerSync.$Shape} PeerSync
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.PeerSync & countersign.v1.PeerSync.$Shape;
        }

        namespace PeerSync {

            /** Properties of a PeerSync. */
            interface $Properties {

                /** PeerSync peer_id */
                peer_id?: (string|null);

                /** PeerSync in_sync */
                in_sync?: (boolean|null);

                /** PeerSync problem */
                problem?: (string|null);

                /** PeerSync differences */
                differences?: (countersign.v1.KindDifference.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a PeerSync. */
            type $Shape = countersign.v1.PeerSync.$Properties;
        }

        /**
         * Properties of a KindDifference.
         * @deprecated Use countersign.v1.KindDifference.$Properties instead.
         */
        interface IKindDifference extends countersign.v1.KindDifference.$Properties {
        }

        /** Represents a KindDifference. */
        class KindDifference {

            /**
             * Constructs a new KindDifference.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.KindDifference.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** KindDifference kind. */
            kind: string;

            /** KindDifference missing. */
            missing: number;

            /** KindDifference extra. */
            extra: number;

            /** KindDifference seconds_behind. */
            seconds_behind: number;

            /**
             * Encodes the specified KindDifference message. Does not implicitly {@link countersign.v1.KindDifference.verify|verify} messages.
             * @param message KindDifference message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.KindDifference.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a KindDifference message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.KindDifference & countersign.v1.KindDifference.$Shape} KindDifference
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.KindDifference & countersign.v1.KindDifference.$Shape;
        }

        namespace KindDifference {

            /** Properties of a KindDifference. */
            interface $Properties {

                /** KindDifference kind */
                kind?: (string|null);

                /** KindDifference missing */
                missing?: (number|null);

                /** KindDifference extra */
                extra?: (number|null);

                /** KindDifference seconds_behind */
                seconds_behind?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a KindDifference. */
            type $Shape = countersign.v1.KindDifference.$Properties;
        }

        /**
         * Properties of a ListPeersRequest.
         * @deprecated Use countersign.v1.ListPeersRequest.$Properties instead.
         */
        interface IListPeersRequest extends countersign.v1.ListPeersRequest.$Properties {
        }

        /** Represents a ListPeersRequest. */
        class ListPeersRequest {

            /**
             * Constructs a new ListPeersRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.ListPeersRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ListPeersRequest all. */
            all: boolean;

            /**
             * Encodes the specified ListPeersRequest message. Does not implicitly {@link countersign.v1.ListPeersRequest.verify|verify} messages.
             * @param message ListPeersRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.ListPeersRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ListPeersRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.ListPeersRequest & countersign.v1.ListPeersRequest.$Shape} ListPeersRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.ListPeersRequest & countersign.v1.ListPeersRequest.$Shape;
        }

        namespace ListPeersRequest {

            /** Properties of a ListPeersRequest. */
            interface $Properties {

                /** ListPeersRequest all */
                all?: (boolean|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ListPeersRequest. */
            type $Shape = countersign.v1.ListPeersRequest.$Properties;
        }

        /**
         * Properties of a PeerStatus.
         * @deprecated Use countersign.v1.PeerStatus.$Properties instead.
         */
        interface IPeerStatus extends countersign.v1.PeerStatus.$Properties {
        }

        /** Represents a PeerStatus. */
        class PeerStatus {

            /**
             * Constructs a new PeerStatus.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.PeerStatus.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** PeerStatus peer_id. */
            peer_id: string;

            /** PeerStatus node_id. */
            node_id: string;

            /** PeerStatus state. */
            state: string;

            /** PeerStatus reason. */
            reason: string;

            /** PeerStatus address. */
            address: string;

            /** PeerStatus prefix. */
            prefix: string;

            /** PeerStatus direction. */
            direction: string;

            /** PeerStatus since_ms. */
            since_ms: number;

            /** PeerStatus latency_ms. */
            latency_ms?: (number|null);

            /** PeerStatus clock_offset_ms. */
            clock_offset_ms?: (number|null);

            /** PeerStatus software_version. */
            software_version: string;

            /** PeerStatus features. */
            features: string[];

            /** PeerStatus gossip_score. */
            gossip_score: number;

            /** PeerStatus penalty. */
            penalty: number;

            /** PeerStatus topics. */
            topics: string[];

            /** PeerStatus streams. */
            streams: number;

            /** PeerStatus until_ms. */
            until_ms: number;

            /** PeerStatus failed_dials. */
            failed_dials: number;

            /**
             * Encodes the specified PeerStatus message. Does not implicitly {@link countersign.v1.PeerStatus.verify|verify} messages.
             * @param message PeerStatus message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.PeerStatus.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a PeerStatus message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.PeerStatus & countersign.v1.PeerStatus.$Shape} PeerStatus
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.PeerStatus & countersign.v1.PeerStatus.$Shape;
        }

        namespace PeerStatus {

            /** Properties of a PeerStatus. */
            interface $Properties {

                /** PeerStatus peer_id */
                peer_id?: (string|null);

                /** PeerStatus node_id */
                node_id?: (string|null);

                /** PeerStatus state */
                state?: (string|null);

                /** PeerStatus reason */
                reason?: (string|null);

                /** PeerStatus address */
                address?: (string|null);

                /** PeerStatus prefix */
                prefix?: (string|null);

                /** PeerStatus direction */
                direction?: (string|null);

                /** PeerStatus since_ms */
                since_ms?: (number|null);

                /** PeerStatus latency_ms */
                latency_ms?: (number|null);

                /** PeerStatus clock_offset_ms */
                clock_offset_ms?: (number|null);

                /** PeerStatus software_version */
                software_version?: (string|null);

                /** PeerStatus features */
                features?: (string[]|null);

                /** PeerStatus gossip_score */
                gossip_score?: (number|null);

                /** PeerStatus penalty */
                penalty?: (number|null);

                /** PeerStatus topics */
                topics?: (string[]|null);

                /** PeerStatus streams */
                streams?: (number|null);

                /** PeerStatus until_ms */
                until_ms?: (number|null);

                /** PeerStatus failed_dials */
                failed_dials?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a PeerStatus. */
            type $Shape = countersign.v1.PeerStatus.$Properties;
        }

        /**
         * Properties of an Envelope.
         * @deprecated Use countersign.v1.Envelope.$Properties instead.
         */
        interface IEnvelope extends countersign.v1.Envelope.$Properties {
        }

        /** Represents an Envelope. */
        class Envelope {

            /**
             * Constructs a new Envelope.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.Envelope.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Envelope time. */
            time: number;

            /** Envelope credentials. */
            credentials: string;

            /** Envelope correlation_id. */
            correlation_id: string;

            /** Envelope message_type. */
            message_type: string;

            /** Envelope message. */
            message: Uint8Array;

            /**
             * Encodes the specified Envelope message. Does not implicitly {@link countersign.v1.Envelope.verify|verify} messages.
             * @param message Envelope message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.Envelope.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an Envelope message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.Envelope & countersign.v1.Envelope.$Shape} Envelope
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.Envelope & countersign.v1.Envelope.$Shape;
        }

        namespace Envelope {

            /** Properties of an Envelope. */
            interface $Properties {

                /** Envelope time */
                time?: (number|null);

                /** Envelope credentials */
                credentials?: (string|null);

                /** Envelope correlation_id */
                correlation_id?: (string|null);

                /** Envelope message_type */
                message_type?: (string|null);

                /** Envelope message */
                message?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an Envelope. */
            type $Shape = countersign.v1.Envelope.$Properties;
        }

        /**
         * Properties of an Error.
         * @deprecated Use countersign.v1.Error.$Properties instead.
         */
        interface IError extends countersign.v1.Error.$Properties {
        }

        /** Represents an Error. */
        class Error {

            /**
             * Constructs a new Error.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.Error.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Error code. */
            code: number;

            /** Error message. */
            message: string;

            /**
             * Encodes the specified Error message. Does not implicitly {@link countersign.v1.Error.verify|verify} messages.
             * @param message Error message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.Error.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an Error message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.Error & countersign.v1.Error.$Shape} Error
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.Error & countersign.v1.Error.$Shape;
        }

        namespace Error {

            /** Properties of an Error. */
            interface $Properties {

                /** Error code */
                code?: (number|null);

                /** Error message */
                message?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an Error. */
            type $Shape = countersign.v1.Error.$Properties;
        }

        /**
         * Properties of an AccountWeight.
         * @deprecated Use countersign.v1.AccountWeight.$Properties instead.
         */
        interface IAccountWeight extends countersign.v1.AccountWeight.$Properties {
        }

        /** Represents an AccountWeight. */
        class AccountWeight {

            /**
             * Constructs a new AccountWeight.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.AccountWeight.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** AccountWeight account. */
            account: string;

            /**
             * Encodes the specified AccountWeight message. Does not implicitly {@link countersign.v1.AccountWeight.verify|verify} messages.
             * @param message AccountWeight message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.AccountWeight.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an AccountWeight message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.AccountWeight & countersign.v1.AccountWeight.$Shape} AccountWeight
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.AccountWeight & countersign.v1.AccountWeight.$Shape;
        }

        namespace AccountWeight {

            /** Properties of an AccountWeight. */
            interface $Properties {

                /** AccountWeight account */
                account?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an AccountWeight. */
            type $Shape = countersign.v1.AccountWeight.$Properties;
        }

        /**
         * Properties of an AccountWeightResponse.
         * @deprecated Use countersign.v1.AccountWeightResponse.$Properties instead.
         */
        interface IAccountWeightResponse extends countersign.v1.AccountWeightResponse.$Properties {
        }

        /** Represents an AccountWeightResponse. */
        class AccountWeightResponse {

            /**
             * Constructs a new AccountWeightResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.AccountWeightResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** AccountWeightResponse voting_weight. */
            voting_weight: string;

            /**
             * Encodes the specified AccountWeightResponse message. Does not implicitly {@link countersign.v1.AccountWeightResponse.verify|verify} messages.
             * @param message AccountWeightResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.AccountWeightResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an AccountWeightResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.AccountWeightResponse & countersign.v1.AccountWeightResponse.$Shape} AccountWeightResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.AccountWeightResponse & countersign.v1.AccountWeightResponse.$Shape;
        }

        namespace AccountWeightResponse {

            /** Properties of an AccountWeightResponse. */
            interface $Properties {

                /** AccountWeightResponse voting_weight */
                voting_weight?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an AccountWeightResponse. */
            type $Shape = countersign.v1.AccountWeightResponse.$Properties;
        }

        /**
         * Properties of an IsAlive.
         * @deprecated Use countersign.v1.IsAlive.$Properties instead.
         */
        interface IIsAlive extends countersign.v1.IsAlive.$Properties {
        }

        /** Represents an IsAlive. */
        class IsAlive {

            /**
             * Constructs a new IsAlive.
             * @param [properties] Properties to set
             */
            constructor(properties?: countersign.v1.IsAlive.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /**
             * Encodes the specified IsAlive message. Does not implicitly {@link countersign.v1.IsAlive.verify|verify} messages.
             * @param message IsAlive message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: countersign.v1.IsAlive.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an IsAlive message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {countersign.v1.IsAlive & countersign.v1.IsAlive.$Shape} IsAlive
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): countersign.v1.IsAlive & countersign.v1.IsAlive.$Shape;
        }

        namespace IsAlive {

            /** Properties of an IsAlive. */
            interface $Properties {

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an IsAlive. */
            type $Shape = countersign.v1.IsAlive.$Properties;
        }
    }
}

/**
 * Properties of an InferenceRequest.
 * @deprecated Use InferenceRequest.$Properties instead.
 */
export interface IInferenceRequest extends InferenceRequest.$Properties {
}

/** Represents an InferenceRequest. */
export class InferenceRequest {

    /**
     * Constructs a new InferenceRequest.
     * @param [properties] Properties to set
     */
    constructor(properties?: InferenceRequest.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** InferenceRequest request_id. */
    request_id: string;

    /** InferenceRequest model_uuid. */
    model_uuid: string;

    /** InferenceRequest input_data. */
    input_data: string;

    /** InferenceRequest originator_client_id. */
    originator_client_id: string;

    /** InferenceRequest preprocessing_validation. */
    preprocessing_validation?: (PreprocessingValidation.$Properties|null);

    /** InferenceRequest transaction_confirmation. */
    transaction_confirmation?: (TransactionConfirmation.$Properties|null);

    /** InferenceRequest assigned_timestamp. */
    assigned_timestamp?: (number|null);

    /** InferenceRequest assigned_compute_node_id. */
    assigned_compute_node_id?: (string|null);

    /** InferenceRequest subnet_id. */
    subnet_id?: (bigint|null);

    /** InferenceRequest options. */
    options?: (RequestOptions.$Properties|null);

    /**
     * Encodes the specified InferenceRequest message. Does not implicitly {@link InferenceRequest.verify|verify} messages.
     * @param message InferenceRequest message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: InferenceRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes an InferenceRequest message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {InferenceRequest & InferenceRequest.$Shape} InferenceRequest
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): InferenceRequest & InferenceRequest.$Shape;
}

export namespace InferenceRequest {

    /** Properties of an InferenceRequest. */
    interface $Properties {

        /** InferenceRequest request_id */
        request_id?: (string|null);

        /** InferenceRequest model_uuid */
        model_uuid?: (string|null);

        /** InferenceRequest input_data */
        input_data?: (string|null);

        /** InferenceRequest originator_client_id */
        originator_client_id?: (string|null);

        /** InferenceRequest preprocessing_validation */
        preprocessing_validation?: (PreprocessingValidation.$Properties|null);

        /** InferenceRequest transaction_confirmation */
        transaction_confirmation?: (TransactionConfirmation.$Properties|null);

        /** InferenceRequest assigned_timestamp */
        assigned_timestamp?: (number|null);

        /** InferenceRequest assigned_compute_node_id */
        assigned_compute_node_id?: (string|null);

        /** InferenceRequest subnet_id */
        subnet_id?: (bigint|null);

        /** InferenceRequest options */
        options?: (RequestOptions.$Properties|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of an InferenceRequest. */
    type $Shape = InferenceRequest.$Properties;
}

/**
 * Properties of a RequestOptions.
 * @deprecated Use RequestOptions.$Properties instead.
 */
export interface IRequestOptions extends RequestOptions.$Properties {
}

/** Represents a RequestOptions. */
export class RequestOptions {

    /**
     * Constructs a new RequestOptions.
     * @param [properties] Properties to set
     */
    constructor(properties?: RequestOptions.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** RequestOptions recheck. */
    recheck: boolean;

    /**
     * Encodes the specified RequestOptions message. Does not implicitly {@link RequestOptions.verify|verify} messages.
     * @param message RequestOptions message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: RequestOptions.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a RequestOptions message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {RequestOptions & RequestOptions.$Shape} RequestOptions
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): RequestOptions & RequestOptions.$Shape;
}

export namespace RequestOptions {

    /** Properties of a RequestOptions. */
    interface $Properties {

        /** RequestOptions recheck */
        recheck?: (boolean|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a RequestOptions. */
    type $Shape = RequestOptions.$Properties;
}

/**
 * Properties of an InferenceResponse.
 * @deprecated Use InferenceResponse.$Properties instead.
 */
export interface IInferenceResponse extends InferenceResponse.$Properties {
}

/** Represents an InferenceResponse. */
export class InferenceResponse {

    /**
     * Constructs a new InferenceResponse.
     * @param [properties] Properties to set
     */
    constructor(properties?: InferenceResponse.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** InferenceResponse request_id. */
    request_id: string;

    /** InferenceResponse model_uuid. */
    model_uuid: string;

    /** InferenceResponse output_data. */
    output_data: string;

    /** InferenceResponse status. */
    status: string;

    /** InferenceResponse error_message. */
    error_message: string;

    /** InferenceResponse compute_completion. */
    compute_completion?: (ComputeCompletion.$Properties|null);

    /** InferenceResponse completion_validation. */
    completion_validation?: (CompletionValidation.$Properties|null);

    /** InferenceResponse quorum_trail. */
    quorum_trail: QuorumTrail.$Properties[];

    /** InferenceResponse deadlines. */
    deadlines?: (Deadlines.$Properties|null);

    /** InferenceResponse receipt_json. */
    receipt_json?: (string|null);

    /** InferenceResponse running_hash. */
    running_hash?: (Uint8Array|null);

    /**
     * Encodes the specified InferenceResponse message. Does not implicitly {@link InferenceResponse.verify|verify} messages.
     * @param message InferenceResponse message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: InferenceResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes an InferenceResponse message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {InferenceResponse & InferenceResponse.$Shape} InferenceResponse
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): InferenceResponse & InferenceResponse.$Shape;
}

export namespace InferenceResponse {

    /** Properties of an InferenceResponse. */
    interface $Properties {

        /** InferenceResponse request_id */
        request_id?: (string|null);

        /** InferenceResponse model_uuid */
        model_uuid?: (string|null);

        /** InferenceResponse output_data */
        output_data?: (string|null);

        /** InferenceResponse status */
        status?: (string|null);

        /** InferenceResponse error_message */
        error_message?: (string|null);

        /** InferenceResponse compute_completion */
        compute_completion?: (ComputeCompletion.$Properties|null);

        /** InferenceResponse completion_validation */
        completion_validation?: (CompletionValidation.$Properties|null);

        /** InferenceResponse quorum_trail */
        quorum_trail?: (QuorumTrail.$Properties[]|null);

        /** InferenceResponse deadlines */
        deadlines?: (Deadlines.$Properties|null);

        /** InferenceResponse receipt_json */
        receipt_json?: (string|null);

        /** InferenceResponse running_hash */
        running_hash?: (Uint8Array|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of an InferenceResponse. */
    type $Shape = InferenceResponse.$Properties;
}

/**
 * Properties of a NodeInfo.
 * @deprecated Use NodeInfo.$Properties instead.
 */
export interface INodeInfo extends NodeInfo.$Properties {
}

/** Represents a NodeInfo. */
export class NodeInfo {

    /**
     * Constructs a new NodeInfo.
     * @param [properties] Properties to set
     */
    constructor(properties?: NodeInfo.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** NodeInfo node_id. */
    node_id: string;

    /** NodeInfo node_type. */
    node_type: string;

    /** NodeInfo ip_address. */
    ip_address: string;

    /** NodeInfo port. */
    port: number;

    /** NodeInfo capabilities. */
    capabilities: string[];

    /** NodeInfo wallet_address. */
    wallet_address: string;

    /** NodeInfo last_heartbeat. */
    last_heartbeat: number;

    /** NodeInfo supported_models. */
    supported_models: ModelData.$Properties[];

    /** NodeInfo subnet_id. */
    subnet_id?: (bigint|null);

    /** NodeInfo max_tasks. */
    max_tasks?: (number|null);

    /** NodeInfo peer_id. */
    peer_id?: (string|null);

    /** NodeInfo multiaddrs. */
    multiaddrs: string[];

    /** NodeInfo status. */
    status?: (string|null);

    /**
     * Encodes the specified NodeInfo message. Does not implicitly {@link NodeInfo.verify|verify} messages.
     * @param message NodeInfo message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: NodeInfo.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a NodeInfo message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {NodeInfo & NodeInfo.$Shape} NodeInfo
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): NodeInfo & NodeInfo.$Shape;
}

export namespace NodeInfo {

    /** Properties of a NodeInfo. */
    interface $Properties {

        /** NodeInfo node_id */
        node_id?: (string|null);

        /** NodeInfo node_type */
        node_type?: (string|null);

        /** NodeInfo ip_address */
        ip_address?: (string|null);

        /** NodeInfo port */
        port?: (number|null);

        /** NodeInfo capabilities */
        capabilities?: (string[]|null);

        /** NodeInfo wallet_address */
        wallet_address?: (string|null);

        /** NodeInfo last_heartbeat */
        last_heartbeat?: (number|null);

        /** NodeInfo supported_models */
        supported_models?: (ModelData.$Properties[]|null);

        /** NodeInfo subnet_id */
        subnet_id?: (bigint|null);

        /** NodeInfo max_tasks */
        max_tasks?: (number|null);

        /** NodeInfo peer_id */
        peer_id?: (string|null);

        /** NodeInfo multiaddrs */
        multiaddrs?: (string[]|null);

        /** NodeInfo status */
        status?: (string|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a NodeInfo. */
    type $Shape = NodeInfo.$Properties;
}

/**
 * Properties of a PaymentTree.
 * @deprecated Use PaymentTree.$Properties instead.
 */
export interface IPaymentTree extends PaymentTree.$Properties {
}

/** Represents a PaymentTree. */
export class PaymentTree {

    /**
     * Constructs a new PaymentTree.
     * @param [properties] Properties to set
     */
    constructor(properties?: PaymentTree.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** PaymentTree compute_price_wei. */
    compute_price_wei: string;

    /** PaymentTree gateway_gas_wei. */
    gateway_gas_wei: string;

    /** PaymentTree validator_reward_wei. */
    validator_reward_wei: string;

    /** PaymentTree treasury_fee_wei. */
    treasury_fee_wei: string;

    /**
     * Encodes the specified PaymentTree message. Does not implicitly {@link PaymentTree.verify|verify} messages.
     * @param message PaymentTree message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: PaymentTree.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a PaymentTree message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {PaymentTree & PaymentTree.$Shape} PaymentTree
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): PaymentTree & PaymentTree.$Shape;
}

export namespace PaymentTree {

    /** Properties of a PaymentTree. */
    interface $Properties {

        /** PaymentTree compute_price_wei */
        compute_price_wei?: (string|null);

        /** PaymentTree gateway_gas_wei */
        gateway_gas_wei?: (string|null);

        /** PaymentTree validator_reward_wei */
        validator_reward_wei?: (string|null);

        /** PaymentTree treasury_fee_wei */
        treasury_fee_wei?: (string|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a PaymentTree. */
    type $Shape = PaymentTree.$Properties;
}

/**
 * Properties of a PreprocessingValidation.
 * @deprecated Use PreprocessingValidation.$Properties instead.
 */
export interface IPreprocessingValidation extends PreprocessingValidation.$Properties {
}

/** Represents a PreprocessingValidation. */
export class PreprocessingValidation {

    /**
     * Constructs a new PreprocessingValidation.
     * @param [properties] Properties to set
     */
    constructor(properties?: PreprocessingValidation.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** PreprocessingValidation request_id. */
    request_id: string;

    /** PreprocessingValidation gateway_wallet. */
    gateway_wallet: string;

    /** PreprocessingValidation compute_node_id. */
    compute_node_id: string;

    /** PreprocessingValidation compute_node_wallet. */
    compute_node_wallet: string;

    /** PreprocessingValidation payment_tree. */
    payment_tree?: (PaymentTree.$Properties|null);

    /** PreprocessingValidation validator_signatures. */
    validator_signatures: ValidatorSignature.$Properties[];

    /** PreprocessingValidation expiry_timestamp. */
    expiry_timestamp: number;

    /**
     * Encodes the specified PreprocessingValidation message. Does not implicitly {@link PreprocessingValidation.verify|verify} messages.
     * @param message PreprocessingValidation message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: PreprocessingValidation.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a PreprocessingValidation message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {PreprocessingValidation & PreprocessingValidation.$Shape} PreprocessingValidation
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): PreprocessingValidation & PreprocessingValidation.$Shape;
}

export namespace PreprocessingValidation {

    /** Properties of a PreprocessingValidation. */
    interface $Properties {

        /** PreprocessingValidation request_id */
        request_id?: (string|null);

        /** PreprocessingValidation gateway_wallet */
        gateway_wallet?: (string|null);

        /** PreprocessingValidation compute_node_id */
        compute_node_id?: (string|null);

        /** PreprocessingValidation compute_node_wallet */
        compute_node_wallet?: (string|null);

        /** PreprocessingValidation payment_tree */
        payment_tree?: (PaymentTree.$Properties|null);

        /** PreprocessingValidation validator_signatures */
        validator_signatures?: (ValidatorSignature.$Properties[]|null);

        /** PreprocessingValidation expiry_timestamp */
        expiry_timestamp?: (number|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a PreprocessingValidation. */
    type $Shape = PreprocessingValidation.$Properties;
}

/**
 * Properties of a TransactionConfirmation.
 * @deprecated Use TransactionConfirmation.$Properties instead.
 */
export interface ITransactionConfirmation extends TransactionConfirmation.$Properties {
}

/** Represents a TransactionConfirmation. */
export class TransactionConfirmation {

    /**
     * Constructs a new TransactionConfirmation.
     * @param [properties] Properties to set
     */
    constructor(properties?: TransactionConfirmation.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** TransactionConfirmation request_id. */
    request_id: string;

    /** TransactionConfirmation tx_hash. */
    tx_hash: string;

    /** TransactionConfirmation block_number. */
    block_number: number;

    /** TransactionConfirmation confirmations. */
    confirmations: number;

    /** TransactionConfirmation originator_wallet. */
    originator_wallet: string;

    /** TransactionConfirmation amount_wei. */
    amount_wei: string;

    /** TransactionConfirmation timestamp. */
    timestamp: number;

    /**
     * Encodes the specified TransactionConfirmation message. Does not implicitly {@link TransactionConfirmation.verify|verify} messages.
     * @param message TransactionConfirmation message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: TransactionConfirmation.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a TransactionConfirmation message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {TransactionConfirmation & TransactionConfirmation.$Shape} TransactionConfirmation
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): TransactionConfirmation & TransactionConfirmation.$Shape;
}

export namespace TransactionConfirmation {

    /** Properties of a TransactionConfirmation. */
    interface $Properties {

        /** TransactionConfirmation request_id */
        request_id?: (string|null);

        /** TransactionConfirmation tx_hash */
        tx_hash?: (string|null);

        /** TransactionConfirmation block_number */
        block_number?: (number|null);

        /** TransactionConfirmation confirmations */
        confirmations?: (number|null);

        /** TransactionConfirmation originator_wallet */
        originator_wallet?: (string|null);

        /** TransactionConfirmation amount_wei */
        amount_wei?: (string|null);

        /** TransactionConfirmation timestamp */
        timestamp?: (number|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a TransactionConfirmation. */
    type $Shape = TransactionConfirmation.$Properties;
}

/**
 * Properties of a ComputeCompletion.
 * @deprecated Use ComputeCompletion.$Properties instead.
 */
export interface IComputeCompletion extends ComputeCompletion.$Properties {
}

/** Represents a ComputeCompletion. */
export class ComputeCompletion {

    /**
     * Constructs a new ComputeCompletion.
     * @param [properties] Properties to set
     */
    constructor(properties?: ComputeCompletion.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** ComputeCompletion request_id. */
    request_id: string;

    /** ComputeCompletion compute_node_signature. */
    compute_node_signature: string;

    /** ComputeCompletion result_hash. */
    result_hash: Uint8Array;

    /** ComputeCompletion completion_timestamp. */
    completion_timestamp: number;

    /** ComputeCompletion computation_time_ms. */
    computation_time_ms: number;

    /**
     * Encodes the specified ComputeCompletion message. Does not implicitly {@link ComputeCompletion.verify|verify} messages.
     * @param message ComputeCompletion message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: ComputeCompletion.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a ComputeCompletion message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {ComputeCompletion & ComputeCompletion.$Shape} ComputeCompletion
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ComputeCompletion & ComputeCompletion.$Shape;
}

export namespace ComputeCompletion {

    /** Properties of a ComputeCompletion. */
    interface $Properties {

        /** ComputeCompletion request_id */
        request_id?: (string|null);

        /** ComputeCompletion compute_node_signature */
        compute_node_signature?: (string|null);

        /** ComputeCompletion result_hash */
        result_hash?: (Uint8Array|null);

        /** ComputeCompletion completion_timestamp */
        completion_timestamp?: (number|null);

        /** ComputeCompletion computation_time_ms */
        computation_time_ms?: (number|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a ComputeCompletion. */
    type $Shape = ComputeCompletion.$Properties;
}

/**
 * Properties of a CompletionValidation.
 * @deprecated Use CompletionValidation.$Properties instead.
 */
export interface ICompletionValidation extends CompletionValidation.$Properties {
}

/** Represents a CompletionValidation. */
export class CompletionValidation {

    /**
     * Constructs a new CompletionValidation.
     * @param [properties] Properties to set
     */
    constructor(properties?: CompletionValidation.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** CompletionValidation request_id. */
    request_id: string;

    /** CompletionValidation validator_signatures. */
    validator_signatures: ValidatorSignature.$Properties[];

    /** CompletionValidation compute_completion. */
    compute_completion?: (ComputeCompletion.$Properties|null);

    /**
     * Encodes the specified CompletionValidation message. Does not implicitly {@link CompletionValidation.verify|verify} messages.
     * @param message CompletionValidation message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: CompletionValidation.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a CompletionValidation message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {CompletionValidation & CompletionValidation.$Shape} CompletionValidation
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): CompletionValidation & CompletionValidation.$Shape;
}

export namespace CompletionValidation {

    /** Properties of a CompletionValidation. */
    interface $Properties {

        /** CompletionValidation request_id */
        request_id?: (string|null);

        /** CompletionValidation validator_signatures */
        validator_signatures?: (ValidatorSignature.$Properties[]|null);

        /** CompletionValidation compute_completion */
        compute_completion?: (ComputeCompletion.$Properties|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a CompletionValidation. */
    type $Shape = CompletionValidation.$Properties;
}

/**
 * Properties of a ValidatorSignature.
 * @deprecated Use ValidatorSignature.$Properties instead.
 */
export interface IValidatorSignature extends ValidatorSignature.$Properties {
}

/** Represents a ValidatorSignature. */
export class ValidatorSignature {

    /**
     * Constructs a new ValidatorSignature.
     * @param [properties] Properties to set
     */
    constructor(properties?: ValidatorSignature.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** ValidatorSignature validator_address. */
    validator_address: string;

    /** ValidatorSignature signature. */
    signature: string;

    /** ValidatorSignature timestamp. */
    timestamp: number;

    /**
     * Encodes the specified ValidatorSignature message. Does not implicitly {@link ValidatorSignature.verify|verify} messages.
     * @param message ValidatorSignature message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: ValidatorSignature.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a ValidatorSignature message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {ValidatorSignature & ValidatorSignature.$Shape} ValidatorSignature
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ValidatorSignature & ValidatorSignature.$Shape;
}

export namespace ValidatorSignature {

    /** Properties of a ValidatorSignature. */
    interface $Properties {

        /** ValidatorSignature validator_address */
        validator_address?: (string|null);

        /** ValidatorSignature signature */
        signature?: (string|null);

        /** ValidatorSignature timestamp */
        timestamp?: (number|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a ValidatorSignature. */
    type $Shape = ValidatorSignature.$Properties;
}

/**
 * Properties of a SubnetMetadata.
 * @deprecated Use SubnetMetadata.$Properties instead.
 */
export interface ISubnetMetadata extends SubnetMetadata.$Properties {
}

/** Represents a SubnetMetadata. */
export class SubnetMetadata {

    /**
     * Constructs a new SubnetMetadata.
     * @param [properties] Properties to set
     */
    constructor(properties?: SubnetMetadata.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** SubnetMetadata subnet_id. */
    subnet_id: bigint;

    /** SubnetMetadata gateway_address. */
    gateway_address: string;

    /** SubnetMetadata created_at. */
    created_at: number;

    /** SubnetMetadata models. */
    models: ModelDescriptor.$Properties[];

    /** SubnetMetadata validated_by. */
    validated_by: ValidatorSignature.$Properties[];

    /** SubnetMetadata network_fee_wei. */
    network_fee_wei: string;

    /** SubnetMetadata payment_tx. */
    payment_tx: string;

    /** SubnetMetadata status. */
    status: string;

    /** SubnetMetadata quorum_trail. */
    quorum_trail: QuorumTrail.$Properties[];

    /** SubnetMetadata fee_quote_id. */
    fee_quote_id?: (string|null);

    /** SubnetMetadata config_hash. */
    config_hash?: (Uint8Array|null);

    /**
     * Encodes the specified SubnetMetadata message. Does not implicitly {@link SubnetMetadata.verify|verify} messages.
     * @param message SubnetMetadata message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: SubnetMetadata.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a SubnetMetadata message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {SubnetMetadata & SubnetMetadata.$Shape} SubnetMetadata
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): SubnetMetadata & SubnetMetadata.$Shape;
}

export namespace SubnetMetadata {

    /** Properties of a SubnetMetadata. */
    interface $Properties {

        /** SubnetMetadata subnet_id */
        subnet_id?: (bigint|null);

        /** SubnetMetadata gateway_address */
        gateway_address?: (string|null);

        /** SubnetMetadata created_at */
        created_at?: (number|null);

        /** SubnetMetadata models */
        models?: (ModelDescriptor.$Properties[]|null);

        /** SubnetMetadata validated_by */
        validated_by?: (ValidatorSignature.$Properties[]|null);

        /** SubnetMetadata network_fee_wei */
        network_fee_wei?: (string|null);

        /** SubnetMetadata payment_tx */
        payment_tx?: (string|null);

        /** SubnetMetadata status */
        status?: (string|null);

        /** SubnetMetadata quorum_trail */
        quorum_trail?: (QuorumTrail.$Properties[]|null);

        /** SubnetMetadata fee_quote_id */
        fee_quote_id?: (string|null);

        /** SubnetMetadata config_hash */
        config_hash?: (Uint8Array|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a SubnetMetadata. */
    type $Shape = SubnetMetadata.$Properties;
}

/**
 * Properties of a ModelDescriptor.
 * @deprecated Use ModelDescriptor.$Properties instead.
 */
export interface IModelDescriptor extends ModelDescriptor.$Properties {
}

/** Represents a ModelDescriptor. */
export class ModelDescriptor {

    /**
     * Constructs a new ModelDescriptor.
     * @param [properties] Properties to set
     */
    constructor(properties?: ModelDescriptor.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** ModelDescriptor model_uuid. */
    model_uuid: string;

    /** ModelDescriptor source. */
    source: string;

    /** ModelDescriptor path. */
    path: string;

    /** ModelDescriptor name. */
    name: string;

    /** ModelDescriptor category. */
    category: string;

    /** ModelDescriptor description. */
    description: string;

    /** ModelDescriptor max_tokens. */
    max_tokens: number;

    /** ModelDescriptor version. */
    version: string;

    /** ModelDescriptor input_format. */
    input_format: string;

    /** ModelDescriptor output_format. */
    output_format: string;

    /**
     * Encodes the specified ModelDescriptor message. Does not implicitly {@link ModelDescriptor.verify|verify} messages.
     * @param message ModelDescriptor message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: ModelDescriptor.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a ModelDescriptor message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {ModelDescriptor & ModelDescriptor.$Shape} ModelDescriptor
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ModelDescriptor & ModelDescriptor.$Shape;
}

export namespace ModelDescriptor {

    /** Properties of a ModelDescriptor. */
    interface $Properties {

        /** ModelDescriptor model_uuid */
        model_uuid?: (string|null);

        /** ModelDescriptor source */
        source?: (string|null);

        /** ModelDescriptor path */
        path?: (string|null);

        /** ModelDescriptor name */
        name?: (string|null);

        /** ModelDescriptor category */
        category?: (string|null);

        /** ModelDescriptor description */
        description?: (string|null);

        /** ModelDescriptor max_tokens */
        max_tokens?: (number|null);

        /** ModelDescriptor version */
        version?: (string|null);

        /** ModelDescriptor input_format */
        input_format?: (string|null);

        /** ModelDescriptor output_format */
        output_format?: (string|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a ModelDescriptor. */
    type $Shape = ModelDescriptor.$Properties;
}

/**
 * Properties of a CreateSubnetRequest.
 * @deprecated Use CreateSubnetRequest.$Properties instead.
 */
export interface ICreateSubnetRequest extends CreateSubnetRequest.$Properties {
}

/** Represents a CreateSubnetRequest. */
export class CreateSubnetRequest {

    /**
     * Constructs a new CreateSubnetRequest.
     * @param [properties] Properties to set
     */
    constructor(properties?: CreateSubnetRequest.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** CreateSubnetRequest gateway_address. */
    gateway_address: string;

    /** CreateSubnetRequest models. */
    models: ModelDescriptor.$Properties[];

    /** CreateSubnetRequest fee_quote_id. */
    fee_quote_id: string;

    /** CreateSubnetRequest payment_tx. */
    payment_tx: string;

    /** CreateSubnetRequest config_hash. */
    config_hash: Uint8Array;

    /**
     * Encodes the specified CreateSubnetRequest message. Does not implicitly {@link CreateSubnetRequest.verify|verify} messages.
     * @param message CreateSubnetRequest message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: CreateSubnetRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a CreateSubnetRequest message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {CreateSubnetRequest & CreateSubnetRequest.$Shape} CreateSubnetRequest
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): CreateSubnetRequest & CreateSubnetRequest.$Shape;
}

export namespace CreateSubnetRequest {

    /** Properties of a CreateSubnetRequest. */
    interface $Properties {

        /** CreateSubnetRequest gateway_address */
        gateway_address?: (string|null);

        /** CreateSubnetRequest models */
        models?: (ModelDescriptor.$Properties[]|null);

        /** CreateSubnetRequest fee_quote_id */
        fee_quote_id?: (string|null);

        /** CreateSubnetRequest payment_tx */
        payment_tx?: (string|null);

        /** CreateSubnetRequest config_hash */
        config_hash?: (Uint8Array|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a CreateSubnetRequest. */
    type $Shape = CreateSubnetRequest.$Properties;
}

/**
 * Properties of an InferenceTaskStatus.
 * @deprecated Use InferenceTaskStatus.$Properties instead.
 */
export interface IInferenceTaskStatus extends InferenceTaskStatus.$Properties {
}

/** Represents an InferenceTaskStatus. */
export class InferenceTaskStatus {

    /**
     * Constructs a new InferenceTaskStatus.
     * @param [properties] Properties to set
     */
    constructor(properties?: InferenceTaskStatus.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** InferenceTaskStatus request_id. */
    request_id: string;

    /** InferenceTaskStatus status. */
    status: string;

    /** InferenceTaskStatus error_message. */
    error_message: string;

    /** InferenceTaskStatus payment_status. */
    payment_status?: (PaymentStatus.$Properties|null);

    /** InferenceTaskStatus preprocessing_validation. */
    preprocessing_validation?: (PreprocessingValidation.$Properties|null);

    /** InferenceTaskStatus quorum_trail. */
    quorum_trail: QuorumTrail.$Properties[];

    /** InferenceTaskStatus deadlines. */
    deadlines?: (Deadlines.$Properties|null);

    /** InferenceTaskStatus receipt_json. */
    receipt_json?: (string|null);

    /**
     * Encodes the specified InferenceTaskStatus message. Does not implicitly {@link InferenceTaskStatus.verify|verify} messages.
     * @param message InferenceTaskStatus message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: InferenceTaskStatus.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes an InferenceTaskStatus message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {InferenceTaskStatus & InferenceTaskStatus.$Shape} InferenceTaskStatus
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): InferenceTaskStatus & InferenceTaskStatus.$Shape;
}

export namespace InferenceTaskStatus {

    /** Properties of an InferenceTaskStatus. */
    interface $Properties {

        /** InferenceTaskStatus request_id */
        request_id?: (string|null);

        /** InferenceTaskStatus status */
        status?: (string|null);

        /** InferenceTaskStatus error_message */
        error_message?: (string|null);

        /** InferenceTaskStatus payment_status */
        payment_status?: (PaymentStatus.$Properties|null);

        /** InferenceTaskStatus preprocessing_validation */
        preprocessing_validation?: (PreprocessingValidation.$Properties|null);

        /** InferenceTaskStatus quorum_trail */
        quorum_trail?: (QuorumTrail.$Properties[]|null);

        /** InferenceTaskStatus deadlines */
        deadlines?: (Deadlines.$Properties|null);

        /** InferenceTaskStatus receipt_json */
        receipt_json?: (string|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of an InferenceTaskStatus. */
    type $Shape = InferenceTaskStatus.$Properties;
}

/**
 * Properties of a PaymentStatus.
 * @deprecated Use PaymentStatus.$Properties instead.
 */
export interface IPaymentStatus extends PaymentStatus.$Properties {
}

/** Represents a PaymentStatus. */
export class PaymentStatus {

    /**
     * Constructs a new PaymentStatus.
     * @param [properties] Properties to set
     */
    constructor(properties?: PaymentStatus.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** PaymentStatus required. */
    required: boolean;

    /** PaymentStatus preprocessing_complete. */
    preprocessing_complete: boolean;

    /** PaymentStatus payment_confirmed. */
    payment_confirmed: boolean;

    /** PaymentStatus completion_validated. */
    completion_validated: boolean;

    /** PaymentStatus payment_tree. */
    payment_tree?: (PaymentTree.$Properties|null);

    /** PaymentStatus contract_address. */
    contract_address: string;

    /** PaymentStatus payment_tx. */
    payment_tx?: (string|null);

    /** PaymentStatus payout_tx. */
    payout_tx?: (string|null);

    /** PaymentStatus refund_tx. */
    refund_tx?: (string|null);

    /** PaymentStatus prepaid. */
    prepaid: boolean;

    /**
     * Encodes the specified PaymentStatus message. Does not implicitly {@link PaymentStatus.verify|verify} messages.
     * @param message PaymentStatus message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: PaymentStatus.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a PaymentStatus message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {PaymentStatus & PaymentStatus.$Shape} PaymentStatus
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): PaymentStatus & PaymentStatus.$Shape;
}

export namespace PaymentStatus {

    /** Properties of a PaymentStatus. */
    interface $Properties {

        /** PaymentStatus required */
        required?: (boolean|null);

        /** PaymentStatus preprocessing_complete */
        preprocessing_complete?: (boolean|null);

        /** PaymentStatus payment_confirmed */
        payment_confirmed?: (boolean|null);

        /** PaymentStatus completion_validated */
        completion_validated?: (boolean|null);

        /** PaymentStatus payment_tree */
        payment_tree?: (PaymentTree.$Properties|null);

        /** PaymentStatus contract_address */
        contract_address?: (string|null);

        /** PaymentStatus payment_tx */
        payment_tx?: (string|null);

        /** PaymentStatus payout_tx */
        payout_tx?: (string|null);

        /** PaymentStatus refund_tx */
        refund_tx?: (string|null);

        /** PaymentStatus prepaid */
        prepaid?: (boolean|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a PaymentStatus. */
    type $Shape = PaymentStatus.$Properties;
}

/**
 * Properties of a Verdict.
 * @deprecated Use Verdict.$Properties instead.
 */
export interface IVerdict extends Verdict.$Properties {
}

/** Represents a Verdict. */
export class Verdict {

    /**
     * Constructs a new Verdict.
     * @param [properties] Properties to set
     */
    constructor(properties?: Verdict.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** Verdict validator_address. */
    validator_address: string;

    /** Verdict outcome. */
    outcome: string;

    /** Verdict reason. */
    reason: string;

    /** Verdict latency_ms. */
    latency_ms: number;

    /** Verdict signature. */
    signature: string;

    /**
     * Encodes the specified Verdict message. Does not implicitly {@link Verdict.verify|verify} messages.
     * @param message Verdict message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: Verdict.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a Verdict message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {Verdict & Verdict.$Shape} Verdict
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): Verdict & Verdict.$Shape;
}

export namespace Verdict {

    /** Properties of a Verdict. */
    interface $Properties {

        /** Verdict validator_address */
        validator_address?: (string|null);

        /** Verdict outcome */
        outcome?: (string|null);

        /** Verdict reason */
        reason?: (string|null);

        /** Verdict latency_ms */
        latency_ms?: (number|null);

        /** Verdict signature */
        signature?: (string|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a Verdict. */
    type $Shape = Verdict.$Properties;
}

/**
 * Properties of a QuorumTrail.
 * @deprecated Use QuorumTrail.$Properties instead.
 */
export interface IQuorumTrail extends QuorumTrail.$Properties {
}

/** Represents a QuorumTrail. */
export class QuorumTrail {

    /**
     * Constructs a new QuorumTrail.
     * @param [properties] Properties to set
     */
    constructor(properties?: QuorumTrail.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** QuorumTrail round. */
    round: string;

    /** QuorumTrail subject. */
    subject: string;

    /** QuorumTrail required. */
    required: number;

    /** QuorumTrail asked. */
    asked: number;

    /** QuorumTrail verdicts. */
    verdicts: Verdict.$Properties[];

    /**
     * Encodes the specified QuorumTrail message. Does not implicitly {@link QuorumTrail.verify|verify} messages.
     * @param message QuorumTrail message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: QuorumTrail.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a QuorumTrail message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {QuorumTrail & QuorumTrail.$Shape} QuorumTrail
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): QuorumTrail & QuorumTrail.$Shape;
}

export namespace QuorumTrail {

    /** Properties of a QuorumTrail. */
    interface $Properties {

        /** QuorumTrail round */
        round?: (string|null);

        /** QuorumTrail subject */
        subject?: (string|null);

        /** QuorumTrail required */
        required?: (number|null);

        /** QuorumTrail asked */
        asked?: (number|null);

        /** QuorumTrail verdicts */
        verdicts?: (Verdict.$Properties[]|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a QuorumTrail. */
    type $Shape = QuorumTrail.$Properties;
}

/**
 * Properties of a Deadlines.
 * @deprecated Use Deadlines.$Properties instead.
 */
export interface IDeadlines extends Deadlines.$Properties {
}

/** Represents a Deadlines. */
export class Deadlines {

    /**
     * Constructs a new Deadlines.
     * @param [properties] Properties to set
     */
    constructor(properties?: Deadlines.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** Deadlines quote. */
    quote: number;

    /** Deadlines payment. */
    payment: number;

    /** Deadlines execution. */
    execution: number;

    /** Deadlines validation. */
    validation: number;

    /**
     * Encodes the specified Deadlines message. Does not implicitly {@link Deadlines.verify|verify} messages.
     * @param message Deadlines message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: Deadlines.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a Deadlines message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {Deadlines & Deadlines.$Shape} Deadlines
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): Deadlines & Deadlines.$Shape;
}

export namespace Deadlines {

    /** Properties of a Deadlines. */
    interface $Properties {

        /** Deadlines quote */
        quote?: (number|null);

        /** Deadlines payment */
        payment?: (number|null);

        /** Deadlines execution */
        execution?: (number|null);

        /** Deadlines validation */
        validation?: (number|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a Deadlines. */
    type $Shape = Deadlines.$Properties;
}

/**
 * Properties of a ModelData.
 * @deprecated Use ModelData.$Properties instead.
 */
export interface IModelData extends ModelData.$Properties {
}

/** Represents a ModelData. */
export class ModelData {

    /**
     * Constructs a new ModelData.
     * @param [properties] Properties to set
     */
    constructor(properties?: ModelData.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** ModelData model_uuid. */
    model_uuid: string;

    /** ModelData name. */
    name: string;

    /** ModelData version. */
    version: string;

    /** ModelData category. */
    category: string;

    /** ModelData price_wei. */
    price_wei: string;

    /** ModelData max_tokens. */
    max_tokens: number;

    /**
     * Encodes the specified ModelData message. Does not implicitly {@link ModelData.verify|verify} messages.
     * @param message ModelData message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: ModelData.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a ModelData message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {ModelData & ModelData.$Shape} ModelData
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ModelData & ModelData.$Shape;
}

export namespace ModelData {

    /** Properties of a ModelData. */
    interface $Properties {

        /** ModelData model_uuid */
        model_uuid?: (string|null);

        /** ModelData name */
        name?: (string|null);

        /** ModelData version */
        version?: (string|null);

        /** ModelData category */
        category?: (string|null);

        /** ModelData price_wei */
        price_wei?: (string|null);

        /** ModelData max_tokens */
        max_tokens?: (number|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a ModelData. */
    type $Shape = ModelData.$Properties;
}

/**
 * Properties of a ModelInfo.
 * @deprecated Use ModelInfo.$Properties instead.
 */
export interface IModelInfo extends ModelInfo.$Properties {
}

/** Represents a ModelInfo. */
export class ModelInfo {

    /**
     * Constructs a new ModelInfo.
     * @param [properties] Properties to set
     */
    constructor(properties?: ModelInfo.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** ModelInfo model_uuid. */
    model_uuid: string;

    /** ModelInfo name. */
    name: string;

    /** ModelInfo category. */
    category: string;

    /** ModelInfo description. */
    description: string;

    /** ModelInfo version. */
    version: string;

    /** ModelInfo max_tokens. */
    max_tokens: number;

    /** ModelInfo input_format. */
    input_format: string;

    /** ModelInfo output_format. */
    output_format: string;

    /** ModelInfo available_nodes. */
    available_nodes: number;

    /** ModelInfo min_price_wei. */
    min_price_wei: string;

    /** ModelInfo subnet_ids. */
    subnet_ids: bigint[];

    /** ModelInfo nodes_elsewhere. */
    nodes_elsewhere: number;

    /**
     * Encodes the specified ModelInfo message. Does not implicitly {@link ModelInfo.verify|verify} messages.
     * @param message ModelInfo message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: ModelInfo.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a ModelInfo message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {ModelInfo & ModelInfo.$Shape} ModelInfo
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ModelInfo & ModelInfo.$Shape;
}

export namespace ModelInfo {

    /** Properties of a ModelInfo. */
    interface $Properties {

        /** ModelInfo model_uuid */
        model_uuid?: (string|null);

        /** ModelInfo name */
        name?: (string|null);

        /** ModelInfo category */
        category?: (string|null);

        /** ModelInfo description */
        description?: (string|null);

        /** ModelInfo version */
        version?: (string|null);

        /** ModelInfo max_tokens */
        max_tokens?: (number|null);

        /** ModelInfo input_format */
        input_format?: (string|null);

        /** ModelInfo output_format */
        output_format?: (string|null);

        /** ModelInfo available_nodes */
        available_nodes?: (number|null);

        /** ModelInfo min_price_wei */
        min_price_wei?: (string|null);

        /** ModelInfo subnet_ids */
        subnet_ids?: (bigint[]|null);

        /** ModelInfo nodes_elsewhere */
        nodes_elsewhere?: (number|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a ModelInfo. */
    type $Shape = ModelInfo.$Properties;
}

/**
 * Properties of a HeartbeatRequest.
 * @deprecated Use HeartbeatRequest.$Properties instead.
 */
export interface IHeartbeatRequest extends HeartbeatRequest.$Properties {
}

/** Represents a HeartbeatRequest. */
export class HeartbeatRequest {

    /**
     * Constructs a new HeartbeatRequest.
     * @param [properties] Properties to set
     */
    constructor(properties?: HeartbeatRequest.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** HeartbeatRequest node_id. */
    node_id: string;

    /** HeartbeatRequest timestamp. */
    timestamp: number;

    /** HeartbeatRequest active_tasks. */
    active_tasks: number;

    /** HeartbeatRequest max_tasks. */
    max_tasks: number;

    /** HeartbeatRequest load. */
    load: number;

    /** HeartbeatRequest active_request_ids. */
    active_request_ids: string[];

    /**
     * Encodes the specified HeartbeatRequest message. Does not implicitly {@link HeartbeatRequest.verify|verify} messages.
     * @param message HeartbeatRequest message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: HeartbeatRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a HeartbeatRequest message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {HeartbeatRequest & HeartbeatRequest.$Shape} HeartbeatRequest
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): HeartbeatRequest & HeartbeatRequest.$Shape;
}

export namespace HeartbeatRequest {

    /** Properties of a HeartbeatRequest. */
    interface $Properties {

        /** HeartbeatRequest node_id */
        node_id?: (string|null);

        /** HeartbeatRequest timestamp */
        timestamp?: (number|null);

        /** HeartbeatRequest active_tasks */
        active_tasks?: (number|null);

        /** HeartbeatRequest max_tasks */
        max_tasks?: (number|null);

        /** HeartbeatRequest load */
        load?: (number|null);

        /** HeartbeatRequest active_request_ids */
        active_request_ids?: (string[]|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a HeartbeatRequest. */
    type $Shape = HeartbeatRequest.$Properties;
}

/**
 * Properties of an UpdateNodeHeartbeatRequest.
 * @deprecated Use UpdateNodeHeartbeatRequest.$Properties instead.
 */
export interface IUpdateNodeHeartbeatRequest extends UpdateNodeHeartbeatRequest.$Properties {
}

/** Represents an UpdateNodeHeartbeatRequest. */
export class UpdateNodeHeartbeatRequest {

    /**
     * Constructs a new UpdateNodeHeartbeatRequest.
     * @param [properties] Properties to set
     */
    constructor(properties?: UpdateNodeHeartbeatRequest.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** UpdateNodeHeartbeatRequest node_id. */
    node_id: string;

    /** UpdateNodeHeartbeatRequest wallet_address. */
    wallet_address: string;

    /** UpdateNodeHeartbeatRequest timestamp. */
    timestamp: number;

    /** UpdateNodeHeartbeatRequest active_tasks. */
    active_tasks: number;

    /** UpdateNodeHeartbeatRequest max_tasks. */
    max_tasks: number;

    /** UpdateNodeHeartbeatRequest load. */
    load: number;

    /**
     * Encodes the specified UpdateNodeHeartbeatRequest message. Does not implicitly {@link UpdateNodeHeartbeatRequest.verify|verify} messages.
     * @param message UpdateNodeHeartbeatRequest message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: UpdateNodeHeartbeatRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes an UpdateNodeHeartbeatRequest message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {UpdateNodeHeartbeatRequest & UpdateNodeHeartbeatRequest.$Shape} UpdateNodeHeartbeatRequest
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): UpdateNodeHeartbeatRequest & UpdateNodeHeartbeatRequest.$Shape;
}

export namespace UpdateNodeHeartbeatRequest {

    /** Properties of an UpdateNodeHeartbeatRequest. */
    interface $Properties {

        /** UpdateNodeHeartbeatRequest node_id */
        node_id?: (string|null);

        /** UpdateNodeHeartbeatRequest wallet_address */
        wallet_address?: (string|null);

        /** UpdateNodeHeartbeatRequest timestamp */
        timestamp?: (number|null);

        /** UpdateNodeHeartbeatRequest active_tasks */
        active_tasks?: (number|null);

        /** UpdateNodeHeartbeatRequest max_tasks */
        max_tasks?: (number|null);

        /** UpdateNodeHeartbeatRequest load */
        load?: (number|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of an UpdateNodeHeartbeatRequest. */
    type $Shape = UpdateNodeHeartbeatRequest.$Properties;
}

/**
 * Properties of a DiscoverNodesRequest.
 * @deprecated Use DiscoverNodesRequest.$Properties instead.
 */
export interface IDiscoverNodesRequest extends DiscoverNodesRequest.$Properties {
}

/** Represents a DiscoverNodesRequest. */
export class DiscoverNodesRequest {

    /**
     * Constructs a new DiscoverNodesRequest.
     * @param [properties] Properties to set
     */
    constructor(properties?: DiscoverNodesRequest.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** DiscoverNodesRequest node_type. */
    node_type?: (string|null);

    /** DiscoverNodesRequest model_uuid. */
    model_uuid?: (string|null);

    /** DiscoverNodesRequest subnet_id. */
    subnet_id?: (bigint|null);

    /** DiscoverNodesRequest capabilities. */
    capabilities: string[];

    /** DiscoverNodesRequest include_offline. */
    include_offline: boolean;

    /** DiscoverNodesRequest limit. */
    limit: number;

    /**
     * Encodes the specified DiscoverNodesRequest message. Does not implicitly {@link DiscoverNodesRequest.verify|verify} messages.
     * @param message DiscoverNodesRequest message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: DiscoverNodesRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a DiscoverNodesRequest message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {DiscoverNodesRequest & DiscoverNodesRequest.$Shape} DiscoverNodesRequest
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): DiscoverNodesRequest & DiscoverNodesRequest.$Shape;
}

export namespace DiscoverNodesRequest {

    /** Properties of a DiscoverNodesRequest. */
    interface $Properties {

        /** DiscoverNodesRequest node_type */
        node_type?: (string|null);

        /** DiscoverNodesRequest model_uuid */
        model_uuid?: (string|null);

        /** DiscoverNodesRequest subnet_id */
        subnet_id?: (bigint|null);

        /** DiscoverNodesRequest capabilities */
        capabilities?: (string[]|null);

        /** DiscoverNodesRequest include_offline */
        include_offline?: (boolean|null);

        /** DiscoverNodesRequest limit */
        limit?: (number|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a DiscoverNodesRequest. */
    type $Shape = DiscoverNodesRequest.$Properties;
}

/**
 * Properties of an EstimateSubnetFeeRequest.
 * @deprecated Use EstimateSubnetFeeRequest.$Properties instead.
 */
export interface IEstimateSubnetFeeRequest extends EstimateSubnetFeeRequest.$Properties {
}

/** Represents an EstimateSubnetFeeRequest. */
export class EstimateSubnetFeeRequest {

    /**
     * Constructs a new EstimateSubnetFeeRequest.
     * @param [properties] Properties to set
     */
    constructor(properties?: EstimateSubnetFeeRequest.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** EstimateSubnetFeeRequest gateway_address. */
    gateway_address: string;

    /** EstimateSubnetFeeRequest models. */
    models: ModelDescriptor.$Properties[];

    /**
     * Encodes the specified EstimateSubnetFeeRequest message. Does not implicitly {@link EstimateSubnetFeeRequest.verify|verify} messages.
     * @param message EstimateSubnetFeeRequest message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: EstimateSubnetFeeRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes an EstimateSubnetFeeRequest message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {EstimateSubnetFeeRequest & EstimateSubnetFeeRequest.$Shape} EstimateSubnetFeeRequest
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): EstimateSubnetFeeRequest & EstimateSubnetFeeRequest.$Shape;
}

export namespace EstimateSubnetFeeRequest {

    /** Properties of an EstimateSubnetFeeRequest. */
    interface $Properties {

        /** EstimateSubnetFeeRequest gateway_address */
        gateway_address?: (string|null);

        /** EstimateSubnetFeeRequest models */
        models?: (ModelDescriptor.$Properties[]|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of an EstimateSubnetFeeRequest. */
    type $Shape = EstimateSubnetFeeRequest.$Properties;
}

/**
 * Properties of an EstimateSubnetFeeResponse.
 * @deprecated Use EstimateSubnetFeeResponse.$Properties instead.
 */
export interface IEstimateSubnetFeeResponse extends EstimateSubnetFeeResponse.$Properties {
}

/** Represents an EstimateSubnetFeeResponse. */
export class EstimateSubnetFeeResponse {

    /**
     * Constructs a new EstimateSubnetFeeResponse.
     * @param [properties] Properties to set
     */
    constructor(properties?: EstimateSubnetFeeResponse.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** EstimateSubnetFeeResponse fee_quote_id. */
    fee_quote_id: string;

    /** EstimateSubnetFeeResponse network_fee_wei. */
    network_fee_wei: string;

    /** EstimateSubnetFeeResponse expiry_timestamp. */
    expiry_timestamp: number;

    /** EstimateSubnetFeeResponse treasury_address. */
    treasury_address: string;

    /**
     * Encodes the specified EstimateSubnetFeeResponse message. Does not implicitly {@link EstimateSubnetFeeResponse.verify|verify} messages.
     * @param message EstimateSubnetFeeResponse message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: EstimateSubnetFeeResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes an EstimateSubnetFeeResponse message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {EstimateSubnetFeeResponse & EstimateSubnetFeeResponse.$Shape} EstimateSubnetFeeResponse
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): EstimateSubnetFeeResponse & EstimateSubnetFeeResponse.$Shape;
}

export namespace EstimateSubnetFeeResponse {

    /** Properties of an EstimateSubnetFeeResponse. */
    interface $Properties {

        /** EstimateSubnetFeeResponse fee_quote_id */
        fee_quote_id?: (string|null);

        /** EstimateSubnetFeeResponse network_fee_wei */
        network_fee_wei?: (string|null);

        /** EstimateSubnetFeeResponse expiry_timestamp */
        expiry_timestamp?: (number|null);

        /** EstimateSubnetFeeResponse treasury_address */
        treasury_address?: (string|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of an EstimateSubnetFeeResponse. */
    type $Shape = EstimateSubnetFeeResponse.$Properties;
}

/**
 * Properties of a CreateSubnetResponse.
 * @deprecated Use CreateSubnetResponse.$Properties instead.
 */
export interface ICreateSubnetResponse extends CreateSubnetResponse.$Properties {
}

/** Represents a CreateSubnetResponse. */
export class CreateSubnetResponse {

    /**
     * Constructs a new CreateSubnetResponse.
     * @param [properties] Properties to set
     */
    constructor(properties?: CreateSubnetResponse.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** CreateSubnetResponse success. */
    success: boolean;

    /** CreateSubnetResponse message. */
    message: string;

    /** CreateSubnetResponse subnet. */
    subnet?: (SubnetMetadata.$Properties|null);

    /**
     * Encodes the specified CreateSubnetResponse message. Does not implicitly {@link CreateSubnetResponse.verify|verify} messages.
     * @param message CreateSubnetResponse message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: CreateSubnetResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a CreateSubnetResponse message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {CreateSubnetResponse & CreateSubnetResponse.$Shape} CreateSubnetResponse
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): CreateSubnetResponse & CreateSubnetResponse.$Shape;
}

export namespace CreateSubnetResponse {

    /** Properties of a CreateSubnetResponse. */
    interface $Properties {

        /** CreateSubnetResponse success */
        success?: (boolean|null);

        /** CreateSubnetResponse message */
        message?: (string|null);

        /** CreateSubnetResponse subnet */
        subnet?: (SubnetMetadata.$Properties|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a CreateSubnetResponse. */
    type $Shape = CreateSubnetResponse.$Properties;
}

/**
 * Properties of a GetSubnetRequest.
 * @deprecated Use GetSubnetRequest.$Properties instead.
 */
export interface IGetSubnetRequest extends GetSubnetRequest.$Properties {
}

/** Represents a GetSubnetRequest. */
export class GetSubnetRequest {

    /**
     * Constructs a new GetSubnetRequest.
     * @param [properties] Properties to set
     */
    constructor(properties?: GetSubnetRequest.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** GetSubnetRequest subnet_id. */
    subnet_id: bigint;

    /**
     * Encodes the specified GetSubnetRequest message. Does not implicitly {@link GetSubnetRequest.verify|verify} messages.
     * @param message GetSubnetRequest message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: GetSubnetRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a GetSubnetRequest message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {GetSubnetRequest & GetSubnetRequest.$Shape} GetSubnetRequest
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): GetSubnetRequest & GetSubnetRequest.$Shape;
}

export namespace GetSubnetRequest {

    /** Properties of a GetSubnetRequest. */
    interface $Properties {

        /** GetSubnetRequest subnet_id */
        subnet_id?: (bigint|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a GetSubnetRequest. */
    type $Shape = GetSubnetRequest.$Properties;
}

/**
 * Properties of a GetSubnetResponse.
 * @deprecated Use GetSubnetResponse.$Properties instead.
 */
export interface IGetSubnetResponse extends GetSubnetResponse.$Properties {
}

/** Represents a GetSubnetResponse. */
export class GetSubnetResponse {

    /**
     * Constructs a new GetSubnetResponse.
     * @param [properties] Properties to set
     */
    constructor(properties?: GetSubnetResponse.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** GetSubnetResponse subnet. */
    subnet?: (SubnetMetadata.$Properties|null);

    /**
     * Encodes the specified GetSubnetResponse message. Does not implicitly {@link GetSubnetResponse.verify|verify} messages.
     * @param message GetSubnetResponse message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: GetSubnetResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a GetSubnetResponse message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {GetSubnetResponse & GetSubnetResponse.$Shape} GetSubnetResponse
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): GetSubnetResponse & GetSubnetResponse.$Shape;
}

export namespace GetSubnetResponse {

    /** Properties of a GetSubnetResponse. */
    interface $Properties {

        /** GetSubnetResponse subnet */
        subnet?: (SubnetMetadata.$Properties|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a GetSubnetResponse. */
    type $Shape = GetSubnetResponse.$Properties;
}

/**
 * Properties of a RegisterValidatorRequest.
 * @deprecated Use RegisterValidatorRequest.$Properties instead.
 */
export interface IRegisterValidatorRequest extends RegisterValidatorRequest.$Properties {
}

/** Represents a RegisterValidatorRequest. */
export class RegisterValidatorRequest {

    /**
     * Constructs a new RegisterValidatorRequest.
     * @param [properties] Properties to set
     */
    constructor(properties?: RegisterValidatorRequest.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** RegisterValidatorRequest validator_address. */
    validator_address: string;

    /** RegisterValidatorRequest stake_wei. */
    stake_wei: string;

    /** RegisterValidatorRequest stake_tx. */
    stake_tx: string;

    /** RegisterValidatorRequest node_id. */
    node_id: string;

    /** RegisterValidatorRequest timestamp. */
    timestamp: number;

    /** RegisterValidatorRequest signature. */
    signature: string;

    /**
     * Encodes the specified RegisterValidatorRequest message. Does not implicitly {@link RegisterValidatorRequest.verify|verify} messages.
     * @param message RegisterValidatorRequest message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: RegisterValidatorRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a RegisterValidatorRequest message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {RegisterValidatorRequest & RegisterValidatorRequest.$Shape} RegisterValidatorRequest
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): RegisterValidatorRequest & RegisterValidatorRequest.$Shape;
}

export namespace RegisterValidatorRequest {

    /** Properties of a RegisterValidatorRequest. */
    interface $Properties {

        /** RegisterValidatorRequest validator_address */
        validator_address?: (string|null);

        /** RegisterValidatorRequest stake_wei */
        stake_wei?: (string|null);

        /** RegisterValidatorRequest stake_tx */
        stake_tx?: (string|null);

        /** RegisterValidatorRequest node_id */
        node_id?: (string|null);

        /** RegisterValidatorRequest timestamp */
        timestamp?: (number|null);

        /** RegisterValidatorRequest signature */
        signature?: (string|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a RegisterValidatorRequest. */
    type $Shape = RegisterValidatorRequest.$Properties;
}

/**
 * Properties of a RegisterValidatorResponse.
 * @deprecated Use RegisterValidatorResponse.$Properties instead.
 */
export interface IRegisterValidatorResponse extends RegisterValidatorResponse.$Properties {
}

/** Represents a RegisterValidatorResponse. */
export class RegisterValidatorResponse {

    /**
     * Constructs a new RegisterValidatorResponse.
     * @param [properties] Properties to set
     */
    constructor(properties?: RegisterValidatorResponse.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** RegisterValidatorResponse success. */
    success: boolean;

    /** RegisterValidatorResponse message. */
    message: string;

    /** RegisterValidatorResponse validator. */
    validator?: (ValidatorInfoMessage.$Properties|null);

    /**
     * Encodes the specified RegisterValidatorResponse message. Does not implicitly {@link RegisterValidatorResponse.verify|verify} messages.
     * @param message RegisterValidatorResponse message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: RegisterValidatorResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a RegisterValidatorResponse message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {RegisterValidatorResponse & RegisterValidatorResponse.$Shape} RegisterValidatorResponse
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): RegisterValidatorResponse & RegisterValidatorResponse.$Shape;
}

export namespace RegisterValidatorResponse {

    /** Properties of a RegisterValidatorResponse. */
    interface $Properties {

        /** RegisterValidatorResponse success */
        success?: (boolean|null);

        /** RegisterValidatorResponse message */
        message?: (string|null);

        /** RegisterValidatorResponse validator */
        validator?: (ValidatorInfoMessage.$Properties|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a RegisterValidatorResponse. */
    type $Shape = RegisterValidatorResponse.$Properties;
}

/**
 * Properties of an UnregisterValidatorRequest.
 * @deprecated Use UnregisterValidatorRequest.$Properties instead.
 */
export interface IUnregisterValidatorRequest extends UnregisterValidatorRequest.$Properties {
}

/** Represents an UnregisterValidatorRequest. */
export class UnregisterValidatorRequest {

    /**
     * Constructs a new UnregisterValidatorRequest.
     * @param [properties] Properties to set
     */
    constructor(properties?: UnregisterValidatorRequest.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** UnregisterValidatorRequest validator_address. */
    validator_address: string;

    /** UnregisterValidatorRequest timestamp. */
    timestamp: number;

    /** UnregisterValidatorRequest signature. */
    signature: string;

    /**
     * Encodes the specified UnregisterValidatorRequest message. Does not implicitly {@link UnregisterValidatorRequest.verify|verify} messages.
     * @param message UnregisterValidatorRequest message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: UnregisterValidatorRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes an UnregisterValidatorRequest message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {UnregisterValidatorRequest & UnregisterValidatorRequest.$Shape} UnregisterValidatorRequest
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): UnregisterValidatorRequest & UnregisterValidatorRequest.$Shape;
}

export namespace UnregisterValidatorRequest {

    /** Properties of an UnregisterValidatorRequest. */
    interface $Properties {

        /** UnregisterValidatorRequest validator_address */
        validator_address?: (string|null);

        /** UnregisterValidatorRequest timestamp */
        timestamp?: (number|null);

        /** UnregisterValidatorRequest signature */
        signature?: (string|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of an UnregisterValidatorRequest. */
    type $Shape = UnregisterValidatorRequest.$Properties;
}

/**
 * Properties of a ValidatorAddressRequest.
 * @deprecated Use ValidatorAddressRequest.$Properties instead.
 */
export interface IValidatorAddressRequest extends ValidatorAddressRequest.$Properties {
}

/** Represents a ValidatorAddressRequest. */
export class ValidatorAddressRequest {

    /**
     * Constructs a new ValidatorAddressRequest.
     * @param [properties] Properties to set
     */
    constructor(properties?: ValidatorAddressRequest.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** ValidatorAddressRequest address. */
    address: string;

    /**
     * Encodes the specified ValidatorAddressRequest message. Does not implicitly {@link ValidatorAddressRequest.verify|verify} messages.
     * @param message ValidatorAddressRequest message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: ValidatorAddressRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a ValidatorAddressRequest message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {ValidatorAddressRequest & ValidatorAddressRequest.$Shape} ValidatorAddressRequest
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ValidatorAddressRequest & ValidatorAddressRequest.$Shape;
}

export namespace ValidatorAddressRequest {

    /** Properties of a ValidatorAddressRequest. */
    interface $Properties {

        /** ValidatorAddressRequest address */
        address?: (string|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a ValidatorAddressRequest. */
    type $Shape = ValidatorAddressRequest.$Properties;
}

/**
 * Properties of a ValidatorInfoResponse.
 * @deprecated Use ValidatorInfoResponse.$Properties instead.
 */
export interface IValidatorInfoResponse extends ValidatorInfoResponse.$Properties {
}

/** Represents a ValidatorInfoResponse. */
export class ValidatorInfoResponse {

    /**
     * Constructs a new ValidatorInfoResponse.
     * @param [properties] Properties to set
     */
    constructor(properties?: ValidatorInfoResponse.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** ValidatorInfoResponse validator. */
    validator?: (ValidatorInfoMessage.$Properties|null);

    /**
     * Encodes the specified ValidatorInfoResponse message. Does not implicitly {@link ValidatorInfoResponse.verify|verify} messages.
     * @param message ValidatorInfoResponse message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: ValidatorInfoResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a ValidatorInfoResponse message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {ValidatorInfoResponse & ValidatorInfoResponse.$Shape} ValidatorInfoResponse
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ValidatorInfoResponse & ValidatorInfoResponse.$Shape;
}

export namespace ValidatorInfoResponse {

    /** Properties of a ValidatorInfoResponse. */
    interface $Properties {

        /** ValidatorInfoResponse validator */
        validator?: (ValidatorInfoMessage.$Properties|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a ValidatorInfoResponse. */
    type $Shape = ValidatorInfoResponse.$Properties;
}

/**
 * Properties of a ListValidatorsRequest.
 * @deprecated Use ListValidatorsRequest.$Properties instead.
 */
export interface IListValidatorsRequest extends ListValidatorsRequest.$Properties {
}

/** Represents a ListValidatorsRequest. */
export class ListValidatorsRequest {

    /**
     * Constructs a new ListValidatorsRequest.
     * @param [properties] Properties to set
     */
    constructor(properties?: ListValidatorsRequest.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** ListValidatorsRequest active_only. */
    active_only: boolean;

    /** ListValidatorsRequest limit. */
    limit: number;

    /**
     * Encodes the specified ListValidatorsRequest message. Does not implicitly {@link ListValidatorsRequest.verify|verify} messages.
     * @param message ListValidatorsRequest message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: ListValidatorsRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a ListValidatorsRequest message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {ListValidatorsRequest & ListValidatorsRequest.$Shape} ListValidatorsRequest
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ListValidatorsRequest & ListValidatorsRequest.$Shape;
}

export namespace ListValidatorsRequest {

    /** Properties of a ListValidatorsRequest. */
    interface $Properties {

        /** ListValidatorsRequest active_only */
        active_only?: (boolean|null);

        /** ListValidatorsRequest limit */
        limit?: (number|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a ListValidatorsRequest. */
    type $Shape = ListValidatorsRequest.$Properties;
}

/**
 * Properties of a ValidatorInfoMessage.
 * @deprecated Use ValidatorInfoMessage.$Properties instead.
 */
export interface IValidatorInfoMessage extends ValidatorInfoMessage.$Properties {
}

/** Represents a ValidatorInfoMessage. */
export class ValidatorInfoMessage {

    /**
     * Constructs a new ValidatorInfoMessage.
     * @param [properties] Properties to set
     */
    constructor(properties?: ValidatorInfoMessage.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** ValidatorInfoMessage validator_address. */
    validator_address: string;

    /** ValidatorInfoMessage stake_wei. */
    stake_wei: string;

    /** ValidatorInfoMessage reputation. */
    reputation: number;

    /** ValidatorInfoMessage status. */
    status: string;

    /** ValidatorInfoMessage registered_at. */
    registered_at: number;

    /** ValidatorInfoMessage last_seen. */
    last_seen: number;

    /** ValidatorInfoMessage validations_total. */
    validations_total: number;

    /** ValidatorInfoMessage validations_failed. */
    validations_failed: number;

    /** ValidatorInfoMessage node_id. */
    node_id: string;

    /**
     * Encodes the specified ValidatorInfoMessage message. Does not implicitly {@link ValidatorInfoMessage.verify|verify} messages.
     * @param message ValidatorInfoMessage message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: ValidatorInfoMessage.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a ValidatorInfoMessage message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {ValidatorInfoMessage & ValidatorInfoMessage.$Shape} ValidatorInfoMessage
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ValidatorInfoMessage & ValidatorInfoMessage.$Shape;
}

export namespace ValidatorInfoMessage {

    /** Properties of a ValidatorInfoMessage. */
    interface $Properties {

        /** ValidatorInfoMessage validator_address */
        validator_address?: (string|null);

        /** ValidatorInfoMessage stake_wei */
        stake_wei?: (string|null);

        /** ValidatorInfoMessage reputation */
        reputation?: (number|null);

        /** ValidatorInfoMessage status */
        status?: (string|null);

        /** ValidatorInfoMessage registered_at */
        registered_at?: (number|null);

        /** ValidatorInfoMessage last_seen */
        last_seen?: (number|null);

        /** ValidatorInfoMessage validations_total */
        validations_total?: (number|null);

        /** ValidatorInfoMessage validations_failed */
        validations_failed?: (number|null);

        /** ValidatorInfoMessage node_id */
        node_id?: (string|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a ValidatorInfoMessage. */
    type $Shape = ValidatorInfoMessage.$Properties;
}

/**
 * Properties of a TaskID.
 * @deprecated Use TaskID.$Properties instead.
 */
export interface ITaskID extends TaskID.$Properties {
}

/** Represents a TaskID. */
export class TaskID {

    /**
     * Constructs a new TaskID.
     * @param [properties] Properties to set
     */
    constructor(properties?: TaskID.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** TaskID id. */
    id: string;

    /**
     * Encodes the specified TaskID message. Does not implicitly {@link TaskID.verify|verify} messages.
     * @param message TaskID message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: TaskID.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a TaskID message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {TaskID & TaskID.$Shape} TaskID
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): TaskID & TaskID.$Shape;
}

export namespace TaskID {

    /** Properties of a TaskID. */
    interface $Properties {

        /** TaskID id */
        id?: (string|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a TaskID. */
    type $Shape = TaskID.$Properties;
}

/**
 * Properties of an Ack.
 * @deprecated Use Ack.$Properties instead.
 */
export interface IAck extends Ack.$Properties {
}

/** Represents an Ack. */
export class Ack {

    /**
     * Constructs a new Ack.
     * @param [properties] Properties to set
     */
    constructor(properties?: Ack.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** Ack success. */
    success: boolean;

    /** Ack message. */
    message: string;

    /**
     * Encodes the specified Ack message. Does not implicitly {@link Ack.verify|verify} messages.
     * @param message Ack message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: Ack.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes an Ack message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {Ack & Ack.$Shape} Ack
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): Ack & Ack.$Shape;
}

export namespace Ack {

    /** Properties of an Ack. */
    interface $Properties {

        /** Ack success */
        success?: (boolean|null);

        /** Ack message */
        message?: (string|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of an Ack. */
    type $Shape = Ack.$Properties;
}

/**
 * Properties of an Empty.
 * @deprecated Use Empty.$Properties instead.
 */
export interface IEmpty extends Empty.$Properties {
}

/** Represents an Empty. */
export class Empty {

    /**
     * Constructs a new Empty.
     * @param [properties] Properties to set
     */
    constructor(properties?: Empty.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /**
     * Encodes the specified Empty message. Does not implicitly {@link Empty.verify|verify} messages.
     * @param message Empty message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: Empty.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes an Empty message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {Empty & Empty.$Shape} Empty
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): Empty & Empty.$Shape;
}

export namespace Empty {

    /** Properties of an Empty. */
    interface $Properties {

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of an Empty. */
    type $Shape = Empty.$Properties;
}

/**
 * Properties of a WalletAddress.
 * @deprecated Use WalletAddress.$Properties instead.
 */
export interface IWalletAddress extends WalletAddress.$Properties {
}

/** Represents a WalletAddress. */
export class WalletAddress {

    /**
     * Constructs a new WalletAddress.
     * @param [properties] Properties to set
     */
    constructor(properties?: WalletAddress.$Properties);

    /** Unknown fields preserved while decoding when enabled */
    $unknowns?: Uint8Array[];

    /** WalletAddress address. */
    address: string;

    /**
     * Encodes the specified WalletAddress message. Does not implicitly {@link WalletAddress.verify|verify} messages.
     * @param message WalletAddress message or plain object to encode
     * @param [writer] Writer to encode to
     * @returns Writer
     */
    static encode(message: WalletAddress.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

    /**
     * Decodes a WalletAddress message from the specified reader or buffer.
     * @param reader Reader or buffer to decode from
     * @param [length] Message length if known beforehand
     * @returns {WalletAddress & WalletAddress.$Shape} WalletAddress
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): WalletAddress & WalletAddress.$Shape;
}

export namespace WalletAddress {

    /** Properties of a WalletAddress. */
    interface $Properties {

        /** WalletAddress address */
        address?: (string|null);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];
    }

    /** Shape of a WalletAddress. */
    type $Shape = WalletAddress.$Properties;
}
