"""Looks at an HTML report in a real browser: browser.py [--axe axe.min.js] [--pdf OUT.pdf] REPORT.html...

Needs, once installed and then offline: Debian's chromium (or CHROMIUM=PATH), `pip install playwright`, and
`npm install axe-core`, whose `axe.min.js` is asked for by --axe. `reports.py` beside this makes hostile, large and
incomplete reports to look at. It tells what is wrong and exits with 1, or says nothing and exits with 0:

- the page renders, without script too, and nothing is wider than the screen
- the attack paths are drawn, inside their pictures, and their steps lead to their findings
- filter, sort, permalink, copy, language and theme work; so does the keyboard
- no request leaves, the content policy is not violated, no name runs as script
- axe-core finds nothing by WCAG 2.2 AA in light and dark at 360, 1280 and 1920 pixels
- it prints to A4
"""

import argparse
import json
import os
import pathlib
import sys
import time

from playwright.sync_api import sync_playwright

WATCH = """
window.violations = [];
addEventListener('securitypolicyviolation', (e) => violations.push(e.violatedDirective + ' ' + e.blockedURI + ' ' + e.sample));
"""
# Texts of a picture that are wider than it.
OUTSIDE = """
(svg) => [...svg.querySelectorAll('text')].filter((text) => {
  const { x, width } = text.getBBox();
  return x < 0 || x + width > svg.viewBox.baseVal.width;
}).map((text) => text.textContent)
"""
# How many findings are shown; what is folded away is still there.
SHOWN = "() => document.querySelectorAll('.g:not([hidden]) .rows > details:not([hidden])').length"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# With hundreds of findings open axe takes minutes: of each part these many checks are enough.
FEW = """
() => {
  for (const part of document.querySelectorAll('.s, section[data-status]:not([data-status=fail])'))
    [...part.querySelectorAll(':scope > .g')].slice(6).forEach((group) => group.remove());
  for (const rows of document.querySelectorAll('.rows')) [...rows.children].slice(4).forEach((row) => row.remove());
  document.querySelectorAll('details').forEach((details) => (details.open = true));
}
"""


