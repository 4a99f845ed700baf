/** A text that is refused, with the place and the words. */
export interface BadText {
  readonly message: string;
  readonly text: string;
  /** Line and column. */
  readonly place: string;
  readonly detail: string;
  /** Why FlatBuffers' own parser says something else; undefined where it says the same. */
  readonly differs?: string;
}

const account = (text: string, place: string, detail: string, differs?: string): BadText => ({
  message: "AccountWeight",
  text,
  place,
  detail,
  ...(differs === undefined ? {} : { differs }),
});
const of = (message: string, text: string, place: string, detail: string, differs?: string): BadText => ({
  ...account(text, place, detail, differs),
  message,
});

const lenient = "it takes more than JSON";
const atEnd = "it checks numbers only after their table";
const inString = "what the test puts around the text becomes part of the string";
const ownType = "other type here";

export const badTexts: readonly BadText[] = [
  account("", "1: 1", "input file is empty"),
  account("  \n ", "2: 2", "input file is empty"),
  account("{\n\n}", "3: 2", "required field is missing: account in AccountWeight"),
  account('{"account": null}', "1: 18", "required field is missing: account in AccountWeight"),
  account('{\n  "acount": "x"\n}', "2: 15", "unknown field: acount"),
  account('{"account": "a", "account": "b"}', "1: 32", "field set more than once: account"),
  account('{"account": "a",}', "1: 17", "expecting: string constant instead got: }"),
  account('{"account" "a"}', "1: 14", "expecting: : instead got: string constant"),
  account('{"account": "a" "b": 1}', "1: 19", "expecting: , instead got: string constant"),
  account('{"account": "a"]', "1: 16", "expecting: , instead got: ]"),
  account('{"account": "a"', "1: 16", "expecting: , instead got: end of file"),
  account("{account: 1}", "1: 8", "expecting: string constant instead got: account"),
  account("[]", "1: 1", "expecting: { instead got: [", "it takes a list for a table"),
  account('"account"', "1: 9", "expecting: { instead got: string constant"),
  account('{"account": "a"} {', "1: 18", "expecting: end of file instead got: {", lenient),
  account('{"account": 5}', "1: 13", "expecting: string constant instead got: integer constant"),
  account('{"account": -5.5e3}', "1: 18", "expecting: string constant instead got: float constant"),
  account('{"account": true}', "1: 16", "expecting: string constant instead got: true"),
  account('{"account": ["a"]}', "1: 13", "expecting: string constant instead got: ["),
  account('{"account": {}}', "1: 13", "expecting: string constant instead got: {"),
  account('{"account": @}', "1: 13", "illegal character: @"),
  account('{"account": \\u0041}', "1: 13", "illegal character: \\"),
  account('{"account": \u0000"a"}', "1: 13", "illegal character: code: 0", "it takes it for binary"),
  account("{'account': 'a'}", "1: 2", "illegal character: '", lenient),
  account('{"account": /* a */ "a"}', "1: 13", "illegal character: /", lenient),
  account(
    '{"account": "a\u0000"}',
    "1: 14",
    "illegal character in string constant",
    "it takes it for binary",
  ),
  account('{"account": "a\nb"}', "1: 14", "illegal character in string constant"),
  account('{"account": "a', "1: 14", "illegal character in string constant", inString),
  account('{"account": "\\', "1: 14", "unknown escape code in string constant"),
  account('{"account": "\\q"}', "1: 14", "unknown escape code in string constant"),
  account('{"account": "\\x41"}', "1: 14", "unknown escape code in string constant", lenient),
  account('{"account": "\\u12"}', "1: 15", "escape code must be followed by 4 hex digits"),
  account('{"account": "\\ud834"}', "1: 19", "illegal Unicode sequence (unpaired high surrogate)"),
  account('{"account": "\\ud834x"}', "1: 19", "illegal Unicode sequence (unpaired high surrogate)"),
  account('{"account": "\\ud834\\n"}', "1: 20", "illegal Unicode sequence (unpaired high surrogate)"),
  account('{"account": "\\ud834\\u0041"}', "1: 25", "illegal Unicode sequence (unpaired high surrogate)"),
  account('{"account": "\\ud834\\ud834"}', "1: 25", "illegal Unicode sequence (multiple high surrogates)"),
  account('{"account": "\\udd1e"}', "1: 19", "illegal Unicode sequence (unpaired low surrogate)"),
  account('{"é": "a"}', "1: 10", "unknown field: é"),
  account(
    `{"${"[".repeat(100)}": 1}`,
    "1: 106",
    `unknown field: ${"[".repeat(80)}…`,
    "it repeats the whole name",
  ),
  account(`{"account": ${"[".repeat(100_000)}`, "1: 13", "expecting: string constant instead got: ["),

  of(
    "ListTasksRequest",
    '{"limit": 4294967296}',
    "1: 20",
    'invalid number: "4294967296", constant does not fit [0; 4294967295]',
    atEnd,
  ),
  of(
    "ListTasksRequest",
    '{"limit": -1}',
    "1: 12",
    'invalid number: "-1", constant does not fit [0; 4294967295]',
    atEnd,
  ),
  of("ListTasksRequest", '{"limit": "x"}', "1: 13", 'invalid number: "x"', "it looks for an enum"),
  of(
    "ListTasksRequest",
    '{"limit": 1.0}',
    "1: 13",
    "Cannot assign token starting with 'float constant' to value of <uint> type.",
  ),
  of(
    "ListTasksRequest",
    '{"limit": {}}',
    "1: 11",
    "Cannot assign token starting with '{' to value of <uint> type.",
  ),
  of("ListTasksRequest", '{"limit": 01}', "1: 12", "invalid number: 01", lenient),
  of("ListTasksRequest", '{"limit": +1}', "1: 12", "invalid number: +1", lenient),
  of("ListTasksRequest", '{"limit": 0x1F}', "1: 14", "invalid number: 0x1F", lenient),
  of("ListTasksRequest", '{"limit": .5}', "1: 12", "invalid number: .5", ownType),
  of("ListTasksRequest", '{"limit": 1.}', "1: 12", "invalid number: 1.", ownType),
  of("ListTasksRequest", '{"limit": 1e}', "1: 12", "invalid number: 1e"),
  of("ListTasksRequest", '{"limit": -}', "1: 11", "invalid number: -"),
  of(
    "GetSubnetRequest",
    '{"subnet_id": 18446744073709551616}',
    "1: 34",
    'invalid number: "18446744073709551616", constant does not fit [0; 18446744073709551615]',
    atEnd,
  ),
  of(
    "GetSubnetRequest",
    `{"subnet_id": ${"9".repeat(1_000)}}`,
    "1: 1014",
    `invalid number: "${"9".repeat(80)}…", constant does not fit [0; 18446744073709551615]`,
    atEnd,
  ),
  of(
    "NodeInfo",
    '{"last_heartbeat": 9007199254740992}',
    "1: 35",
    'invalid number: "9007199254740992", constant does not fit [-9007199254740991; 9007199254740991]',
    "it keeps all 64 bits",
  ),
  of(
    "HeartbeatRequest",
    '{"load": 1e999}',
    "1: 14",
    'invalid number: "1e999", constant does not fit [-1.7976931348623157e+308; 1.7976931348623157e+308]',
    "it takes it for infinity",
  ),
  of("HeartbeatRequest", '{"load": "much"}', "1: 15", 'invalid number: "much"', atEnd),
  of(
    "HeartbeatRequest",
    '{"load": true}',
    "1: 13",
    "Cannot assign token starting with 'true' to value of <double> type.",
    lenient,
  ),
  of(
    "RequestOptions",
    '{"recheck": 1}',
    "1: 13",
    "Cannot assign token starting with 'integer constant' to value of <bool> type.",
    lenient,
  ),
  of(
    "RequestOptions",
    '{"recheck": "true"}',
    "1: 18",
    "Cannot assign token starting with 'string constant' to value of <bool> type.",
    lenient,
  ),
  of("NodeInfo", '{"capabilities": ["a", "b"}', "1: 27", "expecting: ] instead got: }", "it expects a comma"),
  of("NodeInfo", '{"capabilities": ["a" "b"]}', "1: 25", "expecting: , instead got: string constant"),
  of("NodeInfo", '{"capabilities": ["a",]}', "1: 23", "expecting: string constant instead got: ]"),
  of("NodeInfo", '{"capabilities": [null]}', "1: 22", "expecting: string constant instead got: null"),
  of("NodeInfo", '{"capabilities": "a"}', "1: 20", "expecting: [ instead got: string constant"),
  of("NodeInfo", '{"capabilities": {}}', "1: 18", "expecting: [ instead got: {"),
  of("NodeInfo", '{"supported_models": [{"name": "a", "nam": 1}]}', "1: 44", "unknown field: nam"),
  of(
    "CreateSubnetRequest",
    '{"config_hash": "a"}',
    "1: 19",
    'invalid base64: "a"',
    "its bytes are lists of numbers",
  ),
];
