"""Runs a program on a terminal and looks at every picture that the terminal shows.

    record-terminal.py COLUMNS ACTIONS PROGRAM [ARGUMENT …]

ACTIONS is a JSON list of [pattern, action, value]: as soon as a line of the screen matches the
pattern, the next action is done: "resize" to so many columns, or "signal" with a number.

Writes one JSON object: status (the program's exit code, or minus the signal), pictures (how many
were seen), widths (each width with how many pictures), problems (list of words), final (the last
lines), shares (the percentages that were seen, by the first word of their line).
"""
import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

import pyte

ROWS = 24
BAR = re.compile(r"^(Reading|Copying|Migrating) +([\d,]+) of ([\d,]+)\b.*?(\d+)%")
columns, actions, command = int(sys.argv[1]), json.loads(sys.argv[2]), sys.argv[3:]

child, descriptor = pty.fork()
if child == 0:
    # The size is set before the program looks.
    time.sleep(0.2)
    os.execv(command[0], command)


def resize(width):
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, width, 0, 0))


resize(columns)
settings = termios.tcgetattr(descriptor)
screen = pyte.HistoryScreen(columns, ROWS, history=100_000)
stream = pyte.ByteStream(screen)
pictures, problems, shares, widths = 0, [], {}, {}


def look():
    """Checks the present picture."""
    global pictures
    lines = [line.rstrip() for line in screen.display]
    bars = [match for match in map(BAR.match, lines) if match]
    if not bars:
        return
    pictures += 1
    widths[columns] = widths.get(columns, 0) + 1
    # A terminal that cuts lines keeps what was drawn before it became narrower.
    if len(bars) > 1:
        problems.append(f"{len(bars)} bars at once: {[bar.group(0) for bar in bars]}")
    bar = bars[-1]
    share, seen = int(bar.group(4)), shares.setdefault(bar.group(1), [])
    if seen and share < seen[-1]:
        problems.append(f"the bar fell from {seen[-1]} to {share}")
    seen.append(share)
    place = next(number for number, line in enumerate(lines) if line.startswith(bar.group(0)))
    below = [line for line in lines[place + 1:] if line]
    for line in below:
        if not re.match(r"^[^\w\s] \S+/\S+ |^  and ", line):
            problems.append(f"a strange line below the bar: {line!r}")
    if any(len(line) > columns for line in lines):
        problems.append("a line is wider than the terminal")
    # Whatever the width, edges of a bar are whole.
    text = lines[place]
    if text.count("▕") != text.count("▏") and "▏" not in text:
        problems.append(f"a broken bar: {text!r}")


while True:
    ready, _, _ = select.select([descriptor], [], [], 0.05)
    if not ready:
        continue
    try:
        data = os.read(descriptor, 65_536)
    except OSError:
        break
    if not data:
        break
    stream.feed(data)
    # A picture is whole when nothing more is on its way.
    if select.select([descriptor], [], [], 0)[0]:
        continue
    look()
    if actions and any(re.search(actions[0][0], line) for line in screen.display):
        _, action, value = actions.pop(0)
        if action == "resize":
            columns = value
            resize(columns)
            screen.resize(ROWS, columns)
        else:
            os.kill(child, value)

if actions:
    problems.append(f"this was not done: {actions}")
if screen.cursor.hidden:
    problems.append("the cursor is hidden")
if not screen.mode >= {pyte.modes.DECAWM}:
    problems.append("lines no longer wrap")
try:
    if termios.tcgetattr(descriptor) != settings:
        problems.append("the terminal's settings were changed")
except termios.error:
    pass
final = [line.rstrip() for line in screen.display if line.strip()]
above = ["".join(row[place].data for place in range(max(row, default=-1) + 1)).rstrip()
         for row in screen.history.top]
if any(BAR.match(line) for line in final + above):
    problems.append("a bar was left behind")
status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
json.dump({"status": status, "pictures": pictures, "widths": widths, "problems": problems[:10],
           "shares": shares, "final": final}, sys.stdout)
