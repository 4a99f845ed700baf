"""A switch that loses frames and is slow. Arguments: share lost, seconds of delay, names of the TAP devices to make.

Prints a line when the devices are there, and ends when its standard input does.
"""

import fcntl
import heapq
import os
import random
import selectors
import struct
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TAP_NO_PI = 0x0002 | 0x1000
LARGEST_FRAME = 65_536
FRAMES_AT_ONCE = 64


def open_tap(name):
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TAP_NO_PI))
    return device


def main():
    lost, delay = float(sys.argv[1]), float(sys.argv[2])
    taps = [open_tap(name) for name in sys.argv[3:]]
    print("ready", flush=True)
    at = {}
    on_the_way = []
    sent = 0
    selector = selectors.DefaultSelector()
    for tap in [*taps, sys.stdin.fileno()]:
        selector.register(tap, selectors.EVENT_READ)
    while True:
        wait = max(0, on_the_way[0][0] - time.monotonic()) if on_the_way else None
        for key, _ in selector.select(wait):
            if key.fd == sys.stdin.fileno():
                return
            for _ in range(FRAMES_AT_ONCE):
                try:
                    frame = os.read(key.fd, LARGEST_FRAME)
                except OSError:
                    break
                at[frame[6:12]] = key.fd
                if random.random() >= lost:
                    sent += 1
                    heapq.heappush(on_the_way, (time.monotonic() + delay, sent, key.fd, frame))
        now = time.monotonic()
        while on_the_way and on_the_way[0][0] <= now:
            _, _, source, frame = heapq.heappop(on_the_way)
            known = at.get(frame[0:6])
            for tap in taps if known is None else [known]:
                if tap == source:
                    continue
                try:
                    os.write(tap, frame)
                except OSError:
                    pass  # Its queue is full, or the device is not up: a frame more that was lost.


main()
