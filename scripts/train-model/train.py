"""Trains models/tiny-text and writes it as ONNX: one GRU layer over byte pairs, in plain numpy.

    python3 -m venv /tmp/train && /tmp/train/bin/pip install numpy==2.4.6 onnx==1.23.2
    OMP_NUM_THREADS=1 /tmp/train/bin/python scripts/train-model/make-text.py
    OMP_NUM_THREADS=1 /tmp/train/bin/python scripts/train-model/train.py

Everything is seeded and runs on one thread, so a run on the same machine and library versions gives the same
weights; another BLAS may round differently, and then the manifest's hashes differ too. About three minutes.
"""

import hashlib
import json
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SEED = 7
MERGES = 255
END = 256 + MERGES  # the token between documents
VOCAB = END + 1
EMBED, HIDDEN = 64, 256
STEPS = int(sys.argv[1]) if len(sys.argv) > 1 else 4000
BATCH, LENGTH = 24, 64
RATE, FINAL_RATE, WARMUP = 4e-3, 2e-4, 60

FOLDER = Path(__file__).resolve().parents[2] / "models" / "tiny-text"


def train_merges(documents):
    """Byte pair encoding inside words; a word carries the space before it."""
    words = Counter()
    for document in documents:
        for word in split_words(document):
            words[word] += 1
    pieces = {word: list(word.encode()) for word in words}
    merges = []
    for rank in range(MERGES):
        pairs = Counter()
        for word, count in words.items():
            piece = pieces[word]
            for pair in zip(piece, piece[1:]):
                pairs[pair] += count
        best = max(pairs.items(), key=lambda item: (item[1], -item[0][0], -item[0][1]))[0]
        merges.append(best)
        pieces = {word: merge(piece, best, 256 + rank) for word, piece in pieces.items()}
    return merges


def merge(piece, pair, token):
    out, at = [], 0
    while at < len(piece):
        if at + 1 < len(piece) and (piece[at], piece[at + 1]) == pair:
            out.append(token)
            at += 2
        else:
            out.append(piece[at])
            at += 1
    return out


def split_words(text):
    """A new word starts at every space and line break."""
    words, start = [], 0
    for at in range(1, len(text)):
        if text[at] in " \n":
            words.append(text[start:at])
            start = at
    return words + [text[start:]] if text else []


def encode(text, merges, cache):
    ids = []
    for word in split_words(text):
        if word not in cache:
            piece = list(word.encode())
            for rank, pair in enumerate(merges):
                piece = merge(piece, pair, 256 + rank)
            cache[word] = piece
        ids += cache[word]
    return ids


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def init(rng):
    scale = 1 / np.sqrt(HIDDEN)
    uniform = lambda *shape: rng.uniform(-scale, scale, shape).astype(np.float32)
    return {
        "embed": (rng.standard_normal((VOCAB, EMBED)) * 0.3).astype(np.float32),
        # Gates in ONNX's order: update z, reset r, candidate h.
        "w": uniform(3 * HIDDEN, EMBED), "wb": uniform(3 * HIDDEN),
        "r": uniform(3 * HIDDEN, HIDDEN), "rb": uniform(3 * HIDDEN),
        "out": uniform(VOCAB, HIDDEN), "outb": np.zeros(VOCAB, np.float32),
    }


def loss_and_gradients(p, inputs, targets, h):
    steps, batch = inputs.shape
    x = p["embed"][inputs]
    gx = x @ p["w"].T + p["wb"]
    hs, saved = np.empty((steps + 1, batch, HIDDEN), np.float32), []
    hs[0] = h
    rT = np.ascontiguousarray(p["r"].T)
    for t in range(steps):
        gh = hs[t] @ rT + p["rb"]
        zr = sigmoid(gx[t][:, : 2 * HIDDEN] + gh[:, : 2 * HIDDEN])
        z, r = zr[:, :HIDDEN], zr[:, HIDDEN:]
        hh = gh[:, 2 * HIDDEN :]
        n = np.tanh(gx[t][:, 2 * HIDDEN :] + r * hh)
        hs[t + 1] = (1 - z) * n + z * hs[t]
        saved.append((z, r, n, hh))
    flat = hs[1:].reshape(-1, HIDDEN)
    logits = flat @ p["out"].T + p["outb"]
    logits -= logits.max(axis=1, keepdims=True)
    probs = np.exp(logits)
    probs /= probs.sum(axis=1, keepdims=True)
    rows = np.arange(steps * batch)
    wanted = targets.reshape(-1)
    loss = -np.log(probs[rows, wanted] + 1e-9).mean()
    probs[rows, wanted] -= 1
    probs /= steps * batch
    g = {"out": probs.T @ flat, "outb": probs.sum(axis=0)}
    dhs = (probs @ p["out"]).reshape(steps, batch, HIDDEN)
    dgx, dgh = np.empty_like(gx), np.empty_like(gx)
    carry = np.zeros((batch, HIDDEN), np.float32)
    for t in reversed(range(steps)):
        z, r, n, hh = saved[t]
        dh = dhs[t] + carry
        dn = dh * (1 - z) * (1 - n * n)
        dz = dh * (hs[t] - n) * z * (1 - z)
        dr = dn * hh * r * (1 - r)
        dgx[t] = np.concatenate([dz, dr, dn], axis=1)
        dgh[t] = np.concatenate([dz, dr, dn * r], axis=1)
        carry = dh * z + dgh[t] @ p["r"]
    flat_gx, flat_gh = dgx.reshape(-1, 3 * HIDDEN), dgh.reshape(-1, 3 * HIDDEN)
    g["w"], g["wb"] = flat_gx.T @ x.reshape(-1, EMBED), flat_gx.sum(axis=0)
    g["r"], g["rb"] = flat_gh.T @ hs[:-1].reshape(-1, HIDDEN), flat_gh.sum(axis=0)
    g["embed"] = np.zeros_like(p["embed"])
    np.add.at(g["embed"], inputs.reshape(-1), flat_gx @ p["w"])
    return loss, g, hs[-1]


