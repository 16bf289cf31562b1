#!/usr/bin/env python3
"""Looks at pages of runs in headless Chromium, and names what is wrong with them.

    Scripts/check-report.py [--pictures FOLDER] FILE.html…

Each page is shown at widths of 400 and 1400 pixels, light and dark, and printed to PDF. A fault is:
an element that is wider than the window, a label of a plot that is cut off or lies on another one,
a plot without a line or bar, a plot without a table, text or a line with too little contrast, a
request for another file, an error of the script, and a store or reason that the PDF lacks.

--pictures also writes a picture for each width and scheme, and the PDF. The exit code is 1 if there
is any fault, and 77 if Chromium is not installed.
"""
import argparse
import base64
import fcntl
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

WIDTHS = (400, 1400)
SCHEMES = ("light", "dark")
# The largest number of faults of one page that are printed.
SHOWN = 40

CHECK = r"""
(() => {
  const faults = [];
  const say = (what, element) => {
    const name = element ? element.tagName.toLowerCase()
      + (element.getAttribute('class') ? '.' + element.getAttribute('class') : '') : '';
    const words = element ? (element.textContent || '').trim().slice(0, 60) : '';
    faults.push(`${what}${name ? ': ' + name : ''}${words ? ' "' + words + '"' : ''}`);
  };
  const shown = element => element.checkVisibility
    ? element.checkVisibility({ visibilityProperty: true }) : element.offsetParent !== null;
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width) {
    say(`the page is ${document.documentElement.scrollWidth} pixels wide, the window ${width}`);
  }
  for (const element of document.querySelectorAll('main *')) {
    if (!shown(element) || element.closest('.wide') || element.closest('svg')) continue;
    const box = element.getBoundingClientRect();
    if (box.width && (box.right > width + 1 || box.left < -1)
      && getComputedStyle(element).position !== 'absolute'
      && !(element.closest('thead') && getComputedStyle(element.closest('thead')).position
        === 'absolute')) say('wider than the window', element);
    if (element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 1
      && getComputedStyle(element).overflowX === 'hidden') say('cut off', element);
  }
  const parse = text => {
    const parts = (text.match(/[\d.]+/g) || []).map(Number);
    return parts.length < 3 ? null : { rgb: parts.slice(0, 3), alpha: parts[3] ?? 1 };
  };
  const ground = element => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour && colour.alpha > 0.99) return colour.rgb;
    }
    return [255, 255, 255];
  };
  const light = rgb => rgb.map(part => part / 255)
    .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
  const contrast = (one, other) => {
    const [low, high] = [light(one), light(other)].sort((left, right) => left - right);
    return (high + 0.05) / (low + 0.05);
  };
  const needs = (element, colour, least, what) => {
    const seen = parse(colour);
    if (!seen) return;
    const ratio = contrast(seen.rgb, ground(element));
    if (ratio < least) say(`${what} has a contrast of ${ratio.toFixed(2)}, less than ${least}`,
      element);
  };
  const kinds = new Set();
  const walker = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.textContent.trim() || element.closest('title, script, style')) continue;
    if (!shown(element)) continue;
    const style = getComputedStyle(element);
    const inPlot = Boolean(element.closest('svg'));
    const size = parseFloat(style.fontSize);
    const colour = inPlot ? style.fill : style.color;
    const kind = [colour, ground(element), size, style.fontWeight].join();
    if (kinds.has(kind)) continue;
    kinds.add(kind);
    const isLarge = size >= 24 || size >= 18.66 && Number(style.fontWeight) >= 700;
    needs(element, colour, isLarge ? 3 : 4.5, 'text');
  }
  for (const plot of document.querySelectorAll('svg.plot')) {
    const frame = plot.getBoundingClientRect();
    const scale = frame.width / plot.viewBox.baseVal.width;
    const labels = [...plot.querySelectorAll('text')].map(text => ({
      text, box: text.getBoundingClientRect() }));
    for (const { text, box } of labels) {
      if (box.left < frame.left - 0.5 || box.right > frame.right + 0.5
        || box.top < frame.top - 1.5 || box.bottom > frame.bottom + 1.5) say('label cut off', text);
      if (parseFloat(getComputedStyle(text).fontSize) * scale < 9) say('label too small', text);
    }
    labels.forEach((one, place) => labels.slice(place + 1).forEach(other => {
      const across = Math.min(one.box.right, other.box.right)
        - Math.max(one.box.left, other.box.left);
      const down = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
      if (across > 1 && down > 4) say(`label over "${other.text.textContent}"`, one.text);
    }));
    const marks = [...plot.querySelectorAll('.series, .fill')];
    const isDrawn = marks.some(mark => {
      const box = mark.getBBox();
      return box.width > 1 || box.height > 1;
    });
    if (!isDrawn) say('empty plot', plot);
    for (const mark of marks) {
      const style = getComputedStyle(mark);
      needs(plot, mark.matches('.series') ? style.stroke : style.fill, 3, 'line or bar');
    }
    const table = plot.closest('figure')?.querySelector('table tbody tr');
    if (!table) say('plot without a table', plot);
    if (!plot.querySelector('title')) say('plot without a title', plot);
  }
  for (const field of document.querySelectorAll('input, button')) {
    if (!field.labels?.length && !field.textContent.trim()) say('control without a label', field);
  }
  const levels = [...document.querySelectorAll('h1, h2, h3, h4')].map(head => +head.tagName[1]);
  levels.forEach((level, place) => {
    if (level > (levels[place - 1] ?? 0) + 1) faults.push(`heading of level ${level} after another`);
  });
  const search = document.querySelector('.search');
  if (search?.hidden) say('the script did not run', search);
  return faults;
})()
"""

