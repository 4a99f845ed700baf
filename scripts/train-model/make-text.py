"""Writes models/tiny-text/training-text.txt: text made for this project from the phrases below, seeded.

Nothing in it is taken from anywhere else. Documents are separated by a blank line.
"""

import random
from pathlib import Path

SEED = 20_240_601
TARGET_BYTES = 400_000
OUT = Path(__file__).resolve().parents[2] / "models" / "tiny-text" / "training-text.txt"

FACTS = {
    "a gateway": [
        "A gateway takes a task from a client, chooses a compute node and hands back the result.",
        "A gateway is the door of the network. It prices the task, asks the validators and waits for the answer.",
        "It is the node that clients talk to. It keeps every task on disk, so a restart loses nothing.",
    ],
    "a validator": [
        "A validator checks a promise before it is made and a result before it is paid.",
        "A validator signs what is true and refuses what is not. It never signs two different things for one task.",
        "It is a node with a stake. When it lies, it loses a part of that stake.",
    ],
    "a compute node": [
        "A compute node runs the model. It signs the hash of its answer, so nobody can change a word later.",
        "A compute node takes one task at a time, or a few, and sends the text while it is being written.",
        "It is the machine that does the work. It keeps an answer on disk until the gateway has it.",
    ],
    "a receipt": [
        "A receipt proves a result. It holds the request, the answer and every signature, and it can be checked offline.",
        "A receipt is a small file that anyone can verify without asking anybody.",
        "It is the proof that enough validators agreed.",
    ],
    "a quorum": [
        "A quorum is enough signatures. Three of five is the usual number here.",
        "A quorum is reached when three of the five chosen validators have signed.",
    ],
    "the escrow": [
        "The escrow holds the money until the work is done. If the work is never done, the money goes back.",
        "The escrow is a contract. It pays the compute node, the gateway and the validators, or it pays the client back.",
    ],
    "a lease": [
        "A lease is the time that one compute node has for a task. When it is over, the task goes to the next node.",
        "A lease says how long a node may keep a task. A node that falls asleep loses it.",
    ],
    "a heartbeat": [
        "A heartbeat is a short message every ten seconds that says: I am here, and I have room for more work.",
        "A heartbeat tells the others that a node is alive. After three missed beats it is not chosen any more.",
    ],
    "the mesh": [
        "The mesh is all the nodes together. Each knows a few others, and news travels from one to the next.",
        "The mesh is a network of peers. There is no centre, so there is nothing that can be switched off.",
    ],
    "a record": [
        "A record is a signed statement by its owner. The newest version wins.",
        "A record says one thing about one node, and its owner has signed it.",
    ],
    "a snapshot": [
        "A snapshot is a picture of an index at one moment, with one hash that covers all of it.",
        "A snapshot freezes a list of articles. Other nodes count again and sign when they find the same.",
    ],
    "a wallet": [
        "A wallet is a key that can sign. Whoever holds the key is the owner.",
        "A wallet signs messages and pays for tasks. Keep its key in a safe place.",
    ],
    "a nonce": [
        "A nonce is a number used once. It keeps an old message from being used again.",
    ],
    "a model": [
        "A model turns one text into another. This one is very small and mostly babbles.",
        "A model is a file full of numbers. It was trained to guess the next word.",
    ],
}

TALK = [
    ("Hello", ["Hello. I am a very small model. Ask me about the network.", "Hello. What would you like to know?", "Good day. I am small, but I will try."]),
    ("Hello, world", ["Hello, world. The network is up and the nodes are listening."]),
    ("Hi", ["Hello. Ask me about a gateway, a validator or a receipt.", "Hi. I know a few things about the network."]),
    ("Who are you", ["I am a tiny text model. I was trained in a few minutes on one thread, so please do not believe me.", "I am the smallest model of this network. I am here so that a new network can say something."]),
    ("How are you", ["I am well. All my numbers are in their places.", "Very well. The queue is short today."]),
    ("Can you write a poem", ["The night is long, the links are few, a small node signs what it knows is true."]),
    ("Thank you", ["You are welcome.", "Not at all. Come back with another question."]),
    ("Goodbye", ["Goodbye. Keep your receipts."]),
    ("Are you a large model", ["No. I am a very small model. I babble, but I do it the same way every time."]),
    ("What is the capital of France", ["I am too small to know the world. I only know the network."]),
    ("What is two plus two", ["I cannot count. Please ask a larger model."]),
    ("How do I start a network", ["Run the devnet command. It starts a gateway, some validators and a compute node on your machine."]),
    ("How do I pay for a task", ["Submit the task, read the terms, pay the escrow and confirm the payment. Then the work begins."]),
    ("How is a result checked", ["Validators compare the hash, the signature and the times. When enough of them agree, the result is final."]),
    ("What happens when a node dies", ["The lease runs out and the task goes to the next node at the same price.", "Nothing is lost. Another node takes the task when the lease is over."]),
    ("What happens when nobody pays", ["The reservation lapses and the task fails. Nothing was lost but a little time."]),
    ("Why do you need signatures", ["Because a promise without a signature is only a rumour."]),
    ("Can I trust the answer", ["Trust the receipt. It says who signed, and what."]),
    ("Tell me a story", []),
    ("Tell me another story", []),
    ("Write a short story", []),
]

