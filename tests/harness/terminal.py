"""Runs a tool on a pseudo terminal: everything that a user sees, and input."""

import fcntl
import os
import pty
import re
import select
import struct
import termios
import time


def on_terminal(box, words, answers=(), interrupt_after=None, seconds=60, env=None, columns=None, called=None):
    """Run the tool of the sandbox. Returns (everything that was shown, exit status).

    Each of `answers` is typed when a question ("[y/n]") is shown; Ctrl-C is typed once `interrupt_after` is shown.
    The terminal is `columns` wide, or does not report its width. `called` is the name by which cairn is called.
    """
    pid, screen = pty.fork()
    if pid == 0:
        if columns:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        os.chdir(box.cwd)
        os.execve(box.tool, [called or str(box.tool), *words], {**box.env, "TERM": "xterm", **(env or {})})
    shown, answers, asked, end = b"", list(answers), 0, time.monotonic() + seconds
    while time.monotonic() < end:
        if not select.select([screen], [], [], 0.1)[0]:
            continue
        try:
            part = os.read(screen, 65536)
        except OSError:  # the other side has closed it
            break
        if not part:
            break
        shown += part
        questions = re.sub(rb"\x1b\[[0-9;]*m", b"", shown).count(b"[y/n]")
        if answers and questions > asked:
            asked = questions
            os.write(screen, answers.pop(0).encode() + b"\n")
        if interrupt_after and interrupt_after.encode() in shown:
            interrupt_after = None
            os.write(screen, b"\x03")
    else:
        os.kill(pid, 9)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.close(screen)
    return shown.decode(errors="replace").replace("\r\n", "\n"), status


def talk(box, words, answers, seconds=60):
    """Run the tool of the sandbox on its controlling terminal, and answer its questions, and those of programs that it
    starts: {what is shown: what is typed}, each once, in order. Returns (everything that was shown, exit status)."""
    pid, screen = pty.fork()
    if pid == 0:
        os.chdir(box.cwd)
        os.execve(box.tool, [str(box.tool), *words], {**box.env, "TERM": "xterm"})
    shown, left, end = b"", list(answers.items()), time.monotonic() + seconds
    while time.monotonic() < end:
        if not select.select([screen], [], [], 0.1)[0]:
            continue
        try:
            part = os.read(screen, 65536)
        except OSError:  # the other side has closed it
            break
        if not part:
            break
        shown += part
        if left and left[0][0].encode() in shown:
            time.sleep(0.05)  # the question is on the screen before typing is hidden
            os.write(screen, left.pop(0)[1].encode() + b"\n")
    else:
        os.kill(pid, 9)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.close(screen)
    return shown.decode(errors="replace").replace("\r\n", "\n"), status
