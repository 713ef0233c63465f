"""Lists the largest stack frames of a program (ELF, x86-64), and fails when one is larger than the limit.

    python3 testbed/python/frames.py PROGRAM [--limit BYTES] [--list N]

A frame of more than a page or two is probed page by page. Such a function begins with

    mov %rsp,%r11
    sub $SIZE,%r11

which is looked for at the start of every symbol. `nm` and `readelf` (binutils) name the symbols and the code.
"""
import argparse
import bisect
import platform
import re
import struct
import subprocess
import sys

PROBE = re.compile(rb"\x49\x89\xe3\x49\x81\xeb(....)", re.DOTALL)
# Where in a function the probe may begin: after the registers are saved.
PROLOGUE = 64


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def frames(program):
    """The sizes of the probed frames, by function."""
    symbols = []
    for line in output("nm", "-C", "--defined-only", program).splitlines():
        symbol = re.match(r"([0-9a-f]+) [tTwW] (.*)", line)
        if symbol:
            symbols.append((int(symbol[1], 16), symbol[2]))
    symbols.sort()
    starts = [start for start, _ in symbols]
    text = re.search(r"\.text\s+PROGBITS\s+([0-9a-f]+)\s+([0-9a-f]+)\s+([0-9a-f]+)", output("readelf", "-SW", program))
    address, offset, size = (int(number, 16) for number in text.groups())
    with open(program, "rb") as file:
        file.seek(offset)
        code = file.read(size)
    largest = {}
    for probe in PROBE.finditer(code):
        at = address + probe.start()
        index = bisect.bisect_right(starts, at) - 1
        (frame,) = struct.unpack("<i", probe[1])
        if index >= 0 and at - starts[index] < PROLOGUE and frame > 0:
            name = symbols[index][1]
            largest[name] = max(largest.get(name, 0), frame)
    return largest


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("program")
    arguments.add_argument("--limit", type=int, default=8 << 20, help="bytes (default: %(default)s)")
    arguments.add_argument("--list", type=int, default=10, help="how many to list (default: %(default)s)")
    arguments = arguments.parse_args()
    if platform.machine() != "x86_64":
        print("stack frames: only known for x86-64")
        return 0
    found = sorted(frames(arguments.program).items(), key=lambda frame: -frame[1])
    if not found:
        print("stack frames: none found; is the program stripped?")
        return 1
    for name, size in found[: arguments.list]:
        print(f"{size:>9} {name[:120]}")
    too_large = sum(size > arguments.limit for _, size in found)
    print(f"{len(found)} probed frames, {too_large} over {arguments.limit} bytes")
    return 1 if too_large else 0


if __name__ == "__main__":
    sys.exit(main())