SEARCH = r"""
(() => {
  const input = document.getElementById('search');
  if (!input) return null;
  const name = [...document.querySelectorAll('table.stores tbody th')].at(-1).textContent;
  const start = performance.now();
  input.value = name;
  input.dispatchEvent(new Event('input'));
  const rows = [...document.querySelectorAll('table.stores tbody tr')]
    .filter(row => row.checkVisibility());
  const took = performance.now() - start;
  const fits = rows.length > 0 && rows.every(row => row.textContent.includes(name));
  input.value = '';
  input.dispatchEvent(new Event('input'));
  return { fits, took };
})()
"""


class Browser:
    """Chromium without a window, driven through two pipes by the DevTools protocol."""

    def __init__(self, program, profile):
        to_read, self.to = os.pipe()
        self.source, from_write = os.pipe()
        # Chromium reads from the descriptor 3 and writes to 4, which may be in use here.
        inner = [fcntl.fcntl(one, fcntl.F_DUPFD, 10) for one in (to_read, from_write)]
        os.close(to_read)
        os.close(from_write)
        self.process = subprocess.Popen(
            ["bash", "-c", f'exec "$0" "$@" 3<&{inner[0]} 4>&{inner[1]}', program, "--headless",
             "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", "--no-first-run",
             "--disable-dev-shm-usage", "--hide-scrollbars", f"--user-data-dir={profile}",
             "about:blank"],
            pass_fds=inner, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for one in inner:
            os.close(one)
        self.number = 0
        self.rest = b""
        self.events = []
        self.session = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def message(self):
        """Reads the next message."""
        while b"\0" not in self.rest:
            part = os.read(self.source, 1 << 20)
            if not part:
                sys.exit("Chromium has ended")
            self.rest += part
        text, self.rest = self.rest.split(b"\0", 1)
        return json.loads(text)

    def call(self, method, **parameters):
        """Calls a method and returns its result; events that come meanwhile are kept."""
        self.number += 1
        request = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            request["sessionId"] = self.session
        data = json.dumps(request).encode() + b"\0"
        while data:
            data = data[os.write(self.to, data):]
        while True:
            answer = self.message()
            if answer.get("id") == self.number:
                if "error" in answer:
                    sys.exit(f"{method}: {answer['error']['message']}")
                return answer["result"]
            self.events.append(answer)

    def wait(self, method):
        """Waits for an event."""
        while not any(event.get("method") == method for event in self.events):
            self.events.append(self.message())

    def value(self, expression):
        """Returns the value of an expression in the page."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in result:
            sys.exit(f"the check failed: {result['exceptionDetails']}")
        return result["result"].get("value")

    def close(self):
        """Ends Chromium."""
        os.close(self.to)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()


def requests(events, page):
    """Lists requests for other files, and errors of the script."""
    for event in events:
        name, details = event.get("method"), event.get("params", {})
        if name == "Network.requestWillBeSent":
            url = details["request"]["url"]
            if url != page and not url.startswith("data:"):
                yield f"asks for {url}"
        elif name == "Runtime.exceptionThrown":
            yield f"the script failed: {details['exceptionDetails'].get('text')}"
        elif name == "Log.entryAdded" and details["entry"]["level"] in ("error", "warning"):
            yield f"Chromium says: {details['entry']['text']}"


def show(browser, page, width, scheme):
    """Opens a page at a width, light or dark."""
    browser.events.clear()
    browser.call("Emulation.setDeviceMetricsOverride", width=width, height=900,
                 deviceScaleFactor=1, mobile=False)
    browser.call("Emulation.setEmulatedMedia",
                 features=[{"name": "prefers-color-scheme", "value": scheme}])
    browser.call("Page.navigate", url=page)
    browser.wait("Page.loadEventFired")


def plain(text):
    """Returns the ASCII characters of a text without spaces: fonts may lack the others."""
    return "".join(character for character in text if "!" <= character <= "~")


def missing(pdf, names):
    """Lists the names that the text of a PDF lacks; pdftotext reads it, where it is installed."""
    program = shutil.which("pdftotext")
    if not program:
        return
    text = subprocess.run([program, "-raw", pdf, "-"], check=True, capture_output=True).stdout
    flat = plain(text.decode())
    for name in names:
        if plain(name) not in flat:
            yield f"the PDF lacks {name!r}"


def check(browser, file, pictures, scratch):
    """Returns the faults of one page."""
    page = file.resolve().as_uri()
    faults = []
    for width in WIDTHS:
        for scheme in SCHEMES:
            show(browser, page, width, scheme)
            where = f"{width} pixels, {scheme}"
            faults += [f"{where}: {fault}" for fault in requests(browser.events, page)]
            faults += [f"{where}: {fault}" for fault in browser.value(CHECK)]
            if pictures:
                shot = browser.call("Page.captureScreenshot", captureBeyondViewport=True,
                                    clip={"x": 0, "y": 0, "width": width, "height": min(
                                        4000, browser.value("document.body.scrollHeight")),
                                        "scale": 1})
                (pictures / f"{file.stem}-{width}-{scheme}.png").write_bytes(
                    base64.b64decode(shot["data"]))
            # What is folded must fit too.
            browser.value("document.querySelectorAll('details').forEach(one => one.open = true)")
            faults += [f"{where}, unfolded: {fault}" for fault in browser.value(CHECK)]
    found = browser.value(SEARCH)
    if found and not found["fits"]:
        faults.append("search does not show the store that is named, alone")
    if found and found["took"] > 3000:
        faults.append(f"search takes {found['took']:.0f} ms")
    show(browser, page, 1400, "dark")
    names = browser.value(
        "[...document.querySelectorAll('h1, h2, table.stores tbody th')].map(one =>"
        " one.textContent.trim())")
    pdf = (pictures or scratch) / f"{file.stem}.pdf"
    pdf.write_bytes(base64.b64decode(
        browser.call("Page.printToPDF", printBackground=True, preferCSSPageSize=True)["data"]))
    faults += missing(pdf, names[:8] + names[-8:])
    return faults


def main():
    """Checks all pages that are named."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("files", nargs="+", type=pathlib.Path, metavar="FILE.html")
    parser.add_argument("--pictures", type=pathlib.Path, metavar="FOLDER")
    arguments = parser.parse_args()
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if not program:
        print("Chromium is not installed (apt-get install chromium)", file=sys.stderr)
        sys.exit(77)
    if arguments.pictures:
        arguments.pictures.mkdir(parents=True, exist_ok=True)
    failed = False
    with tempfile.TemporaryDirectory(prefix="check-report-") as scratch:
        browser = Browser(program, f"{scratch}/profile")
        try:
            for file in arguments.files:
                faults = list(dict.fromkeys(
                    check(browser, file, arguments.pictures, pathlib.Path(scratch))))
                failed = failed or bool(faults)
                print(f"{file}: {len(faults) or 'no'} fault{'' if len(faults) == 1 else 's'}")
                for fault in faults[:SHOWN]:
                    print(f"  {fault}")
                if len(faults) > SHOWN:
                    print(f"  … and {len(faults) - SHOWN} more")
        finally:
            browser.close()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