class Look:
    def __init__(self, browser, path, axe):
        self.browser, self.url, self.axe = browser, path.resolve().as_uri(), axe
        self.wrong = []

    def expect(self, holds, what):
        if not holds:
            self.wrong.append(what)

    def page(self, width=1280, scheme="light", script=True, height=900):
        context = self.browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, java_script_enabled=script,
            reduced_motion="reduce", permissions=["clipboard-read", "clipboard-write"],
        )
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.add_init_script(WATCH)
        page.on("request", lambda request: self.expect(
            request.url.split("#")[0] == self.url or request.url.startswith("data:"), f"asks for {request.url}"))
        page.on("pageerror", lambda error: self.expect(False, f"script fails: {error}"))
        page.on("console", lambda told: self.expect(told.type not in ("error", "warning"), f"console: {told.text}"))
        page.on("dialog", lambda dialog: (self.expect(False, f"dialog: {dialog.message}"), dialog.dismiss()))
        page.goto(self.url)
        return page

    def close(self, page, script=True):
        if script:
            self.expect(page.evaluate("window.ran") is None, "a name has run")
            found = page.evaluate("violations")
            self.expect(not found, f"content policy: {found[:3]}")
        self.expect(page.url.split("#")[0] == self.url, f"has left for {page.url}")
        page.context.close()

    def renders(self):
        for script in (False, True):
            page = self.page(script=script)
            self.expect(page.locator("h1").is_visible(), f"no headline (script: {script})")
            self.expect(page.locator("#findings").is_visible(), f"no findings (script: {script})")
            rows = page.locator(".rows > details")
            if rows.count():
                self.expect(page.locator("#filter").is_visible() == script, f"filter (script: {script})")
                first = page.locator(".g").first
                first.locator("> summary").click()
                row = first.locator(".rows > details").first
                self.expect(row.is_visible(), f"a check does not open (script: {script})")
                if row.get_attribute("open") is None:
                    row.locator("summary").click()
                self.expect(row.locator("dl").first.is_visible(), f"no evidence (script: {script})")
            self.close(page, script)

    def draws_paths(self):
        for script in (False, True):
            for width in (360, 1280):
                page = self.page(width, script=script)
                paths = page.locator(".path")
                for at in range(paths.count()):
                    path = paths.nth(at)
                    if path.get_attribute("open") is None:
                        path.locator("> summary").click()
                    picture = path.locator("svg")
                    self.expect(picture.is_visible() and picture.bounding_box()["width"] >= 280, f"path {at} is not drawn at {width}")
                    self.expect(path.locator(".steps > li").first.is_visible(), f"path {at} is not told at {width}")
                    if script:
                        self.expect(picture.evaluate(OUTSIDE) == [], f"path {at}: texts run out: {picture.evaluate(OUTSIDE)}")
                link = page.locator(".steps a").first
                if link.count():
                    target = link.get_attribute("href")[1:]
                    link.click()
                    row = page.locator(f"[id='{target}']")
                    # Without script a browser opens what is folded around the target only where it can.
                    self.expect(row.count() == 1 and (not script or row.is_visible()), "a step does not lead to its finding")
                self.close(page, script)

    def works(self):
        page = self.page()
        total = page.evaluate(SHOWN)
        if total == 0:
            return self.close(page)
        numbers = page.locator("#shown").inner_text()
        self.expect(numbers.count(str(total)) == 2, f"{total} findings are shown, and told as {numbers}")

        for severity in page.locator("#severity option").evaluate_all("all => all.map(o => o.value).filter(Boolean)"):
            page.select_option("#severity", severity)
            own = page.locator(f".g.{severity} .rows > details").count()
            self.expect(page.evaluate(SHOWN) == own, f"filter by severity {severity}")
        page.click("#clear")
        self.expect(page.evaluate(SHOWN) == total, "reset does not show all again")

        service = page.locator(".g").last.get_attribute("data-v")
        if page.locator("#service option").evaluate_all("(all, v) => all.some(o => o.value === v)", service):
            page.select_option("#service", service)
            own = page.evaluate("v => [...document.querySelectorAll('.g')].filter(g => g.dataset.v === v)"
                                ".reduce((n, g) => n + g.querySelectorAll('.rows > details').length, 0)", service)
            self.expect(page.evaluate(SHOWN) == own, f"filter by service {service}")
            page.click("#clear")

        for status in page.locator("#status option").evaluate_all("all => all.map(o => o.value).filter(Boolean)"):
            page.select_option("#status", status)
            own = page.locator(f"[data-status={status}] .rows > details").count()
            self.expect(0 < own == page.evaluate(SHOWN), f"filter by status {status}")
        page.click("#clear")

        check = page.locator(".g .do code").first.inner_text()
        page.fill("#q", check[:60])
        page.wait_for_timeout(300)
        self.expect(0 < page.evaluate(SHOWN) <= total, f"filter by text {check[:60]}")
        page.fill("#q", "no such thing anywhere")
        page.wait_for_timeout(300)
        self.expect(page.evaluate(SHOWN) == 0 and page.locator("#nothing").is_visible(), "filter by text that is nowhere")
        page.click("#clear")

        order = "() => [...document.querySelectorAll('[data-status=fail] .g')].map(g => g.id)"
        before = page.evaluate(order)
        sizes = "() => [...document.querySelectorAll('#flat .g')].map(g => g.querySelectorAll('.rows > details').length)"
        page.select_option("#order", "count")
        counted = page.evaluate(sizes)
        self.expect(counted == sorted(counted, reverse=True) and len(counted) == len(before), "sort by count")
        page.select_option("#order", "service")
        services = page.evaluate("() => [...document.querySelectorAll('#flat .g')].map(g => g.dataset.v)")
        self.expect(services == page.evaluate("v => v.toSorted((a, b) => a.localeCompare(b))", services), "sort by service")
        page.select_option("#order", "worst")
        self.expect(page.evaluate(order) == before, "sort back to worst first")

        head = page.locator(".controls thead th.pic").first
        if head.count():
            head.locator("button").click()
            scores = page.locator(".controls").first.locator("tbody td.pic").evaluate_all("all => all.map(c => +c.dataset.v)")
            self.expect(scores == sorted(scores), "sort the controls by score")
            self.expect(head.get_attribute("aria-sort") == "ascending", "aria-sort")

        # The last finding of the page is where packed evidence is.
        row = page.locator(".rows > details").last
        row_id = row.get_attribute("id")
        page.evaluate("id => location.hash = encodeURIComponent(id)", row_id)
        page.wait_for_timeout(500)
        self.expect(row.get_attribute("open") is not None and row.is_visible(), "the permalink does not open its finding")
        self.expect("at" in (row.get_attribute("class") or ""), "the permalink does not mark its finding")
        self.expect(page.evaluate("r => { const {top} = r.getBoundingClientRect(); return top >= 0 && top < innerHeight }",
                                  row.element_handle()), "the permalink does not scroll")
        row.locator("dl").wait_for()

        command = page.locator("[data-status=fail] .rows > details:has(pre)").first
        if command.count():
            command.evaluate("r => { for (let at = r; at; at = at.parentElement) if (at.localName === 'details') at.open = true }")
            command.locator("button[data-say=copy]").click()
            page.wait_for_timeout(200)
            copied = page.evaluate("navigator.clipboard.readText()")
            self.expect(copied == command.locator("pre").text_content(), f"copied {copied!r}")

        texts = "() => [...document.querySelectorAll('[data-t], .rows summary')].map(e => e.textContent)"
        first = page.evaluate(texts)
        lang = page.evaluate("document.documentElement.lang")
        page.click("#lang")
        page.wait_for_function("l => document.documentElement.lang !== l", arg=lang)
        second = page.evaluate(texts)
        changed = sum(a != b for a, b in zip(first, second))
        self.expect(changed > len(first) * 0.5, f"only {changed} of {len(first)} texts are in the other language")
        page.click("#lang")
        page.wait_for_function("l => document.documentElement.lang === l", arg=lang)
        page.wait_for_timeout(1700)
        self.expect(page.evaluate(texts) == first, "the first language does not come back")

        colour = "getComputedStyle(document.body).backgroundColor"
        light = page.evaluate(colour)
        page.click("#theme")
        self.expect(page.evaluate(colour) != light, "the theme does not change")

        self.close(page)

    def obeys_the_keyboard(self):
        page = self.page()
        page.keyboard.press("Tab")
        self.expect(page.evaluate("document.activeElement.className") == "skip", "the skip link is not first")
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        has_filter = page.locator("#filter").count() > 0
        self.expect(not has_filter or page.evaluate("document.activeElement.id") == "q", "the skip link does not lead to the findings")
        group = page.locator(".g > summary").first
        if group.count():
            group.focus()
            page.keyboard.press("Enter")
            self.expect(group.evaluate("s => s.parentElement.open"), "Enter does not open a check")
        self.close(page)

    def fits_and_is_accessible(self):
        for scheme in ("light", "dark"):
            for width in (360, 1280, 1920):
                page = self.page(width, scheme)
                page.evaluate("document.querySelectorAll('.s, .g, .path').forEach(d => d.open = true)")
                wide = page.evaluate("document.documentElement.scrollWidth")
                self.expect(wide <= width, f"{wide} pixels wide at {width}")
                page.evaluate(FEW)
                page.wait_for_timeout(300)
                wide = page.evaluate("document.documentElement.scrollWidth")
                self.expect(wide <= width, f"{wide} pixels wide at {width}")
                if self.axe:
                    page.evaluate(self.axe)
                    found = page.evaluate("tags => axe.run({runOnly: tags})", TAGS)
                    for rule in found["violations"]:
                        node = rule["nodes"][0]
                        self.expect(False, f"axe {scheme} {width}: {rule['id']} ×{len(rule['nodes'])}: {rule['help']}: "
                                           f"{node['html'][:200]} {json.dumps(node['any'][:1])[:300]}")
                self.close(page)

    def prints(self, out):
        page = self.page()
        pdf = page.pdf(prefer_css_page_size=True, print_background=True)
        self.expect(pdf.startswith(b"%PDF") and len(pdf) > 10_000, "no PDF")
        page.emulate_media(media="print")
        self.expect(not page.locator("#filter").is_visible() and not page.locator("header").is_visible(), "prints its controls")
        if page.locator(".path").count():
            self.expect(page.locator(".path").last.locator("svg").is_visible(), "does not print what is drawn and folded away")
        if page.locator(".rows > details").count():
            self.expect(page.locator(".rows > details").last.is_visible(), "does not print what is folded away")
        cut = page.evaluate("() => [...document.querySelectorAll('.rows summary, .data td')]"
                            ".filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth).length")
        self.expect(cut == 0, f"{cut} texts are cut off in print")
        if out:
            pathlib.Path(out).write_bytes(pdf)
        self.close(page)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--axe", type=pathlib.Path, help="axe.min.js of npm's axe-core")
    arguments.add_argument("--pdf", help="keep the last report's print")
    arguments.add_argument("--times", action="store_true", help="tell how long each step takes")
    arguments.add_argument("reports", nargs="+", type=pathlib.Path)
    given = arguments.parse_args()
    axe = given.axe.read_text() if given.axe else None
    failed = False
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"])
        for report in given.reports:
            look = Look(browser, report, axe)
            for step in (look.renders, look.draws_paths, look.works, look.obeys_the_keyboard, look.fits_and_is_accessible, lambda: look.prints(given.pdf)):
                began = time.monotonic()
                try:
                    step()
                except Exception as error:  # noqa: BLE001: the other steps still tell something
                    look.wrong.append(f"{getattr(step, '__name__', 'prints')}: {error}")
                if given.times:
                    print(f"{report}: {time.monotonic() - began:.0f} s", file=sys.stderr)
            for what in dict.fromkeys(look.wrong):
                print(f"{report}: {what}")
            failed |= bool(look.wrong)
        browser.close()
    sys.exit(failed)


main()