def train(ids):
    rng = np.random.default_rng(SEED)
    p = init(rng)
    m = {k: np.zeros_like(v) for k, v in p.items()}
    v = {k: np.zeros_like(value) for k, value in p.items()}
    lane = (len(ids) - 1) // BATCH
    at, h = np.zeros(BATCH, np.int64), np.zeros((BATCH, HIDDEN), np.float32)
    starts = np.arange(BATCH) * lane
    data, began = np.array(ids, np.int64), time.time()
    for step in range(1, STEPS + 1):
        index = (starts + at)[None, :] + np.arange(LENGTH)[:, None]
        inputs, targets = data[index % (len(ids) - 1)], data[index % (len(ids) - 1) + 1]
        loss, g, h = loss_and_gradients(p, inputs, targets, h)
        at += LENGTH
        # Generation starts from a zero state, so training has to see it.
        h = h * (rng.random((BATCH, 1)) > 0.05)
        norm = np.sqrt(sum(float((value * value).sum()) for value in g.values()))
        clip = min(1.0, 1.0 / norm)
        progress = step / STEPS
        rate = FINAL_RATE + (RATE - FINAL_RATE) * 0.5 * (1 + np.cos(np.pi * progress))
        rate *= min(1.0, step / WARMUP)
        for k in p:
            grad = g[k] * clip
            m[k] += 0.1 * (grad - m[k])
            v[k] += 0.01 * (grad * grad - v[k])
            p[k] -= (rate * (m[k] / (1 - 0.9**step)) / (np.sqrt(v[k] / (1 - 0.99**step)) + 1e-8)).astype(np.float32)
        if step % 100 == 0 or step == 1:
            print(f"step {step} loss {loss:.3f} {time.time() - began:.0f}s", flush=True)
    return p


def export(p, path):
    """tokens int64 [length], h_in float [1,1,HIDDEN] -> logits float [VOCAB] after the last token, h_out."""
    bias = np.concatenate([p["wb"], p["rb"]])
    weights = {"embed": p["embed"], "w": p["w"][None], "r": p["r"][None], "b": bias[None], "out": p["out"], "outb": p["outb"]}
    constants = {"axis1": np.array([1], np.int64), "row": np.array([1, HIDDEN], np.int64), "logit": np.array([VOCAB], np.int64)}
    nodes = [
        helper.make_node("Gather", ["embed", "tokens"], ["x2"]),
        helper.make_node("Unsqueeze", ["x2", "axis1"], ["x"]),
        helper.make_node("GRU", ["x", "w", "r", "b", "", "h_in"], ["", "h_out"], hidden_size=HIDDEN, linear_before_reset=1),
        helper.make_node("Reshape", ["h_out", "row"], ["last"]),
        helper.make_node("Gemm", ["last", "out", "outb"], ["scores"], transB=1),
        helper.make_node("Reshape", ["scores", "logit"], ["logits"]),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny-text",
        [helper.make_tensor_value_info("tokens", TensorProto.INT64, ["length"]), helper.make_tensor_value_info("h_in", TensorProto.FLOAT, [1, 1, HIDDEN])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [VOCAB]), helper.make_tensor_value_info("h_out", TensorProto.FLOAT, [1, 1, HIDDEN])],
        [numpy_helper.from_array(np.ascontiguousarray(array, np.float32), name) for name, array in weights.items()]
        + [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], producer_name="countersign-train-model")
    model.ir_version = 8
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())


def main():
    documents = (FOLDER / "training-text.txt").read_text("utf-8").strip().split("\n\n")
    merges = train_merges(documents)
    cache, ids = {}, [END]
    for document in documents:
        ids += encode(document, merges, cache) + [END]
    print(f"{len(documents)} documents, {len(ids)} tokens", flush=True)
    weights = train(ids)
    export(weights, FOLDER / "model.onnx")
    tokenizer = {
        "type": "byte-pair",
        "vocab_size": VOCAB,
        "end_token": END,
        "state": {"input": "h_in", "output": "h_out", "shape": [1, 1, HIDDEN]},
        "chat": {"user": "User: ", "assistant": "Answer:", "separator": "\n"},
        "stop": ["\nUser:"],
        "merges": [list(map(int, pair)) for pair in merges],
    }
    (FOLDER / "tokenizer.json").write_text(json.dumps(tokenizer, separators=(",", ":")) + "\n", "utf-8")
    files = {}
    for name in ("model.onnx", "tokenizer.json", "training-text.txt"):
        data = (FOLDER / name).read_bytes()
        files[name] = {"sha256": hashlib.sha256(data).hexdigest(), "size_bytes": len(data)}
    manifest = {"name": "tiny-text", "version": "1", "format": "countersign-onnx-text/1", "model": "model.onnx", "tokenizer": "tokenizer.json", "files": files}
    (FOLDER / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
