"""Headless Chromium without a network, driven over a pipe by the DevTools protocol.

    with Browser(folder) as browser:
        page = browser.open(path_of_html)
        page.run("document.title")       # the value of an expression; promises are awaited
        page.problems                    # errors and warnings of the console, exceptions
        page.requests                    # every URL that was asked for, but those that the page's own policy refused
        page.picture(path)               # a PNG of the window
        page.downloaded("plot.svg")      # bytes of a file that the page saved
"""

import base64
import contextlib
import json
import os
import pathlib
import select
import shutil
import subprocess
import time

from .servers.base import die_with_parent

PROGRAM = next((p for p in ("chromium", "chromium-browser", "google-chrome") if shutil.which(p)), None)
WAIT_SECONDS = 60
OPTIONS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--no-first-run",
           "--disable-extensions", "--disable-background-networking", "--disable-component-update", "--disable-sync",
           "--proxy-server=127.0.0.1:1", "--proxy-bypass-list=<-loopback>", "--host-resolver-rules=MAP * ~NOTFOUND",
           "--force-color-profile=srgb", "--remote-debugging-pipe"]


class Browser:
    def __init__(self, folder, size=(1280, 900)):
        self.folder, self.size = pathlib.Path(folder), size
        self.number, self.unread, self.pages = 0, b"", {}

    def __enter__(self):
        read_end, self.write_end = os.pipe()
        self.read_end, write_end = os.pipe()

        def descriptors():
            die_with_parent()
            ours, theirs = os.dup(read_end), os.dup(write_end)  # above 3 and 4, which they may be themselves
            os.dup2(ours, 3)
            os.dup2(theirs, 4)

        profile = self.folder / "profile"
        words = [PROGRAM, *OPTIONS, f"--user-data-dir={profile}", f"--window-size={self.size[0]},{self.size[1]}", "about:blank"]
        self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        preexec_fn=descriptors, close_fds=False, env={**os.environ, "HOME": str(self.folder)})
        os.close(read_end)
        os.close(write_end)
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self.send("Browser.close")
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.read_end)
        os.close(self.write_end)

    def send(self, method, session=None, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.write_end, data):]
        return self.number

    def receive(self, deadline):
        """The next message; events go to their page as well."""
        while b"\0" not in self.unread:
            ready, _, _ = select.select([self.read_end], [], [], max(0, deadline - time.monotonic()))
            if not ready:
                raise TimeoutError("the browser does not answer")
            piece = os.read(self.read_end, 1 << 20)
            if not piece:
                raise EOFError("the browser has ended")
            self.unread += piece
        text, _, self.unread = self.unread.partition(b"\0")
        message = json.loads(text)
        page = self.pages.get(message.get("sessionId"))
        if page and "method" in message:
            page.happened(message["method"], message["params"])
        return message

    def call(self, method, session=None, **params):
        number, deadline = self.send(method, session, **params), time.monotonic() + WAIT_SECONDS
        while True:
            message = self.receive(deadline)
            if message.get("id") == number:
                assert "error" not in message, f"{method}: {message['error']}"
                return message["result"]

    def open(self, path, scheme="", wait=True):
        """Open a file (light, or with scheme="dark") and draw all of its plots."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        page = Page(self, target, self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"])
        self.pages[page.session] = page
        saved = self.folder / "saved"
        saved.mkdir(exist_ok=True)
        self.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(saved), eventsEnabled=True)
        for domain in ("Page", "Runtime", "Log", "Network"):
            page.call(domain + ".enable")
        page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme or "light"}])
        page.call("Page.navigate", url=pathlib.Path(path).absolute().as_uri())
        page.until(lambda: page.loaded)
        page.run(f"""new Promise((done) => {{ const wait = () => matchMedia("(prefers-color-scheme: {scheme or 'light'})").matches
            ? done(1) : setTimeout(wait, 10); wait(); }})""")  # a new process of the browser may learn of it late
        if wait:
            page.run("window.cairnPage && cairnPage.drawAll()")
        return page


class Page:
    def __init__(self, browser, target, session):
        self.browser, self.target, self.session = browser, target, session
        self.problems, self.asked, self.loaded = [], {}, False

    @property
    def requests(self):
        return list(self.asked.values())

    def call(self, method, **params):
        return self.browser.call(method, self.session, **params)

    def happened(self, method, params):
        if method == "Page.loadEventFired":
            self.loaded = True
        elif method == "Network.requestWillBeSent":
            self.asked[params["requestId"]] = params["request"]["url"]
        elif method == "Network.loadingFailed" and params.get("blockedReason") == "csp":
            self.asked.pop(params["requestId"], None)  # refused by the page's own policy
        elif method == "Runtime.exceptionThrown":
            self.problems.append(str(params["exceptionDetails"].get("exception", {}).get("description")))
        elif method == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning", "assert"):
            self.problems.append(" ".join(str(a.get("value", a.get("description"))) for a in params["args"]))
        elif method == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
            self.problems.append(params["entry"]["text"])

    def until(self, condition):
        deadline = time.monotonic() + WAIT_SECONDS
        while not condition():
            self.browser.receive(deadline)

    def run(self, expression):
        done = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in done, done["exceptionDetails"]
        return done["result"].get("value")

    def count(self, selector):
        return self.run(f"document.querySelectorAll({json.dumps(selector)}).length")

    def texts(self, selector):
        return self.run(f"[...document.querySelectorAll({json.dumps(selector)})].map((e) => e.textContent)")

    def click(self, selector):
        """A real click of the mouse in the middle of the first such element."""
        x, y = self.run(f"""(() => {{ const e = document.querySelector({json.dumps(selector)});
            e.scrollIntoView({{block: "center"}}); const r = e.getBoundingClientRect();
            return [r.x + r.width / 2, r.y + r.height / 2]; }})()""")
        self.mouse("mouseMoved", x, y)
        self.mouse("mousePressed", x, y, button="left", clickCount=1)
        self.mouse("mouseReleased", x, y, button="left", clickCount=1)

    def mouse(self, kind, x, y, **more):
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)

    def settle(self):
        """Wait until every plot has taken in what changed."""
        self.run("Promise.all(cairnPage.items.map((i) => i.drawing).filter(Boolean))"
                 ".then(() => Promise.all(cairnPage.items.filter((i) => i.view).map((i) => i.view.runAsync()))).then(() => 1)")

    def picture(self, path, whole=True):
        shot = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        pathlib.Path(path).write_bytes(base64.b64decode(shot["data"]))

    def downloaded(self, name):
        """The bytes of a file that the page saves, when it is complete."""
        path, deadline = self.browser.folder / "saved" / name, time.monotonic() + WAIT_SECONDS
        while not path.exists():
            self.browser.receive(deadline)
        return path.read_bytes()