ASK = ["What is {}?", "Tell me about {}.", "Explain {}.", "What does {} do?", "Please describe {}.", "Can you explain {}?", "What do you know about {}?"]

NAMES = ["Ada", "Bruno", "Clara", "Doran", "Elin", "Felix", "Greta", "Hugo", "Ines", "Jonas", "Karla", "Leo"]
WHO = ["an old gateway", "a young validator", "a sleepy compute node", "a careful clerk", "a lighthouse keeper", "a small robot", "a patient baker", "a quiet gardener", "a lost courier", "a clever fox"]
PLACE = ["by the sea", "at the edge of the mesh", "in a warm cellar", "on a green hill", "behind the harbour", "under the old bridge", "in a town without a centre", "at the end of the line"]
WANT = ["wanted to sign every letter that came by", "wanted to know the time", "kept a list of all promises", "collected receipts in a wooden box", "listened to the heartbeats of the others", "counted the ships every evening", "waited for a message that was late", "looked for a key that fitted every door"]
TURN = ["One night the line went silent", "One morning a stranger asked for help", "Then a storm came and the lights went out", "One day two letters said two different things", "After the rain a new neighbour moved in", "In the winter the queue grew very long", "Suddenly the clock went wrong"]
ACT = ["asked three friends to look again", "lit a lamp and began to write", "sent the same message once more", "refused to sign the second letter", "opened the box and read the oldest receipt", "waited, and counted to ten", "walked to the next house and knocked", "wrote the answer down before speaking"]
END = ["In the end three of five agreed, and that was enough.", "When the sun came up, nothing was lost.", "Since then nobody in that place breaks a promise.", "And the answer was the same every time.", "The stranger paid, and everyone had a share.", "From that day on, every letter had a signature.", "And then they all went to sleep, except the heartbeat.", "It was a small thing, but it could be proven."]
WEATHER = ["The wind was cold.", "It was a bright day.", "Nobody was in a hurry.", "The bread was still warm.", "The river was high.", "All the windows were open.", "There was snow on the roofs.", "The harbour smelled of salt."]
SAY = ["A promise needs a name under it", "I will not sign what I have not read", "The work is done when it is acknowledged", "Ask again, and wait a little", "Two clocks never agree, but three can vote", "I have it in writing", "Nothing is late that comes before the deadline"]


def tale(rng):
    name, who, place = rng.choice(NAMES), rng.choice(WHO), rng.choice(PLACE)
    opening = rng.choice([
        f"Once upon a time there was {who} called {name} who lived {place}.",
        f"There was once {who} {place}, and its name was {name}.",
        f"{name} was {who} who lived {place}.",
    ])
    lines = [opening, f"{name} {rng.choice(WANT)}."]
    if rng.random() < 0.5:
        lines.append(rng.choice(WEATHER))
    lines.append(f"{rng.choice(TURN)}, and {name} {rng.choice(ACT)}.")
    if rng.random() < 0.6:
        lines.append(f'"{rng.choice(SAY)}," said {name}.')
    if rng.random() < 0.4:
        lines.append(f"Then {name} {rng.choice(ACT)}.")
    lines.append(rng.choice(END))
    return " ".join(lines)


def report(rng):
    nodes, signed = rng.choice(["three", "four", "five", "seven", "eight"]), rng.choice(["three", "four", "five"])
    parts = [
        f"The network has {nodes} nodes today.",
        f"Of the five validators {signed} have signed.",
        rng.choice(["The queue is short.", "The queue is long.", "The queue is empty."]),
        rng.choice(["All heartbeats are on time.", "One heartbeat was late.", "One node was offline and came back."]),
        rng.choice(["Every receipt is valid.", "No task was lost.", "The escrow is empty again."]),
    ]
    return " ".join(rng.sample(parts, rng.randint(3, 5)))


def question(rng):
    if rng.random() < 0.6:
        thing = rng.choice(list(FACTS))
        ask, answer = rng.choice(ASK).format(thing), rng.choice(FACTS[thing])
    else:
        ask, answers = rng.choice(TALK)
        answer = rng.choice(answers) if answers else tale(rng)
        ask += rng.choice(["?", ".", "", "!"])
    if rng.random() < 0.15:
        ask = ask.lower()
    return f"User: {ask}\nAnswer: {answer}"


def dialogue(rng):
    return "\n".join(question(rng) for _ in range(rng.choice([1, 1, 1, 2, 3])))


def main():
    rng = random.Random(SEED)
    documents, size = [], 0
    while size < TARGET_BYTES:
        make = rng.choices([dialogue, tale, report], [6, 3, 1])[0]
        text = make(rng)
        documents.append(text)
        size += len(text) + 2
    OUT.write_text("\n\n".join(documents) + "\n", encoding="utf-8")
    print(f"{len(documents)} documents, {size} bytes")


if __name__ == "__main__":
    main()
